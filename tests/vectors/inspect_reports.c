/*
 * Inspects tables and prints a line with the hash of each report, so that two builds, instruction
 * sets, numbers of threads or sizes of batches can be compared: what differs is a fault.
 *
 *     inspect_reports [-m MUTATIONS] [-t TABLES] [-b BATCH_BYTES] [-j THREADS] [-p PLAIN] FILE...
 *
 * Of each file: the report of it, of so many random mutations of its beginning, and of so many
 * random tables whose cells are drawn from it. The same arguments draw the same tables everywhere.
 * -p 1: without the instructions that not every processor has.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "inspect/inspect.h"

enum { PIECE = 50000, MUTATED_MOST = 40000, POOL_MOST = 20000, COLUMNS_MOST = 12 };

struct settings {
    size_t mutations, tables, batch_bytes;
    unsigned threads;
    enum table_instructions instructions;
    bool shows; /* print the reports too */
};

/* ---- Drawing: splitmix64 ---- */

static uint64_t draw(uint64_t *state) {
    uint64_t z = (*state += UINT64_C(0x9e3779b97f4a7c15));
    z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
    return z ^ z >> 31;
}

static size_t below(uint64_t *state, size_t n) {
    return n == 0 ? 0 : (size_t)(draw(state) % n);
}

/* ---- One report ---- */

struct feeding {
    struct inspector *inspector;
    const struct settings *settings;
};

static enum pd_status on_header(void *context, const pd_str *names, size_t count,
                                struct pd_error *err) {
    struct feeding *f = context;
    struct inspect_options options = {
        .now = (pd_time)1782864000 * PD_SECOND, .seed = 7, .threads = f->settings->threads};
    return inspector_new(names, count, &options, &f->inspector, err);
}

static enum pd_status on_batch(void *context, const struct table_batch *batch,
                               struct pd_error *err) {
    return inspector_feed(((struct feeding *)context)->inspector, batch, err);
}

static enum pd_status on_set_aside(void *context, const struct table_set_aside *record,
                                   struct pd_error *err) {
    (void)record;
    (void)err;
    inspector_set_aside(((struct feeding *)context)->inspector, 1);
    return PD_OK;
}

static enum pd_status read_all(pd_str text, struct feeding *f, struct pd_error *err) {
    struct table_handler handler = {f, on_header, on_batch, on_set_aside};
    struct table_limits limits = {.batch_bytes = f->settings->batch_bytes,
                                  .instructions = f->settings->instructions};
    struct table_reader *reader = NULL;
    enum pd_status st = table_reader_new(&limits, NULL, &handler, &reader, err);
    for (size_t at = 0; st == PD_OK && at < text.len; at += PIECE)
        st = table_feed(reader, text.data + at, text.len - at < PIECE ? text.len - at : PIECE, err);
    if (st == PD_OK)
        st = table_finish(reader, err);
    table_reader_free(reader);
    return st;
}

/* Everything the inspector knows: the report with all values, and what it would save. */
static void report(const char *name, size_t n, pd_str text, const struct settings *settings) {
    struct feeding f = {.settings = settings};
    struct pd_error err = {0};
    struct pd_buf json, sketch;
    pd_buf_init(&json, 0);
    pd_buf_init(&sketch, 0);
    struct pd_arena *arena = pd_arena_new((size_t)1 << 30);
    const struct inspection *inspection = NULL;
    enum pd_status st = read_all(text, &f, &err);
    if (st == PD_OK && f.inspector)
        st = inspector_finish(f.inspector, arena, &inspection, &err);
    if (st == PD_OK && f.inspector)
        st = inspector_save(f.inspector, &sketch, &err);
    if (st == PD_OK && inspection) {
        struct pd_json w;
        pd_json_init(&w, &json, PD_JSON_COMPACT);
        inspection_write_json(inspection, true, &w);
        pd_json_clear(&w);
    } else {
        pd_buf_printf(&json, "%s", err.text);
    }
    printf("%s %zu %016llx %016llx\n", name, n,
           (unsigned long long)sketch_hash(json.data, json.len, 0),
           (unsigned long long)sketch_hash(sketch.data, sketch.len, 0));
    if (settings->shows)
        printf("%.*s\n", (int)json.len, json.data);
    inspector_free(f.inspector);
    pd_buf_clear(&json);
    pd_buf_clear(&sketch);
    pd_arena_free(arena);
}

/* ---- Mutations ---- */

static const char *const pieces[] = {",", "\"",  "\n",  "\r\n", "\"\"", ";",  "\t",   "0",
                                     "-", "1.5", "é",   "张",   "３",   "　", " ",    "@",
                                     ".", "/",   "1e5", "*",    "\xff", "年", "NA",   "2013-02-29",
                                     "A", "zZ",  ":",   "(",    "x",    "10", "+86 ", "号"};

static size_t mutate(char *out, size_t room, pd_str from, uint64_t *state) {
    size_t n = from.len < MUTATED_MOST ? from.len : MUTATED_MOST;
    if (n > 0)
        memcpy(out, from.data, n);
    size_t changes = 1 + below(state, 24);
    for (size_t i = 0; i < changes; i++) {
        size_t at = below(state, n), len = below(state, 30);
        if (len > n - at)
            len = n - at;
        const char *piece = pieces[below(state, sizeof(pieces) / sizeof(pieces[0]))];
        switch (below(state, 5)) {
        case 0: /* a byte */
            if (n > 0)
                out[at] = (char)(32 + below(state, 95));
            break;
        case 1: /* cut out */
            memmove(out + at, out + at + len, n - at - len);
            n -= len;
            break;
        case 2: /* again */
            if (n + len <= room) {
                memmove(out + at + len, out + at, n - at);
                n += len;
            }
            break;
        case 3: /* a digit for a digit */
            for (size_t k = at; k < at + len; k++)
                if (out[k] >= '0' && out[k] <= '9')
                    out[k] = (char)('0' + below(state, 10));
            break;
        default:
            len = strlen(piece);
            if (n + len <= room) {
                memmove(out + at + len, out + at, n - at);
                memcpy(out + at, piece, len);
                n += len;
            }
            break;
        }
    }
    return n;
}

