/* Every command with its options: the parser, --help and the man page are made from this table. */
#include "cli/cli.h"

const char cli_about[] =
    "Polder governs data: it inspects a table, asks the law, changes what must be changed, "
    "publishes "
    "what may be, and puts every act on a transparency log that anyone can check.";

#define OPTION_DATABASE                                                                            \
    {                                                                                              \
        "database", 0, PD_OPTION_VALUE, false, "URL",                                              \
            "Where in PostgreSQL the node's tables are, if not where the folder says: they have "  \
            "moved, or this is a copy of them."                                                    \
    }
#define OPTION_DATA                                                                                \
    {"data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder."}, OPTION_DATABASE
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
     "public (default): of public acts, without member, recipient and evidence; audit: of any act, with "
     "all that the node committed to."},
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

static const struct pd_option KEY_DESTROY[] = {
    OPTIONS_KEY_ACTOR,
    {"reason", 0, PD_OPTION_VALUE, false, "TEXT", "Why; sealed. Needed with --yes."},
    {"yes", 'y', PD_OPTION_FLAG, false, NULL, "Ask for it, having seen what would be lost."},
    OPTION_JSON,
    OPTION_END};

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
    {"dry-run", 'n', PD_OPTION_FLAG, false, NULL, "Show what would happen; change nothing."},
    {"yes", 'y', PD_OPTION_FLAG, false, NULL, "Sign the plan as shown."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option DEMO[] = {
    {"rows", 0, PD_OPTION_VALUE, true, "N", "How many rows (at most 100,000,000)."},
    {"seed", 0, PD_OPTION_VALUE, true, "S", "The same seed gives the same table."},
    {"language", 0, PD_OPTION_VALUE, false, "CODE", "en (default) or zh: headers and values."},
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

const struct pd_command cli_commands[] = {
    {"init", "", 0, 0, "Make a node: act 0 records its charter, rules, parties and keys.",
     "The law in force belongs to the node, not to whoever asks. The parties' signing keys are "
     "written below the data "
     "folder, in keys/, to be handed to the parties.",
     INIT, cli_init},
    {"govern", "PLACE", 1, 1,
     "Inspect a file, ask the law, change what must be changed, publish what may be.",
     "PLACE is a table: text (CSV or JSON, whose form is found and can be said), XLSX, XLS, ODS, any of "
     "them compressed with gzip or zstd or alone in "
     "a "
     "ZIP archive; FILE.db#TABLE of a SQLite database; postgresql://USER@HOST/DB#SCHEMA.TABLE; "
     "odbc:DSN#TABLE; or - for standard input. Of a folder, or a database named without a table, each "
     "table is an act of its own, its title that of --title with the table's name; one that fails "
     "stops none of the others, a sum stands at the end, and with --idempotency-key the same "
     "command again does only what isn't done. The report says what was found, each "
     "article that spoke, "
     "what was changed and why, what remains at risk, what is open and whose it is, and the "
     "receipt. Without --yes the "
     "plan is shown and, on a terminal, the steward is asked to sign it; otherwise the intent is "
     "left open (act resume). "
     "Exit status 77: the law refuses. 75: a fact or a signature is missing.",
     GOVERN, cli_govern},
    {"inspect", "PLACE...", 1, -1,
     "Say what is in a table: types, statistics, identifiers, roles, a proposed grade.",
     "PLACE is a table as for polder govern; or a folder, or a database named without a table: "
     "then "
     "each table in it is inspected, what can't be read is named, and the exit status is that of "
     "the "
     "first such one. Passwords of databases come from PGPASSWORD, PGPASSFILE, odbc.ini or "
     "POLDER_ODBC_PASSWORD, never from the command line. No node is needed. Without --values "
     "no value of a column of "
     "text, or of one that says something about persons, is shown. A table in parts, or in places "
     "that may not exchange it, is inspected part by part with --sketch, and then as a whole: "
     "polder inspect --merge A B ...",
     INSPECT, cli_inspect},
    {"detect", "FILE", 1, 1, "Find personal data and secrets in running text, or take them out.",
     "FILE is text, or - for standard input: text in UTF-8 is read once, in pieces, whatever its "
     "size. Of HTML, e-mail, DOCX, ODT, PDF, pictures of pages (recognised by tesseract) and "
     "spreadsheets, compressed or not, and of text in other character sets, places are those of "
     "the text in them, as --redact writes it. "
     "Each finding is a line: place (line:column), type, confidence, length, evidence. Where "
     "findings overlap, the more confident one stands, then the longer. docs/detectors.md lists "
     "the "
     "types. For a table, polder inspect says what each column holds.",
     DETECT, cli_detect},
    {"standard check", "STANDARD FILE", 2, 2, "Check a table against a data standard.",
     "STANDARD is a Table Schema (JSON; docs/reference/standards.md), perhaps with rules between "
     "fields, or the name of one in the program (standard list); FILE is a table as for polder "
     "govern. Says of each constraint and rule how many rows "
     "fail it, which ones first and why, and the score A/B of each indicator of GB/T 36344. With "
     "--json the first 100 rows of each check are named. Exit status 65: the table does not meet "
     "the standard, or the standard is wrong.",
     STANDARD_CHECK, cli_standard_check},
    {"standard infer", "FILE", 1, 1, "Write a data standard that a table meets.",
     "FILE is a table as for polder govern. A type and form are found for each column, and whether "
     "its values are always there and never twice; then the table is checked against that, and "
     "what a row contradicts is taken back. A start for the people who agree on the standard: no "
     "limit or list is guessed from the values. The answer is JSON, with or without --json.",
     STANDARD_INFER, cli_standard_infer},
    {"standard repair", "STANDARD FILE", 2, 2,
     "Say what could be done about the rows of a table that fail a standard.",
     "Of each failing cell: what it could be, how sure that is, and why: blanks, full-width "
     "characters, dates, numbers and units written otherwise, codes by what they are called or "
     "near misspellings, rows that are there twice, what an identifier in the row or an "
     "authoritative table says. What has several readings is open: a person chooses. Nothing is "
     "changed. What is agreed to (--agree, or in the file of --out) is shown with the check made "
     "again; polder govern --repair carries it out as a new version, beside the old one. Cells are "
     "shown, which may be personal.",
     STANDARD_REPAIR, cli_standard_repair},
    {"standard list", "[NAME]", 0, 1, "List the data standards that come with the program.",
     "They can be named wherever a standard is asked for. With NAME: print that one.",
     STANDARD_BUNDLED, cli_standard_list},
    {"standard diff", "OLD NEW", 2, 2, "Say what one data standard changes in another.",
     "Fields that come, go or change, and which constraints and rules become stricter or looser.",
     STANDARD_DIFF, cli_standard_diff},
    {"law decide", "", 0, 0, "Ask the law about an act without acting.",
     "Says which articles speak, what they ask, and which facts are missing and whose they are. "
     "Facts are named as "
     "--facts lists them. Exit status 0: permit; 77: deny; 75: open.",
     DECIDE, cli_law_decide},
    {"law explain", "[POLICY]", 0, 1,
     "Say what decided, and what would be lawful; or what a policy says.",
     "An act is asked about as in law decide. Of each policy that spoke: the conditions, with file "
     "and line, and within them the piece that decided; the facts that it asked for and what was "
     "said of them; what would make it silent. Then the lawful alternative of least loss over all "
     "that refuse. Exit status as of law decide. With POLICY, an id such as cn.pipl.25: its text, "
     "duties, remedies, exemptions, and the facts that it asks for and whose they are.",
     EXPLAIN, cli_law_explain},
    {"law compare", "PACK PACK...", 2, -1,
     "Ask several laws about one act, and set the answers side by side.",
     "An act is asked about as in law decide, under each pack with the node's own rules. The table "
     "says of each the outcome, the articles that spoke, what is missing and whose it is, the "
     "duties, and the lawful alternative of least loss. Exit status 0, whatever the outcomes.",
     COMPARE, cli_law_compare},
    {"law format", "FILE...", 1, -1, "Give files of policies (.cedar) one layout, in place.",
     "Only white space changes: comments stay where they are, and the policies mean what they did. "
     "A file that does not parse is left as it is.",
     FORMAT, cli_law_format},
    {"law check", "DIR", 1, 1, "Say whether a folder of law packs would load, and what is wrong.",
     "DIR is laid out as for --law-dir. What a node would refuse is shown with its place and, for "
     "a "
     "misspelt name, the one that was perhaps meant, up to 20 in a file: syntax, annotations, "
     "obligations, exemptions, facts that the registry lacks, and types and levels by "
     "DIR/polder.cedarschema (or the program's, if there is none). Exit status 65: there are "
     "errors.",
     CHECK, cli_law_check},
    {"law diff", "[OLD] NEW", 1, 2, "Say what two laws have apart, layout and comments aside.",
     "OLD (default in-force) and NEW are folders of rules laid out as for --law-dir, or in-force: "
     "the rules of the node (--data). Policies, thresholds, facts, calendars and packs that were "
     "added, removed or changed; of a policy its effect, scope, conditions and annotations one by "
     "one. What only is written otherwise is no difference. Exit status 65: the rules of a folder "
     "do "
     "not load.",
     DIFF, cli_law_diff},
    {"law replay", "", 0, 0,
     "Make every recorded finding again, by the rules that were in force then, and compare.",
     "A finding is the same if its outcome, the policies that spoke and the obligations are. Named "
     "are those that differ, and those that can't be made again: the key of the record was "
     "destroyed, or an older Polder did not keep all of the case. Exit status 70: a finding "
     "differs, "
     "or a record or its rules are not what was written.",
     PAST, cli_law_replay},
    {"law impact", "[OLD] NEW", 1, 2,
     "Say what another law would change in the cases on record. Nothing is written.",
     "OLD (default in-force) and NEW are folders of rules laid out as for --law-dir, or in-force: "
     "the rules of the node. Every recorded case is decided under both: which outcomes change, by "
     "which policies, and which obligations come or go. Exit status 65: the rules of a folder do "
     "not "
     "load.",
     IMPACT, cli_law_impact},
    {"law unlock", "", 0, 0, "Rank what stands between denied or open requests and their data.",
     "Every denial and open intent that nothing has settled since is decided again by the rules in "
     "force now: once as it is, and once for each article, missing fact, change or signature in "
     "its "
     "way, as if that one thing were supplied (and what a steward attests by signing, signed). The "
     "data itself is not read again.",
     PAST, cli_law_unlock},
    {"law test", "DIR", 1, 1,
     "Decide every case of a folder of law packs, and say which came out otherwise.",
     "DIR is laid out as for --law-dir. The cases are the rows of each pack's CASES.md: an act and "
     "facts with which a policy speaks, and with which it is silent. They are decided with the "
     "node's own rules beside the pack, as of the day in its manifest or in the row. Each row that "
     "came out otherwise is named, and each policy that has no row on both sides. Exit status 65: "
     "there are any.",
     TEST, cli_law_test},
    {"law coverage", "DIR", 1, 1,
     "Say which rows of the law a folder of law packs decides, and why not the others.",
     "DIR is laid out as for --law-dir. Each pack's ROWS.md lists the rows of the law with the "
     "policies that decide them, or the reason why none does. Exit status 65: a row names a policy "
     "that does not exist, has neither policy nor reason, or stands twice; or no row names a "
     "policy.",
     COVERAGE, cli_law_coverage},
    {"fact attest", "ACT NAME VALUE", 3, 3,
     "Attest a fact for an open intent, signed with the party's key.",
     "ACT is the id of the intent, as the report of polder govern names it.", ATTEST,
     cli_fact_attest},
    {"act show", "ACT", 1, 1,
     "Show an act or an intent: request, facts, finding, plan, clocks, receipt, proof.", NULL,
     ACT_SHOW, cli_act_show},
    {"act resume", "ACT [FILE]", 1, 2,
     "Go on with an open intent, now that facts have been attested.",
     "The file is read again and must be the one that the intent was about; name it if it moved.",
     RESUME, cli_act_resume},
    {"clock list", "", 0, 0, "List the duties that acts left behind: due, met or overdue.",
     "Dates follow the calendar of the policy's jurisdiction; where it does not reach, the reason "
     "stands instead.",
     CLOCK_LIST, cli_clock_list},
    {"clock meet", "CLOCK", 1, 1,
     "Record that a duty was met: an act, signed with the key of the party that owes it.",
     "CLOCK is an id as polder clock list shows it. The act stands in the restricted log; the "
     "evidence is sealed.",
     CLOCK_MEET, cli_clock_meet},
    {"case raise", "KIND", 1, 1, "Raise a case that a responsible party must answer by a deadline.",
     "KIND is access (a person's own data), demand (data is needed), objection, correction, "
     "withdrawal (of consent) or incident. The law says until when it must be answered; "
     "the duty is the responsible party's. Exit status 77: the law refuses it, which is recorded; "
     "75: facts are missing, and nothing is recorded.",
     CASE_RAISE, cli_case_raise},
    {"case answer", "CASE", 1, 1,
     "Answer a case: a decision of a named member, signed with the party's key.",
     "CASE is an id as polder case list shows it. The duty to answer is met.", CASE_ANSWER,
     cli_case_answer},
    {"case refuse", "CASE", 1, 1,
     "Refuse a case, with reasons, statutory ground and the way to appeal.",
     "A decision of a named member, signed with the party's key. The duty to answer is met.",
     CASE_REFUSE, cli_case_refuse},
    {"case withdraw", "CASE", 1, 1, "Withdraw a case: by the party that raised it.",
     "Nobody has to answer it any more.", CASE_WITHDRAW, cli_case_withdraw},
    {"case list", "", 0, 0, "List cases: where they stand, and until when they must be answered.",
     NULL, CASE_LIST, cli_case_list},
    {"case show", "CASE", 1, 1, "Show a case: who must answer it, its deadlines and its thread.",
     NULL, ACT_SHOW, cli_case_show},
    {"erase", "", 0, 0, "Show what holds a person, and ask for the person to be erased.",
     "A file is known to hold a person if identifiers were recognised in its source: numbers of "
     "identity cards and passports, telephones, addresses of e-mail, accounts. Without --yes "
     "nothing is done (exit status 75 if somebody is held). Exit status 77: the law forbids it, or "
     "no right; 75: it misses facts.",
     ERASE, cli_erase},
    {"erase agree", "REQUEST", 1, 1, "Agree that a person is erased, as another party than asked.",
     "Each file gets a new version without the person's rows, and the old one's key is destroyed. "
     "A released file is replaced, or withdrawn where the law would not permit it any more. "
     "Without --yes it is said what holds the person, and nothing is done (exit status 75).",
     KEY_AGREE, cli_erase_agree},
    {"key list", "", 0, 0, "List the keys of the node and its parties: since when, and until when.",
     "Keys that were replaced stay listed, since what they signed stays valid. Secret keys are "
     "never shown.",
     KEY_LIST, cli_key_list},
    {"key rotate", "HOLDER", 1, 1, "Put another key in the place of one: an act in the public log.",
     "HOLDER is log/public, log/restricted/PERIOD, receipts, party/ID or node. A log's checkpoints "
     "carry "
     "the signatures of the old and the new key until the old one is destroyed. A party replaces "
     "its own key, and what it signed stays valid. The node's key wraps all others, which are "
     "wrapped anew at once or not at all.",
     KEY_ROTATE, cli_key_rotate},
    {"key destroy", "ID", 1, 1, "Ask for a key to be destroyed; another party must agree.",
     "ID is a key, or the version, distribution, act, intent or case entry that it seals. Without "
     "--yes it is said what nobody could read any more, and nothing is done (exit status 75).",
     KEY_DESTROY, cli_key_destroy},
    {"key agree", "REQUEST", 1, 1, "Agree that a key is destroyed, as another party than asked.",
     "What it sealed is gone from then on, in every backup too; leaves and proofs stand. Without "
     "--yes it is said what will be lost, and nothing is done (exit status 75).",
     KEY_AGREE, cli_key_agree},
    {"job list", "", 0, 0, "List what the node will do by itself, and when.",
     "A job that failed is tried again, each time later; after 12 attempts it is given up.",
     JOB_LIST, cli_job_list},
    {"job run", "", 0, 0, "Do now what is due.",
     "As every command that writes does at its end: a duty that became overdue is recorded so, "
     "once, "
     "and a case whose deadline has passed is escalated. Proofs and files that are pending are "
     "finished too. For a timer, once an hour or a day. Exit status 75: something failed, and will "
     "be tried again.",
     PAST, cli_job_run},
    {"backup", "", 0, 0, "Back up a node, also while it works.",
     "What earlier backups in the folder hold already is not copied again. Each backup is whole by "
     "itself, signed by the node, and read again after it was written. The keys are no part of it: "
     "what destroys a key must destroy it everywhere, so they have a backup of their own (--keys), "
     "in a place apart and for a short time, wrapped by the node key, which is in neither. Exit "
     "status 70: files that the database names are missing, and in no older backup.",
     BACKUP, cli_backup},
    {"backup list", "", 0, 0, "List the backups in a folder.", NULL, BACKUP_LIST, cli_backup_list},
    {"backup check", "", 0, 0, "Read a backup again, all of it. No node is needed.",
     "Exit status 70 names each piece that is damaged or missing.", BACKUP_CHECK, cli_backup_check},
    {"restore", "", 0, 0, "Restore a node from a backup into an empty folder.",
     "Nothing counts before all of it was restored and verified; what was cut off is done anew. "
     "Keys that were destroyed do not come back. Later checkpoints of the node's logs, which other "
     "backups in the folder or --witnessed tell of, are kept beside the logs: the node signs and "
     "records nothing that could contradict them. Exit status 75: restored, but acts are missing "
     "that the node had signed, and it says which; 70: flaws were found, or the backup is damaged; "
     "77: it is of another node, or its keys have expired.",
     RESTORE, cli_restore},
    {"upgrade", "", 0, 0, "Bring the database of an older Polder up to date.",
     "No other command changes the schema of a node. The database is copied before, migrated in "
     "one "
     "transaction and verified; if that finds flaws, it is put back. Exit status 70: flaws were "
     "found; 75: --back would lose acts.",
     UPGRADE, cli_upgrade},
    {"verify", "", 0, 0, "Verify a whole node, or one proof offline.",
     "With --data: rows are as their acts wrote them, every act has its leaf and its receipt, "
     "records open, findings follow again from facts and law, clocks from findings; trees, "
     "checkpoints and tiles agree with each other and with what this machine saw before; keys and "
     "files are whole. Names each flaw and where it is, and ends with 70 if there is one. With "
     "--proof, --leaf and --key: no node is needed.",
     VERIFY, cli_verify},
    {"dossier", "OBJECT", 1, 1,
     "Write what stands behind an act into one file that anybody can check without the node.",
     "OBJECT is the id of an act, or of a dataset, version or distribution: then of the act that made the "
     "newest version. The file holds the leaf with its proof, the receipt, the case with its facts, the "
     "plan and the risks, the finding, the rules and how they came into force, and the keys; the node "
     "signs it. Exit status 77: not for the public; 69: the proof is pending.",
     DOSSIER, cli_dossier},
    {"ledger verify", "", 0, 0, "Another name of polder verify.", NULL, VERIFY, cli_verify},
    {"ledger prove", "[ACT]", 0, 1,
     "Make the proof that an act is in the log, or that the log only grew.", NULL, PROVE,
     cli_ledger_prove},
    {"ledger show", "", 0, 0, "Show the newest checkpoint and leaves of a log.", NULL, SHOW,
     cli_ledger_show},
    {"ledger logs", "", 0, 0, "List the public log and the shards of the restricted one.",
     "With how many leaves each of them has, how many of them the public log knows of, and whether "
     "it was pruned.",
     PAST, cli_ledger_logs},
    {"ledger anchor", "", 0, 0, "Tell the public log now where each shard stands.",
     "An act for each shard that has new leaves. From then on nobody can drop or change them "
     "unseen. By itself that happens once a day.",
     PAST, cli_ledger_anchor},
    {"ledger integrate", "", 0, 0,
     "Give pending leaves their places, sign, publish, and release what waits.",
     "Every command that makes an act does that at its end. With --follow one process does it for "
     "all: start it on several machines; one is elected, the others stand by and one of them takes "
     "over within seconds when it ends, however that comes. It runs what is due, too.",
     INTEGRATE, cli_ledger_integrate},
    {"ledger prune", "SHARD", 1, 1,
     "Remove a shard of the restricted log whose time of keeping is over.",
     "How long a shard is kept after its end is the node's rule restricted_keep_months. Leaves, "
     "sealed "
     "records, keys and tiles go; what something lasting depends on stays, with its proof. An act "
     "in "
     "the public log says what went: size and root, as they were anchored. Refused before the "
     "date, "
     "for the newest shard, and without an anchor that covers it.",
     PRUNE, cli_ledger_prune},
    {"ledger policy", "[FILE]", 0, 1,
     "Enact which witnesses count for the public log, or show which do.",
     "FILE is a C2SP tlog-policy: log, witness, group and quorum lines; the log line is this "
     "node's "
     "own. An act, signed with the party's key; the policy's hash stands in the public log. From "
     "then "
     "on each new checkpoint is sent to the witnesses, and a proof waits for their quorum.",
     LEDGER_POLICY, cli_ledger_policy},
    {"ledger witness", "", 0, 0, "Ask the witnesses now, and say what each of them cosigned.",
     "By itself that happens after each act, and again later where no quorum came of it. Exit "
     "status "
     "75: the quorum isn't there yet, or a larger tree of this log was witnessed; 70: a witness "
     "showed a fork, and nothing more is signed or published.",
     LEDGER_WITNESS, cli_ledger_witness},
    {"witness init", "", 0, 0, "Make a witness: a folder with a key, on a machine of its own.",
     "A witness vouches that a log only grows: it cosigns each checkpoint that follows from the "
     "last "
     "one it cosigned, and none that doesn't. The name and the key are one for ever; a folder "
     "brought "
     "back from a backup must get new ones.",
     WITNESS_INIT, cli_witness_init},
    {"witness add-log", "[ORIGIN VKEY]", 0, 2,
     "Watch a log from now on, or accept another key of it.",
     "ORIGIN is the first line of the log's checkpoints, VKEY its verifier key: of a node, what "
     "stands "
     "in DIR/ledger/public/vkey. Works while the witness serves.",
     WITNESS_ADD_LOG, cli_witness_add_log},
    {"witness list", "", 0, 0, "List the logs that are watched, and what they showed.", NULL,
     WITNESS_LIST, cli_witness_list},
    {"witness serve", "", 0, 0, "Cosign the checkpoints of the logs that are watched, over HTTP.",
     "POST /add-checkpoint and GET /HASH/checkpoint as in C2SP tlog-witness; GET /vkey, /healthz. "
     "A "
     "checkpoint is on disk before its cosignature is given out. A log that shows a fork is told "
     "on "
     "stderr, and both signed statements are kept. Put a TLS proxy before it. Ends in order on "
     "SIGTERM.",
     WITNESS_SERVE, cli_witness_serve},
    {"demo table", "KIND", 1, 1,
     "Write a synthetic table to stdout: permits, residents, visits or trips.",
     "Deterministic. Identifiers are synthetic and marked so: resident ids carry birth years "
     "1912-1929 and sequence "
     "numbers 9xx, mobile numbers the block 0000.",
     DEMO, cli_demo_table},
    {"man", "", 0, 0, "Write the manual page.", NULL, NO_OPTIONS, cli_man},
    {NULL, NULL, 0, 0, NULL, NULL, NULL, NULL}};

int cli_man(const struct pd_command *command, const struct pd_args *args, void *context) {
    (void)command, (void)args, (void)context;
    struct pd_buf out;
    pd_buf_init(&out, 0);
    pd_man_write(&out, "polder", cli_about, cli_commands);
    return cli_print(&out);
}
