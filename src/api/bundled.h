/** Files that script/embed.py builds in. Never leaves the folder. */
#ifndef POLDER_API_BUNDLED_H
#define POLDER_API_BUNDLED_H

#include <stddef.h>

struct embedded_file {
    const char *path;
    const unsigned char *data;
    size_t len;
};
extern const struct embedded_file bundled_schemas[]; /* plan.schema.json alone */

#endif
