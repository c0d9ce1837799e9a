/* How a file is written, as somebody says: the same words on the command line and in an intent. */
#include "govern/govern_impl.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

/* ---- One word each ---- */

static enum pd_status parse_form(pd_str text, struct table_dialect *out, struct pd_error *err) {
    if (table_form_parse(text, &out->form))
        return PD_OK;
    return pd_fail(err, PD_USAGE,
                   "form \"%.*s\": say csv, json (a list of records) or jsonl (one "
                   "record after the other)",
                   pd_arg(text));
}

static enum pd_status parse_encoding(pd_str text, struct table_dialect *out, struct pd_error *err) {
    if (table_encoding_parse(text, &out->encoding))
        return PD_OK;
    char known[512] = "";
    size_t n = 0;
    for (int e = TABLE_UTF_8; e < TABLE_ENCODING_COUNT; e++) {
        const char *name = table_encoding_name((enum table_encoding)e);
        if (n + strlen(name) + 3 > sizeof(known))
            break;
        n += (size_t)snprintf(known + n, sizeof(known) - n, "%s%s", n > 0 ? ", " : "", name);
    }
    return pd_fail(err, PD_USAGE, "encoding \"%.*s\" is not known; known are %s", pd_arg(text),
                   known);
}

/* A character, or its name where a shell makes it hard to type. */
static bool parse_character(pd_str text, char *out) {
    static const struct {
        const char *name;
        char c;
    } names[] = {{"tab", '\t'},    {"\\t", '\t'},       {"comma", ','}, {"semicolon", ';'},
                 {"bar", '|'},     {"colon", ':'},      {"space", ' '}, {"double", '"'},
                 {"single", '\''}, {"none", TABLE_NONE}};
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        if (!pd_str_eq_ascii_case(text, pd_str_from(names[i].name)))
            continue;
        *out = names[i].c;
        return true;
    }
    unsigned char c = text.len == 1 ? (unsigned char)text.data[0] : 0;
    *out = (char)c;
    return c > 0 && c < 0x80 && c != '\n' && c != '\r';
}

static enum pd_status parse_separator(pd_str text, struct table_dialect *out,
                                      struct pd_error *err) {
    if (parse_character(text, &out->separator))
        return PD_OK;
    return pd_fail(err, PD_USAGE,
                   "separator \"%.*s\": say one ASCII character, or tab, comma, "
                   "semicolon, bar, space, or none (one column)",
                   pd_arg(text));
}

static enum pd_status parse_quote(pd_str text, struct table_dialect *out, struct pd_error *err) {
    if (parse_character(text, &out->quote))
        return PD_OK;
    return pd_fail(err, PD_USAGE,
                   "quote \"%.*s\": say one ASCII character, or double, single, or "
                   "none",
                   pd_arg(text));
}

static enum pd_status parse_header(pd_str text, struct table_dialect *out, struct pd_error *err) {
    if (pd_str_eq_ascii_case(text, PD_STR("none"))) {
        out->header = TABLE_HEADER_NONE;
        return PD_OK;
    }
    out->header = TABLE_HEADER_FIRST;
    if (pd_parse_u64(text, &out->first_line) && out->first_line > 0)
        return PD_OK;
    return pd_fail(err, PD_USAGE,
                   "header \"%.*s\": say the number of its line, from 1, or none if there is none",
                   pd_arg(text));
}

static enum pd_status parse_records(pd_str text, struct table_dialect *out, struct pd_error *err) {
    if (text.len >= sizeof(out->records))
        return pd_fail(err, PD_USAGE, "the name of the records' member is longer than %zu bytes",
                       sizeof(out->records) - 1);
    if (!pd_utf8_valid(text, NULL) || pd_str_find_char(text, '\0') != PD_NPOS)
        return pd_fail(err, PD_USAGE, "the name of the records' member is not UTF-8");
    memcpy(out->records, text.data, text.len);
    out->records[text.len] = '\0';
    return PD_OK;
}

static const struct word {
    const char *name;
    size_t at; /* of the pd_str in struct govern_form */
    enum pd_status (*parse)(pd_str text, struct table_dialect *out, struct pd_error *err);
} words[] = {
    {"form", offsetof(struct govern_form, form), parse_form},
    {"encoding", offsetof(struct govern_form, encoding), parse_encoding},
    {"separator", offsetof(struct govern_form, separator), parse_separator},
    {"quote", offsetof(struct govern_form, quote), parse_quote},
    {"header", offsetof(struct govern_form, header), parse_header},
    {"records", offsetof(struct govern_form, records), parse_records},
};
enum { WORDS = sizeof(words) / sizeof(words[0]) };

static const pd_str *word_get(const struct govern_form *form, const struct word *word) {
    return (const pd_str *)(const void *)((const char *)form + word->at);
}

static pd_str *word_of(struct govern_form *form, const struct word *word) {
    return (pd_str *)(void *)((char *)form + word->at);
}

/* ---- All of them ---- */

enum pd_status govern_form_parse(const struct govern_form *form, struct table_dialect *out,
                                 struct pd_error *err) {
    *out = (struct table_dialect){0};
    for (size_t i = 0; form && i < WORDS; i++) {
        pd_str text = *word_get(form, &words[i]);
        enum pd_status st = text.len ? words[i].parse(text, out, err) : PD_OK;
        if (st != PD_OK)
            return st;
    }
    if (out->form == TABLE_FORM_FIND && (out->separator || out->quote || out->header))
        out->form = TABLE_CSV; /* what only CSV has */
    if (out->form != TABLE_FORM_FIND && out->form != TABLE_CSV &&
        (out->separator || out->quote || out->header))
        return pd_fail(err, PD_USAGE, "JSON has no separator, quote or header that could be given");
    return PD_OK;
}

const char *form_word_name(size_t i) {
    return i < WORDS ? words[i].name : NULL;
}

pd_str form_word_get(const struct govern_form *form, size_t i) {
    return *word_get(form, &words[i]);
}

void form_word_set(struct govern_form *form, size_t i, pd_str text) {
    *word_of(form, &words[i]) = text;
}
