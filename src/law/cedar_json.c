/* JSON documents (RFC 8259) with positions, and Cedar's reading of them as values. */
#include "law/cedar_impl.h"

#include <stdlib.h>
#include <string.h>

struct reader {
    struct law_document *document;
    pd_str text;
    size_t at;
    unsigned depth;
    struct pd_arena *arena;
    struct pd_buf open; /* items of the arrays and objects that have not ended yet */
    enum pd_status status;
    struct pd_error *err;
};

static enum pd_status fail_at(const struct law_document *document, size_t offset,
                              struct pd_error *err, const char *format, va_list args) {
    struct law_place place = law_place_advance(document->text, LAW_PLACE_START, offset);
    return law_text_fail(err, document->name, document->text, place, format, args);
}

enum pd_status law_json_fail(const struct law_document *document, const struct law_json *at,
                             struct pd_error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    enum pd_status status = fail_at(document, at->offset, err, format, args);
    va_end(args);
    return status;
}

PD_PRINTF(3, 4)
static bool refuse(struct reader *r, size_t offset, const char *format, ...) {
    va_list args;
    va_start(args, format);
    r->status = fail_at(r->document, offset, r->err, format, args);
    va_end(args);
    return false;
}

static bool is_full(struct reader *r) {
    r->status = pd_fail_memory(r->err);
    return false;
}

/* ---- Scalars ---- */

static char peek(const struct reader *r) {
    return r->at < r->text.len ? r->text.data[r->at] : '\0';
}

static void skip_space(struct reader *r) {
    while (r->at < r->text.len && memchr(" \t\r\n", r->text.data[r->at], 4))
        r->at++;
}

static bool read_word(struct reader *r, const char *word, enum law_json_kind kind, bool value,
                      struct law_json *out) {
    if (!pd_str_starts(pd_str_sub(r->text, r->at, SIZE_MAX), pd_str_from(word)))
        return refuse(r, r->at, "expected a JSON value");
    r->at += strlen(word);
    out->kind = kind;
    out->boolean = value;
    return true;
}

static bool read_integer(struct reader *r, struct law_json *out) {
    size_t start = r->at;
    if (peek(r) == '-')
        r->at++;
    size_t digits = r->at;
    while (peek(r) >= '0' && peek(r) <= '9')
        r->at++;
    pd_str text = pd_str_sub(r->text, start, r->at - start);
    if (r->at == digits || (r->text.data[digits] == '0' && r->at > digits + 1))
        return refuse(r, start, "expected a JSON value");
    if (peek(r) == '.' || peek(r) == 'e' || peek(r) == 'E')
        return refuse(r, start,
                      "Cedar has no fractions and no exponents: write "
                      "{\"__extn\": {\"fn\": \"decimal\", \"arg\": \"1.5\"}}");
    out->kind = LAW_JSON_INTEGER;
    if (!pd_parse_i64(text, &out->integer))
        return refuse(r, start, "%.*s does not fit into 64 bits", pd_arg(text));
    return true;
}

static bool read_hex4(struct reader *r, uint32_t *out) {
    uint8_t bytes[2];
    if (r->text.len - r->at < 4 || !pd_hex_decode(pd_str_sub(r->text, r->at, 4), bytes, 2))
        return refuse(r, r->at, "expected four hexadecimal digits behind \\u");
    *out = (uint32_t)(bytes[0] << 8 | bytes[1]);
    r->at += 4;
    return true;
}

/** Behind `\u`. A code point above U+FFFF is a pair of escapes. */
static bool read_code_point(struct reader *r, uint32_t *out) {
    size_t start = r->at;
    if (!read_hex4(r, out))
        return false;
    if (*out >= 0xD800 && *out <= 0xDBFF &&
        pd_str_starts(pd_str_sub(r->text, r->at, SIZE_MAX), PD_STR("\\u"))) {
        uint32_t low = 0;
        r->at += 2;
        if (!read_hex4(r, &low))
            return false;
        if (low >= 0xDC00 && low <= 0xDFFF) {
            *out = 0x10000 + ((*out - 0xD800) << 10) + (low - 0xDC00);
            return true;
        }
    }
    if (*out >= 0xD800 && *out <= 0xDFFF)
        return refuse(r, start, "half of a surrogate pair is no character");
    return true;
}

