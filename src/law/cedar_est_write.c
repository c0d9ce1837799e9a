/* Policies in Cedar's JSON policy format: writing. Not pd_json, which nests 64 deep at most. */
#include "law/cedar_est.h"

#include <inttypes.h>

static void write_string(struct pd_buf *out, pd_str text) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_COMPACT);
    pd_json_str(&w, text);
    pd_json_clear(&w);
}

static void write_uid(struct pd_buf *out, const struct law_uid *uid) {
    pd_buf_text(out, "{\"type\":");
    write_string(out, uid->type);
    pd_buf_text(out, ",\"id\":");
    write_string(out, uid->id);
    pd_buf_char(out, '}');
}

/* ---- Expressions ---- */

static void write_expression(struct pd_buf *out, const struct law_expression *e);

static void write_set(struct pd_buf *out, const char *key, const struct law_expression *e) {
    pd_buf_printf(out, "{\"%s\":[", key);
    for (size_t i = 0; i < e->operand_count; i++) {
        pd_buf_text(out, i ? "," : "");
        write_expression(out, e->operands[i]);
    }
    pd_buf_text(out, "]}");
}

static void write_record(struct pd_buf *out, const struct law_expression *e) {
    pd_buf_text(out, "{\"Record\":{");
    for (size_t i = 0; i < e->operand_count; i++) {
        pd_buf_text(out, i ? "," : "");
        write_string(out, e->kind == LAW_EXPR_CONSTANT ? e->constant.record.members[i].name
                                                       : e->names.list[i]);
        pd_buf_char(out, ':');
        write_expression(out, e->operands[i]);
    }
    pd_buf_text(out, "}}");
}

/** A literal; or what the parser took for a constant, which keeps its operands. */
static void write_constant(struct pd_buf *out, const struct law_expression *e) {
    switch (e->constant.kind) {
    case LAW_VALUE_BOOL:
        pd_buf_text(out, e->constant.boolean ? "{\"Value\":true}" : "{\"Value\":false}");
        break;
    case LAW_VALUE_LONG:
        pd_buf_printf(out, "{\"Value\":%" PRId64 "}", e->constant.number);
        break;
    case LAW_VALUE_STRING:
        pd_buf_text(out, "{\"Value\":");
        write_string(out, e->constant.text);
        pd_buf_char(out, '}');
        break;
    case LAW_VALUE_ENTITY:
        pd_buf_text(out, "{\"Value\":{\"__entity\":");
        write_uid(out, e->constant.entity);
        pd_buf_text(out, "}}");
        break;
    case LAW_VALUE_SET:
        write_set(out, "Set", e);
        break;
    case LAW_VALUE_RECORD:
        write_record(out, e);
        break;
    case LAW_VALUE_DECIMAL:
        write_set(out, "decimal", e);
        break;
    case LAW_VALUE_IP:
        write_set(out, "ip", e);
        break;
    case LAW_VALUE_DATETIME:
        write_set(out, "datetime", e);
        break;
    case LAW_VALUE_DURATION:
        write_set(out, "duration", e);
        break;
    case LAW_VALUE_UNKNOWN: /* no policy can say it */
        break;
    }
}

static void write_operator(struct pd_buf *out, const struct law_est_operator *operator,
                           const struct law_expression * e) {
    if (operator->shape == LAW_EST_UNARY) {
        pd_buf_printf(out, "{\"%s\":{\"arg\":", operator->key);
        write_expression(out, e->operands[0]);
        pd_buf_text(out, "}}");
        return;
    }
    for (size_t i = 1; i < e->operand_count; i++)
        pd_buf_printf(out, "{\"%s\":{\"left\":", operator->key);
    write_expression(out, e->operands[0]);
    for (size_t i = 1; i < e->operand_count; i++) {
        pd_buf_text(out, ",\"right\":");
        write_expression(out, e->operands[i]);
        pd_buf_text(out, "}}");
    }
}

