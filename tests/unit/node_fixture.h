/* A founded node for tests of people: two parties, their members, a clock that goes on by itself. */
#ifndef NODE_FIXTURE_H
#define NODE_FIXTURE_H

#include "database_fixture.h"
#include "govern/govern.h"

struct world {
    char folder[256], node[300];
    char databases[3][DATABASE_SIZE];
    size_t nodes;
    struct pd_arena *arena;
    struct govern *g;
    struct pd_error err;
};

#define assert_ok(w, call)                                                                         \
    do {                                                                                           \
        (w)->err = (struct pd_error){0};                                                           \
        if ((call) != PD_OK)                                                                       \
            fail_msg("%s: %s", #call, (w)->err.text);                                              \
    } while (0)
#define assert_fails(w, expected, words, call)                                                     \
    do {                                                                                           \
        (w)->err = (struct pd_error){0};                                                           \
        enum pd_status st_ = (call);                                                               \
        if (st_ != (expected) || strstr((w)->err.text, (words)) == NULL)                           \
            fail_msg("%s: status %d, \"%s\"; expected %d, \"%s\"", #call, (int)st_, (w)->err.text, \
                     (int)(expected), (words));                                                    \
    } while (0)

static pd_time the_time = 1795435200 * PD_SECOND;
static pd_time told(void *context) {
    (void)context;
    return the_time += 1000;
}
static const struct pd_clock CLOCK = {told, NULL};

static const char *extra_rules; /* policies that a test adds, or NULL */
static const char *charter_given; /* one of the program's, by its preset; NULL: co-decision */
static bool without_access;     /* as from before there were rules of access */
static const struct govern_member *members_given;
static size_t member_count_given;

/* What a registry of old had: without the facts of access, which stand last. */
static pd_str cut_registry(pd_str text, struct pd_arena *arena) {
    size_t at = pd_str_find(text, PD_STR(",\n    {\"name\": \"registers\""));
    assert_true(at != PD_NPOS);
    return pd_arena_printf(arena, "%.*s\n  ]\n}\n", pd_arg(pd_str_sub(text, 0, at)));
}

static pd_str cut_schema(pd_str text, struct pd_arena *arena) {
    struct pd_buf buf;
    pd_str line;
    static const char *const gone[] = {"registers?", "signed_in?", "in_scope?",  "is_own?",
                                       "is_concerned?", "is_disclosed?", "duty_", "gives_",
                                       "registrar_exists?"};
    pd_buf_init(&buf, 1 << 20);
    while (pd_str_split(&text, '\n', &line)) {
        bool is_gone = false;
        for (size_t i = 0; i < sizeof(gone) / sizeof(*gone); i++)
            is_gone = is_gone || pd_str_starts(pd_str_trim(line), pd_str_from(gone[i]));
        if (!is_gone)
            pd_buf_str(&buf, line), pd_buf_char(&buf, '\n');
    }
    pd_str cut = pd_arena_str(arena, pd_buf_view(&buf));
    pd_buf_clear(&buf);
    return cut;
}

static enum pd_status found_node(struct world *w, struct pd_error *err) {
    const struct law_file *bundled;
    size_t count, n = 0;
    assert_int_equal(govern_bundled_rules(PD_STR("cn"), w->arena, &bundled, &count, err), PD_OK);
    struct law_file *rules = pd_arena_array(w->arena, count + 1, sizeof(*rules));
    for (size_t i = 0; i < count; i++) {
        if (without_access && (pd_str_is(bundled[i].path, "node/access.cedar") ||
                               pd_str_is(bundled[i].path, "node/members.cedar")))
            continue;
        rules[n++] = bundled[i];
        if (charter_given && pd_str_is(bundled[i].path, "node/charter.json"))
            assert_int_equal(govern_charter_bundled(pd_str_from(charter_given), &rules[n - 1].text, err),
                             PD_OK);
        if (without_access && pd_str_is(bundled[i].path, "facts.json"))
            rules[n - 1].text = cut_registry(bundled[i].text, w->arena);
        if (without_access && pd_str_is(bundled[i].path, "polder.cedarschema"))
            rules[n - 1].text = cut_schema(bundled[i].text, w->arena);
    }
    if (extra_rules)
        rules[n++] = (struct law_file){PD_STR("node/x.cedar"), pd_str_from(extra_rules)};
    static const pd_str steward[] = {PD_STR_INIT("steward")}, owner[] = {PD_STR_INIT("owner")};
    static const struct govern_party parties[] = {
        {PD_STR_INIT("transport"), PD_STR_INIT("government"), PD_STR_INIT("state_organ"),
         PD_STR_INIT("CN")},
        {PD_STR_INIT("authority"), PD_STR_INIT("government"), PD_STR_INIT("authority"),
         PD_STR_INIT("CN")},
    };
    static const struct govern_member members[] = {
        {PD_STR_INIT("transport"), PD_STR_INIT("zhang"), steward, 1},
        {PD_STR_INIT("transport"), PD_STR_INIT("clerk"), NULL, 0},
        {PD_STR_INIT("transport"), PD_STR_INIT("zhu"), owner, 1},
        {PD_STR_INIT("authority"), PD_STR_INIT("an"), steward, 1}};
    struct govern_founding founding = {.origin = PD_STR("node.example"),
                                       .jurisdiction = PD_STR("cn"),
                                       .parties = parties,
                                       .party_count = 2,
                                       .members = members_given ? members_given : members,
                                       .member_count = members_given ? member_count_given : 4,
                                       .rules = rules,
                                       .rule_count = n};
    pd_str receipt;
    snprintf(w->node, sizeof(w->node), "%s/node%zu", w->folder, w->nodes);
    founding.database = database_new(w->databases[w->nodes++]);
    return govern_init(w->node, &founding, &CLOCK, w->arena, &receipt, err);
}

static inline void open_another(struct world *w) {
    govern_close(w->g);
    w->g = NULL;
    assert_ok(w, found_node(w, &w->err));
    assert_ok(w, govern_open(w->node, STORE_WRITE, "test", &CLOCK, &w->g, &w->err));
}

static int make_world(void **state) {
    struct world *w = calloc(1, sizeof(*w));
    const char *tmp = getenv("TMPDIR");
    if (!w)
        return -1;
    snprintf(w->folder, sizeof(w->folder), "%.200s/polder-node-XXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(w->folder))
        return -1;
    w->arena = pd_arena_new((size_t)256 << 20);
    open_another(w);
    *state = w;
    return 0;
}

static int end_world(void **state) {
    struct world *w = *state;
    char command[320];
    govern_close(w->g);
    pd_arena_free(w->arena);
    snprintf(command, sizeof(command), "rm -rf '%s'", w->folder);
    int st = system(command);
    for (size_t i = 0; i < w->nodes; i++)
        if (w->databases[i][0])
            database_drop(w->databases[i]);
    free(w);
    return st;
}

#endif
