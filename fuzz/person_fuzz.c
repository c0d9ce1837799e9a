/* An identifier's form is bounded, valid UTF-8, and a fixed point. */
#include "govern/person.h"
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char once[PERSON_IDENTIFIER_MAX], twice[PERSON_IDENTIFIER_MAX];
    size_t n = 0, again = 0;
    pd_str text = {(const char *)data, size};
    /* Cells are UTF-8 by the time they come here. */
    if (!pd_utf8_valid(text, NULL) || !person_normal(text, once, &n))
        return 0;
    must(n > 0 && n <= PERSON_IDENTIFIER_MAX);
    must(pd_utf8_valid((pd_str){once, n}, NULL));
    must(person_normal((pd_str){once, n}, twice, &again));
    must(n == again && memcmp(once, twice, n) == 0);
    return 0;
}
