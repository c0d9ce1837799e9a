/*
 * Answers to whoever isn't signed in, as they were sent: kept whole, plain and compressed, with the
 * answer to whoever has them already. They hold until the node changes, and never longer than
 * SERVE_CACHE_SECONDS. When there are too many, all are let go.
 */
#include "serve/serve_impl.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { BUCKETS = 4096, GZIP_FROM = 256, ENTRY_BYTES = 4096 /* four responses of libmicrohttpd with their headers */ };

struct serve_entry {
    struct serve_entry *next;
    uint64_t hash, version;
    pd_time until;
    char *key;
    size_t key_len, bytes;
    char tag[2][80]; /* plain, compressed */
    struct http_ready *whole[2], *same[2];
    const char *label;
};

static uint64_t add_hash(uint64_t h, pd_str s) {
    for (size_t i = 0; i < s.len; i++)
        h = (h ^ (unsigned char)s.data[i]) * 0x100000001b3U;
    return (h ^ 0x3f) * 0x100000001b3U;
}

static uint64_t hash_of(const struct serve_key *key) {
    uint64_t h = add_hash(0xcbf29ce484222325U, key->path);
    return add_hash(add_hash(h, key->query), key->language);
}

/* path, a zero, query, a zero, language: none of them holds a zero. */
static bool is_key(const struct serve_entry *e, const struct serve_key *key) {
    const pd_str parts[] = {key->path, key->query, key->language};
    size_t at = 0;
    for (size_t i = 0; i < 3; i++) {
        if (e->key_len - at < parts[i].len + 1 ||
            (parts[i].len && memcmp(e->key + at, parts[i].data, parts[i].len) != 0) ||
            e->key[at + parts[i].len] != '\0')
            return false;
        at += parts[i].len + 1;
    }
    return at == e->key_len;
}

static void free_entry(struct serve_entry *e) {
    for (int i = 0; i < 2; i++) {
        http_ready_let_go(e->whole[i]);
        http_ready_let_go(e->same[i]);
    }
    free(e->key);
    free(e);
}

enum pd_status serve_cache_open(struct serve_cache *cache, size_t most_bytes,
                                struct pd_error *err) {
    cache->most_bytes = most_bytes;
    cache->buckets = calloc(BUCKETS, sizeof(struct serve_entry *));
    if (!cache->buckets || pthread_mutex_init(&cache->lock, NULL) != 0)
        return pd_fail_memory(err);
    cache->is_ready = true;
    return PD_OK;
}

static void clear(struct serve_cache *cache) {
    for (size_t i = 0; i < BUCKETS; i++)
        for (struct serve_entry *e = cache->buckets[i], *next; e; e = next) {
            next = e->next;
            free_entry(e);
        }
    memset(cache->buckets, 0, BUCKETS * sizeof(struct serve_entry *));
    cache->bytes = 0;
}

void serve_cache_close(struct serve_cache *cache) {
    if (cache->is_ready) {
        clear(cache);
        pthread_mutex_destroy(&cache->lock);
    }
    free(cache->buckets);
    cache->buckets = NULL;
    cache->is_ready = false;
}

void serve_cache_turn(struct serve_cache *cache) {
    atomic_fetch_add(&cache->version, 1);
}

static struct serve_entry **place_of(struct serve_cache *cache, const struct serve_key *key,
                                     uint64_t hash) {
    struct serve_entry **at = &cache->buckets[hash % BUCKETS];
    while (*at && ((*at)->hash != hash || !is_key(*at, key)))
        at = &(*at)->next;
    return at;
}

