/*
 * E-mail (RFC 5322, MIME RFC 2045 to 2047): the headers that people see, and every part that is
 * text, out of its transfer encoding and character set. Attachments of other forms are named and
 * not opened.
 */
#include "source/source_impl.h"
#include <string.h>

enum { DEPTH_MAX = 10, PARTS_MAX = 1000, HEADER_MAX = 1 << 16, BOUNDARY_MAX = 200 };

struct mail {
    struct pd_buf out;
    const struct source_sink *sink;
    unsigned parts;
};

/* ---- Lines ---- */

/* The next line without its end; false at the end of the text. */
static bool next_line(pd_str *rest, pd_str *line) {
    if (rest->len == 0)
        return false;
    size_t end = pd_str_find_char(*rest, '\n');
    *line = pd_str_sub(*rest, 0, end == PD_NPOS ? rest->len : end);
    *rest = pd_str_sub(*rest, end == PD_NPOS ? rest->len : end + 1, SIZE_MAX);
    if (line->len > 0 && line->data[line->len - 1] == '\r')
        line->len--;
    return true;
}

/* ---- Transfer encodings ---- */

static int hex_digit(char c) {
    if (c >= '0' && c <= '9')
        return c - '0';
    c |= 0x20;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* is_word: of a header, where an underscore is a space (RFC 2047, 4.2). */
static void decode_quoted(pd_str text, bool is_word, struct pd_buf *out) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        int high = c == '=' && i + 2 < text.len ? hex_digit(text.data[i + 1]) : -1;
        int low = high >= 0 ? hex_digit(text.data[i + 2]) : -1;
        if (low >= 0) {
            pd_buf_char(out, (char)(high * 16 + low));
            i += 2;
        } else if (c == '=' && !is_word) {
            /* A soft line break: to the end of the line, blanks included. */
            size_t end = i + 1;
            while (end < text.len &&
                   (text.data[end] == ' ' || text.data[end] == '\t' || text.data[end] == '\r'))
                end++;
            if (end < text.len && text.data[end] != '\n')
                pd_buf_char(out, c);
            else
                i = end;
        } else {
            pd_buf_char(out, c == '_' && is_word ? ' ' : c);
        }
    }
}

static int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* What is no digit is skipped, as RFC 2045 6.8 wants. */
static void decode_base64(pd_str text, struct pd_buf *out) {
    uint32_t bits = 0;
    unsigned have = 0;
    for (size_t i = 0; i < text.len && text.data[i] != '='; i++) {
        int digit = base64_digit(text.data[i]);
        if (digit < 0)
            continue;
        bits = (bits << 6 | (uint32_t)digit) & 0xffffff;
        have += 6;
        if (have >= 8) {
            have -= 8;
            pd_buf_char(out, (char)(bits >> have & 0xff));
        }
    }
}

/* ---- Headers ---- */

/* As UTF-8, whatever set its bytes are of; a set that nobody knows is found by evidence. */
static enum pd_status add_text(const char *charset, pd_str bytes, struct pd_buf *out,
                               struct pd_error *err) {
    const char *found;
    bool is_utf8 = pd_utf8_valid(bytes, NULL);
    enum pd_status st = is_utf8 ? PD_OK : PD_UNSUPPORTED;
    if (is_utf8)
        pd_buf_str(out, bytes);
    else if (charset[0] != '\0')
        st = source_decode(charset, bytes, out, err);
    return st == PD_UNSUPPORTED ? source_decode_unknown(bytes, out, &found, err) : st;
}

