/* What the files of polder stats share. */
#ifndef POLDER_CLI_STATS_H
#define POLDER_CLI_STATS_H

#include "cli/cli.h"

/** What the options ask for, in names: columns are known only when the table is opened. */
struct stats_words {
    struct stats_column {
        pd_str name;
        bool is_banded;
        int64_t low, high, width;
        int decimals;
    } * groups;
    size_t group_count;
    struct stats_measure {
        enum protect_statistic statistic;
        pd_str name; /* of its column; empty for count */
        int64_t low, high;
        int decimals;
        unsigned permille;
    } * measures;
    size_t measure_count;
    pd_str *stated; /* group_count texts each */
    size_t stated_count;
    pd_str person; /* empty: none */
    uint64_t groups_per_person, rows_per_person;
    enum protect_noise noise;
    uint64_t epsilon_micro, rho_nano;
    double epsilon, delta; /* as given; 0: not */
};
PD_CHECK enum pd_status stats_words_read(struct cli *cli, const struct pd_args *args,
                                         struct stats_words *out, struct pd_error *err);
/** The columns' numbers. PD_NOT_FOUND names the column that isn't there, and those that are. */
PD_CHECK enum pd_status stats_words_resolve(const struct stats_words *words, const pd_str *names,
                                            size_t columns, struct pd_arena *arena,
                                            struct protect_stats_ask *out, struct pd_error *err);
/** "0.5" as 500000; false: not a decimal of at most six places above 0. */
bool stats_parse_micro(const char *text, uint64_t *out);

/** Question and answer. */
struct stats_told {
    const struct stats_words *words;
    const struct protect_stats_result *result;
    const struct govern_budget *budget; /* NULL: of no node */
    const struct govern_outcome *outcome;
};
void stats_tell(const struct cli_report *r, const struct stats_told *told);
/** The members of an object that `w` is in. */
void stats_write(struct pd_json *w, const struct stats_told *told);

#endif
