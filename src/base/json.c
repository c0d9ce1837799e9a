#include "base/json.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/number_impl.h"
#include "base/time.h"

/*
 * frames[0] is the document, frames[1..depth] the containers that are open. In canonical mode
 * `members` is a stack of offsets in buf, one for each member of each open object: where the
 * quotation mark of its key stands. When an object ends, its bytes are put into order in place.
 */

void pd_json_init(struct pd_json *w, struct pd_buf *buf, enum pd_json_mode mode) {
    w->buf = buf;
    w->mode = mode;
    w->depth = 0;
    w->frames[0] = (struct pd_json_frame){.start = buf->len};
    pd_buf_init(&w->members, 0);
}

void pd_json_clear(struct pd_json *w) {
    pd_buf_clear(&w->members);
}

static void misused(struct pd_json *w) {
    w->buf->failed = true;
}

static void new_line(struct pd_json *w) {
    if (w->mode != PD_JSON_PRETTY)
        return;
    pd_buf_char(w->buf, '\n');
    for (int i = 0; i < w->depth; i++)
        pd_buf_text(w->buf, "  ");
}

/** Writes what separates a value from what came before; false if no value may stand here. */
static bool begin_value(struct pd_json *w) {
    if (w->buf->failed)
        return false;
    struct pd_json_frame *frame = &w->frames[w->depth];
    bool may_stand = w->depth == 0 ? frame->count == 0 : !frame->is_object || frame->after_key;
    if (!may_stand) {
        misused(w);
        return false;
    }
    if (frame->is_object) {
        frame->after_key = false;
        return true;
    }
    if (frame->count++ > 0)
        pd_buf_char(w->buf, ',');
    if (w->depth > 0)
        new_line(w);
    return true;
}

static void begin_container(struct pd_json *w, bool is_object) {
    if (!begin_value(w))
        return;
    if (w->depth == PD_JSON_MAX_DEPTH) {
        misused(w);
        return;
    }
    pd_buf_char(w->buf, is_object ? '{' : '[');
    w->depth++;
    w->frames[w->depth] = (struct pd_json_frame){
        .is_object = is_object, .start = w->buf->len, .members_at = w->members.len};
}

static void sort_members(struct pd_json *w, const struct pd_json_frame *frame);

static void end_container(struct pd_json *w, bool is_object) {
    if (w->buf->failed)
        return;
    struct pd_json_frame *frame = &w->frames[w->depth];
    if (w->depth == 0 || frame->is_object != is_object || frame->after_key) {
        misused(w);
        return;
    }
    if (is_object && w->mode == PD_JSON_CANONICAL)
        sort_members(w, frame);
    w->depth--;
    if (frame->count > 0)
        new_line(w);
    pd_buf_char(w->buf, is_object ? '}' : ']');
}

void pd_json_object(struct pd_json *w) {
    begin_container(w, true);
}

void pd_json_object_end(struct pd_json *w) {
    end_container(w, true);
}

void pd_json_array(struct pd_json *w) {
    begin_container(w, false);
}

void pd_json_array_end(struct pd_json *w) {
    end_container(w, false);
}

/** Where in `s`, from `at` on, something has to be escaped; its length if nothing. Eight bytes at a
 * time: subtracting borrows from the high bit of a byte that is too small, or that is the one sought. */
static size_t find_special(pd_str s, size_t at) {
    const uint64_t ones = UINT64_C(0x0101010101010101), high = ones << 7;
    for (uint64_t eight; s.len - at >= sizeof(eight); at += sizeof(eight)) {
        memcpy(&eight, s.data + at, sizeof(eight));
        uint64_t quote = eight ^ ones * '"', backslash = eight ^ ones * '\\';
        uint64_t found = ((eight - ones * 0x20) & ~eight) | ((quote - ones) & ~quote) |
                         ((backslash - ones) & ~backslash);
        if (found & high)
            break;
    }
    for (; at < s.len; at++) {
        unsigned char c = (unsigned char)s.data[at];
        if (c < 0x20 || c == '"' || c == '\\')
            break;
    }
    return at;
}

