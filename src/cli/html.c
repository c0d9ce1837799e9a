/* A reading as one page of HTML that needs nothing else: no script, no font, no address. Of each
   column first a sentence, then the numbers as a table, then the picture (inline SVG, described).
 */
#include "cli/cli.h"

#include <string.h>

/* ---- Text that may be hostile ---- */

/* As character data or in a quoted attribute. Control characters, and marks that turn the direction
   of writing, become a sign that something was there. */
static void text(struct pd_buf *out, pd_str s) {
    for (size_t at = 0; at < s.len;) {
        uint32_t c;
        size_t n = pd_utf8_decode(s, at, &c);
        bool steers = (c < 0x20 && c != '\n' && c != '\t') || (c >= 0x7f && c < 0xa0) ||
                      (c >= 0x202a && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069);
        switch (c) {
        case '&':
            pd_buf_text(out, "&amp;");
            break;
        case '<':
            pd_buf_text(out, "&lt;");
            break;
        case '>':
            pd_buf_text(out, "&gt;");
            break;
        case '"':
            pd_buf_text(out, "&quot;");
            break;
        case '\'':
            pd_buf_text(out, "&#39;");
            break;
        default:
            if (steers)
                pd_buf_text(out, "\xef\xbf\xbd");
            else
                pd_buf_add(out, s.data + at, n);
        }
        at += n;
    }
}

static void element(struct pd_buf *out, const char *open, pd_str s, const char *close) {
    pd_buf_text(out, open);
    text(out, s);
    pd_buf_text(out, close);
}

static void number_cell(const struct cli_report *r, const char *label, uint64_t n) {
    pd_buf_printf(r->out, "<tr><th scope=\"row\">%s</th><td class=\"n\">%.*s</td></tr>\n", label,
                  pd_arg(cli_number(r->arena, n)));
}

static void text_cell(const struct cli_report *r, const char *label, pd_str s) {
    pd_buf_printf(r->out, "<tr><th scope=\"row\">%s</th><td class=\"n\">", label);
    element(r->out, "<bdi>", s, "</bdi></td></tr>\n");
}

/* ---- The page ---- */

static const char HEAD[] =
    "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src "
    "'unsafe-inline'\">\n"
    "<meta name=\"color-scheme\" content=\"light dark\">\n<style>\n"
    ":root{--ink:#1a1d21;--soft:#50575f;--line:#c6ccd2;--paper:#fff;--accent:#1d5f8a}\n"
    "@media(prefers-color-scheme:dark){:root{--ink:#eceff2;--soft:#b3bac2;--line:#454c54;"
    "--paper:#16191d;--accent:#7ab8df}}\n"
    "body{font:1.0625rem/1.55 system-ui,\"Noto Sans\",\"Noto Sans CJK "
    "SC\",sans-serif;color:var(--ink);"
    "background:var(--paper);max-width:58rem;margin:0 auto;padding:1.5rem}\n"
    "h1{font-size:1.9rem;line-height:1.2;overflow-wrap:anywhere}h2{font-size:1.4rem;margin-top:2."
    "5rem}"
    "h3{font-size:1.15rem;margin:2rem 0 .3rem;overflow-wrap:anywhere}\n"
    "table{border-collapse:collapse;margin:.8rem 0}caption{text-align:left;color:var(--soft);"
    "padding:.2rem 0;white-space:nowrap}\nth,td{text-align:left;vertical-align:top;padding:.3rem "
    "1rem .3rem 0;"
    "border-bottom:1px solid var(--line);overflow-wrap:anywhere}\n"
    ".n{text-align:right;font-variant-numeric:tabular-nums;padding-right:1rem}.wide{overflow-x:"
    "auto}\n"
    "svg{display:block;width:100%;max-width:40rem;height:auto}rect{fill:var(--accent)}"
    "line{stroke:var(--line)}\n"
    "a{color:var(--accent)}a:focus-visible{outline:3px solid var(--accent)}\n"
    "@media print{body{max-width:none}h3{break-after:avoid}}\n</style>\n";

