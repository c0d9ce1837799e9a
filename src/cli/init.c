/* polder init: makes a node, and says what to do with what was made. */
#include "cli/cli.h"

/* What kind of party usually sits in a chamber. */
static const struct {
    const char *chamber, *kind;
} usual_kinds[] = {
    {"government", "state_organ"},
    {"enterprise", "company"},
    {"industry", "association"},
    {"public", "group"},
};

static pd_str usual_kind(pd_str chamber) {
    for (size_t i = 0; i < sizeof(usual_kinds) / sizeof(usual_kinds[0]); i++)
        if (pd_str_is(chamber, usual_kinds[i].chamber))
            return pd_str_from(usual_kinds[i].kind);
    return PD_STR("state_organ"); /* the chamber is refused by govern_init, which says why */
}

pd_str cli_usual_country(pd_str packs, struct pd_arena *arena) {
    pd_str first;
    if (!pd_str_split(&packs, ',', &first))
        return (pd_str){0};
    first = pd_str_trim(first);
    if (first.len != 2 || pd_str_is(first, "eu"))
        return (pd_str){0};
    char upper[2];
    for (size_t i = 0; i < 2; i++) {
        char c = first.data[i];
        if (c < 'a' || c > 'z')
            return (pd_str){0};
        upper[i] = (char)(c - 'a' + 'A');
    }
    return pd_arena_str(arena, (pd_str){upper, 2});
}

/* ID[:CHAMBER[:KIND[:COUNTRY]]] */
static enum pd_status parse_party(const char *text, pd_str country, struct govern_party *out,
                                  struct pd_error *err) {
    pd_str rest = pd_str_from(text), piece[4] = {{0}}, extra;
    size_t n = 0;
    while (n < 4 && pd_str_split(&rest, ':', &piece[n]))
        n++;
    if (n == 4 && pd_str_split(&rest, ':', &extra))
        return pd_fail(err, PD_USAGE, "--party=\"%s\" has more than ID:CHAMBER:KIND:COUNTRY", text);
    out->id = piece[0];
    out->chamber = piece[1].len ? piece[1] : PD_STR("government");
    out->kind = piece[2].len ? piece[2] : usual_kind(out->chamber);
    out->country = piece[3].len ? piece[3] : country;
    if (!out->country.len)
        return pd_fail(err, PD_USAGE,
                       "the law packs name no country, so --party must: --party=%.*s:%.*s:%.*s:NL",
                       pd_arg(out->id), pd_arg(out->chamber), pd_arg(out->kind));
    return PD_OK;
}

static const pd_str default_duties[] = {PD_STR_INIT("steward")};

/* PARTY/NAME[:DUTY[,DUTY]]; PARTY/ may be left out when there is one party. */
static enum pd_status parse_member(const char *text, const struct govern_founding *f,
                                   struct pd_arena *arena, struct govern_member *out,
                                   struct pd_error *err) {
    pd_str all = pd_str_from(text);
    size_t colon = pd_str_find_char(all, ':'), slash = pd_str_find_char(all, '/');
    pd_str name = pd_str_sub(all, 0, colon);
    if (slash < colon) {
        out->party = pd_str_sub(all, 0, slash);
        name = pd_str_sub(name, slash + 1, name.len);
    } else if (f->party_count == 1) {
        out->party = f->parties[0].id;
    } else {
        return pd_fail(err, PD_USAGE,
                       "--member=\"%s\" must name its party, as there are several: PARTY/%s", text,
                       text);
    }
    out->name = name;
    out->duties = default_duties;
    out->duty_count = 1;
    if (colon == PD_NPOS)
        return PD_OK;
    pd_str rest = pd_str_sub(all, colon + 1, all.len), duty;
    pd_str *duties = pd_arena_array(arena, rest.len + 1, sizeof(*duties));
    if (!duties)
        return pd_fail_memory(err);
    out->duty_count = 0;
    while (pd_str_split(&rest, ',', &duty))
        duties[out->duty_count++] = pd_str_trim(duty);
    out->duties = duties;
    return PD_OK;
}

static enum pd_status parse_people(struct cli *cli, const struct pd_args *args,
                                   struct govern_founding *f, struct pd_error *err) {
    size_t parties = pd_args_count(args, "party"), members = pd_args_count(args, "member");
    pd_str country = cli_usual_country(f->jurisdiction, cli->arena);
    struct govern_party *party = pd_arena_array(cli->arena, parties, sizeof(*party));
    struct govern_member *member = pd_arena_array(cli->arena, parties + members, sizeof(*member));
    if (!party || !member)
        return pd_fail_memory(err);
    f->parties = party;
    f->members = member;
    enum pd_status st = PD_OK;
    for (size_t i = 0; st == PD_OK && i < parties; i++)
        st = parse_party(pd_args_nth(args, "party", i), country, &party[f->party_count++], err);
    for (size_t i = 0; st == PD_OK && i < members; i++)
        st = parse_member(pd_args_nth(args, "member", i), f, cli->arena, &member[f->member_count++],
                          err);
    for (size_t i = 0; st == PD_OK && i < parties; i++) {
        bool has_member = false;
        for (size_t j = 0; j < f->member_count; j++)
            has_member = has_member || pd_str_eq(member[j].party, party[i].id);
        if (!has_member)
            member[f->member_count++] =
                (struct govern_member){party[i].id, PD_STR("steward"), default_duties, 1};
    }
    return st;
}

