/** What script/portal.py builds in: texts and files. Never leaves the folder. */
#ifndef POLDER_PORTAL_PARTS_H
#define POLDER_PORTAL_PARTS_H

#include "base/base.h"

/** A text of portal/texts/: a template, so that it may hold {{values}}. */
struct portal_text {
    pd_str key; /* "home.title" */
    pd_str en, zh;
};
extern const struct portal_text PORTAL_TEXTS[]; /* by key */
extern const size_t PORTAL_TEXT_COUNT;

/** A file: a template, the styles, verify.html. */
struct portal_part {
    pd_str name; /* "home.mustache" */
    pd_str data;
    const char *sha256;           /* hex */
    const char *scripts, *styles; /* of verify.html: sources for a Content-Security-Policy */
};
extern const struct portal_part PORTAL_PARTS[]; /* by name */
extern const size_t PORTAL_PART_COUNT;

/** NULL: there is none. */
const struct portal_part *portal_part_find(pd_str name);
const struct portal_text *portal_text_find(pd_str key);

#endif
