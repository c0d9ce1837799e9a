/* The entity store: names in order, and for each entity all of its ancestors. */
#include "law/cedar_schema_impl.h"

#include <stdlib.h>
#include <string.h>

struct law_entities {
    struct law_symbols names; /* of struct law_node */
    struct law_node *nodes;
    uint32_t node_count;
    size_t present;
};

enum { COUNT_MAX = 1 << 28 };

/* ---- Finding ---- */

static const struct law_node *find_name(const struct law_entities *store,
                                        const struct law_uid *uid) {
    return law_symbols_find(&store->names, uid, law_hash_uid(uid));
}

const struct law_node *law_entities_find_hashed(const struct law_entities *store,
                                                const struct law_uid *uid, uint64_t hash) {
    const struct law_node *node = store ? law_symbols_find(&store->names, uid, hash) : NULL;
    return node && node->source ? node : NULL;
}

const struct law_node *law_entities_find(const struct law_entities *store,
                                         const struct law_uid *uid) {
    return law_entities_find_hashed(store, uid, law_hash_uid(uid));
}

const struct law_node *law_entities_nth(const struct law_entities *store, uint32_t number) {
    return &store->nodes[number];
}

const struct law_value *law_node_attributes(const struct law_node *node) {
    return node ? &node->attributes : NULL;
}

const struct law_value *law_node_tags(const struct law_node *node) {
    return node ? &node->tags : NULL;
}

size_t law_entities_count(const struct law_entities *store) {
    return store->present;
}

static int compare_numbers(const void *a, const void *b) {
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return x < y ? -1 : x > y;
}

bool law_node_is_in(const struct law_entities *store, const struct law_node *node,
                    const struct law_uid *ancestor) {
    enum { FEW = 8 }; /* comparing so many names costs less than finding one */
    if (!node)
        return false;
    if (node->ancestor_count <= FEW) {
        for (uint32_t i = 0; i < node->ancestor_count; i++)
            if (law_uid_is_equal(&store->nodes[node->ancestors[i]].symbol.uid, ancestor))
                return true;
        return false;
    }
    const struct law_node *other = find_name(store, ancestor);
    if (!other)
        return false;
    uint32_t number = (uint32_t)(other - store->nodes);
    return bsearch(&number, node->ancestors, node->ancestor_count, sizeof(number),
                   compare_numbers) != NULL;
}

/* ---- Building ---- */

struct builder {
    const struct law_entity *list;
    size_t list_count;
    size_t wrong; /* which of them is refused; SIZE_MAX: none in particular */
    struct law_entities *store;
    uint32_t *numbers;        /* per entity of the list: its own */
    const uint32_t **parents; /* per entity of the list: its parents' numbers */
    uint32_t *seen;           /* per number: 1 + the last entity that had it as an ancestor */
    uint32_t *gathered;       /* the ancestors of the entity at hand */
    struct pd_arena *arena;
    struct pd_error *err;
};

static enum pd_status check_entity(const struct law_entity *e, struct pd_error *err) {
    const struct law_value *records[] = {&e->attributes, &e->tags};
    for (size_t i = 0; i < 2; i++)
        if (records[i]->kind != LAW_VALUE_RECORD && records[i]->kind != LAW_VALUE_BOOL)
            return pd_fail(err, PD_INVALID, "the %s of %.*s::\"%.*s\" are no record",
                           i ? "tags" : "attributes", pd_arg(e->uid.type), pd_arg(e->uid.id));
    for (size_t i = 0; i <= e->parent_count; i++) {
        pd_str type = i == 0 ? e->uid.type : e->parents[i - 1].type;
        if (!law_type_is_valid(type))
            return pd_fail(err, PD_INVALID, "\"%.*s\" is no entity type", pd_arg(type));
    }
    return PD_OK;
}

static int compare_nodes(const void *a, const void *b) {
    const struct law_node *x = a, *y = b;
    int order = law_symbol_compare(&x->symbol, &y->symbol);
    if (order == 0) /* the entity comes before its mentions as a parent */
        order = x->source == y->source ? 0 : x->source > y->source ? -1 : 1;
    return order;
}

static struct law_symbol symbol_of(const struct law_uid *uid) {
    return (struct law_symbol){law_hash_uid(uid), *uid};
}

