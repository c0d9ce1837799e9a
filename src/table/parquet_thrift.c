/* Thrift's compact protocol: github.com/apache/thrift, doc/specs/thrift-compact-protocol.md. */
#include "table/parquet_thrift.h"

#include <string.h>

enum type {
    TYPE_STOP,
    TYPE_TRUE,
    TYPE_FALSE,
    TYPE_I8,
    TYPE_I16,
    TYPE_I32,
    TYPE_I64,
    TYPE_DOUBLE,
    TYPE_BYTES,
    TYPE_LIST,
    TYPE_SET,
    TYPE_MAP,
    TYPE_STRUCT,
    TYPE_UUID
};
enum { DEPTH_MAX = 24 };

struct thrift_reader thrift_reader_of(pd_str bytes) {
    const unsigned char *at = (const unsigned char *)bytes.data;
    return (struct thrift_reader){.at = at, .end = bytes.len > 0 ? at + bytes.len : at};
}

/* ---- What values are made of ---- */

static unsigned take_byte(struct thrift_reader *r) {
    if (r->failed || r->at == r->end) {
        r->failed = true;
        return 0;
    }
    return *r->at++;
}

static uint64_t take_varint(struct thrift_reader *r) {
    uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
        unsigned byte = take_byte(r);
        value |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return value;
    }
    r->failed = true;
    return 0;
}

