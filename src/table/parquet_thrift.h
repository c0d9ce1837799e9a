/* Thrift's compact protocol, which Parquet writes its metadata in: structs read by tables of their
 * fields, without a copy. Bounded by the bytes that are there, and in depth. */
#ifndef POLDER_TABLE_PARQUET_THRIFT_H
#define POLDER_TABLE_PARQUET_THRIFT_H

#include "base/base.h"

struct thrift_reader {
    const unsigned char *at, *end;
    bool failed; /* cut off, nested too deep, or not what it should be; it reads no further */
};

/* A list that stands in what is read: looked at, element by element, when it is wanted. */
struct thrift_list {
    pd_str bytes;
    size_t count;
    unsigned type; /* of its elements */
};

enum thrift_kind {
    THRIFT_INTEGER, /* int64_t */
    THRIFT_BOOLEAN, /* bool */
    THRIFT_BYTES,   /* pd_str */
    THRIFT_LIST,    /* struct thrift_list */
    THRIFT_STRUCT   /* a struct of `shape` */
};
/* Structs that are read into begin with `uint32_t has`: a bit for each field that was there. */
struct thrift_shape {
    const struct thrift_field {
        unsigned id; /* 1 to 31 */
        enum thrift_kind kind;
        size_t offset;
        const struct thrift_shape *shape;
    } * fields;
    size_t count;
};
#define THRIFT_HAS(id) (UINT32_C(1) << (id))

struct thrift_reader thrift_reader_of(pd_str bytes);
/* Reads a struct; fields that the shape doesn't name are passed over. */
void thrift_read(struct thrift_reader *r, const struct thrift_shape *shape, void *out);
/* The elements of a list, which must be structs; PD_NPOS bytes are an error that `r` remembers. */
struct thrift_reader thrift_list_reader(const struct thrift_list *list);

/* The writer's side: a struct at a time, its fields in ascending order. */
struct thrift_writer {
    struct pd_buf *out;
    unsigned last[8]; /* field ids, by depth */
    size_t depth;
};
void thrift_write_integer(struct thrift_writer *w, unsigned id, unsigned bits, int64_t value);
void thrift_write_boolean(struct thrift_writer *w, unsigned id, bool value);
void thrift_write_bytes(struct thrift_writer *w, unsigned id, pd_str bytes);
void thrift_write_struct(struct thrift_writer *w, unsigned id); /* id 0: of a list, or outermost */
void thrift_write_end(struct thrift_writer *w);
enum { THRIFT_OF_INTEGERS = 5, THRIFT_OF_BYTES = 8, THRIFT_OF_STRUCTS = 12 };
void thrift_write_list(struct thrift_writer *w, unsigned id, unsigned of, size_t count);
/* Elements of a list of integers or bytes. */
void thrift_write_element(struct thrift_writer *w, int64_t value);
void thrift_write_element_bytes(struct thrift_writer *w, pd_str bytes);

#endif
