/* Which witnesses count: C2SP tlog-policy. Parsed whole, and then asked about one checkpoint. */
#include "ledger/ledger_impl.h"
#include <string.h>

static const pd_str NONE = PD_STR_INIT("none");

struct reading {
    struct ledger_policy *policy;
    struct pd_arena *arena;
    size_t line;
    bool has_quorum;
    struct pd_error *err;
};

/* ---- Lines and words ---- */

static bool take_word(pd_str *rest, pd_str *word) {
    size_t start = 0, end;
    while (start < rest->len && (rest->data[start] == ' ' || rest->data[start] == '\t'))
        start++;
    for (end = start; end < rest->len && rest->data[end] != ' ' && rest->data[end] != '\t'; end++)
        ;
    *word = pd_str_sub(*rest, start, end - start);
    *rest = pd_str_sub(*rest, end, rest->len);
    return word->len > 0;
}

/* 0x09, 0x0A, 0x20-0x7E, 0x80-0xFF: names are byte strings, not text. */
static enum pd_status check_bytes(pd_str text, struct pd_error *err) {
    size_t line = 1;
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.data[i];
        if (c == '\n')
            line++;
        else if ((c < 0x20 && c != '\t') || c == 0x7f)
            return pd_fail(err, PD_INVALID,
                           "line %zu of the policy has the control character 0x%02x", line, c);
    }
    return PD_OK;
}

static enum pd_status copy(struct reading *r, pd_str text, pd_str *out) {
    *out = pd_arena_str(r->arena, text);
    return out->data ? PD_OK : pd_fail_memory(r->err);
}

static enum pd_status take_name(struct reading *r, pd_str *rest, const char *what, pd_str *out) {
    pd_str word;
    if (!take_word(rest, &word))
        return pd_fail(r->err, PD_INVALID, "%s is missing", what);
    return copy(r, word, out);
}

static enum pd_status end_line(struct reading *r, pd_str rest) {
    pd_str word;
    return take_word(&rest, &word)
               ? pd_fail(r->err, PD_INVALID, "\"%.*s\" is one word too many", pd_arg(word))
               : PD_OK;
}

/* ---- Nodes: witnesses and groups in one namespace ---- */

static struct ledger_node *find_node(struct ledger_policy *policy, pd_str name) {
    for (size_t i = 0; i < policy->node_count; i++)
        if (pd_str_eq(policy->nodes[i].name, name))
            return &policy->nodes[i];
    return NULL;
}

static enum pd_status add_node(struct reading *r, pd_str name, struct ledger_node **out) {
    struct ledger_policy *p = r->policy;
    if (pd_str_eq(name, NONE))
        return pd_fail(r->err, PD_INVALID, "\"none\" is no name for a witness or group");
    if (find_node(p, name))
        return pd_fail(r->err, PD_INVALID, "there are two witnesses or groups \"%.*s\"",
                       pd_arg(name));
    if (p->node_count == LEDGER_NODES_MAX)
        return pd_fail(r->err, PD_LIMIT, "there are more than %d witnesses and groups",
                       LEDGER_NODES_MAX);
    *out = &p->nodes[p->node_count++];
    **out = (struct ledger_node){.name = name, .parent = LEDGER_NO_NODE};
    return PD_OK;
}

/* ---- One kind of line each ---- */

static bool is_key_twice(const struct ledger_vkey *key, const struct ledger_vkey *other) {
    return memcmp(key->public_key, other->public_key, CRYPTO_PUBLIC_SIZE) == 0;
}

static enum pd_status read_log(struct reading *r, pd_str rest) {
    struct ledger_policy *p = r->policy;
    pd_str text = {0};
    struct ledger_vkey key;
    enum pd_status st = take_name(r, &rest, "the log's key", &text);
    if (st == PD_OK)
        st = ledger_vkey_parse(text, &key, r->err);
    if (st != PD_OK)
        return st;
    if (p->log_count == LEDGER_POLICY_MAX)
        return pd_fail(r->err, PD_LIMIT, "there are more than %d logs", LEDGER_POLICY_MAX);
    for (size_t i = 0; i < p->log_count; i++)
        if (is_key_twice(&key, &p->logs[i].key))
            return pd_fail(r->err, PD_INVALID, "the log \"%.*s\" has the key of \"%.*s\"",
                           pd_arg(key.name), pd_arg(p->logs[i].key.name));
    struct ledger_policy_key *log = &p->logs[p->log_count++];
    log->key = key;
    take_word(&rest, &text);
    st = copy(r, text, &log->url);
    return st == PD_OK ? end_line(r, rest) : st;
}

