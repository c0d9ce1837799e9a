/*
 * Writes every policy of Cedar's integration tests in another form and reads it back.
 *
 *     cedar_roundtrip ARCHIVE...      each a .tar.gz of cedar-integration-tests' layout
 *
 * Of each test's policies: written as JSON and read, they are written as the same JSON; formatted,
 * they are formatted already; and of each request the answer is the same from the policies, from
 * their JSON and from their formatted text. The last line is "N passed, N failed", with ", N
 * skipped" behind it if an archive is absent; the exit status is 1 if any failed.
 */
#include <archive.h>
#include <archive_entry.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "law/cedar_impl.h"

enum {
    SHOWN_MAX = 20,           /* failures that are printed */
    FILE_MAX = 16 << 20,      /* bytes of one file */
    ARENA_MAX = 256 << 20,    /* of one test */
    FILES_ARENA_MAX = 1 << 30 /* of one archive */
};

struct file {
    pd_str path, text;
};
struct run {
    struct pd_arena *arena;
    struct file *files; /* by path */
    size_t file_count, file_capacity;
    size_t passed, failed, skipped;
};

enum form { AS_WRITTEN, FROM_JSON, FORMATTED, FORM_COUNT };
struct test {
    struct run *run;
    pd_str name;
    struct law_policies *sets[FORM_COUNT];
    const struct law_entities *entities;
    struct pd_arena *arena;
};

/* ---- Reading ---- */

static bool add_file(struct run *run, const char *path, pd_str text) {
    if (run->file_count == run->file_capacity) {
        size_t wider = run->file_capacity ? run->file_capacity * 2 : 1024;
        struct file *files = realloc(run->files, wider * sizeof(*files));
        if (!files)
            return false;
        run->files = files;
        run->file_capacity = wider;
    }
    while (strncmp(path, "./", 2) == 0)
        path += 2;
    run->files[run->file_count++] =
        (struct file){pd_arena_str(run->arena, pd_str_from(path)), text};
    return true;
}

static int compare_files(const void *a, const void *b) {
    return pd_str_cmp(((const struct file *)a)->path, ((const struct file *)b)->path);
}

static bool read_archive(struct run *run, const char *path) {
    struct archive *archive = archive_read_new();
    struct archive_entry *entry;
    archive_read_support_filter_gzip(archive);
    archive_read_support_format_tar(archive);
    bool is_read = archive_read_open_filename(archive, path, 65536) == ARCHIVE_OK;
    int next = ARCHIVE_EOF;
    while (is_read && (next = archive_read_next_header(archive, &entry)) == ARCHIVE_OK) {
        la_int64_t size = archive_entry_size(entry);
        if (archive_entry_filetype(entry) != AE_IFREG || size > FILE_MAX)
            continue;
        char *text = pd_arena_alloc(run->arena, (size_t)size);
        is_read = text && archive_read_data(archive, text, (size_t)size) == size &&
                  add_file(run, archive_entry_pathname(entry), (pd_str){text, (size_t)size});
    }
    is_read = is_read && next == ARCHIVE_EOF && run->file_count > 0;
    archive_read_free(archive);
    if (is_read)
        qsort(run->files, run->file_count, sizeof(*run->files), compare_files);
    return is_read;
}

static const struct file *find_file(const struct run *run, const struct law_json *path) {
    struct file key = {.path = path && path->kind == LAW_JSON_STRING ? path->text : PD_STR("")};
    return bsearch(&key, run->files, run->file_count, sizeof(*run->files), compare_files);
}

/* ---- Checking ---- */

/** Counts a check; `detail` says what failed. */
static void check(struct test *test, bool is_true, const char *what, const char *detail) {
    if (is_true)
        test->run->passed++;
    else if (test->run->failed++ < SHOWN_MAX)
        printf("%.*s: %s%s\n", pd_arg(test->name), what, detail);
}

static void check_json(struct test *test) {
    struct pd_error err = {0};
    struct pd_buf first, second;
    pd_buf_init(&first, FILE_MAX);
    pd_buf_init(&second, FILE_MAX);
    law_policies_write_json(test->sets[AS_WRITTEN], &first);
    bool is_read = law_policies_parse_json(test->sets[FROM_JSON], PD_STR("json"),
                                           pd_buf_view(&first), &err) == PD_OK;
    if (is_read)
        law_policies_write_json(test->sets[FROM_JSON], &second);
    check(test, is_read && pd_str_eq(pd_buf_view(&first), pd_buf_view(&second)),
          "JSON is not the same when read and written: ", err.text);
    pd_buf_clear(&first);
    pd_buf_clear(&second);
}

static void check_format(struct test *test, pd_str text) {
    struct pd_error err = {0};
    struct pd_buf first, second;
    pd_buf_init(&first, FILE_MAX);
    pd_buf_init(&second, FILE_MAX);
    bool is_formatted =
        law_policies_format(PD_STR("policies"), text, &first, &err) == PD_OK &&
        law_policies_format(PD_STR("formatted"), pd_buf_view(&first), &second, &err) == PD_OK &&
        law_policies_parse(test->sets[FORMATTED], PD_STR("formatted"), pd_buf_view(&first),
                           LAW_IDS_NUMBERED, &err) == PD_OK;
    check(test, is_formatted && pd_str_eq(pd_buf_view(&first), pd_buf_view(&second)),
          "the formatted text is formatted otherwise again: ", err.text);
    pd_buf_clear(&first);
    pd_buf_clear(&second);
}

