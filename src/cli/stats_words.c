/* polder stats: what the options ask for. */
#include "cli/stats.h"

#include <math.h>
#include <string.h>

enum { OPTIONS_MAX = 64, GROUPS_FILE_BYTES = 64 << 20, PIECES_MAX = 8 };

/* ---- Numbers ---- */

/* A decimal as a whole number and its places: "-12.50" is -1250, 2. */
static bool read_decimal(pd_str text, int64_t *out, int *decimals) {
    char digits[32];
    size_t n = 0;
    *decimals = 0;
    bool has_point = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        if (c == '.' && !has_point && i > 0) {
            has_point = true;
            continue;
        }
        if (n + 1 >= sizeof(digits))
            return false;
        digits[n++] = c;
        *decimals += has_point;
    }
    return *decimals <= 9 && pd_parse_i64((pd_str){digits, n}, out);
}

static bool to_places(int64_t *value, int from, int to) {
    for (; from < to; from++)
        if (!pd_mul_i64(*value, 10, value))
            return false;
    return true;
}

bool stats_parse_micro(const char *text, uint64_t *out) {
    int64_t value;
    int places;
    if (!read_decimal(pd_str_from(text), &value, &places) || places > 6 || value <= 0 ||
        !to_places(&value, places, 6))
        return false;
    *out = (uint64_t)value;
    return true;
}

/* ---- COLUMN:LOW:HIGH ---- */

/* Cut from the end, since a column's name may hold colons. */
static bool cut(pd_str text, size_t count, pd_str *name, pd_str *numbers) {
    for (size_t i = count; i-- > 0;) {
        size_t at = text.len;
        while (at > 0 && text.data[at - 1] != ':')
            at--;
        if (at == 0)
            return false;
        numbers[i] = pd_str_sub(text, at, text.len);
        text = pd_str_sub(text, 0, at - 1);
    }
    *name = text;
    return text.len > 0;
}

static bool read_numbers(const pd_str *texts, size_t count, int64_t *out, int *decimals) {
    int places[PIECES_MAX];
    *decimals = 0;
    for (size_t i = 0; i < count; i++) {
        if (!read_decimal(texts[i], &out[i], &places[i]))
            return false;
        *decimals = places[i] > *decimals ? places[i] : *decimals;
    }
    for (size_t i = 0; i < count; i++)
        if (!to_places(&out[i], places[i], *decimals))
            return false;
    return true;
}

static enum pd_status read_group(pd_str text, struct stats_column *out) {
    pd_str numbers[3];
    int64_t values[3];
    *out = (struct stats_column){.name = text};
    pd_str name;
    if (cut(text, 3, &name, numbers) && read_numbers(numbers, 3, values, &out->decimals)) {
        out->name = name;
        out->is_banded = true;
        out->low = values[0];
        out->high = values[1];
        out->width = values[2];
    }
    return PD_OK;
}

static const struct {
    const char *option;
    enum protect_statistic statistic;
    bool has_share;
} MEASURES[] = {{"sum", PROTECT_SUM, false},
                {"mean", PROTECT_MEAN, false},
                {"median", PROTECT_QUANTILE, false},
                {"quantile", PROTECT_QUANTILE, true}};

static enum pd_status read_measure(size_t kind, pd_str text, struct stats_measure *out,
                                   struct pd_error *err) {
    size_t count = MEASURES[kind].has_share ? 3 : 2;
    pd_str numbers[3];
    int64_t values[3];
    int places;
    *out = (struct stats_measure){.statistic = MEASURES[kind].statistic, .permille = 500};
    bool ok = cut(text, count, &out->name, numbers);
    if (ok && MEASURES[kind].has_share) {
        int64_t share;
        ok = read_decimal(numbers[0], &share, &places) && places <= 3 &&
             to_places(&share, places, 3) && share > 0 && share < 1000;
        out->permille = ok ? (unsigned)share : 0;
    }
    ok = ok && read_numbers(numbers + count - 2, 2, values, &out->decimals);
    if (!ok)
        return pd_fail(err, PD_USAGE,
                       "--%s=\"%.*s\" must be COLUMN:%sLOW:HIGH, such as income:%s0:100000; the "
                       "bounds must come from what is known of such data, not from this table",
                       MEASURES[kind].option, pd_arg(text),
                       MEASURES[kind].has_share ? "SHARE:" : "",
                       MEASURES[kind].has_share ? "0.9:" : "");
    out->low = values[0];
    out->high = values[1];
    return PD_OK;
}

