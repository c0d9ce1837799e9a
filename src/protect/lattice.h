/**
 * protect/lattice.h: the best way to generalise a table, found with certainty.
 *
 * Every quasi column has a hierarchy: what its values become on each level, from themselves to one
 * `*`. A node of the lattice takes one level per column. Rows that are equal in all quasi columns
 * of a node form a class; a class that fails one of the models is suppressed, and a node is
 * feasible if at most a given share of the rows is. protect_optimum gives the feasible node of the
 * least loss.
 *
 * Models and losses are those of the literature as ARX defines them (Prasser et al., "Flexible data
 * anonymization using ARX", 2020), whose published optima tests/vectors/arx_vectors.c reproduces.
 * Engines only: no I/O, no clock, no globals. Results depend on the input alone.
 */
#ifndef POLDER_PROTECT_LATTICE_H
#define POLDER_PROTECT_LATTICE_H

#include "base/base.h"

/* ---- Hierarchies (hierarchy.c) ---- */

enum { PROTECT_LEVELS_MAX = 64, PROTECT_QUASI_MAX = 64 };

/**
 * A column's values are numbered from 0. maps[l][v] is the number, below sizes[l], of what value v
 * becomes on level l; maps[0] is the identity. Levels nest: what is equal on one level is equal on
 * all above it. Borrowed wherever it is passed.
 */
struct protect_hierarchy {
    uint32_t values;
    uint32_t levels; /* 1 to PROTECT_LEVELS_MAX */
    const uint32_t *const *maps;
    const uint32_t *sizes;
    const pd_str *const *labels; /* labels[l][g]: the text of g on level l; NULL if only counted */
};

/** PD_INVALID if a number is out of range or the levels do not nest: says level and value. */
PD_CHECK enum pd_status protect_hierarchy_check(const struct protect_hierarchy *hierarchy,
                                                struct pd_error *err);

/**
 * Reads a hierarchy as ARX and sdcMicro users write it: one row per value, the value first, then
 * what it becomes, level by level. `values` are the column's distinct values in the order of their
 * numbers; each needs a row, rows of other values are checked and passed over.
 *
 * cells: cells[row * width + level], `rows` of them, all of the same width >= 1.
 * out:   lives in `arena`, with labels; untouched on failure.
 * PD_INVALID, with row (1-based) and value: a value without a row, two rows that say different
 * things of one value, levels that do not nest. PD_LIMIT: more levels than PROTECT_LEVELS_MAX, or
 * the arena is full.
 */
PD_CHECK enum pd_status protect_hierarchy_make(const pd_str *cells, size_t rows, size_t width,
                                               const pd_str *values, size_t value_count,
                                               struct pd_arena *arena,
                                               const struct protect_hierarchy **out,
                                               struct pd_error *err);

/* ---- The table, coded ---- */

/**
 * `count` tuples of `quasi_count + sensitive_count` numbers, one after the other; tuple t stands
 * for rows[t] rows (NULL: one each). Tuples may repeat. At most UINT32_MAX rows in all.
 */
struct protect_microdata {
    size_t quasi_count;                                 /* 1 to PROTECT_QUASI_MAX */
    const struct protect_hierarchy *const *hierarchies; /* one per quasi column */
    size_t sensitive_count;
    const uint32_t *sensitive_sizes; /* distinct values of each sensitive column */
    const uint32_t *codes;
    const uint64_t *rows;
    size_t count;
};

/* ---- Models (model.c) ---- */

enum protect_model_kind {
    PROTECT_K_ANONYMITY,           /* the class has at least k rows (Samarati and Sweeney 1998) */
    PROTECT_DISTINCT_L,            /* at least l sensitive values (Machanavajjhala et al. 2007) */
    PROTECT_ENTROPY_L,             /* their entropy is at least ln l, by the observed shares */
    PROTECT_ENTROPY_L_GRASSBERGER, /* the same, by Grassberger's estimate for small classes */
    PROTECT_RECURSIVE_L,           /* (c,l): r1 < c (r_l + ... + r_m), r descending, m >= l */
    PROTECT_T_EQUAL,               /* 1/2 sum |p - q| <= t (Li et al. 2007) */
    PROTECT_T_ORDERED,             /* values in the order of their numbers */
    PROTECT_T_HIERARCHICAL,        /* by the sensitive column's hierarchy */
    PROTECT_BETA_BASIC,            /* (p - q) / q <= beta where p > q (Cao and Karras 2012) */
    PROTECT_BETA_ENHANCED,         /* <= min(beta, -ln q) */
    PROTECT_AVERAGE_RISK,          /* of the table: classes / rows of what stays <= threshold */
    PROTECT_MODEL_KIND_COUNT
};
const char *protect_model_name(enum protect_model_kind kind); /* "k_anonymity" */
bool protect_model_parse(pd_str name, enum protect_model_kind *out);

