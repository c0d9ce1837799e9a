/* What a Parquet file says of itself, at its end (parquet.thrift of apache/parquet-format). */
#include "table/parquet_impl.h"

#include <inttypes.h>
#include <string.h>

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))

/* ---- Shapes ---- */

struct unit {
    uint32_t has; /* 1 milliseconds, 2 microseconds, 3 nanoseconds */
};
struct logical_time {
    uint32_t has;
    bool is_utc;
    struct unit unit;
};
struct logical_decimal {
    uint32_t has;
    int64_t scale;
};
struct logical_integer {
    uint32_t has;
    int64_t bits;
    bool is_signed;
};
struct logical { /* a union: the one bit in `has` says which */
    uint32_t has;
    struct logical_decimal decimal;
    struct logical_time time, timestamp;
    struct logical_integer integer;
    struct unit other;
};
struct element { /* SchemaElement */
    uint32_t has;
    int64_t type, type_length, repetition, children, converted, scale;
    pd_str name;
    struct logical logical;
};
struct footer { /* FileMetaData */
    uint32_t has;
    struct thrift_list schema, groups;
    int64_t rows;
    struct unit encryption;
};
struct chunk_place { /* ColumnChunk */
    uint32_t has;
    pd_str file;
    struct parquet_chunk chunk;
    struct unit crypto;
};

#define FIELD(id, kind, of, member)                                                                \
    { id, kind, offsetof(struct of, member), NULL }
#define NESTED(id, of, member, shape)                                                              \
    { id, THRIFT_STRUCT, offsetof(struct of, member), shape }