/* One "=?charset?B?text?=" at the start of `text`; its length, or 0. */
static size_t encoded_word(pd_str text, struct pd_buf *out) {
    char charset[64];
    size_t first = pd_str_find_char(pd_str_sub(text, 2, SIZE_MAX), '?');
    if (!pd_str_starts(text, PD_STR("=?")) || first == PD_NPOS || first >= sizeof(charset) ||
        first + 5 > text.len || text.data[first + 4] != '?')
        return 0;
    size_t star = pd_str_find_char(pd_str_sub(text, 2, first), '*'); /* a language, RFC 2231 5 */
    size_t n = star == PD_NPOS ? first : star;
    memcpy(charset, text.data + 2, n);
    charset[n] = '\0';
    pd_str body = pd_str_sub(text, first + 5, SIZE_MAX);
    size_t end = pd_str_find(body, PD_STR("?="));
    char kind = (char)(text.data[first + 3] | 0x20);
    if (end == PD_NPOS || (kind != 'b' && kind != 'q'))
        return 0;
    struct pd_buf bytes;
    pd_buf_init(&bytes, HEADER_MAX);
    if (kind == 'b')
        decode_base64(pd_str_sub(body, 0, end), &bytes);
    else
        decode_quoted(pd_str_sub(body, 0, end), true, &bytes);
    struct pd_error ignored = {0}; /* then the word stands as it was written */
    enum pd_status st = add_text(charset, pd_buf_view(&bytes), out, &ignored);
    pd_buf_clear(&bytes);
    return st == PD_OK ? first + 5 + end + 2 : 0;
}

/* A header's value as people read it: white space between encoded words is none (RFC 2047, 6.2). */
static void decode_header(pd_str value, struct pd_buf *out) {
    for (size_t i = 0; i < value.len;) {
        char c = value.data[i];
        size_t used = c == '=' ? encoded_word(pd_str_sub(value, i, SIZE_MAX), out) : 0;
        if (used > 0) {
            i += used;
            size_t next = i;
            while (next < value.len && (value.data[next] == ' ' || value.data[next] == '\t'))
                next++;
            if (next + 1 < value.len && value.data[next] == '=' && value.data[next + 1] == '?')
                i = next;
            continue;
        }
        pd_buf_char(out, c == '\t' || c == '\0' ? ' ' : c);
        i++;
    }
}

struct headers {
    struct pd_buf type, encoding, disposition; /* unfolded values */
    struct pd_buf shown;                       /* the lines that people see */
};

static void headers_init(struct headers *h) {
    pd_buf_init(&h->type, HEADER_MAX);
    pd_buf_init(&h->encoding, HEADER_MAX);
    pd_buf_init(&h->disposition, HEADER_MAX);
    pd_buf_init(&h->shown, 16 * HEADER_MAX);
}

static void headers_clear(struct headers *h) {
    pd_buf_clear(&h->type);
    pd_buf_clear(&h->encoding);
    pd_buf_clear(&h->disposition);
    pd_buf_clear(&h->shown);
}

static void take_header(struct headers *h, pd_str line) {
    static const char *const shown[] = {"from",     "to",          "cc",
                                        "bcc",      "reply-to",    "sender",
                                        "subject",  "date",        "x-originating-ip",
                                        "received", "return-path", "delivered-to"};
    size_t colon = pd_str_find_char(line, ':');
    if (colon == PD_NPOS)
        return;
    pd_str name = pd_str_sub(line, 0, colon);
    pd_str value = pd_str_trim(pd_str_sub(line, colon + 1, SIZE_MAX));
    const struct {
        const char *name;
        struct pd_buf *to;
    } kept[] = {{"content-type", &h->type},
                {"content-transfer-encoding", &h->encoding},
                {"content-disposition", &h->disposition}};
    for (size_t i = 0; i < 3; i++)
        if (pd_str_eq_ascii_case(name, pd_str_from(kept[i].name)) && kept[i].to->len == 0)
            pd_buf_str(kept[i].to, value);
    for (size_t i = 0; i < sizeof(shown) / sizeof(shown[0]); i++)
        if (pd_str_eq_ascii_case(name, pd_str_from(shown[i]))) {
            pd_buf_str(&h->shown, name);
            pd_buf_text(&h->shown, ": ");
            decode_header(value, &h->shown);
            pd_buf_char(&h->shown, '\n');
        }
}