static void write_access(struct pd_buf *out, const struct law_expression *e) {
    pd_buf_printf(out, "{\"%s\":{\"left\":", e->kind == LAW_EXPR_HAS ? "has" : ".");
    write_expression(out, e->operands[0]);
    pd_buf_text(out, e->names.count == 1 ? ",\"attr\":" : ",\"attr\":[");
    for (size_t i = 0; i < e->names.count; i++) {
        pd_buf_text(out, i ? "," : "");
        write_string(out, e->names.list[i]);
    }
    pd_buf_text(out, e->names.count == 1 ? "}}" : "]}}");
}

static void write_is(struct pd_buf *out, const struct law_expression *e) {
    pd_buf_text(out, "{\"is\":{\"left\":");
    write_expression(out, e->operands[0]);
    pd_buf_text(out, ",\"entity_type\":");
    write_string(out, e->type);
    if (e->operand_count > 1) {
        pd_buf_text(out, ",\"in\":");
        write_expression(out, e->operands[1]);
    }
    pd_buf_text(out, "}}");
}

static void write_like(struct pd_buf *out, const struct law_expression *e) {
    pd_buf_text(out, "{\"like\":{\"left\":");
    write_expression(out, e->operands[0]);
    pd_buf_text(out, ",\"pattern\":[");
    const char *between = "";
    for (size_t i = 0; i < e->names.count; i++) {
        if (i > 0) {
            pd_buf_printf(out, "%s\"Wildcard\"", between);
            between = ",";
        }
        if (e->names.list[i].len > 0) {
            pd_buf_printf(out, "%s{\"Literal\":", between);
            write_string(out, e->names.list[i]);
            pd_buf_char(out, '}');
            between = ",";
        }
    }
    pd_buf_text(out, "]}}");
}

static void write_if(struct pd_buf *out, const struct law_expression *e) {
    static const char *const words[] = {"{\"if-then-else\":{\"if\":", ",\"then\":", ",\"else\":"};
    for (size_t i = 0; i < 3; i++) {
        pd_buf_text(out, words[i]);
        write_expression(out, e->operands[i]);
    }
    pd_buf_text(out, "}}");
}

static void write_expression(struct pd_buf *out, const struct law_expression *e) {
    const struct law_est_operator *operator= law_est_get(e->kind);
    if (operator)
        write_operator(out, operator, e);
    else if (e->kind == LAW_EXPR_CONSTANT)
        write_constant(out, e);
    else if (e->kind == LAW_EXPR_VARIABLE)
        pd_buf_printf(out, "{\"Var\":\"%.*s\"}", pd_arg(law_variable_names[e->variable]));
    else if (e->kind == LAW_EXPR_HAS || e->kind == LAW_EXPR_GET)
        write_access(out, e);
    else if (e->kind == LAW_EXPR_IS)
        write_is(out, e);
    else if (e->kind == LAW_EXPR_LIKE)
        write_like(out, e);
    else if (e->kind == LAW_EXPR_IF)
        write_if(out, e);
    else if (e->kind == LAW_EXPR_RECORD)
        write_record(out, e);
    else
        write_set(out, e->kind == LAW_EXPR_CALL ? e->function->name : "Set", e);
}

/* ---- Policies ---- */

static void write_target(struct pd_buf *out, const struct law_scope *scope, pd_str variable) {
    if (scope->has_slot) {
        pd_buf_printf(out, "\"slot\":\"?%.*s\"", pd_arg(variable));
    } else if (scope->form == LAW_SCOPE_IN && !scope->is_single) {
        pd_buf_text(out, "\"entities\":[");
        for (size_t i = 0; i < scope->entity_count; i++) {
            pd_buf_text(out, i ? "," : "");
            write_uid(out, &scope->entities[i]);
        }
        pd_buf_char(out, ']');
    } else {
        pd_buf_text(out, "\"entity\":");
        write_uid(out, &scope->entities[0]);
    }
}

