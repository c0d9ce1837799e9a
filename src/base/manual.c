#include <string.h>

#include "base/options.h"

/*
 * Help and the manual page, from the same tables that the parser reads. A description is running
 * text: lines are filled, an empty line ends a paragraph, and a line that starts with a space is an
 * example, kept as it is.
 */

enum { WIDTH = 80, WIDEST_LEFT = 26 };

static void spaces(struct pd_buf *out, size_t n) {
    while (n-- > 0)
        pd_buf_char(out, ' ');
}

/** Where running text stands: the next column, and the one at which new lines begin. */
struct flow {
    struct pd_buf *out;
    size_t indent;
    size_t column;
};

static void flow_word(struct flow *flow, pd_str word) {
    size_t width = pd_utf8_length(word);
    if (width == 0)
        return;
    if (flow->column > flow->indent && flow->column + 1 + width > WIDTH) {
        pd_buf_char(flow->out, '\n');
        flow->column = 0;
    }
    if (flow->column < flow->indent) {
        spaces(flow->out, flow->indent - flow->column);
        flow->column = flow->indent;
    } else if (flow->column > flow->indent) {
        pd_buf_char(flow->out, ' ');
        flow->column++;
    }
    pd_buf_str(flow->out, word);
    flow->column += width;
}

static void flow_text(struct flow *flow, const char *text) {
    pd_str rest = pd_str_from(text), word;
    while (pd_str_split(&rest, ' ', &word))
        flow_word(flow, word);
}

static void flow_end(struct flow *flow) {
    if (flow->column > 0)
        pd_buf_char(flow->out, '\n');
    flow->column = 0;
}

static void help_description(struct pd_buf *out, const char *description) {
    struct flow flow = {out, 0, 0};
    pd_str rest = pd_str_from(description), line, word;
    while (pd_str_split(&rest, '\n', &line)) {
        bool is_example = line.len > 0 && line.data[0] == ' ';
        if (line.len == 0 || is_example)
            flow_end(&flow);
        if (line.len == 0 && rest.len > 0)
            pd_buf_char(out, '\n');
        if (is_example) {
            pd_buf_str(out, line);
            pd_buf_char(out, '\n');
        }
        while (!is_example && pd_str_split(&line, ' ', &word))
            flow_word(&flow, word);
    }
    flow_end(&flow);
}

static bool has_text(const char *text) {
    return text && text[0] != '\0';
}

static const char *metavar_of(const struct pd_option *option) {
    return has_text(option->metavar) ? option->metavar : "VALUE";
}

/** "--data=DIR" */
static void add_option_form(struct pd_buf *out, const struct pd_option *option) {
    pd_buf_printf(out, "--%s", option->name);
    if (option->kind != PD_OPTION_FLAG)
        pd_buf_printf(out, "=%s", metavar_of(option));
}

/** "Usage: polder ledger verify --data=DIR [OPTION]... FILE" */
static void help_usage(struct pd_buf *out, const char *program, const struct pd_command *command) {
    pd_str label = PD_STR("Usage: ");
    struct flow flow = {out, label.len, label.len};
    struct pd_buf word;
    pd_buf_init(&word, 0);
    pd_buf_str(out, label);
    flow_text(&flow, program);
    flow_text(&flow, command->name);
    for (const struct pd_option *o = command->options; o && o->name; o++) {
        if (!o->required)
            continue;
        pd_buf_reset(&word);
        add_option_form(&word, o);
        flow_word(&flow, pd_buf_view(&word));
    }
    flow_text(&flow, "[OPTION]...");
    flow_text(&flow, command->operands);
    flow_end(&flow);
    out->failed |= word.failed;
    pd_buf_clear(&word);
}

static const struct pd_option help_option = {
    .name = "help", .kind = PD_OPTION_FLAG, .help = "Show this help and do nothing else."};

/** Walks a command's own options, then --help unless the command has its own; NULL at the end. */
static const struct pd_option *option_at(const struct pd_command *command, size_t n) {
    bool has_own_help = false;
    size_t count = 0;
    for (const struct pd_option *o = command->options; o && o->name; o++, count++)
        has_own_help |= strcmp(o->name, help_option.name) == 0;
    if (n < count)
        return &command->options[n];
    return n == count && !has_own_help ? &help_option : NULL;
}

