#!/bin/sh
# Makes the reports of this tutorial anew: docs/tutorial/reports.sh [POLDER [DATA]]
#   POLDER  the program (default build/polder)        DATA  folder of the public files
# Ids, keys and times differ from run to run; everything else should not.
set -u
here=$(cd "$(dirname "$0")" && pwd)
cd "$here/../.."
polder=$(realpath "${1:-build/polder}")
files=$(realpath "${2:-../shared/data/catalogue/csv}")
folder=$(mktemp -d "${TMPDIR:-/tmp}/polder-tutorial.XXXXXX")
trap 'rm -rf "$folder"' EXIT
cd "$folder"
ln -s "$files" csv
export XDG_STATE_HOME="$folder/state" # what this machine saw of the node is of no use later

# Runs a command, and keeps it with its answer and exit status in reports/NAME.txt.
keep() {
    name=$1
    shift
    {
        printf '$ polder'
        for word in "$@"; do
            case $word in *[!A-Za-z0-9_=/.,:-]*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac
        done
        printf '\n'
        "$polder" "$@" 2>&1
        printf '(exit status %d)\n' $?
    } >>"$here/reports/$name.txt"
}
# The ids that a report names: of the intent to resume, of the act done.
intent() { sed -n 's/.* act resume --data node \([0-9a-f-]*\).*/\1/p' "$here/reports/$1.txt" | tail -1; }
act() { sed -n 's/^  Act \([0-9a-f-]*\).*/\1/p' "$here/reports/$1.txt" | tail -1; }

rm -f "$here"/reports/*.txt
keep 0-init init --data node --origin data.example.gov --law cn \
    --party transport --party statistics --party civil-affairs --party digital \
    --member transport/lin:steward --member statistics/chen:steward \
    --member civil-affairs/zhao:steward --member digital/wang:steward

keep 1-trips govern csv/cn/shenzhen_metro_card.csv --data node --party transport --member lin \
    --title 'Metro trips of a day' --for open --purpose statistics --basis public_task --yes
head -n 4 node/open/*.csv >"$here/reports/1-trips-published.txt"

keep 2-population govern csv/cn/nbs/总人口.csv --data node --party statistics --member chen \
    --title 总人口 --for open --purpose statistics --basis public_task --yes
keep 2-population-gbk inspect csv/cn/nbs/总人口.gbk.csv

keep 3-contacts govern csv/us/OpenDataPolicyPointsofContact.csv --data node --party digital --member wang \
    --title 'Open data contacts' --for open --purpose contact --basis public_task \
    --fact is_sensitive=false --fact subject_under_14=false --fact purpose_in_statutory_duties=true
waiting=$(intent 3-contacts)
keep 3-contacts-consent fact attest "$waiting" separate_consent true --data node --party digital \
    --key node/keys/digital.key --evidence 'consent forms 2026/114 to 2026/190'
keep 3-contacts-consent fact attest "$waiting" impact_assessment true --data node --party digital \
    --key node/keys/digital.key --evidence 'assessment 2026/31'
keep 3-contacts-resumed act resume "$waiting" --data node

keep 4-shelters govern csv/tw/taitung_shelters_utf8bom.csv --data node --party civil-affairs --member zhao \
    --title 臺東縣避難收容處所 --for open --purpose safety --basis public_task --dry-run
cut -d, -f1-6,9-13 csv/tw/taitung_shelters_utf8bom.csv >places.csv
keep 4-shelters-places govern places.csv --data node --party civil-affairs --member zhao \
    --title 臺東縣避難收容處所 --for open --purpose safety --basis public_task --yes

keep 5-domains govern csv/us/dotgov-current-federal.csv --data node --party digital --member wang \
    --title 'Government domains' --for open --purpose transparency --basis public_task \
    --fact endangers_security=true
keep 5-domains-later govern csv/us/dotgov-current-federal.csv --data node --party digital --member wang \
    --title 'Government domains' --for open --purpose transparency --basis public_task --yes

keep 6-proof ledger prove "$(act 1-trips)" --data node --output trips.tlog-proof
{ printf '$ cat trips.tlog-proof\n'; cat trips.tlog-proof; printf '$ cat trips.tlog-proof.leaf\n'; cat trips.tlog-proof.leaf; echo; } >>"$here/reports/6-proof.txt"
keep 6-proof ledger verify --proof trips.tlog-proof --leaf trips.tlog-proof.leaf --key node/ledger/public/vkey
keep 6-proof ledger verify --data node
# Where this ran is nobody's concern.
sed -i "s,$folder/,,g" "$here"/reports/*.txt
