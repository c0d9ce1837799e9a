/* polder detect: what running text holds, where, and the text without it. */
#include "cli/cli.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MOST_DETECTORS_FILE = 1 << 20, PIECE = 64 * 1024 };

/* One run: what is wanted, and what was seen so far. */
struct run {
    struct cli *cli;
    bool is_json, is_redaction, with_values;
    struct pd_buf out;
    uint64_t findings, bytes;
    uint64_t counts[DETECT_TYPE_COUNT], site_counts[DETECT_SITE_MOST];
    struct detect_site *site;
    struct detect_scan_options options;
    struct detect_scanner *scanner;
};

/* ---- what is wanted ---- */

static enum pd_status add_type(struct run *run, pd_str name, struct pd_error *err) {
    enum detect_type type;
    const char *names[DETECT_TYPE_COUNT + DETECT_SITE_MOST];
    size_t count = 0;
    if (detect_info_find(name, &type)) {
        run->options.types |= DETECT_BIT(type);
        return PD_OK;
    }
    for (int t = 0; t < DETECT_TYPE_COUNT; t++)
        names[count++] = detect_info_get((enum detect_type)t)->name;
    for (size_t i = 0; i < detect_site_count(run->site); i++) {
        names[count++] = detect_site_info(run->site, i)->name;
        if (pd_str_is(name, names[count - 1])) {
            run->options.site_types |= (uint64_t)1 << i;
            return PD_OK;
        }
    }
    pd_str copy = pd_arena_str(run->cli->arena, name);
    const char *near = copy.data ? pd_nearest_name(copy.data, names, count) : NULL;
    if (near)
        return pd_fail(err, PD_USAGE, "--type=\"%.*s\" is not known; do you mean %s?", pd_arg(name),
                       near);
    return pd_fail(err, PD_USAGE, "--type=\"%.*s\" is not known; docs/detectors.md lists all",
                   pd_arg(name));
}

static enum pd_status read_types(struct run *run, const struct pd_args *args,
                                 struct pd_error *err) {
    for (size_t i = 0; i < pd_args_count(args, "type"); i++) {
        pd_str rest = pd_str_from(pd_args_nth(args, "type", i)), name;
        while (pd_str_split(&rest, ',', &name)) {
            enum pd_status st = add_type(run, name, err);
            if (st != PD_OK)
                return st;
        }
    }
    return PD_OK;
}

static enum pd_status read_confidence(struct run *run, const struct pd_args *args,
                                      struct pd_error *err) {
    const char *text = pd_args_get(args, "confidence");
    run->options.least = DETECT_MEDIUM;
    if (!text)
        return PD_OK;
    for (int c = DETECT_LOW; c <= DETECT_HIGH; c++) {
        if (strcmp(text, detect_confidence_name((enum detect_confidence)c)) == 0) {
            run->options.least = (enum detect_confidence)c;
            return PD_OK;
        }
    }
    return pd_fail(err, PD_USAGE, "--confidence=\"%s\" must be low, medium or high", text);
}

enum pd_status cli_detectors_read(struct cli *cli, const char *path, struct detect_site **out,
                                  struct pd_error *err) {
    pd_str text;
    if (!path)
        return PD_OK;
    enum pd_status st = cli_file_read(cli, path, MOST_DETECTORS_FILE, &text, err);
    if (st == PD_OK && detect_site_new(text, out, err) != PD_OK)
        return pd_wrap(err, "%s", path);
    return st;
}

/* ---- telling ---- */

static enum pd_status flush(struct run *run, bool all, struct pd_error *err) {
    if (run->out.len == 0 || (!all && run->out.len < PIECE))
        return pd_buf_check(&run->out, err);
    enum pd_status st = pd_buf_check(&run->out, err);
    if (st == PD_OK && fwrite(run->out.data, 1, run->out.len, stdout) != run->out.len)
        st = pd_fail_errno(err, PD_IO, "write to standard output");
    pd_buf_reset(&run->out);
    return st;
}

static pd_str evidence_of(struct run *run, const struct detect_finding *f) {
    if (!f->word)
        return pd_str_from(f->proof);
    pd_str word = pd_str_from(f->word);
    if (word.len > 0 && word.data[word.len - 1] == '$')
        word.len--;
    return pd_arena_printf(run->cli->arena, "%s, near \"%.*s\"", f->proof, pd_arg(word));
}

static void write_json(struct run *run, const struct detect_finding *f, pd_str evidence) {
    struct pd_json w;
    pd_json_init(&w, &run->out, PD_JSON_COMPACT);
    pd_json_object(&w);
    pd_json_member_text(&w, "type", f->info->name);
    pd_json_member_text(&w, "category", detect_category_name(f->info->category));
    pd_json_key(&w, "offset");
    pd_json_u64(&w, f->offset);
    pd_json_key(&w, "length");
    pd_json_u64(&w, f->text.len);
    pd_json_key(&w, "line");
    pd_json_u64(&w, f->line);
    pd_json_key(&w, "column");
    pd_json_u64(&w, f->column);
    pd_json_member_text(&w, "confidence", detect_confidence_name(f->confidence));
    pd_json_member_str(&w, "evidence", evidence);
    if (run->with_values)
        pd_json_member_str(&w, "value", f->text);
    pd_json_object_end(&w);
    pd_json_clear(&w);
}