/** Lists entities and parents in one sorted array, each name once. */
static enum pd_status number_names(struct builder *b) {
    static const struct law_value none = {.kind = LAW_VALUE_RECORD};
    size_t names = b->list_count;
    for (size_t i = 0; i < b->list_count; i++)
        if (!pd_add(names, b->list[i].parent_count, &names))
            return pd_fail_memory(b->err);
    if (names > COUNT_MAX)
        return pd_fail(b->err, PD_LIMIT, "more than %d entities and parents", COUNT_MAX);
    struct law_node *nodes = pd_arena_array(b->arena, names, sizeof(*nodes));
    if (!nodes)
        return pd_fail_memory(b->err);
    size_t n = 0;
    for (size_t i = 0; i < b->list_count; i++) {
        const struct law_entity *e = &b->list[i];
        enum pd_status st = check_entity(e, b->err);
        if (st != PD_OK)
            return st;
        struct law_value attributes = e->attributes.kind == LAW_VALUE_RECORD ? e->attributes : none;
        struct law_value tags = e->tags.kind == LAW_VALUE_RECORD ? e->tags : none;
        nodes[n++] = (struct law_node){.symbol = symbol_of(&e->uid),
                                       .source = (uint32_t)i + 1,
                                       .attributes = attributes,
                                       .tags = tags};
        for (size_t j = 0; j < e->parent_count; j++)
            nodes[n++].symbol = symbol_of(&e->parents[j]);
    }
    if (n > 1)
        qsort(nodes, n, sizeof(*nodes), compare_nodes);
    uint32_t kept = 0;
    for (size_t i = 0; i < n; i++) {
        if (kept == 0 || law_symbol_compare(&nodes[kept - 1], &nodes[i]) != 0)
            nodes[kept++] = nodes[i];
        else if (nodes[i].source) {
            b->wrong = nodes[kept - 1].source - 1;
            return pd_fail(b->err, PD_INVALID, "the entity %.*s::\"%.*s\" is given twice",
                           pd_arg(nodes[i].symbol.uid.type), pd_arg(nodes[i].symbol.uid.id));
        }
    }
    *b->store = (struct law_entities){.names = {nodes, sizeof(*nodes), kept},
                                      .nodes = nodes,
                                      .node_count = kept,
                                      .present = b->list_count};
    return law_symbols_index(&b->store->names, b->arena) ? PD_OK : pd_fail_memory(b->err);
}

static enum pd_status number_parents(struct builder *b) {
    b->numbers = pd_arena_array(b->arena, b->list_count, sizeof(*b->numbers));
    b->parents = pd_arena_array(b->arena, b->list_count, sizeof(*b->parents));
    b->seen = pd_arena_array(b->arena, b->store->node_count, sizeof(*b->seen));
    b->gathered = pd_arena_array(b->arena, b->store->node_count, sizeof(*b->gathered));
    if (!b->numbers || !b->parents || !b->seen || !b->gathered)
        return pd_fail_memory(b->err);
    for (uint32_t i = 0; i < b->store->node_count; i++)
        if (b->store->nodes[i].source)
            b->numbers[b->store->nodes[i].source - 1] = i;
    for (size_t i = 0; i < b->list_count; i++) {
        uint32_t *numbers = pd_arena_array(b->arena, b->list[i].parent_count, sizeof(*numbers));
        if (!numbers)
            return pd_fail_memory(b->err);
        for (size_t j = 0; j < b->list[i].parent_count; j++)
            numbers[j] = (uint32_t)(find_name(b->store, &b->list[i].parents[j]) - b->store->nodes);
        b->parents[i] = numbers;
    }
    return PD_OK;
}

static void gather(struct builder *b, uint32_t number, uint32_t ancestor, uint32_t *count) {
    if (b->seen[ancestor] == number + 1)
        return;
    b->seen[ancestor] = number + 1;
    b->gathered[(*count)++] = ancestor;
}

