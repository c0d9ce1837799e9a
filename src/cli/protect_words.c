/* The words of polder protect: what a plan shall reach, and by which key. */
#include "cli/protect.h"

#include <string.h>

/* ---- Models ---- */

static const struct {
    const char *word;
    enum protect_model_kind kind;
} MODELS[] = {{"l", PROTECT_DISTINCT_L},
              {"entropy-l", PROTECT_ENTROPY_L},
              {"recursive-l", PROTECT_RECURSIVE_L},
              {"t", PROTECT_T_EQUAL},
              {"ordered-t", PROTECT_T_ORDERED},
              {"hierarchical-t", PROTECT_T_HIERARCHICAL},
              {"beta", PROTECT_BETA_BASIC},
              {"enhanced-beta", PROTECT_BETA_ENHANCED},
              {"average-risk", PROTECT_AVERAGE_RISK}};

/* The piece behind the last colon, which is cut off. */
static bool cut_last(pd_str *text, pd_str *piece) {
    for (size_t i = text->len; i-- > 0;)
        if (text->data[i] == ':') {
            *piece = pd_str_sub(*text, i + 1, text->len);
            *text = pd_str_sub(*text, 0, i);
            return true;
        }
    *piece = *text;
    *text = (pd_str){0};
    return piece->len > 0;
}

static enum pd_status parse_model(const char *spec, struct protect_plan_model *out, pd_str *column,
                                  struct pd_error *err) {
    pd_str rest = pd_str_from(spec), word, number;
    size_t at = pd_str_find_char(rest, ':');
    word = pd_str_sub(rest, 0, at);
    rest = at == PD_NPOS ? (pd_str){0} : pd_str_sub(rest, at + 1, rest.len);
    bool is_known = false, is_right = true;
    for (size_t i = 0; i < sizeof(MODELS) / sizeof(MODELS[0]); i++)
        if (pd_str_is(word, MODELS[i].word)) {
            out->kind = MODELS[i].kind;
            is_known = true;
        }
    if (is_known && out->kind == PROTECT_RECURSIVE_L)
        is_right = cut_last(&rest, &number) && protect_decimal_parse(number, &out->c);
    is_right = is_right && cut_last(&rest, &number) && protect_decimal_parse(number, &out->threshold);
    is_right = is_right && (rest.len == 0) == (out->kind == PROTECT_AVERAGE_RISK);
    *column = rest;
    if (is_known && is_right)
        return PD_OK;
    return pd_fail(err, PD_USAGE,
                   "--model=\"%s\" must be MODEL:COLUMN:THRESHOLD, such as l:disease:3, entropy-l, t, "
                   "ordered-t, hierarchical-t, beta, enhanced-beta likewise, recursive-l:disease:3:2 "
                   "(l, then c), or average-risk:0.05",
                   spec);
}

static enum pd_status read_models(struct cli *cli, const struct pd_args *args,
                                  struct govern_suggest_ask *out, struct pd_error *err) {
    size_t n = pd_args_count(args, "model");
    pd_str *columns = pd_arena_array(cli->arena, n + 1, sizeof(*columns));
    out->models = pd_arena_array(cli->arena, n + 1, sizeof(*out->models));
    if (!columns || !out->models)
        return pd_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        enum pd_status st =
            parse_model(pd_args_nth(args, "model", i), &out->models[i], &columns[i], err);
        if (st != PD_OK)
            return st;
    }
    out->sensitive = columns;
    out->model_count = n;
    return PD_OK;
}

/* ---- Hierarchies ---- */

enum { TREE_BYTES_MAX = 64 << 20 };

