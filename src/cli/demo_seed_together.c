/* What the synthetic province decides together: data that parties ask for and others back, a rule that the chambers
 * voted into force, and one that is being consulted on. The vote opens, closes and takes effect by the node's own jobs. */
#include "cli/demo_seed.h"

#include <string.h>

/* ---- Demands ---- */

static const struct demand_of {
    const char *party, *responsible, *how_often;
    struct seed_pair need, purpose;
    const char *backers[3];
    bool is_answered;
} DEMANDS[SEED_DEMANDS] = {
    {"sample-bus", "transport", "daily",
     {{"Passengers by line and stop, for each hour of the day", "按线路和站点统计的每小时客流量"}},
     {{"To run more buses where and when people wait", "在乘客集中的时段和站点加开班次"}},
     {"sample-metro", "residents-east", NULL}, true},
    {"sample-insurance", "water", "live",
     {{"River levels and rainfall at each gauge, as they are measured", "各监测站的实时水位与降雨量"}},
     {{"To warn the insured before a flood", "在洪水来临前提醒投保人"}},
     {"builders-association", "residents-harbour", NULL}, false},
    {"residents-north", "health", "monthly",
     {{"How long people wait for an appointment, by clinic and district", "各区各诊所的预约等候时间"}},
     {{"To compare districts, and to ask for more clinics", "比较各区情况，争取增设诊所"}},
     {"health-association", NULL, NULL}, false},
};

static pd_str steward_of(const char *party) {
    return pd_str_starts(pd_str_from(party), PD_STR("residents-")) ? PD_STR("resident-001") : PD_STR("steward");
}

static pd_str both(struct seed *s, const struct seed_pair *pair) {
    return pd_arena_printf(s->arena, "%s\n%s", pair->text[DEMO_EN], pair->text[DEMO_ZH]);
}

enum pd_status seed_demand(struct seed *s, struct pd_error *err) {
    static const struct govern_declared complete = {PD_STR_INIT("request_complete"), PD_STR_INIT("true")};
    const struct demand_of *d = &DEMANDS[s->demand_count];
    const struct govern_outcome *out;
    const struct govern_demanding demanding = {.party = pd_str_from(d->party),
                                               .member = steward_of(d->party),
                                               .need = both(s, &d->need),
                                               .purpose = both(s, &d->purpose),
                                               .how_often = pd_str_from(d->how_often),
                                               .is_none_right = true,
                                               .dataset = PD_STR(""),
                                               .responsible = pd_str_from(d->responsible),
                                               .declared = &complete,
                                               .declared_count = 1,
                                               .evidence = PD_STR("")};
    pd_id id;
    enum pd_status st = govern_demand(s->g, &demanding, s->arena, &id, &out, err);
    for (size_t i = 0; st == PD_OK && i < 3 && d->backers[i]; i++) {
        s->now += PD_DAY / 8;
        const struct govern_backing backing = {.demand = id, .party = pd_str_from(d->backers[i]), .member = steward_of(d->backers[i])};
        st = govern_demand_back(s->g, &backing, s->arena, &out, err);
    }
    s->demands[s->demand_count] = id;
    s->demand_count += st == PD_OK;
    return st == PD_OK ? st : pd_wrap(err, "the demo's demand \"%s\"", d->need.text[DEMO_EN]);
}

enum pd_status seed_answer_demand(struct seed *s, struct pd_error *err) {
    static const struct seed_case answer = {
        .subject = {{"the first demand", ""}},
        .responsible = "transport",
        .end = SEED_ANSWERED,
        .text = "The passengers of each hour, by line, are published from next month on.\n自下月起，按线路发布每小时客流量。"};
    return DEMANDS[0].is_answered ? seed_end_case(s, &answer, s->demands[0], err) : PD_OK;
}

/* ---- Proposals ---- */

static const struct proposal_of {
    const char *party, *threshold, *value, *title;
    const char *effects[GOVERN_EFFECT_COUNT];
} PROPOSALS[SEED_PROPOSALS] = {
    {"data-authority", "restricted_keep_months", "60", "Keep the restricted record for five years (受限记录保存五年)",
     {"Whoever asks who used their data gets an answer for five years, not three. 个人查询数据使用情况的期限由三年延长至五年。",
      "Disputes about an agreement can be settled by the record for longer. 协议争议可在更长时间内依记录解决。",
      "The record takes more room; what it costs is small. 记录占用更多空间，费用很小。"}},
    {"statistics", "max_suppressed_percent", "8", "Let a plan leave out fewer rows (减少方案可删除的行数)",
     {"No person is less protected: other means must do. 个人保护不减，须改用其他方法。",
      "Published tables say more. 发布的数据更完整。",
      "Some tables won't be published without more work. 部分数据需更多处理才能发布。"}},
};

