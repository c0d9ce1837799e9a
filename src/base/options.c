#include "base/options.h"

#include <string.h>

/** One option as it was given; a flag has no value. */
struct given {
    const char *name;
    const char *value;
};

struct pd_args {
    struct given *given;
    size_t given_count;
    const char **operands;
    size_t operand_count;
};

enum { MAX_NAMES = 128, MAX_NAME_LENGTH = 64 };

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/** Edit distance in which swapping two neighbours counts as one step. Lengths <= MAX_NAME_LENGTH.
 */
static size_t edit_distance(pd_str a, pd_str b) {
    size_t rows[3][MAX_NAME_LENGTH + 1];
    for (size_t j = 0; j <= b.len; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a.len; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3], *two_above = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b.len; j++) {
            bool is_same = a.data[i - 1] == b.data[j - 1];
            row[j] = smaller(above[j - 1] + !is_same, smaller(above[j], row[j - 1]) + 1);
            if (i > 1 && j > 1 && a.data[i - 1] == b.data[j - 2] && a.data[i - 2] == b.data[j - 1])
                row[j] = smaller(row[j], two_above[j - 2] + 1);
        }
    }
    return rows[a.len % 3][b.len];
}

/** Takes `name`, the nth, for the nearest if it is nearer than what was found before. */
static void compare_name(pd_str given, pd_str name, size_t nth, size_t *nearest, size_t *found) {
    if (given.len == 0 || given.len > MAX_NAME_LENGTH || name.len > MAX_NAME_LENGTH)
        return;
    size_t distance = edit_distance(given, name);
    if (distance < *nearest && distance < name.len) {
        *nearest = distance;
        *found = nth;
    }
}

/** One slip in three letters is a slip; more is another word. */
static size_t too_far(pd_str given) {
    return (given.len + 2) / 3 + 1;
}

size_t pd_nearest(pd_str given, const pd_str *names, size_t count) {
    size_t nearest = too_far(given), found = PD_NPOS;
    for (size_t i = 0; i < count; i++)
        compare_name(given, names[i], i, &nearest, &found);
    return found;
}

const char *pd_nearest_name(const char *given, const char *const *names, size_t count) {
    pd_str wanted = pd_str_from(given);
    size_t nearest = too_far(wanted), found = PD_NPOS;
    for (size_t i = 0; i < count; i++)
        compare_name(wanted, pd_str_from(names[i]), i, &nearest, &found);
    return found == PD_NPOS ? NULL : names[found];
}

static const struct pd_option help_option = {.name = "help", .kind = PD_OPTION_FLAG};

static const struct pd_option *find_option(const struct pd_command *command, pd_str name) {
    for (const struct pd_option *o = command->options; o && o->name; o++)
        if (pd_str_is(name, o->name))
            return o;
    return pd_str_is(name, help_option.name) ? &help_option : NULL;
}

static const struct pd_option *find_letter(const struct pd_command *command, char letter) {
    for (const struct pd_option *o = command->options; o && o->name; o++)
        if (o->letter && o->letter == letter)
            return o;
    return NULL;
}

static enum pd_status unknown_option(const struct pd_command *command, pd_str name,
                                     struct pd_arena *arena, struct pd_error *err) {
    const char *names[MAX_NAMES] = {help_option.name};
    size_t count = 1;
    for (const struct pd_option *o = command->options; o && o->name && count < MAX_NAMES; o++)
        names[count++] = o->name;
    pd_str copy = pd_arena_str(arena, name);
    const char *nearest = pd_nearest_name(copy.data, names, count);
    if (nearest)
        return pd_fail(err, PD_USAGE, "unknown option \"--%.*s\"; did you mean \"--%s\"?",
                       pd_arg(name), nearest);
    return pd_fail(err, PD_USAGE, "unknown option \"--%.*s\"; --help lists the options",
                   pd_arg(name));
}

/** The parse in progress: what is left of argv, and what was gathered. */
struct parse {
    const struct pd_command *command;
    const char *const *argv;
    int argc, at;
    struct pd_arena *arena;
    struct pd_args *args;
};

static enum pd_status add_option(struct parse *p, const struct pd_option *option, const char *value,
                                 struct pd_error *err) {
    const char *metavar = option->metavar ? option->metavar : "VALUE";
    if (option->kind == PD_OPTION_FLAG && value)
        return pd_fail(err, PD_USAGE, "--%s takes no value, but \"%s\" was given", option->name,
                       value);
    if (option->kind != PD_OPTION_FLAG && !value) {
        bool has_next = p->at < p->argc && strncmp(p->argv[p->at], "--", 2) != 0;
        if (!has_next)
            return pd_fail(err, PD_USAGE, "--%s needs a value: --%s=%s", option->name, option->name,
                           metavar);
        value = p->argv[p->at++];
    }
    if (option->kind == PD_OPTION_VALUE && pd_args_has(p->args, option->name))
        return pd_fail(err, PD_USAGE, "--%s was given twice (\"%s\" and \"%s\"); give it once",
                       option->name, pd_args_get(p->args, option->name), value);
    p->args->given[p->args->given_count++] = (struct given){option->name, value};
    return PD_OK;
}

static enum pd_status parse_long(struct parse *p, const char *text, struct pd_error *err) {
    const char *equals = strchr(text, '=');
    pd_str name = equals ? (pd_str){text, (size_t)(equals - text)} : pd_str_from(text);
    const struct pd_option *option = find_option(p->command, name);
    if (!option)
        return unknown_option(p->command, name, p->arena, err);
    return add_option(p, option, equals ? equals + 1 : NULL, err);
}