/* ---- Tables of cells that the file has ---- */

static size_t find_cells(pd_str text, pd_str *pool) {
    size_t count = 0, start = 0;
    for (size_t i = 0; i <= text.len && count < POOL_MOST; i++) {
        if (i < text.len && !strchr(",;\t|\n\r\"", text.data[i]))
            continue;
        if (i > start && i - start < 300)
            pool[count++] = pd_str_sub(text, start, i - start);
        start = i + 1;
    }
    return count;
}

static void add_cell(struct pd_buf *out, pd_str cell, uint64_t *state, size_t changes) {
    size_t at = out->len;
    if (below(state, 50) == 0) /* empty, or blanks around */
        pd_buf_add(out, "  ", below(state, 3));
    else
        pd_buf_add(out, cell.data, cell.len);
    for (size_t i = at; i < out->len && changes > 0; i++)
        if (out->data[i] >= '0' && out->data[i] <= '9' && below(state, 4) < changes)
            out->data[i] = (char)('0' + below(state, 10));
}

static void make_table(struct pd_buf *out, const pd_str *pool, size_t cells, uint64_t *state) {
    static const char *const names[] = {
        "id",   "身份证号", "姓名",   "full name", "phone",         "手机号",  "address",
        "住址", "出生日期", "amount", "email",     "date of birth", "version", "card no",
        "code", "location", "remark", "iban",      "性别",          "plate"};
    size_t columns = 1 + below(state, COLUMNS_MOST);
    size_t rows = 1 + below(state, below(state, 4) == 0 ? 30000 : 3000);
    size_t first[COLUMNS_MOST], span[COLUMNS_MOST], changes[COLUMNS_MOST];
    for (size_t c = 0; c < columns; c++) {
        first[c] = below(state, cells);
        span[c] = 1 + below(state, below(state, 2) == 0 ? 20 : cells - first[c]);
        changes[c] = below(state, 3) == 0 ? 1 + below(state, 4) : 0;
        pd_buf_printf(out, "%s%s_%zu", c > 0 ? "," : "",
                      names[below(state, sizeof(names) / sizeof(names[0]))], c);
    }
    for (size_t r = 0; r < rows; r++) {
        pd_buf_char(out, '\n');
        for (size_t c = 0; c < columns; c++) {
            size_t at = first[c] + below(state, span[c]);
            if (c > 0)
                pd_buf_char(out, ',');
            add_cell(out, pool[at < cells ? at : cells - 1], state, changes[c]);
        }
    }
    pd_buf_char(out, '\n');
}

/* ---- A file ---- */

static bool read_file(const char *path, struct pd_buf *out) {
    FILE *file = fopen(path, "rb");
    char bytes[65536];
    size_t n;
    if (!file)
        return false;
    while ((n = fread(bytes, 1, sizeof(bytes), file)) > 0)
        pd_buf_add(out, bytes, n);
    return fclose(file) == 0;
}

static void look_at(const char *path, pd_str text, const struct settings *settings) {
    enum { ROOM = MUTATED_MOST + 4096 };
    const char *name = strrchr(path, '/') ? strrchr(path, '/') + 1 : path;
    uint64_t state = text.len; /* no hash of the program's: they change */
    for (const char *c = name; *c; c++)
        state = draw(&state) ^ (unsigned char)*c;
    char *changed = malloc(ROOM);
    pd_str *pool = malloc(POOL_MOST * sizeof(*pool));
    report(name, 0, text, settings);
    for (size_t i = 1; changed && i <= settings->mutations; i++) {
        size_t n = mutate(changed, ROOM, text, &state);
        report(name, i, (pd_str){changed, n}, settings);
    }
    size_t cells = pool ? find_cells(text, pool) : 0;
    for (size_t i = 1; cells > 0 && i <= settings->tables; i++) {
        struct pd_buf table;
        pd_buf_init(&table, 0);
        make_table(&table, pool, cells, &state);
        report(name, settings->mutations + i, (pd_str){table.data, table.len}, settings);
        pd_buf_clear(&table);
    }
    free(changed);
    free(pool);
}

int main(int argc, char **argv) {
    struct settings settings = {.batch_bytes = 0};
    int at = 1;
    for (; at + 1 < argc && argv[at][0] == '-'; at += 2) {
        size_t n = (size_t)strtoul(argv[at + 1], NULL, 10);
        switch (argv[at][1]) {
        case 'm':
            settings.mutations = n;
            break;
        case 't':
            settings.tables = n;
            break;
        case 'b':
            settings.batch_bytes = n;
            break;
        case 'j':
            settings.threads = (unsigned)n;
            break;
        case 'p':
            settings.instructions = n > 0 ? TABLE_INSTRUCTIONS_PLAIN : TABLE_INSTRUCTIONS_FIND;
            break;
        case 's':
            settings.shows = n > 0;
            break;
        default:
            fprintf(stderr, "inspect_reports: %s is no option\n", argv[at]);
            return 64;
        }
    }
    for (; at < argc; at++) {
        struct pd_buf text;
        pd_buf_init(&text, 0);
        if (!read_file(argv[at], &text)) {
            fprintf(stderr, "inspect_reports: cannot read %s\n", argv[at]);
            return 66;
        }
        look_at(argv[at], (pd_str){text.data, text.len}, &settings);
        pd_buf_clear(&text);
    }
    return 0;
}