/* The thresholds in force with another value of one of them. */
static enum pd_status amend(struct seed *s, const struct proposal_of *p, struct govern_amendment *out, struct pd_error *err) {
    const struct govern_amendment *files;
    size_t count, i = 0;
    enum pd_status st = govern_proposable(s->g, s->arena, &files, &count, err);
    if (st != PD_OK)
        return st;
    while (i < count && !pd_str_is(files[i].path, "node/thresholds.json"))
        i++;
    pd_str text = i < count ? files[i].text : PD_STR(""), name = pd_arena_printf(s->arena, "\"%s\"", p->threshold);
    size_t at = pd_str_find(text, name), digits = 0;
    pd_str rest = at == PD_NPOS ? PD_STR("") : pd_str_sub(text, at, text.len);
    size_t value = pd_str_find(rest, PD_STR("\"value\": "));
    if (value == PD_NPOS)
        return pd_fail(err, PD_INTERNAL, "there is no threshold %s", p->threshold);
    at += value + strlen("\"value\": ");
    while (at + digits < text.len && text.data[at + digits] >= '0' && text.data[at + digits] <= '9')
        digits++;
    *out = (struct govern_amendment){
        .path = files[i].path,
        .text = pd_arena_printf(s->arena, "%.*s%s%.*s", pd_arg(pd_str_sub(text, 0, at)), p->value,
                                pd_arg(pd_str_sub(text, at + digits, text.len)))};
    return out->text.data ? PD_OK : pd_fail_memory(err);
}

enum pd_status seed_propose(struct seed *s, struct pd_error *err) {
    const struct proposal_of *p = &PROPOSALS[s->proposal_count];
    struct govern_amendment amendment;
    const struct govern_outcome *out;
    struct govern_proposing proposing = {.party = pd_str_from(p->party),
                                         .member = PD_STR("steward"),
                                         .title = pd_str_from(p->title),
                                         .language = PD_STR("en"),
                                         .amendments = &amendment,
                                         .amendment_count = 1};
    for (size_t i = 0; i < GOVERN_EFFECT_COUNT; i++)
        proposing.effects[i] = pd_str_from(p->effects[i]);
    pd_id id;
    enum pd_status st = amend(s, p, &amendment, err);
    if (st == PD_OK)
        st = seed_key(s, p->party, &proposing.private_key, err);
    if (st == PD_OK)
        st = govern_propose(s->g, &proposing, s->arena, &id, &out, err);
    const struct govern_proposal_moving moving = {.move = GOVERN_PROPOSAL_CONSULT,
                                                  .proposal = id,
                                                  .party = proposing.party,
                                                  .member = proposing.member,
                                                  .private_key = proposing.private_key};
    s->now += 7200 * PD_SECOND;
    if (st == PD_OK)
        st = govern_proposal_move(s->g, &moving, s->arena, &out, err);
    s->proposals[s->proposal_count] = id;
    s->proposal_count += st == PD_OK;
    return st == PD_OK ? st : pd_wrap(err, "the demo's proposal \"%s\"", p->title);
}

enum pd_status seed_object(struct seed *s, struct pd_error *err) {
    const struct govern_outcome *out;
    struct govern_objecting o = {
        .proposal = s->proposals[s->proposal_count - 1],
        .party = PD_STR("sample-insurance"),
        .member = PD_STR("steward"),
        .category = PD_STR("cost"),
        .harm = PD_STR("Tables that are published today would need another plan. 目前已发布的数据须重新制定方案。"),
        .change = PD_STR("Let it apply to new datasets only. 仅适用于新数据集。")};
    pd_id id;
    enum pd_status st = seed_key(s, "sample-insurance", &o.private_key, err);
    if (st == PD_OK)
        st = govern_object(s->g, &o, s->arena, &id, &out, err);
    return st == PD_OK ? st : pd_wrap(err, "the demo's objection");
}

/* ---- The vote ---- */

/* Most are for it, some against, some don't care; a member of the public votes by a pseudonym. */
static enum pd_status cast(struct seed *s, const char *party, pd_str member, struct pd_error *err) {
    const struct govern_voted *voted;
    uint32_t how = cli_demo_below(&s->random, 100);
    const struct govern_voting v = {.proposal = s->proposals[0],
                                    .party = pd_str_from(party),
                                    .member = member,
                                    .is_vouched = true,
                                    .choice = how < 84 ? COUNCIL_YES : how < 94 ? COUNCIL_NO : COUNCIL_ABSTAIN};
    s->now += 60 * PD_SECOND;
    return govern_vote(s->g, &v, s->arena, &voted, err);
}

static enum pd_status cast_all(struct seed *s, struct pd_error *err) {
    enum { RESIDENTS = 12 /* of each group */, STAY_AWAY = 6 /* one party of so many */ };
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < seed_party_count; i++) {
        const char *party = seed_parties[i].id;
        bool is_public = !strcmp(seed_parties[i].chamber, "public");
        for (size_t n = 1; st == PD_OK && is_public && n <= RESIDENTS; n++)
            st = cast(s, party, pd_arena_printf(s->arena, "resident-%03zu", n), err);
        if (st == PD_OK && !is_public && i % STAY_AWAY != STAY_AWAY - 1)
            st = cast(s, party, PD_STR("steward"), err);
    }
    return st == PD_OK ? st : pd_wrap(err, "the demo's vote");
}

enum pd_status seed_vote_due(struct seed *s, struct pd_error *err) {
    const struct govern_proposal *p;
    size_t count;
    if (s->has_voted || !s->proposal_count)
        return PD_OK;
    struct pd_mark mark = pd_arena_mark(s->arena);
    enum pd_status st = govern_proposals(s->g, &s->proposals[0], s->arena, &p, &count, err);
    if (st == PD_OK && p->has_vote && s->now >= p->opens && s->now < p->closes) {
        st = cast_all(s, err);
        s->has_voted = true;
    }
    pd_arena_reset(s->arena, mark);
    return st;
}
