#include "base/memory.h"

#include <stdalign.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Under the address sanitizer what was not handed out, or was given back, may not be touched. */
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define POISONING 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(POISONING)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, size)   ((void)(at), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(at, size) ((void)(at), (void)(size))
#endif

enum { ALIGNMENT = alignof(max_align_t) };
#define FIRST_BLOCK_SIZE   ((size_t)64 << 10)
#define LARGEST_BLOCK_SIZE ((size_t)4 << 20) /* larger only for an object that needs it */

struct block {
    struct block *older;
    size_t size, used;
    alignas(max_align_t) unsigned char bytes[];
};

struct pd_arena {
    struct block *newest;
    size_t limit;
    size_t total; /* handed out */
};

struct pd_arena *pd_arena_new(size_t limit_bytes) {
    struct pd_arena *arena = calloc(1, sizeof(*arena));
    if (arena)
        arena->limit = limit_bytes;
    return arena;
}

/** Frees the blocks that are newer than `keep`. */
static void free_blocks(struct pd_arena *arena, const struct block *keep) {
    while (arena->newest && arena->newest != keep) {
        struct block *block = arena->newest;
        arena->newest = block->older;
        ASAN_UNPOISON_MEMORY_REGION(block->bytes, block->size);
        free(block);
    }
}

void pd_arena_free(struct pd_arena *arena) {
    if (!arena)
        return;
    free_blocks(arena, NULL);
    free(arena);
}

static struct block *add_block(struct pd_arena *arena, size_t need) {
    size_t size = arena->newest ? arena->newest->size * 2 : FIRST_BLOCK_SIZE;
    if (size > LARGEST_BLOCK_SIZE)
        size = LARGEST_BLOCK_SIZE;
    if (size < need)
        size = need;
    size_t whole;
    if (!pd_add(size, sizeof(struct block), &whole))
        return NULL;
    struct block *block = malloc(whole);
    if (!block)
        return NULL;
    *block = (struct block){.older = arena->newest, .size = size};
    ASAN_POISON_MEMORY_REGION(block->bytes, size);
    arena->newest = block;
    return block;
}

void *pd_arena_alloc(struct pd_arena *arena, size_t size) {
    size_t need;
    if (!pd_add(size ? size : 1, ALIGNMENT - 1, &need))
        return NULL;
    need -= need % ALIGNMENT;
    if (need > arena->limit - arena->total)
        return NULL;
    struct block *block = arena->newest;
    if (!block || need > block->size - block->used)
        block = add_block(arena, need);
    if (!block)
        return NULL;
    void *at = block->bytes + block->used;
    block->used += need;
    arena->total += need;
    ASAN_UNPOISON_MEMORY_REGION(at, size);
    return memset(at, 0, size);
}

void *pd_arena_array(struct pd_arena *arena, size_t count, size_t size) {
    size_t whole;
    if (!pd_mul(count, size, &whole))
        return NULL;
    return pd_arena_alloc(arena, whole);
}

pd_str pd_arena_str(struct pd_arena *arena, pd_str s) {
    size_t whole;
    char *copy = pd_add(s.len, 1, &whole) ? pd_arena_alloc(arena, whole) : NULL;
    if (!copy)
        return (pd_str){NULL, 0};
    if (s.len > 0)
        memcpy(copy, s.data, s.len);
    return (pd_str){copy, s.len};
}

pd_str pd_arena_printf(struct pd_arena *arena, const char *format, ...) {
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    char *text = len < 0 ? NULL : pd_arena_alloc(arena, (size_t)len + 1);
    if (text)
        vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    va_end(args);
    return text ? (pd_str){text, (size_t)len} : (pd_str){NULL, 0};
}

size_t pd_arena_used(const struct pd_arena *arena) {
    return arena->total;
}

struct pd_mark pd_arena_mark(const struct pd_arena *arena) {
    struct block *block = arena->newest;
    return (struct pd_mark){block, block ? block->used : 0, arena->total};
}

void pd_arena_reset(struct pd_arena *arena, struct pd_mark mark) {
    free_blocks(arena, mark.block);
    struct block *block = arena->newest;
    if (block) {
        ASAN_POISON_MEMORY_REGION(block->bytes + mark.used, block->size - mark.used);
        block->used = mark.used;
    }
    arena->total = mark.total;
}
