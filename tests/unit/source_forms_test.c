/* source/: what a file is, its bytes say; hostile ones are parsed where they can do no harm. */
#include "source_fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

/* ---- The sandbox ---- */

/* Runs `what` in a child that has shut itself in; returns how it ended, as waitpid says. */
static int in_cage(enum source_cage cage, int (*what)(void)) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct pd_error err = {0};
        if (source_cage_enter(cage, &err) != PD_OK) {
            fprintf(stderr, "%s\n", err.text);
            _exit(99);
        }
        _exit(what());
    }
    int how = 0;
    assert_int_equal(waitpid(child, &how, 0), child);
    return how;
}

static int open_a_file(void) {
    return open("/etc/passwd", O_RDONLY) < 0 ? errno : 0;
}

static int make_a_file(void) {
    return open("/tmp/polder-cage", O_WRONLY | O_CREAT, 0600) < 0 ? errno : 0;
}

static int cut_a_file(void) {
    return open("/dev/null", O_RDONLY | O_TRUNC) < 0 ? errno : 0;
}

static int open_a_socket(void) {
    return socket(AF_INET, SOCK_STREAM, 0) < 0 ? errno : 0;
}

static int start_a_process(void) {
    return fork() < 0 ? errno : 0;
}

static int become_a_program(void) {
    execl("/bin/true", "true", (char *)NULL);
    return errno;
}

static int signal_the_parent(void) {
    return kill(getppid(), SIGTERM) < 0 ? errno : 0;
}

static int remove_a_file(void) {
    return unlink("/tmp/polder-cage") < 0 ? errno : 0;
}

static int grow_without_end(void) {
    for (size_t i = 0; i < 64; i++) { /* 16 GiB */
        void *volatile block = malloc((size_t)256 << 20); /* or a compiler leaves it out */
        if (block == NULL)
            return ENOMEM;
    }
    return 0;
}

static void a_caged_process_can_reach_nothing(void **state) {
    static const struct {
        enum source_cage cage;
        int (*what)(void);
        int exit_code, signal;
    } cases[] = {
        {SOURCE_CAGE_BYTES, open_a_file, EPERM, 0},
        {SOURCE_CAGE_BYTES, make_a_file, EPERM, 0},
        {SOURCE_CAGE_BYTES, open_a_socket, 0, SIGSYS},
        {SOURCE_CAGE_BYTES, start_a_process, EPERM, 0},
        {SOURCE_CAGE_BYTES, become_a_program, EPERM, 0},
        {SOURCE_CAGE_BYTES, signal_the_parent, EPERM, 0},
        {SOURCE_CAGE_BYTES, remove_a_file, EPERM, 0},
        {SOURCE_CAGE_FILES, open_a_file, 0, 0},
        {SOURCE_CAGE_FILES, make_a_file, EPERM, 0},
        {SOURCE_CAGE_FILES, cut_a_file, EPERM, 0},
        {SOURCE_CAGE_FILES, open_a_socket, 0, SIGSYS},
        {SOURCE_CAGE_FILES, become_a_program, EPERM, 0},
        {SOURCE_CAGE_FILES, remove_a_file, EPERM, 0},
        {SOURCE_CAGE_TOOL, become_a_program, 0, 0},
        {SOURCE_CAGE_TOOL, make_a_file, EPERM, 0},
        {SOURCE_CAGE_TOOL, open_a_socket, 0, SIGSYS},
        {SOURCE_CAGE_TOOL, signal_the_parent, EPERM, 0},
    };
    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        int how = in_cage(cases[i].cage, cases[i].what);
        if (cases[i].signal != 0 ? !WIFSIGNALED(how) || WTERMSIG(how) != cases[i].signal
                                 : !WIFEXITED(how) || WEXITSTATUS(how) != cases[i].exit_code)
            fail_msg("case %zu: ended as %x, expected exit %d or signal %d", i, how,
                     cases[i].exit_code, cases[i].signal);
    }
}

static void a_caged_process_has_bounded_memory(void **state) {
    (void)state;
#if defined(__SANITIZE_ADDRESS__)
    skip(); /* the sanitizer's own memory has no bounds */
#endif
    int how = in_cage(SOURCE_CAGE_BYTES, grow_without_end);
    assert_true(WIFEXITED(how));
    assert_int_equal(WEXITSTATUS(how), ENOMEM);
}

/* ---- Files through the reader ---- */

struct folder {
    char root[256], file[300];
    struct source *source;
    struct pd_error err;
};

