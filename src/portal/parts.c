/* Finds what was built in. */
#include "portal/portal.h"
#include "portal/portal_parts.h"
#include "template/template.h"

#include <stdio.h>

const struct portal_part *portal_part_find(pd_str name) {
    for (size_t i = 0; i < PORTAL_PART_COUNT; i++)
        if (pd_str_eq(PORTAL_PARTS[i].name, name))
            return &PORTAL_PARTS[i];
    return NULL;
}

const struct portal_text *portal_text_find(pd_str key) {
    size_t low = 0, high = PORTAL_TEXT_COUNT;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order = pd_str_cmp(key, PORTAL_TEXTS[middle].key);
        if (order == 0)
            return &PORTAL_TEXTS[middle];
        if (order < 0)
            high = middle;
        else
            low = middle + 1;
    }
    return NULL;
}

/* ---- For tests ---- */

struct checking {
    bool is_text;
    pd_str missing;
};

static void check_use(void *context, enum template_use use, pd_str name) {
    struct checking *c = context;
    char file[128];
    if (use == TEMPLATE_USES_RAW || (use == TEMPLATE_USES_PARTIAL && c->is_text))
        c->missing = name; /* everything is escaped; texts include nothing */
    if (use != TEMPLATE_USES_PARTIAL)
        return;
    int n = snprintf(file, sizeof(file), "%.*s.mustache", pd_arg(name));
    bool is_there = pd_str_starts(name, PD_STR("t."))
                        ? portal_text_find(pd_str_sub(name, 2, name.len)) != NULL
                        : portal_part_find((pd_str){file, (size_t)n}) != NULL;
    if (!is_there)
        c->missing = name;
}

static enum pd_status check_part(pd_str name, pd_str source, bool is_text, struct pd_arena *arena,
                                 struct pd_error *err) {
    const struct template *template;
    struct checking checking = {is_text, {NULL, 0}};
    if (template_parse(source, arena, &template, err) != PD_OK)
        return pd_wrap(err, "%.*s", pd_arg(name));
    template_uses(template, check_use, &checking);
    if (checking.missing.data)
        return pd_fail(err, PD_INVALID, "%.*s uses \"%.*s\", which it can't", pd_arg(name),
                       pd_arg(checking.missing));
    for (size_t i = 0; is_text && i < source.len; i++)
        if (source.data[i] == '<' || source.data[i] == '"' || source.data[i] == '&')
            return pd_fail(err, PD_INVALID, "the text %.*s holds markup", pd_arg(name));
    return PD_OK;
}

enum pd_status portal_check(struct pd_arena *arena, struct pd_error *err) {
    enum pd_status st = PD_OK;
    for (size_t i = 0; i < PORTAL_TEXT_COUNT && st == PD_OK; i++) {
        const struct portal_text *text = &PORTAL_TEXTS[i];
        st = check_part(text->key, text->en, true, arena, err);
        if (st == PD_OK)
            st = check_part(text->key, text->zh, true, arena, err);
        if (st == PD_OK && i && pd_str_cmp(PORTAL_TEXTS[i - 1].key, text->key) >= 0)
            st = pd_fail(err, PD_INTERNAL, "the text %.*s is out of order", pd_arg(text->key));
    }
    for (size_t i = 0; i < PORTAL_PART_COUNT && st == PD_OK; i++)
        if (pd_str_ends(PORTAL_PARTS[i].name, PD_STR(".mustache")))
            st = check_part(PORTAL_PARTS[i].name, PORTAL_PARTS[i].data, false, arena, err);
    return st;
}
