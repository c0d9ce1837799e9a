/* Files with verifier keys, beside the logs: they copy what the database says. When a key was
 * rotated they follow with the next checkpoint; as long as that is still to be published, they may
 * name the keys of before, and no others. */
#include "govern/verify_impl.h"

/* Something of the log has still to be published. */
static const struct sql IS_BEHIND = {
    .both = "SELECT (SELECT COUNT(*) FROM log WHERE name = $1 AND published_size < size)"
            " + (SELECT " LEAF_PENDING("l.name", "l.size") " FROM log l WHERE l.name = $1)"};
static const struct sql IS_KEY = {
    .both = "SELECT COUNT(*) FROM signing_key WHERE holder = $1 AND vkey = $2"};

static enum pd_status ask(struct verifier *v, struct sql sql, const struct store_value *values,
                          size_t count, bool *yes, struct pd_error *err) {
    struct store_rows *rows;
    bool has;
    enum pd_status st = store_select(v->g->store, sql, values, count, &rows, err);
    if (st != PD_OK)
        return st;
    st = store_next(rows, &has, err);
    *yes = st == PD_OK && has && store_i64(rows, 0) > 0;
    store_rows_close(rows);
    return st;
}

/* The last word of each line, "FROM TO VKEY" or the key alone, is a key that the holder has or had.
 */
static enum pd_status names_its_keys(struct verifier *v, const struct verify_vkeys *of, pd_str text,
                                     bool *yes, struct pd_error *err) {
    enum pd_status st = PD_OK;
    *yes = text.len > 0;
    while (st == PD_OK && *yes && text.len > 0) {
        size_t end = pd_str_find_char(text, '\n');
        pd_str word = pd_str_sub(text, 0, end);
        text = end == PD_NPOS ? (pd_str){0} : pd_str_sub(text, end + 1, text.len);
        for (size_t space; (space = pd_str_find_char(word, ' ')) != PD_NPOS;)
            word = pd_str_sub(word, space + 1, word.len);
        struct store_value values[] = {STORE_STR(of->holder), STORE_STR(word)};
        if (!pd_str_eq(word, of->current))
            st = ask(v, IS_KEY, values, 2, yes, err);
    }
    return st;
}

static enum pd_status check_file(struct verifier *v, const struct verify_vkeys *of,
                                 const char *path, bool is_required, pd_str expected,
                                 struct pd_error *err) {
    pd_str found;
    struct pd_error why = {0};
    struct store_value log[] = {STORE_STR(of->log)};
    enum pd_status st = store_file_read(v->g->store, path, 1 << 20, v->scratch, &found, &why);
    if (st == PD_NOT_FOUND && !is_required)
        return PD_OK;
    v->found.files++;
    if (st != PD_OK) {
        verify_flaw(v, of->check, pd_str_from(path), "%s", why.text);
        return PD_OK;
    }
    bool is_right = pd_str_eq(found, expected);
    if (!is_right)
        st = ask(v, IS_BEHIND, log, 1, &is_right, err);
    if (st == PD_OK && is_right && !pd_str_eq(found, expected))
        st = names_its_keys(v, of, found, &is_right, err);
    if (st == PD_OK && !is_right)
        verify_flaw(v, of->check, pd_str_from(path), "the file is not what the database says");
    return st;
}

enum pd_status verify_vkeys(struct verifier *v, const struct verify_vkeys *of,
                            struct pd_error *err) {
    pd_str path = pd_arena_printf(v->scratch, "ledger/%.*s", pd_arg(of->path)),
           history_path = pd_arena_printf(v->scratch, "ledger/%.*ss", pd_arg(of->path));
    if (!path.data || !history_path.data)
        return pd_fail_memory(err);
    struct pd_buf history;
    pd_buf_init(&history, 1 << 20);
    enum pd_status st = integrate_history(v->g, of->holder, of->current, &history, err);
    if (st == PD_OK)
        st = check_file(v, of, path.data, of->is_required, of->current, err);
    if (st == PD_OK)
        st = check_file(v, of, history_path.data, false, pd_buf_view(&history), err);
    pd_buf_clear(&history);
    return st;
}
