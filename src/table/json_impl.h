/**
 * JSON as a table: json_scan.c knows its grammar, json_record.c the cells of one record,
 * json_find.c which form a file has, json.c where records stand and who gets them. Never leaves the
 * folder.
 */
#ifndef POLDER_TABLE_JSON_IMPL_H
#define POLDER_TABLE_JSON_IMPL_H

#include "table/table_impl.h"

enum { JSON_DEPTH = 64, JSON_NAME_BYTES = 4096 };

/* ---- json_scan.c: RFC 8259, byte by byte ---- */

enum json_event {
    JSON_NOTHING,
    JSON_OPEN,  /* { or [: depth has grown */
    JSON_CLOSE, /* } or ]: depth has shrunk */
    JSON_KEY,   /* the closing quote of a key */
    JSON_VALUE, /* the first byte of a text, number or literal */
    JSON_WRONG  /* `wrong` says why */
};

struct json_scan {
    int state;
    unsigned depth;
    uint64_t objects; /* bit d: the container at depth d+1 is an object */
    bool is_key;
    const char *literal; /* what is left of true, false, null */
    unsigned hex;        /* digits of \uXXXX still to come */
    bool keeps_keys;     /* into key[]; cut at its size */
    char key[TABLE_PATH_BYTES];
    size_t key_len;
    const char *wrong;
};
enum json_event json_scan_byte(struct json_scan *scan, char c);
/** Whether the input may end here; a number at depth 0 may. */
bool json_scan_is_whole(const struct json_scan *scan);
/** Whether the innermost container is an object; depth > 0. */
bool json_scan_in_object(const struct json_scan *scan);
/** Whether the outermost `depth` containers are all objects. */
bool json_scan_in_objects(const struct json_scan *scan, unsigned depth);

/* ---- json_keys.c: the columns ---- */

struct json_key {
    pd_str name; /* owned */
    bool has_value;
    bool is_opened;  /* an object whose members have columns of their own */
    uint64_t seen;   /* number of the record that had it last */
    uint64_t filled; /* records that have it */
};
struct json_keys {
    struct json_key *list;
    size_t count, room;
    uint32_t *slots; /* hash table: index + 1 */
    size_t slot_count;
    size_t expected; /* the key that probably comes next */
};
/** The key of that name, added if `adds`; NULL when out of memory or unknown. */
struct json_key *json_keys_get(struct json_keys *keys, pd_str name, bool adds);
void json_keys_clear(struct json_keys *keys);

/* ---- json_record.c ---- */

/** One record, well-formed, that begins at text[at] with its brace. */
struct json_record {
    char *text;
    size_t at;
    uint64_t number; /* from 1 */
    struct json_keys *keys;
    /* Rows: cells of the columns; what cells hold is written into `text`. NULL:
       keys are looked for only, and the text stays as it is. */
    struct table_cell *cells;
    size_t batch_start;
    size_t columns_most;
    /* On failure: */
    size_t wrong_at;
};
enum pd_status json_record_take(struct json_record *record, struct pd_error *err);

/* ---- json_find.c ---- */

/** Settles dialect->form and, for JSON, its evidence. is_whole: nothing follows the sample. */
void table_json_find(pd_str sample, bool is_whole, struct table_dialect *dialect);

/* ---- json.c ---- */

enum pd_status table_json_new(struct table_reader *r, struct pd_error *err);
void table_json_free(struct table_json *json);
enum pd_status table_json_scan(struct table_reader *r, struct pd_error *err);
enum pd_status table_json_finish(struct table_reader *r, struct pd_error *err);
bool table_json_needs_again(const struct table_json *json);

#endif
