/**
 * The inside of schemas: declarations as written (cedar_schema_text.c and cedar_schema_json.c make
 * them), and the model that names are resolved into (cedar_schema.c).
 */
#ifndef POLDER_LAW_CEDAR_SCHEMA_IMPL_H
#define POLDER_LAW_CEDAR_SCHEMA_IMPL_H

#include "law/cedar_parser.h"
#include "law/cedar_schema.h"

/* ---- As written ---- */

/** What a name may stand for; JSON can say it, Cedar's syntax leaves it open. */
enum law_name_sort {
    LAW_NAME_COMMON = 1,
    LAW_NAME_ENTITY = 2,
    LAW_NAME_BUILTIN = 4, /* Long, Bool, ipaddr, ... */
    LAW_NAME_ANY = 7,
    LAW_NAME_EXTENSION = 8 /* only ipaddr, decimal, datetime, duration */
};
struct law_written_name {
    pd_str name; /* "A::B" or "B" */
    size_t offset;
};
struct law_names {
    const struct law_written_name *list;
    size_t count;
};

enum law_written_kind { LAW_WRITTEN_NAME, LAW_WRITTEN_SET, LAW_WRITTEN_RECORD };
struct law_written { /* a type */
    enum law_written_kind kind;
    size_t offset;
    unsigned sorts;                    /* NAME: enum law_name_sort */
    pd_str name;                       /* NAME */
    const struct law_written *element; /* SET */
    const struct law_written_member *members;
    size_t member_count;
};
struct law_written_member {
    pd_str name;
    size_t offset;
    bool is_optional;
    struct law_written type;
};
struct law_written_group {
    struct law_uid uid; /* without a type: of the namespace's own actions */
    size_t offset;
};

enum law_declaration_kind { LAW_DECLARES_COMMON, LAW_DECLARES_ENTITY, LAW_DECLARES_ACTION };
struct law_declaration {
    enum law_declaration_kind kind;
    pd_str space; /* the namespace; empty outside of any */
    pd_str name;  /* without it; an action's id */
    pd_str full;  /* with it: "A::B"; of actions: what sets them apart */
    struct law_uid action;
    size_t offset;
    const struct law_written
        *type; /* what a common type is, an entity's shape, an action's context */
    const struct law_written *tags;
    struct law_names parents; /* entity */
    bool is_enum;
    const pd_str *ids; /* enum */
    size_t id_count;
    const struct law_written_group *groups; /* action */
    size_t group_count;
    struct law_names principals, resources;
    size_t index;                    /* in the model, among its kind */
    const struct law_type *resolved; /* common types: once known */
    bool is_open;                    /* its type is being resolved: met again, it is a circle */
};

/** Fails at a byte of the text. Returns false. */
PD_PRINTF(3, 4)
bool law_schema_fail(struct law_parser *p, size_t offset, const char *format, ...);
/** Adds to `list` of struct law_declaration; false at the limit. */
bool law_declaration_add(struct law_parser *p, struct law_list *list,
                         const struct law_declaration *declaration);
/** "A::B", or "B" if `space` is empty; empty data on failure. */
pd_str law_name_join(struct law_parser *p, pd_str space, pd_str name);

/** Both read the text of `p` into `list`; `p` then holds the status. */
bool law_schema_read_text(struct law_parser *p, struct law_list *list);
bool law_schema_read_json(struct law_parser *p, struct law_list *list);

/* ---- The model ---- */

enum law_type_kind {
    LAW_TYPE_BOOL,
    LAW_TYPE_TRUE, /* of an expression: it can be nothing else */
    LAW_TYPE_FALSE,
    LAW_TYPE_LONG,
    LAW_TYPE_STRING,
    LAW_TYPE_DECIMAL,
    LAW_TYPE_IP,
    LAW_TYPE_DATETIME,
    LAW_TYPE_DURATION,
    LAW_TYPE_ENTITY,
    LAW_TYPE_SET,
    LAW_TYPE_RECORD
};
struct law_type {
    enum law_type_kind kind;
    size_t size; /* parts, written out */
    union {
        pd_str entity;
        const struct law_type *element;
        struct {
            const struct law_attribute *list; /* by name, each once */
            size_t count;
        } attributes;
    };
};
struct law_attribute {
    pd_str name;
    bool is_optional;
    const struct law_type *type;
};

struct law_indices {
    const uint32_t *list; /* ascending, each once */
    size_t count;
};
struct law_entity_kind {
    pd_str name;
    const struct law_type *shape; /* a record */
    const struct law_type *tags;  /* NULL: has none */
    bool is_enum;
    const pd_str *ids;
    size_t id_count;
    struct law_indices ancestors; /* without itself, unless it may be in another of its type */
};
struct law_action_kind {
    struct law_uid uid;
    struct law_indices ancestors;
    struct law_indices principals, resources; /* entity kinds */
    const struct law_type *context;           /* a record */
};
struct law_schema {
    struct law_entity_kind *kinds; /* by name */
    size_t kind_count;
    struct law_action_kind *actions; /* by type, then id */
    size_t action_count;
};

/** PD_NPOS if there is none. */
size_t law_schema_find_kind(const struct law_schema *schema, pd_str type);
size_t law_schema_find_action(const struct law_schema *schema, const struct law_uid *uid);
bool law_indices_has(const struct law_indices *indices, size_t index);
/** An attribute of a record type, or NULL. */
const struct law_attribute *law_type_attribute(const struct law_type *record, pd_str name);

/* ---- Data under a schema (cedar_schema_data.c) ---- */

/** The "attrs" or "tags" of an entity. */
PD_CHECK enum pd_status law_schema_read_record(const struct law_schema *schema,
                                               const struct law_document *document,
                                               const struct law_json *json,
                                               const struct law_uid *uid, struct pd_arena *arena,
                                               struct law_value *out, struct pd_error *err);
bool law_schema_allows_parent(const struct law_schema *schema, const struct law_uid *child,
                              const struct law_uid *parent);
/**
 * Checks a request's entities against its action and reads its context. PD_INVALID names what does
 * not fit.
 */
PD_CHECK enum pd_status law_schema_read_request(const struct law_schema *schema,
                                                const struct law_document *document,
                                                const struct law_json *context,
                                                struct pd_arena *arena, struct law_request *request,
                                                struct pd_error *err);

/* ---- Resolving (cedar_schema_resolve.c) ---- */

struct law_resolver {
    struct law_parser *p;
    struct law_declaration *list; /* by kind, then full name */
    size_t count;
};
/** Finds what a name in a namespace means among one kind; NULL if nothing. */
struct law_declaration *law_resolver_find(const struct law_resolver *r,
                                          enum law_declaration_kind kind, pd_str space,
                                          pd_str name);
/** The type that was written; NULL on failure. */
const struct law_type *law_resolver_type(struct law_resolver *r, pd_str space,
                                         const struct law_written *written, unsigned depth);
/** Resolves a common type, used or not. */
bool law_resolver_common(struct law_resolver *r, struct law_declaration *d);
/** Fails at a name that is not declared, with the nearest one that is. */
bool law_resolver_unknown(const struct law_resolver *r, enum law_declaration_kind kind,
                          size_t offset, pd_str name);

#endif
