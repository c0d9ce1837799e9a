/* Every command with its options: the parser, --help and the man page are made from this table. */
#include "cli/cli.h"

const char cli_about[] =
    "Polder governs data: it inspects a table, asks the law, changes what must be changed, "
    "publishes "
    "what may be, and puts every act on a transparency log that anyone can check.";

#define OPTION_DATA                                                                                \
    { "data", 'd', PD_OPTION_VALUE, true, "DIR", "The node's data folder." }
#define OPTION_JSON                                                                                \
    { "json", 0, PD_OPTION_FLAG, false, NULL, "Answer in JSON, for machines." }
#define OPTION_DETECTORS                                                                           \
    {                                                                                              \
        "detectors", 0, PD_OPTION_VALUE, false, "FILE",                                            \
            "Detectors of your own (JSON; docs/reference/detectors-file.md)."                      \
    }
#define OPTION_END                                                                                 \
    { NULL, 0, PD_OPTION_FLAG, false, NULL, NULL }

static const struct pd_option INIT[] = {
    OPTION_DATA,
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
    OPTION_DETECTORS,
    {"idempotency-key", 0, PD_OPTION_VALUE, false, "KEY",
     "A retry with the same key gets the first receipt."},
    {"dry-run", 'n', PD_OPTION_FLAG, false, NULL,
     "Inspect, ask the law and show the plan; change nothing."},
    {"yes", 'y', PD_OPTION_FLAG, false, NULL,
     "Sign the plan as shown, as the steward named by --member. Signing attests what the plan says "
     "it attests."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option INSPECT[] = {
    OPTION_DETECTORS,
    {"values", 0, PD_OPTION_FLAG, false, NULL,
     "Show the most frequent values too (they may be personal data)."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option DECIDE[] = {
    {"for", 0, PD_OPTION_VALUE, false, "VERB",
     "The act: open, share, store, collect, use, transfer, delete, ..."},
    {"law", 0, PD_OPTION_VALUE, false, "PACKS",
     "Law packs, comma-separated (default cn); not with --data."},
    {"law-dir", 0, PD_OPTION_VALUE, false, "DIR",
     "Take the rules from this folder instead of those in the program."},
    {"data", 'd', PD_OPTION_VALUE, false, "DIR", "Ask the rules in force at this node."},
    {"party-kind", 0, PD_OPTION_VALUE, false, "KIND",
     "Kind of the party that acts (default state_organ)."},
    {"recipient-kind", 0, PD_OPTION_VALUE, false, "KIND",
     "Kind of the party that receives; none if left out."},
    {"recipient-country", 0, PD_OPTION_VALUE, false, "CODE",
     "Country of the party that receives (default: the one that the law pack is named after)."},
    {"fact", 'f', PD_OPTION_LIST, false, "NAME=VALUE[@CLASS]",
     "A fact, as if its class were CLASS: declared (default), attested, derived, measured."},
    {"facts", 0, PD_OPTION_FLAG, false, NULL,
     "List what the law asks about, and whose word counts, instead of deciding."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option FORMAT[] = {{"check", 0, PD_OPTION_FLAG, false, NULL,
                                           "Change nothing; name the files that are formatted "
                                           "otherwise. Exit status 65 if there are any."},
                                          OPTION_END};

static const struct pd_option CHECK[] = {
    {"law", 0, PD_OPTION_VALUE, false, "PACKS",
     "Only these packs of the folder, comma-separated, with the node's own rules (default: all)."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option VERIFY[] = {
    {"data", 'd', PD_OPTION_VALUE, false, "DIR",
     "Verify a whole node: acts, rows, leaves, trees, tiles, files."},
    {"proof", 0, PD_OPTION_VALUE, false, "FILE",
     "Verify one proof offline (.tlog-proof); with --leaf and --key."},
    {"leaf", 0, PD_OPTION_VALUE, false, "FILE", "The leaf that the proof is about, byte for byte."},
    {"key", 0, PD_OPTION_VALUE, false, "VKEY",
     "The log's verifier key, as text or a file that holds it."},
    OPTION_JSON,
    OPTION_END};

static const struct pd_option PROVE[] = {
    OPTION_DATA,
    {"output", 'o', PD_OPTION_VALUE, false, "FILE",
     "Write the proof to FILE and the leaf to FILE.leaf (default: proof to stdout)."},
    {"log", 0, PD_OPTION_VALUE, false, "NAME",
     "With --from and --to: public (default) or restricted."},
    {"from", 0, PD_OPTION_VALUE, false, "SIZE", "Prove that the log of this size ..."},
    {"to", 0, PD_OPTION_VALUE, false, "SIZE",
     "... was only appended to until this size (default: now)."},
    OPTION_END};

static const struct pd_option SHOW[] = {
    OPTION_DATA,
    {"log", 0, PD_OPTION_VALUE, false, "NAME", "public (default) or restricted."},
    {"from", 0, PD_OPTION_VALUE, false, "INDEX",
     "First leaf (default: so that the last ones are shown)."},
    {"count", 0, PD_OPTION_VALUE, false, "N", "How many leaves (default 20)."},
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

static const struct pd_option ACT_SHOW[] = {OPTION_DATA, OPTION_JSON, OPTION_END};

static const struct pd_option RESUME[] = {
    OPTION_DATA,
    OPTION_DETECTORS,
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

static const struct pd_option NO_OPTIONS[] = {OPTION_END};

const struct pd_command cli_commands[] = {
    {"init", "", 0, 0, "Make a node: act 0 records its charter, rules, parties and keys.",
     "The law in force belongs to the node, not to whoever asks. The parties' signing keys are "
     "written below the data "
     "folder, in keys/, to be handed to the parties.",
     INIT, cli_init},
    {"govern", "FILE", 1, 1,
     "Inspect a file, ask the law, change what must be changed, publish what may be.",
     "FILE is a CSV table in UTF-8, or - for standard input. The report says what was found, each "
     "article that spoke, "
     "what was changed and why, what remains at risk, what is open and whose it is, and the "
     "receipt. Without --yes the "
     "plan is shown and, on a terminal, the steward is asked to sign it; otherwise the intent is "
     "left open (act resume). "
     "Exit status 77: the law refuses. 75: a fact or a signature is missing.",
     GOVERN, cli_govern},
    {"inspect", "FILE", 1, 1,
     "Say what is in a table: types, statistics, identifiers, roles, a proposed grade.",
     "FILE is a CSV table in UTF-8, or - for standard input. No node is needed. Without --values "
     "no value of a column of "
     "text, or of one that says something about persons, is shown.",
     INSPECT, cli_inspect},
    {"detect", "FILE", 1, 1, "Find personal data and secrets in running text, or take them out.",
     "FILE is text in UTF-8, or - for standard input; it is read once, in pieces, whatever its "
     "size. "
     "Each finding is a line: place (line:column), type, confidence, length, evidence. Where "
     "findings overlap, the more confident one stands, then the longer. docs/detectors.md lists "
     "the "
     "types. For a table, polder inspect says what each column holds.",
     DETECT, cli_detect},
    {"law decide", "", 0, 0, "Ask the law about an act without acting.",
     "Says which articles speak, what they ask, and which facts are missing and whose they are. "
     "Facts are named as "
     "--facts lists them. Exit status 0: permit; 77: deny; 75: open.",
     DECIDE, cli_law_decide},
    {"law format", "FILE...", 1, -1, "Give files of policies (.cedar) one layout, in place.",
     "Only white space changes: comments stay where they are, and the policies mean what they did. "
     "A file that does not parse is left as it is.",
     FORMAT, cli_law_format},
    {"law check", "DIR", 1, 1, "Say whether a folder of law packs would load, and what is wrong.",
     "DIR is laid out as for --law-dir. Every policy that does not parse is named with its place, "
     "up to 20 in a file; if all parse, the rules are loaded as a node would load them, and "
     "validated strictly against DIR/polder.cedarschema, if it is there. Exit status 65: there "
     "are errors.",
     CHECK, cli_law_check},
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
    {"ledger verify", "", 0, 0, "Verify a node's ledger, or one proof offline.",
     "With --data: every act has its leaf and the reverse, rows are as their acts wrote them, "
     "trees, checkpoints, tiles "
     "and files agree; exit status 70 names each flaw. With --proof, --leaf and --key: no node is "
     "needed.",
     VERIFY, cli_ledger_verify},
    {"ledger prove", "[ACT]", 0, 1,
     "Make the proof that an act is in the log, or that the log only grew.", NULL, PROVE,
     cli_ledger_prove},
    {"ledger show", "", 0, 0, "Show the newest checkpoint and leaves of a log.", NULL, SHOW,
     cli_ledger_show},
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
