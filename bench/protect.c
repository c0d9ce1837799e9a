/*
 * bench_protect adult DIR | every DIR | marginals DIR ROWS [COLUMNS] | wide ROWS: how long the
 * optimum of a lattice takes.
 *
 *   adult      the 30,162 rows and hierarchies of DIR, k = 5, with and without a suppression limit;
 *              beside it local recoding (Mondrian), and the least granularity of a whole recoding
 *   every      every node counted, one after the other, as whoever has no search would
 *   marginals  ROWS rows of the same columns (all nine, or the first few), each drawn from adult's
 *              own shares
 *   wide       ROWS rows of six columns of 8 to 100 values; peak memory as the system says
 *
 * Prints name TAB milliseconds of processor TAB what came out.
 */
#include "bench.h"
#include "protect/lattice.h"
#include "protect/mondrian.h"

#include <string.h>
#include <sys/resource.h>
#include <time.h>

enum { QUASI = 9, LINE = 4096 };
static const char *const NAMES[QUASI] = {
    "sex",       "age",        "race",        "marital-status", "education", "native-country",
    "workclass", "occupation", "salary-class"};

static double processor_ms(void) {
    struct timespec t;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static long peak_mib(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss / 1024;
}

static void must(enum pd_status st, const struct pd_error *err) {
    if (st != PD_OK) {
        fprintf(stderr, "bench_protect: %s\n", err->text);
        exit(70);
    }
}

/* ---- adult ---- */

struct table {
    struct pd_arena *arena;
    const struct protect_hierarchy *hierarchies[QUASI];
    uint32_t *codes;
    size_t rows;
};

static size_t split(char *line, char **cells, size_t most) {
    size_t n = 0;
    line[strcspn(line, "\r\n")] = 0;
    for (char *at = strtok(line, ";"); at && n < most; at = strtok(NULL, ";"))
        cells[n++] = at;
    return n;
}

static FILE *open_file(const char *dir, const char *name) {
    char path[LINE];
    snprintf(path, sizeof(path), "%s/%s", dir, name);
    FILE *f = fopen(path, "r");
    if (!f) {
        fprintf(stderr, "bench_protect: cannot open %s\n", path);
        exit(66);
    }
    return f;
}

/* The values of a column are numbered as its hierarchy's file has them. */
static void read_hierarchy(struct table *t, const char *dir, size_t c, pd_str *values,
                           size_t *value_count) {
    char name[128], line[LINE], *cells[16];
    struct pd_error err = {0};
    pd_str *all = NULL;
    size_t rows = 0, width = 0;
    snprintf(name, sizeof(name), "adult_hierarchy_%s.csv", NAMES[c]);
    FILE *f = open_file(dir, name);
    while (fgets(line, sizeof(line), f)) {
        width = split(line, cells, 16);
        all = realloc(all, (rows + 1) * width * sizeof(*all));
        for (size_t i = 0; i < width; i++)
            all[rows * width + i] = pd_arena_str(t->arena, pd_str_from(cells[i]));
        values[rows] = all[rows * width];
        rows++;
    }
    fclose(f);
    *value_count = rows;
    must(protect_hierarchy_make(all, rows, width, values, rows, t->arena, &t->hierarchies[c], &err),
         &err);
    free(all);
}

static struct table read_adult(const char *dir) {
    struct table t = {.arena = pd_arena_new((size_t)1 << 28)};
    static pd_str values[QUASI][256];
    size_t counts[QUASI];
    char line[LINE], *cells[16];
    for (size_t c = 0; c < QUASI; c++)
        read_hierarchy(&t, dir, c, values[c], &counts[c]);
    FILE *f = open_file(dir, "adult.csv");
    t.codes = malloc((size_t)40000 * QUASI * sizeof(*t.codes));
    for (bool is_heading = true; fgets(line, sizeof(line), f); is_heading = false) {
        if (is_heading || split(line, cells, 16) != QUASI)
            continue;
        for (size_t c = 0; c < QUASI; c++) {
            uint32_t v = 0;
            while (v + 1 < counts[c] && !pd_str_is(values[c][v], cells[c]))
                v++;
            t.codes[t.rows * QUASI + c] = v;
        }
        t.rows++;
    }
    fclose(f);
    return t;
}

static void search_by(const char *what, const struct protect_microdata *data, double suppressed,
                      enum protect_loss loss) {
    struct protect_model k = {.kind = PROTECT_K_ANONYMITY, .threshold = 5};
    struct protect_task task = {.data = *data,
                                .models = &k,
                                .model_count = 1,
                                .max_suppressed = suppressed,
                                .loss = loss,
                                .limit_bytes = (size_t)20 << 30};
    struct protect_optimum o;
    struct pd_error err = {0};
    double before = processor_ms();
    must(protect_optimum(&task, &o, &err), &err);
    printf(
        "%s\t%.1f\tloss %.4f, %llu of %llu nodes counted, %.1f MiB needed at least, peak %ld MiB\n",
        what, processor_ms() - before, o.node.loss, (unsigned long long)o.checked,
        (unsigned long long)o.nodes, (double)protect_optimum_bytes(data) / (1 << 20), peak_mib());
}

static void search(const char *what, const struct protect_microdata *data, double suppressed) {
    search_by(what, data, suppressed, PROTECT_LOSS_ENTROPY);
}

static void cut(const char *what, const struct protect_microdata *data,
                enum protect_mondrian_kind kind) {
    struct protect_mondrian_task task = {.data = *data, .kind = kind, .k = 5};
    struct protect_mondrian m;
    struct pd_error err = {0};
    double before = processor_ms();
    must(protect_mondrian(&task, &m, &err), &err);
    printf("%s\t%.1f\tgranularity %.4f, %u parts, the smallest of %llu rows\n", what,
           processor_ms() - before, m.granularity, m.count, (unsigned long long)m.smallest);
    protect_mondrian_clear(&m);
}

/* As a program without a search would: each node from the rows, counted in a sorted array. */
static int by_key(const void *a, const void *b) {
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void count_every_node(const struct table *t, double suppressed) {
    uint8_t levels[QUASI] = {0};
    uint64_t *keys = malloc(t->rows * sizeof(*keys)), nodes = 0, feasible = 0;
    double before = processor_ms();
    for (bool more = true; more; nodes++) {
        for (size_t r = 0; r < t->rows; r++) {
            keys[r] = 0;
            for (size_t c = 0; c < QUASI; c++)
                keys[r] = keys[r] * t->hierarchies[c]->sizes[levels[c]] +
                          t->hierarchies[c]->maps[levels[c]][t->codes[r * QUASI + c]];
        }
        qsort(keys, t->rows, sizeof(*keys), by_key);
        size_t small = 0;
        for (size_t i = 0, j; i < t->rows; i = j) {
            for (j = i; j < t->rows && keys[j] == keys[i]; j++)
                continue;
            small += j - i < 5 ? j - i : 0;
        }
        feasible += (double)small <= suppressed * (double)t->rows;
        more = false;
        for (size_t c = QUASI; c-- > 0 && !more; levels[c] = more ? levels[c] : 0)
            more = ++levels[c] < t->hierarchies[c]->levels;
    }
    printf("every node, sorted\t%.1f\t%llu nodes, %llu feasible\n", processor_ms() - before,
           (unsigned long long)nodes, (unsigned long long)feasible);
    free(keys);
}

static struct protect_microdata data_of(const struct table *t, size_t columns) {
    return (struct protect_microdata){
        .quasi_count = columns, .hierarchies = t->hierarchies, .codes = t->codes, .count = t->rows};
}

static uint64_t random_state = 1;
static uint32_t draw(size_t below) {
    random_state = random_state * UINT64_C(6364136223846793005) + 1442695040888963407u;
    return (uint32_t)((random_state >> 33) % below);
}

static void marginals(struct table *t, size_t rows, size_t columns) {
    uint32_t *codes = malloc(rows * columns * sizeof(*codes));
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < columns; c++)
            codes[r * columns + c] = t->codes[(size_t)draw(t->rows) * QUASI + c];
    free(t->codes);
    t->codes = codes;
    t->rows = rows;
    struct protect_microdata data = data_of(t, columns);
    search("adult's marginals, 4 % may be left out", &data, 0.04);
    search("adult's marginals, none may", &data, 0);
}

/* ---- wide ---- */

/* Values join by tens, then all. */
static const struct protect_hierarchy *by_tens(struct pd_arena *arena, uint32_t values) {
    struct protect_hierarchy *h = pd_arena_alloc(arena, sizeof(*h));
    uint32_t **maps = pd_arena_array(arena, 3, sizeof(*maps));
    uint32_t *sizes = pd_arena_array(arena, 3, sizeof(*sizes));
    for (uint32_t l = 0; l < 3; l++) {
        maps[l] = pd_arena_array(arena, values, sizeof(**maps));
        for (uint32_t v = 0; v < values; v++)
            maps[l][v] = l == 0 ? v : l == 1 ? v / 10 : 0;
        sizes[l] = l == 0 ? values : l == 1 ? (values + 9) / 10 : 1;
    }
    *h = (struct protect_hierarchy){
        .values = values, .levels = 3, .maps = (const uint32_t *const *)maps, .sizes = sizes};
    return h;
}

static void wide(size_t rows) {
    static const uint32_t VALUES[] = {100, 34, 12, 8, 50, 20};
    struct pd_arena *arena = pd_arena_new(1 << 20);
    const struct protect_hierarchy *hierarchies[6];
    uint32_t *codes = malloc(rows * 6 * sizeof(*codes));
    for (size_t c = 0; c < 6; c++)
        hierarchies[c] = by_tens(arena, VALUES[c]);
    for (size_t r = 0; r < rows; r++)
        for (size_t c = 0; c < 6; c++)
            codes[r * 6 + c] = draw(1 + draw(VALUES[c]));
    struct protect_microdata data = {
        .quasi_count = 6, .hierarchies = hierarchies, .codes = codes, .count = rows};
    search("six columns", &data, 0.01);
    free(codes);
    pd_arena_free(arena);
}

static void adult(struct table *t) {
    struct protect_microdata data = data_of(t, QUASI);
    for (int i = 0; i < 5; i++)
        search("adult, k=5, 4 % may be left out", &data, 0.04);
    for (int i = 0; i < 5; i++)
        search("adult, k=5, none may", &data, 0);
    search_by("adult, k=5, none may, by granularity", &data, 0, PROTECT_LOSS_GRANULARITY);
    search_by("adult, k=5, 4 % may, by granularity", &data, 0.04, PROTECT_LOSS_GRANULARITY);
    cut("adult, k=5, Mondrian, strict", &data, PROTECT_MONDRIAN_STRICT);
    cut("adult, k=5, Mondrian, relaxed", &data, PROTECT_MONDRIAN_RELAXED);
}

int main(int argc, char **argv) {
    const char *what = argc > 1 ? argv[1] : "";
    size_t columns = argc == 5 ? strtoull(argv[4], NULL, 10) : QUASI;
    struct table t;
    if (argc == 3 && strcmp(what, "adult") == 0) {
        t = read_adult(argv[2]);
        adult(&t);
    } else if (argc == 3 && strcmp(what, "every") == 0) {
        t = read_adult(argv[2]);
        count_every_node(&t, 0.04);
    } else if (argc >= 4 && strcmp(what, "marginals") == 0 && columns > 0 && columns <= QUASI) {
        t = read_adult(argv[2]);
        marginals(&t, strtoull(argv[3], NULL, 10), columns);
    } else if (argc == 3 && strcmp(what, "wide") == 0) {
        wide(strtoull(argv[2], NULL, 10));
    } else {
        fputs("usage: bench_protect adult DIR | every DIR | marginals DIR ROWS [COLUMNS] | wide "
              "ROWS\n",
              stderr);
        return 64;
    }
    return 0;
}
