/* The options of the commands, one table each, for commands.c. Options that several commands share
 * are named once. */
#ifndef POLDER_CLI_COMMAND_OPTIONS_H
#define POLDER_CLI_COMMAND_OPTIONS_H

#include "cli/cli.h"

#define OPTION_DATABASE                                                                            \
    {                                                                                              \
        "database", 0, PD_OPTION_VALUE, false, "URL",                                              \
            "Where in PostgreSQL the node's tables are, if not where the folder says: they have "  \
            "moved, or this is a copy of them."                                                    \
    }
#define OPTION_DATA                                                                                \
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE
#define OPTION_PLAN                                                                                \
    {                                                                                              \
        "plan", 0, PD_OPTION_VALUE, false, "FILE",                                                 \
            "A plan of your own (docs/reference/plans.md) instead of the one that is found: it "   \
            "may tighten what the rules demand, never loosen it."                                  \
    },                                                                                             \
    {                                                                                              \
        "records", 0, PD_OPTION_FLAG, false, NULL,                                                 \
            "Records even where they lose so much that counts would be proposed."                  \
    }
#define OPTION_JSON                                                                                \
    { "json", 0, PD_OPTION_FLAG, false, NULL, "Answer in JSON, for machines." }
/* The question that the commands of law ask. */
#define OPTION_VERB                                                                                \
    {                                                                                              \
        "for", 0, PD_OPTION_VALUE, false, "VERB",                                                  \
            "The act: open, share, store, collect, use, transfer, delete, ..."                     \
    }
#define OPTION_PACKS                                                                               \
    {                                                                                              \
        "law", 0, PD_OPTION_VALUE, false, "PACKS",                                                 \
            "Law packs, comma-separated (default cn); not with --data."                            \
    }
#define OPTION_LAW_DIR                                                                             \
    {                                                                                              \
        "law-dir", 0, PD_OPTION_VALUE, false, "DIR",                                               \
            "Take the rules from this folder instead of those in the program."                     \
    }
#define OPTION_RULES                                                                               \
    OPTION_LAW_DIR,                                                                                \
        {"data", 'd', PD_OPTION_VALUE, false, "DIR", "Ask the rules in force at this node."},      \
        OPTION_DATABASE
#define OPTION_PARTY_KIND                                                                          \
    {                                                                                              \
        "party-kind", 0, PD_OPTION_VALUE, false, "KIND",                                           \
            "Kind of the party that acts (default state_organ)."                                   \
    }
#define OPTION_PARTY_COUNTRY                                                                       \
    {                                                                                              \
        "party-country", 0, PD_OPTION_VALUE, false, "CODE",                                        \
            "Country of the party that acts (default: the one that the law pack is named after)."  \
    }
#define OPTION_RECIPIENT_KIND                                                                      \
    {                                                                                              \
        "recipient-kind", 0, PD_OPTION_VALUE, false, "KIND",                                       \
            "Kind of the party that receives; none if left out."                                   \
    }
#define OPTION_RECIPIENT_COUNTRY                                                                   \
    {                                                                                              \
        "recipient-country", 0, PD_OPTION_VALUE, false, "CODE",                                    \
            "Country of the party that receives (default: that of the party that acts)."           \
    }
#define OPTION_FACT_OF_CLASS                                                                       \
    {                                                                                              \
        "fact", 'f', PD_OPTION_LIST, false, "NAME=VALUE[@CLASS]",                                  \
            "A fact, as if its class were CLASS: declared (default), attested, derived, measured." \
    }
#define OPTION_AS_OF                                                                               \
    {                                                                                              \
        "as-of", 0, PD_OPTION_VALUE, false, "DATE",                                                \
            "When the act happens (RFC 3339 date or time; default now): the law of that day "      \
            "decides."                                                                             \
    }
#define OPTIONS_PART                                                                               \
    {"sheet",                                                                                      \
     0,                                                                                            \
     PD_OPTION_VALUE,                                                                              \
     false,                                                                                        \
     "NAME",                                                                                       \
     "Of a spreadsheet: read this sheet (default: the first one that holds a table)."},            \
        {"table", 0,      PD_OPTION_VALUE,                                                         \
         false,   "NAME", "Of a database: read this table; of a ZIP archive: this file."},         \
    {                                                                                              \
        "query", 0, PD_OPTION_VALUE, false, "SQL",                                                 \
            "Of a database: read what this query gives; it can only read."                         \
    }
#define OPTIONS_OF_ACT                                                                             \
    OPTION_PARTY_KIND, OPTION_PARTY_COUNTRY, OPTION_RECIPIENT_KIND, OPTION_RECIPIENT_COUNTRY,      \
        OPTION_FACT_OF_CLASS, OPTION_AS_OF
#define OPTION_DETECTORS                                                                           \
    {                                                                                              \
        "detectors", 0, PD_OPTION_VALUE, false, "FILE",                                            \
            "Detectors of your own (JSON; docs/reference/detectors-file.md)."                      \
    }
/* How the file is written; cli_form reads them. */
#define OPTIONS_FORM                                                                                \
    {"form",                                                                                        \
     0,                                                                                             \
     PD_OPTION_VALUE,                                                                               \
     false,                                                                                         \
     "FORM",                                                                                        \
     "csv, json (a list of records) or jsonl (one record after the other), if what is found is "    \
     "wrong."},                                                                                     \
        {"encoding", 0,      PD_OPTION_VALUE,                                                       \
         false,      "NAME", "Encoding of the file, such as gb18030, big5, windows-1252, utf-16."}, \
        {"separator",                                                                               \
         0,                                                                                         \
         PD_OPTION_VALUE,                                                                           \
         false,                                                                                     \
         "CHAR",                                                                                    \
         "What separates fields: a character, or tab, comma, semicolon, bar, none."},               \
        {"quote", 0,      PD_OPTION_VALUE,                                                          \
         false,   "CHAR", "What stands around fields: a character, or double, single, none."},      \
        {"header", 0,      PD_OPTION_VALUE,                                                         \
         false,    "LINE", "Line of the names of the columns, from 1; none if there is none."},     \
    {                                                                                               \
        "records", 0, PD_OPTION_VALUE, false, "NAME",                                               \
            "In JSON, the member that holds the records (a.b if it is within another)."             \
    }
#define OPTION_END                                                                                 \
    { NULL, 0, PD_OPTION_FLAG, false, NULL, NULL }