static enum pd_status read_trees(struct cli *cli, const struct pd_args *args,
                                 struct govern_suggest_ask *out, struct pd_error *err) {
    size_t n = pd_args_count(args, "hierarchy");
    const struct protect_value_tree **trees = pd_arena_array(cli->arena, n + 1, sizeof(*trees));
    if (!trees)
        return pd_fail_memory(err);
    for (size_t i = 0; i < n; i++) {
        const char *spec = pd_args_nth(args, "hierarchy", i), *equals = strrchr(spec, '=');
        pd_str bytes;
        if (!equals || equals == spec || !equals[1])
            return pd_fail(err, PD_USAGE, "--hierarchy=\"%s\" must be COLUMN=FILE", spec);
        enum pd_status st = cli_file_read(cli, equals + 1, TREE_BYTES_MAX, &bytes, err);
        if (st == PD_OK)
            st = govern_plan_tree((pd_str){spec, (size_t)(equals - spec)}, bytes, cli->arena,
                                  &trees[i], err);
        if (st != PD_OK)
            return pd_wrap(err, "%s", equals + 1);
    }
    out->trees = trees;
    out->tree_count = n;
    return PD_OK;
}

enum pd_status protect_words_read(struct cli *cli, const struct pd_args *args,
                                  struct govern_suggest_ask *out, struct pd_error *err) {
    uint64_t percent;
    *out = (struct govern_suggest_ask){0};
    enum pd_status st = cli_parse_count(args, "k", 0, &out->k, err);
    if (st == PD_OK && pd_args_has(args, "k") && out->k < 2)
        st = pd_fail(err, PD_USAGE, "--k must be at least 2");
    if (st == PD_OK)
        st = cli_parse_count(args, "max-suppressed", 10, &percent, err);
    if (st == PD_OK && percent > 100)
        st = pd_fail(err, PD_USAGE, "--max-suppressed is a percentage, 0 to 100");
    if (st == PD_OK)
        st = read_models(cli, args, out, err);
    if (st == PD_OK)
        st = read_trees(cli, args, out, err);
    out->max_suppressed = st == PD_OK ? (double)percent / 100 : 0;
    return st;
}

/* ---- The key ---- */

static enum pd_status make_key(const char *path, uint8_t key[CRYPTO_KEY_SIZE],
                               struct pd_error *err) {
    char text[2 * CRYPTO_KEY_SIZE + 2];
    crypto_random(key, CRYPTO_KEY_SIZE);
    pd_hex_encode(key, CRYPTO_KEY_SIZE, text);
    text[2 * CRYPTO_KEY_SIZE] = '\n';
    FILE *there = fopen(path, "rb");
    if (there) {
        fclose(there);
        return pd_fail(err, PD_USAGE,
                       "--new-key=\"%s\" is there already, and what was made by it couldn't be joined "
                       "or undone without it; use it (--key), or name another file",
                       path);
    }
    enum pd_status st = cli_file_write_private(path, (pd_str){text, sizeof(text) - 1}, err);
    crypto_wipe(text, sizeof(text));
    return st;
}

enum pd_status protect_words_key(struct cli *cli, const struct pd_args *args,
                                 uint8_t key[CRYPTO_KEY_SIZE], bool *has, struct pd_error *err) {
    const char *old = pd_args_get(args, "key"), *new = pd_args_get(args, "new-key");
    pd_str text;
    *has = old || new;
    if (old && new)
        return pd_fail(err, PD_USAGE, "--key and --new-key exclude each other");
    if (new)
        return make_key(new, key, err);
    if (!old) { /* of this run alone, and never told */
        crypto_random(key, CRYPTO_KEY_SIZE);
        return PD_OK;
    }
    enum pd_status st = cli_key_read(cli, old, &text, err);
    if (st == PD_NOT_FOUND)
        return pd_wrap(err, "a lost key can't be made again: what was made by it can't be undone or "
                            "joined any more");
    if (st == PD_OK && !pd_hex_decode(pd_str_trim(text), key, CRYPTO_KEY_SIZE))
        st = pd_fail(err, PD_INVALID, "the key file \"%s\" must hold 64 hex digits; --new-key makes one",
                     old);
    if (text.data && text.len)
        crypto_wipe((char *)(uintptr_t)text.data, text.len); /* the arena's copy */
    return st;
}
