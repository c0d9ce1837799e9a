/** Shared by the files of crypto/ only. */
#ifndef POLDER_CRYPTO_IMPL_H
#define POLDER_CRYPTO_IMPL_H

#include "crypto/crypto.h"
#include <stdlib.h>

/* Not an assert: in a release build a failure here would otherwise go unnoticed and do harm. */
static inline void crypto_must(bool worked) {
    if (!worked)
        abort();
}

#endif
