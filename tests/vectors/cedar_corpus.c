/*
 * Replays Cedar's integration tests, which nobody here wrote, against src/law.
 *
 *     cedar_corpus PATH...      each a .tar.gz or a folder of cedar-integration-tests' layout
 *
 * A test is a JSON document with "requests"; the paths in it count from the archive's root. Each
 * request's decision, reasons and errors are compared, whether the compiled policies give the same,
 * and whether the policies are valid under the schema. The last line is "N passed, N failed", with
 * ", N skipped" behind it if some could not be put; the exit status is 1 if any failed.
 */
#include <archive.h>
#include <archive_entry.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "law/cedar_impl.h"
#include "law/cedar_schema_impl.h"

#include "../unit/law_same.h"

enum {
    SHOWN_MAX = 20,           /* mismatches that are printed */
    FILE_MAX = 16 << 20,      /* bytes of one file */
    DEPTH_MAX = 16,           /* folders within folders */
    ARENA_MAX = 256 << 20,    /* of one test */
    FILES_ARENA_MAX = 1 << 30 /* of one archive */
};

struct file {
    pd_str path, text;
};

struct run {
    struct pd_arena *arena; /* of the files */
    struct file *files;     /* by path */
    size_t file_count, file_capacity;
    size_t passed, failed, skipped, shown, validated;
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
    struct file *file = &run->files[run->file_count++];
    file->path = pd_arena_str(run->arena, pd_str_from(path));
    file->text = text;
    return file->path.data != NULL;
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
    is_read = is_read && next == ARCHIVE_EOF;
    archive_read_free(archive);
    return is_read;
}

static bool read_file(struct run *run, const char *path, const char *name, size_t size) {
    FILE *stream = fopen(path, "rb");
    char *text = pd_arena_alloc(run->arena, size);
    bool is_read = stream && text && fread(text, 1, size, stream) == size &&
                   add_file(run, name, (pd_str){text, size});
    if (stream)
        fclose(stream);
    return is_read;
}

/** `path` is the root and what lies below it; the names of files count from `root_length`. */
static bool read_folder(struct run *run, const char *path, size_t root_length, int depth) {
    DIR *folder = depth < DEPTH_MAX ? opendir(path) : NULL;
    if (!folder)
        return false;
    bool is_read = true;
    for (struct dirent *entry; is_read && (entry = readdir(folder));) {
        char below[4096];
        struct stat info;
        if (entry->d_name[0] == '.')
            continue;
        int length = snprintf(below, sizeof(below), "%s/%s", path, entry->d_name);
        if (length >= (int)sizeof(below) || stat(below, &info) != 0)
            is_read = false;
        else if (S_ISDIR(info.st_mode))
            is_read = read_folder(run, below, root_length, depth + 1);
        else if (S_ISREG(info.st_mode) && info.st_size <= FILE_MAX)
            is_read = read_file(run, below, below + root_length + 1, (size_t)info.st_size);
    }
    closedir(folder);
    return is_read;
}

static int compare_files(const void *a, const void *b) {
    const struct file *x = a, *y = b;
    return pd_str_cmp(x->path, y->path);
}

static const struct file *find_file(const struct run *run, const struct law_json *path) {
    struct file key = {.path = path && path->kind == LAW_JSON_STRING ? path->text : PD_STR("")};
    return run->file_count == 0
               ? NULL
               : bsearch(&key, run->files, run->file_count, sizeof(*run->files), compare_files);
}

/* ---- Comparing ---- */

struct test {
    struct run *run;
    struct law_document document;
    struct law_policies *policies;
    const struct law_schema *schema;
    const struct law_entities *entities;
    struct law_scratch *scratch;
    struct pd_arena *arena;
};

static void print_case(const struct test *test, const struct law_json *request) {
    const struct law_json *description = law_json_find(request, "description");
    printf("%.*s: %.*s: ", pd_arg(test->document.name),
           pd_arg(description ? description->text : PD_STR("(all requests)")));
}

PD_PRINTF(3, 4)
static void mismatch(struct test *test, const struct law_json *request, const char *format, ...) {
    test->run->failed++;
    if (test->run->shown++ >= SHOWN_MAX)
        return;
    va_list args;
    va_start(args, format);
    print_case(test, request);
    vprintf(format, args);
    printf("\n");
    va_end(args);
}

