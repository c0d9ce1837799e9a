/* What a proposal would make of the rules, and the gate that it has to pass before anybody votes. */
#include "govern/bundled.h"
#include "govern/proposal_impl.h"

#include <stdlib.h>
#include <string.h>

static const pd_str CHARTER = PD_STR_INIT("node/charter.json");

/* ---- Charters ---- */

static bool find_bundled(const char *path, pd_str *text) {
    for (const struct embedded_file *f = bundled_law; f->path; f++)
        if (strcmp(f->path, path) == 0) {
            *text = (pd_str){(const char *)f->data, f->len};
            return true;
        }
    return false;
}

enum pd_status govern_charter_bundled(pd_str preset, pd_str *text, struct pd_error *err) {
    static const struct {
        const char *preset, *path;
    } presets[] = {{"co-decision", "law/node/charter.json"},
                   {"notice-and-comment", "law/charters/notice-and-comment.json"},
                   {"technical-committee", "law/charters/technical-committee.json"}};
    for (size_t i = 0; i < sizeof(presets) / sizeof(*presets); i++)
        if (pd_str_is(preset, presets[i].preset) && find_bundled(presets[i].path, text))
            return PD_OK;
    return pd_fail(err, PD_NOT_FOUND,
                   "there is no charter \"%.*s\" in this program; there are co-decision, "
                   "notice-and-comment, technical-committee",
                   pd_arg(preset));
}

static enum pd_status charter_of(const struct law_file *files, size_t count, struct pd_arena *arena,
                                 const struct council_charter **out, struct pd_error *err) {
    pd_str text = {0};
    for (size_t i = 0; i < count; i++)
        if (pd_str_eq(files[i].path, CHARTER))
            text = files[i].text;
    enum pd_status st =
        text.data ? PD_OK : govern_charter_bundled(PD_STR("co-decision"), &text, err);
    if (st == PD_OK && council_charter_parse(text, arena, out, err) != PD_OK)
        st = pd_wrap(err, "node/charter.json");
    return st;
}

enum pd_status govern_charter(struct govern *g, struct pd_arena *arena,
                              const struct council_charter **out, struct pd_error *err) {
    struct law_file *files;
    size_t count;
    enum pd_status st = node_rules_files(g, g->rules_id, arena, &files, &count, err);
    return st == PD_OK ? charter_of(files, count, arena, out, err) : st;
}

/* ---- Applying ---- */

static int by_path(const void *a, const void *b) {
    return pd_str_cmp(((const struct law_file *)a)->path, ((const struct law_file *)b)->path);
}

/* A change was made for what stood there then: if that is another by now, people must look. */
static enum pd_status check_base(const struct proposal_change *change, pd_str current,
                                 struct pd_arena *arena, struct pd_error *err) {
    pd_str hex = PD_STR("");
    if (current.data) {
        crypto_hash hash = crypto_sha256(current.data, current.len);
        hex = govern_hash_text(&hash, arena);
    }
    if (pd_str_eq(hex, change->base))
        return PD_OK;
    return pd_fail(err, PD_CONFLICT,
                   "the proposal no longer applies: \"%.*s\" was %s%.12s when it was made, and is "
                   "%s%.12s now; propose it anew",
                   pd_arg(change->path), change->base.len ? "" : "not there", change->base.data,
                   hex.len ? "" : "not there", hex.data);
}

static enum pd_status apply_rule(const struct proposal_change *change, struct pd_arena *arena,
                                 struct proposal_candidate *c, struct pd_error *err) {
    size_t at = 0;
    while (at < c->file_count && !pd_str_eq(c->files[at].path, change->path))
        at++;
    bool is_there = at < c->file_count;
    enum pd_status st =
        check_base(change, is_there ? c->files[at].text : (pd_str){0}, arena, err);
    if (st != PD_OK)
        return st;
    if (change->is_removed)
        c->files[at] = c->files[--c->file_count];
    else
        c->files[at] = (struct law_file){change->path, change->text};
    c->file_count += !change->is_removed && !is_there;
    return PD_OK;
}

static enum pd_status apply_standard(struct govern *g, const struct proposal_change *change,
                                     struct pd_arena *arena, struct proposal_candidate *c,
                                     struct pd_error *err) {
    struct pd_error none = {0};
    const struct standard *parsed;
    pd_str current = {0};
    enum pd_status st = govern_standard_in_force(g, proposal_standard_name(change->path), arena,
                                                 &current, &none);
    if (st != PD_OK && st != PD_NOT_FOUND)
        return pd_fail(err, st, "%s", none.text);
    c->has_standards = true;
    st = check_base(change, current, arena, err);
    if (st == PD_OK && !change->is_removed &&
        standard_parse(change->text, arena, &parsed, err) != PD_OK)
        st = pd_wrap(err, "%.*s", pd_arg(change->path));
    return st;
}