static void write_line(struct run *run, const struct detect_finding *f, pd_str evidence) {
    pd_buf_printf(&run->out, "%" PRIu64 ":%" PRIu64 "\t%s\t%s\t", f->line, f->column, f->info->name,
                  detect_confidence_name(f->confidence));
    if (run->with_values)
        cli_text(&run->out, f->text);
    else
        pd_buf_printf(&run->out, "%zu bytes", f->text.len);
    pd_buf_printf(&run->out, "\t%.*s\n", pd_arg(evidence));
}

static void count(struct run *run, const struct detect_finding *f) {
    run->findings++;
    if (f->type < DETECT_TYPE_COUNT) {
        run->counts[f->type]++;
        return;
    }
    for (size_t i = 0; i < detect_site_count(run->site); i++)
        run->site_counts[i] += detect_site_info(run->site, i) == f->info;
}

static enum pd_status on_finding(void *context, const struct detect_finding *f,
                                 struct pd_error *err) {
    struct run *run = context;
    struct pd_mark mark = pd_arena_mark(run->cli->arena);
    pd_str evidence = evidence_of(run, f);
    if (!evidence.data)
        return pd_fail_memory(err);
    if (run->is_redaction) {
        pd_buf_printf(&run->out, "[%s]", f->info->name);
    } else if (run->is_json) {
        pd_buf_text(&run->out, run->findings > 0 ? ",\n  " : "\n  ");
        write_json(run, f, evidence);
    } else {
        write_line(run, f, evidence);
    }
    count(run, f);
    pd_arena_reset(run->cli->arena, mark);
    return flush(run, false, err);
}

static enum pd_status on_text(void *context, pd_str text, struct pd_error *err) {
    struct run *run = context;
    if (run->is_redaction)
        pd_buf_str(&run->out, text);
    return flush(run, false, err);
}

/* ---- reading ---- */

static enum pd_status feed(void *context, const char *bytes, size_t n, struct pd_error *err) {
    struct run *run = context;
    run->bytes += n;
    return detect_scanner_feed(run->scanner, bytes, n, err);
}

/* What standard input can't be searched for as it comes is named, rather than searched in vain. */
static enum pd_status refuse_other_forms(const char *bytes, size_t n, struct pd_error *err) {
    static const struct {
        const char *head, *form;
        size_t len;
    } forms[] = {{"PK\x03\x04", "a ZIP archive, as DOCX, ODT and XLSX files are", 4},
                 {"%PDF-", "a PDF document", 5},
                 {"\x1f\x8b", "compressed with gzip", 2},
                 {"\x28\xb5\x2f\xfd", "compressed with zstd", 4},
                 {"\xff\xfe", "text in UTF-16", 2},
                 {"\xfe\xff", "text in UTF-16", 2}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (n >= forms[i].len && memcmp(bytes, forms[i].head, forms[i].len) == 0)
            return pd_fail(err, PD_UNSUPPORTED,
                           "standard input is %s, and is read as text in UTF-8; save it, and name "
                           "the file",
                           forms[i].form);
    }
    const char *zero = memchr(bytes, '\0', n);
    if (zero)
        return pd_fail(err, PD_INVALID,
                       "standard input is not text: a zero byte stands at offset %td",
                       zero - bytes);
    return PD_OK;
}

/* Bytes as they come, whatever their number, so that what is redacted changes nowhere else. */
static enum pd_status read_stream(struct run *run, int fd, const char *name, struct pd_error *err) {
    char *piece = malloc(PIECE);
    enum pd_status st = piece ? PD_OK : pd_fail_memory(err);
    while (st == PD_OK) {
        ssize_t n = read(fd, piece, PIECE);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            st = pd_fail_errno(err, PD_IO, "read \"%s\"", name);
        if (n <= 0)
            break;
        if (run->bytes == 0 && fd == STDIN_FILENO)
            st = refuse_other_forms(piece, (size_t)n, err);
        if (st == PD_OK)
            st = feed(run, piece, (size_t)n, err);
    }
    free(piece);
    return st;
}

/* Whether the first bytes are UTF-8; a character may be cut at their end. */
static bool starts_as_utf8(int fd) {
    char bytes[8192];
    size_t bad_at;
    ssize_t n = pread(fd, bytes, sizeof(bytes), 0);
    return n >= 0 && (pd_utf8_valid((pd_str){bytes, (size_t)n}, &bad_at) ||
                      ((size_t)n == sizeof(bytes) && bad_at + 4 > sizeof(bytes)));
}

