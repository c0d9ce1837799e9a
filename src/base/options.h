/**
 * Command-line options from a table; `--help` and the man page come from the same table.
 */
#ifndef POLDER_BASE_OPTIONS_H
#define POLDER_BASE_OPTIONS_H

#include "base/memory.h"

enum pd_option_kind {
    PD_OPTION_FLAG,  /* --name */
    PD_OPTION_VALUE, /* --name=VALUE or --name VALUE; given twice is an error */
    PD_OPTION_LIST   /* as VALUE, may be repeated */
};

struct pd_option {
    const char *name; /* without dashes */
    char letter;      /* short form, 0 for none */
    enum pd_option_kind kind;
    bool required;
    const char *metavar; /* "DIR"; NULL for a flag */
    const char *help;    /* one or two sentences */
};

struct pd_args; /* the parsed command line; lives in the arena it was parsed into */

/** One command, e.g. "ledger verify". Tables end in an entry whose name is NULL. */
struct pd_command {
    const char *name;     /* one or two words */
    const char *operands; /* "FILE", "ACT NAME VALUE", "" */
    int min_operands, max_operands; /* max < 0: any number */
    const char *summary;     /* one line */
    const char *description; /* paragraphs for --help and the man page; may be NULL */
    const struct pd_option *options;
    int (*run)(const struct pd_command *command, const struct pd_args *args, void *context);
};

/**
 * argv[0] is not looked at. "--" ends options; "-" is an operand; an option may be shortened to an
 * unambiguous prefix never (scripts break): exact names only. An unknown name gets the nearest one
 * as a suggestion. A value after a space may not start with "--". "--help" is always known, and with it
 * nothing else has to be given. PD_USAGE with a sentence.
 */
PD_CHECK enum pd_status pd_args_parse(const struct pd_command *command, int argc,
                                      const char *const *argv, struct pd_arena *arena,
                                      const struct pd_args **out, struct pd_error *err);
bool pd_args_has(const struct pd_args *args, const char *option);
/** NULL if not given. */
const char *pd_args_get(const struct pd_args *args, const char *option);
size_t pd_args_count(const struct pd_args *args, const char *option);
const char *pd_args_nth(const struct pd_args *args, const char *option, size_t n);
size_t pd_args_operands(const struct pd_args *args);
const char *pd_args_operand(const struct pd_args *args, size_t n);

/**
 * Finds the command that argv starts with (the longest name wins); NULL if none. argv[0] is the
 * first word after the program's name; pd_args_parse then wants argv + words_used - 1.
 */
const struct pd_command *pd_command_find(const struct pd_command *table, int argc,
                                         const char *const *argv, int *words_used);
/** The index of the nearest name by edit distance, or PD_NPOS if nothing is near. */
size_t pd_nearest(pd_str given, const pd_str *names, size_t count);
/** The nearest of names that end in zero, or NULL. */
const char *pd_nearest_name(const char *given, const char *const *names, size_t count);

void pd_help_write(struct pd_buf *out, const char *program, const struct pd_command *command);
void pd_help_overview(struct pd_buf *out, const char *program, const char *about,
                      const struct pd_command *table);
/** The whole manual page, section 1, in man(7) macros. */
void pd_man_write(struct pd_buf *out, const char *program, const char *about,
                  const struct pd_command *table);

#endif
