/* What members of the synthetic province do, each through the functions that a face would call. */
#include "cli/demo_seed.h"

#include <inttypes.h>
#include <string.h>
#include <unistd.h>

/* ---- Who, and with which key ---- */

static pd_str member_of(const char *party) {
    return pd_str_starts(pd_str_from(party), PD_STR("residents-")) ? PD_STR("resident-001") : PD_STR("steward");
}

enum pd_status seed_key(struct seed *s, const char *party, pd_str *out, struct pd_error *err) {
    bool is_rotated = s->rotated && !strcmp(s->rotated, party);
    pd_str path = is_rotated ? pd_str_from(s->rotated_path) : pd_arena_printf(s->arena, "keys/%s.key", party);
    return path.data ? store_file_read(govern_store(s->g), path.data, 4096, s->arena, out, err)
                     : pd_fail_memory(err);
}

/* ---- Duties that an act leaves ---- */

/* Most are met in good time, some late, a few not at all; which ones, the seed decides. */
static void note_duties(struct seed *s, const struct govern_outcome *o, const char *party) {
    for (size_t i = 0; i < o->clock_count && s->duty_count < SEED_DUTIES_MAX; i++) {
        const struct govern_clock *c = &o->clocks[i];
        uint32_t how = cli_demo_below(&s->random, 100), share = cli_demo_below(&s->random, 70);
        if (c->is_keep || how >= 95)
            continue;
        pd_time term = (c->has_due ? c->due : c->starts_at + 20 * PD_DAY) - c->starts_at;
        pd_time meet = how < 88 ? c->starts_at + term * (int)(15 + share) / 100
                                : c->starts_at + term + (1 + (pd_time)share % 5) * PD_DAY;
        s->duties[s->duty_count++] = (struct seed_duty){c->id, party, meet};
    }
}

enum pd_status seed_meet_duties(struct seed *s, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < s->duty_count; i++) {
        struct seed_duty *d = &s->duties[i];
        if (d->meet_at == 0 || d->meet_at > s->now)
            continue;
        struct pd_mark mark = pd_arena_mark(s->arena);
        struct govern_meeting m = {.clock_id = d->clock,
                                   .party = pd_str_from(d->party),
                                   .evidence = PD_STR("done, and filed (demo)")};
        const struct govern_outcome *out;
        st = seed_key(s, d->party, &m.private_key, err);
        if (st == PD_OK)
            st = govern_clock_meet(s->g, &m, s->arena, &out, err);
        /* An answer to the case may have met it before. */
        if (st == PD_CONFLICT)
            st = PD_OK;
        else
            s->count.met += st == PD_OK;
        d->meet_at = 0;
        pd_arena_reset(s->arena, mark);
    }
    return st;
}

/* ---- Governing a table ---- */

static enum pd_status attest(struct seed *s, pd_id intent, const char *party, const char *fact, struct pd_error *err) {
    pd_str name, value;
    const struct govern_outcome *out;
    struct govern_attestation a = {.intent_id = intent,
                                   .party = pd_str_from(party),
                                   .evidence = PD_STR("minutes of the data office (demo)")};
    enum pd_status st = cli_parse_fact(fact, &name, &value, err);
    a.name = name;
    a.value = value;
    if (st == PD_OK)
        st = seed_key(s, party, &a.private_key, err);
    if (st == PD_OK)
        st = govern_attest(s->g, &a, s->arena, &out, err);
    s->count.attested += st == PD_OK;
    return st;
}

struct governing {
    const char *path;
    const struct govern_request *request; /* NULL: of the intent */
    const pd_id *intent;
    bool is_signed;
    const char *party;
    enum govern_result result;
    pd_id intent_id;
};

static enum pd_status govern_table(struct seed *s, struct governing *o, struct pd_error *err) {
    struct source *source = NULL;
    struct govern_run *run = NULL;
    const struct govern_outcome *out = NULL;
    enum pd_status st = source_open(o->path, -1, s->tables, 0, &source, err);
    if (st == PD_OK)
        st = govern_prepare(s->g, source, o->request, o->intent, NULL, &run, err);
    if (st == PD_OK)
        st = govern_effect(run, o->is_signed, &out, err);
    if (st == PD_OK) {
        o->result = out->result;
        o->intent_id = out->intent_id;
        s->count.done += out->result == GOVERN_DONE;
        s->count.denied += out->result == GOVERN_DENIED;
        note_duties(s, out, o->party);
    }
    govern_run_free(run);
    source_close(source);
    return st;
}

static struct govern_request request_for(const char *party, const char *verb, const struct seed_pair *title,
                                         enum demo_language language, const char *recipient) {
    bool is_zh = language == DEMO_ZH;
    return (struct govern_request){.verb = pd_str_from(verb),
                                   .party = pd_str_from(party),
                                   .member = member_of(party),
                                   .recipient = pd_str_from(recipient),
                                   .title = pd_str_from(title->text[language]),
                                   .language = is_zh ? PD_STR("zh") : PD_STR("en"),
                                   .other_title = pd_str_from(title->text[is_zh ? DEMO_EN : DEMO_ZH]),
                                   .other_language = is_zh ? PD_STR("en") : PD_STR("zh"),
                                   .purpose = PD_STR("statistics"),
                                   .basis = PD_STR("public_task")};
}

