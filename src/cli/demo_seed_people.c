/* What members of the synthetic province ask of each other: cases, keys, the erasure of a person. */
#include "cli/demo_seed.h"

#include <string.h>

static pd_str member_of(const char *party) {
    return pd_str_starts(pd_str_from(party), PD_STR("residents-")) ? PD_STR("resident-001") : PD_STR("steward");
}

/* ---- Cases ---- */

static enum pd_status find_dataset(struct seed *s, const char *title, pd_str *id, struct pd_error *err) {
    const struct catalogue_viewer all = {.sees_all = true};
    const struct catalogue_datasets_query query = {.search = pd_str_from(title)};
    struct catalogue_datasets found;
    char text[PD_ID_TEXT_SIZE];
    enum pd_status st = catalogue_datasets(s->g, &all, &query, s->arena, &found, err);
    if (st == PD_OK && found.count == 0)
        st = pd_fail(err, PD_NOT_FOUND, "there is no dataset \"%s\" yet", title);
    if (st != PD_OK)
        return st;
    pd_id_write(found.items[found.count - 1].id, text);
    *id = pd_arena_str(s->arena, pd_str_from(text));
    return id->data ? PD_OK : pd_fail_memory(err);
}

enum pd_status seed_raise(struct seed *s, const struct seed_case *c, pd_id *id, bool *is_raised, struct pd_error *err) {
    struct govern_declared declared[2];
    const struct govern_outcome *out;
    pd_str subject = pd_arena_printf(s->arena, "%s\n%s", c->subject.text[DEMO_EN], c->subject.text[DEMO_ZH]);
    struct govern_raising r = {.kind = pd_str_from(c->kind),
                               .party = pd_str_from(c->party),
                               .member = member_of(c->party),
                               .dataset = PD_STR(""),
                               .responsible = pd_str_from(c->responsible),
                               .subject = subject,
                               .declared = declared,
                               .evidence = PD_STR("")};
    enum pd_status st = subject.data ? PD_OK : pd_fail_memory(err);
    if (st == PD_OK && c->dataset)
        st = find_dataset(s, c->dataset, &r.dataset, err);
    for (size_t i = 0; st == PD_OK && i < 2 && c->facts[i]; i++) {
        st = cli_parse_fact(c->facts[i], &declared[i].name, &declared[i].value, err);
        r.declared_count++;
    }
    if (st == PD_OK)
        st = govern_case_raise(s->g, &r, s->arena, id, &out, err);
    *is_raised = st == PD_OK && out->result == GOVERN_DONE;
    s->count.cases += *is_raised;
    return st == PD_OK ? st : pd_wrap(err, "the demo's case \"%s\"", c->subject.text[DEMO_EN]);
}

enum pd_status seed_end_case(struct seed *s, const struct seed_case *c, pd_id id, struct pd_error *err) {
    static const enum govern_case_move moves[] = {[SEED_ANSWERED] = GOVERN_CASE_ANSWER,
                                                  [SEED_REFUSED] = GOVERN_CASE_REFUSE,
                                                  [SEED_WITHDRAWN] = GOVERN_CASE_WITHDRAW};
    const char *party = c->end == SEED_WITHDRAWN ? c->party : c->responsible;
    struct govern_moving m = {.move = moves[c->end],
                              .case_id = id,
                              .party = pd_str_from(party),
                              .member = c->end == SEED_WITHDRAWN ? member_of(party) : PD_STR("owner"),
                              .text = pd_str_from(c->text),
                              .ground = c->end == SEED_REFUSED ? PD_STR("Personal Information Protection Law, article 28") : PD_STR(""),
                              .appeal = c->end == SEED_REFUSED ? PD_STR("Administrative review within 60 days (demo)") : PD_STR("")};
    const struct govern_outcome *out;
    enum pd_status st = PD_OK;
    if (c->end != SEED_WITHDRAWN)
        st = seed_key(s, party, &m.private_key, err);
    if (st == PD_OK)
        st = govern_case_move(s->g, &m, s->arena, &out, err);
    return st == PD_OK ? st : pd_wrap(err, "the demo's answer to \"%s\"", c->subject.text[DEMO_EN]);
}

/* ---- Keys ---- */

