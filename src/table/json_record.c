/*
 * The cells of one record. Objects within it are opened: their members are columns "a.b", so that
 * what they hold is inspected like any other. Lists stay as they are, as JSON without spaces.
 * Numbers keep their digits; null is an empty cell. A cell is never longer than what it is written
 * as, so it is written over that.
 */
#include "table/json_impl.h"

#include <inttypes.h>
#include <string.h>

static const char no_character[] = "an escape that is no character: \\u0000, or half of a pair";

struct walk {
    struct json_record *record;
    size_t at;
    char path[JSON_NAME_BYTES];
};

static enum pd_status fail_at(struct walk *w, size_t at, struct pd_error *err, const char *why) {
    w->record->wrong_at = at;
    return pd_fail(err, PD_INVALID, "%s", why);
}

static char peek(const struct walk *w) {
    return w->record->text[w->at];
}

static void skip_spaces(struct walk *w) {
    while (peek(w) == ' ' || peek(w) == '\t' || peek(w) == '\n' || peek(w) == '\r')
        w->at++;
}

static uint32_t read_hex(const char *digits) {
    uint32_t value = 0;
    for (int i = 0; i < 4; i++) {
        char c = digits[i];
        uint32_t digit = c <= '9' ? (uint32_t)(c - '0') : (uint32_t)((c | 0x20) - 'a' + 10);
        value = value << 4 | digit;
    }
    return value;
}

/* The character of \uXXXX at `from`, or of two of them; `*used` bytes after the backslash. */
static bool read_escape(const char *from, uint32_t *out, size_t *used) {
    uint32_t c = read_hex(from + 2);
    *used = 6;
    if (c >= 0xD800 && c <= 0xDBFF && from[6] == '\\' && from[7] == 'u') {
        uint32_t low = read_hex(from + 8);
        if (low < 0xDC00 || low > 0xDFFF)
            return false;
        c = 0x10000 + ((c - 0xD800) << 10) + (low - 0xDC00);
        *used = 12;
    }
    *out = c;
    return c != 0 && (c < 0xD800 || c > 0xDFFF);
}

/**
 * Decodes the text at w->at, behind its opening quote, to `out`; moves behind its closing quote.
 * out may be the text itself; most: room in it, or SIZE_MAX if there is always enough.
 */
static enum pd_status decode(struct walk *w, char *out, size_t most, size_t *len,
                             struct pd_error *err) {
    const char *text = w->record->text;
    size_t n = 0;
    while (text[w->at] != '"') {
        char c = text[w->at], bytes[4] = {c};
        size_t used = 1, made = 1;
        if (c == '\\') {
            static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
            char e = text[w->at + 1];
            const char *known = strchr(from, e);
            uint32_t point;
            used = 2;
            bytes[0] = known != NULL ? to[known - from] : e;
            if (e == 'u') {
                if (!read_escape(text + w->at, &point, &used))
                    return fail_at(w, w->at, err, no_character);
                made = pd_utf8_encode(point, bytes);
            }
        }
        if (made > most - n)
            return fail_at(w, w->at, err, "the names of keys within each other are too long");
        memmove(out + n, bytes, made);
        n += made;
        w->at += used;
    }
    w->at++;
    *len = n;
    return PD_OK;
}

/* Moves behind the text at w->at, if it can be decoded. */
static enum pd_status check_text(struct walk *w, struct pd_error *err) {
    const char *text = w->record->text;
    while (text[w->at] != '"') {
        uint32_t point;
        size_t used = text[w->at] == '\\' ? 2 : 1;
        if (used == 2 && text[w->at + 1] == 'u' && !read_escape(text + w->at, &point, &used))
            return fail_at(w, w->at, err, no_character);
        w->at += used;
    }
    w->at++;
    return PD_OK;
}

/* The list at w->at, without the spaces between its values, written over itself from `start` on. */
static size_t compact(struct walk *w, bool writes) {
    char *text = w->record->text;
    size_t start = w->at, out = w->at;
    unsigned depth = 0;
    bool in_text = false;
    do {
        char c = text[w->at];
        bool is_space = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        size_t n = in_text && c == '\\' ? 2 : 1;
        if (c == '"')
            in_text = !in_text;
        else if (!in_text && (c == '[' || c == '{'))
            depth++;
        else if (!in_text && (c == ']' || c == '}'))
            depth--;
        if ((in_text || !is_space) && writes)
            memmove(text + out, text + w->at, n);
        out += in_text || !is_space ? n : 0;
        w->at += n;
    } while (depth > 0);
    return out - start;
}

