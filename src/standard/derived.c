/* What an identifier that is valid by its check digit says of whoever has it. */
#include "detect/detect.h"
#include "standard/standard_impl.h"

#include <stdio.h>
#include <string.h>

enum { ANY_DAY = 99991231 }; /* an identifier may be of any day */

static const struct {
    const char *name;
    enum detect_type type;
    size_t from, digits; /* where it stands in the identifier */
} kinds[DERIVED_KINDS] = {
    /* GB 11643-1999: area, date of birth, order (odd for men), check character */
    {"cn-id-area", DETECT_CN_RESIDENT_ID, 0, 6},
    {"cn-id-birth", DETECT_CN_RESIDENT_ID, 6, 8},
    {"cn-id-sex", DETECT_CN_RESIDENT_ID, 16, 1},
    /* GB 32100-2015: department, kind, area, organisation, check character */
    {"cn-uscc-area", DETECT_CN_USCC, 2, 6},
    {"iban-country", DETECT_IBAN, 0, 2},
};
const char *const derived_names[DERIVED_KINDS] = {"cn-id-area", "cn-id-birth", "cn-id-sex",
                                                  "cn-uscc-area", "iban-country"};

pd_str derived_read(int how, pd_str from, char out[DERIVED_SIZE]) {
    bool is_resident = kinds[how].type == DETECT_CN_RESIDENT_ID;
    /* The column is said to hold identifiers, so an area that is of no map of today will do. */
    if (from.len > 40 || detect_value(kinds[how].type, from, ANY_DAY) == DETECT_NO ||
        (is_resident && from.len != 18)) /* one of 15 digits leaves out the century */
        return (pd_str){"", 0};
    pd_str part = pd_str_sub(from, kinds[how].from, kinds[how].digits);
    if (strcmp(kinds[how].name, "cn-id-birth") == 0)
        snprintf(out, DERIVED_SIZE, "%.4s-%.2s-%.2s", part.data, part.data + 4, part.data + 6);
    else if (strcmp(kinds[how].name, "cn-id-sex") == 0)
        snprintf(out, DERIVED_SIZE, "%c", (part.data[0] - '0') % 2 ? '1' : '2'); /* GB/T 2261.1 */
    else
        snprintf(out, DERIVED_SIZE, "%.*s", pd_arg(part));
    return pd_str_from(out);
}
