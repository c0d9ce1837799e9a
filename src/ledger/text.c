/* The small text forms that notes, checkpoints, proof files and leaves share. */
#include "ledger/ledger_impl.h"
#include <inttypes.h>

enum pd_status ledger_parse_count(pd_str text, const char *what, uint64_t *out,
                                  struct pd_error *err) {
    bool is_digits = text.len > 0 && (text.len == 1 || text.data[0] != '0');
    for (size_t i = 0; i < text.len && is_digits; i++)
        is_digits = text.data[i] >= '0' && text.data[i] <= '9';
    if (!is_digits)
        return pd_fail(err, PD_INVALID,
                       "%s \"%.*s\" is not a decimal number without sign or leading zeros", what,
                       pd_arg(pd_str_sub(text, 0, 40)));
    uint64_t value;
    if (!pd_parse_u64(text, &value) || value > LEDGER_SIZE_MAX)
        return pd_fail(err, PD_LIMIT, "%s %.*s is above 2^62, the most that a log can hold", what,
                       pd_arg(pd_str_sub(text, 0, 40)));
    *out = value;
    return PD_OK;
}

bool ledger_parse_hash(pd_str text, crypto_hash *out) {
    uint8_t bytes[3 * (LEDGER_HASH_BASE64 / 4)];
    size_t n;
    if (text.len != LEDGER_HASH_BASE64 || !pd_base64_decode(text, bytes, &n) ||
        n != CRYPTO_HASH_SIZE)
        return false;
    for (size_t i = 0; i < CRYPTO_HASH_SIZE; i++)
        out->bytes[i] = bytes[i];
    return true;
}

void ledger_write_hash(const crypto_hash *hash, struct pd_buf *out) {
    char text[LEDGER_HASH_BASE64 + 1];
    pd_base64_encode(hash->bytes, CRYPTO_HASH_SIZE, text);
    pd_buf_text(out, text);
    pd_buf_char(out, '\n');
}

bool ledger_take_line(pd_str *rest, pd_str *line) {
    size_t at = pd_str_find_char(*rest, '\n');
    if (at == PD_NPOS)
        return false;
    *line = pd_str_sub(*rest, 0, at);
    *rest = pd_str_sub(*rest, at + 1, rest->len - at - 1);
    return true;
}

enum pd_status ledger_check_lines(pd_str text, const char *what, struct pd_error *err) {
    size_t bad_at = text.len;
    if (!pd_utf8_valid(text, &bad_at))
        return pd_fail(err, PD_INVALID, "%s is not UTF-8: see byte %zu", what, bad_at + 1);
    size_t line = 1;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '\n')
            line++;
        else if (c < 0x20)
            return pd_fail(
                err, PD_INVALID,
                "%s has the control character 0x%02x in line %zu (byte %zu); lines end in a "
                "line feed alone",
                what, c, line, i + 1);
    }
    return PD_OK;
}

enum pd_status ledger_check_origin(pd_str origin, struct pd_error *err) {
    if (origin.len == 0 || origin.len > LEDGER_NAME_MAX)
        return pd_fail(err, PD_INVALID, "a log's or key's name has 1 to %d bytes, not %zu",
                       LEDGER_NAME_MAX, origin.len);
    if (pd_str_find_char(origin, '\n') != PD_NPOS)
        return pd_fail(err, PD_INVALID, "a log's or key's name is a single line");
    return ledger_check_lines(origin, "the name of the log or key", err);
}

/* White_Space of Unicode 15, without the control characters below 0x20. */
static bool is_space(uint32_t c) {
    static const struct range {
        uint32_t first, last;
    } spaces[] = {{0x20, 0x20},     {0x85, 0x85},     {0xA0, 0xA0},
                  {0x1680, 0x1680}, {0x2000, 0x200A}, {0x2028, 0x2029},
                  {0x202F, 0x202F}, {0x205F, 0x205F}, {0x3000, 0x3000}};
    for (size_t i = 0; i < sizeof(spaces) / sizeof(spaces[0]); i++)
        if (c >= spaces[i].first && c <= spaces[i].last)
            return true;
    return false;
}

enum pd_status ledger_check_name(pd_str name, struct pd_error *err) {
    enum pd_status st = ledger_check_origin(name, err);
    if (st != PD_OK)
        return st;
    uint32_t c;
    for (size_t at = 0; at < name.len;) {
        at += pd_utf8_decode(name, at, &c);
        if (c == '+' || is_space(c))
            return pd_fail(err, PD_INVALID, "the key name \"%.*s\" has a '+' or white space in it",
                           pd_arg(name));
    }
    return PD_OK;
}