static enum pd_status read_measures(const struct pd_args *args, struct stats_words *w,
                                    struct pd_error *err) {
    for (size_t k = 0; k < sizeof(MEASURES) / sizeof(*MEASURES); k++)
        for (size_t i = 0; i < pd_args_count(args, MEASURES[k].option); i++) {
            if (w->measure_count == PROTECT_MEASURES_MAX - 1)
                return pd_fail(err, PD_USAGE, "at most %d statistics can be asked for at a time",
                               PROTECT_MEASURES_MAX);
            enum pd_status st =
                read_measure(k, pd_str_from(pd_args_nth(args, MEASURES[k].option, i)),
                             &w->measures[w->measure_count++], err);
            if (st != PD_OK)
                return st;
        }
    if (pd_args_has(args, "count") || w->measure_count == 0) {
        memmove(w->measures + 1, w->measures, w->measure_count * sizeof(*w->measures));
        w->measures[0] = (struct stats_measure){.statistic = PROTECT_COUNT};
        w->measure_count++;
    }
    return PD_OK;
}

/* ---- Stated groups ---- */

struct groups_file {
    struct stats_words *w;
    struct pd_arena *arena;
    size_t room;
};

static enum pd_status take_groups(void *context, const struct table_batch *batch,
                                  struct pd_error *err) {
    struct groups_file *f = context;
    struct stats_words *w = f->w;
    if (batch->columns != w->group_count)
        return pd_fail(err, PD_INVALID,
                       "the file of groups has %zu columns, and --group-by names %zu",
                       batch->columns, w->group_count);
    for (size_t r = 0; r < batch->rows; r++) {
        if (w->stated_count == f->room) {
            if (f->room >= PROTECT_STATED_GROUPS_MAX)
                return pd_fail(err, PD_LIMIT, "at most %d groups can be stated",
                               PROTECT_STATED_GROUPS_MAX);
            f->room = f->room ? 2 * f->room : 64;
            pd_str *grown = pd_arena_array(f->arena, f->room * w->group_count, sizeof(*grown));
            if (!grown)
                return pd_fail_memory(err);
            if (w->stated_count)
                memcpy(grown, w->stated, w->stated_count * w->group_count * sizeof(*grown));
            w->stated = grown;
        }
        for (size_t c = 0; c < batch->columns; c++) {
            pd_str text = pd_arena_str(f->arena, table_cell_text(batch, c, r));
            if (!text.data)
                return pd_fail_memory(err);
            w->stated[w->stated_count * w->group_count + c] = text;
        }
        w->stated_count++;
    }
    return PD_OK;
}

static enum pd_status read_groups_file(struct cli *cli, const char *path, struct stats_words *w,
                                       struct pd_error *err) {
    struct groups_file f = {.w = w, .arena = cli->arena};
    struct table_handler handler = {.context = &f, .batch = take_groups};
    struct table_dialect given = {.form = TABLE_CSV, .header = TABLE_HEADER_FIRST};
    struct table_reader *reader = NULL;
    pd_str text;
    enum pd_status st = cli_file_read(cli, path, GROUPS_FILE_BYTES, &text, err);
    if (st == PD_OK)
        st = table_reader_new(NULL, &given, &handler, &reader, err);
    if (st == PD_OK)
        st = table_feed(reader, text.data, text.len, err);
    if (st == PD_OK)
        st = table_finish(reader, err);
    if (st == PD_OK && table_reader_counts(reader).set_aside > 0)
        st = pd_fail(err, PD_INVALID, "rows of the file of groups have another number of fields");
    table_reader_free(reader);
    return st == PD_OK ? PD_OK : pd_wrap(err, "%s", path);
}