static enum pd_status read_witness(struct reading *r, pd_str rest) {
    struct ledger_policy *p = r->policy;
    struct ledger_vkey key;
    struct ledger_node *node = NULL;
    pd_str name = {0}, text = {0};
    enum pd_status st = take_name(r, &rest, "the witness's name", &name);
    if (st == PD_OK)
        st = take_name(r, &rest, "the witness's key", &text);
    if (st == PD_OK)
        st = ledger_cosigner_vkey_parse(text, &key, r->err);
    if (st == PD_OK && p->witness_count == LEDGER_POLICY_MAX)
        st = pd_fail(r->err, PD_LIMIT, "there are more than %d witnesses", LEDGER_POLICY_MAX);
    for (size_t i = 0; st == PD_OK && i < p->witness_count; i++)
        if (is_key_twice(&key, &p->witnesses[i].key))
            st = pd_fail(r->err, PD_INVALID, "it has the same key as the witness \"%.*s\"",
                         pd_arg(p->witnesses[i].key.name));
    if (st == PD_OK)
        st = add_node(r, name, &node);
    if (st != PD_OK)
        return st;
    node->is_witness = true;
    node->witness = p->witness_count;
    struct ledger_policy_key *witness = &p->witnesses[p->witness_count++];
    *witness = (struct ledger_policy_key){.name = name, .key = key};
    take_word(&rest, &text);
    st = copy(r, text, &witness->url);
    return st == PD_OK ? end_line(r, rest) : st;
}

static enum pd_status add_member(struct reading *r, pd_str name, size_t group) {
    struct ledger_node *member = find_node(r->policy, name);
    if (!member || member == &r->policy->nodes[group])
        return pd_fail(r->err, PD_INVALID, "no witness or group \"%.*s\" stands above it",
                       pd_arg(name));
    if (member->parent != LEDGER_NO_NODE)
        return pd_fail(r->err, PD_INVALID, "\"%.*s\" is a member of \"%.*s\" already", pd_arg(name),
                       pd_arg(r->policy->nodes[member->parent].name));
    member->parent = group;
    r->policy->nodes[group].members++;
    return PD_OK;
}

static enum pd_status read_threshold(struct reading *r, pd_str text, struct ledger_node *group) {
    uint64_t wanted = 0;
    if (pd_str_is(text, "any"))
        wanted = 1;
    else if (pd_str_is(text, "all"))
        wanted = group->members;
    else if (ledger_parse_count(text, "the threshold", &wanted, r->err) != PD_OK)
        return pd_fail(r->err, PD_INVALID, "\"%.*s\" is not \"all\", \"any\" or a number",
                       pd_arg(text));
    if (wanted < 1 || wanted > group->members)
        return pd_fail(r->err, PD_INVALID, "%.*s of %zu members can't be had", pd_arg(text),
                       group->members);
    group->threshold = (size_t)wanted;
    return PD_OK;
}

static enum pd_status read_group(struct reading *r, pd_str rest) {
    pd_str name = {0}, threshold = {0}, member;
    struct ledger_node *group = NULL;
    enum pd_status st = take_name(r, &rest, "the group's name", &name);
    if (st == PD_OK)
        st = take_name(r, &rest, "the number of members that must sign", &threshold);
    if (st == PD_OK)
        st = add_node(r, name, &group);
    while (st == PD_OK && take_word(&rest, &member))
        st = add_member(r, member, (size_t)(group - r->policy->nodes));
    return st == PD_OK ? read_threshold(r, threshold, group) : st;
}

static enum pd_status read_quorum(struct reading *r, pd_str rest) {
    pd_str name = {0};
    enum pd_status st = take_name(r, &rest, "the quorum's name", &name);
    if (st == PD_OK && r->has_quorum)
        st = pd_fail(r->err, PD_INVALID, "there is a quorum line already");
    const struct ledger_node *node = st == PD_OK ? find_node(r->policy, name) : NULL;
    if (st == PD_OK && !node && !pd_str_eq(name, NONE))
        st = pd_fail(r->err, PD_INVALID, "no witness or group \"%.*s\" stands above it",
                     pd_arg(name));
    if (st != PD_OK)
        return st;
    r->has_quorum = true;
    r->policy->quorum = node ? (size_t)(node - r->policy->nodes) : LEDGER_NO_NODE;
    return end_line(r, rest);
}

static const struct {
    const char *word;
    enum pd_status (*read)(struct reading *r, pd_str rest);
} LINES[] = {
    {"log", read_log}, {"witness", read_witness}, {"group", read_group}, {"quorum", read_quorum}};

static enum pd_status read_line(struct reading *r, pd_str line) {
    pd_str rest = line, word;
    if (!take_word(&rest, &word) || word.data[0] == '#')
        return PD_OK;
    for (size_t i = 0; i < sizeof(LINES) / sizeof(LINES[0]); i++)
        if (pd_str_is(word, LINES[i].word))
            return LINES[i].read(r, rest) == PD_OK
                       ? PD_OK
                       : pd_wrap(r->err, "line %zu of the policy", r->line);
    return pd_fail(r->err, PD_INVALID,
                   "line %zu of the policy starts with \"%.*s\"; a line is a log, witness, group "
                   "or quorum, or a # comment",
                   r->line, pd_arg(pd_str_sub(word, 0, 40)));
}