static bool is_same_answer(const struct law_answer *a, const struct law_answer *b) {
    bool is_same = a->is_allowed == b->is_allowed && a->reason_count == b->reason_count &&
                   a->error_count == b->error_count;
    for (size_t i = 0; is_same && i < a->reason_count; i++)
        is_same = a->reasons[i] == b->reasons[i];
    for (size_t i = 0; is_same && i < a->error_count; i++)
        is_same = a->errors[i].policy == b->errors[i].policy;
    return is_same;
}

static void check_request(struct test *test, const struct law_document *document,
                          const struct law_json *json) {
    static const char *const names[] = {"principal", "action", "resource"};
    struct law_request request = {0};
    struct law_uid *const uids[] = {&request.principal, &request.action, &request.resource};
    struct law_answer answers[FORM_COUNT];
    struct pd_error err = {0};
    const struct law_json *context = law_json_find(json, "context");
    bool is_asked =
        !context || law_json_value(document, context, test->arena, &request.context, &err) == PD_OK;
    for (int v = 0; is_asked && v < 3; v++) {
        const struct law_json *uid = law_json_find(json, names[v]);
        is_asked = law_json_uid(document, uid ? uid : json, uids[v], &err) == PD_OK;
    }
    for (int form = 0; is_asked && form < FORM_COUNT; form++)
        is_asked = law_authorize(test->sets[form], test->entities, &request, test->arena,
                                 &answers[form], &err) == PD_OK;
    check(test, is_asked && is_same_answer(&answers[AS_WRITTEN], &answers[FROM_JSON]),
          "a request is answered otherwise from JSON: ", err.text);
    check(test, is_asked && is_same_answer(&answers[AS_WRITTEN], &answers[FORMATTED]),
          "a request is answered otherwise from formatted text: ", err.text);
}

static void run_requests(struct test *test, const struct law_document *document,
                         const struct law_json *requests) {
    struct pd_error err = {0};
    struct law_document json;
    const struct file *policies = find_file(test->run, law_json_find(document->root, "policies"));
    const struct file *entities = find_file(test->run, law_json_find(document->root, "entities"));
    bool is_read =
        policies && entities &&
        law_policies_parse(test->sets[AS_WRITTEN], policies->path, policies->text, LAW_IDS_NUMBERED,
                           &err) == PD_OK &&
        law_json_parse(entities->path, entities->text, test->arena, &json, &err) == PD_OK &&
        law_entities_from_json(&json, NULL, test->arena, &test->entities, &err) == PD_OK;
    check(test, is_read, "its policies or entities cannot be read: ", err.text);
    if (!is_read)
        return;
    check_json(test);
    check_format(test, policies->text);
    for (size_t i = 0; i < requests->list.count; i++)
        check_request(test, document, &requests->list.items[i]);
}

static void run_test(struct run *run, const struct file *file) {
    struct pd_error err = {0};
    struct law_document document;
    struct test test = {.run = run, .name = file->path, .arena = pd_arena_new(ARENA_MAX)};
    bool is_ready = test.arena != NULL;
    for (int form = 0; form < FORM_COUNT; form++) {
        test.sets[form] = law_policies_new(ARENA_MAX);
        is_ready = is_ready && test.sets[form];
    }
    if (!is_ready || law_json_parse(file->path, file->text, test.arena, &document, &err) != PD_OK) {
        check(&test, false, "cannot be read: ", err.text);
    } else {
        const struct law_json *requests = law_json_find(document.root, "requests");
        if (requests && requests->kind == LAW_JSON_ARRAY)
            run_requests(&test, &document, requests);
    }
    for (int form = 0; form < FORM_COUNT; form++)
        law_policies_free(test.sets[form]);
    pd_arena_free(test.arena);
}

static void run_path(struct run *run, const char *path) {
    if (access(path, F_OK) != 0) {
        printf("skipped: %s is not there\n", path);
        run->skipped++;
        return;
    }
    size_t before = run->passed + run->failed;
    run->file_count = 0;
    run->arena = pd_arena_new(FILES_ARENA_MAX);
    bool is_read = run->arena && read_archive(run, path);
    for (size_t i = 0; is_read && i < run->file_count; i++)
        if (pd_str_ends(run->files[i].path, PD_STR(".json")) &&
            pd_str_find(run->files[i].text, PD_STR("\"requests\"")) != PD_NPOS)
            run_test(run, &run->files[i]);
    if (run->passed + run->failed == before) {
        printf("%s: cannot be read, or holds no tests\n", path);
        run->failed++;
    }
    pd_arena_free(run->arena);
}

int main(int argc, char **argv) {
    struct run run = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: cedar_roundtrip ARCHIVE...\n");
        return 64;
    }
    for (int i = 1; i < argc; i++)
        run_path(&run, argv[i]);
    free(run.files);
    printf("%zu passed, %zu failed", run.passed, run.failed);
    if (run.skipped > 0)
        printf(", %zu skipped", run.skipped);
    printf("\n");
    return run.failed > 0;
}
