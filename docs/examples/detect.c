/*
 * Which identifiers a cell is: each argument is a cell; in front of it may stand the name of its
 * column and an equals sign.
 *
 *     cc detect.c $(pkg-config --cflags --libs polder) -o detect && ./detect 192.0.2.1 birth=1985-03-09
 */
#include <polder.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { MOST = 8 };

static void tell(const char *column, size_t column_size, const char *cell) {
    struct polder_match matches[MOST];
    size_t count = polder_detect(cell, strlen(cell), column, column_size, (int64_t)time(NULL),
                                 matches, MOST);
    size_t i;
    if (count == 0)
        printf("%s: nothing\n", cell);
    for (i = 0; i < count; i++)
        printf("%s: %s%s (%s)\n", cell, matches[i].is_sure ? "" : "perhaps ", matches[i].title,
               matches[i].type);
}

int main(int argc, char **argv) {
    int i;
    for (i = 1; i < argc; i++) {
        const char *mark = strchr(argv[i], '=');
        if (mark)
            tell(argv[i], (size_t)(mark - argv[i]), mark + 1);
        else
            tell(NULL, 0, argv[i]);
    }
    return 0;
}
