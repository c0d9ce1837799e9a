#include "base/time.h"

#include <string.h>

/* RFC 9562 section 5.7: 48 bits of milliseconds, version 7, 12 random bits, variant 10, 62 more. */
pd_id pd_id_make(pd_time now, const uint8_t random[10]) {
    uint64_t ms = now < 0 ? 0 : (uint64_t)now / 1000;
    pd_id id;
    for (int i = 0; i < 6; i++)
        id.bytes[i] = (uint8_t)(ms >> (40 - 8 * i));
    memcpy(id.bytes + 6, random, 10);
    id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f));
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f));
    return id;
}

/* A UUID's text is its hex digits with hyphens before bytes 4, 6, 8 and 10. */
static bool has_hyphen_before(int byte) {
    return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void pd_id_write(pd_id id, char out[PD_ID_TEXT_SIZE]) {
    for (int i = 0; i < 16; i++) {
        if (has_hyphen_before(i))
            *out++ = '-';
        pd_hex_encode(&id.bytes[i], 1, out);
        out += 2;
    }
}

bool pd_id_parse(pd_str text, pd_id *out) {
    if (text.len != PD_ID_TEXT_SIZE - 1)
        return false;
    pd_id id;
    char digits[2 * sizeof(id.bytes)];
    size_t at = 0;
    for (int i = 0; i < 16; i++) {
        if (has_hyphen_before(i) && text.data[at++] != '-')
            return false;
        digits[2 * i] = text.data[at++];
        digits[2 * i + 1] = text.data[at++];
    }
    if (!pd_hex_decode((pd_str){digits, sizeof(digits)}, id.bytes, sizeof(id.bytes)))
        return false;
    *out = id;
    return true;
}

bool pd_id_eq(pd_id a, pd_id b) {
    return memcmp(a.bytes, b.bytes, sizeof(a.bytes)) == 0;
}
