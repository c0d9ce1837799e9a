/* Pseudonyms: the same under one key and scope for the same text, and telling nothing without it.
 */
#include "protect/protect_impl.h"

#include <string.h>

enum { CHARACTERS = 16, BITS = 5, LENGTH_BYTES = 8 };

/* "p_" and 80 bits of the HMAC-SHA-256 of the scope's length (8 bytes, big-endian), the scope and
   the cell. */
void protect_pseudonym(const struct crypto_mac *mac, pd_str scope, pd_str cell,
                       struct pd_buf *out) {
    static const char CROCKFORD[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    char length[LENGTH_BYTES], made[2 + CHARACTERS] = {'p', '_'};
    for (int i = 0; i < LENGTH_BYTES; i++)
        length[i] = (char)((uint64_t)scope.len >> (56 - 8 * i) & 0xff);
    crypto_hash hash = crypto_mac_of(mac, (const pd_str[]){{length, LENGTH_BYTES}, scope, cell}, 3);
    for (unsigned i = 0; i < CHARACTERS; i++) {
        unsigned at = i * BITS;
        unsigned two = (unsigned)hash.bytes[at / 8] << 8 | hash.bytes[at / 8 + 1];
        made[2 + i] = CROCKFORD[two >> (16 - BITS - at % 8) & 31];
    }
    pd_buf_add(out, made, sizeof(made));
}