/* A bar for each bin. Its numbers stand in the table before it. */
static void picture(const struct cli_report *r, const struct inspect_column *c) {
    enum { WIDTH = 640, HEIGHT = 120 };
    uint64_t most = 1;
    size_t highest = 0;
    for (size_t i = 0; i < c->bin_count; i++)
        if (c->bins[i].count > most) {
            most = c->bins[i].count;
            highest = i;
        }
    double step = (double)WIDTH / (double)c->bin_count;
    pd_buf_printf(r->out,
                  "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%zu bars; the highest, ",
                  WIDTH, HEIGHT + 2, c->bin_count);
    text(r->out, c->bins[highest].from);
    pd_buf_text(r->out, " to ");
    text(r->out, c->bins[highest].to);
    pd_buf_printf(r->out, ", holds %.*s rows\">\n", pd_arg(cli_number(r->arena, most)));
    for (size_t i = 0; i < c->bin_count; i++) {
        double height = (double)c->bins[i].count / (double)most * HEIGHT;
        if (c->bins[i].count > 0 && height < 1.5)
            height = 1.5;
        pd_buf_printf(r->out, "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                      (double)i * step + 1, HEIGHT - height, step - 2, height);
    }
    pd_buf_printf(r->out, "<line x1=\"0\" y1=\"%d\" x2=\"%d\" y2=\"%d\"/>\n</svg>\n", HEIGHT + 1,
                  WIDTH, HEIGHT + 1);
}

static void histogram(const struct cli_report *r, const struct inspect_column *c) {
    if (c->bin_count == 0)
        return;
    bool is_time = c->bin_unit[0] != '\0';
    pd_buf_text(r->out, "<div class=\"wide\"><table><caption>How the values lie (exact counts)"
                        "</caption>\n<thead><tr><th scope=\"col\">From</th><th scope=\"col\">");
    pd_buf_text(r->out, is_time ? "To and including" : "Below");
    pd_buf_text(r->out, "</th><th scope=\"col\" class=\"n\">Rows</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < c->bin_count; i++) {
        element(r->out, "<tr><td>", c->bins[i].from, "</td><td>");
        text(r->out, c->bins[i].to);
        pd_buf_printf(r->out, "</td><td class=\"n\">%.*s</td></tr>\n",
                      pd_arg(cli_number(r->arena, c->bins[i].count)));
    }
    pd_buf_text(r->out, "</tbody></table></div>\n");
    picture(r, c);
}

/* ---- One column ---- */

static bool may_show(const struct inspect_column *c, bool with_values) {
    bool is_harmless = c->role == INSPECT_OTHER && c->type != INSPECT_TEXT;
    return c->type != INSPECT_EMPTY && (with_values || is_harmless);
}

static const char *role_says(enum inspect_role role) {
    static const char *const says[INSPECT_ROLE_COUNT] = {
        [INSPECT_OTHER] = "holds nothing that was recognised as being about persons",
        [INSPECT_DIRECT] = "names or reaches a person",
        [INSPECT_QUASI] = "narrows down who a person is, together with others",
        [INSPECT_SENSITIVE] = "says of a person what is specially protected",
    };
    return says[role];
}

static void sentence(const struct cli_report *r, const struct inspection *in,
                     const struct inspect_column *c) {
    const char *about = c->distinct.is_exact ? "" : "about ";
    pd_buf_printf(r->out, "<p>A column of type %s with %s%.*s distinct value%s", //
                  inspect_type_name(c->type), about,
                  pd_arg(cli_number(r->arena, c->distinct.value)),
                  c->distinct.value == 1 ? "" : "s");
    if (c->nulls > 0)
        pd_buf_printf(r->out, ", empty in %.*s of %.*s rows",
                      pd_arg(cli_number(r->arena, c->nulls)),
                      pd_arg(cli_number(r->arena, in->rows)));
    pd_buf_printf(r->out, "; it %s", role_says(c->role));
    if (c->role != INSPECT_OTHER)
        pd_buf_printf(r->out, " (confidence: %s)", inspect_confidence_name(c->confidence));
    if (c->evidence.len > 0)
        element(r->out, ": ", c->evidence, "");
    pd_buf_text(r->out, ".");
    if (c->mixes.len > 0)
        element(r->out, " Its cells are of different types: ", c->mixes, ".");
    if (c->key == INSPECT_KEY)
        pd_buf_text(r->out, " It could be a key: no cell is empty, no value occurs twice.");
    if (c->rhythm[0]) {
        pd_buf_printf(r->out, " Its days are %s", c->rhythm);
        if (c->missing_periods > 0) {
            pd_buf_printf(r->out, ", with %.*s missing; the longest gap lies between ",
                          pd_arg(cli_number(r->arena, c->missing_periods)));
            element(r->out, "", c->gap_from, " and ");
            text(r->out, c->gap_to);
        }
        pd_buf_text(r->out, ".");
    }
    pd_buf_text(r->out, "</p>\n");
}

static void numbers(const struct cli_report *r, const struct inspect_column *c, bool with_values) {
    static const char *const shares[INSPECT_QUANTILES] = {"5 %", "25 %", "Median", "75 %", "95 %"};
    pd_buf_text(r->out, "<div class=\"wide\"><table><caption>Figures</caption>\n<tbody>\n");
    number_cell(r, "Empty", c->nulls);
    number_cell(r, c->distinct.is_exact ? "Distinct values" : "Distinct values (± 2.4 %)",
                c->distinct.value);
    pd_str shapes = PD_STR("");
    for (size_t i = 0; i < c->pattern_count; i++)
        shapes = pd_arena_printf(r->arena, "%.*s%s%.*s", pd_arg(shapes), i ? "  " : "",
                                 pd_arg(c->patterns[i].text));
    if (c->pattern_count > 0)
        text_cell(r, "Most frequent shapes", shapes);
    if (c->language[0])
        text_cell(r, "Language", pd_str_from(c->language));
    if (may_show(c, with_values)) {
        text_cell(r, "Least", c->min);
        for (size_t q = 0; q < c->quantile_count; q++)
            text_cell(r, shares[q], c->quantiles[q].text);
        text_cell(r, "Greatest", c->max);
        if (c->has_mean) {
            text_cell(r, "Mean", pd_arena_printf(r->arena, "%.6g", c->mean));
            text_cell(r, c->sum_is_exact ? "Sum (exact)" : "Sum (rounded)", c->sum);
        }
        if (c->quantile_count > 0 && !c->quantiles_exact)
            text_cell(r, "Ranks of quantiles are off by at most",
                      cli_percent(r->arena, c->quantile_bound));
    }
    pd_buf_text(r->out, "</tbody></table></div>\n");
}

static void column(const struct cli_report *r, const struct govern_reading *g, size_t i,
                   bool with_values) {
    const struct inspect_column *c = &g->inspection->columns[i];
    pd_buf_printf(r->out, "<section>\n<h3 id=\"c%zu\"><bdi>", i + 1);
    element(r->out, "", g->names[i], "</bdi></h3>\n");
    sentence(r, g->inspection, c);
    numbers(r, c, with_values);
    if (may_show(c, with_values))
        histogram(r, c);
    pd_buf_text(r->out, "</section>\n");
}

static void overview(const struct cli_report *r, const struct govern_reading *g) {
    const struct inspection *in = g->inspection;
    pd_buf_text(
        r->out,
        "<div class=\"wide\"><table><caption>All columns</caption>\n<thead><tr><th "
        "scope=\"col\">Column</th><th scope=\"col\">Type</th><th scope=\"col\" class=\"n\">"
        "Empty</th><th scope=\"col\" class=\"n\">Distinct</th><th scope=\"col\">Role</th><th "
        "scope=\"col\">What</th></tr></thead>\n<tbody>\n");
    for (size_t i = 0; i < in->column_count; i++) {
        const struct inspect_column *c = &in->columns[i];
        pd_buf_printf(r->out, "<tr><th scope=\"row\"><a href=\"#c%zu\"><bdi>", i + 1);
        element(r->out, "", g->names[i].len > 0 ? g->names[i] : PD_STR("(no name)"),
                "</bdi></a></th>");
        pd_buf_printf(r->out,
                      "<td>%s</td><td class=\"n\">%.*s</td><td class=\"n\">%s%.*s</td><td>%s</td>"
                      "<td>%s</td></tr>\n",
                      inspect_type_name(c->type), pd_arg(cli_number(r->arena, c->nulls)),
                      c->distinct.is_exact ? "" : "~",
                      pd_arg(cli_number(r->arena, c->distinct.value)), inspect_role_name(c->role),
                      c->category);
    }
    pd_buf_text(r->out, "</tbody></table></div>\n");
}

/* ---- How rows and columns go together ---- */

struct deep_page {
    struct pd_buf *out;
    bool in_list;
};

static void end_list(struct deep_page *page) {
    if (page->in_list)
        pd_buf_text(page->out, "</ul>\n");
    page->in_list = false;
}

static void deep_section(void *context, const char *title) {
    struct deep_page *page = context;
    end_list(page);
    element(page->out, "<h3>", pd_str_from(title), "</h3>\n<ul>\n");
    page->in_list = true;
}

static void deep_line(void *context, pd_str line) {
    struct deep_page *page = context;
    element(page->out, page->in_list ? "<li><bdi>" : "<p><bdi>", line,
            page->in_list ? "</bdi></li>\n" : "</bdi></p>\n");
}

static void deep(const struct cli_report *r, const struct govern_reading *g) {
    struct deep_page page = {r->out, false};
    struct cli_deep_output to = {&page, deep_section, deep_line};
    pd_buf_text(r->out, "<h2>Rows and columns together</h2>\n");
    cli_deep_tell(g, r->arena, &to);
    end_list(&page);
}

void cli_html_reading(const struct cli_report *r, const struct govern_reading *g, pd_str name,
                      bool with_values) {
    const struct inspection *in = g->inspection;
    char hex[2 * CRYPTO_HASH_SIZE + 1];
    pd_hex_encode(g->content.bytes, sizeof(g->content.bytes), hex);
    pd_buf_text(r->out, HEAD);
    element(r->out, "<title>What is in ", name, "</title>\n</head>\n<body>\n<main>\n");
    element(r->out, "<h1>What is in <bdi>", name, "</bdi></h1>\n");
    pd_buf_printf(r->out, "<p>%.*s rows and %zu columns were read.",
                  pd_arg(cli_number(r->arena, in->rows)), in->column_count);
    if (in->set_aside > 0)
        pd_buf_printf(r->out, " %.*s rows were set aside: they have another number of fields.",
                      pd_arg(cli_number(r->arena, in->set_aside)));
    size_t about = in->facts.direct_columns + in->facts.quasi_columns + in->facts.sensitive_columns;
    pd_buf_printf(r->out,
                  about == 0 ? " Nothing about persons was recognised."
                             : " %zu of the columns say something about persons.",
                  about);
    if (in->distinct_rows.is_exact && in->distinct_rows.value < in->rows)
        pd_buf_printf(r->out, " %.*s rows are equal to an earlier one.",
                      pd_arg(cli_number(r->arena, in->rows - in->distinct_rows.value)));
    pd_buf_printf(r->out,
                  "</p>\n<p>Proposed grade, for a person to decide: <strong>%s</strong> (%s): ",
                  inspect_level_name(in->grade.level), in->grade.standard);
    element(r->out, "", in->grade.reason, ".</p>\n");
    if (g->has_risk)
        pd_buf_printf(r->out,
                      "<p>As it is, the smallest group of rows that are equal in all columns that "
                      "narrow down a person has %.*s row%s, and %.*s of the rows are unique.</p>\n",
                      pd_arg(cli_number(r->arena, g->risk.smallest)),
                      g->risk.smallest == 1 ? "" : "s",
                      pd_arg(cli_percent(r->arena, g->risk.unique_share)));
    pd_buf_text(r->out, "<h2>Columns</h2>\n");
    overview(r, g);
    for (size_t i = 0; i < in->column_count; i++)
        column(r, g, i, with_values);
    if (g->relations)
        deep(r, g);
    pd_buf_text(r->out, "<h2>The file</h2>\n<p>");
    text(r->out, pd_str_from(g->dialect.evidence));
    if (!g->merged)
        pd_buf_printf(r->out, ". SHA-256: <code style=\"overflow-wrap:anywhere\">%s</code>", hex);
    pd_buf_text(r->out, g->merged ? ".</p>\n" : "</p>\n");
    pd_buf_text(r->out, "</main>\n</body>\n</html>\n");
}