/** The node's ancestors, all of whose parents have theirs already. */
static enum pd_status close_node(struct builder *b, uint32_t number) {
    struct law_node *node = &b->store->nodes[number];
    const uint32_t *parents = b->parents[node->source - 1];
    uint32_t count = 0;
    for (size_t i = 0; i < b->list[node->source - 1].parent_count; i++) {
        const struct law_node *parent = &b->store->nodes[parents[i]];
        gather(b, number, parents[i], &count);
        for (uint32_t j = 0; j < parent->ancestor_count; j++)
            gather(b, number, parent->ancestors[j], &count);
    }
    uint32_t *ancestors = pd_arena_array(b->arena, count, sizeof(*ancestors));
    if (!ancestors)
        return pd_fail_memory(b->err);
    if (count > 0)
        memcpy(ancestors, b->gathered, count * sizeof(*ancestors));
    if (count > 1)
        qsort(ancestors, count, sizeof(*ancestors), compare_numbers);
    node->ancestors = ancestors;
    node->ancestor_count = count;
    return PD_OK;
}

enum progress { UNTOUCHED, OPENED, CLOSED };
struct step {
    uint32_t number;
    uint32_t next; /* the parent to look at next */
};

/** Closes `root` and everything above it, parents first, with a stack of its own. */
static enum pd_status close_from(struct builder *b, uint32_t root, uint8_t *progress,
                                 struct step *stack) {
    size_t depth = 0;
    stack[depth++] = (struct step){root, 0};
    progress[root] = OPENED;
    while (depth > 0) {
        struct step *top = &stack[depth - 1];
        uint32_t source = b->store->nodes[top->number].source;
        if (source == 0 || top->next == b->list[source - 1].parent_count) {
            enum pd_status st = source ? close_node(b, top->number) : PD_OK;
            if (st != PD_OK)
                return st;
            progress[top->number] = CLOSED;
            depth--;
            continue;
        }
        uint32_t parent = b->parents[source - 1][top->next++];
        if (progress[parent] == OPENED) {
            b->wrong = b->store->nodes[parent].source - 1;
            return pd_fail(b->err, PD_INVALID, "the entity %.*s::\"%.*s\" is its own ancestor",
                           pd_arg(b->store->nodes[parent].symbol.uid.type),
                           pd_arg(b->store->nodes[parent].symbol.uid.id));
        }
        if (progress[parent] == UNTOUCHED) {
            progress[parent] = OPENED;
            stack[depth++] = (struct step){parent, 0};
        }
    }
    return PD_OK;
}

