/* For finding_test.c: what does not load, and what the refusal says. */
#ifndef POLDER_TESTS_FINDING_REFUSALS_H
#define POLDER_TESTS_FINDING_REFUSALS_H

#include "finding_fixture.h"

#define DUTY(text)                                                                                 \
    POLICY("cn.a.duty", "@obligation(\"" text "\")", "permit (principal, action, resource);")
#define REMEDY(text)                                                                               \
    POLICY("cn.a", "@remedy(\"" text "\")", "forbid (principal, action, resource);")
#define WHEN(body) POLICY("cn.a", "", "forbid (principal, action, resource) when { " body " };")
static const struct {
    const char *statute, *node;
    const char *place; /* how the message begins */
    const char *what;  /* what it says */
} refusals[] = {
    {"permit (principal, action, resource)", BASE, "cn/s.cedar:1:", ""},
    {"permit (principal, action, resource);", BASE, "cn/s.cedar:1:1: ", "a policy needs an @id"},
    {POLICY("cn.a", "", "permit (principal, action, resource);") "\n" POLICY(
         "cn.a", "", "permit (principal, action, resource);"),
     BASE, "cn/s.cedar:3:", "cn.a"},
    {POLICY("cn.a", "", "permit (principal == ?principal, action, resource);"), BASE,
     "cn/s.cedar:1:", "template"},
    {POLICY("eu.a", "", "permit (principal, action, resource);"), BASE,
     "cn/s.cedar:1:1: ", "ids of this folder begin with \"cn.\""},
    {POLICY("cn.a", "@jurisdiction(\"eu\")", "permit (principal, action, resource);"), BASE,
     "cn/s.cedar:1:13: ", "the manifest says \"cn\""},
    {POLICY("cn.a", "@exempt(\"cn.b\")", "permit (principal, action, resource);"), BASE,
     "cn/s.cedar:1:13: ", "unknown annotation @exempt"},
    {POLICY("cn.a", "@remedy(\"none\")", "permit (principal, action, resource);"), BASE,
     "cn/s.cedar:1:13: ", "only a forbid has a @remedy"},
    {POLICY("cn.a", "@obligation(\"notice\")", "forbid (principal, action, resource);"), BASE,
     "cn/s.cedar:1:13: ", "only a permit has an @obligation"},
    {POLICY("cn.a", "@exempts(\"cn.a\")", "forbid (principal, action, resource);"), BASE,
     "cn/s.cedar:1:13: ", "only a permit exempts"},
    {POLICY("cn.a.duty", "", "permit (principal, action, resource);"), BASE,
     "cn/s.cedar:1:1: ", "a duty is a permit with an @obligation"},
    {POLICY("cn.a", "@effective(\"2026-02-30\")", "forbid (principal, action, resource);"), BASE,
     "cn/s.cedar:1:13: ", "@effective must be a date such as 2025-08-01; not \"2026-02-30\""},
    {POLICY("cn.a", "@expires(\"soon\")", "forbid (principal, action, resource);"), BASE,
     "cn/s.cedar:1:13: ", "@expires must be a date such as 2025-08-01; not \"soon\""},
    {POLICY("cn.a", "@effective(\"2026-02-01\") @expires(\"2026-02-01\")",
            "forbid (principal, action, resource);"),
     BASE, "cn/s.cedar:1:38: ", "@expires is not after @effective"},
    {WHEN("context.f has is_personl"), BASE,
     "cn/s.cedar:1:", "the registry knows no fact \"is_personl\"; did you mean \"is_personal\"?"},
    {WHEN("context.f.qqqqqqqqqqqqqqqqqq"), BASE,
     "cn/s.cedar:1:", "the registry knows no fact \"qqqqqqqqqqqqqqqqqq\""},
    {WHEN("context.a has k && context.a.k > 2"), BASE,
     "cn/s.cedar:1:", "k is never attested or derived: read it as context.f.k"},
    {WHEN("context.f has purpose.length"), BASE,
     "cn/s.cedar:1:", "the fact purpose has no members"},
    {WHEN("context.f == context.a"), BASE,
     "cn/s.cedar:1:", "facts and thresholds are read one by one"},
    {WHEN("context == principal"), BASE,
     "cn/s.cedar:1:", "facts and thresholds are read one by one"},
    {WHEN("context.t.l > 3"), BASE, "cn/s.cedar:1:", "the node has no threshold \"l\""},
    {WHEN("context.who == principal"), BASE,
     "cn/s.cedar:1:", "context has f, a, t, member, recipient and now; not \"who\""},
    {WHEN("context.recipient.age > 3"), BASE,
     "cn/s.cedar:1:", "a recipient has kind, chamber and country"},
    {WHEN("principal.age > 3"), BASE, "cn/s.cedar:1:", "a principal has kind, chamber and country"},
    {WHEN("resource.size > 3"), BASE, "cn/s.cedar:1:", "resource has no attributes"},
    {POLICY("cn.a", "", "forbid (principal, action == Polder::Action::\"publish\", resource);"),
     BASE, "cn/s.cedar:1:", "the schema has no action Polder::Action::\"publish\""},
    {POLICY("cn.a", "", "forbid (principal, action == Action::\"open\", resource);"), BASE,
     "cn/s.cedar:1:", "the schema has no action Action::\"open\""},
    {POLICY("cn.a", "", "forbid (principal is Polder::Person, action, resource);"), BASE,
     "cn/s.cedar:1:", "a principal is a Polder::Party"},
    {POLICY("cn.a", "", "forbid (principal, action, resource is Polder::Table);"), BASE,
     "cn/s.cedar:1:", "a resource is one of the schema's nouns"},
    {POLICY("cn.a", "@exempts(\"cn.b\")", "permit (principal, action, resource);"), BASE,
     "cn/s.cedar:1:13: ", "@exempts: there is no policy \"cn.b\""},
    {POLICY("cn.a", "@exempts(\"  \")", "permit (principal, action, resource);"), BASE,
     "cn/s.cedar:1:13: ", "@exempts names nothing"},
    {POLICY("cn.a", "@exempts(\"cn.a\")", "permit (principal, action, resource);"), BASE,
     "cn/s.cedar:1:13: ", "@exempts: the exemptions go in a circle"},
    {POLICY("cn.a", "@exempts(\"cn.b\")", "permit (principal, action, resource);")
         POLICY("cn.b", "@exempts(\"cn.c\")", "permit (principal, action, resource);")
             POLICY("cn.c", "@exempts(\"cn.a\")", "permit (principal, action, resource);"),
     BASE, "cn/s.cedar:1:13: ", "@exempts: the exemptions go in a circle"},
    {POLICY("cn.a", "", "forbid (principal, action, resource);"),
     POLICY("node.a", "@exempts(\"cn.a\")", "permit (principal, action, resource);"),
     "node/n.cedar:1:15: ", "@exempts: \"cn.a\" is of higher rank and can't be set aside here"},
    {DUTY(""), BASE,
     "cn/s.cedar:1:18: ", "character 1 of \"\": a kind of obligation is expected here"},
    {DUTY("none"), BASE, "", ""},
    {DUTY("notice|record"), BASE,
     "cn/s.cedar:1:18: ", "character 7 of \"notice|record\": \"+\" or the end is expected here"},
    {DUTY("record(keep=3 years)"), BASE, "cn/s.cedar:1:18: ",
     "character 13 of \"record(keep=3 years)\": a period is a number and h, d, wd, m or y"},
    {DUTY("record(within=3y)"), BASE,
     "cn/s.cedar:1:18: ", "record takes no \"within=\"; it takes keep"},
    {DUTY("record(keep=3y;keep=4y)"), BASE, "cn/s.cedar:1:18: ", "this key stands here twice"},
    {DUTY("notify(queen)"), BASE,
     "cn/s.cedar:1:18: ", "notify does not take \"queen\"; it takes authority persons"},
    {DUTY("consent(tacit)"), BASE,
     "cn/s.cedar:1:18: ", "no fact shows that consent(tacit) is done"},
    {DUTY("kanon(quasi;k=0)"), BASE,
     "cn/s.cedar:1:18: ", "k is a number from 1 or a threshold such as t.k"},
    {DUTY("kanon(quasi;k=t.x)"), BASE,
     "cn/s.cedar:1:18: ", "@obligation: the node has no threshold \"x\""},
    {DUTY("drop(a;b)"), BASE, "cn/s.cedar:1:18: ", "an obligation takes one word at most"},
    {DUTY("drop( a)"), BASE, "cn/s.cedar:1:18: ", "a word does not begin or end with a space"},
    {DUTY("drop()"), BASE,
     "cn/s.cedar:1:18: ", "character 6 of \"drop()\": a word is expected here"},
    {DUTY("drop(a"), BASE,
     "cn/s.cedar:1:18: ", "character 7 of \"drop(a\": \")\" or \";\" is expected here"},
    {REMEDY("drop(a)+record(keep=3y)"), BASE,
     "cn/s.cedar:1:13: ", "is due afterwards and remedies nothing"},
    {REMEDY("drop(a)|"), BASE,
     "cn/s.cedar:1:13: ", "character 9 of \"drop(a)|\": a kind of obligation is expected here"},
};

