#!/bin/sh
# How fast the law answers, beside Cedar's own implementations on the same cases, and what Polder adds: bench/law.sh BUILD
set -eu
build=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cases=$work/cases
python3 bench/law/cases.py "$cases"
: >"$work/results"

"$build/bench/bench_law" "$cases" >>"$work/results"
for package in @cedar-policy/cedar-wasm cedar-wasm-4.13; do
    if [ -d "tests/node_modules/$package" ]; then
        node bench/law/peer.mjs "$package" "$cases" >>"$work/results"
    else
        echo "the peer $package is missing: script/bootstrap --npm"
    fi
done
# The crate is compiled once, beside the other builds; cargo fetches what Cargo.lock names.
if ! command -v cargo >/dev/null 2>&1; then
    echo "the peer in Rust is missing: cargo (Debian: cargo-web) is not installed"
elif (cd bench/law/rust && cargo build --quiet --release --locked --target-dir "$OLDPWD/$build/rust"); then
    "$build/rust/release/polder-bench-law" "$cases" >>"$work/results"
else
    echo "the peer in Rust is missing: cargo could not build it"
fi
python3 bench/law/table.py "$cases" "$work/results"

show() {
    while IFS="$(printf '\t')" read -r what time result; do printf '%-60s %10s us   %s\n' "$what" "$time" "$result"; done
}
"$build/bench/bench_law_finding" law | show

# A node that holds the facts of many acts, and two intents that are left open: one fact was attested for the first, five
# for the second. What else they lack a steward says by signing the plan.
polder=$build/polder
node=$work/node
"$polder" init --data "$node" --origin bench.polder.example --law cn --party transport --member transport/lin:steward >/dev/null
{
    echo line,colour,length_km
    for i in $(seq 60); do echo "L$((i % 7)),red,$((i % 11)).5"; done
} >"$work/plain.csv"
intents=
for facts in third_party_consent=true \
    "third_party_consent=true is_secret=false secrecy_review=true contract=true impact_assessment=true"; do
    "$polder" govern "$work/plain.csv" --data "$node" --party transport --member lin --title T --for open --purpose statistics \
        --basis public_task --fact is_commercial_confidential=true --yes --json >"$work/outcome.json" && exit 70 || [ $? -eq 75 ]
    intent=$(python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))["outcome"]["intent"])' "$work/outcome.json")
    for fact in $facts; do
        "$polder" fact attest "$intent" "${fact%=*}" "${fact#*=}" --data "$node" --party transport \
            --key "$node/keys/transport.key" --evidence "a letter" >/dev/null
    done
    intents="$intents $intent"
done
# Those facts once more for 20,000 other intents, so that the right ones must be found.
python3 - "$node/polder.db" <<'END'
import sqlite3, sys, uuid
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('BEGIN')
for _ in range(20_000):
    db.execute('INSERT INTO fact SELECT ?1 || substr(id, 9), ?1, name, party_id, made_at, expires_at, bound_to, key_id, sealed_value FROM fact'
               ' WHERE intent_id IN (SELECT id FROM intent ORDER BY id LIMIT 2)', (uuid.uuid4().hex[:8],))
db.execute('COMMIT')
END
# shellcheck disable=SC2086 # a list of ids
"$build/bench/bench_law_stored" "$node" $intents | show