/** Whether the JSON list names exactly these policies, in whatever order. */
static bool is_same_set(const struct law_json *ids, const struct law_policies *policies,
                        const size_t *indices, size_t count) {
    if (!ids || ids->kind != LAW_JSON_ARRAY || ids->list.count != count)
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t wanted = SIZE_MAX;
        bool is_there = false;
        const struct law_json *id = &ids->list.items[i];
        if (id->kind != LAW_JSON_STRING || !law_policies_find(policies, id->text, &wanted))
            return false;
        for (size_t j = 0; j < count; j++)
            is_there = is_there || indices[j] == wanted;
        if (!is_there)
            return false;
    }
    return true;
}

static bool is_expected(struct test *test, const struct law_json *json,
                        const struct law_answer *answer) {
    const struct law_json *decision = law_json_find(json, "decision");
    size_t *errors = pd_arena_array(test->arena, answer->error_count, sizeof(*errors));
    for (size_t i = 0; errors && i < answer->error_count; i++)
        errors[i] = answer->errors[i].policy;
    return decision && decision->kind == LAW_JSON_STRING && errors &&
           pd_str_is(decision->text, answer->is_allowed ? "allow" : "deny") &&
           is_same_set(law_json_find(json, "reason"), test->policies, answer->reasons,
                       answer->reason_count) &&
           is_same_set(law_json_find(json, "errors"), test->policies, errors, answer->error_count);
}

static enum pd_status read_request(struct test *test, const struct law_json *json,
                                   struct law_request *out, struct pd_error *err) {
    struct law_uid *const uids[] = {&out->principal, &out->action, &out->resource};
    const struct law_json *context = law_json_find(json, "context");
    for (int v = 0; v < LAW_CONTEXT; v++) {
        char name[16] = "";
        memcpy(name, law_variable_names[v].data, law_variable_names[v].len);
        const struct law_json *uid = law_json_find(json, name);
        enum pd_status st = law_json_uid(&test->document, uid ? uid : json, uids[v], err);
        if (st != PD_OK)
            return st;
    }
    if (!context)
        return PD_OK;
    return law_schema_read_request(test->schema, &test->document, context, test->arena, out, err);
}

static void run_request(struct test *test, const struct law_json *json) {
    struct law_request request = {0};
    struct law_answer answer, decided;
    struct pd_error err = {0};
    enum pd_status st = read_request(test, json, &request, &err);
    if (st == PD_OK)
        st = law_authorize(test->policies, test->entities, &request, test->arena, &answer, &err);
    if (st == PD_OK)
        st = law_decide(test->scratch, test->entities, &request, test->arena, &decided, &err);
    if (st != PD_OK) {
        mismatch(test, json, "%s", err.text);
    } else if (law_answers_differ(&answer, &decided)) {
        mismatch(test, json, "the compiled policies give another %s",
                 law_answers_differ(&answer, &decided));
    } else if (is_expected(test, json, &answer)) {
        test->run->passed++;
    } else {
        mismatch(test, json, "%s, %zu reasons, %zu errors%s%.*s",
                 answer.is_allowed ? "allow" : "deny", answer.reason_count, answer.error_count,
                 answer.error_count ? ": " : "",
                 pd_arg(answer.error_count ? answer.errors[0].message : PD_STR("")));
    }
}

/** Reads the entities as the schema has them. */
static enum pd_status read_entities(struct test *test, const struct file *file,
                                    struct pd_error *err) {
    struct law_document document;
    enum pd_status st = law_json_parse(file->path, file->text, test->arena, &document, err);
    return st == PD_OK
               ? law_entities_from_json(&document, test->schema, test->arena, &test->entities, err)
               : st;
}

/* ---- Running ---- */

/** Whether the policies are valid under the schema, as expected. */
static void run_validation(struct test *test) {
    struct pd_error err = {0};
    const struct law_json *root = test->document.root;
    const struct law_json *expected = law_json_find(root, "shouldValidate");
    const struct law_problem *problems;
    size_t count = 0;
    if (!expected || expected->kind != LAW_JSON_BOOL)
        mismatch(test, root, "it does not say shouldValidate");
    else if (law_validate(test->policies, test->schema, LAW_LEVEL_ANY, test->arena, &problems,
                          &count, &err) != PD_OK)
        mismatch(test, root, "%s", err.text);
    else if (expected->boolean != (count == 0))
        mismatch(test, root, "the policies %s, %.*s", count ? "are not valid" : "are valid",
                 pd_arg(count ? problems[0].message : PD_STR("but should not be")));
    else
        test->run->validated++;
}