static const struct pd_option INIT[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."},
    {"database", 0, PD_OPTION_VALUE, false, "URL",
     "Keep the node's tables in this empty database of PostgreSQL, such as "
     "postgresql://HOST/NAME (default: in the folder, in SQLite). Several commands may then write "
     "at once. Never with a password: that comes from PGPASSWORD or PGPASSFILE."},
    {"origin", 0, PD_OPTION_VALUE, true, "NAME",
     "Name of the node, for ever: a domain name such as data.example.gov. Its logs and keys are "
     "named after it."},
    {"law", 0, PD_OPTION_VALUE, true, "PACKS",
     "Law packs in force, comma-separated, such as cn. The node's own rules come with them."},
    {"law-dir", 0, PD_OPTION_VALUE, false, "DIR",
     "Take the rules from this folder instead of those in the program."},
    {"charter", 0, PD_OPTION_VALUE, false, "NAME|FILE",
     "Who makes the rules, and how: co-decision (default), notice-and-comment, "
     "technical-committee, or a file (docs/reference/charter.md)."},
    {"party", 0, PD_OPTION_LIST, true, "ID[:CHAMBER[:KIND[:COUNTRY]]]",
     "A party. CHAMBER is government (default), enterprise, industry or public; "
     "KIND such as "
     "state_organ, agency, authority, company, association, group, researcher; COUNTRY as in ISO "
     "3166-1 (default: that of the first law pack, if it is named after a country)."},
    {"member", 0, PD_OPTION_LIST, false, "PARTY/NAME[:DUTY[,DUTY]]",
     "A person acting for a party. PARTY/ may be left out if there is one party. "
     "Duties are steward (may sign plans; the default), owner, supervisor. A party "
     "for which no member is named gets one called steward."},
    OPTION_JSON,
    OPTION_END};

#define OPTIONS_REPAIR                                                                             \
    {"standard",                                                                                   \
     0,                                                                                            \
     PD_OPTION_VALUE,                                                                              \
     false,                                                                                        \
     "STANDARD",                                                                                   \
     "The standard by which the table is repaired: a file, or a name of polder standard list."},   \
    {                                                                                              \
        "repair", 0, PD_OPTION_VALUE, false, "FILE",                                               \
            "Govern the table as the repairs of FILE make it, to which --member agreed (polder "   \
            "standard repair): a new version, which names the one it comes from."                  \
    }
