/*
 * Files that people bring. While one comes it goes to a file without a name in the staging folder, which is gone
 * when the descriptor is closed, however that comes. Who isn't signed in uploads nothing. Between two pages of one
 * member (here is the plan; sign it) it is kept for a while, for that account only.
 */
#include "serve/serve_impl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define KEPT_FOR (30 * 60 * PD_SECOND)

/* ---- Receiving ---- */

struct receiving {
    struct serve_upload upload;
    char name[256];
};

/* A session or a token that holds; the form's own token is looked at once the form is there. */
static bool is_somebody(struct serve *serve, const struct http_request *request) {
    struct account_who who;
    struct pd_error err;
    struct govern *g = NULL;
    pd_time now = pd_clock_now(&serve->config.clock);
    pd_str bearer = http_header(request, "Authorization");
    pd_str cookie = account_cookie_find(http_header(request, "Cookie"), serve->is_plain);
    if ((!bearer.len && !cookie.len) || serve_pool_take(&serve->pool, &g, &err) != PD_OK)
        return false;
    enum pd_status st =
        bearer.len ? account_by_token(govern_store(g), pd_str_trim(pd_str_sub(bearer, 7, bearer.len)), now,
                                      request->arena, &who, &err)
                   : account_by_session(govern_store(g), cookie, now, request->arena, &who, &err);
    serve_pool_give(&serve->pool, g);
    return st == PD_OK;
}

static void *begin(void *context, const struct http_request *request, struct http_response *response) {
    struct serve *serve = context;
    char folder[4096];
    if (!is_somebody(serve, request)) {
        http_problem(request, response, 401, "sign in, or show a token, before sending a file");
        return NULL;
    }
    snprintf(folder, sizeof(folder), "%s/staging", serve->config.folder);
    struct receiving *r = calloc(1, sizeof(*r));
    int fd = r ? open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600) : -1;
    if (fd < 0) {
        free(r);
        http_problem(request, response, 503, "the file can't be kept now; try again later");
        return NULL;
    }
    r->upload = (struct serve_upload){.fd = fd, .name = r->name};
    return r;
}

static bool feed(void *sink, pd_str bytes, pd_str file, struct http_response *response) {
    struct receiving *r = sink;
    if (!r->name[0] && file.len)
        snprintf(r->name, sizeof(r->name), "%.*s", pd_arg(pd_str_sub(file, 0, sizeof(r->name) - 1)));
    for (size_t at = 0; at < bytes.len;) {
        ssize_t n = write(r->upload.fd, bytes.data + at, bytes.len - at);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            http_respond(response, 507, "text/plain; charset=utf-8",
                         PD_STR("there is no room for this file; nothing was kept\n"));
            return false;
        }
        at += (size_t)n;
    }
    r->upload.bytes += bytes.len;
    return true;
}

static void end(void *sink) {
    struct receiving *r = sink;
    if (r->upload.fd >= 0)
        close(r->upload.fd);
    free(r);
}

const struct http_sink *serve_upload_sink(void) {
    static const struct http_sink sink = {begin, feed, end};
    return &sink;
}

const struct serve_upload *serve_upload(const struct serve_call *call) {
    struct receiving *r = http_sunk(call->request);
    if (!r || !r->upload.bytes || lseek(r->upload.fd, 0, SEEK_SET) < 0)
        return NULL;
    return &r->upload;
}

/* ---- Keeping ---- */

enum pd_status serve_uploads_open(struct serve_uploads *u, struct pd_error *err) {
    if (pthread_mutex_init(&u->lock, NULL) != 0)
        return pd_fail(err, PD_UNAVAILABLE, "there is no lock for uploads");
    u->is_ready = true;
    return PD_OK;
}

static void let_go(struct serve_kept *kept) {
    if (kept->is_there)
        close(kept->fd);
    *kept = (struct serve_kept){0};
}

void serve_uploads_close(struct serve_uploads *u) {
    for (size_t i = 0; i < SERVE_KEPT_MAX; i++)
        let_go(&u->kept[i]);
    if (u->is_ready)
        pthread_mutex_destroy(&u->lock);
    u->is_ready = false;
}

