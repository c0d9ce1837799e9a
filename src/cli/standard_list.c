/* polder standard list: the standards that come with the program. */
#include "cli/cli.h"

struct row {
    pd_str name, text;
    const struct standard *standard;
};

static void tell(const struct row *rows, size_t count, const struct cli_report *r) {
    static const struct cli_column columns[] = {
        {"name", false, 0}, {"fields", true, 0}, {"title", false, 0}, {"", false, 0}};
    pd_str *cells = pd_arena_array(r->arena, count * 4 + 1, sizeof(*cells));
    if (!cells)
        return;
    for (size_t i = 0; i < count; i++) {
        cells[4 * i] = rows[i].name;
        cells[4 * i + 1] = cli_number(r->arena, standard_fields(rows[i].standard));
        cells[4 * i + 2] = standard_title(rows[i].standard, "en");
        cells[4 * i + 3] = standard_title(rows[i].standard, "zh");
    }
    cli_table(r->out, 0, columns, 4, cells, count);
    pd_buf_char(r->out, '\n');
    cli_say(r->out, 0, 0,
            "They can be named wherever a standard is asked for; polder standard list NAME prints "
            "one of them.");
}

static void write_list(const struct row *rows, size_t count, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_key(&w, "standards");
    pd_json_array(&w);
    for (size_t i = 0; i < count; i++) {
        crypto_hash hash = crypto_sha256(rows[i].text.data, rows[i].text.len);
        pd_json_object(&w);
        pd_json_member_str(&w, "name", rows[i].name);
        pd_json_key(&w, "titles");
        pd_json_object(&w);
        pd_json_member_str(&w, "en", standard_title(rows[i].standard, "en"));
        pd_json_member_str(&w, "zh", standard_title(rows[i].standard, "zh"));
        pd_json_object_end(&w);
        pd_json_member_i64(&w, "fields", (int64_t)standard_fields(rows[i].standard));
        pd_json_key(&w, "sha256");
        pd_json_hex(&w, hash.bytes, sizeof(hash.bytes));
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

int cli_standard_list(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    struct row rows[64];
    size_t count = 0;
    struct pd_buf out;
    enum pd_status st = PD_OK;
    pd_buf_init(&out, 0);
    if (pd_args_operands(args) == 1) {
        pd_str text;
        st = cli_standard_text(cli, pd_args_operand(args, 0), &text, &err);
        if (st != PD_OK)
            return cli_fail(&err);
        pd_buf_str(&out, text);
        return cli_print(&out);
    }
    while (st == PD_OK && count < 64 &&
           govern_standard_bundled(count, &rows[count].name, &rows[count].text)) {
        st = standard_parse(rows[count].text, cli->arena, &rows[count].standard, &err);
        count++;
    }
    if (st != PD_OK)
        return cli_fail(&err);
    struct cli_report r = {&out, cli->arena, NULL, NULL};
    if (pd_args_has(args, "json"))
        write_list(rows, count, &out);
    else
        tell(rows, count, &r);
    return cli_print(&out);
}