static const struct pd_option GOVERN[] = {
    OPTION_DATA,
    {"party", 0, PD_OPTION_VALUE, true, "ID", "The party that acts."},
    {"member", 0, PD_OPTION_VALUE, true, "NAME", "The person who acts for it."},
    {"title", 0, PD_OPTION_VALUE, true, "TEXT", "Title of the dataset."},
    {"language", 0, PD_OPTION_VALUE, false, "CODE",
     "Language of the title (default: zh if it has Chinese characters, else en)."},
    {"for", 0, PD_OPTION_VALUE, true, "VERB",
     "What is asked: open (publish to all), share (with a party), store (keep)."},
    {"recipient", 0, PD_OPTION_VALUE, false, "PARTY", "Who receives, for share."},
    {"purpose", 0, PD_OPTION_VALUE, true, "CODE",
     "What the data is for, in a word, such as statistics."},
    {"basis", 0, PD_OPTION_VALUE, true, "CODE",
     "Legal basis, such as public_task, legal_duty, consent (polder law decide --facts lists what "
     "the law asks about)."},
    {"fact", 'f', PD_OPTION_LIST, false, "NAME=VALUE", "Declare a fact of the registry."},
    OPTIONS_PART,
    OPTION_DETECTORS,
    OPTIONS_REPAIR,
    {"from-version", 0, PD_OPTION_VALUE, false, "ID",
     "With --repair: the version that was repaired (default: the newest with these bytes)."},
    OPTION_PLAN,
    {"idempotency-key", 0, PD_OPTION_VALUE, false, "KEY",
     "A retry with the same key gets the first receipt."},
    OPTIONS_FORM,
    {"dry-run", 'n', PD_OPTION_FLAG, false, NULL,
     "Inspect, ask the law and show the plan; change nothing."},
    {"yes", 'y', PD_OPTION_FLAG, false, NULL,
     "Sign the plan as shown, as the steward named by --member. Signing attests what the plan says "
     "it attests."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option INSPECT[] = {
    OPTIONS_PART,
    OPTION_DETECTORS,
    {"values", 0, PD_OPTION_FLAG, false, NULL,
     "Show the most frequent values too (they may be personal data)."},
    {"html", 0, PD_OPTION_VALUE, false, "FILE",
     "Write the report to FILE as one page that needs nothing else, instead of to stdout."},
    {"sketch", 0, PD_OPTION_VALUE, false, "FILE",
     "Write to FILE too what --merge takes: as confidential as the table, so only you may read "
     "it."},
    {"merge", 0, PD_OPTION_FLAG, false, NULL,
     "The operands are sketches of parts of one table: report on the whole."},
    {"deep", 0, PD_OPTION_FLAG, false, NULL,
     "Read it once more and tell how rows and columns go together: equal rows, keys of up to three "
     "columns, which columns decide others, correlations, and how far up to four columns together "
     "single out rows. Takes up to 192 MiB; of more than 1,048,576 rows some are compared."},
    {"threads", 0, PD_OPTION_VALUE, false, "N",
     "Threads that share the columns (default: one for each processor, at most 8). The report is the "
     "same."},
    OPTIONS_FORM,
    OPTION_JSON,
    OPTION_END};

static const struct pd_option DECIDE[] = {
    OPTION_VERB,
    OPTION_PACKS,
    OPTION_RULES,
    OPTIONS_OF_ACT,
    {"facts", 0, PD_OPTION_FLAG, false, NULL,
     "List what the law asks about, and whose word counts, instead of deciding."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option EXPLAIN[] = {
    OPTION_VERB,
    OPTION_PACKS,
    OPTION_RULES,
    OPTIONS_OF_ACT,
    {"all", 0, PD_OPTION_FLAG, false, NULL,
     "Account for the policies too that would speak but for a fact."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option COMPARE[] = {
    OPTION_VERB,
    OPTION_LAW_DIR,
    {"home", 0, PD_OPTION_LIST, false, "PACK=CODE",
     "Under this pack the parties are in this country, such as eu=NL (default: the one that the "
     "pack is named after; none for eu)."},
    OPTIONS_OF_ACT,
    {"markdown", 0, PD_OPTION_FLAG, false, NULL, "Write the table in Markdown."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option FORMAT[] = {{"check", 0, PD_OPTION_FLAG, false, NULL,
                                           "Change nothing; name the files that are formatted "
                                           "otherwise. Exit status 65 if there are any."},
                                          OPTION_END};

static const struct pd_option CHECK[] = {
    {"law", 0, PD_OPTION_VALUE, false, "PACKS",
     "Only these packs of the folder, comma-separated, with the node's own rules (default: all)."},
    {"level", 0, PD_OPTION_VALUE, false, "N",
     "How many entities in a row a policy may read from (default: 1, as when rules are loaded)."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option PAST[] = {OPTION_DATA, OPTION_JSON, OPTION_END};

static const struct pd_option IMPACT[] = {
    OPTION_DATA,
    {"law", 0, PD_OPTION_VALUE, false, "PACKS",
     "The packs of the folders, comma-separated (default: those of the node)."},
    {"at", 0, PD_OPTION_VALUE, false, "DATE",
     "Decide every case as if it were asked then (default: each at its own time). Policies "
     "that take effect later than the cases speak only so."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option TEST[] = {
    {"law", 0, PD_OPTION_VALUE, false, "PACKS",
     "Only these packs of the folder, comma-separated (default: all)."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option DIFF[] = {
    {"data", 'd', PD_OPTION_VALUE, false, "DIR", "The node whose rules are in-force."},
    OPTION_DATABASE,
    {"law", 0, PD_OPTION_VALUE, false, "PACKS",
     "The packs of the folders, comma-separated (default: those of the node, or else all)."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option COVERAGE[] = {
    {"law", 0, PD_OPTION_VALUE, false, "PACKS",
     "Only these packs of the folder, comma-separated (default: all)."},
    {"markdown", 0, PD_OPTION_FLAG, false, NULL,
     "Write the tables that stand in docs/law.md: counts, and the rows without a policy."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option VERIFY[] = {
    {"data", 'd', PD_OPTION_VALUE, false, "DIR",
     "Verify a whole node: acts, rows, leaves, findings, clocks, keys, trees, tiles, files."},
    OPTION_DATABASE,
    {"seen", 0, PD_OPTION_VALUE, false, "FOLDER",
     "Where the checkpoints are kept that were seen before, outside of the data folder (default: "
     "polder/seen in $XDG_STATE_HOME, or in ~/.local/state)."},
    {"without-keys", 0, PD_OPTION_FLAG, false, NULL,
     "Of a record that was restored without its keys: leave out what is sealed."},
    {"threads", 0, PD_OPTION_VALUE, false, "N", "Threads to verify a node with (default 2)."},
    {"proof", 0, PD_OPTION_VALUE, false, "FILE",
     "Verify one proof offline (.tlog-proof); with --leaf and --key."},
    {"leaf", 0, PD_OPTION_VALUE, false, "FILE", "The leaf that the proof is about, byte for byte."},
    {"anchor", 0, PD_OPTION_VALUE, false, "FILE",
     "The proof of the anchor, with its leaf in FILE.leaf: --key is then the public log's."},
    {"key", 0, PD_OPTION_VALUE, false, "VKEY",
     "The log's verifier key, as text or a file that holds it."},
    {"policy", 0, PD_OPTION_VALUE, false, "FILE",
     "The quorum of witnesses that must have cosigned what the proof leads to (C2SP tlog-policy)."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option DOSSIER[] = {
    OPTION_DATA,
    {"output", 'o', PD_OPTION_VALUE, false, "FILE", "Write the dossier to FILE (default: stdout)."},
    {"for", 0, PD_OPTION_VALUE, false, "WHOM",
     "public (default): of public acts, without member, recipient and evidence; audit: of any act, "
     "with all that the node committed to, which is recorded as an act."},
    {"party", 0, PD_OPTION_VALUE, false, "ID", "With --for audit: the party that takes it."},
    {"member", 0, PD_OPTION_VALUE, false, "NAME", "With --for audit: the person who takes it."},
    {"recipient", 0, PD_OPTION_VALUE, false, "TEXT",
     "With --for audit: to whom it is handed, in words; sealed."},
    OPTION_END};

static const struct pd_option PROVE[] = {
    OPTION_DATA,
    {"output", 'o', PD_OPTION_VALUE, false, "FILE",
     "Write the proof to FILE and the leaf to FILE.leaf (default: proof to stdout). Of an act in "
     "the restricted log also the second step, that the public log knows of it: FILE.anchor and "
     "FILE.anchor.leaf."},
    {"log", 0, PD_OPTION_VALUE, false, "NAME",
     "With --from and --to: public (default), or a shard such as restricted/2026-11."},
    {"from", 0, PD_OPTION_VALUE, false, "SIZE", "Prove that the log of this size ..."},
    {"to", 0, PD_OPTION_VALUE, false, "SIZE",
     "... was only appended to until this size (default: now)."},
    {"unwitnessed", 0, PD_OPTION_FLAG, false, NULL,
     "Don't wait for witnesses: prove by the newest checkpoint, whoever cosigned it."},
    OPTION_END};

static const struct pd_option LEDGER_POLICY[] = {
    OPTION_DATA,
    {"party", 0, PD_OPTION_VALUE, false, "ID", "The party that enacts it."},
    {"key", 0, PD_OPTION_VALUE, false, "FILE", "The party's private key."},
    {"allow-http", 0, PD_OPTION_FLAG, false, NULL,
     "Witnesses may be asked without TLS: what they say is signed, but others may listen."},
    {"allow-private", 0, PD_OPTION_FLAG, false, NULL,
     "Witnesses may be at addresses that aren't public: this machine, this network."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option LEDGER_WITNESS[] = {
    OPTION_DATA,
    {"dry-run", 'n', PD_OPTION_FLAG, false, NULL, "Ask nobody: only say how it stands."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option SHOW[] = {
    OPTION_DATA,
    {"log", 0, PD_OPTION_VALUE, false, "NAME",
     "public (default), or a shard such as restricted/2026-11; restricted is the newest shard."},
    {"from", 0, PD_OPTION_VALUE, false, "INDEX",
     "First leaf (default: so that the last ones are shown)."},
    {"count", 0, PD_OPTION_VALUE, false, "N", "How many leaves (default 20)."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option INTEGRATE[] = {
    OPTION_DATA,
    {"follow", 'f', PD_OPTION_FLAG, false, NULL,
     "Go on until SIGTERM, for all processes that write to the node's PostgreSQL."},
    OPTION_END};

static const struct pd_option PRUNE[] = {
    OPTION_DATA,
    {"dry-run", 'n', PD_OPTION_FLAG, false, NULL,
     "Say what would go and what stays; change nothing."},
    {"yes", 'y', PD_OPTION_FLAG, false, NULL, "Prune: it can't be undone."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option ATTEST[] = {
    OPTION_DATA,
    {"party", 0, PD_OPTION_VALUE, true, "ID", "The party that attests."},
    {"key", 0, PD_OPTION_VALUE, true, "FILE", "Its private key, in a file."},
    {"evidence", 0, PD_OPTION_VALUE, true, "TEXT",
     "What the fact rests on: a file number, a reference."},
    {"expires", 0, PD_OPTION_VALUE, false, "DATE", "Until when it holds (RFC 3339 date or time)."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option CLOCK_LIST[] = {
    OPTION_DATA,
    {"overdue", 0, PD_OPTION_FLAG, false, NULL, "Only what is overdue now."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option CLOCK_MEET[] = {
    OPTION_DATA,
    {"party", 0, PD_OPTION_VALUE, true, "ID", "The party that owes the duty: whose act it was."},
    {"key", 0, PD_OPTION_VALUE, true, "FILE", "Its private key, in a file."},
    {"evidence", 0, PD_OPTION_VALUE, true, "TEXT",
     "How the duty was met: a file number, a reference."},
    OPTION_JSON,
    OPTION_END};

#define OPTION_WITNESS                                                                             \
    { "data", 'd', PD_OPTION_VALUE, true, "DIR", "The witness's own folder." }

static const struct pd_option WITNESS_INIT[] = {
    OPTION_WITNESS,
    {"name", 0, PD_OPTION_VALUE, true, "NAME",
     "Its name in every cosignature, for ever: a URL without scheme, no spaces, no '+'."},
    OPTION_END};

static const struct pd_option WITNESS_ADD_LOG[] = {
    OPTION_WITNESS,
    {"list", 0, PD_OPTION_VALUE, false, "FILE", "Add all logs of a list (logs/v0) instead."},
    OPTION_END};

static const struct pd_option SERVE[] = {
    OPTION_DATA,
    {"listen", 'l', PD_OPTION_VALUE, true, "ADDR:PORT",
     "Where to listen: 127.0.0.1:8080, [::]:8443; port 0 takes any."},
    {"tls-cert", 0, PD_OPTION_VALUE, false, "FILE", "The certificate with its chain, PEM: TLS is spoken."},
    {"tls-key", 0, PD_OPTION_VALUE, false, "FILE", "Its private key, PEM; readable by the owner alone."},
    {"behind-proxy", 0, PD_OPTION_FLAG, false, NULL,
     "Requests come through a proxy of one's own, whose X-Forwarded-For is believed."},
    {"rate", 0, PD_OPTION_VALUE, false, "N",
     "Requests a second that one address, and one token, may make; 0: any number (default 200)."},
    {"address-connections", 0, PD_OPTION_VALUE, false, "N",
     "Connections that one address may have open; 0: any number (default 256; behind a proxy any)."},
    {"quiet", 'q', PD_OPTION_FLAG, false, NULL, "No line for each request."},
    OPTION_END};

static const struct pd_option WITNESS_LIST[] = {OPTION_WITNESS, OPTION_JSON, OPTION_END};

static const struct pd_option WITNESS_SERVE[] = {
    OPTION_WITNESS,
    {"listen", 'l', PD_OPTION_VALUE, true, "ADDR:PORT",
     "Where to listen: 127.0.0.1:8100, [::1]:8100; port 0 takes any."},
    {"name", 0, PD_OPTION_VALUE, false, "NAME", "Make the witness first if DIR has none."},
    {"quiet", 'q', PD_OPTION_FLAG, false, NULL, "Tell only what somebody must look at."},
    OPTION_END};

static const struct pd_option ERASE[] = {
    OPTION_DATA,
    {"person-file", 0, PD_OPTION_VALUE, false, "FILE",
     "Identifiers of the person, a line each; - for standard input."},
    {"person", 0, PD_OPTION_LIST, false, "ID",
     "An identifier of the person. Others on this machine may see it, and the shell remembers it."},
    {"dataset", 0, PD_OPTION_VALUE, false, "ID|TITLE", "Only in this dataset."},
    {"party", 0, PD_OPTION_VALUE, false, "ID", "The party that asks, of what it holds."},
    {"member", 0, PD_OPTION_VALUE, false, "NAME",
     "The person who acts for it: owner, steward or supervisor."},
    {"key", 0, PD_OPTION_VALUE, false, "FILE", "The party's private key, in a file of its own."},
    {"reason", 0, PD_OPTION_VALUE, false, "TEXT", "Why; sealed."},
    {"fact", 'f', PD_OPTION_LIST, false, "NAME=VALUE",
     "Declare a fact of the registry, such as consent_withdrawn=true."},
    {"yes", 'y', PD_OPTION_FLAG, false, NULL, "Ask for it, having seen what holds the person."},
    OPTION_JSON,
    OPTION_END};

#define OPTION_CONSUMER(is_required)                                                               \
    {                                                                                              \
        "consumer", 0, PD_OPTION_VALUE, is_required, "ID",                                         \
            "The party that is told; or public."                                                   \
    }
static const struct pd_option PROTECT[] = {
    {"suggest", 0, PD_OPTION_FLAG, false, NULL,
     "Propose a plan: what it changes, what that costs, how the risk moves."},
    {"plan", 0, PD_OPTION_VALUE, false, "FILE", "Carry out this plan (docs/reference/plans.md)."},
    {"undo", 0, PD_OPTION_VALUE, false, "FILE",
     "The table is what this plan made: take formats and shifts of dates back, by --key."},
    {"output", 'o', PD_OPTION_VALUE, false, "FILE",
     "Where the protected table goes; of --suggest the plan."},
    {"k", 0, PD_OPTION_VALUE, false, "N",
     "Of --suggest: everybody hides among N (default: at least 5, at the knee of the curve)."},
    {"max-suppressed", 0, PD_OPTION_VALUE, false, "PERCENT",
     "Of --suggest: how many rows may be left out (default 10)."},
    {"model", 0, PD_OPTION_LIST, false, "MODEL:COLUMN:THRESHOLD",
     "Of --suggest: what groups must satisfy too, such as l:disease:3 or t:disease:0.2."},
    {"hierarchy", 0, PD_OPTION_LIST, false, "COLUMN=FILE",
     "Of --suggest: generalise by a CSV file of rows value;level1;level2."},
    {"population", 0, PD_OPTION_VALUE, false, "N",
     "The table is a sample of N people: estimate how many of them would be unique."},
    {"key", 0, PD_OPTION_VALUE, false, "FILE",
     "The key of pseudonyms, 64 hex digits; without one a key of this run alone."},
    {"new-key", 0, PD_OPTION_VALUE, false, "FILE", "Make a key, and keep it there."},
    OPTION_DETECTORS,
    OPTIONS_PART,
    OPTIONS_FORM,
    OPTION_JSON,
    OPTION_END};

static const struct pd_option ATTACK[] = {
    {"known", 0, PD_OPTION_LIST, false, "COLUMN",
     "What an attacker knows of a person (default: what inspection takes for quasi-identifiers)."},
    {"sensitive", 0, PD_OPTION_LIST, false, "COLUMN",
     "What nobody is to learn (default: what inspection takes for sensitive)."},
    {"link", 0, PD_OPTION_LIST, false, "FILE", "Another table that the attacker has."},
    {"before", 0, PD_OPTION_LIST, false, "FILE", "An earlier version of this table that was released."},
    {"k", 0, PD_OPTION_VALUE, false, "N",
     "With --before: groups of fewer rows that came or left are looked at (default 5)."},
    {"original", 0, PD_OPTION_VALUE, false, "FILE", "The table before its plan; goes with --plan."},
    {"plan", 0, PD_OPTION_VALUE, false, "FILE",
     "The plan, as `polder govern --json` tells it: its steps are done to other tables too."},
    {"l", 0, PD_OPTION_VALUE, false, "N",
     "The plan had to keep sensitive values diverse (none over 1/N of a class)."},
    {"limit", 0, PD_OPTION_VALUE, false, "PERCENT",
     "Exit status 77 if the best attack gains more than this over chance."},
    OPTIONS_PART,
    OPTIONS_FORM,
    OPTION_JSON,
    OPTION_END};

static const struct pd_option STATS[] = {
    {"group-by", 'g', PD_OPTION_LIST, false, "COLUMN[:LOW:HIGH:WIDTH]",
     "Answer for each value of a column; or for each band of numbers, a histogram."},
    {"group", 0, PD_OPTION_LIST, false, "VALUE",
     "A group that is answered, whether or not anybody is in it (one column)."},
    {"groups", 0, PD_OPTION_VALUE, false, "FILE",
     "The groups that are answered: a CSV file with a header, a column for each --group-by."},
    {"count", 0, PD_OPTION_FLAG, false, NULL, "Count rows (default if nothing else is asked)."},
    {"sum", 0, PD_OPTION_LIST, false, "COLUMN:LOW:HIGH",
     "Sum; values below LOW count as LOW, those above HIGH as HIGH."},
    {"mean", 0, PD_OPTION_LIST, false, "COLUMN:LOW:HIGH", "Mean, within bounds likewise."},
    {"median", 0, PD_OPTION_LIST, false, "COLUMN:LOW:HIGH", "Median, within bounds likewise."},
    {"quantile", 0, PD_OPTION_LIST, false, "COLUMN:SHARE:LOW:HIGH",
     "The value below which a share of the rows is, such as 0.9."},
    {"person", 0, PD_OPTION_VALUE, false, "COLUMN",
     "Whose a row is: persons are protected, not rows."},
    {"rows-per-person", 0, PD_OPTION_VALUE, false, "N",
     "How many rows of a person count in a group (default 1)."},
    {"groups-per-person", 0, PD_OPTION_VALUE, false, "N",
     "In how many groups a person counts (default 1)."},
    {"epsilon", 'e', PD_OPTION_VALUE, true, "E",
     "What all answers together may tell: 0.01 to 1 is usual, over 20 is refused."},
    {"delta", 0, PD_OPTION_VALUE, false, "D",
     "For groups that are not stated, and for Gaussian noise: far below 1 / persons."},
    {"noise", 0, PD_OPTION_VALUE, false, "KIND",
     "laplace (default), or gaussian: less noise for many answers."},
    {"data", 'd', PD_OPTION_VALUE, false, "DIR",
     "Spend from a budget of this node; needs --dataset, --consumer, --party, --member, --key."},
    OPTION_DATABASE,
    {"dataset", 0, PD_OPTION_VALUE, false, "ID", "The dataset that the table is a version of."},
    OPTION_CONSUMER(false),
    {"party", 0, PD_OPTION_VALUE, false, "ID", "The party that acts, whose dataset it is."},
    {"member", 0, PD_OPTION_VALUE, false, "NAME",
     "The person who acts for it: owner or steward."},
    {"key", 0, PD_OPTION_VALUE, false, "FILE", "The party's private key, in a file of its own."},
    OPTIONS_PART,
    OPTIONS_FORM,
    OPTION_JSON,
    OPTION_END};

static const struct pd_option STATS_AGREE[] = {
    OPTION_DATA,
    OPTION_CONSUMER(true),
    {"epsilon", 'e', PD_OPTION_VALUE, true, "E", "What all answers ever may tell: at most 20."},
    {"delta", 0, PD_OPTION_VALUE, false, "D",
     "At this delta; 0 (default) allows Laplace noise and stated groups alone."},
    {"party", 0, PD_OPTION_VALUE, true, "ID", "The party that acts, whose dataset it is."},
    {"member", 0, PD_OPTION_VALUE, true, "NAME", "The person who acts for it: owner or steward."},
    {"key", 0, PD_OPTION_VALUE, true, "FILE", "The party's private key, in a file of its own."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option KEY_LIST[] = {
    OPTION_DATA,
    {"all", 'a', PD_OPTION_FLAG, false, NULL, "Name each key that seals, and those destroyed."},
    OPTION_JSON,
    OPTION_END};

#define OPTIONS_KEY_ACTOR                                                                          \
    OPTION_DATA, {"party", 0, PD_OPTION_VALUE, true, "ID", "The party that acts."},                \
        {"member", 0,      PD_OPTION_VALUE,                                                        \
         true,     "NAME", "The person who acts for it: owner, steward or supervisor."},           \
    {                                                                                              \
        "key", 0, PD_OPTION_VALUE, true, "FILE", "The party's private key, in a file of its own."  \
    }

static const struct pd_option KEY_ROTATE[] = {OPTIONS_KEY_ACTOR, OPTION_JSON, OPTION_END};

static const struct pd_option KEY_PSEUDONYM[] = {
    OPTIONS_KEY_ACTOR,
    {"purpose", 0, PD_OPTION_VALUE, true, "CODE", "The purpose, as polder govern --purpose names it."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option KEY_DESTROY[] = {
    OPTIONS_KEY_ACTOR,
    {"reason", 0, PD_OPTION_VALUE, false, "TEXT", "Why; sealed. Needed with --yes."},
    {"yes", 'y', PD_OPTION_FLAG, false, NULL, "Ask for it, having seen what would be lost."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option KEY_CREATE[] = {
    OPTION_DATA,
    {"member", 0, PD_OPTION_VALUE, true, "NAME",
     "The person who acts for the party: owner, steward or supervisor."},
    {"vkey", 0, PD_OPTION_VALUE, false, "VKEY",
     "The verifier key of a key that the party made itself; without it one is made here."},
    {"reason", 0, PD_OPTION_VALUE, false, "TEXT", "How it was lost; sealed. Needed with --yes."},
    {"yes", 'y', PD_OPTION_FLAG, false, NULL, "Ask for it, having seen what it changes."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option KEY_WITHDRAW[] = {OPTIONS_KEY_ACTOR, OPTION_JSON, OPTION_END};

static const struct pd_option KEY_AGREE[] = {
    OPTIONS_KEY_ACTOR,
    {"yes", 'y', PD_OPTION_FLAG, false, NULL, "Agree, having seen what will be lost."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option JOB_LIST[] = {
    OPTION_DATA,
    {"all", 'a', PD_OPTION_FLAG, false, NULL, "Those that are done, too."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option CASE_RAISE[] = {
    OPTION_DATA,
    {"party", 0, PD_OPTION_VALUE, true, "ID", "The party that raises it."},
    {"member", 0, PD_OPTION_VALUE, true, "NAME", "The person who acts for it."},
    {"subject", 0, PD_OPTION_VALUE, true, "TEXT", "What it is about; sealed."},
    {"dataset", 0, PD_OPTION_VALUE, false, "ID|TITLE",
     "A dataset of the node: the party that holds it must answer."},
    {"to", 0, PD_OPTION_VALUE, false, "PARTY",
     "The party that must answer, if no dataset says it."},
    {"fact", 'f', PD_OPTION_LIST, false, "NAME=VALUE", "Declare a fact of the registry."},
    {"attest", 0, PD_OPTION_LIST, false, "NAME=VALUE",
     "Attest a fact, as the party that asks; with --key and --evidence."},
    {"key", 0, PD_OPTION_VALUE, false, "FILE",
     "The raising party's private key, in a file: signs the case and what it attests."},
    {"evidence", 0, PD_OPTION_VALUE, false, "TEXT", "What the attested facts rest on."},
    OPTION_JSON,
    OPTION_END};

#define OPTIONS_DECISION                                                                           \
    OPTION_DATA, {"party", 0, PD_OPTION_VALUE, true, "ID", "The party that must answer."},         \
        {"member", 0, PD_OPTION_VALUE, true, "NAME", "Who decides: an owner or steward of it."}, { \
        "key", 0, PD_OPTION_VALUE, true, "FILE", "The party's private key, in a file."             \
    }

static const struct pd_option CASE_ANSWER[] = {
    OPTIONS_DECISION,
    {"text", 0, PD_OPTION_VALUE, true, "TEXT", "The answer; sealed."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option CASE_REFUSE[] = {
    OPTIONS_DECISION,
    {"text", 0, PD_OPTION_VALUE, true, "TEXT", "The reasons; sealed."},
    {"ground", 0, PD_OPTION_VALUE, true, "TEXT", "The statutory ground: law and article."},
    {"appeal", 0, PD_OPTION_VALUE, true, "TEXT", "How, where and until when to appeal."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option CASE_WITHDRAW[] = {
    OPTION_DATA,
    {"party", 0, PD_OPTION_VALUE, true, "ID", "The party that raised it."},
    {"member", 0, PD_OPTION_VALUE, true, "NAME", "The person who acts for it."},
    {"key", 0, PD_OPTION_VALUE, false, "FILE", "The party's private key, in a file, to sign it."},
    {"text", 0, PD_OPTION_VALUE, false, "TEXT", "Why; sealed."},
    OPTION_JSON,
    OPTION_END};

#define OPTIONS_ACTOR                                                                              \
    OPTION_DATA, {"party", 0, PD_OPTION_VALUE, true, "ID", "The party that acts."},                \
        {"member", 0, PD_OPTION_VALUE, true, "NAME", "The person who acts for it."}, {             \
        "key", 0, PD_OPTION_VALUE, false, "FILE",                                                  \
            "The party's private key, in a file, to sign it."                                      \
    }
#define OPTIONS_PLACE                                                                              \
    {"as", 0, PD_OPTION_VALUE, false, "PATH",                                                      \
     "Where a single file stands among the rules, such as node/x.cedar or standards/trips.json "   \
     "(default: by its name)."},                                                                   \
    {                                                                                              \
        "remove", 0, PD_OPTION_LIST, false, "PATH", "Take this file out of what is in force."      \
    }
static const struct pd_option PROPOSE[] = {
    OPTIONS_ACTOR,
    {"title", 0, PD_OPTION_VALUE, true, "TEXT", "What it is about, for everybody to read."},
    {"language", 0, PD_OPTION_VALUE, false, "CODE", "Of the title: en (default) or zh."},
    {"effects", 0, PD_OPTION_LIST, true, "WHOM=TEXT",
     "The effects on individuals, business and public: --effects individuals=..., --effects "
     "business=..., --effects public=...; all three are stated, even if there are none."},
    {"rollback", 0, PD_OPTION_VALUE, false, "PROPOSAL",
     "Propose to undo what this proposal brought into force."},
    OPTIONS_PLACE,
    OPTION_JSON,
    OPTION_END};
static const struct pd_option PROPOSAL_EDIT[] = {OPTIONS_ACTOR, OPTIONS_PLACE, OPTION_JSON,
                                                 OPTION_END};
static const struct pd_option PROPOSAL_MOVE[] = {OPTIONS_ACTOR, OPTION_JSON, OPTION_END};
static const struct pd_option PROPOSAL_OBJECT[] = {
    OPTIONS_ACTOR,
    {"category", 0, PD_OPTION_VALUE, true, "WORD", "law, privacy, safety, equity or cost."},
    {"harm", 0, PD_OPTION_VALUE, true, "TEXT", "What it would do."},
    {"change", 0, PD_OPTION_VALUE, true, "TEXT", "What should be written instead."},
    OPTION_JSON,
    OPTION_END};
static const struct pd_option PROPOSAL_REPLY[] = {
    OPTIONS_ACTOR,
    {"text", 0, PD_OPTION_VALUE, true, "TEXT", "The reply; public."},
    OPTION_JSON,
    OPTION_END};
static const struct pd_option PROPOSAL_DROP[] = {
    OPTIONS_ACTOR,
    {"text", 0, PD_OPTION_VALUE, false, "TEXT", "Why; public."},
    OPTION_JSON,
    OPTION_END};
static const struct pd_option PROPOSAL_READ[] = {OPTION_DATA, OPTION_JSON, OPTION_END};
static const struct pd_option PROPOSAL_RECORD[] = {
    OPTION_DATA,
    {"out", 0, PD_OPTION_VALUE, true, "DIR", "The folder to write to; made if it isn't there."},
    OPTION_END};
static const struct pd_option PROPOSAL_NOTICES[] = {
    OPTION_DATA,
    {"party", 0, PD_OPTION_VALUE, true, "ID", "Of this party."},
    OPTION_JSON,
    OPTION_END};
static const struct pd_option VOTE[] = {
    OPTION_DATA,
    {"party", 0, PD_OPTION_VALUE, true, "ID", "The party that votes, or whose member does."},
    {"member", 0, PD_OPTION_VALUE, true, "NAME",
     "Who casts it: for an organisation, or, in a chamber of persons, the person."},
    {"key", 0, PD_OPTION_VALUE, false, "FILE",
     "The party's private key, in a file: an organisation's ballot is signed with it."},
    OPTION_JSON,
    OPTION_END};

#define OPTION_NEED                                                                                \
    {                                                                                              \
        "need", 0, PD_OPTION_VALUE, true, "TEXT",                                                  \
            "What is needed: what each row is about, where, since when, which columns."            \
    }
static const struct pd_option DEMAND[] = {
    OPTIONS_ACTOR,
    OPTION_NEED,
    {"for", 0, PD_OPTION_VALUE, true, "TEXT", "What it is needed for."},
    {"how-often", 0, PD_OPTION_VALUE, true, "WORD",
     "once, live, daily, weekly, monthly, quarterly or yearly."},
    {"sealed", 0, PD_OPTION_FLAG, false, NULL,
     "Until it is answered, only the party that must answer knows the words."},
    {"none-fits", 0, PD_OPTION_FLAG, false, NULL,
     "What the catalogue has isn't it: demand all the same."},
    {"dataset", 0, PD_OPTION_VALUE, false, "ID|TITLE",
     "A dataset of the node that comes near: the party that holds it must answer."},
    {"to", 0, PD_OPTION_VALUE, false, "PARTY",
     "The party that must answer (default: who holds what comes nearest, else the coordinating "
     "authority)."},
    {"fact", 'f', PD_OPTION_LIST, false, "NAME=VALUE", "Declare a fact of the registry."},
    {"attest", 0, PD_OPTION_LIST, false, "NAME=VALUE",
     "Attest a fact, as the party that asks; with --key and --evidence."},
    {"evidence", 0, PD_OPTION_VALUE, false, "TEXT", "What the attested facts rest on."},
    OPTION_JSON,
    OPTION_END};
static const struct pd_option DEMAND_MATCH[] = {
    OPTION_DATA,
    OPTION_NEED,
    {"party", 0, PD_OPTION_VALUE, false, "ID",
     "Who asks: what this party may see, and what the law says of sharing it with this party."},
    OPTION_JSON,
    OPTION_END};
static const struct pd_option DEMAND_BACK[] = {OPTIONS_ACTOR, OPTION_JSON, OPTION_END};
static const struct pd_option DEMAND_READ[] = {
    OPTION_DATA,
    {"party", 0, PD_OPTION_VALUE, false, "ID",
     "As this party sees it (default: as everybody does)."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option CASE_LIST[] = {
    OPTION_DATA,
    {"state", 0, PD_OPTION_VALUE, false, "STATE",
     "Only cases that are raised, escalated, answered, refused or withdrawn."},
    {"responsible", 0, PD_OPTION_VALUE, false, "PARTY", "Only what this party must answer."},
    {"overdue", 0, PD_OPTION_FLAG, false, NULL, "Only undecided cases of which a duty is overdue."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option ACT_SHOW[] = {OPTION_DATA, OPTION_JSON, OPTION_END};

static const struct pd_option RESUME[] = {
    OPTION_DATA,
    OPTION_DETECTORS,
    OPTIONS_REPAIR,
    {"member", 0, PD_OPTION_VALUE, false, "NAME",
     "Who of the same party goes on with it, and signs (default: who asked)."},
    OPTION_PLAN,
    {"dry-run", 'n', PD_OPTION_FLAG, false, NULL, "Show what would happen; change nothing."},
    {"yes", 'y', PD_OPTION_FLAG, false, NULL, "Sign the plan as shown."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option DEMO[] = {
    {"rows", 0, PD_OPTION_VALUE, true, "N", "How many rows (at most 100,000,000)."},
    {"seed", 0, PD_OPTION_VALUE, true, "S", "The same seed gives the same table."},
    {"language", 0, PD_OPTION_VALUE, false, "CODE", "en (default) or zh: headers and values."},
    OPTION_END};

static const struct pd_option DEMO_SEED[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The folder to make; empty, or not there yet."},
    {"seed", 0, PD_OPTION_VALUE, false, "N", "Another number gives another province (default 1)."},
    {"until", 0, PD_OPTION_VALUE, false, "DATE", "The year ends before this day (default: today)."},
    {"small", 0, PD_OPTION_FLAG, false, NULL, "One version of each dataset only."},
    {"database", 0, PD_OPTION_VALUE, false, "URL",
     "Keep the node's tables in this empty database of PostgreSQL, as polder init does."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option DETECT[] = {
    {"redact", 0, PD_OPTION_FLAG, false, NULL,
     "Write the text to stdout with each finding replaced by its type, like [email]."},
    {"type", 't', PD_OPTION_LIST, false, "NAMES", "Look for these types only, comma-separated."},
    {"confidence", 0, PD_OPTION_VALUE, false, "LEVEL",
     "The least confidence that counts: low, medium (default) or high."},
    OPTION_DETECTORS,
    {"values", 0, PD_OPTION_FLAG, false, NULL, "Show what was found, which may be personal."},
    OPTION_JSON,
    OPTION_END};

#define OPTION_REFERENCE                                                                           \
    {                                                                                              \
        "reference", 0, PD_OPTION_LIST, false, "NAME=FILE",                                        \
            "A table that foreign keys refer to; or a folder, in which it is looked for by its "   \
            "name."                                                                                \
    }
static const struct pd_option STANDARD_CHECK[] = {
    OPTIONS_PART,
    OPTION_REFERENCE,
    {"rows", 0, PD_OPTION_VALUE, false, "N",
     "Name the first N failing rows of each check (default 10, at most 100)."},
    {"values", 0, PD_OPTION_FLAG, false, NULL,
     "Quote the cells that fail (they may be personal data)."},
    OPTIONS_FORM,
    OPTION_JSON,
    OPTION_END};

static const struct pd_option STANDARD_INFER[] = {OPTIONS_PART, OPTIONS_FORM, OPTION_JSON,
                                                  OPTION_END};
static const struct pd_option TABLE_CONVERT[] = {
    {"out", 0, PD_OPTION_VALUE, true, "FILE",
     "Where to write: a file that isn't there yet, or - for standard output."},
    {"to", 0, PD_OPTION_VALUE, false, "FORM",
     "parquet or csv (default: what the name of --out ends in)."},
    {"compression", 0, PD_OPTION_VALUE, false, "NAME",
     "Of Parquet: zstd (the default), snappy, gzip, lz4 or none."},
    OPTIONS_PART,
    OPTIONS_FORM,
    OPTION_JSON,
    OPTION_END};
static const struct pd_option STANDARD_DIFF[] = {OPTION_JSON, OPTION_END};
static const struct pd_option STANDARD_REPAIR[] = {
    OPTIONS_PART,
    {"from", 0, PD_OPTION_VALUE, false, "FILE",
     "An authoritative table: what it says of a row fills cells that fail."},
    {"key", 0, PD_OPTION_VALUE, false, "COLUMN[=COLUMN]",
     "The column by which rows are found in the table of --from; behind = its name there."},
    {"agree", 0, PD_OPTION_LIST, false, "NAME",
     "Agree to a group of repairs, COLUMN:CHECK:METHOD as it is shown, or COLUMN; certain: to all "
     "that are certain."},
    {"member", 0, PD_OPTION_VALUE, false, "NAME", "Who agrees; needed with --agree."},
    {"repairs", 0, PD_OPTION_VALUE, false, "FILE",
     "Show what a file of repairs, read and changed by a person, does to the table."},
    {"out", 0, PD_OPTION_VALUE, false, "FILE",
     "Write the repairs to FILE, to be read, changed and agreed to; it quotes cells, so only you "
     "may read it."},
    {"table-out", 0, PD_OPTION_VALUE, false, "FILE",
     "Write the table as the agreed repairs make it (CSV); only you may read it."},
    {"rows", 0, PD_OPTION_VALUE, false, "N",
     "Show the first N repairs of each group (default 10)."},
    OPTION_REFERENCE,
    OPTIONS_FORM,
    OPTION_JSON,
    OPTION_END};
static const struct pd_option STANDARD_BUNDLED[] = {OPTION_JSON, OPTION_END};

#define OPTION_FROM                                                                                \
    { "from", 0, PD_OPTION_VALUE, true, "DIR", "The folder of the node's backups." }
static const struct pd_option BACKUP[] = {
    OPTION_DATA,
    {"to", 0, PD_OPTION_VALUE, true, "DIR",
     "The folder of this node's backups; made if it isn't there. Best on another machine's disk."},
    {"keys", 0, PD_OPTION_VALUE, false, "DIR",
     "Save the key store too, to this folder, in a place apart. Its older backups there are "
     "removed, since they may hold keys that were destroyed."},
    {"keys-days", 0, PD_OPTION_VALUE, false, "N",
     "For how many days the backup of the keys may be used (default 30)."},
    {"keep", 0, PD_OPTION_VALUE, false, "N",
     "Forget all but the newest N backups, and what only they had (default: keep all)."},
    OPTION_JSON,
    OPTION_END};
static const struct pd_option BACKUP_LIST[] = {OPTION_FROM, OPTION_JSON, OPTION_END};
static const struct pd_option BACKUP_CHECK[] = {
    OPTION_FROM,
    {"at", 0, PD_OPTION_VALUE, false, "BACKUP", "This one (default: the newest)."},
    OPTION_JSON,
    OPTION_END};
static const struct pd_option RESTORE[] = {
    OPTION_FROM,
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The folder to restore into: empty, or not there."},
    {"database", 0, PD_OPTION_VALUE, false, "URL",
     "Restore the tables into this empty database of PostgreSQL, wherever they were before."},
    {"at", 0, PD_OPTION_VALUE, false, "BACKUP",
     "This backup, as polder backup list names it (default: the newest)."},
    {"keys", 0, PD_OPTION_VALUE, false, "DIR", "The folder with the backup of the keys."},
    {"node-key", 0, PD_OPTION_VALUE, false, "FILE",
     "The node key that wraps them: a copy of node.key."},
    {"without-keys", 0, PD_OPTION_FLAG, false, NULL,
     "Restore the record alone, to be read and verified: nothing sealed can be read, and nothing "
     "signed."},
    {"witnessed", 0, PD_OPTION_LIST, false, "FILE",
     "A signed checkpoint of one of the node's logs that somebody else holds, such as the newest "
     "that a witness cosigned. The node will never sign below it."},
    {"without-witnesses", 0, PD_OPTION_FLAG, false, NULL,
     "Don't ask the witnesses of the node's policy: what they cosigned since this backup, the node "
     "may then contradict."},
    {"despite-flaws", 0, PD_OPTION_FLAG, false, NULL,
     "Keep what was restored although verifying it found flaws."},
    OPTION_JSON,
    OPTION_END};
static const struct pd_option UPGRADE[] = {
    OPTION_DATA,
    {"rehearse", 0, PD_OPTION_FLAG, false, NULL,
     "Do it with a copy of the database, say how long it took and whether it verifies, and throw "
     "the copy away. The node may work on meanwhile."},
    {"back", 0, PD_OPTION_FLAG, false, NULL,
     "Put the database from before the last upgrade back; refused once acts were recorded since."},
    {"despite-flaws", 0, PD_OPTION_FLAG, false, NULL,
     "Stay upgraded although verifying found flaws, because the node had them before."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option NO_OPTIONS[] = {OPTION_END};

#define OPTION_REGISTRAR                                                                           \
    {"party", 0, PD_OPTION_VALUE, true, "ID", "The party that registers."},                        \
    {                                                                                              \
        "member", 0, PD_OPTION_VALUE, false, "NAME",                                               \
            "Who registers for it; usually steward. The rules say who may."                        \
    }
static const struct pd_option PEOPLE_LIST[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    {"party", 0, PD_OPTION_VALUE, false, "ID", "Only of this party."},
    {"json", 0, PD_OPTION_FLAG, false, NULL, "Print JSON."},
    {NULL, 0, 0, false, NULL, NULL}};
static const struct pd_option PARTY_LIST[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    {"json", 0, PD_OPTION_FLAG, false, NULL, "Print JSON."},
    {NULL, 0, 0, false, NULL, NULL}};
static const struct pd_option PARTY_REGISTER[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    OPTION_REGISTRAR,
    {"title", 0, PD_OPTION_LIST, false, "LANGUAGE=TEXT", "Its name for people, in each language."},
    {"vkey", 0, PD_OPTION_VALUE, false, "KEY",
     "Its verifier key, named ORIGIN/party/ID, if it has made one itself; otherwise a key is made."},
    {"json", 0, PD_OPTION_FLAG, false, NULL, "Print JSON."},
    {NULL, 0, 0, false, NULL, NULL}};
static const struct pd_option MEMBER_REGISTER[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    OPTION_REGISTRAR,
    {"duty", 0, PD_OPTION_LIST, false, "CODE",
     "steward, owner, supervisor, system, security or audit; may be repeated."},
    {"json", 0, PD_OPTION_FLAG, false, NULL, "Print JSON."},
    {NULL, 0, 0, false, NULL, NULL}};
static const struct pd_option MEMBER_END[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    OPTION_REGISTRAR,
    {"json", 0, PD_OPTION_FLAG, false, NULL, "Print JSON."},
    {NULL, 0, 0, false, NULL, NULL}};
static const struct pd_option ACCOUNT_INVITE[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    {"days", 0, PD_OPTION_VALUE, false, "N", "How long the code lasts, 1 to 30; usually 7."},
    {"json", 0, PD_OPTION_FLAG, false, NULL, "Print JSON."},
    {NULL, 0, 0, false, NULL, NULL}};
static const struct pd_option ACCOUNT_PASSWORD[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    {"password-file", 0, PD_OPTION_VALUE, false, "FILE",
     "Holds the password, and only its owner may read it. Else it is taken from POLDER_PASSWORD."},
    {NULL, 0, 0, false, NULL, NULL}};
static const struct pd_option ACCOUNT_PLAIN[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    {NULL, 0, 0, false, NULL, NULL}};
static const struct pd_option ACCOUNT_PROVIDER[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    {"issuer", 0, PD_OPTION_VALUE, false, "URL", "As the provider's tokens name it; https."},
    {"client", 0, PD_OPTION_VALUE, false, "ID", "The node's name at the provider."},
    {"title", 0, PD_OPTION_VALUE, false, "TEXT", "What its button says."},
    {"secret-file", 0, PD_OPTION_VALUE, false, "FILE",
     "Holds the client's secret, and only its owner may read it; without: a public client."},
    {"private", 0, PD_OPTION_FLAG, false, NULL,
     "It may be in the own network, and without https: what it says travels in the clear then."},
    {"remove", 0, PD_OPTION_FLAG, false, NULL, "Remove it."},
    {NULL, 0, 0, false, NULL, NULL}};
static const struct pd_option SOURCE_ADD[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    {"location", 0, PD_OPTION_VALUE, true, "LOCATION",
     "FILE, FILE#PART, sqlite:FILE#TABLE, postgresql://...#TABLE, odbc:DSN#TABLE; without a password."},
    {"party", 0, PD_OPTION_VALUE, true, "PARTY", "Whose members may name it."},
    {"password-file", 0, PD_OPTION_VALUE, false, "FILE",
     "For postgresql: a password file as of libpq (host:port:database:user:password), by its whole "
     "path; only its owner may read it. It is read each time."},
    {NULL, 0, 0, false, NULL, NULL}};
static const struct pd_option ACCOUNT_LINK[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    {"remove", 0, PD_OPTION_FLAG, false, NULL, "Remove the link."},
    {NULL, 0, 0, false, NULL, NULL}};
static const struct pd_option TOKEN_CREATE[] = {
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE,
    {"title", 0, PD_OPTION_VALUE, true, "TEXT", "What it is for."},
    {"scope", 0, PD_OPTION_LIST, true, "ACTION",
     "An action that it is good for, such as read_dataset or upload; may be repeated."},
    {"days", 0, PD_OPTION_VALUE, false, "N", "How long it lasts, 1 to 366; usually 90."},
    {"json", 0, PD_OPTION_FLAG, false, NULL, "Print JSON."},
    {NULL, 0, 0, false, NULL, NULL}};

#endif