static bool is_plain(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-' || c == '+' || c == '.' ||
           c == 'E';
}

static enum pd_status put(struct walk *w, pd_str path, size_t key_at, bool has_value,
                          struct table_cell cell, struct pd_error *err) {
    struct json_record *r = w->record;
    struct json_key *key = json_keys_get(r->keys, path, r->cells == NULL);
    if (key == NULL && r->cells != NULL) {
        if (!has_value)
            return PD_OK; /* null, where others have an object that is opened */
        r->wrong_at = key_at;
        return pd_fail(err, PD_INVALID, "the key \"%.*s\" is not among the columns", pd_arg(path));
    }
    if (key == NULL)
        return pd_fail_memory(err);
    if (r->keys->count > r->columns_most) {
        r->wrong_at = key_at;
        return pd_fail(err, PD_LIMIT, "the records have more than %zu keys (limit columns)",
                       r->columns_most);
    }
    if (key->seen == r->number) {
        r->wrong_at = key_at;
        return pd_fail(err, PD_INVALID,
                       "the record has the key \"%.*s\" twice; which of its values holds, nobody "
                       "can tell",
                       pd_arg(path));
    }
    key->seen = r->number;
    key->filled++;
    key->has_value = key->has_value || has_value;
    if (r->cells != NULL)
        r->cells[key - r->keys->list] = cell;
    return PD_OK;
}

static struct table_cell cell_at(const struct walk *w, size_t at, size_t len) {
    return (struct table_cell){(uint32_t)(at - w->record->batch_start), (uint32_t)len};
}

static enum pd_status take_object(struct walk *w, size_t prefix, unsigned depth,
                                  struct pd_error *err);

static enum pd_status take_value(struct walk *w, size_t path_len, size_t key_at, unsigned depth,
                                 struct pd_error *err) {
    struct json_record *r = w->record;
    pd_str path = {w->path, path_len};
    bool writes = r->cells != NULL;
    size_t start = w->at, len = 0;
    char c = peek(w);
    if (c == '{') {
        w->at++;
        skip_spaces(w);
        if (peek(w) != '}') {
            w->at = start;
            if (!writes) {
                struct json_key *key = json_keys_get(r->keys, path, true);
                if (key == NULL)
                    return pd_fail_memory(err);
                key->is_opened = true;
            }
            return take_object(w, path_len, depth + 1, err);
        }
        w->at = start;
        len = compact(w, writes);
        return put(w, path, key_at, true, cell_at(w, start, len), err);
    }
    if (c == '[') {
        len = compact(w, writes);
        return put(w, path, key_at, true, cell_at(w, start, len), err);
    }
    if (c == '"') {
        w->at++;
        enum pd_status status =
            writes ? decode(w, r->text + start, SIZE_MAX, &len, err) : check_text(w, err);
        return status == PD_OK ? put(w, path, key_at, true, cell_at(w, start, len), err) : status;
    }
    while (is_plain(peek(w)))
        w->at++;
    bool is_null = c == 'n';
    return put(w, path, key_at, !is_null, cell_at(w, start, is_null ? 0 : w->at - start), err);
}

/* The object at w->at, whose members' names begin with the first `prefix` bytes of the path. */
static enum pd_status take_object(struct walk *w, size_t prefix, unsigned depth,
                                  struct pd_error *err) {
    if (depth > JSON_DEPTH)
        return fail_at(w, w->at, err, "nested deeper than 64 levels");
    w->at++;
    for (;;) {
        skip_spaces(w);
        if (peek(w) == '}')
            break;
        size_t key_at = w->at, path = prefix, len;
        w->at++;
        if (prefix > 0 && prefix < sizeof(w->path))
            w->path[path++] = '.';
        enum pd_status status = decode(w, w->path + path, sizeof(w->path) - path, &len, err);
        if (status != PD_OK)
            return status;
        skip_spaces(w);
        w->at++; /* the colon */
        skip_spaces(w);
        status = take_value(w, path + len, key_at, depth, err);
        if (status != PD_OK)
            return status;
        skip_spaces(w);
        if (peek(w) == ',')
            w->at++;
    }
    w->at++;
    return PD_OK;
}

enum pd_status json_record_take(struct json_record *record, struct pd_error *err) {
    struct walk w = {.record = record, .at = record->at};
    record->keys->expected = 0;
    return take_object(&w, 0, 1, err);
}
