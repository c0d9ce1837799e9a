/*
 * Where the records of a JSON text stand, and who gets them. The columns are the keys of all of
 * them, so each text is read twice: for its keys, then for its rows.
 */
#include "table/json_impl.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct table_json {
    struct json_scan scan;
    struct json_keys keys;
    bool is_survey;  /* looking for keys */
    bool is_dropped; /* the text is too long to be kept for the second reading */
    uint64_t records;

    /* The list of the records: depth 0 where there is none, as in JSON Lines. */
    unsigned list_depth;
    bool in_list, had_list, had_top;
    bool is_known;     /* r->dialect.records says which one it is */
    unsigned first_of; /* depth of a list whose first element comes, 0 if none does */
    size_t path_len[JSON_DEPTH + 1];
    char path[2 * TABLE_PATH_BYTES]; /* keys of the objects around */

    bool in_record;
    unsigned record_depth;
    uint64_t record_column;
};

static bool is_lines(const struct table_reader *r) {
    return r->dialect.form == TABLE_JSON_LINES;
}

enum pd_status table_json_new(struct table_reader *r, struct pd_error *err) {
    struct table_json *j = calloc(1, sizeof(*j));
    if (j == NULL)
        return pd_fail_memory(err);
    r->json = j;
    j->scan.keeps_keys = true;
    j->is_survey = r->dialect.names == NULL;
    j->is_known = r->dialect.records[0] != '\0';
    r->dialect.header = TABLE_HEADER_FIRST;
    for (size_t i = 0; !j->is_survey && i < r->dialect.name_count; i++)
        if (json_keys_get(&j->keys, r->dialect.names[i], true) == NULL)
            return pd_fail_memory(err);
    return PD_OK;
}

void table_json_free(struct table_json *json) {
    if (json == NULL)
        return;
    json_keys_clear(&json->keys);
    free(json);
}

bool table_json_needs_again(const struct table_json *json) {
    return json->is_survey && json->is_dropped;
}

/* ---- Places ---- */

static uint64_t column_at(const struct table_reader *r, size_t at) {
    return r->text_at + at - r->line_at + 1;
}

static enum pd_status fail(const struct table_reader *r, size_t at, const char *why,
                           struct pd_error *err) {
    return pd_fail(err, PD_INVALID,
                   "line %" PRIu64 ", column %" PRIu64 ": in this JSON: %s (if it is not JSON, say "
                   "what it is: --form=csv)",
                   r->line, column_at(r, at), why);
}

/* The place of text[at] in the record that began at record_start, which is as it was read. */
static enum pd_status wrap_place(const struct table_reader *r, size_t at, struct pd_error *err) {
    uint64_t line = r->record_line, column = r->json->record_column;
    for (size_t i = r->record_start; i < at; i++) {
        bool is_second_half = r->text[i] == '\n' && i > 0 && r->text[i - 1] == '\r';
        column++;
        if (r->text[i] != '\n' && r->text[i] != '\r')
            continue;
        line += !is_second_half;
        column = 1;
    }
    return pd_wrap(err, "line %" PRIu64 ", column %" PRIu64, line, column);
}

/* ---- Rows ---- */

static enum pd_status tell_header(struct table_reader *r, struct pd_error *err) {
    struct json_keys *keys = &r->json->keys;
    r->columns = keys->count;
    if (r->columns == 0)
        return pd_fail(err, PD_INVALID, "there are no records, so there are no columns");
    pd_str *names = calloc(r->columns, sizeof(*names));
    if (names == NULL)
        return pd_fail_memory(err);
    for (size_t c = 0; c < r->columns; c++)
        names[c] = keys->list[c].name;
    r->has_header = true;
    enum pd_status status = PD_OK;
    if (r->handler.header != NULL)
        status = r->handler.header(r->handler.context, names, r->columns, err);
    free(names);
    return status == PD_OK ? table_record_make_batch(r, err) : status;
}

