/* Steps that need more than a cell: a key made ready, or whose row it is; and the draw of a sample. */
#include "protect/protect_impl.h"

#include <string.h>

bool protect_step_needs_key(const struct protect_step *step) {
    return step->method == PROTECT_PSEUDONYM || step->method == PROTECT_FORMAT_PRESERVING ||
           step->method == PROTECT_SHIFT_DATE;
}

enum pd_status protect_hand_open(struct protect_hand *hand, const struct protect_step *step,
                                 pd_str column_name, const uint8_t *key, struct pd_error *err) {
    *hand = (struct protect_hand){.step = step, .key = key};
    if (step == NULL)
        return PD_OK;
    hand->scope = step->scope.len > 0 ? step->scope : column_name;
    if (protect_step_needs_key(step) && key == NULL)
        return pd_fail(err, PD_USAGE, "column \"%.*s\": %s needs a key", pd_arg(column_name),
                       step->method == PROTECT_PSEUDONYM ? "pseudonyms"
                       : step->method == PROTECT_SHIFT_DATE ? "dates shifted by person"
                                                            : "format-preserving encryption");
    if (step->method == PROTECT_PSEUDONYM) {
        hand->mac = crypto_mac_new(key, CRYPTO_KEY_SIZE);
        return hand->mac == NULL ? pd_fail_memory(err) : PD_OK;
    }
    if (step->method != PROTECT_FORMAT_PRESERVING)
        return PD_OK;
    /* Of a key of its own for each scope, so that FF1's tweak is free to stay empty. */
    uint8_t derived[CRYPTO_KEY_SIZE];
    crypto_hkdf(key, CRYPTO_KEY_SIZE, PD_STR("polder protect ff1"), hand->scope, derived,
                sizeof(derived));
    enum pd_status st = protect_ff1_new(derived, sizeof(derived), 10, &hand->ff1, err);
    crypto_wipe(derived, sizeof(derived));
    return st;
}

void protect_hand_close(struct protect_hand *hand) {
    protect_ff1_free(hand->ff1);
    crypto_mac_free(hand->mac);
    hand->ff1 = NULL;
    hand->mac = NULL;
}

/* HMAC-SHA-256 of the label's length (8 bytes, big-endian), the label and the text: 64 bits of it. */
static uint64_t draw(const uint8_t *key, const char *what, pd_str label, pd_str text, bool *fits) {
    struct pd_buf message;
    uint64_t number = 0;
    pd_buf_init(&message, SIZE_MAX);
    pd_buf_text(&message, what);
    for (int shift = 56; shift >= 0; shift -= 8)
        pd_buf_char(&message, (char)((uint64_t)label.len >> shift & 0xff));
    pd_buf_str(&message, label);
    pd_buf_str(&message, text);
    *fits = !message.failed;
    crypto_hash mac = crypto_hmac(key, CRYPTO_KEY_SIZE, message.data, message.len);
    for (size_t i = 0; i < 8; i++)
        number = number << 8 | mac.bytes[i];
    pd_buf_clear(&message);
    return number;
}

/* Of 2 * days possible shifts each is as likely, up to a bias of 2^-50. */
static enum protect_effect shift(const struct protect_hand *hand, pd_str person, pd_str cell,
                                 struct pd_buf *out) {
    bool fits = true;
    uint64_t days = hand->step->days;
    uint64_t drawn =
        draw(hand->key, "polder protect shift", hand->scope, person, &fits) % (2 * days);
    int by = drawn < days ? (int)drawn - (int)days : (int)(drawn - days) + 1;
    out->failed = out->failed || !fits;
    if (person.len > 0 && protect_date_shift(cell, hand->undoes ? -by : by, out))
        return PROTECT_CHANGED;
    pd_buf_char(out, '*');
    return PROTECT_NOT_ITS_TYPE;
}

static bool has_too_few_digits(const struct protect_step *step, pd_str cell) {
    size_t digits = 0;
    for (size_t i = 0; i < cell.len; i++)
        digits += cell.data[i] >= '0' && cell.data[i] <= '9';
    enum { DIGITS_OF_A_MILLION = 6 };
    return step->format == PROTECT_FORMAT_DIGITS && digits > 0 &&
           digits < (size_t)step->keep + DIGITS_OF_A_MILLION;
}

static enum protect_effect encrypt(const struct protect_hand *hand, pd_str cell,
                                   struct pd_buf *out) {
    const struct protect_step *step = hand->step;
    if (hand->undoes)
        return protect_format_decrypt(hand->ff1, step->format, step->keep, (pd_str){0}, cell, out)
                   ? PROTECT_CHANGED
                   : PROTECT_NOT_ITS_TYPE;
    if (protect_format_encrypt(hand->ff1, step->format, step->keep, (pd_str){0}, cell, out))
        return PROTECT_CHANGED;
    if (has_too_few_digits(step, cell))
        return PROTECT_TOO_FEW_DIGITS;
    pd_buf_char(out, '*');
    return PROTECT_NOT_ITS_TYPE;
}

enum protect_effect protect_hand_cell(const struct protect_hand *hand, pd_str person, pd_str cell,
                                      struct pd_buf *out) {
    if (cell.len == 0)
        return PROTECT_UNCHANGED;
    if (hand->step->method == PROTECT_SHIFT_DATE)
        return shift(hand, person, cell, out);
    if (hand->step->method == PROTECT_FORMAT_PRESERVING)
        return encrypt(hand, cell, out);
    if (hand->step->method == PROTECT_PSEUDONYM) {
        protect_pseudonym(hand->mac, hand->scope, cell, out);
        return PROTECT_CHANGED;
    }
    return protect_cell(hand->step, hand->scope, hand->key, cell, out);
}

bool protect_sample_takes(const struct protect_sample *sample, const uint8_t *key,
                          const struct table_batch *batch, size_t row) {
    if (sample->millionths == 0)
        return true;
    bool fits;
    uint64_t number = batch->first_row + row;
    pd_str text = {(const char *)&number, sizeof(number)};
    if (sample->by_person)
        text = table_cell_text(batch, sample->person, row);
    uint64_t drawn = draw(key, "polder protect sample", (pd_str){0}, text, &fits);
    /* Out of memory a row is left out; the writer that follows fails for the same reason. */
    return fits && (drawn >> 32) * 1000000 < (uint64_t)sample->millionths << 32;
}