static enum pd_status read_groups(struct cli *cli, const struct pd_args *args,
                                  struct stats_words *w, struct pd_error *err) {
    size_t n = pd_args_count(args, "group-by"), stated = pd_args_count(args, "group");
    const char *file = pd_args_get(args, "groups");
    if (n > PROTECT_GROUP_COLUMNS_MAX)
        return pd_fail(err, PD_USAGE, "at most %d columns can be grouped by",
                       PROTECT_GROUP_COLUMNS_MAX);
    for (size_t i = 0; i < n; i++)
        (void)read_group(pd_str_from(pd_args_nth(args, "group-by", i)), &w->groups[i]);
    w->group_count = n;
    if ((stated || file) && n == 0)
        return pd_fail(err, PD_USAGE, "groups are stated, and --group-by names no column");
    if (stated && file)
        return pd_fail(err, PD_USAGE, "--group and --groups exclude each other");
    if (stated && n > 1)
        return pd_fail(
            err, PD_USAGE,
            "groups of several columns are stated in a file (--groups FILE), a row each");
    if (file)
        return read_groups_file(cli, file, w, err);
    w->stated = pd_arena_array(cli->arena, stated + 1, sizeof(*w->stated));
    if (!w->stated)
        return pd_fail_memory(err);
    for (size_t i = 0; i < stated; i++)
        w->stated[i] = pd_str_from(pd_args_nth(args, "group", i));
    w->stated_count = stated;
    return PD_OK;
}

/* ---- The budget ---- */

static enum pd_status read_delta(const struct pd_args *args, double *out, struct pd_error *err) {
    const char *text = pd_args_get(args, "delta");
    *out = 0;
    if (text && (!pd_parse_double(pd_str_from(text), out) || !(*out > 0 && *out < 1e-2)))
        return pd_fail(err, PD_USAGE,
                       "--delta=\"%s\" must be a small number above 0, far below 1 / persons, such "
                       "as 1e-8",
                       text);
    return PD_OK;
}

/* Gaussian noise for an (epsilon, delta): half of delta goes to the noise where groups are found.
 */
static enum pd_status read_budget(const struct pd_args *args, struct stats_words *w,
                                  struct pd_error *err) {
    const char *noise = pd_args_get(args, "noise"), *epsilon = pd_args_get(args, "epsilon");
    uint64_t micro = 0;
    enum pd_status st = read_delta(args, &w->delta, err);
    if (st != PD_OK)
        return st;
    if (noise && strcmp(noise, "laplace") != 0 && strcmp(noise, "gaussian") != 0)
        return pd_fail(err, PD_USAGE, "--noise=\"%s\" must be laplace or gaussian", noise);
    w->noise = noise && strcmp(noise, "gaussian") == 0 ? PROTECT_GAUSSIAN : PROTECT_LAPLACE;
    if (!stats_parse_micro(epsilon, &micro))
        return pd_fail(err, PD_USAGE,
                       "--epsilon=\"%s\" must be a number above 0 with at most 6 places, such as "
                       "0.5",
                       epsilon);
    w->epsilon = (double)micro / 1e6;
    if (w->noise == PROTECT_LAPLACE) {
        w->epsilon_micro = micro;
        return PD_OK;
    }
    if (!(w->delta > 0))
        return pd_fail(err, PD_USAGE,
                       "Gaussian noise has an epsilon at a delta: give --delta, such as 1e-8");
    bool finds = false; /* bands are stated by themselves, if there are no other groups */
    for (size_t i = 0; w->stated_count == 0 && i < w->group_count; i++)
        finds = finds || !w->groups[i].is_banded;
    double rho = protect_zcdp_rho(w->epsilon, finds ? w->delta / 2 : w->delta);
    w->delta = finds ? w->delta / 2 : w->delta;
    w->rho_nano = (uint64_t)floor(rho * 1e9);
    return PD_OK;
}