static void option_left(struct pd_buf *out, const struct pd_option *option) {
    pd_buf_reset(out);
    if (option->letter)
        pd_buf_printf(out, "  -%c, ", option->letter);
    else
        pd_buf_text(out, "      ");
    add_option_form(out, option);
}

/** What the table says of an option besides its help. */
static const char *option_note(const struct pd_option *option) {
    if (option->kind == PD_OPTION_LIST)
        return option->required ? "Required; may be repeated." : "May be repeated.";
    return option->required ? "Required." : "";
}

/** A row of two columns; a left side that is too wide gets a line of its own. */
static void help_row(struct pd_buf *out, pd_str left, size_t left_width, const char *right,
                     const char *note) {
    struct flow flow = {out, left_width + 2, pd_utf8_length(left)};
    pd_buf_str(out, left);
    if (flow.column > left_width)
        flow_end(&flow);
    flow_text(&flow, right);
    flow_text(&flow, note);
    flow_end(&flow);
}

static size_t widen(size_t width, size_t left) {
    return left > width && left <= WIDEST_LEFT ? left : width;
}

static void help_options(struct pd_buf *out, const struct pd_command *command) {
    struct pd_buf left;
    pd_buf_init(&left, 0);
    size_t width = 0;
    const struct pd_option *o;
    for (size_t i = 0; (o = option_at(command, i)) != NULL; i++) {
        option_left(&left, o);
        width = widen(width, left.len);
    }
    pd_buf_text(out, "\nOptions:\n");
    for (size_t i = 0; (o = option_at(command, i)) != NULL; i++) {
        option_left(&left, o);
        help_row(out, pd_buf_view(&left), width, o->help, option_note(o));
    }
    out->failed |= left.failed;
    pd_buf_clear(&left);
}

void pd_help_write(struct pd_buf *out, const char *program, const struct pd_command *command) {
    help_usage(out, program, command);
    help_description(out, command->summary);
    if (has_text(command->description)) {
        pd_buf_char(out, '\n');
        help_description(out, command->description);
    }
    help_options(out, command);
}

void pd_help_overview(struct pd_buf *out, const char *program, const char *about,
                      const struct pd_command *table) {
    pd_buf_printf(out, "Usage: %s COMMAND [OPTION]... [ARGUMENT]...\n", program);
    help_description(out, about);
    pd_buf_text(out, "\nCommands:\n");
    size_t width = 0;
    for (const struct pd_command *c = table; c->name; c++)
        width = widen(width, strlen(c->name) + 2);
    struct pd_buf left;
    pd_buf_init(&left, 0);
    for (const struct pd_command *c = table; c->name; c++) {
        pd_buf_reset(&left);
        pd_buf_printf(&left, "  %s", c->name);
        help_row(out, pd_buf_view(&left), width, c->summary, "");
    }
    out->failed |= left.failed;
    pd_buf_clear(&left);
    pd_buf_printf(out, "\n\"%s COMMAND --help\" tells more about a command.\n", program);
}

/**
 * Text for roff. A "-" would become a typographic hyphen, which nobody can paste into a shell; a
 * line that starts with "." or "'" would be a request.
 */
static void man_text(struct pd_buf *out, pd_str text) {
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool starts_line = out->len == 0 || out->data[out->len - 1] == '\n';
        if (c == '-')
            pd_buf_text(out, "\\-");
        else if (c == '\\')
            pd_buf_text(out, "\\e");
        else if (c == '\'')
            pd_buf_text(out, "\\(aq");
        else if (c == '`')
            pd_buf_text(out, "\\(ga");
        else if (c == '^')
            pd_buf_text(out, "\\(ha");
        else if (c == '~')
            pd_buf_text(out, "\\(ti");
        else if (c == '.' && starts_line)
            pd_buf_text(out, "\\&.");
        else
            pd_buf_char(out, c);
    }
}

/** Text in a font: 'B' for what is typed as it stands, 'I' for what stands for something else. */
static void man_font(struct pd_buf *out, char font, const char *text) {
    pd_buf_printf(out, "\\f%c", font);
    man_text(out, pd_str_from(text));
    pd_buf_text(out, "\\fR");
}

static void man_line(struct pd_buf *out, const char *text) {
    man_text(out, pd_str_from(text));
    pd_buf_char(out, '\n');
}