static bool read_escape(struct reader *r, char *out, size_t *length) {
    static const char plain[][2] = {{'"', '"'},  {'\\', '\\'}, {'/', '/'},  {'b', '\b'},
                                    {'f', '\f'}, {'n', '\n'},  {'r', '\r'}, {'t', '\t'}};
    char c = peek(r);
    r->at++;
    for (size_t i = 0; i < sizeof(plain) / sizeof(plain[0]); i++) {
        if (c == plain[i][0]) {
            out[(*length)++] = plain[i][1];
            return true;
        }
    }
    uint32_t code_point = 0;
    if (c != 'u')
        return refuse(r, r->at - 1, "no such escape in JSON");
    if (!read_code_point(r, &code_point))
        return false;
    char bytes[4];
    size_t n = pd_utf8_encode(code_point, bytes);
    memcpy(out + *length, bytes, n);
    *length += n;
    return true;
}

static bool read_string(struct reader *r, pd_str *out) {
    size_t start = r->at++, end = r->at;
    while (end < r->text.len && r->text.data[end] != '"')
        end += r->text.data[end] == '\\' ? 2 : 1;
    if (end >= r->text.len)
        return refuse(r, start, "this string has no closing quote");
    char *text = pd_arena_alloc(r->arena, end - r->at); /* escapes only ever shrink */
    if (!text)
        return is_full(r);
    size_t n = 0;
    while (r->at < end) {
        char c = r->text.data[r->at];
        if ((unsigned char)c < 0x20)
            return refuse(r, r->at, "a control character in a string: write \\u%04X", (unsigned)c);
        r->at++;
        if (c != '\\')
            text[n++] = c;
        else if (!read_escape(r, text, &n))
            return false;
    }
    r->at = end + 1;
    *out = (pd_str){text, n};
    return true;
}

/* ---- Arrays and objects ---- */

static bool read_value(struct reader *r, struct law_json *out);

static int compare_members(const void *a, const void *b) {
    const struct law_json *x = a, *y = b;
    int order = pd_str_cmp(x->name, y->name);
    return order ? order : x->offset < y->offset ? -1 : x->offset > y->offset;
}

/** Moves the items that were opened since `start` into the arena. */
static bool close_list(struct reader *r, size_t start, struct law_json *out) {
    size_t bytes = r->open.len - start;
    struct law_json *items = pd_arena_alloc(r->arena, bytes);
    if (!items || r->open.failed)
        return is_full(r);
    out->list.count = bytes / sizeof(*items);
    if (bytes > 0)
        memcpy(items, r->open.data + start, bytes);
    r->open.len = start;
    out->list.items = items;
    if (out->kind == LAW_JSON_ARRAY || out->list.count < 2)
        return true;
    qsort(items, out->list.count, sizeof(*items), compare_members);
    for (size_t i = 1; i < out->list.count; i++)
        if (pd_str_eq(items[i].name, items[i - 1].name))
            return refuse(r, items[i].offset, "the object has a member \"%.*s\" already",
                          pd_arg(items[i].name));
    return true;
}

static bool read_item(struct reader *r, bool is_object) {
    struct law_json item = {0};
    skip_space(r);
    if (is_object) {
        if (peek(r) != '"')
            return refuse(r, r->at, "expected a member's name in quotes");
        if (!read_string(r, &item.name))
            return false;
        skip_space(r);
        if (peek(r) != ':')
            return refuse(r, r->at, "expected `:` behind the member's name");
        r->at++;
    }
    if (!read_value(r, &item))
        return false;
    pd_buf_add(&r->open, &item, sizeof(item));
    return !r->open.failed || is_full(r);
}

static bool read_list(struct reader *r, struct law_json *out) {
    if (++r->depth > LAW_NESTING_MAX)
        return refuse(r, r->at, "brackets nest more than %d deep", LAW_NESTING_MAX);
    bool is_object = peek(r) == '{';
    char closing = is_object ? '}' : ']';
    size_t start = r->open.len;
    out->kind = is_object ? LAW_JSON_OBJECT : LAW_JSON_ARRAY;
    r->at++;
    skip_space(r);
    bool is_empty = peek(r) == closing;
    while (!is_empty) {
        if (!read_item(r, is_object))
            return false;
        skip_space(r);
        if (peek(r) == closing)
            break;
        if (peek(r) != ',')
            return refuse(r, r->at, "expected `,` or `%c`", closing);
        r->at++;
    }
    r->at++;
    r->depth--;
    return close_list(r, start, out);
}

