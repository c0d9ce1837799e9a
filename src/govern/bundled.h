/** Files that the build puts into the program (script/embed.py). */
#ifndef POLDER_GOVERN_BUNDLED_H
#define POLDER_GOVERN_BUNDLED_H

#include <stddef.h>

struct embedded_file {
    const char *path; /* from the project's root; NULL ends the list */
    const unsigned char *data;
    size_t len;
};
extern const struct embedded_file bundled_law[];
extern const struct embedded_file bundled_standards[];

#endif