/* ---- The answer ---- */

/* The public log, the first shard of the restricted one, and what signs receipts. */
struct keys {
    const struct govern_log *logs;
    size_t count;
    pd_str receipts;
};

static enum pd_status load_keys(struct cli *cli, const struct pd_args *args, struct keys *keys,
                                struct pd_error *err) {
    struct govern *g = NULL;
    enum pd_status st = cli_open(cli, args, STORE_READ, "init", &g, err);
    if (st == PD_OK)
        st = govern_logs(g, cli->arena, &keys->logs, &keys->count, err);
    if (st == PD_OK)
        st = store_file_read(govern_store(g), "ledger/receipts.vkey", 4096, cli->arena,
                             &keys->receipts, err);
    /* The node is founded; only its ledger isn't published yet, and the next command does that. */
    if (st == PD_NOT_FOUND) {
        keys->receipts = PD_STR("");
        st = PD_OK;
    }
    govern_close(g);
    return st;
}

static pd_str key_path(struct cli *cli, const char *folder, pd_str party) {
    return pd_arena_printf(cli->arena, "%s/keys/%.*s.key", folder, pd_arg(party));
}

static void tell_people(struct cli *cli, const struct govern_founding *f, const char *folder,
                        struct pd_buf *out) {
    pd_buf_text(out, "\nParties and who acts for them\n");
    for (size_t i = 0; i < f->party_count; i++) {
        const struct govern_party *p = &f->parties[i];
        cli_say(out, 2, 4, "%.*s: chamber %.*s, kind %.*s, country %.*s", pd_arg(p->id),
                pd_arg(p->chamber), pd_arg(p->kind), pd_arg(p->country));
        for (size_t j = 0; j < f->member_count; j++) {
            const struct govern_member *m = &f->members[j];
            if (!pd_str_eq(m->party, p->id))
                continue;
            pd_str duties = PD_STR("");
            for (size_t d = 0; d < m->duty_count; d++)
                duties = pd_arena_printf(cli->arena, "%.*s%s%.*s", pd_arg(duties), d ? ", " : "",
                                         pd_arg(m->duties[d]));
            cli_say(out, 4, 6, "%.*s (%.*s)", pd_arg(m->name), pd_arg(duties));
        }
        cli_say(out, 4, 6, "Signing key, to be handed over and kept secret: %.*s",
                pd_arg(key_path(cli, folder, p->id)));
    }
}

static void tell(struct cli *cli, const struct govern_founding *f, const char *folder,
                 const struct keys *keys, pd_str receipt, struct pd_buf *out) {
    cli_say(out, 0, 2, "The node %.*s is made, in %s. Law in force: %.*s.", pd_arg(f->origin),
            folder, pd_arg(f->jurisdiction));
    tell_people(cli, f, folder, out);
    pd_buf_text(out, "\nVerifier keys, to be published where people trust them\n");
    for (size_t i = 0; i < keys->count; i++)
        pd_buf_printf(out, "  %.*s log: %.*s\n", pd_arg(keys->logs[i].name),
                      pd_arg(keys->logs[i].vkey));
    if (keys->receipts.len)
        pd_buf_printf(out, "  receipts: %.*s\n", pd_arg(keys->receipts));
    else
        cli_say(out, 2, 4,
                "The ledger could not be published yet; the next command that writes does it, or "
                "polder job run.");
    pd_buf_text(out, "\nReceipt of act 0\n");
    pd_str rest = receipt, line;
    while (rest.len && pd_str_split(&rest, '\n', &line))
        pd_buf_printf(out, "%s%.*s\n", line.len ? "  " : "", pd_arg(line));
    const struct govern_member *m = &f->members[0];
    pd_buf_printf(
        out,
        "\nNext: see what would happen to a table, changing nothing\n"
        "  polder govern FILE.csv --data %.*s --party %.*s --member %.*s --title TEXT \\\n"
        "      --for open --purpose statistics --basis public_task --dry-run\n",
        pd_arg(cli_quote(cli->arena, pd_str_from(folder))), pd_arg(cli_quote(cli->arena, m->party)),
        pd_arg(cli_quote(cli->arena, m->name)));
}

