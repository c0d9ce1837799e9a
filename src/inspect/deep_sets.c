/*
 * Sets of columns, over rows whose values are numbers. A set parts the rows into classes that are
 * equal in it; everything asked here is a matter of these: a key has a class for each row, a
 * dependency holds if no class of the left side has two values of the right one, a row is unique if
 * its class has one row. A class of several columns is made from that of one column fewer.
 */
#include "inspect/deep_impl.h"

#include <stdlib.h>
#include <string.h>

enum {
    TESTED_SHARE = 20 /* a dependency counts if a 20th of the rows could have spoken against */
};

/* Pairs of numbers that have a number themselves; emptied by taking another turn. */
struct pairing {
    struct pair_slot {
        uint64_t pair;
        uint32_t turn, id;
    } * slots;
    size_t capacity;
    uint32_t turn;
};

struct sets {
    const struct deep_matrix *m;
    struct pairing pairing;
    uint32_t *joined[INSPECT_TOGETHER]; /* classes of one column more each */
    uint32_t *scratch;                  /* a value for each class */
    bool is_key[INSPECT_DEEP_COLUMNS];
    bool decides[INSPECT_DEEP_COLUMNS][INSPECT_DEEP_COLUMNS]; /* the first decides the second */
    struct pd_arena *arena;
    struct inspect_relations *out;
    struct inspect_key_set *keys;
    struct inspect_dependency *dependencies;
    struct inspect_uniqueness *uniqueness;
};

/* ---- Classes ---- */

static uint64_t pair_of(uint32_t a, uint32_t b) {
    return (uint64_t)a << 32 | b;
}

/* The pair's number, which is `next` if it is new. */
static uint32_t number_of(struct pairing *p, uint64_t pair, uint32_t next) {
    size_t i =
        (size_t)((pair ^ pair >> 29) * UINT64_C(0x9e3779b97f4a7c15) >> 20) & (p->capacity - 1);
    while (p->slots[i].turn == p->turn && p->slots[i].pair != pair)
        i = (i + 1) & (p->capacity - 1);
    if (p->slots[i].turn != p->turn)
        p->slots[i] = (struct pair_slot){pair, p->turn, next};
    return p->slots[i].id;
}

static void empty(struct pairing *p) {
    if (++p->turn == 0) { /* the numbers of turns are used up */
        memset(p->slots, 0, p->capacity * sizeof(*p->slots));
        p->turn = 1;
    }
}

/* How many classes two columns, or sets of them, make together; each row's in `out`. */
static uint32_t join(struct sets *s, const uint32_t *a, const uint32_t *b, uint32_t *out) {
    uint32_t n = 0;
    empty(&s->pairing);
    for (size_t r = 0; r < s->m->rows; r++) {
        out[r] = number_of(&s->pairing, pair_of(a[r], b[r]), n);
        n += out[r] == n;
    }
    return n;
}

/* Whether no two rows are equal in both; mostly one finds out soon that two are. */
static bool is_unique(struct sets *s, const uint32_t *a, const uint32_t *b) {
    empty(&s->pairing);
    for (size_t r = 0; r < s->m->rows; r++)
        if (number_of(&s->pairing, pair_of(a[r], b[r]), (uint32_t)r) != r)
            return false;
    return true;
}

/* Whether rows that are equal in `left` are so in `right`. */
static bool decides(struct sets *s, const uint32_t *left, uint32_t classes, const uint32_t *right) {
    memset(s->scratch, 0xff, classes * sizeof(*s->scratch));
    for (size_t r = 0; r < s->m->rows; r++) {
        uint32_t *value = &s->scratch[left[r]];
        if (*value != UINT32_MAX && *value != right[r])
            return false;
        *value = right[r];
    }
    return true;
}

/* ---- Keys ---- */

static void add_key(struct sets *s, struct inspect_key_set key) {
    if (s->out->key_count == INSPECT_KEYS) {
        s->out->keys_are_cut = true;
        return;
    }
    for (size_t i = 0; i < key.count; i++)
        key.columns[i] = s->m->at[key.columns[i]];
    s->keys[s->out->key_count++] = key;
}

/* Keys of one column, and what each column decides by itself. */
static void look_at_columns(struct sets *s) {
    const struct deep_matrix *m = s->m;
    for (size_t c = 0; c < m->columns; c++) {
        s->is_key[c] = m->distinct[c] == m->rows;
        if (s->is_key[c] && !m->has_empty[c])
            add_key(s, (struct inspect_key_set){{c}, 1});
    }
}

/* ---- Dependencies ---- */

static bool is_tested(const struct deep_matrix *m, uint32_t classes) {
    uint64_t tested = m->rows - classes;
    return tested >= 2 && tested * TESTED_SHARE >= m->rows;
}