static const struct {
    const char *path, *text; /* instead of, or beside, the good ones */
    const char *error;       /* how the message begins */
} bad_files[] = {
    {"facts.json", "{", "facts.json: "},
    {"facts.json", "[]", "facts.json: must be an object with \"registry\": 1"},
    {"facts.json", "{\"registry\":2}",
     "facts.json: \"registry\" is of a version that this Polder does not know"},
    {"facts.json", "{\"registry\":1,\"facts\":[]}",
     "facts.json: \"facts\" must be a list of 1 to 1024 facts"},
    {"facts.json", "{\"registry\":1,\"fact\":[]}", "facts.json: unknown member \"fact\""},
    {"facts.json", "{\"registry\":1,\"facts\":[{}]}",
     "facts.json: facts[0]: \"name\" must be a string that is not empty"},
    {"facts.json", "{\"registry\":1,\"facts\":[{\"name\":\"Is\"}]}",
     "facts.json: facts[0] Is: a name is lower case"},
    {"facts.json", "{\"registry\":1,\"facts\":[{\"name\":\"x\",\"type\":\"date\"}]}",
     "facts.json: facts[0] x: \"type\" is one of bool, long, string, code; not \"date\""},
    {"facts.json",
     "{\"registry\":1,\"facts\":[{\"name\":\"x\",\"type\":\"bool\",\"accepts\":[\"hearsay\"]}]}",
     "facts.json: facts[0] x: \"accepts\": \"hearsay\" is no class"},
    {"facts.json",
     "{\"registry\":1,\"facts\":[{\"name\":\"x\",\"type\":\"bool\",\"accepts\":[\"declared\"],"
     "\"accepts_false\":[\"attested\"]}]}",
     "facts.json: facts[0] x: \"accepts_false\" narrows \"accepts\" of a bool"},
    {"facts.json",
     "{\"registry\":1,\"facts\":[{\"name\":\"x\",\"type\":\"bool\",\"accepts\":[\"declared\"],"
     "\"attesters\":[\"steward\"],\"bound\":\"bytes\"}]}",
     "facts.json: facts[0] x: a fact has attesters if and only if it accepts attested ones"},
    {"facts.json",
     "{\"registry\":1,\"facts\":[{\"name\":\"x\",\"type\":\"bool\",\"accepts\":[\"declared\"],"
     "\"attesters\":[],\"bound\":\"moon\"}]}",
     "facts.json: facts[0] x: \"bound\" is one of bytes, dataset, purpose, party"},
    {"cn/manifest.json",
     "{\"manifest\":1,\"jurisdiction\":\"cn\",\"rank\":\"divine\",\"title\":{\"en\":\"t\",\"zh\":"
     "\"t\"},"
     "\"as_of\":\"2026-01-01\"}",
     "cn/manifest.json: \"rank\" is one of statute, delegated, node; not \"divine\""},
    {"cn/manifest.json",
     "{\"manifest\":1,\"jurisdiction\":\"cn\",\"rank\":\"statute\",\"title\":{\"en\":\"t\",\"zh\":"
     "\"t\"},"
     "\"as_of\":\"today\"}",
     "cn/manifest.json: \"as_of\" must be a date such as 2026-11-23"},
    {"node/thresholds.json", "{\"thresholds\":1,\"k\":{\"value\":2.5}}",
     "node/thresholds.json: k: \"value\" must be a whole number from 0"},
    {"cn/thresholds.json", "{\"thresholds\":1}",
     "cn/thresholds.json: thresholds stand beside a manifest of rank node"},
    {"xx/a.cedar", "", "xx/a.cedar: its folder has no manifest.json"},
    {"cn/s.cedr", "", "cn/s.cedr: not a file of rules"},
};

#endif