static enum pd_status close_all(struct builder *b) {
    uint8_t *progress = pd_arena_alloc(b->arena, b->store->node_count);
    struct step *stack = pd_arena_array(b->arena, b->store->node_count, sizeof(*stack));
    if (!progress || !stack)
        return pd_fail_memory(b->err);
    for (size_t i = 0; i < b->list_count; i++) {
        uint32_t number = b->numbers[i];
        enum pd_status st =
            progress[number] == CLOSED ? PD_OK : close_from(b, number, progress, stack);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

/** `*wrong` of the entities is the one that is refused; SIZE_MAX: none in particular. */
static enum pd_status make(const struct law_entity *list, size_t count, struct pd_arena *arena,
                           const struct law_entities **out, size_t *wrong, struct pd_error *err) {
    struct builder b = {
        .list = list, .list_count = count, .wrong = SIZE_MAX, .arena = arena, .err = err};
    b.store = pd_arena_alloc(arena, sizeof(*b.store));
    if (!b.store)
        return pd_fail_memory(err);
    enum pd_status st = number_names(&b);
    if (st == PD_OK)
        st = number_parents(&b);
    if (st == PD_OK)
        st = close_all(&b);
    if (st == PD_OK)
        *out = b.store;
    *wrong = b.wrong;
    return st;
}

enum pd_status law_entities_make(const struct law_entity *list, size_t count,
                                 struct pd_arena *arena, const struct law_entities **out,
                                 struct pd_error *err) {
    size_t wrong;
    return make(list, count, arena, out, &wrong, err);
}

/* ---- Reading JSON ---- */

static enum pd_status read_record(const struct law_document *document, const struct law_json *json,
                                  const struct law_schema *schema, const struct law_uid *uid,
                                  struct pd_arena *arena, struct law_value *out,
                                  struct pd_error *err) {
    if (schema)
        return law_schema_read_record(schema, document, json, uid, arena, out, err);
    enum pd_status st = law_json_value(document, json, arena, out, err);
    if (st == PD_OK && out->kind != LAW_VALUE_RECORD)
        return law_json_fail(document, json, err, "\"%.*s\" must be an object", pd_arg(json->name));
    return st;
}

static enum pd_status read_parents(const struct law_document *document, const struct law_json *json,
                                   const struct law_schema *schema, struct pd_arena *arena,
                                   struct law_entity *entity, struct pd_error *err) {
    if (json->kind != LAW_JSON_ARRAY)
        return law_json_fail(document, json, err, "\"parents\" must be an array");
    struct law_uid *parents = pd_arena_array(arena, json->list.count, sizeof(*parents));
    if (!parents)
        return pd_fail_memory(err);
    for (size_t i = 0; i < json->list.count; i++) {
        enum pd_status st = law_json_uid(document, &json->list.items[i], &parents[i], err);
        if (st != PD_OK)
            return st;
        if (schema && !law_schema_allows_parent(schema, &entity->uid, &parents[i]))
            return law_json_fail(document, &json->list.items[i], err,
                                 "by the schema this entity cannot be in a %.*s",
                                 pd_arg(parents[i].type));
    }
    entity->parents = parents;
    entity->parent_count = json->list.count;
    return PD_OK;
}

static enum pd_status read_entity(const struct law_document *document, const struct law_json *json,
                                  const struct law_schema *schema, struct pd_arena *arena,
                                  struct law_entity *out, struct pd_error *err) {
    static const char *const required[] = {"uid", "attrs", "parents"};
    if (json->kind != LAW_JSON_OBJECT)
        return law_json_fail(document, json, err, "each entity must be an object");
    for (size_t i = 0; i < json->list.count; i++)
        if (!law_words_have("uid attrs parents tags", json->list.items[i].name))
            return law_json_fail(
                document, &json->list.items[i], err,
                "an entity has uid, attrs, parents and tags, but no \"%.*s\"%s",
                pd_arg(json->list.items[i].name),
                law_hint_word(json->list.items[i].name, "uid attrs parents tags").text);
    for (size_t i = 0; i < sizeof(required) / sizeof(required[0]); i++)
        if (!law_json_find(json, required[i]))
            return law_json_fail(document, json, err, "this entity has no \"%s\"", required[i]);
    enum pd_status st = law_json_uid(document, law_json_find(json, "uid"), &out->uid, err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < json->list.count; i++) {
        const struct law_json *field = &json->list.items[i];
        if (pd_str_is(field->name, "uid"))
            continue;
        if (pd_str_is(field->name, "attrs"))
            st = read_record(document, field, schema, &out->uid, arena, &out->attributes, err);
        else if (pd_str_is(field->name, "tags"))
            st = read_record(document, field, schema, &out->uid, arena, &out->tags, err);
        else
            st = read_parents(document, field, schema, arena, out, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

enum pd_status law_entities_from_json(const struct law_document *document,
                                      const struct law_schema *schema, struct pd_arena *arena,
                                      const struct law_entities **out, struct pd_error *err) {
    const struct law_json *root = document->root;
    if (root->kind != LAW_JSON_ARRAY)
        return law_json_fail(document, root, err, "the entities must be an array");
    struct law_entity *list = pd_arena_array(arena, root->list.count, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    for (size_t i = 0; i < root->list.count; i++) {
        enum pd_status st =
            read_entity(document, &root->list.items[i], schema, arena, &list[i], err);
        if (st != PD_OK)
            return st;
    }
    size_t wrong;
    struct pd_error why = {PD_OK, ""};
    enum pd_status st = make(list, root->list.count, arena, out, &wrong, &why);
    if (st == PD_OK)
        return PD_OK;
    if (wrong < root->list.count)
        return law_json_fail(document, law_json_find(&root->list.items[wrong], "uid"), err, "%s",
                             why.text);
    return pd_fail(err, st, "%.*s: %s", pd_arg(document->name), why.text);
}

enum pd_status law_entities_parse(pd_str name, pd_str json, struct pd_arena *arena,
                                  const struct law_entities **out, struct pd_error *err) {
    struct law_document document;
    enum pd_status st = law_json_parse(name, json, arena, &document, err);
    return st == PD_OK ? law_entities_from_json(&document, NULL, arena, out, err) : st;
}
