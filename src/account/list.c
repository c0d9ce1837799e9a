/* Accounts as lists tell of them. */
#include "account/account_impl.h"

static const struct sql LIST = {
    .both = "SELECT a.id, m.id, m.party_id, m.name, a.is_locked,"
            " (SELECT COUNT(*) FROM member_end e WHERE e.id = m.id), a.made_at, a.password_at,"
            " a.invite_until, (SELECT COUNT(*) FROM account_session s WHERE s.account_id = a.id"
            " AND s.expires_at > $3 AND s.used_at > $4),"
            " (SELECT COUNT(*) FROM account_token t WHERE t.account_id = a.id AND t.expires_at > $3"
            " AND t.revoked_at = 0),"
            " (SELECT COUNT(*) FROM account_link l WHERE l.account_id = a.id)"
            " FROM account a JOIN member m ON m.id = a.member_id"
            " WHERE ($1 = '' OR m.party_id = $1) AND ($2 = '' OR m.name = $2)"
            " ORDER BY m.party_id, m.name"};

static enum pd_status read_account(struct store_rows *rows, pd_time now, struct pd_arena *arena,
                                   struct account *a, struct pd_error *err) {
    *a = (struct account){.member_id = pd_arena_str(arena, store_str(rows, 1)),
                          .party = pd_arena_str(arena, store_str(rows, 2)),
                          .member = pd_arena_str(arena, store_str(rows, 3)),
                          .is_locked = store_i64(rows, 4) != 0,
                          .has_ended = store_i64(rows, 5) != 0,
                          .made_at = store_i64(rows, 6),
                          .password_at = store_i64(rows, 7),
                          .has_password = store_i64(rows, 7) != 0,
                          .sessions = (uint64_t)store_i64(rows, 9),
                          .tokens = (uint64_t)store_i64(rows, 10),
                          .links = (uint64_t)store_i64(rows, 11)};
    pd_time until = store_i64(rows, 8);
    a->invite_until = until > now ? until : 0;
    if (!a->member_id.data || !a->party.data || !a->member.data)
        return pd_fail_memory(err);
    return pd_id_parse(store_str(rows, 0), &a->id)
               ? PD_OK
               : pd_fail(err, PD_INTERNAL, "the row of an account has no id");
}

/* A list that grows; older, shorter ones stay in the arena, at most as much again. */
static enum pd_status list(struct store *store, pd_str party, pd_str member, pd_time now,
                           struct pd_arena *arena, struct account **out, size_t *count,
                           struct pd_error *err) {
    struct store_value values[] = {STORE_STR(party), STORE_STR(member), STORE_I64(now),
                                   STORE_I64(now - ACCOUNT_SESSION_IDLE)};
    size_t n = 0, room = 16;
    struct account *found = pd_arena_array(arena, room, sizeof(*found));
    struct store_rows *rows;
    bool has;
    enum pd_status st = found ? store_select(store, LIST, values, 4, &rows, err)
                              : pd_fail_memory(err);
    if (st != PD_OK)
        return st;
    while ((st = store_next(rows, &has, err)) == PD_OK && has) {
        if (n == room) {
            struct account *more = pd_arena_array(arena, 2 * room, sizeof(*more));
            st = more ? PD_OK : pd_fail_memory(err);
            if (!more)
                break;
            memcpy(more, found, n * sizeof(*more));
            found = more;
            room *= 2;
        }
        if ((st = read_account(rows, now, arena, &found[n++], err)) != PD_OK)
            break;
    }
    store_rows_close(rows);
    if (st != PD_OK)
        return st;
    *out = found;
    *count = n;
    return PD_OK;
}

enum pd_status account_list(struct store *store, pd_str party, pd_time now, struct pd_arena *arena,
                            const struct account **out, size_t *count, struct pd_error *err) {
    struct account *found;
    pd_str of = party.data ? party : PD_STR("");
    enum pd_status st = list(store, of, PD_STR(""), now, arena, &found, count, err);
    if (st == PD_OK)
        *out = found;
    return st;
}

enum pd_status account_find(struct store *store, pd_str party, pd_str member, pd_time now,
                            struct pd_arena *arena, struct account *out, struct pd_error *err) {
    struct account *found;
    size_t count = 0;
    enum pd_status st = PD_OK;
    if (party.len && member.len) /* empty would be any */
        st = list(store, party, member, now, arena, &found, &count, err);
    if (st == PD_OK && count == 0)
        return pd_fail(err, PD_NOT_FOUND, "\"%.*s\" of \"%.*s\" has no account", pd_arg(member),
                       pd_arg(party));
    if (st == PD_OK)
        *out = found[0];
    return st;
}
