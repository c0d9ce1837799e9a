/*
 * Tokens that asked a moment ago: whose they are, and what the rules let them do. A program asks with one
 * token hundreds of times a second, and the database would be asked each time for what it just said.
 *
 * What is kept holds for one second of the clock, and within it only while nothing has changed: an act that
 * changed members, parties or rules, a token that was revoked. Each counts at once, for every thread of
 * this process. Where other processes write the same database (PostgreSQL), nothing is kept at all. A refusal is
 * never kept. Of the token itself only its hash is here.
 */
#include "serve/serve_impl.h"

#include <stdlib.h>
#include <string.h>

enum { SETS = 256, WAYS = 4, ACTIONS = 4 };

/* What the answer follows from. */
struct moment {
    uint64_t turn, credentials;
    int64_t second;
};

struct serve_known_token {
    crypto_hash token;
    struct moment of;
    struct account_who who; /* its texts lie in `texts` */
    char *texts;            /* NULL: there is none here */
    const char *may[ACTIONS]; /* as the table of routes has them */
};

enum pd_status serve_known_open(struct serve_known *known, struct pd_error *err) {
    known->tokens = calloc(SETS * WAYS, sizeof(*known->tokens));
    if (!known->tokens || pthread_mutex_init(&known->lock, NULL) != 0)
        return pd_fail_memory(err);
    known->is_ready = true;
    return PD_OK;
}

void serve_known_close(struct serve_known *known) {
    for (size_t i = 0; known->tokens && i < (size_t)SETS * WAYS; i++)
        free(known->tokens[i].texts);
    if (known->is_ready)
        pthread_mutex_destroy(&known->lock);
    free(known->tokens);
    known->tokens = NULL;
    known->is_ready = false;
}

void serve_forget_credentials(struct serve *serve) {
    atomic_fetch_add(&serve->known.credentials, 1);
}

/* False: nothing can be kept. */
static bool now_of(const struct serve_call *call, struct moment *out) {
    out->credentials = atomic_load(&call->serve->known.credentials);
    out->second = call->now / PD_SECOND;
    return govern_turn(call->g, &out->turn);
}

static bool is_same(const struct moment *a, const struct moment *b) {
    return a->turn == b->turn && a->credentials == b->credentials && a->second == b->second;
}

/* ---- Copies ---- */

/* The texts of a `who` one after the other, then its duties; `to` NULL: only how many bytes. */
static size_t copy_texts(const struct account_who *from, struct account_who *to, char *bytes) {
    const pd_str *const texts[] = {&from->member_id, &from->party, &from->member, &from->scopes};
    pd_str *const copies[] = {to ? &to->member_id : NULL, to ? &to->party : NULL, to ? &to->member : NULL,
                              to ? &to->scopes : NULL};
    size_t at = from->duty_count * sizeof(pd_str);
    pd_str *duties = (pd_str *)(void *)bytes;
    for (size_t i = 0; i < 4 + from->duty_count; i++) {
        pd_str text = i < 4 ? *texts[i] : from->duties[i - 4];
        pd_str *copy = i < 4 ? copies[i] : duties ? &duties[i - 4] : NULL;
        if (to && copy) {
            if (text.len)
                memcpy(bytes + at, text.data, text.len);
            *copy = (pd_str){bytes + at, text.len};
        }
        at += text.len;
    }
    if (to)
        to->duties = duties;
    return at;
}

static bool copy_who(const struct account_who *from, struct account_who *to, char *bytes) {
    if (!bytes)
        return false;
    *to = *from;
    copy_texts(from, to, bytes);
    to->csrf = to->cookie = PD_STR("");
    return true;
}

/* ---- The table ---- */

static struct serve_known_token *set_of(struct serve_known *known, const crypto_hash *token) {
    return &known->tokens[(size_t)token->bytes[0] % SETS * WAYS];
}

static struct serve_known_token *find(struct serve_known *known, const crypto_hash *token) {
    struct serve_known_token *set = set_of(known, token);
    for (size_t i = 0; i < WAYS; i++)
        if (set[i].texts && memcmp(&set[i].token, token, sizeof(*token)) == 0)
            return &set[i];
    return NULL;
}