enum pd_status stats_words_read(struct cli *cli, const struct pd_args *args,
                                struct stats_words *out, struct pd_error *err) {
    *out = (struct stats_words){0};
    out->groups = pd_arena_array(cli->arena, PROTECT_GROUP_COLUMNS_MAX, sizeof(*out->groups));
    out->measures = pd_arena_array(cli->arena, PROTECT_MEASURES_MAX, sizeof(*out->measures));
    if (!out->groups || !out->measures)
        return pd_fail_memory(err);
    out->person = pd_str_from(pd_args_get(args, "person"));
    enum pd_status st = read_groups(cli, args, out, err);
    if (st == PD_OK)
        st = read_measures(args, out, err);
    if (st == PD_OK)
        st = cli_parse_count(args, "groups-per-person", 1, &out->groups_per_person, err);
    if (st == PD_OK)
        st = cli_parse_count(args, "rows-per-person", 1, &out->rows_per_person, err);
    if (st == PD_OK && (out->groups_per_person < 1 || out->rows_per_person < 1 ||
                        out->groups_per_person > PROTECT_CONTRIBUTION_MAX ||
                        out->rows_per_person > PROTECT_CONTRIBUTION_MAX))
        st = pd_fail(err, PD_USAGE, "rows and groups per person are 1 to %d",
                     PROTECT_CONTRIBUTION_MAX);
    return st == PD_OK ? read_budget(args, out, err) : st;
}

/* ---- Columns ---- */

static enum pd_status find_column(pd_str name, const pd_str *names, size_t columns, size_t *out,
                                  struct pd_error *err) {
    struct pd_buf list;
    for (size_t i = 0; i < columns; i++)
        if (pd_str_eq(names[i], name)) {
            *out = i;
            return PD_OK;
        }
    pd_buf_init(&list, 1 << 10);
    for (size_t i = 0; i < columns && list.len < 600; i++)
        pd_buf_printf(&list, "%s%.*s", i ? ", " : "", pd_arg(names[i]));
    enum pd_status st = pd_fail(err, PD_NOT_FOUND, "there is no column \"%.*s\"; there are: %.*s",
                                pd_arg(name), pd_arg(pd_buf_view(&list)));
    pd_buf_clear(&list);
    return st;
}

enum pd_status stats_words_resolve(const struct stats_words *w, const pd_str *names, size_t columns,
                                   struct pd_arena *arena, struct protect_stats_ask *out,
                                   struct pd_error *err) {
    struct protect_group_column *groups =
        pd_arena_array(arena, w->group_count + 1, sizeof(*groups));
    struct protect_measure *measures =
        pd_arena_array(arena, w->measure_count + 1, sizeof(*measures));
    if (!groups || !measures)
        return pd_fail_memory(err);
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < w->group_count; i++) {
        const struct stats_column *g = &w->groups[i];
        groups[i] = (struct protect_group_column){.is_banded = g->is_banded,
                                                  .low = g->low,
                                                  .high = g->high,
                                                  .width = g->width,
                                                  .decimals = g->decimals};
        st = find_column(g->name, names, columns, &groups[i].column, err);
    }
    for (size_t i = 0; st == PD_OK && i < w->measure_count; i++) {
        const struct stats_measure *m = &w->measures[i];
        measures[i] = (struct protect_measure){.statistic = m->statistic,
                                               .low = m->low,
                                               .high = m->high,
                                               .decimals = m->decimals,
                                               .permille = m->permille};
        if (m->statistic != PROTECT_COUNT)
            st = find_column(m->name, names, columns, &measures[i].column, err);
    }
    *out = (struct protect_stats_ask){.groups = groups,
                                      .group_count = w->group_count,
                                      .stated = w->stated,
                                      .stated_count = w->stated_count,
                                      .has_person = w->person.len > 0,
                                      .groups_per_person = (unsigned)w->groups_per_person,
                                      .rows_per_group = (unsigned)w->rows_per_person,
                                      .measures = measures,
                                      .measure_count = w->measure_count,
                                      .noise = w->noise,
                                      .epsilon_micro = w->epsilon_micro,
                                      .rho_nano = w->rho_nano,
                                      .delta = w->delta};
    return st == PD_OK && out->has_person
               ? find_column(w->person, names, columns, &out->person, err)
               : st;
}
