/* The file that says where in PostgreSQL a node is, and the placeholders of a statement. */
#include "store/pg_impl.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds) {
    if (!holds)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct pd_error err = {0};
    struct store_place *place = NULL;
    if (store_place_parse((pd_str){(const char *)data, size}, NULL, &place, &err) == PD_OK) {
        pd_id id;
        must(strncmp(place->location, "postgres", 8) == 0 &&
             strstr(place->location, "://") != NULL);
        must(strpbrk(place->location, " \t\r\n") == NULL);
        must(pd_id_parse(pd_str_from(place->id), &id));
        store_place_free(place);
    }
    char *text = strndup((const char *)data, size);
    must(text != NULL);
    size_t counts = 0; /* one number of values at most is the right one */
    for (size_t count = 0; count <= PG_VALUES; count++)
        counts += pg_check_parameters(text, count, &err) == PD_OK;
    must(counts <= 1);
    free(text);
    return 0;
}
