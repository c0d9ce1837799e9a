/* Lists that grow in an arena. */
#include "govern/growing.h"

#include <string.h>

void *growing_add(struct growing_list *list, size_t size, struct pd_arena *arena) {
    if (list->count == list->room) {
        size_t room = list->room ? 2 * list->room : 16;
        void *longer = pd_arena_array(arena, room, size);
        if (!longer)
            return NULL;
        if (list->count)
            memcpy(longer, list->items, list->count * size);
        list->items = longer;
        list->room = room;
    }
    void *item = (char *)list->items + size * list->count++;
    memset(item, 0, size);
    return item;
}