/** Escapes no more than RFC 8785 section 3.2.2.2 tells. `s` is valid UTF-8. */
static void write_escaped(struct pd_buf *buf, pd_str s) {
    size_t from = 0;
    for (size_t i; (i = find_special(s, from)) < s.len; from = i + 1) {
        unsigned char c = (unsigned char)s.data[i];
        pd_buf_str(buf, pd_str_sub(s, from, i - from));
        static const char letters[0x20] = {
            ['\b'] = 'b', ['\t'] = 't', ['\n'] = 'n', ['\f'] = 'f', ['\r'] = 'r'};
        char letter = c < 0x20 ? letters[c] : (char)c;
        if (letter)
            pd_buf_add(buf, (const char[]){'\\', letter}, 2);
        else
            pd_buf_printf(buf, "\\u%04x", c);
    }
    pd_buf_str(buf, pd_str_sub(s, from, s.len));
}

/** Whether any of eight bytes is a control character, '"', '\\' or not ASCII: a subtraction borrows
 * into its high bit. Above such a byte the borrow may mark another, never below it or without one. */
static bool has_special(uint64_t bytes) {
    const uint64_t ones = UINT64_C(0x0101010101010101);
    uint64_t quote = bytes ^ ones * '"', slash = bytes ^ ones * '\\';
    return ((bytes | (bytes - ones * 0x20) | (quote - ones) | (slash - ones)) & ones * 0x80) != 0;
}

/** What most strings are: ASCII, with nothing to escape. */
static bool is_plain(pd_str s) {
    size_t i = 0;
    uint64_t bytes;
    for (; i + sizeof(bytes) <= s.len; i += sizeof(bytes)) {
        memcpy(&bytes, s.data + i, sizeof(bytes));
        if (has_special(bytes))
            return false;
    }
    for (; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\')
            return false;
    }
    return true;
}

static void write_string(struct pd_buf *buf, pd_str s) {
    if (is_plain(s)) {
        char *at = pd_buf_reserve(buf, s.len + 2);
        if (!at)
            return;
        at[0] = at[s.len + 1] = '"';
        if (s.len)
            memcpy(at + 1, s.data, s.len);
        buf->len += s.len + 2;
        return;
    }
    pd_buf_char(buf, '"');
    size_t bad_at;
    while (!pd_utf8_valid(s, &bad_at)) {
        write_escaped(buf, pd_str_sub(s, 0, bad_at));
        pd_buf_text(buf, "\xef\xbf\xbd");
        s = pd_str_sub(s, bad_at + 1, s.len);
    }
    write_escaped(buf, s);
    pd_buf_char(buf, '"');
}

void pd_json_key_str(struct pd_json *w, pd_str key) {
    if (w->buf->failed)
        return;
    struct pd_json_frame *frame = &w->frames[w->depth];
    if (!frame->is_object || frame->after_key) {
        misused(w);
        return;
    }
    if (frame->count++ > 0)
        pd_buf_char(w->buf, ',');
    new_line(w);
    if (w->mode == PD_JSON_CANONICAL) {
        pd_buf_add(&w->members, &w->buf->len, sizeof(w->buf->len));
        w->buf->failed |= w->members.failed;
    }
    write_string(w->buf, key);
    pd_buf_char(w->buf, ':');
    if (w->mode == PD_JSON_PRETTY)
        pd_buf_char(w->buf, ' ');
    frame->after_key = true;
}

void pd_json_key(struct pd_json *w, const char *key) {
    pd_json_key_str(w, pd_str_from(key));
}

/** Takes one code point off a key that write_escaped wrote; false at its closing quotation mark. */
static bool take_code_point(pd_str *key, uint32_t *out) {
    if (key->data[0] == '"')
        return false;
    if (key->data[0] != '\\') {
        size_t n = pd_utf8_decode(*key, 0, out);
        *key = pd_str_sub(*key, n, key->len);
        return true;
    }
    char letter = key->data[1];
    unsigned char code = (unsigned char)letter;
    switch (letter) {
    case 'b':
        code = '\b';
        break;
    case 't':
        code = '\t';
        break;
    case 'n':
        code = '\n';
        break;
    case 'f':
        code = '\f';
        break;
    case 'r':
        code = '\r';
        break;
    case 'u':
        pd_hex_decode(pd_str_sub(*key, 4, 2), &code, 1);
        break;
    }
    *key = pd_str_sub(*key, letter == 'u' ? 6 : 2, key->len);
    *out = code;
    return true;
}

/** In UTF-16 a surrogate (all that is above U+FFFF) comes before U+E000 to U+FFFF. */
static uint32_t utf16_rank(uint32_t code_point) {
    return code_point >= 0xe000 && code_point <= 0xffff ? code_point + 0x110000 : code_point;
}