#define SHAPE(name, ...)                                                                           \
    static const struct thrift_field name##_fields[] = {__VA_ARGS__};                              \
    static const struct thrift_shape name = {name##_fields, COUNT(name##_fields)}

static const struct thrift_field NOTHING_FIELDS[] = {{0, THRIFT_INTEGER, 0, NULL}};
static const struct thrift_shape NOTHING = {NOTHING_FIELDS, 0};
SHAPE(UNIT, NESTED(1, unit, has, &NOTHING), NESTED(2, unit, has, &NOTHING),
      NESTED(3, unit, has, &NOTHING));
SHAPE(LOGICAL_TIME, FIELD(1, THRIFT_BOOLEAN, logical_time, is_utc),
      NESTED(2, logical_time, unit, &UNIT));
SHAPE(LOGICAL_DECIMAL, FIELD(1, THRIFT_INTEGER, logical_decimal, scale));
SHAPE(LOGICAL_INTEGER, FIELD(1, THRIFT_INTEGER, logical_integer, bits),
      FIELD(2, THRIFT_BOOLEAN, logical_integer, is_signed));
#define OTHER(id) NESTED(id, logical, other, &NOTHING)
SHAPE(LOGICAL, OTHER(1), OTHER(4), NESTED(5, logical, decimal, &LOGICAL_DECIMAL), OTHER(6),
      NESTED(7, logical, time, &LOGICAL_TIME), NESTED(8, logical, timestamp, &LOGICAL_TIME),
      NESTED(10, logical, integer, &LOGICAL_INTEGER), OTHER(11), OTHER(12), OTHER(13), OTHER(14),
      OTHER(15), OTHER(16), OTHER(17), OTHER(18));
SHAPE(ELEMENT, FIELD(1, THRIFT_INTEGER, element, type),
      FIELD(2, THRIFT_INTEGER, element, type_length), FIELD(3, THRIFT_INTEGER, element, repetition),
      FIELD(4, THRIFT_BYTES, element, name), FIELD(5, THRIFT_INTEGER, element, children),
      FIELD(6, THRIFT_INTEGER, element, converted), FIELD(7, THRIFT_INTEGER, element, scale),
      NESTED(10, element, logical, &LOGICAL));
SHAPE(FOOTER, FIELD(2, THRIFT_LIST, footer, schema), FIELD(3, THRIFT_INTEGER, footer, rows),
      FIELD(4, THRIFT_LIST, footer, groups), NESTED(8, footer, encryption, &NOTHING));
SHAPE(GROUP, FIELD(1, THRIFT_LIST, parquet_group, chunks),
      FIELD(3, THRIFT_INTEGER, parquet_group, rows));
SHAPE(STATISTICS, FIELD(1, THRIFT_BYTES, parquet_statistics, max),
      FIELD(2, THRIFT_BYTES, parquet_statistics, min),
      FIELD(3, THRIFT_INTEGER, parquet_statistics, null_count),
      FIELD(5, THRIFT_BYTES, parquet_statistics, max_value),
      FIELD(6, THRIFT_BYTES, parquet_statistics, min_value));
SHAPE(CHUNK, FIELD(1, THRIFT_INTEGER, parquet_chunk, type),
      FIELD(4, THRIFT_INTEGER, parquet_chunk, codec),
      FIELD(5, THRIFT_INTEGER, parquet_chunk, values),
      FIELD(7, THRIFT_INTEGER, parquet_chunk, compressed_bytes),
      FIELD(9, THRIFT_INTEGER, parquet_chunk, data_at),
      FIELD(10, THRIFT_INTEGER, parquet_chunk, index_at),
      FIELD(11, THRIFT_INTEGER, parquet_chunk, dictionary_at),
      NESTED(12, parquet_chunk, statistics, &STATISTICS));
SHAPE(PLACE, FIELD(1, THRIFT_BYTES, chunk_place, file), NESTED(3, chunk_place, chunk, &CHUNK),
      NESTED(8, chunk_place, crypto, &NOTHING));

/* ---- Columns ---- */

enum {
    IS_BOOLEAN = 1 << TABLE_PARQUET_BOOLEAN,
    IS_INT32 = 1 << TABLE_PARQUET_INT32,
    IS_INT64 = 1 << TABLE_PARQUET_INT64,
    IS_BYTES = 1 << TABLE_PARQUET_BYTES,
    IS_FIXED = 1 << TABLE_PARQUET_FIXED_BYTES,
    IS_ANY = 0xff
};

/* What converted types (the older way) and logical types mean, and of which types they may be. */
static const struct meaning {
    enum table_parquet_meaning is;
    unsigned types, width, digits;
} CONVERTED[] =
    {
        [0] = {TABLE_PARQUET_TEXT, IS_BYTES | IS_FIXED, 0, 0}, /* UTF8 */
        [4] = {TABLE_PARQUET_TEXT, IS_BYTES | IS_FIXED, 0, 0}, /* ENUM */
        [5] = {TABLE_PARQUET_DECIMAL, IS_INT32 | IS_INT64 | IS_BYTES | IS_FIXED, 0, 0},
        [6] = {TABLE_PARQUET_DATE, IS_INT32, 0, 0},
        [7] = {TABLE_PARQUET_TIME, IS_INT32, 0, 3},
        [8] = {TABLE_PARQUET_TIME, IS_INT64, 0, 6},
        [9] = {TABLE_PARQUET_TIMESTAMP, IS_INT64, 0, 3},
        [10] = {TABLE_PARQUET_TIMESTAMP, IS_INT64, 0, 6},
        [11] = {TABLE_PARQUET_UNSIGNED, IS_INT32, 0, 0}, /* UINT_8 to UINT_64 */
        [12] = {TABLE_PARQUET_UNSIGNED, IS_INT32, 0, 0},
        [13] = {TABLE_PARQUET_UNSIGNED, IS_INT32, 0, 0},
        [14] = {TABLE_PARQUET_UNSIGNED, IS_INT64, 0, 0},
        [15] = {TABLE_PARQUET_PLAIN, IS_INT32, 0, 0}, /* INT_8 to INT_64 */
        [16] = {TABLE_PARQUET_PLAIN, IS_INT32, 0, 0},
        [17] = {TABLE_PARQUET_PLAIN, IS_INT32, 0, 0},
        [18] = {TABLE_PARQUET_PLAIN, IS_INT64, 0, 0},
        [19] = {TABLE_PARQUET_TEXT, IS_BYTES | IS_FIXED, 0, 0}, /* JSON */
        [20] = {TABLE_PARQUET_BINARY, IS_BYTES | IS_FIXED, 0, 0},
        [21] = {TABLE_PARQUET_INTERVAL, IS_FIXED, 12, 0},
},
  LOGICALS[] = {
      [1] = {TABLE_PARQUET_TEXT, IS_BYTES | IS_FIXED, 0, 0}, /* STRING */
      [4] = {TABLE_PARQUET_TEXT, IS_BYTES | IS_FIXED, 0, 0}, /* ENUM */
      [5] = {TABLE_PARQUET_DECIMAL, IS_INT32 | IS_INT64 | IS_BYTES | IS_FIXED, 0, 0},
      [6] = {TABLE_PARQUET_DATE, IS_INT32, 0, 0},
      [7] = {TABLE_PARQUET_TIME, IS_INT32 | IS_INT64, 0, 0},
      [8] = {TABLE_PARQUET_TIMESTAMP, IS_INT64, 0, 0},
      [10] = {TABLE_PARQUET_PLAIN, IS_INT32 | IS_INT64, 0, 0},
      [11] = {TABLE_PARQUET_PLAIN, IS_ANY, 0, 0},             /* UNKNOWN: no value at all */
      [12] = {TABLE_PARQUET_TEXT, IS_BYTES | IS_FIXED, 0, 0}, /* JSON */
      [13] = {TABLE_PARQUET_BINARY, IS_BYTES | IS_FIXED, 0, 0},
      [14] = {TABLE_PARQUET_UUID, IS_FIXED, 16, 0},
      [15] = {TABLE_PARQUET_FLOAT16, IS_FIXED, 2, 0},
      [16] = {TABLE_PARQUET_BINARY, IS_BYTES | IS_FIXED, 0, 0}, /* VARIANT */
      [17] = {TABLE_PARQUET_BINARY, IS_BYTES | IS_FIXED, 0, 0}, /* GEOMETRY, GEOGRAPHY */
      [18] = {TABLE_PARQUET_BINARY, IS_BYTES | IS_FIXED, 0, 0},
};

static unsigned unit_digits(const struct unit *unit) {
    return (unit->has & THRIFT_HAS(1)) != 0 ? 3 : (unit->has & THRIFT_HAS(2)) != 0 ? 6 : 9;
}

/* The entry of a table for what was said, or NULL; what a newer version of the format may mean is
   read as its type. */
static const struct meaning *find_meaning(const struct element *e) {
    for (size_t id = 1; id < COUNT(LOGICALS); id++)
        if ((e->logical.has & THRIFT_HAS(id)) != 0)
            return &LOGICALS[id];
    bool is_known = (e->has & THRIFT_HAS(6)) != 0 && e->converted >= 0 &&
                    (size_t)e->converted < COUNT(CONVERTED);
    return is_known && CONVERTED[e->converted].types != 0 ? &CONVERTED[e->converted] : NULL;
}

static enum pd_status set_meaning(struct table_parquet_column *c, const struct element *e,
                                  struct pd_error *err) {
    const struct meaning *m = find_meaning(e);
    if (m == NULL)
        return PD_OK;
    if ((m->types & 1U << c->type) == 0 || (m->width != 0 && c->width != m->width))
        return pd_fail(err, PD_INVALID,
                       "column \"%.*s\": what it says its values mean does not fit how they are "
                       "stored; the file is damaged",
                       pd_arg(c->name));
    c->meaning = m->is;
    c->digits = m->digits;
    const struct logical *l = &e->logical;
    const struct logical_time *time = m->is == TABLE_PARQUET_TIME        ? &l->time
                                      : m->is == TABLE_PARQUET_TIMESTAMP ? &l->timestamp
                                                                         : NULL;
    if (time != NULL && time->has != 0) {
        c->is_utc = time->is_utc;
        c->digits = unit_digits(&time->unit);
    }
    if ((l->has & THRIFT_HAS(10)) != 0 && !l->integer.is_signed)
        c->meaning = TABLE_PARQUET_UNSIGNED;
    if (m->is != TABLE_PARQUET_DECIMAL)
        return PD_OK;
    int64_t scale = (l->has & THRIFT_HAS(5)) != 0 ? l->decimal.scale : e->scale;
    if (scale < 0 || scale > 1000)
        return pd_fail(err, PD_INVALID,
                       "column \"%.*s\": a decimal with %" PRId64
                       " digits after the point; the file is damaged",
                       pd_arg(c->name), scale);
    c->digits = (unsigned)scale;
    return PD_OK;
}

static enum pd_status refuse_nested(const struct element *e, struct pd_error *err) {
    return pd_fail(err, PD_UNSUPPORTED,
                   "its column \"%.*s\" is nested (%s), and a table has one value in each cell: "
                   "write a flat copy of it, for example with SQL's UNNEST, and name that",
                   pd_arg(e->name),
                   e->children > 0 ? "it has columns of its own: a list, a map or a struct"
                                   : "several values in each row");
}

static enum pd_status set_column(struct table_parquet_column *c, const struct element *e,
                                 struct pd_error *err) {
    static const struct {
        enum table_parquet_type is;
        size_t width;
    } types[] = {{TABLE_PARQUET_BOOLEAN, 1}, {TABLE_PARQUET_INT32, 4},
                 {TABLE_PARQUET_INT64, 8},   {TABLE_PARQUET_INT96, 12},
                 {TABLE_PARQUET_FLOAT, 4},   {TABLE_PARQUET_DOUBLE, 8},
                 {TABLE_PARQUET_BYTES, 0},   {TABLE_PARQUET_FIXED_BYTES, 0}};
    if (!pd_utf8_valid(e->name, NULL) || pd_str_find_char(e->name, '\0') != PD_NPOS)
        return pd_fail(err, PD_INVALID, "the name of a column is not UTF-8; the file is damaged");
    if (e->children > 0 || e->repetition == 2)
        return refuse_nested(e, err);
    if ((e->has & THRIFT_HAS(1)) == 0 || e->type < 0 || (size_t)e->type >= COUNT(types) ||
        e->repetition < 0 || e->repetition > 2)
        return pd_fail(err, PD_INVALID, "column \"%.*s\" is of no known type; the file is damaged",
                       pd_arg(e->name));
    *c = (struct table_parquet_column){.name = e->name,
                                       .type = types[e->type].is,
                                       .width = types[e->type].width,
                                       .is_optional = e->repetition == 1};
    if (c->type == TABLE_PARQUET_FIXED_BYTES) {
        if (e->type_length < 1 || (uint64_t)e->type_length > PARQUET_CELL_MAX)
            return pd_fail(err, PD_INVALID,
                           "column \"%.*s\": values of %" PRId64 " bytes; the file is damaged",
                           pd_arg(e->name), e->type_length);
        c->width = (size_t)e->type_length;
    }
    return set_meaning(c, e, err);
}

static enum pd_status read_columns(struct table_parquet *p, const struct thrift_list *schema,
                                   struct pd_error *err) {
    if (schema->count < 2)
        return pd_fail(err, PD_INVALID, "it has no columns");
    if (schema->count - 1 > PARQUET_COLUMNS_MAX)
        return pd_fail(err, PD_LIMIT, "it has more than %d columns", PARQUET_COLUMNS_MAX);
    p->columns = pd_arena_array(p->arena, schema->count, sizeof(*p->columns));
    if (p->columns == NULL)
        return pd_fail_memory(err);
    struct thrift_reader r = thrift_list_reader(schema);
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < schema->count; i++) {
        struct element e = {.repetition = 0};
        thrift_read(&r, &ELEMENT, &e);
        if (r.failed)
            st = pd_fail(err, PD_INVALID, "what it says of its columns is damaged");
        else if (i > 0) /* the first is the table itself */
            st = set_column(&p->columns[i - 1], &e, err);
    }
    p->column_count = schema->count - 1;
    return st;
}