static int set_up(void **state) {
    struct folder *f = calloc(1, sizeof(*f));
    const char *tmp = getenv("TMPDIR");
    if (f == NULL)
        return -1;
    snprintf(f->root, sizeof(f->root), "%.200s/polder-forms-XXXXXX", tmp ? tmp : "/tmp");
    if (mkdtemp(f->root) == NULL)
        return -1;
    *state = f;
    return 0;
}

static int tear_down(void **state) {
    struct folder *f = *state;
    source_close(f->source);
    if (f->file[0] != '\0')
        unlink(f->file);
    int st = rmdir(f->root); /* fails if a spool left something */
    free(f);
    return st;
}

static void put(struct folder *f, const char *name, pd_str bytes) {
    snprintf(f->file, sizeof(f->file), "%s/%s", f->root, name);
    FILE *out = fopen(f->file, "wb");
    assert_non_null(out);
    assert_int_equal(fwrite(bytes.data, 1, bytes.len, out), bytes.len);
    assert_int_equal(fclose(out), 0);
}

static enum pd_status open_part(struct folder *f, const char *part) {
    char location[600];
    snprintf(location, sizeof(location), "%s%s%s", f->file, part ? "#" : "", part ? part : "");
    source_close(f->source);
    f->source = NULL;
    f->err = (struct pd_error){0};
    return source_open(location, -1, f->root, 0, &f->source, &f->err);
}

static void assert_reads(struct folder *f, const char *expected) {
    for (int pass = 0; pass < 2; pass++) {
        struct result r = {0};
        enum pd_status st = source_each(f->source, keep_data, NULL, &r, NULL, &f->err);
        if (st != PD_OK)
            fail_msg("%s", f->err.text);
        assert_string_equal(r.data.data, expected);
        result_clear(&r);
    }
}

static pd_str gzip(pd_str bytes) {
    z_stream z = {0};
    size_t room = bytes.len + bytes.len / 100 + 100;
    char *out = malloc(room);
    assert_non_null(out);
    assert_int_equal(deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 9, Z_DEFAULT_STRATEGY), Z_OK);
    z.next_in = (Bytef *)(uintptr_t)bytes.data;
    z.avail_in = (uInt)bytes.len;
    z.next_out = (Bytef *)out;
    z.avail_out = (uInt)room;
    assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
    size_t n = room - z.avail_out;
    deflateEnd(&z);
    return (pd_str){out, n};
}

static pd_str zstd(pd_str bytes) {
    size_t room = ZSTD_compressBound(bytes.len);
    char *out = malloc(room);
    assert_non_null(out);
    size_t n = ZSTD_compress(out, room, bytes.data, bytes.len, 3);
    assert_false(ZSTD_isError(n));
    return (pd_str){out, n};
}

static const struct workbook BOOK = {
    .sheets = {"<sheetData><row r=\"1\"><c r=\"A1\"><v>1</v></c></row><row r=\"2\"><c r=\"A2\">"
               "<v>2</v></c></row></sheetData>",
               "<sheetData><row r=\"1\"><c r=\"A1\"><v>3</v></c></row></sheetData>"}};

static void a_workbook_is_read_in_the_reader_as_often_as_needed(void **state) {
    struct folder *f = *state;
    pd_str bytes = make_workbook(&BOOK);
    put(f, "book.xlsx", bytes);
    if (open_part(f, NULL) != PD_OK)
        fail_msg("%s", f->err.text);
    assert_reads(f, "1\n2\n");
    const struct source_about *about = source_describe(f->source);
    assert_string_equal(about->code, "xlsx");
    assert_true(about->is_canonical);
    assert_true(pd_str_is(about->part, "A"));
    assert_int_equal(about->other_count, 1);
    assert_true(pd_str_is(about->others[0], "B"));
    assert_int_equal(about->note_count, 0);
    assert_int_equal(source_dialect(f->source)->separator, ',');
    assert_int_equal(source_size(f->source), 4);
    assert_true(pd_str_is(source_name(f->source), "book.xlsx"));
    free_bytes(bytes);
}

static void a_part_is_named_and_found_again(void **state) {
    struct folder *f = *state;
    pd_str bytes = make_workbook(&BOOK);
    put(f, "a#b.xlsx", bytes); /* a '#' of the name itself */
    if (open_part(f, "B") != PD_OK)
        fail_msg("%s", f->err.text);
    assert_reads(f, "3\n");
    assert_true(pd_str_is(source_name(f->source), "a#b.xlsx#B"));
    char location[700];
    snprintf(location, sizeof(location), "%.*s", pd_arg(source_path(f->source)));
    source_close(f->source);
    f->source = NULL;
    assert_int_equal(source_open(location, -1, f->root, 0, &f->source, &f->err), PD_OK);
    assert_reads(f, "3\n");
    assert_int_equal(open_part(f, NULL), PD_OK);
    assert_reads(f, "1\n2\n");
    free_bytes(bytes);
}