enum pd_status ledger_policy_parse(pd_str text, struct pd_arena *arena,
                                   const struct ledger_policy **out, struct pd_error *err) {
    if (text.len > LEDGER_POLICY_BYTES_MAX)
        return pd_fail(err, PD_LIMIT, "the policy has %zu bytes; %d are the limit", text.len,
                       LEDGER_POLICY_BYTES_MAX);
    struct ledger_policy *policy = pd_arena_alloc(arena, sizeof(*policy));
    if (!policy)
        return pd_fail_memory(err);
    *policy = (struct ledger_policy){.quorum = LEDGER_NO_NODE};
    struct reading r = {.policy = policy, .arena = arena, .err = err};
    enum pd_status st = check_bytes(text, err);
    pd_str rest = text, line;
    while (st == PD_OK && rest.len > 0) {
        r.line++;
        if (!ledger_take_line(&rest, &line)) {
            line = rest;
            rest = (pd_str){0};
        }
        st = read_line(&r, line);
    }
    if (st == PD_OK && !r.has_quorum)
        st = pd_fail(err, PD_INVALID, "the policy has no line \"quorum NAME\"");
    if (st == PD_OK)
        *out = policy;
    return st;
}

/* ---- A checkpoint under a policy ---- */

bool ledger_policy_is_met(const struct ledger_policy *policy,
                          const bool signed_by[LEDGER_POLICY_MAX]) {
    size_t satisfied[LEDGER_NODES_MAX] = {0}; /* members of a group that are */
    if (policy->quorum == LEDGER_NO_NODE)
        return true;
    /* Members stand above their group, so that one pass is enough. */
    for (size_t i = 0; i <= policy->quorum; i++) {
        const struct ledger_node *n = &policy->nodes[i];
        bool is_met = n->is_witness ? signed_by[n->witness] : satisfied[i] >= n->threshold;
        if (i == policy->quorum)
            return is_met;
        if (is_met && n->parent != LEDGER_NO_NODE)
            satisfied[n->parent]++;
    }
    return false;
}

/* The keys of both kinds side by side: logs first, as ledger_note_verify numbers them. */
static size_t all_keys(const struct ledger_policy *policy,
                       struct ledger_vkey keys[2 * LEDGER_POLICY_MAX]) {
    size_t n = 0;
    for (size_t i = 0; i < policy->log_count; i++)
        keys[n++] = policy->logs[i].key;
    for (size_t i = 0; i < policy->witness_count; i++)
        keys[n++] = policy->witnesses[i].key;
    return n;
}

static enum pd_status say_missing(const struct ledger_policy *policy,
                                  const struct ledger_witnessed *w, struct pd_error *err) {
    char names[400] = "";
    size_t at = 0, count = 0;
    for (size_t i = 0; i < policy->witness_count; i++) {
        pd_str name = policy->witnesses[i].name;
        count += w->signed_by[i];
        if (w->signed_by[i] || at + name.len + 3 > sizeof(names))
            continue;
        memcpy(names + at, ", ", at ? 2 : 0);
        at += at ? 2 : 0;
        memcpy(names + at, name.data, name.len);
        at += name.len;
        names[at] = '\0';
    }
    return pd_fail(err, PD_OPEN,
                   "the quorum of witnesses isn't there: %zu of %zu cosigned; without %s", count,
                   policy->witness_count, names);
}

enum pd_status ledger_policy_verify(const struct ledger_policy *policy, pd_str note,
                                    struct ledger_checkpoint *checkpoint,
                                    struct ledger_witnessed *out, struct pd_error *err) {
    struct ledger_vkey keys[2 * LEDGER_POLICY_MAX];
    struct ledger_note parsed;
    struct ledger_witnessed found = {0};
    size_t count = all_keys(policy, keys);
    bool has_log = false;
    enum pd_status st = ledger_note_parse(note, &parsed, err);
    if (st == PD_OK)
        st = ledger_note_verify(&parsed, keys, count, err);
    if (st == PD_OK)
        st = ledger_checkpoint_parse(parsed.text, checkpoint, err);
    if (st != PD_OK)
        return st;
    for (size_t i = 0; i < parsed.count; i++) {
        const struct ledger_signature *s = &parsed.signatures[i];
        if (!s->is_verified)
            continue;
        if (s->key < policy->log_count) {
            has_log = true;
            continue;
        }
        size_t witness = s->key - policy->log_count;
        found.signed_by[witness] = true;
        if (s->time > found.times[witness])
            found.times[witness] = s->time;
    }
    if (!has_log)
        return pd_fail(err, PD_NOT_FOUND, "no log of the policy signed the checkpoint");
    *out = found;
    return ledger_policy_is_met(policy, found.signed_by) ? PD_OK : say_missing(policy, &found, err);
}
