/*
 * Levels (Cedar RFC 76): how many entities, one after the other, a policy reads from. What reads
 * from n in a row at most needs of the store only what the request reaches in fewer than n steps.
 */
#include "law/cedar_validate_impl.h"

static const struct law_reach *keep(struct law_checker *c, const struct law_reach *reach) {
    struct law_reach *copy = pd_arena_alloc(c->arena, sizeof(*copy));
    if (copy)
        *copy = *reach;
    else
        c->status = c->status == PD_OK ? PD_LIMIT : c->status;
    return copy;
}

const struct law_reach *law_reach_of_value(struct law_checker *c, const struct law_value *v) {
    if (c->level_max == LAW_LEVEL_ANY)
        return NULL;
    if (v->kind == LAW_VALUE_ENTITY)
        return law_uid_is_equal(v->entity, &c->schema->actions[c->action].uid)
                   ? NULL /* the action of the request is there, however it is named */
                   : keep(c, &(struct law_reach){.literal = v->entity});
    if (v->kind != LAW_VALUE_RECORD)
        return NULL;
    const struct law_reach **members =
        pd_arena_array(c->arena, v->record.count, sizeof(const struct law_reach *));
    bool is_plain = true;
    for (size_t i = 0; members && i < v->record.count; i++) {
        members[i] = law_reach_of_value(c, &v->record.members[i].value);
        is_plain = is_plain && !members[i];
    }
    if (!members)
        c->status = c->status == PD_OK ? PD_LIMIT : c->status;
    return is_plain ? NULL : law_reach_of_record(c, members);
}

const struct law_reach *law_reach_of_record(struct law_checker *c,
                                            const struct law_reach *const *members) {
    return keep(c, &(struct law_reach){.members = members});
}

const struct law_reach *law_reach_member(const struct law_reach *reach, size_t nth) {
    return reach && reach->members ? reach->members[nth] : reach;
}

const struct law_reach *law_reach_join(struct law_checker *c, const struct law_type *type,
                                       const struct law_reach *a, const struct law_reach *b) {
    if (a == b || !b)
        return a;
    if (!a)
        return b;
    if (!a->members && !b->members) {
        /* What is written out stays so, whichever of the two reads from more. */
        struct law_reach joined = a->level >= b->level ? *a : *b;
        joined.literal = a->literal ? a->literal : b->literal;
        return keep(c, &joined);
    }
    size_t count = type->attributes.count; /* only records have members, and both are of one type */
    const struct law_reach **members = pd_arena_array(c->arena, count, sizeof(*members));
    if (!members || c->steps_left < count) {
        c->status = c->status == PD_OK ? PD_LIMIT : c->status;
        return NULL;
    }
    c->steps_left -= count;
    for (size_t i = 0; i < count; i++)
        members[i] = law_reach_join(c, type->attributes.list[i].type, law_reach_member(a, i),
                                    law_reach_member(b, i));
    return law_reach_of_record(c, members);
}

/* ---- Refusing ---- */

enum { SHOWN_MAX = 160 };

static bool is_identifier(pd_str name) {
    return law_type_is_valid(name) && pd_str_find_char(name, ':') == PD_NPOS;
}

/** The expression as a person would name it; parts that read from nothing are left out. */
static pd_str show(struct law_checker *c, const struct law_expression *e) {
    pd_str base = PD_STR("(...)");
    if (e->kind == LAW_EXPR_VARIABLE)
        return law_variable_names[e->variable];
    if (e->kind == LAW_EXPR_IF)
        return PD_STR("(if ...)");
    if (e->kind == LAW_EXPR_RECORD || (e->kind == LAW_EXPR_CONSTANT && e->operand_count > 0))
        return PD_STR("{...}");
    if (e->kind == LAW_EXPR_CONSTANT && e->constant.kind == LAW_VALUE_ENTITY)
        return pd_arena_printf(c->arena, "%.*s::\"%.*s\"", pd_arg(e->constant.entity->type),
                               pd_arg(e->constant.entity->id));
    if (e->kind == LAW_EXPR_GET || e->kind == LAW_EXPR_GET_TAG)
        base = show(c, e->operands[0]);
    if (base.len > SHOWN_MAX)
        return base; /* long enough to be recognised */
    if (e->kind == LAW_EXPR_GET_TAG)
        return pd_arena_printf(c->arena, "%.*s.getTag(...)", pd_arg(base));
    if (e->kind == LAW_EXPR_GET)
        return pd_arena_printf(c->arena,
                               is_identifier(e->names.list[0]) ? "%.*s.%.*s" : "%.*s[\"%.*s\"]",
                               pd_arg(base), pd_arg(e->names.list[0]));
    return base;
}

/** "`principal`, then from `principal.boss`": what is read from, in that order. */
static pd_str show_steps(struct law_checker *c, const struct law_reach *reach, size_t *room) {
    pd_str before = {NULL, 0};
    if (reach->before && reach->before->through)
        before = show_steps(c, reach->before, room);
    pd_str last = show(c, reach->through);
    if (last.len > *room)
        last = PD_STR("...");
    *room -= last.len < *room ? last.len : *room;
    return before.len > 0
               ? pd_arena_printf(c->arena, "%.*s, then from `%.*s`", pd_arg(before), pd_arg(last))
               : pd_arena_printf(c->arena, "`%.*s`", pd_arg(last));
}

const struct law_reach *law_level_read(struct law_checker *c, struct law_place place,
                                       const struct law_expression *on,
                                       const struct law_reach *reach) {
    struct law_reach read = {
        .level = (reach ? reach->level : 0) + 1, .through = on, .before = reach};
    if (c->level_max == LAW_LEVEL_ANY || c->status != PD_OK)
        return NULL;
    if (reach && reach->literal) {
        law_checker_fault(c, place, true,
                          "nothing may be read from %.*s::\"%.*s\", for it is written out: only "
                          "entities that the request reaches are sure to be loaded (levels)",
                          pd_arg(reach->literal->type), pd_arg(reach->literal->id));
        return NULL;
    }
    if (read.level == c->level_max + 1) { /* of a longer chain this was told at its first excess */
        size_t room = SHOWN_MAX;
        pd_str steps = show_steps(c, &read, &room);
        law_checker_fault(c, place, true,
                          "this reads from more entities in a row than level %u allows: from %.*s",
                          c->level_max, pd_arg(steps));
    }
    return keep(c, &read);
}