static enum pd_status parse_short(struct parse *p, const char *text, struct pd_error *err) {
    const struct pd_option *option = find_letter(p->command, text[0]);
    if (option && text[1] == '\0')
        return add_option(p, option, NULL, err);
    if (option)
        return pd_fail(
            err, PD_USAGE,
            "\"-%s\" runs together; write short options apart, and a value after a space", text);
    if (find_option(p->command, pd_str_from(text)))
        return pd_fail(err, PD_USAGE, "unknown option \"-%s\"; did you mean \"--%s\"?", text, text);
    return pd_fail(err, PD_USAGE,
                   "unknown option \"-%s\"; --help lists the options, and after \"--\" an argument "
                   "may start with \"-\"",
                   text);
}

static enum pd_status parse_all(struct parse *p, struct pd_error *err) {
    bool options_ended = false;
    while (p->at < p->argc) {
        const char *text = p->argv[p->at++];
        enum pd_status st = PD_OK;
        if (options_ended || text[0] != '-' || text[1] == '\0')
            p->args->operands[p->args->operand_count++] = text;
        else if (strcmp(text, "--") == 0)
            options_ended = true;
        else if (text[1] == '-')
            st = parse_long(p, text + 2, err);
        else
            st = parse_short(p, text + 1, err);
        if (st != PD_OK)
            return st;
    }
    return PD_OK;
}

static enum pd_status check_complete(const struct pd_command *command, const struct pd_args *args,
                                     struct pd_error *err) {
    for (const struct pd_option *o = command->options; o && o->name; o++)
        if (o->required && !pd_args_has(args, o->name))
            return pd_fail(err, PD_USAGE, "--%s is missing: --%s%s%s", o->name, o->name,
                           o->metavar ? "=" : "", o->metavar ? o->metavar : "");
    const char *operands = command->operands ? command->operands : "";
    size_t count = args->operand_count;
    if (command->min_operands > 0 && count < (size_t)command->min_operands)
        return pd_fail(err, PD_USAGE, "\"%s\" needs %s, but %zu of at least %d arguments came",
                       command->name, operands, count, command->min_operands);
    if (command->max_operands == 0 && count > 0)
        return pd_fail(err, PD_USAGE, "\"%s\" takes no arguments, but \"%s\" was given",
                       command->name, args->operands[0]);
    if (command->max_operands > 0 && count > (size_t)command->max_operands)
        return pd_fail(err, PD_USAGE, "\"%s\" takes %s; \"%s\" is one too many", command->name,
                       operands, args->operands[command->max_operands]);
    return PD_OK;
}

enum pd_status pd_args_parse(const struct pd_command *command, int argc, const char *const *argv,
                             struct pd_arena *arena, const struct pd_args **out,
                             struct pd_error *err) {
    size_t count = argc > 0 ? (size_t)argc : 0;
    struct pd_args *args = pd_arena_alloc(arena, sizeof(*args));
    struct given *given = pd_arena_array(arena, count, sizeof(*given));
    const char **operands = pd_arena_array(arena, count, sizeof(*operands));
    if (!args || !given || !operands)
        return pd_fail_memory(err);
    *args = (struct pd_args){.given = given, .operands = operands};
    struct parse p = {command, argv, argc, 1, arena, args};
    enum pd_status st = parse_all(&p, err);
    if (st == PD_OK && !pd_args_has(args, help_option.name))
        st = check_complete(command, args, err);
    if (st == PD_OK)
        *out = args;
    return st;
}

const char *pd_args_nth(const struct pd_args *args, const char *option, size_t n) {
    for (size_t i = 0; i < args->given_count; i++)
        if (strcmp(args->given[i].name, option) == 0 && n-- == 0)
            return args->given[i].value;
    return NULL;
}

const char *pd_args_get(const struct pd_args *args, const char *option) {
    return pd_args_nth(args, option, 0);
}

size_t pd_args_count(const struct pd_args *args, const char *option) {
    size_t count = 0;
    for (size_t i = 0; i < args->given_count; i++)
        count += strcmp(args->given[i].name, option) == 0;
    return count;
}

bool pd_args_has(const struct pd_args *args, const char *option) {
    return pd_args_count(args, option) > 0;
}

size_t pd_args_operands(const struct pd_args *args) {
    return args->operand_count;
}

const char *pd_args_operand(const struct pd_args *args, size_t n) {
    return n < args->operand_count ? args->operands[n] : NULL;
}

/** How many words of argv the command's name takes up; 0 if argv does not start with it. */
static int match_name(const char *name, int argc, const char *const *argv) {
    pd_str rest = pd_str_from(name), word;
    int words = 0;
    while (pd_str_split(&rest, ' ', &word)) {
        if (words == argc || !pd_str_is(word, argv[words]))
            return 0;
        words++;
    }
    return words;
}

const struct pd_command *pd_command_find(const struct pd_command *table, int argc,
                                         const char *const *argv, int *words_used) {
    const struct pd_command *found = NULL;
    int longest = 0;
    for (const struct pd_command *c = table; c->name; c++) {
        int words = match_name(c->name, argc, argv);
        if (words > longest) {
            longest = words;
            found = c;
        }
    }
    if (found)
        *words_used = longest;
    return found;
}