/* ---- The gate ---- */

/* What the chambers make is never of a higher rank than theirs, whatever its manifest says. */
static enum pd_status check_ranks(const struct law_rules *rules, struct pd_error *err) {
    static const struct {
        const char *folder;
        enum law_rank rank;
        const char *name;
    } ranks[] = {{"node", LAW_NODE, "node"}, {"delegated", LAW_DELEGATED, "delegated"}};
    for (size_t i = 0; i < sizeof(ranks) / sizeof(*ranks); i++) {
        const struct law_pack *pack = law_rules_pack(rules, pd_str_from(ranks[i].folder));
        if (pack && pack->rank != ranks[i].rank)
            return pd_fail(err, PD_INVALID, "%s/manifest.json: the rank of this folder is \"%s\"",
                           ranks[i].folder, ranks[i].name);
    }
    return PD_OK;
}

static enum pd_status try_row(const struct law_rules *rules, const struct law_case_row *row,
                              pd_str path, struct pd_arena *arena, struct pd_error *err) {
    struct law_case_result got;
    struct pd_mark mark = pd_arena_mark(arena);
    enum pd_status st = law_case_row_check(rules, row, arena, &got, err);
    if (st == PD_OK && !(got.speaks_holds && got.silent_holds)) {
        const struct law_case_side *side = got.speaks_holds ? &row->silent : &row->speaks;
        st = pd_fail(err, PD_INVALID, "%.*s:%u: the test fails: %.*s was to %s at \"%.*s\" (%.*s)",
                     pd_arg(path), row->place.line, pd_arg(row->policy_id),
                     got.speaks_holds ? "keep silent" : "speak", pd_arg(side->act),
                     pd_arg(side->facts));
    }
    pd_arena_reset(arena, mark);
    return st;
}

/* The pages of cases that stand among the rules. */
static enum pd_status run_tests(const struct proposal_candidate *c, struct pd_arena *arena,
                                struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < c->file_count; i++) {
        const struct law_case_row *rows;
        size_t count = 0;
        if (!pd_str_ends(c->files[i].path, PD_STR("/CASES.md")))
            continue;
        st = law_cases_parse(c->rules, c->files[i].path, c->files[i].text, arena, &rows, &count,
                             err);
        for (size_t r = 0; st == PD_OK && r < count; r++)
            st = try_row(c->rules, &rows[r], c->files[i].path, arena, err);
    }
    return st;
}

enum pd_status proposal_candidate_make(struct govern *g, const struct proposal_change *changes,
                                       size_t count, struct pd_arena *arena,
                                       struct proposal_candidate *out, struct pd_error *err) {
    struct proposal_candidate c = {.files = NULL};
    struct law_file *files;
    const struct council_charter *charter;
    bool has_rules = false;
    enum pd_status st = node_rules_files(g, g->rules_id, arena, &files, &c.file_count, err);
    if (st == PD_OK)
        c.files = pd_arena_array(arena, c.file_count + count + 1, sizeof(*c.files));
    if (st == PD_OK && !c.files)
        st = pd_fail_memory(err);
    if (st == PD_OK && c.file_count)
        memcpy(c.files, files, c.file_count * sizeof(*files));
    for (size_t i = 0; st == PD_OK && i < count; i++) {
        bool is_standard = proposal_standard_name(changes[i].path).len > 0;
        has_rules = has_rules || !is_standard;
        st = is_standard ? apply_standard(g, &changes[i], arena, &c, err)
                         : apply_rule(&changes[i], arena, &c, err);
    }
    if (st != PD_OK)
        return st;
    qsort(c.files, c.file_count, sizeof(*c.files), by_path);
    st = node_rules_json(c.files, c.file_count, arena, &c.json, c.id, err);
    if (st == PD_OK)
        st = charter_of(c.files, c.file_count, arena, &charter, err);
    if (st == PD_OK && has_rules) {
        st = law_rules_new(c.files, c.file_count, &c.rules, err);
        if (st == PD_OK)
            st = check_ranks(c.rules, err);
        if (st == PD_OK)
            st = run_tests(&c, arena, err);
    }
    if (st != PD_OK) {
        law_rules_free(c.rules);
        return st;
    }
    *out = c;
    return PD_OK;
}

void proposal_candidate_clear(struct proposal_candidate *c) {
    law_rules_free(c->rules);
    c->rules = NULL;
}