/* What departments attest before the law lets data pass from one to another. */
static const struct given {
    const char *fact;
    bool by_recipient;
} GIVEN[] = {{"share_class=conditional", false}, {"conditions_met=true", false}, {"provider_agrees=true", false},
             {"catalogue_complete=true", false}, {"contract=true", false},       {"head_approval=true", true},
             {"is_aggregate=true", false},
             {"is_personal=false", false},           {"secrecy_review=true", false}};

/* The intent stays open; what it waits for is attested; some days later it is gone on with. */
static enum pd_status attest_and_resume(struct seed *s, const struct seed_dataset *d, struct governing *o, struct pd_error *err) {
    enum pd_status st = PD_OK;
    s->now += 3 * 3600 * PD_SECOND;
    if (d->way == SEED_AGGREGATE)
        st = attest(s, o->intent_id, d->party, "is_aggregate=true", err);
    for (size_t i = 0; st == PD_OK && d->way == SEED_GIVEN && i < sizeof(GIVEN) / sizeof(*GIVEN); i++)
        st = attest(s, o->intent_id, GIVEN[i].by_recipient ? d->recipient : d->party, GIVEN[i].fact, err);
    s->now += 3600 * PD_SECOND;
    pd_id intent = o->intent_id;
    const struct govern_request member = {.member = PD_STR("steward")};
    o->intent = &intent;
    o->request = &member;
    o->is_signed = true;
    return st == PD_OK ? govern_table(s, o, err) : st;
}

/* ---- Repairs ---- */

