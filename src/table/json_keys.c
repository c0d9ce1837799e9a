/* The columns of JSON records: keys in the order in which they were first met. */
#include "table/json_impl.h"

#include <stdlib.h>
#include <string.h>

static uint64_t hash_of(pd_str name) { /* FNV-1a */
    uint64_t hash = 0xcbf29ce484222325;
    for (size_t i = 0; i < name.len; i++)
        hash = (hash ^ (unsigned char)name.data[i]) * 0x100000001b3;
    return hash ^ hash >> 29;
}

static size_t slot_of(const struct json_keys *keys, pd_str name) {
    size_t at = hash_of(name) & (keys->slot_count - 1);
    while (keys->slots[at] != 0 && !pd_str_eq(keys->list[keys->slots[at] - 1].name, name))
        at = (at + 1) & (keys->slot_count - 1);
    return at;
}

static bool grow_slots(struct json_keys *keys) {
    size_t count = keys->slot_count == 0 ? 64 : 2 * keys->slot_count;
    uint32_t *slots = calloc(count, sizeof(*slots));
    if (slots == NULL)
        return false;
    free(keys->slots);
    keys->slots = slots;
    keys->slot_count = count;
    for (size_t i = 0; i < keys->count; i++)
        keys->slots[slot_of(keys, keys->list[i].name)] = (uint32_t)(i + 1);
    return true;
}

static struct json_key *add(struct json_keys *keys, pd_str name) {
    if (keys->count == keys->room) {
        size_t room = keys->room == 0 ? 32 : 2 * keys->room;
        struct json_key *list = realloc(keys->list, room * sizeof(*list));
        if (list == NULL)
            return NULL;
        keys->list = list;
        keys->room = room;
    }
    char *copy = malloc(name.len + 1);
    if (copy == NULL)
        return NULL;
    if (name.len > 0)
        memcpy(copy, name.data, name.len);
    struct json_key *key = &keys->list[keys->count++];
    *key = (struct json_key){.name = {copy, name.len}};
    return key;
}

struct json_key *json_keys_get(struct json_keys *keys, pd_str name, bool adds) {
    /* Records mostly have their keys in one order. */
    if (keys->expected < keys->count && pd_str_eq(keys->list[keys->expected].name, name))
        return &keys->list[keys->expected++];
    if (keys->count * 2 >= keys->slot_count && !grow_slots(keys))
        return NULL;
    size_t at = slot_of(keys, name);
    if (keys->slots[at] == 0) {
        if (!adds || add(keys, name) == NULL)
            return NULL;
        keys->slots[at] = (uint32_t)keys->count;
    }
    size_t place = keys->slots[at] - 1;
    keys->expected = place + 1;
    return &keys->list[place];
}

void json_keys_clear(struct json_keys *keys) {
    for (size_t i = 0; i < keys->count; i++)
        free((void *)(uintptr_t)keys->list[i].name.data);
    free(keys->list);
    free(keys->slots);
    *keys = (struct json_keys){0};
}