/* The one that was looked up the longest ago gives way. */
static struct serve_known_token *place_of(struct serve_known *known, const crypto_hash *token) {
    struct serve_known_token *found = find(known, token), *set = set_of(known, token);
    for (size_t i = 0; !found && i < WAYS; i++)
        if (!set[i].texts)
            found = &set[i];
    if (found)
        return found;
    found = set;
    for (size_t i = 1; i < WAYS; i++)
        if (set[i].of.second < found->of.second)
            found = &set[i];
    return found;
}

static bool take(struct serve_call *call, const crypto_hash *token, const struct moment *now) {
    struct serve_known *known = &call->serve->known;
    bool is_taken = false;
    pthread_mutex_lock(&known->lock);
    const struct serve_known_token *t = find(known, token);
    if (t && is_same(&t->of, now) && call->now < t->who.expires_at)
        is_taken = copy_who(&t->who, &call->who,
                            pd_arena_alloc(call->arena, copy_texts(&t->who, NULL, NULL) + 1));
    pthread_mutex_unlock(&known->lock);
    return is_taken;
}

/* Where there is no memory to keep it, the database is asked again. */
static void keep(struct serve_call *call, const crypto_hash *token, const struct moment *of) {
    struct serve_known *known = &call->serve->known;
    char *texts = malloc(copy_texts(&call->who, NULL, NULL) + 1);
    if (!texts)
        return;
    pthread_mutex_lock(&known->lock);
    struct serve_known_token *t = place_of(known, token);
    free(t->texts);
    *t = (struct serve_known_token){.token = *token, .of = *of, .texts = texts};
    (void)copy_who(&call->who, &t->who, texts);
    pthread_mutex_unlock(&known->lock);
}

/* ---- Asking ---- */

enum pd_status serve_known_who(struct serve_call *call, struct pd_error *err) {
    struct moment now;
    pd_str secret = serve_bearer(call);
    bool may_keep = now_of(call, &now); /* before anything is read: a change meanwhile counts */
    crypto_hash token = crypto_sha256(secret.data, secret.len);
    if (may_keep && take(call, &token, &now))
        return PD_OK;
    enum pd_status st =
        account_by_token(govern_store(call->g), secret, call->now, call->arena, &call->who, err);
    if (st == PD_OK && may_keep)
        keep(call, &token, &now);
    return st;
}

static bool is_let(struct serve_call *call, const crypto_hash *token, const struct moment *now) {
    struct serve_known *known = &call->serve->known;
    bool may = false;
    pthread_mutex_lock(&known->lock);
    const struct serve_known_token *t = find(known, token);
    for (size_t i = 0; t && is_same(&t->of, now) && i < ACTIONS; i++)
        may = may || t->may[i] == call->route->action;
    pthread_mutex_unlock(&known->lock);
    return may;
}

static void let(struct serve_call *call, const crypto_hash *token, const struct moment *of) {
    struct serve_known *known = &call->serve->known;
    pthread_mutex_lock(&known->lock);
    struct serve_known_token *t = find(known, token);
    size_t i = 0;
    while (i < ACTIONS && t && t->may[i] && t->may[i] != call->route->action)
        i++;
    if (t && is_same(&t->of, of) && i < ACTIONS)
        t->may[i] = call->route->action;
    pthread_mutex_unlock(&known->lock);
}

enum pd_status serve_known_must(struct serve_call *call, struct pd_error *err) {
    struct govern_resource own = {.type = "Node", .holder = call->is_known ? call->who.party : PD_STR("")};
    struct moment now;
    crypto_hash token = {{0}};
    bool may_keep = call->is_known && call->who.how == ACCOUNT_BY_TOKEN && now_of(call, &now);
    if (may_keep) {
        pd_str secret = serve_bearer(call);
        token = crypto_sha256(secret.data, secret.len);
        if (is_let(call, &token, &now))
            return PD_OK;
    }
    enum pd_status st =
        govern_must(call->g, serve_asker(call), call->route->action, &own, call->arena, NULL, err);
    if (st == PD_OK && may_keep)
        let(call, &token, &now);
    return st;
}