static void run_requests(struct test *test, const struct law_json *requests) {
    struct run *run = test->run;
    struct pd_error err = {0};
    const struct law_json *root = test->document.root;
    const struct file *policies = find_file(run, law_json_find(root, "policies"));
    const struct file *entities = find_file(run, law_json_find(root, "entities"));
    const struct file *schema = find_file(run, law_json_find(root, "schema"));
    const struct law_program *program;
    if (!policies || !entities || !schema) {
        mismatch(test, root, "its policies, entities or schema are not in the archive");
    } else if (law_policies_parse(test->policies, policies->path, policies->text, LAW_IDS_NUMBERED,
                                  &err) != PD_OK ||
               law_schema_parse(schema->path, schema->text, LAW_SCHEMA_CEDAR, test->arena,
                                &test->schema, &err) != PD_OK ||
               read_entities(test, entities, &err) != PD_OK ||
               law_program_make(test->policies, test->arena, &program, &err) != PD_OK ||
               law_scratch_make(program, test->arena, &test->scratch, &err) != PD_OK) {
        mismatch(test, root, "%s", err.text);
    } else {
        run_validation(test);
        for (size_t i = 0; i < requests->list.count; i++)
            run_request(test, &requests->list.items[i]);
    }
}

static void run_test(struct run *run, const struct file *file) {
    struct pd_error err = {0};
    struct test test = {
        .run = run, .arena = pd_arena_new(ARENA_MAX), .policies = law_policies_new(ARENA_MAX)};
    if (!test.arena || !test.policies) {
        fprintf(stderr, "cedar_corpus: out of memory\n");
        run->failed++;
    } else if (law_json_parse(file->path, file->text, test.arena, &test.document, &err) != PD_OK) {
        printf("%s\n", err.text);
        run->failed++;
    } else {
        const struct law_json *requests = law_json_find(test.document.root, "requests");
        if (requests && requests->kind == LAW_JSON_ARRAY)
            run_requests(&test, requests);
    }
    law_policies_free(test.policies);
    pd_arena_free(test.arena);
}

static void run_path(struct run *run, const char *path) {
    struct stat info;
    if (stat(path, &info) != 0) {
        printf("skipped: %s: %s\n", path, strerror(errno));
        run->skipped++;
        return;
    }
    run->file_count = 0;
    run->arena = pd_arena_new(FILES_ARENA_MAX);
    bool is_read = run->arena && (S_ISDIR(info.st_mode) ? read_folder(run, path, strlen(path), 0)
                                                        : read_archive(run, path));
    if (!is_read) {
        printf("%s: cannot be read as an archive or a folder\n", path);
        run->failed++;
    }
    if (run->file_count > 1)
        qsort(run->files, run->file_count, sizeof(*run->files), compare_files);
    size_t before = run->passed + run->failed + run->skipped;
    for (size_t i = 0; is_read && i < run->file_count; i++)
        if (pd_str_ends(run->files[i].path, PD_STR(".json")) &&
            pd_str_find(run->files[i].text, PD_STR("\"requests\"")) != PD_NPOS)
            run_test(run, &run->files[i]);
    if (run->passed + run->failed + run->skipped == before) {
        printf("%s: holds no tests\n", path);
        run->failed++;
    }
    pd_arena_free(run->arena);
}

int main(int argc, char **argv) {
    struct run run = {0};
    if (argc < 2) {
        fprintf(stderr, "usage: cedar_corpus PATH...\n");
        return 64;
    }
    for (int i = 1; i < argc; i++)
        run_path(&run, argv[i]);
    free(run.files);
    printf("%zu policy sets validated as expected\n", run.validated);
    printf("%zu passed, %zu failed", run.passed, run.failed);
    if (run.skipped > 0)
        printf(", %zu skipped", run.skipped);
    printf("\n");
    return run.failed > 0;
}