enum pd_status seed_rotate(struct seed *s, const char *holder, const char *party, struct pd_error *err) {
    struct govern_rotation r = {
        .holder = pd_str_from(holder), .party = pd_str_from(party), .member = PD_STR("steward")};
    const struct govern_rotated *out;
    enum pd_status st = seed_key(s, party, &r.private_key, err);
    if (st == PD_OK)
        st = govern_key_rotate(s->g, &r, s->arena, &out, err);
    if (st == PD_OK && out->file.len) {
        s->rotated = party;
        snprintf(s->rotated_path, sizeof(s->rotated_path), "%.*s", pd_arg(out->file));
    }
    s->count.rotations += st == PD_OK;
    return st == PD_OK ? st : pd_wrap(err, "the demo's new key of %s", holder);
}

/* One party asks, the authority agrees. */
static enum pd_status agree(struct seed *s, pd_id request, struct govern_destruction *out, struct pd_error *err) {
    *out = (struct govern_destruction){
        .id = request, .party = PD_STR("data-authority"), .member = PD_STR("owner")};
    s->now += 26 * 3600 * PD_SECOND;
    return seed_key(s, "data-authority", &out->private_key, err);
}

enum pd_status seed_erase_person(struct seed *s, struct pd_error *err) {
    const pd_str identifier = pd_str_from(s->person);
    static const struct govern_declared ground[] = {{PD_STR_INIT("consent_withdrawn"), PD_STR_INIT("true")}};
    struct govern_erasing e = {.identifiers = &identifier,
                               .identifier_count = 1,
                               .party = pd_str_from(s->person_party),
                               .member = PD_STR("steward"),
                               .dataset = PD_STR(""),
                               .reason = PD_STR("the person withdrew consent (demo)"),
                               .facts = ground,
                               .fact_count = 1};
    pd_id request;
    const struct govern_outcome *out;
    const struct govern_erased *erased;
    size_t count = 0;
    struct govern_destruction agreed;
    enum pd_status st = seed_key(s, s->person_party, &e.private_key, err);
    if (st == PD_OK)
        st = govern_erase_ask(s->g, &e, s->arena, &request, &out, err);
    if (st == PD_OK)
        st = agree(s, request, &agreed, err);
    if (st == PD_OK)
        st = govern_erase_agree(s->g, &agreed, s->arena, &erased, &count, err);
    s->count.erased += count;
    return st == PD_OK ? st : pd_wrap(err, "the demo's erasure");
}

/* The oldest version that a party has stored, and that nobody needs any more. */
enum pd_status seed_destroy(struct seed *s, const char *party, struct pd_error *err) {
    const struct catalogue_viewer viewer = {.party = pd_str_from(party)};
    const struct catalogue_datasets_query query = {.party = pd_str_from(party), .openness = PD_STR("held")};
    const struct catalogue_page page = {.limit = CATALOGUE_PAGE_MAX};
    struct catalogue_datasets found;
    struct catalogue_one one;
    pd_id request;
    const struct govern_outcome *out;
    struct govern_destruction d = {.party = pd_str_from(party), .member = PD_STR("steward"),
                                   .reason = PD_STR("kept longer than its purpose needs (demo)")},
                              agreed;
    enum pd_status st = catalogue_datasets(s->g, &viewer, &query, s->arena, &found, err);
    if (st == PD_OK && found.count == 0)
        st = pd_fail(err, PD_NOT_FOUND, "%s stores nothing", party);
    if (st == PD_OK)
        st = catalogue_dataset_find(s->g, &viewer, found.items[0].id, &page, s->arena, &one, err);
    if (st == PD_OK)
        st = seed_key(s, party, &d.private_key, err);
    if (st != PD_OK)
        return pd_wrap(err, "the demo's destruction of a key");
    d.id = one.versions[one.count - 1].id;
    st = govern_key_ask(s->g, &d, s->arena, &request, &out, err);
    if (st == PD_OK)
        st = agree(s, request, &agreed, err);
    if (st == PD_OK)
        st = govern_key_agree(s->g, &agreed, s->arena, &out, err);
    s->count.destroyed += st == PD_OK;
    return st == PD_OK ? st : pd_wrap(err, "the demo's destruction of a key");
}