/* A document's text as source/ gives it; plain text in UTF-8 as its bytes stand. */
static enum pd_status read_file(struct run *run, const char *path, struct pd_error *err) {
    const char *spool = getenv("TMPDIR");
    struct source *source = NULL;
    struct stat status;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd >= 0 && fstat(fd, &status) == 0 && S_ISREG(status.st_mode) && status.st_size == 0) {
        close(fd);
        return PD_OK; /* nothing in it */
    }
    enum pd_status st =
        source_open_text(path, STDIN_FILENO, spool && *spool ? spool : "/tmp", 0, &source, err);
    if (st == PD_OK) {
        const struct source_about *about = source_describe(source);
        bool is_plain = fd >= 0 && strcmp(about->code, "text") == 0 && starts_as_utf8(fd);
        for (size_t i = 0; i < about->note_count; i++)
            fprintf(stderr, "polder: %.*s\n", pd_arg(about->notes[i]));
        st = is_plain ? read_stream(run, fd, path, err)
                      : source_each(source, feed, NULL, run, NULL, err);
    }
    source_close(source);
    if (fd >= 0)
        close(fd);
    return st;
}

static enum pd_status read_all(struct run *run, const char *path, struct pd_error *err) {
    enum pd_status st = strcmp(path, "-") == 0
                            ? read_stream(run, STDIN_FILENO, "standard input", err)
                            : read_file(run, path, err);
    return st == PD_OK ? detect_scanner_finish(run->scanner, err) : st;
}

/* ---- the whole ---- */

static void begin(struct run *run, const char *path) {
    if (!run->is_json)
        return;
    struct pd_json w;
    pd_buf_text(&run->out, "{\"polder\": 1, \"name\": ");
    pd_json_init(&w, &run->out, PD_JSON_COMPACT);
    pd_json_str(&w, strcmp(path, "-") == 0 ? PD_STR("standard input") : pd_str_from(path));
    pd_json_clear(&w);
    pd_buf_text(&run->out, ", \"findings\": [");
}

/* "cn_resident_id 3, email 1" or its JSON. */
static void write_counts(struct run *run, struct pd_buf *out) {
    size_t total = DETECT_TYPE_COUNT + detect_site_count(run->site), written = 0;
    for (size_t i = 0; i < total; i++) {
        bool is_site = i >= DETECT_TYPE_COUNT;
        const struct detect_info *info = is_site
                                             ? detect_site_info(run->site, i - DETECT_TYPE_COUNT)
                                             : detect_info_get((enum detect_type)i);
        uint64_t n = is_site ? run->site_counts[i - DETECT_TYPE_COUNT] : run->counts[i];
        if (n == 0)
            continue;
        pd_buf_text(out, written++ > 0 ? ", " : "");
        pd_buf_printf(out, run->is_json ? "\"%s\": %" PRIu64 : "%s %" PRIu64, info->name, n);
    }
}

static void finish(struct run *run) {
    struct pd_buf summary;
    pd_buf_init(&summary, 0);
    if (run->is_json) {
        pd_buf_text(&run->out, run->findings > 0 ? "\n], \"counts\": {" : "], \"counts\": {");
        write_counts(run, &run->out);
        pd_buf_printf(&run->out, "}, \"bytes\": %" PRIu64 "}\n", run->bytes);
    } else {
        pd_buf_printf(&summary, "polder: %s finding%s in %s bytes",
                      cli_number(run->cli->arena, run->findings).data,
                      run->findings == 1 ? "" : "s", cli_number(run->cli->arena, run->bytes).data);
        if (run->findings > 0) {
            pd_buf_text(&summary, run->is_redaction ? " replaced: " : ": ");
            write_counts(run, &summary);
        }
        pd_buf_char(&summary, '\n');
    }
    if (summary.len > 0 && !summary.failed)
        fwrite(summary.data, 1, summary.len, stderr);
    pd_buf_clear(&summary);
}

int cli_detect(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct pd_error err = {0};
    struct run run = {.cli = context,
                      .is_json = pd_args_has(args, "json"),
                      .is_redaction = pd_args_has(args, "redact"),
                      .with_values = pd_args_has(args, "values")};
    const char *path = pd_args_operand(args, 0);
    pd_buf_init(&run.out, 0);
    enum pd_status st = PD_OK;
    if (run.is_json && run.is_redaction)
        st = pd_fail(&err, PD_USAGE,
                     "--json lists findings and --redact writes the text without "
                     "them; give one of the two");
    if (st == PD_OK)
        st = cli_detectors_read(run.cli, pd_args_get(args, "detectors"), &run.site, &err);
    if (st == PD_OK)
        st = read_types(&run, args, &err);
    if (st == PD_OK)
        st = read_confidence(&run, args, &err);
    run.options.site = run.site;
    run.options.today = detect_day(pd_clock_now(&run.cli->clock));
    struct detect_scan_handler handler = {&run, on_text, on_finding};
    if (st == PD_OK)
        st = detect_scanner_new(&run.options, &handler, &run.scanner, &err);
    if (st == PD_OK) {
        begin(&run, path);
        st = read_all(&run, path, &err);
    }
    if (st == PD_OK) {
        finish(&run);
        st = flush(&run, true, &err);
    }
    if (st == PD_OK && fflush(stdout) != 0)
        st = pd_fail_errno(&err, PD_IO, "write to standard output");
    detect_scanner_free(run.scanner);
    detect_site_free(run.site);
    pd_buf_clear(&run.out);
    return st == PD_OK ? 0 : cli_fail(&err);
}
