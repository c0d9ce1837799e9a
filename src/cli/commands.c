/* Every command with its options: the parser, --help and the man page are made from this table. */
#include "cli/command_options.h"

const char cli_about[] =
    "Polder governs data: it inspects a table, asks the law, changes what must be changed, "
    "publishes "
    "what may be, and puts every act on a transparency log that anyone can check.";

const struct pd_command cli_commands[] = {
    {"init", "", 0, 0, "Make a node: act 0 records its charter, rules, parties and keys.",
     "The law in force belongs to the node, not to whoever asks. The parties' signing keys are "
     "written below the data "
     "folder, in keys/, to be handed to the parties.",
     INIT, cli_init},
    {"govern", "PLACE", 1, 1,
     "Inspect a file, ask the law, change what must be changed, publish what may be.",
     "PLACE is a table: text (CSV or JSON, whose form is found and can be said), XLSX, XLS, ODS, "
     "Parquet (flat), "
     "any of "
     "them compressed with gzip or zstd or alone in "
     "a "
     "ZIP archive; FILE.db#TABLE of a SQLite database; postgresql://USER@HOST/DB#SCHEMA.TABLE; "
     "odbc:DSN#TABLE; or - for standard input. Of a folder, or a database named without a table, "
     "each "
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
    {"table convert", "PLACE", 1, 1, "Write a table, wherever it is, as Parquet or CSV.",
     "PLACE is a table as for polder govern. Of a Parquet file each column gets the narrowest type "
     "from which all of its cells come back as they are written (integer, decimal, double, boolean, "
     "date, time, timestamp, uuid), else text: nothing is lost, and empty cells are missing values. "
     "Blank and repeated names of columns are made such that they differ. CSV is UTF-8 with commas. "
     "Rows with another number of fields than the header are left out, and told. The file is for "
     "its owner alone; one that is there is never written over.",
     TABLE_CONVERT, cli_table_convert},
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
    {"propose", "[PLACE]", 0, 1, "Propose to change the rules or standards of the node.",
     "PLACE is a file, or a folder with node/, delegated/ and standards/ as they are to be: what "
     "is in force already is left out. It is refused, with the rule named, if the charter lets "
     "nobody change it, if the rules don't load or fail their tests (node/CASES.md), or exempt "
     "from a higher rank. It is a draft until polder proposal consult.",
     PROPOSE, cli_propose},
    {"proposal list", "", 0, 0, "List proposals, the newest first: where they stand.", NULL,
     PROPOSAL_READ, cli_proposal_list},
    {"proposal show", "PROPOSAL", 1, 1,
     "Show a proposal: changes, effects, impact, objections, vote, stages.",
     "How a vote stands nobody is told before it closes.", PROPOSAL_READ, cli_proposal_show},
    {"proposal consult", "PROPOSAL", 1, 1, "Open the consultation of a draft.",
     "It lasts as the charter says, and ends once every objection is answered. Then the impact is "
     "computed and the text is final; the vote opens, closes, and what is adopted comes into "
     "force, each at its date, by itself.",
     PROPOSAL_MOVE, cli_proposal_consult},
    {"proposal edit", "PROPOSAL PLACE", 2, 2, "Give a proposal another text.",
     "As a draft and during consultation; never once the text is final.", PROPOSAL_EDIT,
     cli_proposal_edit},
    {"proposal withdraw", "PROPOSAL", 1, 1, "Withdraw a proposal, before its vote opens.", NULL,
     PROPOSAL_MOVE, cli_proposal_withdraw},
    {"proposal object", "PROPOSAL", 1, 1, "Object to a proposal in consultation.",
     "Who proposed it must answer, or it doesn't come to a vote.", PROPOSAL_OBJECT,
     cli_proposal_object},
    {"proposal answer", "OBJECTION", 1, 1, "Answer an objection, as the party that proposed.", NULL,
     PROPOSAL_REPLY, cli_proposal_answer},
    {"proposal sustain", "OBJECTION", 1, 1,
     "Say that an objection stands although it was answered, as the party that raised it.",
     "Where the charter adopts by consent, the chambers then vote.", PROPOSAL_REPLY,
     cli_proposal_sustain},
    {"proposal drop", "OBJECTION", 1, 1, "Withdraw an objection, as the party that raised it.", NULL,
     PROPOSAL_DROP, cli_proposal_drop},
    {"proposal run", "PROPOSAL", 1, 1, "Take the steps of a proposal that are due now.",
     "Whatever writes next does that by itself, and so does polder job run.", PROPOSAL_READ,
     cli_proposal_run},
    {"proposal record", "PROPOSAL", 1, 1, "Write what is public of a vote that closed.",
     "With the files of the public log that is all it takes to count it again: "
     "tests/verifier/recount.py does, and shares no code with this program.",
     PROPOSAL_RECORD, cli_proposal_record},
    {"proposal notices", "", 0, 0, "List what a party was told of proposals.", NULL,
     PROPOSAL_NOTICES, cli_proposal_notices},
    {"vote", "PROPOSAL CHOICE", 2, 2, "Cast a ballot: yes, no or abstain.",
     "An organisation votes by name, once. A person votes by a pseudonym of this vote, and of "
     "several ballots the last one counts; the node, which holds the key of the pseudonyms, could "
     "link them to members. The public log commits to the ballot; how anybody voted it says after "
     "the close.",
     VOTE, cli_vote},
    {"clock list", "", 0, 0, "List the duties that acts left behind: due, met or overdue.",
     "Dates follow the calendar of the policy's jurisdiction; where it does not reach, the reason "
     "stands instead.",
     CLOCK_LIST, cli_clock_list},
    {"clock meet", "CLOCK", 1, 1,
     "Record that a duty was met: an act, signed with the key of the party that owes it.",
     "CLOCK is an id as polder clock list shows it. The act stands in the restricted log; the "
     "evidence is sealed.",
     CLOCK_MEET, cli_clock_meet},
    {"party list", "", 0, 0, "List the parties of the node.", NULL, PARTY_LIST, cli_party_list},
    {"party register", "ID:CHAMBER:KIND[:COUNTRY]", 1, 1,
     "Register a party: an act in the public log, with the key that it signs with.",
     "CHAMBER and KIND are as polder init has them. The rules say who may register; without --vkey a "
     "key is made in the data folder, to be handed over.",
     PARTY_REGISTER, cli_party_register},
    {"member list", "", 0, 0, "List the members of the parties, with their duties.", NULL,
     PEOPLE_LIST, cli_member_list},
    {"member register", "PARTY/NAME", 1, 1, "Register a member of a party, with duties.",
     "An act in the restricted log. The rules say who may, and which duties one person can't have "
     "together: nobody holds two of system, security and audit.",
     MEMBER_REGISTER, cli_member_register},
    {"member duties", "PARTY/NAME", 1, 1, "Give a member the duties named, and no others.",
     "An act in the restricted log. Sessions get another cookie, and the new rights, at their next "
     "request.",
     MEMBER_REGISTER, cli_member_duties},
    {"member end", "PARTY/NAME", 1, 1, "End a member: no duties, no sign-in, no acts any more.",
     "An act in the restricted log. What the member did stays as it was; the name isn't used again.",
     MEMBER_END, cli_member_end},
    {"account invite", "PARTY/NAME", 1, 1, "Make a one-time code for a member's first password.",
     "The code is shown once. An older one ceases.", ACCOUNT_INVITE, cli_account_invite},
    {"account set-password", "PARTY/NAME", 1, 1, "Set a member's password; every session ends.",
     "At least 12 characters. The password never stands on the command line.", ACCOUNT_PASSWORD,
     cli_account_set_password},
    {"account list", "", 0, 0, "List accounts: open, locked, invited; sessions, tokens, links.",
     NULL, PEOPLE_LIST, cli_account_list},
    {"account lock", "PARTY/NAME", 1, 1, "Lock an account: its sessions end, its tokens don't count.",
     NULL, ACCOUNT_PLAIN, cli_account_lock},
    {"account unlock", "PARTY/NAME", 1, 1, "Unlock an account.", NULL, ACCOUNT_PLAIN,
     cli_account_unlock},
    {"account provider", "ID", 1, 1, "Set up, change or remove a provider of OpenID Connect.",
     "Register https://NODE/sign-in/oidc/callback there, with the code flow. Who signs in by it must be "
     "linked, or come with an invitation.",
     ACCOUNT_PROVIDER, cli_account_provider},
    {"account link", "PROVIDER SUBJECT [PARTY/NAME]", 2, 3,
     "Say which member a provider's subject is.",
     "SUBJECT is what the provider's tokens say (\"sub\"). Nothing else makes anybody a member.",
     ACCOUNT_LINK, cli_account_link},
    {"token create", "PARTY/NAME", 1, 1, "Make an API token for a member's programs; shown once.",
     "It may do what its scopes name and the member may. The node keeps only its hash.",
     TOKEN_CREATE, cli_token_create},
    {"token list", "", 0, 0, "List API tokens: whose, for what, until when, used when.", NULL,
     PEOPLE_LIST, cli_token_list},
    {"token revoke", "TOKEN", 1, 1, "Revoke an API token, by its id.", NULL, ACCOUNT_PLAIN,
     cli_token_revoke},
    {"source add", "NAME", 1, 1, "Register a table that members of a party may name instead of sending a file.",
     "It is opened once, to see that it can be read. Where a table lies can be said here alone, on the "
     "node's machine: not by the portal, nor by the API. What is read by `polder serve` is what its user "
     "may read.",
     SOURCE_ADD, cli_source_add},
    {"source list", "", 0, 0, "List registered sources: whose, and where they lie.", NULL, PEOPLE_LIST,
     cli_source_list},
    {"source remove", "NAME", 1, 1, "Remove a source. What was read from it stays.", NULL, ACCOUNT_PLAIN,
     cli_source_remove},
    {"demand", "", 0, 0, "Say what data is needed, for what and how often.",
     "The catalogue is searched first, in English and Chinese. If something in it fits, that is "
     "told, with what the law says of sharing it with this party, and nothing is demanded "
     "unless it isn't right (--none-fits). Else it becomes a case of the party that must answer, "
     "with the deadline that the law states; others may back it, and once it is overdue "
     "everybody sees that. Exit status 75: something fits, or a fact is missing.",
     DEMAND, cli_demand},
    {"demand match", "", 0, 0, "Search the catalogue for what is needed. Nothing is written.",
     "Ranked by how rare the words are and where they stand: in titles, names of columns, and what "
     "standards call these. Says of each dataset which words are there and which are missing, "
     "and what the law says of sharing it with the party of --party.",
     DEMAND_MATCH, cli_demand_match},
    {"demand back", "DEMAND", 1, 1, "Say that a party needs what another one demanded.",
     "An act; each party backs a demand once, as long as it isn't decided.", DEMAND_BACK,
     cli_demand_back},
    {"demand list", "", 0, 0, "List demands: overdue ones first, then those that most parties back.",
     "Of a sealed demand that isn't answered, only that it is there, whose and until when.",
     DEMAND_READ, cli_demand_list},
    {"demand show", "DEMAND", 1, 1, "Show a demand: who backs it, until when, what was answered.",
     NULL, DEMAND_READ, cli_demand_show},
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
    {"erase withdraw", "REQUEST", 1, 1, "Withdraw a request to erase, as the party that asked.",
     "An act. Only before another party agreed. The request names the person: its key is "
     "destroyed.",
     KEY_WITHDRAW, cli_erase_withdraw},
    {"protect", "FILE", 1, 1, "Propose a plan of protection for a table, or carry one out.",
     "A plan is a JSON file that people read and edit: what becomes of which column, and how large "
     "groups must be. Whatever comes out is read back, counted and inspected, and if that "
     "contradicts the plan nothing is written (exit status 77). No node is needed: a release under "
     "the law takes polder govern.",
     PROTECT, cli_protect},
    {"attack", "FILE", 1, 1, "Attack a table as somebody could who got it, before it is released.",
     "Who knows a person's quasi-identifiers takes their row, guesses what is sensitive, matches other "
     "tables (--link) and earlier versions (--before), and concludes from the plan (--plan, --original, "
     "--l). Each attack is compared with guessing without the table. Exit status 77: the best attack "
     "gains more than --limit.",
     ATTACK, cli_attack},
    {"stats", "FILE", 1, 1, "Tell statistics of a table with differential privacy.",
     "Noise is drawn exactly and so large that no answer tells much of any one person; what all "
     "answers together may tell is --epsilon. Values are held within bounds that you state, and "
     "each person's rows within --rows-per-person and --groups-per-person, before anything is "
     "added up. With --data the answer is told once an act has spent it from the consumer's "
     "budget, which stands in the record. Exit status 77: the budget doesn't allow it, which is "
     "recorded too.",
     STATS, cli_stats},
    {"stats agree", "DATASET", 1, 1,
     "Agree to a budget: what statistics of a dataset may tell a consumer in all.",
     "An act, signed with the key of the party whose dataset it is. It counts from now on in the "
     "place of an earlier budget; what was spent stays spent.",
     STATS_AGREE, cli_stats_agree},
    {"stats list", "[DATASET]", 0, 1, "List budgets, and what was spent of them.", NULL, PAST,
     cli_stats_list},
    {"key list", "", 0, 0, "List the keys of the node and its parties: since when, and until when.",
     "Keys that were replaced stay listed, since what they signed stays valid. Secret keys are "
     "never shown.",
     KEY_LIST, cli_key_list},
    {"key pseudonym", "NAME", 1, 1, "Make a key for the pseudonyms of one purpose: an act.",
     "Plans of the same party and purpose name it (\"key\"), and their tables can be joined by their "
     "pseudonyms; another purpose takes another key. Once it is destroyed (key destroy) nobody can "
     "undo, join or make again what was made by it. A name is never given twice.",
     KEY_PSEUDONYM, cli_key_pseudonym},
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
    {"key create", "HOLDER", 1, 1, "Ask for a new key for a party that lost its own (party/ID).",
     "The party asks itself, by a member; it has no key to sign with, so another party, which makes "
     "sure who asks, must agree and sign. The old key then signs nothing more, and what it signed "
     "stays valid. Without --yes it is said what that changes, and nothing is done (exit status "
     "75).",
     KEY_CREATE, cli_key_create},
    {"key agree", "REQUEST", 1, 1,
     "Agree that a key is destroyed or made anew, as another party than asked.",
     "What a destroyed key sealed is gone from then on, in every backup too; leaves and proofs "
     "stand. Without --yes it is said what will be lost, and nothing is done (exit status 75).",
     KEY_AGREE, cli_key_agree},
    {"key withdraw", "REQUEST", 1, 1, "Withdraw a request about a key, as the party that asked.",
     "An act. Only before another party agreed. polder key list names the requests that wait.",
     KEY_WITHDRAW, cli_key_withdraw},
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
     "backups in the folder, its witnesses or --witnessed tell of, are kept beside the logs: the "
     "node signs and records nothing that could contradict them. Exit status 75: restored, but acts "
     "are missing that the node had signed, and it says which; 70: flaws were found, or the backup "
     "is damaged; 77: it is of another node, or its keys have expired; 69: so many witnesses don't "
     "answer that a later checkpoint may be theirs.",
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
     "OBJECT is the id of an act, or of a dataset, version or distribution: then of the act that "
     "made the "
     "newest version. The file holds the leaf with its proof, the receipt, the case with its "
     "facts, the "
     "plan and the risks, the finding, the rules and how they came into force, and the keys; the "
     "node "
     "signs it. One for audit opens what is closed to the public: the rules of access say for "
     "whom, and an act in the restricted log says that it was given. Exit status 77: not for the "
     "public, or not for this member; 69: the proof is pending.",
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
    {"ledger recount", "PROPOSAL", 1, 1,
     "Count a vote again from what the public log commits to.",
     "Each ballot is opened against its leaf; text, rolls and method against what was frozen. Exit "
     "status 70: it doesn't agree with what was recorded.",
     PROPOSAL_READ, cli_ledger_recount},
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
    {"serve", "", 0, 0, "Serve the node over HTTP: the portal for people, the API for programs.",
     "While it runs it is the folder's one writer: other commands that write are refused with its "
     "address. /healthz says whether it is there; /api/openapi.json describes the API. Ends in "
     "order on SIGTERM: what is under way is finished, what waits is committed.",
     SERVE, cli_serve},
    {"demo seed", "", 0, 0,
     "Fill an empty folder with a synthetic province and a year of its acts, to look at.",
     "12 departments and a data authority, 40 datasets, 10 enterprises, 4 industry bodies, 200 citizens. Everything passes "
     "the doorway, by a clock that runs through the year. Prints the demo accounts. The same seed gives the same "
     "catalogue; keys and ids are always new. Beside DIR, in DIR-demo: the accounts, and the tables of open intents.",
     DEMO_SEED, cli_demo_seed},
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
