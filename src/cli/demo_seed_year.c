/* The founding of the synthetic province, and its year: day by day, what is due. */
#include "cli/demo_seed.h"

#include <string.h>

/* ---- The founding ---- */

enum { PEOPLE_MAX = 400, GOVERNMENT_ROLES = 4, AUTHORITY_ROLES = 7 };
static const pd_str STEWARD[] = {PD_STR_INIT("steward")}, OWNER[] = {PD_STR_INIT("owner")},
                    SUPERVISOR[] = {PD_STR_INIT("supervisor")}, SYSTEM[] = {PD_STR_INIT("system")},
                    SECURITY[] = {PD_STR_INIT("security")}, AUDIT[] = {PD_STR_INIT("audit")};
/* The authority, which runs the node, has all, a department the first four, others the first three. */
static const struct role {
    const char *name;
    const pd_str *duties;
    size_t count;
} ROLES[AUTHORITY_ROLES] = {{"steward", STEWARD, 1},   {"owner", OWNER, 1},   {"clerk", NULL, 0},
                            {"supervisor", SUPERVISOR, 1}, {"system", SYSTEM, 1}, {"security", SECURITY, 1},
                            {"audit", AUDIT, 1}};

static size_t roles_of(const struct seed_party *p) {
    return !strcmp(p->id, "data-authority") ? AUTHORITY_ROLES : !strcmp(p->chamber, "government") ? GOVERNMENT_ROLES : 3;
}

/* Citizens act as members of a party of the public; who of them did something, no leaf says. */
static enum pd_status add_members(struct seed *s, const struct seed_party *p, struct govern_member *members, size_t *count,
                                  struct pd_error *err) {
    bool is_public = !strcmp(p->chamber, "public");
    size_t n = is_public ? SEED_RESIDENTS_PER_GROUP : roles_of(p);
    for (size_t i = 0; i < n; i++) {
        pd_str name = is_public ? pd_arena_printf(s->cli->arena, "resident-%03zu", i + 1) : pd_str_from(ROLES[i].name);
        if (!name.data || *count == PEOPLE_MAX)
            return pd_fail_memory(err);
        members[(*count)++] = is_public ? (struct govern_member){pd_str_from(p->id), name, NULL, 0}
                                        : (struct govern_member){pd_str_from(p->id), name, ROLES[i].duties, ROLES[i].count};
    }
    return PD_OK;
}

enum pd_status seed_found(struct seed *s, struct pd_error *err) {
    struct pd_arena *arena = s->cli->arena;
    struct govern_party *parties = pd_arena_array(arena, seed_party_count, sizeof(*parties));
    struct govern_member *members = pd_arena_array(arena, PEOPLE_MAX, sizeof(*members));
    struct govern_founding f = {.origin = PD_STR("demo.polder.example"),
                                .jurisdiction = PD_STR("cn"),
                                .parties = parties,
                                .party_count = seed_party_count,
                                .members = members,
                                .database = s->database};
    pd_str receipt;
    enum pd_status st = parties && members ? PD_OK : pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < seed_party_count; i++) {
        const struct seed_party *p = &seed_parties[i];
        parties[i] = (struct govern_party){
            .id = pd_str_from(p->id),
            .chamber = pd_str_from(p->chamber),
            .kind = pd_str_from(p->kind),
            .country = PD_STR("CN"),
            .title = pd_arena_printf(arena, "{\"en\":\"%s\",\"zh\":\"%s\"}", p->title.text[DEMO_EN], p->title.text[DEMO_ZH])};
        st = parties[i].title.data ? add_members(s, p, members, &f.member_count, err) : pd_fail_memory(err);
    }
    if (st == PD_OK)
        st = govern_bundled_rules(f.jurisdiction, arena, &f.rules, &f.rule_count, err);
    if (st == PD_OK)
        st = govern_init(s->folder, &f, &s->clock, arena, &receipt, err);
    return st == PD_OK ? govern_open(s->folder, STORE_WRITE, "polder demo seed", &s->clock, &s->g, err) : st;
}

/* ---- The year ---- */

struct year {
    struct seed *s;
    int day, days;
    size_t next_case, next_wish;
    struct open_case {
        pd_id id;
        bool is_open;
        int ends;
    } cases[64];
    bool is_done[16]; /* of `moments` */
};

/* A month begins each 30 days or so; a dataset has its day in it. */
static enum pd_status publish_due(struct year *y, struct pd_error *err) {
    struct seed *s = y->s;
    struct pd_civil today = pd_time_civil(s->start + y->day * PD_DAY);
    int month = y->day * 12 / 365;
    enum pd_status st = PD_OK;
    for (size_t n = 0; st == PD_OK && n < seed_dataset_count; n++) {
        const struct seed_dataset *d = &seed_datasets[n];
        int day = month * 365 / 12 + 1 + (int)(n * 13 % 25);
        bool is_month = y->s->is_small ? month == d->first : month >= d->first && (month - d->first) % d->every == 0;
        if (y->day != day || !is_month)
            continue;
        struct pd_mark mark = pd_arena_mark(s->arena);
        /* It is about the month before. */
        int of_month = today.month == 1 ? 12 : today.month - 1, year = today.month == 1 ? today.year - 1 : today.year;
        s->now += 600 * PD_SECOND;
        st = seed_publish(s, d, n, year, of_month, err);
        pd_arena_reset(s->arena, mark);
    }
    return st;
}