static void man_description(struct pd_buf *out, const char *description) {
    pd_str rest = pd_str_from(description), line;
    bool in_example = false;
    while (pd_str_split(&rest, '\n', &line)) {
        bool is_example = line.len > 0 && line.data[0] == ' ';
        if (is_example != in_example)
            pd_buf_text(out, is_example ? ".PP\n.nf\n" : ".fi\n");
        in_example = is_example;
        if (line.len == 0 && rest.len > 0 && rest.data[0] != ' ')
            pd_buf_text(out, ".PP\n");
        if (line.len == 0)
            continue;
        man_text(out, line);
        pd_buf_char(out, '\n');
    }
    if (in_example)
        pd_buf_text(out, ".fi\n");
}

static void man_option(struct pd_buf *out, const struct pd_option *option) {
    pd_buf_text(out, ".TP\n");
    if (option->letter) {
        man_font(out, 'B', (const char[]){'-', option->letter, '\0'});
        pd_buf_text(out, ", ");
    }
    pd_buf_text(out, "\\fB\\-\\-");
    man_text(out, pd_str_from(option->name));
    pd_buf_text(out, "\\fR");
    if (option->kind != PD_OPTION_FLAG) {
        pd_buf_char(out, '=');
        man_font(out, 'I', metavar_of(option));
    }
    pd_buf_char(out, '\n');
    man_line(out, has_text(option->help) ? option->help : option->name);
    if (option_note(option)[0] != '\0')
        man_line(out, option_note(option));
}

static void man_command(struct pd_buf *out, const char *program, const struct pd_command *command) {
    pd_buf_text(out, ".SS ");
    man_line(out, command->name);
    man_font(out, 'B', program);
    pd_buf_char(out, ' ');
    man_font(out, 'B', command->name);
    pd_buf_text(out, " [\\fIOPTION\\fR]...");
    if (has_text(command->operands)) {
        pd_buf_char(out, ' ');
        man_font(out, 'I', command->operands);
    }
    pd_buf_text(out, "\n.PP\n");
    man_line(out, command->summary);
    if (has_text(command->description)) {
        pd_buf_text(out, ".PP\n");
        man_description(out, command->description);
    }
    for (const struct pd_option *o = command->options; o && o->name; o++)
        man_option(out, o);
}

/** Exit codes ascending; several statuses may share one. */
static void man_exit_status(struct pd_buf *out) {
    pd_buf_text(out, ".SH EXIT STATUS\n");
    for (int code = 0; code < 256; code++) {
        int found = 0;
        for (int status = 0; status < PD_STATUS_COUNT; status++) {
            const struct pd_outcome *outcome = pd_outcome_get((enum pd_status)status);
            if (outcome->exit_code != code)
                continue;
            if (found++ == 0)
                pd_buf_printf(out, ".TP\n\\fB%d\\fR\n", code);
            else
                pd_buf_text(out, "; or ");
            man_text(out, pd_str_from(outcome->means));
        }
        if (found > 0)
            pd_buf_char(out, '\n');
    }
}

void pd_man_write(struct pd_buf *out, const char *program, const char *about,
                  const struct pd_command *table) {
    pd_str rest = pd_str_from(about), first;
    if (!pd_str_split(&rest, '\n', &first))
        first = pd_str_from(program);
    if (pd_str_ends(first, PD_STR(".")))
        first.len--;
    pd_buf_text(out, ".TH ");
    for (const char *c = program; *c; c++)
        man_text(out, (pd_str){(const char[]){*c >= 'a' && *c <= 'z' ? (char)(*c - 32) : *c}, 1});
    pd_buf_text(out, " 1\n.SH NAME\n");
    man_text(out, pd_str_from(program));
    pd_buf_text(out, " \\- ");
    man_text(out, first);
    pd_buf_text(out, "\n.SH SYNOPSIS\n");
    man_font(out, 'B', program);
    pd_buf_text(out, " \\fICOMMAND\\fR [\\fIOPTION\\fR]... [\\fIARGUMENT\\fR]...\n.br\n");
    man_font(out, 'B', program);
    pd_buf_text(out, " \\fICOMMAND\\fR \\fB\\-\\-help\\fR\n.SH DESCRIPTION\n");
    man_description(out, about);
    pd_buf_text(out, ".SH COMMANDS\n");
    for (const struct pd_command *c = table; c->name; c++)
        man_command(out, program, c);
    man_exit_status(out);
}