static void write_json(struct cli *cli, const struct govern_founding *f, const char *folder,
                       const struct keys *keys, pd_str receipt, struct pd_buf *out) {
    struct pd_json w;
    pd_json_init(&w, out, PD_JSON_PRETTY);
    pd_json_object(&w);
    pd_json_member_i64(&w, "polder", 1);
    pd_json_member_str(&w, "origin", f->origin);
    pd_json_member_text(&w, "folder", folder);
    pd_json_member_str(&w, "law", f->jurisdiction);
    pd_json_key(&w, "parties");
    pd_json_array(&w);
    for (size_t i = 0; i < f->party_count; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "id", f->parties[i].id);
        pd_json_member_str(&w, "chamber", f->parties[i].chamber);
        pd_json_member_str(&w, "kind", f->parties[i].kind);
        pd_json_member_str(&w, "country", f->parties[i].country);
        pd_json_member_str(&w, "key", key_path(cli, folder, f->parties[i].id));
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_key(&w, "members");
    pd_json_array(&w);
    for (size_t i = 0; i < f->member_count; i++) {
        pd_json_object(&w);
        pd_json_member_str(&w, "party", f->members[i].party);
        pd_json_member_str(&w, "name", f->members[i].name);
        pd_json_key(&w, "duties");
        pd_json_array(&w);
        for (size_t d = 0; d < f->members[i].duty_count; d++)
            pd_json_str(&w, f->members[i].duties[d]);
        pd_json_array_end(&w);
        pd_json_object_end(&w);
    }
    pd_json_array_end(&w);
    pd_json_key(&w, "logs");
    pd_json_object(&w);
    for (size_t i = 0; i < keys->count; i++) {
        pd_json_key_str(&w, keys->logs[i].name);
        pd_json_object(&w);
        pd_json_member_str(&w, "origin", keys->logs[i].origin);
        pd_json_member_str(&w, "vkey", keys->logs[i].vkey);
        pd_json_object_end(&w);
    }
    pd_json_object_end(&w);
    pd_json_member_str(&w, "receipts_vkey", keys->receipts);
    pd_json_member_str(&w, "receipt", receipt);
    pd_json_object_end(&w);
    pd_buf_char(out, '\n');
    pd_json_clear(&w);
}

/* The charter that was chosen, in the place of the one that came with the rules. */
static enum pd_status put_charter(struct cli *cli, const char *given, struct govern_founding *f,
                                  struct pd_error *err) {
    static const pd_str path = PD_STR_INIT("node/charter.json");
    const struct council_charter *charter;
    struct pd_error none = {0};
    pd_str text;
    enum pd_status st = govern_charter_bundled(pd_str_from(given), &text, &none);
    if (st != PD_OK)
        st = cli_file_read(cli, given, COUNCIL_CHARTER_BYTES_MAX, &text, err);
    if (st == PD_OK && council_charter_parse(text, cli->arena, &charter, err) != PD_OK)
        st = pd_wrap(err, "the charter \"%s\"", given);
    struct law_file *files = pd_arena_array(cli->arena, f->rule_count + 1, sizeof(*files));
    if (st != PD_OK || !files)
        return st == PD_OK ? pd_fail_memory(err) : st;
    size_t n = 0;
    for (size_t i = 0; i < f->rule_count; i++)
        if (!pd_str_eq(f->rules[i].path, path))
            files[n++] = f->rules[i];
    files[n++] = (struct law_file){path, text};
    f->rules = files;
    f->rule_count = n;
    return PD_OK;
}

int cli_init(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command;
    struct cli *cli = context;
    struct pd_error err = {0};
    const char *folder = pd_args_get(args, "data"), *rules = pd_args_get(args, "law-dir");
    struct govern_founding f = {.origin = pd_str_from(pd_args_get(args, "origin")),
                                .jurisdiction = pd_str_from(pd_args_get(args, "law")),
                                .database = pd_args_get(args, "database")};
    enum pd_status st = parse_people(cli, args, &f, &err);
    if (st == PD_OK)
        st = rules
                 ? govern_folder_rules(rules, f.jurisdiction, cli->arena, &f.rules, &f.rule_count,
                                       &err)
                 : govern_bundled_rules(f.jurisdiction, cli->arena, &f.rules, &f.rule_count, &err);
    pd_str receipt = {0};
    if (st == PD_OK && pd_args_has(args, "charter"))
        st = put_charter(cli, pd_args_get(args, "charter"), &f, &err);
    if (st == PD_OK)
        st = govern_init(folder, &f, &cli->clock, cli->arena, &receipt, &err);
    struct keys keys;
    if (st == PD_OK)
        st = load_keys(cli, args, &keys, &err);
    if (st != PD_OK)
        return cli_fail(&err);
    struct pd_buf out;
    pd_buf_init(&out, 0);
    if (pd_args_has(args, "json"))
        write_json(cli, &f, folder, &keys, receipt, &out);
    else
        tell(cli, &f, folder, &keys, receipt, &out);
    return cli_print(&out);
}