static enum pd_status take_record(struct table_reader *r, size_t end, struct pd_error *err) {
    struct table_json *j = r->json;
    if (end - r->record_start > r->limits.row_bytes)
        return pd_fail(err, PD_LIMIT,
                       "line %" PRIu64 ": the record that begins here is longer than %zu bytes "
                       "(limit row_bytes)",
                       r->record_line, r->limits.row_bytes);
    j->records++;
    struct json_record record = {.text = r->text,
                                 .at = r->record_start,
                                 .number = j->records,
                                 .keys = &j->keys,
                                 .columns_most = r->limits.columns,
                                 .batch_start = r->batch_start};
    enum pd_status status = PD_OK;
    if (!j->is_survey && !r->has_header)
        status = tell_header(r, err);
    if (!j->is_survey && status == PD_OK) {
        record.cells = r->cells + r->rows * r->columns;
        memset(record.cells, 0, r->columns * sizeof(*record.cells));
    }
    if (status != PD_OK)
        return status;
    status = json_record_take(&record, err);
    if (status != PD_OK)
        return status == PD_INVALID || status == PD_LIMIT
                   ? wrap_place(r, record.wrong_at > 0 ? record.wrong_at : r->record_start, err)
                   : status;
    if (j->is_survey)
        return PD_OK;
    r->row_line[r->rows++] = r->record_line;
    r->counts.rows++;
    if (r->rows < r->rows_room && end - r->batch_start < r->limits.batch_bytes)
        return PD_OK;
    return table_record_hand_out(r, end, err);
}

/* ---- Where the records are ---- */

static pd_str path_of(const struct table_json *j, unsigned depth) {
    return (pd_str){j->path, j->path_len[depth]};
}

/* Whether everything open is an object: then a key's path leads to it from the top. */
static bool in_objects(const struct table_json *j, unsigned depth) {
    return json_scan_in_objects(&j->scan, depth);
}

static enum pd_status note_key(struct table_reader *r, size_t at, struct pd_error *err) {
    struct table_json *j = r->json;
    unsigned depth = j->scan.depth;
    if (j->in_record || !in_objects(j, depth))
        return PD_OK;
    size_t n = j->path_len[depth - 1];
    if (n + 1 + j->scan.key_len >= sizeof(j->path))
        return fail(r, at, "the keys around the records are too long", err);
    if (n > 0)
        j->path[n++] = '.';
    memcpy(j->path + n, j->scan.key, j->scan.key_len);
    j->path_len[depth] = n + j->scan.key_len;
    return PD_OK;
}

static void begin_record(struct table_reader *r, size_t at) {
    struct table_json *j = r->json;
    j->in_record = true;
    j->scan.keeps_keys = false;
    j->record_depth = j->scan.depth;
    j->record_column = column_at(r, at);
    r->record_start = at;
    r->record_line = r->line;
    /* What lies between rows needs no memory, unless all is kept. */
    if (r->rows == 0 && (!j->is_survey || j->is_dropped))
        r->batch_start = at;
}

/* An object is the first element of a list that an object holds, or that is the whole text. */
static enum pd_status begin_list(struct table_reader *r, size_t at, struct pd_error *err) {
    struct table_json *j = r->json;
    unsigned depth = j->scan.depth - 1;
    pd_str path = path_of(j, depth - 1), wanted = pd_str_from(r->dialect.records);
    if (j->is_known && !pd_str_eq(path, wanted))
        return PD_OK;
    if (j->had_list)
        return pd_fail(err, PD_INVALID,
                       "line %" PRIu64
                       ": the object holds several lists of records, \"%.*s\" and \"%.*s\"; say "
                       "which one to read, for example --records=%.*s",
                       r->line, pd_arg(wanted), pd_arg(path), pd_arg(path));
    if (path.len >= sizeof(r->dialect.records))
        return fail(r, at, "the keys around the records are too long", err);
    j->in_list = j->had_list = true;
    j->list_depth = depth;
    begin_record(r, at);
    return PD_OK;
}

static enum pd_status take_open(struct table_reader *r, size_t at, struct pd_error *err) {
    struct table_json *j = r->json;
    unsigned depth = j->scan.depth;
    bool is_object = json_scan_in_object(&j->scan), is_first = j->first_of + 1 == depth;
    if (j->in_record)
        return PD_OK;
    bool is_element = is_lines(r) ? depth == 1 : j->in_list && depth == j->list_depth + 1;
    bool is_top_list = !is_lines(r) && j->first_of == 1 && depth == 2;
    if ((is_element || is_top_list) && !is_object)
        return fail(r, at, "a list stands where a record (an object) must", err);
    j->path_len[depth] = j->path_len[depth - 1];
    bool was_first = j->first_of > 0 && is_first;
    j->first_of = 0;
    if (is_element) {
        begin_record(r, at);
        return PD_OK;
    }
    if (is_lines(r))
        return PD_OK;
    if (depth == 1 && j->had_top)
        return fail(r, at, "a second text follows the first", err);
    j->had_top = true;
    if (!is_object && in_objects(j, depth - 1))
        j->first_of = depth;
    if (is_object && was_first)
        return begin_list(r, at, err);
    return PD_OK;
}

