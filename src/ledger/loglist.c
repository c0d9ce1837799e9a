/* Lists in which witnesses find logs: the "logs/v0" format of the witness network. */
#include "ledger/ledger_impl.h"

static const pd_str HEADER = PD_STR_INIT("logs/v0");

static void take_pair(pd_str line, pd_str *key, pd_str *value) {
    size_t space = pd_str_find_char(line, ' ');
    *key = space == PD_NPOS ? line : pd_str_sub(line, 0, space);
    *value = space == PD_NPOS ? PD_STR("") : pd_str_trim(pd_str_sub(line, space, line.len));
}

/* A line of the log that the last "vkey" line began. Keywords of later versions are passed over. */
static enum pd_status read_pair(pd_str key, pd_str value, struct ledger_listed *log, bool has_log,
                                struct pd_error *err) {
    if (!has_log)
        return pd_fail(err, PD_INVALID, "\"%.*s\" stands before the first \"vkey\"", pd_arg(key));
    if (pd_str_is(key, "origin")) {
        log->origin = value;
        return ledger_check_origin(value, err);
    }
    if (pd_str_is(key, "qpd"))
        return ledger_parse_count(value, "the requests per day", &log->requests_per_day, err);
    if (pd_str_is(key, "contact"))
        log->contact = value;
    return PD_OK;
}

static enum pd_status read_line(pd_str line, bool *has_header, bool *has_log,
                                struct ledger_listed *log, const struct ledger_list *list,
                                struct pd_error *err) {
    pd_str key, value;
    if (line.len == 0 || line.data[0] == '#')
        return PD_OK;
    if (!*has_header) {
        *has_header = pd_str_eq(line, HEADER);
        return *has_header ? PD_OK
                           : pd_fail(err, PD_INVALID, "a list of logs begins with \"%.*s\"",
                                     pd_arg(HEADER));
    }
    take_pair(line, &key, &value);
    if (!pd_str_is(key, "vkey"))
        return read_pair(key, value, log, *has_log, err);
    if (*has_log) {
        enum pd_status st = list->log(list->context, log, err);
        if (st != PD_OK)
            return st;
    }
    *has_log = true;
    *log = (struct ledger_listed){.vkey_text = value};
    enum pd_status st = ledger_vkey_parse(value, &log->key, err);
    log->origin = log->key.name;
    return st;
}

enum pd_status ledger_list_parse(pd_str text, const struct ledger_list *list,
                                 struct pd_error *err) {
    if (text.len > LEDGER_LIST_MAX)
        return pd_fail(err, PD_LIMIT, "the list has %zu bytes; %d are the limit", text.len,
                       LEDGER_LIST_MAX);
    struct ledger_listed log = {0};
    bool has_header = false, has_log = false;
    enum pd_status st = ledger_check_lines(text, "the list of logs", err);
    size_t number = 0;
    pd_str rest = text, line;
    while (st == PD_OK && rest.len > 0) {
        number++;
        if (!ledger_take_line(&rest, &line)) {
            line = rest;
            rest = (pd_str){0};
        }
        if (read_line(line, &has_header, &has_log, &log, list, err) != PD_OK)
            return pd_wrap(err, "line %zu of the list of logs", number);
    }
    if (st == PD_OK && !has_header)
        st = pd_fail(err, PD_INVALID, "a list of logs begins with \"%.*s\"", pd_arg(HEADER));
    return st == PD_OK && has_log ? list->log(list->context, &log, err) : st;
}
