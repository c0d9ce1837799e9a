/* The closed list of types, as data. */
#include "detect/detect.h"

static const struct detect_info types[DETECT_TYPE_COUNT] = {
    /* Chances with areas checked by province only. Resident id: 0.34 of provinces x 4.4e-4 of dates
       x 1/11. Credit code, digits only: 1/31 x 1/11 x 0.35 of provinces x 0.27 of heads. */
    [DETECT_CN_RESIDENT_ID] = {"cn_resident_id", "a Chinese resident identity number",
                               DETECT_IDENTITY, DETECT_DIRECT, true, true, false, 1.4e-5},
    [DETECT_CN_USCC] = {"cn_uscc", "a Chinese unified social credit code", DETECT_ORGANISATION,
                        DETECT_NONE, false, true, false, 2.8e-4},
    /* 52 of the 100 two-digit heads, behind a first digit that is a 1 once in ten. */
    [DETECT_CN_MOBILE] = {"cn_mobile", "a Chinese mobile number", DETECT_CONTACT, DETECT_DIRECT,
                          true, false, false, 0.052},
    [DETECT_EMAIL] = {"email", "an e-mail address", DETECT_CONTACT, DETECT_DIRECT, true, false,
                      false, 0},
    [DETECT_IPV4] = {"ipv4", "an IPv4 address", DETECT_NETWORK, DETECT_DIRECT, true, false, false,
                     0},
    [DETECT_DATE_OF_BIRTH] = {"date_of_birth", "a date of birth", DETECT_BIRTH, DETECT_QUASI, true,
                              false, true, 0},
};

static const char *const category_names[] = {
    [DETECT_IDENTITY] = "identity", [DETECT_ORGANISATION] = "organisation",
    [DETECT_CONTACT] = "contact",   [DETECT_NETWORK] = "network",
    [DETECT_BIRTH] = "birth",
};

const struct detect_info *detect_info_get(enum detect_type type) {
    return &types[type];
}

bool detect_info_find(pd_str name, enum detect_type *out) {
    for (int t = 0; t < DETECT_TYPE_COUNT; t++) {
        if (pd_str_is(name, types[t].name)) {
            *out = (enum detect_type)t;
            return true;
        }
    }
    return false;
}

const char *detect_category_name(enum detect_category category) {
    return category_names[category];
}

int detect_day(pd_time t) {
    struct pd_civil c = pd_time_civil(t);
    return c.year * 10000 + c.month * 100 + c.day;
}