static enum pd_status take_scalar(struct table_reader *r, size_t at, struct pd_error *err) {
    struct table_json *j = r->json;
    if (j->in_record)
        return PD_OK;
    bool is_element =
        is_lines(r) ? j->scan.depth == 0 : j->in_list && j->scan.depth == j->list_depth;
    if (is_element || (!is_lines(r) && j->first_of == 1 && j->scan.depth == 1))
        return fail(r, at, "a single value stands where a record (an object) must", err);
    j->first_of = 0;
    return PD_OK;
}

static enum pd_status take_close(struct table_reader *r, size_t at, struct pd_error *err) {
    struct table_json *j = r->json;
    unsigned depth = j->scan.depth;
    j->first_of = 0;
    if (j->in_record) {
        if (depth >= j->record_depth)
            return PD_OK;
        j->in_record = false;
        j->scan.keeps_keys = true;
        return take_record(r, at + 1, err);
    }
    if (j->in_list && depth < j->list_depth) {
        j->in_list = false;
        if (r->dialect.records[0] == '\0') {
            pd_str path = path_of(j, depth);
            memcpy(r->dialect.records, path.data, path.len);
            r->dialect.records[path.len] = '\0';
        }
    }
    return PD_OK;
}

static enum pd_status take_event(struct table_reader *r, enum json_event event, size_t at,
                                 struct pd_error *err) {
    switch (event) {
    case JSON_OPEN:
        return take_open(r, at, err);
    case JSON_CLOSE:
        return take_close(r, at, err);
    case JSON_KEY:
        return note_key(r, at, err);
    case JSON_VALUE:
        return take_scalar(r, at, err);
    case JSON_WRONG:
        return fail(r, at, r->json->scan.wrong, err);
    default:
        return PD_OK;
    }
}

static void count_line(struct table_reader *r, size_t at) {
    char c = r->text[at];
    if (c != '\n' && c != '\r')
        return;
    if (c == '\n' && r->after_cr) { /* the second half of one line end */
        r->dialect.line_ends |= TABLE_CRLF;
    } else {
        if (r->after_cr)
            r->dialect.line_ends |= TABLE_CR;
        if (c == '\n')
            r->dialect.line_ends |= TABLE_LF;
        r->line++;
    }
    r->after_cr = c == '\r';
    r->line_at = r->text_at + at + 1;
}

enum pd_status table_json_scan(struct table_reader *r, struct pd_error *err) {
    struct table_json *j = r->json;
    for (; r->scanned < r->checked; r->scanned++) {
        size_t at = r->scanned;
        char c = r->text[at];
        enum json_event event = json_scan_byte(&j->scan, c);
        if (event != JSON_NOTHING) {
            enum pd_status status = take_event(r, event, at, err);
            if (status != PD_OK)
                return status;
        }
        if (c < ' ')
            count_line(r, at);
        else
            r->after_cr = false;
    }
    if (j->in_record && r->scanned - r->record_start > r->limits.row_bytes)
        return pd_fail(err, PD_LIMIT,
                       "line %" PRIu64 ": the record that begins here is longer than %zu bytes "
                       "(limit row_bytes)",
                       r->record_line, r->limits.row_bytes);
    if (!j->in_record) /* so that no offset is left behind in text that is dropped */
        r->record_start = r->scanned;
    r->cell_start = r->record_start;
    j->is_dropped = j->is_dropped || (j->is_survey && r->len > r->limits.held_bytes);
    if (!j->in_record && r->rows == 0 && (!j->is_survey || j->is_dropped))
        r->batch_start = r->scanned;
    else if (j->in_record && r->rows == 0 && j->is_survey && j->is_dropped)
        r->batch_start = r->record_start;
    return PD_OK;
}

/* ---- The end ---- */