struct http_ready *serve_cache_find(struct serve_cache *cache, const struct serve_key *key,
                                    const struct serve_taken *taken, pd_time now,
                                    const char **label) {
    struct http_ready *found = NULL;
    uint64_t hash = hash_of(key), version = atomic_load(&cache->version);
    pthread_mutex_lock(&cache->lock);
    struct serve_entry *e = *place_of(cache, key, hash);
    if (e && e->version == version && now < e->until) {
        int form = taken->gzip && e->whole[1];
        bool has_it = taken->if_none_match.len &&
                      (serve_tag_stands(taken->if_none_match, pd_str_from(e->tag[0]), true) ||
                       serve_tag_stands(taken->if_none_match, pd_str_from(e->tag[1]), true));
        found = http_ready_hold(has_it ? e->same[form] : e->whole[form]);
        *label = e->label;
    }
    pthread_mutex_unlock(&cache->lock);
    atomic_fetch_add_explicit(found ? &cache->hits : &cache->misses, 1, memory_order_relaxed);
    return found;
}

/* ---- Keeping ---- */

/* One form of the answer, and the one without it. */
static bool make_form(struct serve_entry *e, int form, const struct http_response *of, pd_str body) {
    struct http_response r = *of;
    r.body = body;
    http_add_header(&r, "ETag", pd_str_from(e->tag[form]));
    http_add_header(&r, "Cache-Control", PD_STR("no-cache"));
    http_add_header(&r, "Vary", PD_STR("Accept-Encoding, Accept-Language, Authorization, Cookie"));
    struct http_response same = r;
    same.status = 304;
    same.type = NULL;
    same.body = PD_STR("");
    if (form == 1)
        http_add_header(&r, "Content-Encoding", PD_STR("gzip"));
    e->whole[form] = http_ready_new(&r);
    e->same[form] = http_ready_new(&same);
    e->bytes += body.len;
    return e->whole[form] && e->same[form];
}

static char *write_key(const struct serve_key *key, size_t *len) {
    const pd_str parts[] = {key->path, key->query, key->language};
    *len = key->path.len + key->query.len + key->language.len + 3;
    char *text = calloc(1, *len), *at = text;
    for (size_t i = 0; text && i < 3; i++) {
        if (parts[i].len)
            memcpy(at, parts[i].data, parts[i].len);
        at += parts[i].len + 1;
    }
    return text;
}

static struct serve_entry *make_entry(const struct serve_key *key,
                                      const struct http_response *response) {
    struct pd_arena *arena = pd_arena_new((size_t)64 << 20);
    struct serve_entry *e = calloc(1, sizeof(*e));
    bool is_made = arena && e;
    if (is_made) {
        pd_str tag = serve_tag(response->body, arena), packed = {0};
        snprintf(e->tag[0], sizeof(e->tag[0]), "%.*s", pd_arg(tag));
        snprintf(e->tag[1], sizeof(e->tag[1]), "%.*s-gzip\"", (int)(tag.len ? tag.len - 1 : 0),
                 tag.data ? tag.data : "");
        e->key = write_key(key, &e->key_len);
        e->bytes = sizeof(*e) + e->key_len + ENTRY_BYTES;
        if (response->body.len >= GZIP_FROM)
            packed = serve_gzip(response->body, arena);
        is_made = tag.data && e->key && make_form(e, 0, response, response->body) &&
                  (!packed.data || make_form(e, 1, response, packed));
    }
    pd_arena_free(arena);
    if (is_made)
        return e;
    if (e)
        free_entry(e);
    return NULL;
}

void serve_cache_keep(struct serve_cache *cache, const struct serve_key *key, uint64_t version,
                      pd_time now, const struct http_response *response, const char *label) {
    struct serve_entry *e = make_entry(key, response);
    if (!e)
        return;
    e->hash = hash_of(key);
    e->version = version;
    e->until = now + SERVE_CACHE_SECONDS * PD_SECOND;
    e->label = label;
    if (e->bytes > cache->most_bytes / 8) {
        free_entry(e);
        return;
    }
    pthread_mutex_lock(&cache->lock);
    if (cache->bytes + e->bytes > cache->most_bytes)
        clear(cache);
    struct serve_entry **at = place_of(cache, key, e->hash), *old = *at;
    e->next = old ? old->next : NULL;
    *at = e;
    cache->bytes += e->bytes;
    if (old)
        cache->bytes -= old->bytes;
    pthread_mutex_unlock(&cache->lock);
    if (old)
        free_entry(old);
}