/* A free place: an empty one, one whose time is over, or the account's own oldest beyond its share. */
static struct serve_kept *find_place(struct serve_uploads *u, pd_id account, pd_time now) {
    struct serve_kept *free_place = NULL, *oldest = NULL;
    size_t own = 0;
    for (size_t i = 0; i < SERVE_KEPT_MAX; i++) {
        struct serve_kept *kept = &u->kept[i];
        if (kept->is_there && now >= kept->until)
            let_go(kept);
        if (!kept->is_there) {
            free_place = free_place ? free_place : kept;
        } else if (pd_id_eq(kept->account, account)) {
            own++;
            oldest = !oldest || kept->until < oldest->until ? kept : oldest;
        }
    }
    return own >= SERVE_KEPT_EACH ? oldest : free_place;
}

enum pd_status serve_upload_keep(struct serve_call *call, const struct serve_upload *upload, pd_str *token,
                                 struct pd_error *err) {
    struct serve_uploads *u = &call->serve->uploads;
    uint8_t random[16];
    char hex[2 * sizeof(random) + 1];
    int fd = fcntl(upload->fd, F_DUPFD_CLOEXEC, 0);
    if (fd < 0)
        return pd_fail_errno(err, PD_UNAVAILABLE, "keep the file");
    crypto_random(random, sizeof(random));
    pd_hex_encode(random, sizeof(random), hex);
    pthread_mutex_lock(&u->lock);
    struct serve_kept *place = find_place(u, call->who.account_id, call->now);
    if (place) {
        let_go(place);
        *place = (struct serve_kept){.is_there = true, .account = call->who.account_id, .fd = fd, .until = call->now + KEPT_FOR};
        memcpy(place->token, random, sizeof(random));
    }
    pthread_mutex_unlock(&u->lock);
    if (!place) {
        close(fd);
        return pd_fail(err, PD_UNAVAILABLE, "too many files wait for somebody's signature; try again later");
    }
    *token = pd_arena_str(call->arena, pd_str_from(hex));
    return token->data ? PD_OK : pd_fail_memory(err);
}

enum pd_status serve_upload_find(struct serve_call *call, pd_str token, int *fd, struct pd_error *err) {
    struct serve_uploads *u = &call->serve->uploads;
    uint8_t wanted[16];
    *fd = -1;
    if (token.len == 2 * sizeof(wanted) && pd_hex_decode(token, wanted, sizeof(wanted))) {
        pthread_mutex_lock(&u->lock);
        for (size_t i = 0; i < SERVE_KEPT_MAX; i++) {
            struct serve_kept *kept = &u->kept[i];
            if (kept->is_there && call->now < kept->until && pd_id_eq(kept->account, call->who.account_id) &&
                memcmp(kept->token, wanted, sizeof(wanted)) == 0)
                *fd = fcntl(kept->fd, F_DUPFD_CLOEXEC, 0);
        }
        pthread_mutex_unlock(&u->lock);
    }
    if (*fd >= 0 && lseek(*fd, 0, SEEK_SET) == 0)
        return PD_OK;
    if (*fd >= 0)
        close(*fd);
    *fd = -1;
    return pd_fail(err, PD_NOT_FOUND, "the file isn't kept any more: bring it again");
}

void serve_upload_forget(struct serve_call *call, pd_str token) {
    struct serve_uploads *u = &call->serve->uploads;
    uint8_t wanted[16];
    if (token.len != 2 * sizeof(wanted) || !pd_hex_decode(token, wanted, sizeof(wanted)))
        return;
    pthread_mutex_lock(&u->lock);
    for (size_t i = 0; i < SERVE_KEPT_MAX; i++)
        if (u->kept[i].is_there && pd_id_eq(u->kept[i].account, call->who.account_id) &&
            memcmp(u->kept[i].token, wanted, sizeof(wanted)) == 0)
            let_go(&u->kept[i]);
    pthread_mutex_unlock(&u->lock);
}