/* Reads the headers off the front; folded lines are one (RFC 5322, 2.2.3). */
static void take_headers(pd_str *rest, struct headers *h) {
    struct pd_buf unfolded;
    pd_str line;
    pd_buf_init(&unfolded, HEADER_MAX);
    while (next_line(rest, &line) && line.len > 0) {
        bool is_folded = line.data[0] == ' ' || line.data[0] == '\t';
        if (!is_folded && unfolded.len > 0) {
            take_header(h, pd_buf_view(&unfolded));
            pd_buf_reset(&unfolded);
        }
        if (is_folded)
            pd_buf_char(&unfolded, ' ');
        pd_buf_str(&unfolded, is_folded ? pd_str_trim(line) : line);
    }
    take_header(h, pd_buf_view(&unfolded));
    pd_buf_clear(&unfolded);
}

/* A parameter of a header: name=value or name="value" (RFC 2045, 5.1); false: there is none. */
static bool find_parameter(pd_str header, const char *name, char *out, size_t size) {
    pd_str wanted = pd_str_from(name), rest = header, piece;
    (void)pd_str_split(&rest, ';', &piece); /* the value itself */
    while (pd_str_split(&rest, ';', &piece)) {
        size_t equals = pd_str_find_char(piece, '=');
        if (equals == PD_NPOS ||
            !pd_str_eq_ascii_case(pd_str_trim(pd_str_sub(piece, 0, equals)), wanted))
            continue;
        pd_str value = pd_str_trim(pd_str_sub(piece, equals + 1, SIZE_MAX));
        if (value.len > 0 && value.data[0] == '"') {
            value = pd_str_sub(value, 1, SIZE_MAX);
            size_t end = pd_str_find_char(value, '"');
            value = pd_str_sub(value, 0, end == PD_NPOS ? value.len : end);
        }
        if (value.len == 0 || value.len >= size)
            return false;
        memcpy(out, value.data, value.len);
        out[value.len] = '\0';
        return true;
    }
    return false;
}

static bool is_type(pd_str header, const char *start) {
    pd_str s = pd_str_from(start);
    return pd_str_eq_ascii_case(pd_str_sub(pd_str_trim(header), 0, s.len), s);
}

/* ---- Parts ---- */

static enum pd_status take_entity(struct mail *m, pd_str entity, unsigned depth,
                                  struct pd_error *err);

static enum pd_status take_multipart(struct mail *m, pd_str body, const char *boundary,
                                     unsigned depth, struct pd_error *err) {
    pd_str rest = body, line, mark = pd_str_from(boundary);
    const char *from = NULL; /* of the part at hand */
    enum pd_status st = PD_OK;
    bool is_over = false;
    while (st == PD_OK && !is_over) {
        const char *at = rest.data;
        bool has_line = next_line(&rest, &line);
        bool is_mark = has_line && pd_str_starts(line, PD_STR("--")) &&
                       pd_str_starts(pd_str_sub(line, 2, SIZE_MAX), mark);
        if (has_line && !is_mark)
            continue;
        /* A part that the end of the message cuts off counts as well. */
        const char *end = has_line ? at : body.data + body.len;
        if (from != NULL)
            st = take_entity(m, (pd_str){from, (size_t)(end - from)}, depth + 1, err);
        is_over =
            !has_line || pd_str_starts(pd_str_sub(line, 2 + mark.len, SIZE_MAX), PD_STR("--"));
        from = rest.len > 0 ? rest.data : body.data + body.len;
    }
    return st;
}