static void add_dependency(struct sets *s, struct inspect_dependency d) {
    if (s->out->dependency_count == INSPECT_DEPENDENCIES) {
        s->out->dependencies_are_cut = true;
        return;
    }
    for (size_t i = 0; i < d.left_count; i++)
        d.left[i] = s->m->at[d.left[i]];
    d.right = s->m->at[d.right];
    s->dependencies[s->out->dependency_count++] = d;
}

static void look_at_single_sides(struct sets *s) {
    const struct deep_matrix *m = s->m;
    for (size_t a = 0; a < m->columns; a++) {
        if (!is_tested(m, m->distinct[a]))
            continue;
        for (size_t b = 0; b < m->columns; b++) {
            if (a == b || m->distinct[b] > m->distinct[a] ||
                !decides(s, m->ids[a], m->distinct[a], m->ids[b]))
                continue;
            s->decides[a][b] = true;
            add_dependency(s, (struct inspect_dependency){{a}, 1, b, m->rows - m->distinct[a]});
        }
    }
}

/* What two columns decide together and neither does alone. */
static void look_at_pair_side(struct sets *s, size_t a, size_t b, uint32_t classes) {
    const struct deep_matrix *m = s->m;
    if (!is_tested(m, classes) || s->decides[a][b] || s->decides[b][a])
        return;
    for (size_t c = 0; c < m->columns; c++) {
        if (c == a || c == b || s->decides[a][c] || s->decides[b][c] || m->distinct[c] > classes)
            continue;
        if (decides(s, s->joined[0], classes, m->ids[c]))
            add_dependency(s, (struct inspect_dependency){{a, b}, 2, c, m->rows - classes});
    }
}

/* ---- Sets of two and three ---- */

/* Whether the rows could all differ: there are as many combinations. */
static bool could_be_key(const struct deep_matrix *m, uint64_t classes, size_t column) {
    return classes * m->distinct[column] >= m->rows;
}

static void look_at_triples(struct sets *s, size_t a, size_t b, uint32_t classes,
                            const bool *is_pair_key) {
    const struct deep_matrix *m = s->m;
    size_t n = m->columns;
    for (size_t c = b + 1; c < n; c++) {
        bool is_open = !s->is_key[c] && !m->has_empty[c] && !is_pair_key[a * n + c] &&
                       !is_pair_key[b * n + c] && could_be_key(m, classes, c);
        if (is_open && is_unique(s, s->joined[0], m->ids[c]))
            add_key(s, (struct inspect_key_set){{a, b, c}, 3});
    }
}

/* First all keys of two, for those of three must hold none of them. */
static void find_pair_keys(struct sets *s, size_t columns, bool *is_pair_key) {
    const struct deep_matrix *m = s->m;
    for (size_t a = 0; a < columns; a++)
        for (size_t b = a + 1; b < columns; b++) {
            bool is_open = !s->is_key[a] && !s->is_key[b] && could_be_key(m, m->distinct[a], b);
            if (!is_open || !is_unique(s, m->ids[a], m->ids[b]))
                continue;
            is_pair_key[a * m->columns + b] = true;
            if (!m->has_empty[a] && !m->has_empty[b])
                add_key(s, (struct inspect_key_set){{a, b}, 2});
        }
}

static bool look_at_pairs(struct sets *s) {
    struct deep_matrix few = *s->m;
    few.columns = few.columns < INSPECT_DEEP_SET_COLUMNS ? few.columns : INSPECT_DEEP_SET_COLUMNS;
    bool *is_pair_key = calloc(few.columns * few.columns + 1, sizeof(*is_pair_key));
    if (!is_pair_key)
        return false;
    s->m = &few;
    find_pair_keys(s, few.columns, is_pair_key);
    for (size_t a = 0; a < few.columns; a++)
        for (size_t b = a + 1; b < few.columns; b++) {
            if (s->is_key[a] || s->is_key[b] || is_pair_key[a * few.columns + b])
                continue;
            uint32_t classes = join(s, few.ids[a], few.ids[b], s->joined[0]);
            look_at_pair_side(s, a, b, classes);
            if (!few.has_empty[a] && !few.has_empty[b])
                look_at_triples(s, a, b, classes, is_pair_key);
        }
    free(is_pair_key);
    return true;
}

/* ---- Uniqueness ---- */

static void count_classes(struct sets *s, const uint32_t *of, uint32_t classes,
                          struct inspect_uniqueness *out) {
    memset(s->scratch, 0, classes * sizeof(*s->scratch));
    for (size_t r = 0; r < s->m->rows; r++)
        s->scratch[of[r]]++;
    out->classes = classes;
    out->unique_rows = 0;
    out->smallest = s->m->rows;
    for (uint32_t i = 0; i < classes; i++) {
        out->unique_rows += s->scratch[i] == 1;
        out->smallest = s->scratch[i] < out->smallest ? s->scratch[i] : out->smallest;
    }
}