static int64_t take_zigzag(struct thrift_reader *r) {
    uint64_t value = take_varint(r);
    return (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
}

static pd_str take_bytes(struct thrift_reader *r, uint64_t n) {
    if (r->failed || n > (uint64_t)(r->end - r->at)) {
        r->failed = true;
        return (pd_str){NULL, 0};
    }
    pd_str bytes = {(const char *)r->at, (size_t)n};
    r->at += n;
    return bytes;
}

/* Type and number of the elements of a list or set; each takes a byte at least. */
static size_t take_list_head(struct thrift_reader *r, unsigned *type) {
    unsigned head = take_byte(r);
    uint64_t count = head >> 4 == 15 ? take_varint(r) : head >> 4;
    *type = head & 15;
    if (count > (uint64_t)(r->end - r->at))
        r->failed = true;
    return r->failed ? 0 : (size_t)count;
}

/* The head of the next field; false at the end of the struct. */
static bool take_field(struct thrift_reader *r, unsigned *id, unsigned *type) {
    unsigned head = take_byte(r);
    if (r->failed || head == TYPE_STOP)
        return false;
    *type = head & 15;
    int64_t next = head >> 4 == 0 ? take_zigzag(r) : (int64_t)*id + (head >> 4);
    if (next < 0 || next > INT16_MAX)
        r->failed = true;
    *id = (unsigned)next;
    return !r->failed;
}

/* ---- Passing over ---- */

static void skip(struct thrift_reader *r, unsigned type, int depth);

static void skip_struct(struct thrift_reader *r, int depth) {
    unsigned id = 0, type;
    while (take_field(r, &id, &type))
        if (type > TYPE_FALSE)
            skip(r, type, depth);
}

static void skip_many(struct thrift_reader *r, unsigned type, size_t count, int depth) {
    for (size_t i = 0; i < count && !r->failed; i++)
        skip(r, type, depth);
}

static void skip_map(struct thrift_reader *r, int depth) {
    uint64_t count = take_varint(r);
    if (count == 0)
        return;
    unsigned types = take_byte(r);
    if (count > (uint64_t)(r->end - r->at))
        r->failed = true;
    for (uint64_t i = 0; i < count && !r->failed; i++) {
        skip(r, types >> 4, depth);
        skip(r, types & 15, depth);
    }
}

static void skip(struct thrift_reader *r, unsigned type, int depth) {
    if (depth == DEPTH_MAX) {
        r->failed = true;
        return;
    }
    unsigned of;
    size_t count;
    switch (type) {
    case TYPE_TRUE:
    case TYPE_FALSE: /* as an element it takes a byte */
    case TYPE_I8:
        take_byte(r);
        break;
    case TYPE_I16:
    case TYPE_I32:
    case TYPE_I64:
        take_varint(r);
        break;
    case TYPE_DOUBLE:
        take_bytes(r, 8);
        break;
    case TYPE_BYTES:
        take_bytes(r, take_varint(r));
        break;
    case TYPE_LIST:
    case TYPE_SET:
        count = take_list_head(r, &of);
        skip_many(r, of, count, depth + 1);
        break;
    case TYPE_MAP:
        skip_map(r, depth + 1);
        break;
    case TYPE_STRUCT:
        skip_struct(r, depth + 1);
        break;
    case TYPE_UUID:
        take_bytes(r, 16);
        break;
    default:
        r->failed = true;
    }
}

/* ---- Reading ---- */

static void read_struct(struct thrift_reader *r, const struct thrift_shape *shape, void *out,
                        int depth);

static void read_list(struct thrift_reader *r, struct thrift_list *out, int depth) {
    out->count = take_list_head(r, &out->type);
    const unsigned char *from = r->at;
    skip_many(r, out->type, out->count, depth + 1);
    out->bytes = (pd_str){(const char *)from, r->failed ? 0 : (size_t)(r->at - from)};
}

static bool read_field(struct thrift_reader *r, const struct thrift_field *field, unsigned type,
                       void *out, int depth) {
    switch (field->kind) {
    case THRIFT_BOOLEAN:
        if (type != TYPE_TRUE && type != TYPE_FALSE)
            return false;
        *(bool *)out = type == TYPE_TRUE;
        return true;
    case THRIFT_INTEGER:
        if (type < TYPE_I8 || type > TYPE_I64)
            return false;
        *(int64_t *)out = type == TYPE_I8 ? (int8_t)take_byte(r) : take_zigzag(r);
        return true;
    case THRIFT_BYTES:
        if (type != TYPE_BYTES)
            return false;
        *(pd_str *)out = take_bytes(r, take_varint(r));
        return true;
    case THRIFT_LIST:
        if (type != TYPE_LIST && type != TYPE_SET)
            return false;
        read_list(r, out, depth);
        return true;
    case THRIFT_STRUCT:
        if (type != TYPE_STRUCT)
            return false;
        read_struct(r, field->shape, out, depth + 1);
        return true;
    }
    return false;
}

static void read_struct(struct thrift_reader *r, const struct thrift_shape *shape, void *out,
                        int depth) {
    uint32_t *has = out;
    unsigned id = 0, type;
    while (take_field(r, &id, &type)) {
        const struct thrift_field *field = NULL;
        for (size_t i = 0; i < shape->count; i++)
            field = shape->fields[i].id == id ? &shape->fields[i] : field;
        if (field == NULL) {
            if (type > TYPE_FALSE)
                skip(r, type, depth + 1);
            continue;
        }
        if (!read_field(r, field, type, (char *)out + field->offset, depth))
            r->failed = true;
        *has |= THRIFT_HAS(id);
    }
}

void thrift_read(struct thrift_reader *r, const struct thrift_shape *shape, void *out) {
    read_struct(r, shape, out, 0);
}

struct thrift_reader thrift_list_reader(const struct thrift_list *list) {
    struct thrift_reader r = thrift_reader_of(list->bytes);
    r.failed = list->count > 0 && list->type != TYPE_STRUCT;
    return r;
}

/* ---- Writing ---- */

static void put_varint(struct pd_buf *out, uint64_t value) {
    for (; value >= 0x80; value >>= 7)
        pd_buf_char(out, (char)(unsigned char)(value | 0x80));
    pd_buf_char(out, (char)value);
}

static void put_zigzag(struct pd_buf *out, int64_t value) {
    put_varint(out, (uint64_t)value << 1 ^ (uint64_t)(value >> 63));
}

/* Ids ascend by less than 16 in all that is written. */
static void put_field(struct thrift_writer *w, unsigned id, unsigned type) {
    unsigned *last = &w->last[w->depth];
    pd_buf_char(w->out, (char)(unsigned char)((id - *last) << 4 | type));
    *last = id;
}

void thrift_write_integer(struct thrift_writer *w, unsigned id, unsigned bits, int64_t value) {
    put_field(w, id, bits == 8 ? TYPE_I8 : bits == 64 ? TYPE_I64 : TYPE_I32);
    if (bits == 8)
        pd_buf_char(w->out, (char)value);
    else
        put_zigzag(w->out, value);
}

void thrift_write_boolean(struct thrift_writer *w, unsigned id, bool value) {
    put_field(w, id, value ? TYPE_TRUE : TYPE_FALSE);
}

void thrift_write_bytes(struct thrift_writer *w, unsigned id, pd_str bytes) {
    put_field(w, id, TYPE_BYTES);
    thrift_write_element_bytes(w, bytes);
}

void thrift_write_struct(struct thrift_writer *w, unsigned id) {
    if (id != 0)
        put_field(w, id, TYPE_STRUCT);
    w->last[++w->depth] = 0;
}

void thrift_write_end(struct thrift_writer *w) {
    pd_buf_char(w->out, TYPE_STOP);
    w->depth--;
}

void thrift_write_list(struct thrift_writer *w, unsigned id, unsigned of, size_t count) {
    put_field(w, id, TYPE_LIST);
    pd_buf_char(w->out, (char)(unsigned char)((count < 15 ? count : 15) << 4 | of));
    if (count >= 15)
        put_varint(w->out, count);
}

void thrift_write_element(struct thrift_writer *w, int64_t value) {
    put_zigzag(w->out, value);
}

void thrift_write_element_bytes(struct thrift_writer *w, pd_str bytes) {
    put_varint(w->out, bytes.len);
    pd_buf_str(w->out, bytes);
}
