/*
 * Cells come from anybody: the first byte chooses a format, the second how much stays, the rest is
 * a cell. What is encrypted comes back, keeps its length and is of the format no more where it has
 * a check character; what isn't of the format leaves no trace.
 */
#include <stdlib.h>

#include "protect/protect.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    static const uint8_t key[32] = {7};
    struct protect_ff1 *ff1;
    struct pd_buf out, back;
    if (size < 2 || protect_ff1_new(key, sizeof(key), 10, &ff1, NULL) != PD_OK)
        return 0;
    enum protect_format format = (enum protect_format)(data[0] % PROTECT_FORMAT_COUNT);
    pd_str cell = {(const char *)data + 2, size - 2}, tweak = PD_STR("column");
    pd_buf_init(&out, 0);
    pd_buf_init(&back, 0);
    if (!protect_format_encrypt(ff1, format, data[1] % 8, tweak, cell, &out)) {
        if (out.len != 0)
            abort();
    } else {
        pd_str trimmed = pd_str_trim(cell);
        if (out.len != trimmed.len ||
            !protect_format_decrypt(ff1, format, data[1] % 8, tweak, pd_buf_view(&out), &back))
            abort();
        for (size_t i = 0; i < trimmed.len; i++) /* an x becomes an X */
            if (trimmed.data[i] != back.data[i] && !(trimmed.data[i] == 'x' && back.data[i] == 'X'))
                abort();
        pd_buf_reset(&back);
        bool is_checked = format == PROTECT_FORMAT_CN_ID || format == PROTECT_FORMAT_CARD;
        if (is_checked &&
            protect_format_encrypt(ff1, format, data[1] % 8, tweak, pd_buf_view(&out), &back))
            abort();
    }
    pd_buf_clear(&out);
    pd_buf_clear(&back);
    protect_ff1_free(ff1);
    return 0;
}
