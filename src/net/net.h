/**
 * net/: the HTTP client, for servers that may be hostile (libcurl).
 *
 * https only and public addresses only, unless the caller's rules say otherwise; every exchange has
 * a limit on time, size and redirects. Addresses are judged when the socket is opened, after the
 * name was resolved, so that a name can't point inwards. No cookies, no proxies of the environment,
 * no passwords from URLs or from .netrc.
 */
#ifndef POLDER_NET_H
#define POLDER_NET_H

#include "base/base.h"

struct net_rules {
    bool may_http;          /* unencrypted; what is fetched must prove itself */
    bool may_private;       /* addresses that aren't public: this machine, this network */
    int64_t timeout_ms;     /* of one exchange in all, resolving and redirects included */
    size_t answer_max;      /* bytes of a body */
    unsigned redirects_max; /* followed for GET only */
};

/** Ten seconds, 1 MiB, three redirects, https and public addresses only. */
struct net_rules net_rules_default(void);

struct net; /* keeps connections open; belongs to one thread at a time */
PD_CHECK enum pd_status net_open(const struct net_rules *rules, struct net **out,
                                 struct pd_error *err);
void net_close(struct net *net); /* NULL is fine */

/** One exchange. The caller fills the first part. */
struct net_call {
    pd_str url;               /* absolute, at most 2048 bytes */
    bool is_post;             /* else GET */
    pd_str body;              /* of a POST */
    const char *content_type; /* of the body */
    pd_str authorization;     /* a header of that name; empty: none. Never sent on to another address */

    /**
     * PD_OK: there was an answer, whatever its status code. PD_INVALID: the URL; PD_DENIED: the
     * rules refuse URL or address, or the server's certificate isn't trusted; PD_LIMIT: too large,
     * too many redirects; PD_UNAVAILABLE: no connection, cut off, too late. `err` says which.
     */
    enum pd_status status;
    struct pd_error err;
    int http; /* status code */
    pd_str answer;
    pd_str answer_type; /* Content-Type as sent; empty: none */
};

PD_CHECK enum pd_status net_call(struct net *net, struct net_call *call, struct pd_arena *arena,
                                 struct pd_error *err);

/** Asked after each exchange that ended: true if the rest isn't needed any more. */
struct net_until {
    bool (*is_enough)(void *context, const struct net_call *calls, size_t count);
    void *context;
    int64_t grace_ms; /* that the others still get */
};
/**
 * All at once; each call has its own outcome. `until` may be NULL; a call that was left because of
 * it is PD_UNAVAILABLE. What this returns is about the client itself: memory, threads.
 */
PD_CHECK enum pd_status net_call_all(struct net *net, struct net_call *calls, size_t count,
                                     const struct net_until *until, struct pd_arena *arena,
                                     struct pd_error *err);

/** Whether an IPv4 or IPv6 address, written in the usual way, is one that the Internet routes.
 * False for anything else. */
bool net_address_is_public(const char *address);

#endif