static bool is_due(const struct year *y, int permille) {
    return y->day >= permille * y->days / 1000;
}

static enum pd_status raise_due(struct year *y, struct pd_error *err) {
    struct seed *s = y->s;
    enum pd_status st = PD_OK;
    for (; st == PD_OK && y->next_case < seed_case_count && is_due(y, seed_cases[y->next_case].permille); y->next_case++) {
        struct open_case *c = &y->cases[y->next_case];
        struct pd_mark mark = pd_arena_mark(s->arena);
        s->now += 900 * PD_SECOND;
        st = seed_raise(s, &seed_cases[y->next_case], &c->id, &c->is_open, err);
        c->ends = y->day + seed_cases[y->next_case].after;
        c->is_open = c->is_open && seed_cases[y->next_case].end != SEED_UNANSWERED;
        pd_arena_reset(s->arena, mark);
    }
    for (size_t i = 0; st == PD_OK && i < y->next_case; i++)
        if (y->cases[i].is_open && y->day >= y->cases[i].ends) {
            struct pd_mark mark = pd_arena_mark(s->arena);
            s->now += 900 * PD_SECOND;
            st = seed_end_case(s, &seed_cases[i], y->cases[i].id, err);
            y->cases[i].is_open = false;
            pd_arena_reset(s->arena, mark);
        }
    return st;
}

static enum pd_status wish_due(struct year *y, struct pd_error *err) {
    struct seed *s = y->s;
    enum pd_status st = PD_OK;
    for (; st == PD_OK && y->next_wish < seed_wish_count && is_due(y, seed_wishes[y->next_wish].permille); y->next_wish++) {
        struct pd_mark mark = pd_arena_mark(s->arena);
        s->now += 900 * PD_SECOND;
        st = seed_wish_for(s, &seed_wishes[y->next_wish], y->next_wish, err);
        pd_arena_reset(s->arena, mark);
    }
    return st;
}

static enum pd_status rotate_transport(struct seed *s, struct pd_error *err) {
    return seed_rotate(s, "party/transport", "transport", err);
}
static enum pd_status rotate_receipts(struct seed *s, struct pd_error *err) {
    return seed_rotate(s, "receipts", "data-authority", err);
}
static enum pd_status destroy_visits(struct seed *s, struct pd_error *err) {
    return seed_destroy(s, "health", err);
}

static const struct moment {
    int permille;
    enum pd_status (*act)(struct seed *s, struct pd_error *err);
} MOMENTS[] = {{230, seed_demand},    {290, seed_answer_demand}, {300, rotate_transport}, {500, rotate_receipts},
               {610, seed_demand},    {700, destroy_visits},     {760, seed_erase_person}, {790, seed_propose},
               {950, seed_demand},    {970, seed_propose},       {985, seed_object}};

static enum pd_status moments_due(struct year *y, struct pd_error *err) {
    struct seed *s = y->s;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < sizeof(MOMENTS) / sizeof(*MOMENTS); i++)
        if (!y->is_done[i] && is_due(y, MOMENTS[i].permille)) {
            struct pd_mark mark = pd_arena_mark(s->arena);
            s->now += 900 * PD_SECOND;
            st = MOMENTS[i].act(s, err);
            y->is_done[i] = true;
            pd_arena_reset(s->arena, mark);
        }
    return st;
}

/* At night what is due by itself: overdue duties are noted, the day's shard is anchored. */
static enum pd_status night(struct seed *s, struct pd_error *err) {
    struct job_tally tally;
    enum pd_status st = govern_run_jobs(s->g, 1000, &tally, err);
    return st;
}

static void tell(const struct year *y) {
    if (y->s->cli->is_terminal)
        fprintf(stderr, "\rpolder: a year in the sample province: day %d of %d ", y->day + 1, y->days);
}

enum pd_status seed_year(struct seed *s, struct pd_error *err) {
    struct year y = {.s = s, .days = (int)((s->end - s->start) / PD_DAY)};
    enum pd_status st = PD_OK;
    for (; st == PD_OK && y.day < y.days; y.day++) {
        pd_time morning = s->start + y.day * PD_DAY + 3600 * PD_SECOND; /* nine o'clock there */
        if (s->now < morning)
            s->now = morning;
        tell(&y);
        st = night(s, err);
        if (st == PD_OK)
            st = publish_due(&y, err);
        if (st == PD_OK)
            st = raise_due(&y, err);
        if (st == PD_OK)
            st = wish_due(&y, err);
        if (st == PD_OK)
            st = moments_due(&y, err);
        if (st == PD_OK)
            st = seed_vote_due(s, err);
        if (st == PD_OK)
            st = seed_meet_duties(s, err);
    }
    if (s->cli->is_terminal)
        fprintf(stderr, "\r%60s\r", "");
    return st == PD_OK ? govern_integrate(s->g, err) : st;
}
