/**
 * Part of base_test.c: command lines, help and the manual page.
 */
#ifndef POLDER_TESTS_BASE_OPTIONS_CASES_H
#define POLDER_TESTS_BASE_OPTIONS_CASES_H

#include <string.h>

#include "base_test_impl.h"

static const struct pd_option options[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The folder with the data."},
    {"json", 0, PD_OPTION_FLAG, false, NULL, "Write JSON."},
    {"column", 'c', PD_OPTION_LIST, false, "NAME=ROLE",
     "What a column is. A help text that is long enough to need a second line at eighty columns."},
    {0}};
static const struct pd_command commands[] = {
    {"ledger", "", 0, 0, "About the ledger.", NULL, NULL, NULL},
    {"ledger verify", "FILE [PROOF]", 1, 2, "Check a file's proof.",
     "Reads the file.\nWrites nothing.\n\n  polder ledger verify --data=. a.csv\n\n.dot 'quote' "
     "back\\slash",
     options, NULL},
    {0}};

/** Parses words separated by single spaces; the result as one line. */
static enum pd_status parse_line(const char *line, char out[256], struct pd_error *err) {
    struct pd_arena *arena = pd_arena_new(1 << 16);
    const char *argv[32] = {"verify"};
    int argc = 1;
    pd_str rest = pd_str_from(line[0] ? line : NULL), word;
    while (pd_str_split(&rest, ' ', &word))
        argv[argc++] = pd_arena_str(arena, word).data;
    const struct pd_args *args = NULL;
    enum pd_status st = pd_args_parse(&commands[1], argc, argv, arena, &args, err);
    struct pd_buf buf;
    pd_buf_init(&buf, 255);
    if (st == PD_OK) {
        const char *data = pd_args_get(args, "data");
        pd_buf_printf(&buf, "data=%s json=%d help=%d", data ? data : "(none)",
                      pd_args_has(args, "json"), pd_args_has(args, "help"));
        for (size_t i = 0; i < pd_args_count(args, "column"); i++)
            pd_buf_printf(&buf, " column=%s", pd_args_nth(args, "column", i));
        for (size_t i = 0; i < pd_args_operands(args); i++)
            pd_buf_printf(&buf, " [%s]", pd_args_operand(args, i));
        assert_null(pd_args_operand(args, pd_args_operands(args)));
        assert_null(pd_args_nth(args, "column", pd_args_count(args, "column")));
    } else {
        assert_null(args);
    }
    pd_buf_text(&buf, "");
    memcpy(out, buf.data ? buf.data : "", buf.len + 1);
    pd_buf_clear(&buf);
    pd_arena_free(arena);
    return st;
}

