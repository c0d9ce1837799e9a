/* One cell under one step. */
#include "protect/protect_impl.h"

static const char *const METHOD_NAMES[PROTECT_METHOD_COUNT] = {
    [PROTECT_KEEP] = "keep",
    [PROTECT_DROP] = "drop",
    [PROTECT_MASK] = "mask",
    [PROTECT_PSEUDONYM] = "pseudonym",
    [PROTECT_GENERALISE_DATE] = "generalise_date",
    [PROTECT_GENERALISE_NUMBER] = "generalise_number",
    [PROTECT_GENERALISE_TEXT] = "generalise_text",
    [PROTECT_FORMAT_PRESERVING] = "format_preserving",
    [PROTECT_SHIFT_DATE] = "shift_date",
    [PROTECT_GENERALISE_HIERARCHY] = "generalise_hierarchy",
    [PROTECT_TOP_BOTTOM] = "top_bottom_code",
    [PROTECT_ROUND] = "round",
    [PROTECT_REDACT] = "redact",
};
static const char *const DATE_NAMES[] = {"hour", "day",        "month",  "quarter",
                                         "year", "five_years", "decade", "suppressed"};

const char *protect_method_name(enum protect_method method) {
    return METHOD_NAMES[method];
}

const char *protect_date_name(enum protect_date date) {
    return DATE_NAMES[date - PROTECT_HOUR];
}

/* One alone; a table's column goes through protect_hand_cell, which has the key ready. */
static void write_pseudonym(pd_str column_name, const uint8_t *key, pd_str cell,
                            struct pd_buf *out) {
    struct crypto_mac *mac = crypto_mac_new(key, CRYPTO_KEY_SIZE);
    if (mac == NULL)
        out->failed = true;
    else
        protect_pseudonym(mac, column_name, cell, out);
    crypto_mac_free(mac);
}

static void write_prefix(pd_str cell, size_t keep, struct pd_buf *out) {
    if (keep == 0) {
        pd_buf_char(out, '*');
        return;
    }
    uint32_t c;
    size_t at = 0;
    for (size_t i = 0; i < keep && at < cell.len; i++)
        at += pd_utf8_decode(cell, at, &c);
    pd_buf_add(out, cell.data, at);
    for (; at < cell.len; at += pd_utf8_decode(cell, at, &c))
        pd_buf_char(out, '*');
}

enum protect_effect protect_cell(const struct protect_step *step, pd_str column_name,
                                 const uint8_t *key, pd_str cell, struct pd_buf *out) {
    if (cell.len == 0)
        return PROTECT_UNCHANGED;
    size_t before = out->len;
    bool is_of_type = true;
    pd_str found;
    switch (step->method) {
    case PROTECT_DROP:
        return PROTECT_CHANGED;
    case PROTECT_MASK:
        protect_mask(cell, step->mask, out);
        break;
    case PROTECT_PSEUDONYM:
        write_pseudonym(column_name, key, cell, out);
        break;
    case PROTECT_GENERALISE_DATE:
        is_of_type = protect_date_generalise(cell, step->date, out);
        break;
    case PROTECT_GENERALISE_NUMBER:
        is_of_type = protect_number_generalise(cell, step->width, step->whole, out);
        break;
    case PROTECT_GENERALISE_TEXT:
        write_prefix(cell, step->keep, out);
        break;
    case PROTECT_GENERALISE_HIERARCHY:
        if (!protect_value_tree_find(step->tree, cell, step->level, &found))
            return PROTECT_NO_ROW;
        pd_buf_str(out, found);
        break;
    case PROTECT_TOP_BOTTOM:
        is_of_type = protect_number_top_bottom(cell, step, out);
        break;
    case PROTECT_ROUND:
        is_of_type = protect_number_round(cell, step->width, out);
        break;
    case PROTECT_REDACT:
        is_of_type = protect_redact(cell, out);
        break;
    case PROTECT_FORMAT_PRESERVING:
    case PROTECT_SHIFT_DATE:
        is_of_type = false;
        break;
    case PROTECT_KEEP:
    case PROTECT_METHOD_COUNT:
        pd_buf_str(out, cell);
        return PROTECT_UNCHANGED;
    }
    if (!is_of_type) {
        pd_buf_char(out, '*');
        return PROTECT_NOT_ITS_TYPE;
    }
    /* A buffer that failed may hold less than it did; then the answer does not matter. */
    pd_str written = out->failed ? (pd_str){0} : pd_str_sub(pd_buf_view(out), before, out->len);
    return pd_str_eq(written, cell) ? PROTECT_UNCHANGED : PROTECT_CHANGED;
}