/** Keys mostly are ASCII and begin alike; what follows needs no decoding. */
static void skip_common(pd_str *a, pd_str *b) {
    size_t n = 0;
    for (; n < a->len && n < b->len && a->data[n] == b->data[n]; n++) {
        unsigned char c = (unsigned char)a->data[n];
        if (c >= 0x80 || c == '"' || c == '\\')
            break;
    }
    *a = pd_str_sub(*a, n, a->len);
    *b = pd_str_sub(*b, n, b->len);
}

/** Orders members ("key":value) by key, RFC 8785 section 3.2.3. */
static int compare_members(const void *a, const void *b) {
    pd_str left = *(const pd_str *)a, right = *(const pd_str *)b;
    left = pd_str_sub(left, 1, left.len);
    right = pd_str_sub(right, 1, right.len);
    skip_common(&left, &right);
    unsigned char first_left = left.len ? (unsigned char)left.data[0] : '\\',
                  first_right = right.len ? (unsigned char)right.data[0] : '\\';
    if (first_left < 0x80 && first_right < 0x80 && first_left != '\\' && first_right != '\\') {
        if (first_left == '"' || first_right == '"') /* one has ended, or both */
            return (first_left != '"') - (first_right != '"');
        return first_left < first_right ? -1 : 1; /* they differ: else it were skipped */
    }
    for (;;) {
        uint32_t l = 0, r = 0;
        bool has_left = take_code_point(&left, &l);
        bool has_right = take_code_point(&right, &r);
        if (!has_left || !has_right)
            return has_left - has_right;
        if (l != r)
            return utf16_rank(l) < utf16_rank(r) ? -1 : 1;
    }
}

/** The nth member of the object that is ending, without the comma behind it. */
static pd_str member_at(const struct pd_json *w, const struct pd_json_frame *frame, size_t nth) {
    const char *offsets = w->members.data + frame->members_at;
    size_t at, end = w->buf->len + 1;
    memcpy(&at, offsets + nth * sizeof(at), sizeof(at));
    if (nth + 1 < frame->count)
        memcpy(&end, offsets + (nth + 1) * sizeof(end), sizeof(end));
    return (pd_str){w->buf->data + at, end - 1 - at};
}

static bool is_in_order(const struct pd_json *w, const struct pd_json_frame *frame) {
    pd_str last = member_at(w, frame, 0);
    for (size_t i = 1; i < frame->count; i++) {
        pd_str next = member_at(w, frame, i);
        if (compare_members(&last, &next) >= 0)
            return false;
        last = next;
    }
    return true;
}

/** Puts the members of the object that is ending into order; a key given twice is misuse. */
static void sort_members(struct pd_json *w, const struct pd_json_frame *frame) {
    size_t count = frame->count;
    if (count < 2) {
        w->members.len = frame->members_at;
        return;
    }
    if (is_in_order(w, frame)) { /* as most writers have them */
        w->members.len = frame->members_at;
        return;
    }
    size_t body_len = w->buf->len - frame->start;
    size_t table_len, scratch_len;
    char *scratch = NULL;
    if (pd_mul(count, sizeof(pd_str), &table_len) && pd_add(table_len, body_len, &scratch_len))
        scratch = pd_buf_reserve(&w->members, scratch_len);
    if (!scratch) {
        w->buf->failed = true;
        return;
    }
    pd_str *members = (pd_str *)(void *)scratch;
    char *body = scratch + table_len;
    for (size_t i = 0; i < count; i++)
        members[i] = member_at(w, frame, i);
    qsort(members, count, sizeof(*members), compare_members);
    size_t len = 0;
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && compare_members(&members[i - 1], &members[i]) == 0) {
            misused(w);
            return;
        }
        if (i > 0)
            body[len++] = ',';
        memcpy(body + len, members[i].data, members[i].len);
        len += members[i].len;
    }
    memcpy(w->buf->data + frame->start, body, len);
    w->members.len = frame->members_at;
}

void pd_json_str(struct pd_json *w, pd_str s) {
    if (begin_value(w))
        write_string(w->buf, s);
}

void pd_json_text(struct pd_json *w, const char *zero_terminated) {
    pd_json_str(w, pd_str_from(zero_terminated));
}