struct protect_model {
    enum protect_model_kind kind;
    double threshold; /* k, l, t, beta or risk */
    double c;         /* RECURSIVE_L */
    size_t sensitive; /* which sensitive column; not for K_ANONYMITY and AVERAGE_RISK */
    const struct protect_hierarchy *hierarchy; /* T_HIERARCHICAL: of the sensitive values */
};

/* ---- Losses (loss.c) ---- */

enum protect_loss {
    /** Non-uniform entropy (Gionis and Tassa 2009), in bits: -sum over cells of
        log2(f(value) / f(generalised value)), over the whole table; suppression costs nothing. */
    PROTECT_LOSS_ENTROPY,
    /** The same, and for each suppressed cell -log2 of the share that its generalised value has
        among the suppressed rows (ARX's variant for metrics that are not monotonic). */
    PROTECT_LOSS_ENTROPY_SUPPRESSED,
    PROTECT_LOSS_DISCERNIBILITY,           /* sum of |class|^2, suppressed: rows * |class| */
    PROTECT_LOSS_DISCERNIBILITY_MONOTONIC, /* sum of |class|^2, suppressed or not */
    PROTECT_LOSS_CLASS_SIZE,               /* average: rows / (classes kept + 1 if any is not) */
    /** Mean over the cells of (leaves under the value - 1) / (leaves - 1); suppressed: 1. */
    PROTECT_LOSS_GRANULARITY,
    /** Mean over the cells of level / highest level; suppressed: 1 (1 - Sweeney's precision). */
    PROTECT_LOSS_HEIGHT,
    /** The sum over the columns of task.losses[column][level]: the caller's own, not falling with
        the level; suppression costs nothing. */
    PROTECT_LOSS_GIVEN,
    PROTECT_LOSS_COUNT
};
const char *protect_loss_name(enum protect_loss loss); /* "entropy" */

/* ---- One node ---- */

struct protect_task {
    struct protect_microdata data;
    const struct protect_model *models; /* all must hold; at least one */
    size_t model_count;
    double max_suppressed; /* share of the rows, 0 to 1 */
    enum protect_loss loss;
    const double *const *losses; /* PROTECT_LOSS_GIVEN */
    size_t limit_bytes;          /* of the search's own memory; 0 means 1 GiB */
    /** Asked after every node: true ends the search with PD_UNAVAILABLE. NULL is fine. */
    bool (*is_cancelled)(void *context, uint64_t checked, uint64_t nodes);
    void *context;
};

struct protect_node {
    bool is_feasible;
    double loss;
    uint64_t suppressed; /* rows in classes that fail */
    uint64_t classes;    /* that stay */
    uint64_t smallest;   /* of them; 0 if none stays */
};

/**
 * What generalising to `levels` (one per quasi column) would give. PD_USAGE: a level that is not
 * there, a model's column or threshold that cannot be. PD_INVALID: numbers out of range. PD_LIMIT.
 */
PD_CHECK enum pd_status protect_node_evaluate(const struct protect_task *task,
                                              const uint8_t *levels, struct protect_node *out,
                                              struct pd_error *err);

/* ---- The optimum (optimum.c) ---- */

struct protect_optimum {
    bool is_found; /* false: no node is feasible */
    uint8_t levels[PROTECT_QUASI_MAX];
    struct protect_node node;
    uint64_t nodes;   /* of the lattice */
    uint64_t checked; /* nodes whose classes were counted */
};

/** How many nodes a lattice has; one of more than PROTECT_NODES_MAX is not searched. */
double protect_lattice_nodes(const struct protect_microdata *data);
#define PROTECT_NODES_MAX (1 << 28)

/** What the search of a table that is fine takes at least, to be said before it begins; a few times as
 * much makes it faster. SIZE_MAX: no memory would do. */
size_t protect_optimum_bytes(const struct protect_microdata *data);

/**
 * Finds the feasible node of least loss; of equals the one of the lowest levels in sum, then of
 * the lower level in the first column that differs. Exact whether or not the models are monotonic.
 *
 * The search has its ideas from Flash (Kohlmayer et al. 2012): paths through nodes that nothing is
 * known of yet, halved; classes of a node made from those of a finer one that was kept; what a node
 * proves of others passed on, up and down. Where a model is not monotonic nothing is
 * concluded from it, and all nodes that could still be better are counted.
 *
 * PD_USAGE and PD_INVALID as protect_node_evaluate; PD_LIMIT: too many nodes, or more memory than
 * allowed; PD_UNAVAILABLE: cancelled.
 */
PD_CHECK enum pd_status protect_optimum(const struct protect_task *task,
                                        struct protect_optimum *out, struct pd_error *err);

#endif