/* ---- Row groups ---- */

static enum pd_status read_groups(struct table_parquet *p, const struct footer *f,
                                  struct pd_error *err) {
    p->groups = pd_arena_array(p->arena, f->groups.count, sizeof(*p->groups));
    if (p->groups == NULL)
        return pd_fail_memory(err);
    struct thrift_reader r = thrift_list_reader(&f->groups);
    uint64_t rows = 0;
    for (size_t i = 0; i < f->groups.count; i++) {
        struct parquet_group *g = &p->groups[i];
        thrift_read(&r, &GROUP, g);
        if (r.failed || g->rows < 0 || __builtin_add_overflow(rows, (uint64_t)g->rows, &rows))
            return pd_fail(err, PD_INVALID, "what it says of row group %zu is damaged", i + 1);
        if (g->chunks.count != p->column_count)
            return pd_fail(err, PD_INVALID,
                           "row group %zu has %zu columns, and the file %zu; it is damaged", i + 1,
                           g->chunks.count, p->column_count);
    }
    p->group_count = f->groups.count;
    p->rows = rows;
    if (f->rows < 0 || (uint64_t)f->rows != rows)
        return pd_fail(err, PD_INVALID,
                       "it says that it has %" PRId64 " rows, but its row groups have %" PRIu64
                       "; it is damaged",
                       f->rows, rows);
    return PD_OK;
}