static void write_scope(struct pd_buf *out, const struct law_scope *scope, pd_str variable) {
    static const char *const ops[] = {[LAW_SCOPE_ANY] = "All",
                                      [LAW_SCOPE_EQUAL] = "==",
                                      [LAW_SCOPE_IN] = "in",
                                      [LAW_SCOPE_IS] = "is",
                                      [LAW_SCOPE_IS_IN] = "is"};
    bool is_typed = scope->form == LAW_SCOPE_IS || scope->form == LAW_SCOPE_IS_IN;
    pd_buf_printf(out, ",\"%.*s\":{\"op\":\"%s\"", pd_arg(variable), ops[scope->form]);
    if (is_typed) {
        pd_buf_text(out, ",\"entity_type\":");
        write_string(out, scope->type);
    }
    if (scope->form != LAW_SCOPE_ANY && scope->form != LAW_SCOPE_IS) {
        pd_buf_text(out, is_typed ? ",\"in\":{" : ",");
        write_target(out, scope, variable);
        pd_buf_text(out, is_typed ? "}" : "");
    }
    pd_buf_char(out, '}');
}

static void write_annotations(struct pd_buf *out, const struct law_policy *policy) {
    pd_buf_text(out, ",\"annotations\":{");
    for (size_t i = 0; i < policy->annotation_count; i++) {
        const struct law_annotation *annotation = &policy->annotations[i];
        pd_buf_text(out, i ? "," : "");
        write_string(out, annotation->key);
        pd_buf_char(out, ':');
        if (annotation->is_bare)
            pd_buf_text(out, "null");
        else
            write_string(out, annotation->value);
    }
    pd_buf_char(out, '}');
}

void law_policy_write_json(const struct law_policy *policy, struct pd_buf *out) {
    pd_buf_printf(out, "{\"effect\":\"%s\"",
                  policy->effect == LAW_EFFECT_PERMIT ? "permit" : "forbid");
    write_scope(out, &policy->principal, law_variable_names[LAW_PRINCIPAL]);
    write_scope(out, &policy->action, law_variable_names[LAW_ACTION]);
    write_scope(out, &policy->resource, law_variable_names[LAW_RESOURCE]);
    pd_buf_text(out, ",\"conditions\":[");
    for (size_t i = 0; i < policy->clause_count; i++) {
        const struct law_clause *clause = &policy->clauses[i];
        pd_buf_printf(out, "%s{\"kind\":\"%s\",\"body\":", i ? "," : "",
                      clause->is_unless ? "unless" : "when");
        write_expression(out, clause->body);
        pd_buf_char(out, '}');
    }
    pd_buf_char(out, ']');
    if (policy->annotation_count > 0)
        write_annotations(out, policy);
    pd_buf_char(out, '}');
}

/* ---- Sets ---- */

enum part { STATIC, TEMPLATE, LINK };

static enum part part_of(const struct law_policy *policy) {
    return policy->is_template ? TEMPLATE : policy->template_id.data ? LINK : STATIC;
}

static void write_link(struct pd_buf *out, const struct law_policy *policy,
                       const struct law_policy *template) {
    const struct law_scope *const slots[] = {&template->principal, &template->resource};
    const struct law_scope *const filled[] = {&policy->principal, &policy->resource};
    const char *between = "";
    pd_buf_text(out, "{\"templateId\":");
    write_string(out, policy->template_id);
    pd_buf_text(out, ",\"newId\":");
    write_string(out, policy->id);
    pd_buf_text(out, ",\"values\":{");
    for (size_t i = 0; i < 2; i++) {
        if (!slots[i]->has_slot)
            continue;
        pd_buf_printf(out, "%s\"%s\":", between, i ? "?resource" : "?principal");
        write_uid(out, &filled[i]->entities[0]);
        between = ",";
    }
    pd_buf_text(out, "}}");
}

void law_policies_write_json(const struct law_policies *set, struct pd_buf *out) {
    static const char *const starts[] = {"{\"staticPolicies\":{", "},\"templates\":{",
                                         "},\"templateLinks\":["};
    for (int part = STATIC; part <= LINK; part++) {
        const char *between = "";
        pd_buf_text(out, starts[part]);
        for (size_t i = 0; i < law_policies_count(set); i++) {
            const struct law_policy *policy = law_policies_get(set, i);
            if ((int)part_of(policy) != part)
                continue;
            pd_buf_text(out, between);
            between = ",";
            if (part == LINK) {
                write_link(out, policy, law_policies_find(set, policy->template_id, NULL));
                continue;
            }
            write_string(out, policy->id);
            pd_buf_char(out, ':');
            law_policy_write_json(policy, out);
        }
    }
    pd_buf_text(out, "]}");
}