static bool read_value(struct reader *r, struct law_json *out) {
    skip_space(r);
    out->offset = r->at;
    bool is_read = false;
    switch (peek(r)) {
    case '{':
    case '[':
        is_read = read_list(r, out);
        break;
    case '"':
        out->kind = LAW_JSON_STRING;
        is_read = read_string(r, &out->text);
        break;
    case 't':
        is_read = read_word(r, "true", LAW_JSON_BOOL, true, out);
        break;
    case 'f':
        is_read = read_word(r, "false", LAW_JSON_BOOL, false, out);
        break;
    case 'n':
        is_read = read_word(r, "null", LAW_JSON_NULL, false, out);
        break;
    default:
        is_read = read_integer(r, out);
    }
    out->end = r->at;
    return is_read;
}

enum pd_status law_json_parse(pd_str name, pd_str text, struct pd_arena *arena,
                              struct law_document *out, struct pd_error *err) {
    if (text.len > LAW_ENTITIES_MAX)
        return pd_fail(err, PD_LIMIT, "%.*s: %zu bytes of JSON; at most %d are read at once",
                       pd_arg(name), text.len, (int)LAW_ENTITIES_MAX);
    struct law_document document = {name, text, NULL};
    struct reader r = {.document = &document, .text = text, .arena = arena, .err = err};
    struct law_json *root = pd_arena_alloc(arena, sizeof(*root));
    if (!root)
        return pd_fail_memory(err);
    size_t bad_at = 0;
    pd_buf_init(&r.open, (size_t)LAW_ENTITIES_MAX * 4);
    if (!pd_utf8_valid(text, &bad_at))
        refuse(&r, bad_at, "the text is not UTF-8 here");
    else if (read_value(&r, root)) {
        skip_space(&r);
        if (r.at < text.len)
            refuse(&r, r.at, "the document has ended, but more follows");
    }
    pd_buf_clear(&r.open);
    if (r.status != PD_OK)
        return r.status;
    document.root = root;
    *out = document;
    return PD_OK;
}

const struct law_json *law_json_find(const struct law_json *object, const char *name) {
    if (object->kind != LAW_JSON_OBJECT)
        return NULL;
    for (size_t i = 0; i < object->list.count; i++)
        if (pd_str_is(object->list.items[i].name, name))
            return &object->list.items[i];
    return NULL;
}

/* ---- Values ---- */

enum pd_status law_json_uid(const struct law_document *document, const struct law_json *json,
                            struct law_uid *out, struct pd_error *err) {
    const struct law_json *escaped = law_json_find(json, "__entity");
    const struct law_json *uid = escaped && json->list.count == 1 ? escaped : json;
    const struct law_json *type = law_json_find(uid, "type"), *id = law_json_find(uid, "id");
    if (!type || !id || uid->list.count != 2 || type->kind != LAW_JSON_STRING ||
        id->kind != LAW_JSON_STRING)
        return law_json_fail(document, uid, err,
                             "an entity is written {\"type\": \"A::B\", \"id\": \"...\"}");
    if (!law_type_is_valid(type->text))
        return law_json_fail(document, type, err,
                             "\"%.*s\" is no entity type: names joined by `::`, none reserved",
                             pd_arg(type->text));
    *out = (struct law_uid){type->text, id->text};
    return PD_OK;
}

/** The operands of an `__extn`: one in "arg", or several in "args". */
static const struct law_json *extension_operands(const struct law_json *call, size_t *count) {
    const struct law_json *arg = law_json_find(call, "arg"), *args = law_json_find(call, "args");
    if (arg && !args) {
        *count = 1;
        return arg;
    }
    if (!args || arg || args->kind != LAW_JSON_ARRAY)
        return NULL;
    *count = args->list.count;
    return args->list.items;
}