/* Settles the columns: an object that is opened everywhere, and null elsewhere, has none itself. */
static enum pd_status settle_keys(struct table_json *j, struct pd_error *err) {
    struct json_keys kept = {0};
    for (size_t i = 0; i < j->keys.count; i++) {
        const struct json_key *key = &j->keys.list[i];
        if (key->is_opened && !key->has_value)
            continue;
        struct json_key *copy = json_keys_get(&kept, key->name, true);
        if (copy == NULL) {
            json_keys_clear(&kept);
            return pd_fail_memory(err);
        }
        copy->filled = key->filled;
    }
    json_keys_clear(&j->keys);
    j->keys = kept;
    return PD_OK;
}

/* The keys as the dialect's names, so that another reader can be given them. */
static enum pd_status keep_names(struct table_reader *r, struct pd_error *err) {
    struct json_keys *keys = &r->json->keys;
    pd_str *views = calloc(keys->count + 1, sizeof(*views));
    if (views == NULL)
        return pd_fail_memory(err);
    for (size_t i = 0; i < keys->count; i++)
        views[i] = keys->list[i].name;
    enum pd_status status = table_names_copy(views, keys->count, &r->dialect.names, err);
    free(views);
    if (status == PD_OK)
        r->dialect.name_count = keys->count;
    return status;
}

static void tell_survey(struct table_reader *r) {
    struct table_json *j = r->json;
    struct table_dialect *d = &r->dialect;
    size_t everywhere = 0;
    for (size_t i = 0; i < j->keys.count; i++)
        everywhere += j->keys.list[i].filled == j->records;
    snprintf(d->header_evidence, sizeof(d->header_evidence),
             "the columns are the keys of all records, %zu of %zu in every record; objects within "
             "records are opened (a.b), lists are kept as JSON",
             everywhere, j->keys.count);
    if (d->records[0] != '\0')
        snprintf(d->evidence, sizeof(d->evidence),
                 "JSON: the member \"%s\" of an object holds the records; its other members are "
                 "not read",
                 d->records);
}

static enum pd_status check_end(const struct table_reader *r, struct pd_error *err) {
    const struct table_json *j = r->json;
    if (!json_scan_is_whole(&j->scan))
        return pd_fail(err, PD_INVALID,
                       "line %" PRIu64 ", column %" PRIu64
                       ": the input ends within the JSON text, with %u brackets open%s",
                       r->line, column_at(r, r->scanned), j->scan.depth,
                       j->in_record ? " in a record" : "");
    if (j->records > 0)
        return PD_OK;
    if (r->dialect.form == TABLE_JSON && r->dialect.records[0] != '\0')
        return pd_fail(err, PD_INVALID, "the object has no list of records \"%s\"",
                       r->dialect.records);
    return pd_fail(err, PD_INVALID, "the JSON text holds no list of records (objects)");
}

/* Reads the text that was kept once more, now for its rows. */
static enum pd_status read_again(struct table_reader *r, struct pd_error *err) {
    struct table_json *j = r->json;
    j->is_survey = false;
    j->is_known = true;
    j->scan = (struct json_scan){.keeps_keys = true};
    j->records = 0;
    j->in_list = j->had_list = j->had_top = j->in_record = false;
    j->first_of = 0;
    memset(j->path_len, 0, sizeof(j->path_len));
    for (size_t i = 0; i < j->keys.count; i++)
        j->keys.list[i].seen = 0;
    size_t bom = table_dialect_bom((pd_str){r->text, r->len});
    r->scanned = r->batch_start = bom;
    r->line = r->record_line = 1;
    r->line_at = bom;
    r->after_cr = false;
    return table_json_scan(r, err);
}

enum pd_status table_json_finish(struct table_reader *r, struct pd_error *err) {
    struct table_json *j = r->json;
    enum pd_status status = check_end(r, err);
    if (status != PD_OK)
        return status;
    if (j->is_survey) {
        status = settle_keys(j, err);
        if (status == PD_OK)
            status = keep_names(r, err);
        if (status == PD_OK)
            tell_survey(r);
        if (status != PD_OK || j->is_dropped)
            return status;
        status = read_again(r, err);
        if (status != PD_OK)
            return status;
    }
    if (!r->has_header)
        status = tell_header(r, err);
    return status == PD_OK && r->rows > 0 ? table_record_hand_out(r, r->scanned, err) : status;
}