static enum pd_status write_repairs(struct seed *s, pd_str standard, const struct govern_repairs *found, pd_str *out,
                                    struct pd_error *err) {
    crypto_hash hash = crypto_sha256(standard.data, standard.len);
    char of_standard[2 * CRYPTO_HASH_SIZE + 1], of_source[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(hash.bytes, CRYPTO_HASH_SIZE, of_standard);
    pd_hex_encode(found->content.bytes, CRYPTO_HASH_SIZE, of_source);
    struct standard_repair *list = pd_arena_array(s->arena, found->repairs.count + 1, sizeof(*list));
    if (!list)
        return pd_fail_memory(err);
    if (found->repairs.count)
        memcpy(list, found->repairs.list, found->repairs.count * sizeof(*list));
    for (size_t i = 0; i < found->repairs.count; i++)
        list[i].is_agreed = list[i].confidence == STANDARD_CERTAIN;
    struct standard_repair_file file = {.standard_name = PD_STR("air-quality"),
                                        .standard_hash = pd_str_from(of_standard),
                                        .source_name = PD_STR("air-quality"),
                                        .source_hash = pd_str_from(of_source),
                                        .agreed_by = PD_STR("steward"),
                                        .repairs = found->repairs};
    file.repairs.list = list;
    struct pd_buf text;
    struct pd_json w;
    pd_buf_init(&text, 8 << 20);
    pd_json_init(&w, &text, PD_JSON_PRETTY);
    standard_repair_write(&file, &w);
    return pd_json_finish(&w, s->arena, out, err);
}

static enum pd_status find_repairs(struct seed *s, const char *path, struct govern_repair *out, struct pd_error *err) {
    pd_str name, text = {0};
    const struct standard *standard;
    struct source *source = NULL;
    struct govern_repairs found = {0};
    for (size_t n = 0; govern_standard_bundled(n, &name, &text); n++)
        if (pd_str_is(name, "air-quality"))
            break;
    enum pd_status st = standard_parse(text, s->arena, &standard, err);
    if (st == PD_OK)
        st = source_open(path, -1, s->tables, 0, &source, err);
    const struct govern_check check = {.standard = standard, .now = s->now, .with_values = true, .arena = s->arena};
    if (st == PD_OK)
        st = govern_repairs_find(&check, source, NULL, &found, err);
    pd_str file = {0};
    if (st == PD_OK)
        st = write_repairs(s, text, &found, &file, err);
    *out = (struct govern_repair){.standard = text, .file = file};
    govern_repairs_clear(&found);
    source_close(source);
    return st;
}

/* The table as it came is stored; what is published is what the agreed repairs make of it. */
static enum pd_status store_and_repair(struct seed *s, const char *path, struct govern_request *r,
                                       struct govern_repair *repair, struct pd_error *err) {
    struct govern_request stored = *r;
    stored.verb = PD_STR("store");
    struct governing o = {.path = path, .request = &stored, .is_signed = true, .party = "environment"};
    enum pd_status st = govern_table(s, &o, err);
    s->now += 3600 * PD_SECOND;
    if (st == PD_OK)
        st = find_repairs(s, path, repair, err);
    if (st == PD_OK)
        r->repair = repair;
    s->count.repairs += st == PD_OK;
    return st;
}

/* ---- A version of a dataset ---- */

/* Somebody of the stored register will ask to be erased: the number in the second cell of the first row. */
static enum pd_status remember_person(struct seed *s, const struct seed_dataset *d, const char *path, struct pd_error *err) {
    pd_str text, line, cell;
    enum pd_status st = cli_file_read(s->cli, path, 16 << 20, &text, err);
    if (st != PD_OK || d->kind != SEED_RESIDENTS || !pd_str_is(pd_str_from(d->party), "public-security"))
        return st;
    pd_str_split(&text, '\n', &line);
    if (pd_str_split(&text, '\n', &line) && pd_str_split(&line, ',', &cell) && pd_str_split(&line, ',', &cell)) {
        snprintf(s->person, sizeof(s->person), "%.*s", pd_arg(cell));
        s->person_party = d->party;
    }
    return PD_OK;
}

enum pd_status seed_publish(struct seed *s, const struct seed_dataset *d, size_t n, int year, int month,
                            struct pd_error *err) {
    pd_str path = pd_arena_printf(s->arena, "%s/table.csv", s->tables);
    const struct seed_table table = {
        .columns = d->columns,
        .kind = d->columns ? NULL : &cli_demo_kinds[d->kind],
        .rows = (uint64_t)d->rows,
        /* Another month is another table, but people and schools stay who they are. */
        .seed = s->number * 1000 + n + (d->kind == SEED_VISITS || d->kind == SEED_TRIPS ? (uint64_t)month * 100000 : 0),
        .language = d->language,
        .year = year,
        .month = month};
    static const char *const verbs[] = {[SEED_OPENED] = "open", [SEED_AGGREGATE] = "open", [SEED_STORED] = "store",
                                        [SEED_GIVEN] = "share", [SEED_REPAIRED] = "open"};
    struct govern_request r = request_for(d->party, verbs[d->way], &d->title, d->language, d->recipient);
    struct govern_repair repair;
    struct governing o = {.path = path.data, .request = &r, .is_signed = d->way != SEED_AGGREGATE && d->way != SEED_GIVEN, .party = d->party};
    enum pd_status st = path.data ? seed_table_write(&table, path.data, err) : pd_fail_memory(err);
    if (st == PD_OK && !s->person_party)
        st = remember_person(s, d, path.data, err);
    if (st == PD_OK && d->way == SEED_REPAIRED && month % 3 == 0)
        st = store_and_repair(s, path.data, &r, &repair, err);
    if (st == PD_OK)
        st = govern_table(s, &o, err);
    if (st == PD_OK && o.result == GOVERN_LEFT_OPEN && !o.is_signed)
        st = attest_and_resume(s, d, &o, err);
    if (st == PD_OK && o.result != GOVERN_DONE)
        st = pd_fail(err, PD_INTERNAL, "it was not done");
    s->count.versions += st == PD_OK;
    return st == PD_OK ? st : pd_wrap(err, "the demo's \"%s\" of %d-%02d", d->title.text[DEMO_EN], year, month);
}

/* What the law refuses is on record with its articles; what waits for somebody stays open, and its table stays. */
enum pd_status seed_wish_for(struct seed *s, const struct seed_wish *w, size_t n, struct pd_error *err) {
    pd_str path = pd_arena_printf(s->arena, "%s/wish-%02zu.csv", s->tables, n + 1);
    const struct seed_table table = {.columns = w->columns,
                                     .kind = w->columns ? NULL : &cli_demo_kinds[w->kind],
                                     .rows = (uint64_t)w->rows,
                                     .seed = s->number * 1000 + 900 + n,
                                     .language = w->language,
                                     .year = pd_time_civil(s->now).year,
                                     .month = pd_time_civil(s->now).month};
    struct govern_declared declared[3];
    struct govern_request r = request_for(w->party, w->verb, &w->title, w->language, w->recipient);
    r.declared = declared;
    enum pd_status st = path.data ? seed_table_write(&table, path.data, err) : pd_fail_memory(err);
    for (size_t i = 0; st == PD_OK && i < 3 && w->facts[i]; i++) {
        st = cli_parse_fact(w->facts[i], &declared[i].name, &declared[i].value, err);
        r.declared_count++;
    }
    struct governing o = {.path = path.data, .request = &r, .party = w->party};
    if (st == PD_OK)
        st = govern_table(s, &o, err);
    s->count.waiting += st == PD_OK && o.result == GOVERN_LEFT_OPEN;
    if (st == PD_OK && o.result != GOVERN_LEFT_OPEN)
        unlink(path.data);
    return st == PD_OK ? st : pd_wrap(err, "the demo's wish \"%s\"", w->title.text[DEMO_EN]);
}