/* The set so far, its classes, and each column behind its last: at most INSPECT_TOGETHER deep. */
static void look_at_quasi(struct sets *s, const size_t *quasi, size_t count, size_t from,
                          const struct inspect_uniqueness *set, const uint32_t *classes_of) {
    const struct deep_matrix *m = s->m;
    for (size_t i = from; i < count; i++) {
        size_t c = quasi[i];
        struct inspect_uniqueness more = *set;
        const uint32_t *of = m->ids[c];
        uint32_t classes = m->distinct[c];
        if (set->count > 0) {
            classes = join(s, classes_of, m->ids[c], s->joined[set->count]);
            of = s->joined[set->count];
        }
        more.columns[more.count++] = m->at[c];
        count_classes(s, of, classes, &more);
        s->uniqueness[s->out->uniqueness_count++] = more;
        if (more.count < INSPECT_TOGETHER)
            look_at_quasi(s, quasi, count, i + 1, &more, of);
    }
}

/* Those with most values, if there are too many; in the order of the table. */
static size_t choose_quasi(const struct deep_matrix *m, const bool *is_quasi, size_t *quasi) {
    size_t count = 0;
    for (size_t c = 0; c < m->columns; c++) {
        if (!is_quasi[c])
            continue;
        if (count == INSPECT_QUASI_MOST) {
            size_t least = 0;
            for (size_t i = 1; i < count; i++)
                least = m->distinct[quasi[i]] < m->distinct[quasi[least]] ? i : least;
            if (m->distinct[c] <= m->distinct[quasi[least]])
                continue;
            count--;
            memmove(quasi + least, quasi + least + 1, (count - least) * sizeof(*quasi));
        }
        quasi[count++] = c;
    }
    return count;
}

/* Few columns first, then the most unique rows. */
static int by_size(const void *a, const void *b) {
    const struct inspect_uniqueness *x = a, *y = b;
    if (x->count != y->count)
        return x->count < y->count ? -1 : 1;
    if (x->unique_rows != y->unique_rows)
        return x->unique_rows > y->unique_rows ? -1 : 1;
    return memcmp(x->columns, y->columns, sizeof(x->columns));
}

/* ---- All ---- */

static bool make_room(struct sets *s) {
    size_t rows = s->m->rows, capacity = 16;
    while (capacity < 2 * rows)
        capacity *= 2;
    s->pairing.slots = calloc(capacity, sizeof(*s->pairing.slots));
    s->pairing.capacity = capacity;
    s->scratch = malloc((rows + 1) * sizeof(*s->scratch));
    bool ok = s->pairing.slots && s->scratch;
    for (int i = 0; i < INSPECT_TOGETHER; i++) {
        s->joined[i] = malloc((rows + 1) * sizeof(*s->joined[i]));
        ok = ok && s->joined[i];
    }
    s->keys = pd_arena_array(s->arena, INSPECT_KEYS, sizeof(*s->keys));
    s->dependencies = pd_arena_array(s->arena, INSPECT_DEPENDENCIES, sizeof(*s->dependencies));
    s->uniqueness = pd_arena_array(s->arena, INSPECT_UNIQUENESS, sizeof(*s->uniqueness));
    s->out->keys = s->keys;
    s->out->dependencies = s->dependencies;
    s->out->uniqueness = s->uniqueness;
    return ok && s->keys && s->dependencies && s->uniqueness;
}

bool deep_sets_tell(const struct deep_matrix *matrix, const bool *is_quasi, struct pd_arena *arena,
                    struct inspect_relations *out) {
    struct sets *s = calloc(1, sizeof(*s));
    if (!s)
        return false;
    size_t quasi[INSPECT_QUASI_MOST];
    s->m = matrix;
    s->arena = arena;
    s->out = out;
    bool ok = make_room(s);
    if (ok && matrix->rows > 0) {
        look_at_columns(s);
        look_at_single_sides(s);
        ok = look_at_pairs(s);
        s->m = matrix;
        size_t count = choose_quasi(matrix, is_quasi, quasi);
        out->quasi_compared = count;
        struct inspect_uniqueness none = {.count = 0};
        if (ok)
            look_at_quasi(s, quasi, count, 0, &none, NULL);
        if (out->uniqueness_count > 1)
            qsort(s->uniqueness, out->uniqueness_count, sizeof(*s->uniqueness), by_size);
    }
    for (int i = 0; i < INSPECT_TOGETHER; i++)
        free(s->joined[i]);
    free(s->pairing.slots);
    free(s->scratch);
    free(s);
    return ok;
}
