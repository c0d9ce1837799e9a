/* Tables of the synthetic province: a cell of each kind, by description. Nothing in them is about anybody. */
#include "cli/demo_seed.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

enum { COLUMNS_MAX = 16, CELL_BYTES = 200 };

struct making {
    const struct seed_table *table;
    struct demo_random random;
    uint64_t row;
    const struct demo_word *word; /* that a code goes with */
};

static int between(struct demo_random *random, int from, int to) {
    return from + (int)cli_demo_below(random, (uint32_t)(to - from + 1));
}

static int days_of(int year, int month) {
    int days = 28;
    while (pd_civil_is_date(year, month, days + 1))
        days++;
    return days;
}

static void write_tenths(char *cell, int tenths) {
    snprintf(cell, CELL_BYTES, "%d.%d", tenths / 10, tenths % 10);
}

/* As a clerk may have typed it: a space behind, a comma for the point. */
static void make_dirty(struct demo_random *random, char *cell) {
    uint32_t how = cli_demo_below(random, 40);
    size_t n = strlen(cell);
    if (how == 0)
        memcpy(cell + n, " ", 2);
    for (size_t i = 0; how == 1 && i < n; i++)
        if (cell[i] == '.')
            cell[i] = ',';
}

static void write_company(struct making *m, char *cell) {
    const struct demo_list *brands = &cli_demo_lists[DEMO_BRAND];
    const struct demo_word *industry = cli_demo_draw(&m->random, DEMO_INDUSTRY, 0);
    enum demo_language language = m->table->language;
    const char *one = brands->words[cli_demo_below(&m->random, (uint32_t)brands->count)].text[language],
               *two = brands->words[cli_demo_below(&m->random, (uint32_t)brands->count)].text[language];
    if (language == DEMO_EN)
        snprintf(cell, CELL_BYTES, "%s%s Sample %s Co., Ltd.", one, two, industry->other[language]);
    else
        snprintf(cell, CELL_BYTES, "%s%s示例%s有限公司", one, two, industry->other[language]);
}

static void write_hour(const struct making *m, char *cell) {
    int hours = (int)(m->row % (uint64_t)(24 * days_of(m->table->year, m->table->month)));
    snprintf(cell, CELL_BYTES, "%04d-%02d-%02dT%02d:00:00+08:00", m->table->year, m->table->month,
             hours / 24 + 1, hours % 24);
}

static void write_cell(struct making *m, const struct seed_column *c, char cell[CELL_BYTES]) {
    const struct seed_table *t = m->table;
    const struct demo_list *list = &cli_demo_lists[c->cell == SEED_WORD ? c->a : 0];
    cell[0] = '\0';
    switch (c->cell) {
    case SEED_END:
        break;
    case SEED_WORD:
        m->word = &list->words[m->row / (uint64_t)c->b % list->count];
        snprintf(cell, CELL_BYTES, "%s", m->word->text[t->language]);
        break;
    case SEED_DRAWN:
        m->word = cli_demo_draw(&m->random, (enum demo_list_id)c->a, 0);
        snprintf(cell, CELL_BYTES, "%s", m->word->text[t->language]);
        break;
    case SEED_CODE:
        snprintf(cell, CELL_BYTES, "%s", m->word && m->word->code ? m->word->code : "");
        break;
    case SEED_PICK:
        snprintf(cell, CELL_BYTES, "%s", c->pairs[cli_demo_below(&m->random, (uint32_t)c->a)].text[t->language]);
        break;
    case SEED_ROW:
        snprintf(cell, CELL_BYTES, "%s", c->pairs[m->row / (uint64_t)c->b % (uint64_t)c->a].text[t->language]);
        break;
    case SEED_SERIAL:
        snprintf(cell, CELL_BYTES, "%s-%d-%05llu", c->pairs->text[0], t->year,
                 (unsigned long long)(m->row + 1 + (uint64_t)t->month * 10000));
        break;
    case SEED_MONTH:
        snprintf(cell, CELL_BYTES, "%04d-%02d", t->year, t->month);
        break;
    case SEED_DAY:
        snprintf(cell, CELL_BYTES, "%04d-%02d-%02d", t->year, t->month,
                 between(&m->random, 1, days_of(t->year, t->month)));
        break;
    case SEED_HOUR:
        write_hour(m, cell);
        break;
    case SEED_YEAR:
        snprintf(cell, CELL_BYTES, "%d", t->year);
        break;
    case SEED_WHOLE:
        snprintf(cell, CELL_BYTES, "%d", between(&m->random, c->a, c->b));
        break;
    case SEED_TENTHS:
        write_tenths(cell, between(&m->random, c->a, c->b));
        break;
    case SEED_DIRTY:
        write_tenths(cell, between(&m->random, c->a, c->b));
        make_dirty(&m->random, cell);
        break;
    case SEED_COMPANY:
        write_company(m, cell);
        break;
    }
}

static enum pd_status write_rows(const struct seed_table *t, struct table_writer *writer,
                                 struct pd_error *err) {
    char cells[COLUMNS_MAX][CELL_BYTES];
    pd_str views[COLUMNS_MAX];
    size_t n = 0;
    for (; n < COLUMNS_MAX && t->columns[n].cell != SEED_END; n++)
        views[n] = pd_str_from(t->columns[n].header[t->language]);
    enum pd_status st = table_write_row(writer, views, n, err);
    for (uint64_t row = 0; st == PD_OK && row < t->rows; row++) {
        struct making m = {t, cli_demo_stream(t->seed, (uint64_t)t->month, row), row, NULL};
        for (size_t i = 0; i < n; i++) {
            write_cell(&m, &t->columns[i], cells[i]);
            views[i] = pd_str_from(cells[i]);
        }
        st = table_write_row(writer, views, n, err);
    }
    return st == PD_OK ? table_writer_finish(writer, err) : st;
}

static enum pd_status to_file(void *context, const void *bytes, size_t n, struct pd_error *err) {
    return fwrite(bytes, 1, n, context) == n ? PD_OK
                                             : pd_fail_errno(err, PD_IO, "write a table of the demo");
}

enum pd_status seed_table_write(const struct seed_table *t, const char *path,
                                struct pd_error *err) {
    struct table_writer *writer = NULL;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");
    if (!f)
        return pd_fail_errno(err, PD_IO, "write %s", path);
    const struct table_sink sink = {.context = f, .write = to_file};
    const struct demo_order order = {t->kind, t->rows, t->seed, t->language};
    enum pd_status st = table_writer_new(NULL, &sink, &writer, err);
    if (st == PD_OK)
        st = t->columns ? write_rows(t, writer, err) : cli_demo_write(&order, writer, err);
    table_writer_free(writer);
    if (fclose(f) != 0 && st == PD_OK)
        st = pd_fail_errno(err, PD_IO, "write %s", path);
    return st;
}