static void a_command_line_is_read_in_every_documented_form(void **state) {
    (void)state;
    static const struct {
        const char *line, *result;
    } cases[] = {
        {"--data=x f", "data=x json=0 help=0 [f]"},
        {"f --data x --json", "data=x json=1 help=0 [f]"},
        {"-d x -c a=1 f --column=b=2 --column c", "data=x json=0 help=0 column=a=1 column=b=2 "
                                                  "column=c [f]"},
        {"--data= f --json --json", "data= json=1 help=0 [f]"},
        {"--data -5 -", "data=-5 json=0 help=0 [-]"},
        {"--data=x -- --json -d", "data=x json=0 help=0 [--json] [-d]"},
        {"--help", "data=(none) json=0 help=1"},
        {"a b c --help", "data=(none) json=0 help=1 [a] [b] [c]"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char result[256];
        struct pd_error err = {0};
        if (parse_line(cases[i].line, result, &err) != PD_OK)
            fail_msg("%s: %s", cases[i].line, err.text);
        assert_string_equal(result, cases[i].result);
    }
}

static void a_wrong_command_line_is_explained(void **state) {
    (void)state;
    static const struct {
        const char *line, *text;
    } cases[] = {
        {"--data=x --jsn f", "unknown option \"--jsn\"; did you mean \"--json\"?"},
        {"--dta=x f", "unknown option \"--dta\"; did you mean \"--data\"?"},
        {"--hlep", "unknown option \"--hlep\"; did you mean \"--help\"?"},
        {"--colunm=x f", "unknown option \"--colunm\"; did you mean \"--column\"?"},
        {"--threads=x f", "unknown option \"--threads\"; --help lists the options"},
        {"--js f --data=x", "unknown option \"--js\"; --help lists the options"},
        {"-json f", "unknown option \"-json\"; did you mean \"--json\"?"},
        {"-x f",
         "unknown option \"-x\"; --help lists the options, and after \"--\" an argument may "
         "start with \"-\""},
        {"-dx f", "\"-dx\" runs together; write short options apart, and a value after a space"},
        {"--json=yes --data=x f", "--json takes no value, but \"yes\" was given"},
        {"f --data", "--data needs a value: --data=DIR"},
        {"--data --json f", "--data needs a value: --data=DIR"},
        {"--data=x -d y f", "--data was given twice (\"x\" and \"y\"); give it once"},
        {"f", "--data is missing: --data=DIR"},
        {"--data=x", "\"ledger verify\" needs FILE [PROOF], but 0 of at least 1 arguments came"},
        {"--data=x a b c", "\"ledger verify\" takes FILE [PROOF]; \"c\" is one too many"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char result[256];
        struct pd_error err = {0};
        assert_int_equal(parse_line(cases[i].line, result, &err), PD_USAGE);
        assert_string_equal(err.text, cases[i].text);
    }
    struct pd_arena *arena = pd_arena_new(1 << 16), *tiny = pd_arena_new(16);
    const struct pd_args *args = NULL;
    struct pd_error err = {0};
    const char *const argv[] = {"ledger", "x"};
    assert_int_equal(pd_args_parse(&commands[0], 2, argv, arena, &args, &err), PD_USAGE);
    assert_string_equal(err.text, "\"ledger\" takes no arguments, but \"x\" was given");
    assert_int_equal(pd_args_parse(&commands[0], 1, argv, tiny, &args, &err), PD_LIMIT);
    assert_int_equal(pd_args_parse(&commands[0], 0, NULL, arena, &args, &err), PD_OK);
    pd_arena_free(arena);
    pd_arena_free(tiny);
}

static void the_longest_command_name_wins(void **state) {
    (void)state;
    static const char *const argv[] = {"ledger", "verify", "ledger"};
    int words = 0;
    assert_ptr_equal(pd_command_find(commands, 3, argv, &words), &commands[1]);
    assert_int_equal(words, 2);
    assert_ptr_equal(pd_command_find(commands, 1, argv, &words), &commands[0]);
    assert_int_equal(words, 1);
    assert_null(pd_command_find(commands, 2, argv + 1, &words));
    assert_null(pd_command_find(commands, 0, argv, &words));
}

static void the_nearest_name_is_near(void **state) {
    (void)state;
    static const char *const names[] = {"inspect", "detect", "protect", "serve"};
    static const struct {
        const char *given, *nearest;
    } cases[] = {{"inspct", "inspect"},
                 {"dectet", "detect"},
                 {"prtoect", "protect"},
                 {"sreve", "serve"},
                 {"vote", NULL},
                 {"", NULL},
                 {"x", NULL}};
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *nearest = pd_nearest_name(cases[i].given, names, COUNT(names));
        if (cases[i].nearest)
            assert_string_equal(nearest, cases[i].nearest);
        else
            assert_null(nearest);
    }
    char longest[200] = {0};
    memset(longest, 's', sizeof(longest) - 1);
    assert_null(pd_nearest_name(longest, names, COUNT(names)));
}

static void help_fits_eighty_columns(void **state) {
    (void)state;
    struct pd_buf out = {0};
    pd_help_write(&out, "polder", &commands[1]);
    assert_str(pd_buf_view(&out),
               "Usage: polder ledger verify --data=DIR [OPTION]... FILE [PROOF]\n"
               "Check a file's proof.\n"
               "\n"
               "Reads the file. Writes nothing.\n"
               "\n"
               "  polder ledger verify --data=. a.csv\n"
               "\n"
               ".dot 'quote' back\\slash\n"
               "\n"
               "Options:\n"
               "  -d, --data=DIR          The folder with the data. Required.\n"
               "      --json              Write JSON.\n"
               "  -c, --column=NAME=ROLE  What a column is. A help text that is long enough to\n"
               "                          need a second line at eighty columns. May be repeated.\n"
               "      --help              Show this help and do nothing else.\n");
    pd_buf_reset(&out);
    pd_help_overview(&out, "polder", "Data governed together.", commands);
    assert_str(pd_buf_view(&out), "Usage: polder COMMAND [OPTION]... [ARGUMENT]...\n"
                                  "Data governed together.\n"
                                  "\n"
                                  "Commands:\n"
                                  "  ledger         About the ledger.\n"
                                  "  ledger verify  Check a file's proof.\n"
                                  "\n"
                                  "\"polder COMMAND --help\" tells more about a command.\n");
    pd_buf_clear(&out);
}

static void the_manual_page_escapes_what_roff_would_take(void **state) {
    (void)state;
    struct pd_buf out = {0};
    pd_man_write(&out, "polder", "Data governed together.", commands);
    static const char *const parts[] = {
        ".TH POLDER 1\n.SH NAME\npolder \\- Data governed together\n.SH SYNOPSIS\n",
        ".SS ledger verify\n\\fBpolder\\fR \\fBledger verify\\fR [\\fIOPTION\\fR]... \\fIFILE "
        "[PROOF]\\fR\n",
        "Reads the file.\nWrites nothing.\n",
        ".nf\n  polder ledger verify \\-\\-data=. a.csv\n.fi\n",
        "\n\\&.dot \\(aqquote\\(aq back\\eslash\n",
        ".TP\n\\fB\\-c\\fR, \\fB\\-\\-column\\fR=\\fINAME=ROLE\\fR\nWhat a column is.",
        ".SH EXIT STATUS\n.TP\n\\fB0\\fR\ndone\n.TP\n\\fB64\\fR\n",
        "\\fB75\\fR\na fact or a human judgement is missing; or somebody else was first; try "
        "again\n",
    };
    for (size_t i = 0; i < COUNT(parts); i++)
        if (!strstr(out.data, parts[i]))
            fail_msg("missing: %s\nin: %s", parts[i], out.data);
    pd_buf_clear(&out);
}

#endif