static enum pd_status check_chunk(const struct table_parquet *p, const struct parquet_group *g,
                                  size_t column, struct chunk_place *place,
                                  struct parquet_chunk *out, struct pd_error *err) {
    pd_str name = p->columns[column].name;
    struct parquet_chunk *c = &place->chunk;
    if (place->file.len > 0)
        return pd_fail(err, PD_UNSUPPORTED,
                       "column \"%.*s\" is in another file; write it as one file", pd_arg(name));
    if ((place->has & THRIFT_HAS(8)) != 0)
        return pd_fail(err, PD_UNSUPPORTED,
                       "column \"%.*s\" is encrypted; decrypt it and name that copy", pd_arg(name));
    int64_t start = c->data_at, end;
    if (c->dictionary_at > 0 && c->dictionary_at < start)
        start = c->dictionary_at;
    bool is_inside = g->rows == 0 || (start >= 4 && c->compressed_bytes >= 0 &&
                                      pd_add_i64(start, c->compressed_bytes, &end) &&
                                      (uint64_t)end <= p->input.size);
    if ((place->has & THRIFT_HAS(3)) == 0 || c->values != g->rows || !is_inside ||
        c->type != (int64_t)p->columns[column].type)
        return pd_fail(err, PD_INVALID, "what it says of column \"%.*s\" is damaged", pd_arg(name));
    *out = *c;
    out->data_at = start;
    return PD_OK;
}

