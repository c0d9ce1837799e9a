#!/bin/sh
# Makes the tables of acts.md and the reports in acts/ anew: docs/tutorial/acts.sh [POLDER [DATA [OUT]]]
#   POLDER  the program (default build/polder)        DATA  folder of the public files
#   OUT     folder of acts.md and acts/ (default this one)
# Each act is asked about twice: with what is known, and with what makes it lawful supplied.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=$(realpath "${3:-$here}")
cd "$here/../.."
polder=$(realpath "${1:-build/polder}")
data=$(realpath "${2:-../shared/data}")
folder=$(mktemp -d "${TMPDIR:-/tmp}/polder-acts.XXXXXX")
trap 'rm -rf "$folder"' EXIT
mkdir -p "$out/acts"

# What inspection measures in a file, as options: holds_identifiers, quasi_columns, sensitive_columns, rows, k.
measured() {
    "$polder" inspect "$data/$1" --json >"$folder/inspection.json"
    python3 "$here/acts.py" measured "$folder/inspection.json"
}
# Asks both laws, and keeps the answer: ask NAME OPTION...
ask() {
    name=$1
    shift
    set -- law compare cn eu --law-dir law --home eu=NL --as-of 2026-11-29 "$@"
    {
        printf '$ polder'
        for word in "$@"; do
            case $word in *[!A-Za-z0-9_=/.,:@-]*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac
        done
        printf '\n'
        "$polder" "$@"
    } >"$out/acts/$name.txt"
    "$polder" "$@" --json >"$folder/$name.json"
}

# 1. A health table is to be opened. Then: counts by district and age group are published in its place.
health="--for open --fact purpose=transparency --fact purpose_in_statutory_duties=true --fact subject_under_14=false
    --fact is_criminal=false"
# shellcheck disable=SC2046,SC2086
ask 1-health-known $health $(measured privacy/arx/test2.csv) \
    --fact is_personal=true@derived --fact is_sensitive=true@derived
# shellcheck disable=SC2086
ask 1-health-then $health --fact holds_identifiers=false@measured --fact quasi_columns=2@measured \
    --fact is_personal=false@attested --fact is_aggregate=true@attested

# 2. Residents' incomes go from one department to another, which checks who is entitled to a benefit. Then: without origin and
# family, from the catalogue, by a law that says so.
incomes="--for share --recipient-kind agency --fact is_sensitive=true@derived --fact is_personal=true@derived
    --fact purpose=benefits --fact purpose_in_statutory_duties=true --fact subject_under_14=false --fact is_criminal=false"
# shellcheck disable=SC2046,SC2086
ask 2-incomes-known $incomes $(measured privacy/arx/adult.csv) --fact legal_basis=legal_duty
# shellcheck disable=SC2086
ask 2-incomes-then $incomes --fact holds_identifiers=false@measured --fact is_special_category=false@attested \
    --fact legal_basis=legal_duty@attested --fact basis_in_law=true@attested --fact minimised=true@attested \
    --fact impact_assessment=true@attested --fact contract=true@attested --fact recipient_is_processor=false@attested \
    --fact secrecy_review=true@attested --fact head_approval=true@attested --fact catalogue_complete=true@derived \
    --fact share_class=conditional@derived --fact conditions_met=true@attested --fact notice_given=true@attested \
    --fact officer_named=true@attested

# 3. The operator of a metro sends trips abroad. Then: the passengers agreed, and the export has its gateway.
trips="--for transfer --party-kind company --recipient-kind company --recipient-country US --fact is_personal=true@derived
    --fact is_sensitive=true@attested --fact is_special_category=false@attested --fact purpose=clearing
    --fact subject_under_14=false --fact is_criminal=false --fact is_ciio=true@attested"
# shellcheck disable=SC2046,SC2086
ask 3-trips-known $trips $(measured catalogue/csv/cn/shenzhen_metro_card.csv) --fact legal_basis=consent
# shellcheck disable=SC2046,SC2086
ask 3-trips-then $trips $(measured catalogue/csv/cn/shenzhen_metro_card.csv) --fact legal_basis=consent@attested \
    --fact consent=true@attested --fact separate_consent=true@attested --fact notice_given=true@attested \
    --fact impact_assessment=true@attested --fact minimised=true@attested --fact contract=true@attested \
    --fact export_gateway=standard_contract@attested --fact security_assessment=true@attested

# 4. An enterprise wants to train a model on the trips. Then: the card numbers go, moments become hours, groups hold five.
training="--for share --party-kind state_organ --recipient-kind company --fact purpose=training
    --fact purpose_in_statutory_duties=true --fact subject_under_14=false --fact is_criminal=false"
# shellcheck disable=SC2046,SC2086
ask 4-training-known $training $(measured catalogue/csv/cn/shenzhen_metro_card.csv) --fact is_personal=true@derived \
    --fact is_sensitive=true@attested --fact is_special_category=false@attested --fact same_purpose=false@attested
# shellcheck disable=SC2086
ask 4-training-then $training --fact holds_identifiers=false@measured --fact quasi_columns=2@measured --fact k=5@measured \
    --fact is_personal=false@attested

# 5. The register of companies is published. No such register is among the files: what is measured is written here.
# Then: without the columns of directors and contact persons.
register="--for open --fact purpose=transparency --fact purpose_in_statutory_duties=true --fact is_sensitive=false
    --fact subject_under_14=false --fact is_criminal=false --fact is_high_value=true --fact is_dynamic=true"
# shellcheck disable=SC2086
ask 5-companies-known $register --fact holds_identifiers=true@measured --fact quasi_columns=0@measured \
    --fact is_personal=true@derived --fact legal_basis=legal_duty@attested --fact basis_in_law=true@attested
# shellcheck disable=SC2086
ask 5-companies-then $register --fact holds_identifiers=false@measured --fact quasi_columns=0@measured \
    --fact is_personal=false@attested

python3 "$here/acts.py" tables "$out/acts.md" "$folder"