void pd_json_bool(struct pd_json *w, bool b) {
    if (begin_value(w))
        pd_buf_text(w->buf, b ? "true" : "false");
}

void pd_json_null(struct pd_json *w) {
    if (begin_value(w))
        pd_buf_text(w->buf, "null");
}

/** Digits of an integer; canonical readers hold numbers as doubles, so beyond 2^53 - 1 as text. */
static void write_integer(struct pd_json *w, bool is_negative, uint64_t magnitude) {
    if (!begin_value(w))
        return;
    bool as_text = w->mode == PD_JSON_CANONICAL && magnitude > (UINT64_C(1) << 53) - 1;
    char text[24]; /* 20 digits, a sign, two quotation marks */
    size_t at = sizeof(text);
    if (as_text)
        text[--at] = '"';
    do
        text[--at] = (char)('0' + magnitude % 10);
    while ((magnitude /= 10) > 0);
    if (is_negative)
        text[--at] = '-';
    if (as_text)
        text[--at] = '"';
    pd_buf_add(w->buf, text + at, sizeof(text) - at);
}

void pd_json_i64(struct pd_json *w, int64_t n) {
    write_integer(w, n < 0, n < 0 ? 0 - (uint64_t)n : (uint64_t)n);
}

void pd_json_u64(struct pd_json *w, uint64_t n) {
    write_integer(w, false, n);
}

void pd_json_double(struct pd_json *w, double d) {
    if (!isfinite(d)) {
        pd_json_null(w);
        return;
    }
    if (!begin_value(w))
        return;
    char text[PD_NUMBER_TEXT_SIZE];
    pd_buf_add(w->buf, text, pd_number_write(d, text));
}

void pd_json_hex(struct pd_json *w, const void *bytes, size_t n) {
    if (!begin_value(w))
        return;
    pd_buf_char(w->buf, '"');
    size_t len;
    char *at = pd_mul(n, 2, &len) ? pd_buf_reserve(w->buf, len) : NULL;
    if (at) {
        pd_hex_encode(bytes, n, at);
        w->buf->len += len;
    } else {
        w->buf->failed = true;
    }
    pd_buf_char(w->buf, '"');
}

void pd_json_base64(struct pd_json *w, const void *bytes, size_t n) {
    if (!begin_value(w))
        return;
    pd_buf_char(w->buf, '"');
    size_t len;
    char *at = pd_mul(n / 3 + 1, 4, &len) ? pd_buf_reserve(w->buf, len) : NULL;
    if (at)
        w->buf->len += pd_base64_encode(bytes, n, at);
    else
        w->buf->failed = true;
    pd_buf_char(w->buf, '"');
}

void pd_json_time(struct pd_json *w, int64_t time_us) {
    char text[PD_TIME_TEXT_SIZE];
    pd_time_write(time_us, PD_TIME_SECONDS, text);
    pd_json_text(w, text);
}

void pd_json_raw(struct pd_json *w, pd_str json) {
    if (!begin_value(w))
        return;
    if (json.len == 0)
        misused(w);
    pd_buf_str(w->buf, json);
}

void pd_json_member_str(struct pd_json *w, const char *key, pd_str value) {
    pd_json_key(w, key);
    pd_json_str(w, value);
}

void pd_json_member_text(struct pd_json *w, const char *key, const char *value) {
    pd_json_key(w, key);
    pd_json_text(w, value);
}

void pd_json_member_i64(struct pd_json *w, const char *key, int64_t value) {
    pd_json_key(w, key);
    pd_json_i64(w, value);
}

void pd_json_member_bool(struct pd_json *w, const char *key, bool value) {
    pd_json_key(w, key);
    pd_json_bool(w, value);
}

void pd_json_member_double(struct pd_json *w, const char *key, double value) {
    pd_json_key(w, key);
    pd_json_double(w, value);
}

enum pd_status pd_json_finish(struct pd_json *w, struct pd_arena *arena, pd_str *out,
                              struct pd_error *err) {
    struct pd_buf *buf = w->buf;
    pd_json_clear(w);
    enum pd_status st = pd_buf_check(buf, err);
    if (st == PD_OK) {
        pd_str text = pd_arena_str(arena, pd_buf_view(buf));
        if (text.data)
            *out = text;
        else
            st = pd_fail_memory(err);
    }
    pd_buf_clear(buf);
    return st;
}
