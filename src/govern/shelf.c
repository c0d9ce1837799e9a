/*
 * Rules that many handles of one process share. They are compiled once and never change, so that who
 * evaluates needs no lock; they are kept until the last handle is closed, since findings borrow from
 * them. New ones come with a vote: there are never many.
 */
#include "govern/govern_impl.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

struct rules_shelf {
    pthread_mutex_t lock;
    struct shelved {
        char id[GOVERN_HEX_SIZE];
        struct law_rules *rules;
        struct shelved *next;
    } * first;
};

struct rules_shelf *rules_shelf_new(void) {
    struct rules_shelf *shelf = calloc(1, sizeof(*shelf));
    if (shelf)
        pthread_mutex_init(&shelf->lock, NULL);
    return shelf;
}

void rules_shelf_free(struct rules_shelf *shelf) {
    if (!shelf)
        return;
    for (struct shelved *s = shelf->first, *next; s; s = next) {
        next = s->next;
        law_rules_free(s->rules);
        free(s);
    }
    pthread_mutex_destroy(&shelf->lock);
    free(shelf);
}

/* The lock is held. */
static struct law_rules *find(const struct rules_shelf *shelf, pd_str id) {
    for (const struct shelved *s = shelf->first; s; s = s->next)
        if (pd_str_is(id, s->id))
            return s->rules;
    return NULL;
}

struct law_rules *rules_shelf_find(struct rules_shelf *shelf, pd_str id) {
    pthread_mutex_lock(&shelf->lock);
    struct law_rules *found = find(shelf, id);
    pthread_mutex_unlock(&shelf->lock);
    return found;
}

struct law_rules *rules_shelf_put(struct rules_shelf *shelf, pd_str id, struct law_rules *fresh) {
    struct shelved *s = calloc(1, sizeof(*s));
    if (!s || id.len >= sizeof(s->id)) {
        free(s);
        return NULL;
    }
    snprintf(s->id, sizeof(s->id), "%.*s", pd_arg(id));
    s->rules = fresh;
    pthread_mutex_lock(&shelf->lock);
    struct law_rules *known = find(shelf, id);
    if (!known) {
        s->next = shelf->first;
        shelf->first = s;
    }
    pthread_mutex_unlock(&shelf->lock);
    if (!known)
        return fresh;
    law_rules_free(fresh);
    free(s);
    return known;
}
