#!/bin/sh
# Rules made together: the preview over 100,000 recorded acts, ballots cast with receipts, and counted again: bench/together.sh BUILD
#   THREADS  that vote (default 32)
#   BALLOTS  in all (default 20000); a vote of a million is BALLOTS=1000000, which takes 5 GB in TMPDIR and some minutes
#   MEMBERS  the persons who cast them, whose last ballot counts (default 500; at most some ten thousand)
set -eu
build=$1
work=$(mktemp -d "${TMPDIR:-/tmp}/together.XXXXXX")
trap 'rm -rf "$work"' EXIT
show() { while IFS="$(printf '\t')" read -r what figure remark; do printf '%-60s %10s   %s\n' "$what" "$figure" "$remark"; done; }

sed 's/"value": 5,/"value": 10,/' law/node/thresholds.json >"$work/thresholds.json"
sed -E 's/k=(5|9):measured/k=15:measured/g' law/node/CASES.md >"$work/CASES.md"
"$build/polder" demo seed --small --data "$work/province" >/dev/null
sqlite3 "$work/province/polder.db" <bench/together.sql
"$build/bench/bench_together" impact "$work/province" "$work/thresholds.json" "$work/CASES.md" | show

sed -E 's/"consultation": "14d", "final": "10d", "vote": "7d"/"consultation": "0s", "final": "0s", "vote": "9d"/' law/node/charter.json >"$work/charter.json"
MEMBERS=${MEMBERS:-500}
members=$(awk -v n="$MEMBERS" 'BEGIN { for (i = 0; i < n; i++) printf "--member citizens/m%d ", i }')
# shellcheck disable=SC2086
"$build/polder" init --data "$work/node" --origin bench.polder.example --law cn --charter "$work/charter.json" --party transport \
    --party acme:enterprise:company --party logistics:industry:association --party citizens:public:group --member logistics/qi \
    --member transport/lin --member acme/wu $members >/dev/null
mkdir -p "$work/change/node"
cp "$work/thresholds.json" "$work/CASES.md" "$work/change/node"
proposal=$("$build/polder" propose "$work/change" --data "$work/node" --party logistics --member qi --title k --effects individuals=x \
    --effects business=x --effects public=x --json | sed -n 's/.*"proposal": "\([^"]*\)".*/\1/p')
"$build/polder" proposal consult "$proposal" --data "$work/node" --party logistics --member qi >/dev/null
i=0
while ! "$build/polder" proposal show "$proposal" --data "$work/node" --json | grep "\"stage\": \"vote\"" >/dev/null && [ $i -lt 100 ]; do
    "$build/polder" job run --data "$work/node" >/dev/null
    sleep 0.2
    i=$((i + 1))
done
"$build/bench/bench_together" vote "$work/node" "$proposal" "$MEMBERS" "${THREADS:-32}" "${BALLOTS:-20000}" | show
"$build/polder" ledger integrate --data "$work/node" >/dev/null 2>&1 || true
"$build/polder" proposal record "$proposal" --data "$work/node" --out "$work/record" >/dev/null
python3 - "$work/node/ledger/public" "$work/record" "${BALLOTS:-20000}" <<'PY' | show
import resource, subprocess, sys, time
start = time.monotonic()
done = subprocess.run([sys.executable, "tests/verifier/recount.py", *sys.argv[1:3]], capture_output=True, text=True)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
cpu = used.ru_utime + used.ru_stime
print(f"the script that shares no code: {(done.stdout or done.stderr).strip()[:60]}\t{time.monotonic() - start:.2f} s\t"
      f"{cpu:.2f} s of processor time, {cpu / int(sys.argv[3]) * 1e6:.0f} for a million")
PY