static void compressed_files_are_what_is_in_them(void **state) {
    struct folder *f = *state;
    pd_str csv = PD_STR("a;b\n1;2\n"), book = make_workbook(&BOOK);
    struct entry entry = {"t.csv", csv}, two[] = {{"t.csv", csv}, {"u.csv", PD_STR("x\ny\n")}};
    pd_str first = gzip(PD_STR("a;b\n")), second = gzip(PD_STR("1;2\n"));
    struct pd_buf members = {0};
    pd_buf_str(&members, first);
    pd_buf_str(&members, second);
    struct {
        pd_str bytes;
        const char *part, *expected, *code;
    } cases[] = {
        {gzip(csv), NULL, "a;b\n1;2\n", "text"},
        {zstd(csv), NULL, "a;b\n1;2\n", "text"},
        {gzip(book), "B", "3\n", "xlsx"},
        {zstd(book), NULL, "1\n2\n", "xlsx"},
        {make_zip(&entry, 1, NULL), NULL, "a;b\n1;2\n", "text"},
        {make_zip(two, 2, NULL), "u.csv", "x\ny\n", "text"},
        {pd_buf_view(&members), NULL, "a;b\n1;2\n", "text"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put(f, "t.bin", cases[i].bytes);
        if (open_part(f, cases[i].part) != PD_OK)
            fail_msg("case %zu: %s", i, f->err.text);
        assert_reads(f, cases[i].expected);
        assert_string_equal(source_describe(f->source)->code, cases[i].code);
        if (i < 6)
            free_bytes(cases[i].bytes);
    }
    pd_buf_clear(&members);
    free_bytes(first);
    free_bytes(second);
    free_bytes(book);
}

static void what_cannot_be_read_is_refused_with_a_sentence(void **state) {
    struct folder *f = *state;
    pd_str csv = PD_STR("a;b\n1;2\n"), once = gzip(csv), book = make_workbook(&BOOK);
    struct entry two[] = {{"t.csv", csv}, {"u.csv", csv}}, inner = {"t.csv.gz", once};
    struct pd_buf tail = {0}, ole = {0};
    pd_buf_str(&tail, once);
    pd_buf_text(&tail, "more");
    pd_buf_text(&ole, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1");
    pd_buf_add(&ole, "W\0o\0r\0k\0b\0o\0o\0k\0", 16);
    struct {
        pd_str bytes;
        const char *part;
        enum pd_status status;
        const char *words;
    } cases[] = {
        {gzip(once), NULL, PD_UNSUPPORTED, "compressed twice"},
        {make_zip(&inner, 1, NULL), NULL, PD_UNSUPPORTED, "compressed twice"},
        {make_zip(two, 2, NULL), NULL, PD_INVALID, "holds 2 files; name one of them"},
        {make_zip(two, 2, NULL), "v.csv", PD_NOT_FOUND, "holds no file \"v.csv\""},
        {make_zip(two, 1, "secret"), NULL, PD_UNSUPPORTED, "t.csv in it is encrypted"},
        {pd_str_sub(once, 0, once.len - 6), NULL, PD_INVALID, "cut off"},
        {pd_buf_view(&tail), NULL, PD_INVALID, "not gzip follows"},
        {pd_str_sub(book, 0, book.len - 30), NULL, PD_INVALID, "cut off or damaged"},
        {PD_STR("PAR1\x15\x04"), NULL, PD_INVALID, "too short to be a Parquet file"},
        {pd_buf_view(&ole), NULL, PD_INVALID, "its compound file is damaged"},
        {PD_STR("%PDF-1.4\n"), NULL, PD_UNSUPPORTED, "a PDF document, not a table"},
        {PD_STR("<html><table><tr><td>1</table>"), NULL, PD_UNSUPPORTED,
         "an HTML page, not a table"},
        {PD_STR("<?xml version=\"1.0\"?><a/>"), NULL, PD_UNSUPPORTED, "an XML file"},
        {PD_STR("\x89PNG\r\n\x1a\n"), NULL, PD_UNSUPPORTED, "a picture, not a table"},
        {csv, "sheet", PD_NOT_FOUND, "it is one table, without a part named \"sheet\""},
        {csv, "query=select 1", PD_USAGE, "only a database can be asked a query"},
        {zstd(PD_STR("")), NULL, PD_INVALID, "holds nothing"},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        put(f, "t.bin", cases[i].bytes);
        enum pd_status st = open_part(f, cases[i].part);
        if (st != cases[i].status || strstr(f->err.text, cases[i].words) == NULL)
            fail_msg("case %zu: %d, \"%s\"; expected %d, \"%s\"", i, (int)st, f->err.text,
                     (int)cases[i].status, cases[i].words);
        assert_non_null(strstr(f->err.text, "t.bin"));
        if (i < 5 || i == 16)
            free_bytes(cases[i].bytes);
    }
    free_bytes(once);
    free_bytes(book);
    pd_buf_clear(&tail);
    pd_buf_clear(&ole);
}

static void a_name_that_promises_another_form_is_told(void **state) {
    struct folder *f = *state;
    pd_str book = make_workbook(&BOOK);
    put(f, "book.csv", book);
    assert_int_equal(open_part(f, NULL), PD_OK);
    assert_reads(f, "1\n2\n");
    assert_true(pd_str_is(source_describe(f->source)->notes[0],
                          "Its name ends in .csv, but it is an Excel workbook (XLSX), and was read "
                          "as such."));
    unlink(f->file);
    put(f, "table.xlsx", PD_STR("a;b\n1;2\n"));
    assert_int_equal(open_part(f, NULL), PD_OK);
    assert_reads(f, "a;b\n1;2\n");
    assert_int_equal(source_describe(f->source)->note_count, 1);
    free_bytes(book);
}

static void a_bomb_is_refused(void **state) {
    struct folder *f = *state;
    const size_t size = (size_t)300 << 20;
    char *zeros = calloc(1, size);
    assert_non_null(zeros);
    memset(zeros, 'a', 100000); /* of a cell in a row that is repeated */
    struct pd_buf sheet = {0};
    pd_buf_printf(&sheet,
                  "<d xmlns:t=\"t\"><spreadsheet><t:table t:name=\"A\"><t:table-row "
                  "t:number-rows-repeated=\"10000\"><t:table-cell t:value-type=\"string\"><t:p>%.*s"
                  "</t:p></t:table-cell></t:table-row></t:table></spreadsheet></d>",
                  100000, zeros);
    struct entry entries[] = {
        {"mimetype", PD_STR("application/vnd.oasis.opendocument.spreadsheet")},
        {"content.xml", pd_buf_view(&sheet)}};
    pd_str bombs[] = {gzip((pd_str){zeros, size}), zstd((pd_str){zeros, size}),
                      make_zip(entries, 2, NULL)};
    free(zeros);
    pd_buf_clear(&sheet);
    for (size_t i = 0; i < 3; i++) {
        put(f, "bomb", bombs[i]);
        assert_int_equal(open_part(f, NULL), PD_LIMIT);
        assert_non_null(
            strstr(f->err.text, "bomb: it is made to unpack to far more than it holds"));
        free_bytes(bombs[i]);
    }
}

static void locations_hold_no_passwords(void **state) {
    static const char *const cases[] = {
        "postgresql://user:secret@host/db#t", "postgres://user:secret@host/db#t",
        "postgresql://user@host/db?password=secret#t", "odbc:DSN;UID=a;PWD=secret#t",
        "odbc:Driver=x;Password = secret#t"};
    struct folder *f = *state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        f->err = (struct pd_error){0};
        assert_int_equal(source_open(cases[i], -1, f->root, 0, &f->source, &f->err), PD_USAGE);
        assert_non_null(strstr(f->err.text, "password"));
        assert_null(strstr(f->err.text, "secret"));
    }
}

#define fact(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int main(int argc, char **argv) {
    if (source_is_reader(argc, argv))
        return source_reader_run(argc, argv);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_caged_process_can_reach_nothing),
        cmocka_unit_test(a_caged_process_has_bounded_memory),
        fact(a_workbook_is_read_in_the_reader_as_often_as_needed),
        fact(a_part_is_named_and_found_again),
        fact(compressed_files_are_what_is_in_them),
        fact(what_cannot_be_read_is_refused_with_a_sentence),
        fact(a_name_that_promises_another_form_is_told),
        fact(a_bomb_is_refused),
        fact(locations_hold_no_passwords),
    };
    return cmocka_run_group_tests_name("source: forms", tests, NULL, NULL);
}