enum pd_status parquet_group_chunks(const struct table_parquet *parquet, size_t group,
                                    struct parquet_chunk *out, struct pd_error *err) {
    const struct parquet_group *g = &parquet->groups[group];
    struct thrift_reader r = thrift_list_reader(&g->chunks);
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < parquet->column_count; i++) {
        struct chunk_place place = {.has = 0};
        thrift_read(&r, &PLACE, &place);
        st = r.failed ? pd_fail(err, PD_INVALID, "what it says of its columns is damaged")
                      : check_chunk(parquet, g, i, &place, &out[i], err);
    }
    return st == PD_OK ? PD_OK : pd_wrap(err, "row group %zu", group + 1);
}

/* ---- The footer ---- */

/* Ends in the length of the metadata before it (4 bytes) and the letters PAR1. */
enum { TAIL = 8 };

static enum pd_status find_footer(struct table_parquet *p, pd_str *out, struct pd_error *err) {
    unsigned char tail[TAIL];
    uint64_t size = p->input.size;
    if (size < 4 + TAIL)
        return pd_fail(err, PD_INVALID, "it is too short to be a Parquet file; it is cut off");
    enum pd_status st = p->input.read(p->input.context, size - TAIL, tail, TAIL, err);
    if (st != PD_OK)
        return st;
    if (memcmp(tail + 4, "PARE", 4) == 0)
        return pd_fail(err, PD_UNSUPPORTED, "it is encrypted; decrypt it and name that copy");
    if (memcmp(tail + 4, "PAR1", 4) != 0)
        return pd_fail(err, PD_INVALID,
                       "it does not end as a Parquet file does; it is damaged or cut off");
    uint64_t n =
        tail[0] | (uint64_t)tail[1] << 8 | (uint64_t)tail[2] << 16 | (uint64_t)tail[3] << 24;
    if (n == 0 || n > size - 4 - TAIL)
        return pd_fail(err, PD_INVALID,
                       "the length of what it says of itself is wrong; it is "
                       "damaged");
    if (n > PARQUET_FOOTER_MAX)
        return pd_fail(err, PD_LIMIT, "what it says of itself takes more than %u MiB",
                       (unsigned)(PARQUET_FOOTER_MAX >> 20));
    char *bytes = pd_arena_alloc(p->arena, (size_t)n);
    if (bytes == NULL)
        return pd_fail_memory(err);
    *out = (pd_str){bytes, (size_t)n};
    return p->input.read(p->input.context, size - TAIL - n, bytes, (size_t)n, err);
}

enum pd_status parquet_footer_read(struct table_parquet *parquet, struct pd_error *err) {
    pd_str bytes;
    enum pd_status st = find_footer(parquet, &bytes, err);
    if (st != PD_OK)
        return st;
    struct footer f = {.has = 0};
    struct thrift_reader r = thrift_reader_of(bytes);
    thrift_read(&r, &FOOTER, &f);
    if ((f.has & THRIFT_HAS(8)) != 0)
        return pd_fail(err, PD_UNSUPPORTED, "it is encrypted; decrypt it and name that copy");
    if (r.failed || (f.has & THRIFT_HAS(2)) == 0)
        return pd_fail(err, PD_INVALID, "what it says of itself is damaged");
    st = read_columns(parquet, &f.schema, err);
    return st == PD_OK ? read_groups(parquet, &f, err) : st;
}
