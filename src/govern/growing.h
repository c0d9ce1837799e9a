/**
 * Lists whose length a query tells only by ending. Never leaves the folder.
 */
#ifndef POLDER_GOVERN_GROWING_H
#define POLDER_GOVERN_GROWING_H

#include "base/base.h"

/** A list that grows in an arena, which keeps the shorter ones: at most as much again. */
struct growing_list {
    void *items;
    size_t count, room;
};
/** A place for one more item, zeroed; NULL when the arena is full. */
void *growing_add(struct growing_list *list, size_t size, struct pd_arena *arena);

#endif