static enum pd_status take_text(struct mail *m, const struct headers *h, pd_str bytes, bool is_html,
                                struct pd_error *err) {
    char charset[64] = "";
    struct pd_buf page;
    pd_buf_init(&page, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    if (!find_parameter(pd_buf_view(&h->type), "charset", charset, sizeof(charset)) && is_html)
        (void)source_html_charset(bytes, charset);
    enum pd_status st = add_text(charset, bytes, is_html ? &page : &m->out, err);
    if (st == PD_OK && is_html)
        st = source_html_text(pd_buf_view(&page), &m->out, err);
    pd_buf_clear(&page);
    if (m->out.len > 0 && m->out.data[m->out.len - 1] != '\n')
        pd_buf_char(&m->out, '\n');
    return st;
}

static enum pd_status note_attachment(struct mail *m, const struct headers *h,
                                      struct pd_error *err) {
    char name[256] = "";
    if (!find_parameter(pd_buf_view(&h->disposition), "filename", name, sizeof(name)))
        (void)find_parameter(pd_buf_view(&h->type), "name", name, sizeof(name));
    struct pd_buf shown;
    pd_buf_init(&shown, HEADER_MAX);
    decode_header(pd_str_from(name), &shown);
    bool is_named = shown.len > 0 && pd_utf8_valid(pd_buf_view(&shown), NULL);
    enum pd_status st =
        source_note(m->sink, err, "An attachment was not read: %.*s (%.*s); save it and name it.",
                    pd_arg(is_named ? pd_buf_view(&shown) : PD_STR("without a name")),
                    pd_arg(pd_str_sub(pd_buf_view(&h->type), 0, 80)));
    if (is_named) { /* its name may say something of somebody */
        pd_buf_str(&m->out, pd_buf_view(&shown));
        pd_buf_char(&m->out, '\n');
    }
    pd_buf_clear(&shown);
    return st;
}

static enum pd_status take_body(struct mail *m, const struct headers *h, pd_str body,
                                unsigned depth, struct pd_error *err) {
    char boundary[BOUNDARY_MAX];
    pd_str type = pd_buf_view(&h->type), encoding = pd_buf_view(&h->encoding);
    if (is_type(type, "multipart/") && find_parameter(type, "boundary", boundary, sizeof(boundary)))
        return take_multipart(m, body, boundary, depth, err);
    bool is_html = is_type(type, "text/html");
    bool is_text = type.len == 0 || is_type(type, "text/"), is_mail = is_type(type, "message/");
    if (!is_text && !is_mail)
        return note_attachment(m, h, err);
    struct pd_buf bytes;
    pd_buf_init(&bytes, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    bool is_base64 = is_type(encoding, "base64"), is_quoted = is_type(encoding, "quoted-printable");
    if (is_base64)
        decode_base64(body, &bytes);
    else if (is_quoted)
        decode_quoted(body, false, &bytes);
    if (is_base64 || is_quoted)
        body = pd_buf_view(&bytes);
    enum pd_status st = is_mail && is_type(type, "message/rfc822")
                            ? take_entity(m, body, depth + 1, err)
                            : take_text(m, h, body, is_html, err);
    pd_buf_clear(&bytes);
    return st;
}

static enum pd_status take_entity(struct mail *m, pd_str entity, unsigned depth,
                                  struct pd_error *err) {
    if (depth > DEPTH_MAX)
        return pd_fail(err, PD_LIMIT, "its parts are nested deeper than %d", DEPTH_MAX);
    if (++m->parts > PARTS_MAX)
        return pd_fail(err, PD_LIMIT, "it has more than %d parts", PARTS_MAX);
    struct headers h;
    headers_init(&h);
    take_headers(&entity, &h);
    /* Old programs write headers in some 8-bit set. */
    enum pd_status st = add_text("", pd_buf_view(&h.shown), &m->out, err);
    if (st == PD_OK && h.shown.len > 0)
        pd_buf_char(&m->out, '\n');
    if (st == PD_OK)
        st = take_body(m, &h, entity, depth, err);
    if (st == PD_OK && m->out.failed)
        st = pd_fail(err, PD_LIMIT, "its text has more than %d MiB", SOURCE_TEXT_MIB);
    headers_clear(&h);
    return st;
}

enum pd_status source_email(pd_str bytes, const struct source_wanted *wanted,
                            const struct source_sink *sink, struct pd_error *err) {
    struct mail m = {.sink = sink};
    pd_str line;
    (void)wanted;
    pd_buf_init(&m.out, (size_t)SOURCE_TEXT_MIB * SOURCE_MIB);
    if (pd_str_starts(bytes, PD_STR("\xef\xbb\xbf")))
        bytes = pd_str_sub(bytes, 3, SIZE_MAX);
    if (pd_str_starts(bytes, PD_STR("From "))) /* the line of a mailbox before its first message */
        (void)next_line(&bytes, &line);
    enum pd_status st = take_entity(&m, bytes, 0, err);
    if (st == PD_OK)
        st = source_text_write(pd_buf_view(&m.out), sink, err);
    pd_buf_clear(&m.out);
    return st;
}