static enum pd_status extension(const struct law_document *document, const struct law_json *call,
                                struct pd_arena *arena, struct law_value *out,
                                struct pd_error *err) {
    size_t count = 0;
    const struct law_json *fn = law_json_find(call, "fn");
    const struct law_json *operands = extension_operands(call, &count);
    if (!fn || fn->kind != LAW_JSON_STRING || !operands || call->list.count != 2)
        return law_json_fail(document, call, err,
                             "an extension value is written {\"fn\": \"...\", \"arg\": ...} or "
                             "{\"fn\": \"...\", \"args\": [...]}");
    const struct law_function *f = law_function_find(fn->text);
    if (!f)
        return law_json_fail(document, fn, err, "Cedar has no function `%.*s`", pd_arg(fn->text));
    if (count != f->arity)
        return law_json_fail(document, call, err, "`%s` takes %u operand%s, not %zu", f->name,
                             f->arity, f->arity == 1 ? "" : "s", count);
    struct law_value values[LAW_ARITY_MAX];
    for (size_t i = 0; i < count; i++) {
        enum pd_status st = law_json_value(document, &operands[i], arena, &values[i], err);
        if (st != PD_OK)
            return st;
        if (values[i].kind != f->operands[i])
            return law_json_fail(document, &operands[i], err, "`%s` needs %s here, not %s", f->name,
                                 law_kind_name(f->operands[i]), law_kind_name(values[i].kind));
    }
    const char *wrong = f->call(values, out);
    return wrong ? law_json_fail(document, call, err, "%s", wrong) : PD_OK;
}

static enum pd_status set_from(const struct law_document *document, const struct law_json *json,
                               struct pd_arena *arena, struct law_value *out,
                               struct pd_error *err) {
    struct law_value *items = pd_arena_array(arena, json->list.count, sizeof(*items));
    if (!items)
        return pd_fail_memory(err);
    for (size_t i = 0; i < json->list.count; i++) {
        enum pd_status st = law_json_value(document, &json->list.items[i], arena, &items[i], err);
        if (st != PD_OK)
            return st;
    }
    return law_value_set(arena, items, json->list.count, out, err);
}

static enum pd_status object_from(const struct law_document *document, const struct law_json *json,
                                  struct pd_arena *arena, struct law_value *out,
                                  struct pd_error *err) {
    static const char *const escapes[] = {"__entity", "__extn", "__expr"};
    for (size_t i = 0; i < sizeof(escapes) / sizeof(escapes[0]); i++) {
        const struct law_json *escaped = law_json_find(json, escapes[i]);
        if (escaped && (json->list.count != 1 || i == 2))
            return law_json_fail(document, escaped, err,
                                 i == 2 ? "Cedar no longer reads \"%s\""
                                        : "\"%s\" must stand alone in its object",
                                 escapes[i]);
        if (escaped && i == 1)
            return extension(document, escaped, arena, out, err);
        if (escaped) {
            struct law_uid *uid = pd_arena_alloc(arena, sizeof(*uid));
            if (!uid)
                return pd_fail_memory(err);
            *out = law_value_entity(uid);
            return law_json_uid(document, escaped, uid, err);
        }
    }
    struct law_member *members = pd_arena_array(arena, json->list.count, sizeof(*members));
    if (!members)
        return pd_fail_memory(err);
    for (size_t i = 0; i < json->list.count; i++) {
        const struct law_json *item = &json->list.items[i];
        members[i].name = item->name;
        enum pd_status st = law_json_value(document, item, arena, &members[i].value, err);
        if (st != PD_OK)
            return st;
    }
    *out = (struct law_value){.kind = LAW_VALUE_RECORD, .record = {members, json->list.count}};
    return PD_OK;
}

enum pd_status law_json_value(const struct law_document *document, const struct law_json *json,
                              struct pd_arena *arena, struct law_value *out, struct pd_error *err) {
    switch (json->kind) {
    case LAW_JSON_NULL:
        break;
    case LAW_JSON_BOOL:
        *out = law_value_bool(json->boolean);
        return PD_OK;
    case LAW_JSON_INTEGER:
        *out = law_value_long(json->integer);
        return PD_OK;
    case LAW_JSON_STRING:
        *out = law_value_string(json->text);
        return PD_OK;
    case LAW_JSON_ARRAY:
        return set_from(document, json, arena, out, err);
    case LAW_JSON_OBJECT:
        return object_from(document, json, arena, out, err);
    }
    return law_json_fail(document, json, err, "Cedar has no null: leave the attribute out");
}

enum pd_status law_value_parse_json(pd_str name, pd_str json, struct pd_arena *arena,
                                    struct law_value *out, struct pd_error *err) {
    struct law_document document;
    enum pd_status st = law_json_parse(name, json, arena, &document, err);
    if (st != PD_OK)
        return st;
    struct law_value value;
    st = law_json_value(&document, document.root, arena, &value, err);
    if (st == PD_OK)
        *out = value;
    return st;
}
