/* For finding_test.c: small rules, an act with facts, and the outcome that follows. */
#ifndef POLDER_TESTS_FINDING_OUTCOMES_H
#define POLDER_TESTS_FINDING_OUTCOMES_H

#include "finding_fixture.h"

static const struct row_outcome {
    const char *what;
    const char *statute, *node;
    const char *act, *facts;
    enum law_outcome outcome;
    const char *reason;
} outcomes[] = {
    {"no rule permits",
     POLICY("cn.x.duty", "@obligation(\"notice\")", "permit (principal, action, resource);"),
     POLICY("node.e", "@exempts(\"node.f\")", "permit (principal, action, resource);")
         POLICY("node.f", "", "forbid (principal, action, resource) when { false };"),
     "open by company", "", LAW_DENY, "Refused: no rule permits it."},
    {"an error of a forbid denies",
     POLICY("cn.x", "",
            "forbid (principal, action, resource) when "
            "{ context.f has rows && context.f.rows * 9223372036854775807 > 0 };"),
     BASE, "open by company", "rows=2:measured", LAW_DENY, "Refused: cn.x could not be evaluated."},
    {"and does not where it isn't met",
     POLICY("cn.x", "",
            "forbid (principal, action, resource) when "
            "{ context.f has rows && context.f.rows * 9223372036854775807 > 0 };"),
     BASE, "open by company", "", LAW_PERMIT, "Permitted: no rule forbids it."},
    {"an error of a permit denies",
     POLICY("cn.x", "",
            "permit (principal, action, resource) when "
            "{ context.f.rows > 0 };"),
     BASE, "open by company", "", LAW_DENY, "Refused: cn.x could not be evaluated."},
    {"an unknown obligation denies",
     POLICY("cn.x.duty", "@obligation(\"levitate(twice)\")",
            "permit (principal, action, resource);"),
     BASE, "open by company", "", LAW_DENY,
     "Refused: cn.x.duty imposes \"levitate(twice)\", an obligation that this Polder does not know "
     "and so can't fulfil."},
    {"an unknown obligation of a silent duty does not",
     POLICY("cn.x.duty", "@obligation(\"levitate(twice)\")",
            "permit (principal, action, resource) when { false };"),
     BASE, "open by company", "", LAW_PERMIT, "Permitted: no rule forbids it."},
    {"measured facts are nobody's to supply",
     POLICY("cn.x", "",
            "forbid (principal, action, resource) "
            "unless { context.f has rows && context.f.rows > 5 };"),
     BASE, "open by company", "", LAW_DENY, "Refused by cn.x."},
    {"one forbid that can't cease denies",
     POLICY("cn.x", "",
            "forbid (principal, action, resource) "
            "unless { context.f has purpose };")
         POLICY("cn.y", "", "forbid (principal, action, resource);"),
     BASE, "open by company", "", LAW_DENY, "Refused by cn.x, cn.y."},
    {"all that can cease: open",
     POLICY("cn.x", "",
            "forbid (principal, action, resource) "
            "unless { context.f has purpose };")
         POLICY("cn.y", "",
                "forbid (principal, action, resource) "
                "unless { context.a has contract && context.a.contract };"),
     BASE, "open by company", "", LAW_OPEN,
     "Not yet: facts that somebody can supply are missing for cn.x, cn.y."},
    {"four forbids are counted",
     POLICY("cn.1", "", "forbid (principal, action, resource);")
         POLICY("cn.2", "", "forbid (principal, action, resource);")
             POLICY("cn.3", "", "forbid (principal, action, resource);")
                 POLICY("cn.4", "", "forbid (principal, action, resource);"),
     BASE, "open by company", "", LAW_DENY, "Refused by cn.1, cn.2, cn.3 and 1 more."},
    {"an exemption from a higher rank than the forbid",
     POLICY("cn.e", "@exempts(\"node.f\")", "permit (principal, action, resource);"),
     BASE POLICY("node.f", "", "forbid (principal, action, resource);"), "open by company", "",
     LAW_PERMIT, "Permitted: no rule forbids it."},
    {"an exemption set aside by another",
     POLICY("cn.e", "@exempts(\"cn.f\")", "permit (principal, action, resource);")
         POLICY("cn.d", "@exempts(\"cn.e\")", "permit (principal, action, resource);")
             POLICY("cn.f", "", "forbid (principal, action, resource);"),
     BASE, "open by company", "", LAW_DENY, "Refused by cn.f."},
    {"an exemption that a fact would bring",
     POLICY("cn.e", "@exempts(\"cn.f\")",
            "permit (principal, action, resource) when { context.a has contract && "
            "context.a.contract };") POLICY("cn.f", "", "forbid (principal, action, resource);"),
     BASE, "open by company", "", LAW_OPEN,
     "Not yet: facts that somebody can supply are missing for cn.f."},
    {"not yet in force",
     POLICY("cn.f", "@effective(\"2026-11-24\")", "forbid (principal, action, resource);"), BASE,
     "open by company", "", LAW_PERMIT, "Permitted: no rule forbids it."},
    {"in force",
     POLICY("cn.f", "@effective(\"2026-11-23\")", "forbid (principal, action, resource);"), BASE,
     "open by company", "", LAW_DENY, "Refused by cn.f."},
    {"no longer in force",
     POLICY("cn.f", "@expires(\"2026-11-23\")", "forbid (principal, action, resource);"), BASE,
     "open by company", "", LAW_PERMIT, "Permitted: no rule forbids it."},
    {"another stage",
     POLICY("cn.f", "", "forbid (principal, action in Polder::Action::\"disclose\", resource);"),
     BASE, "delete by company", "", LAW_PERMIT, "Permitted: no rule forbids it."},
};

#endif
