#!/bin/sh
# How long a node with many leaves takes to be back after a kill -9 under load: bench/restart.sh BUILD
#   LEAVES  that it has (default 10,000,000; of 100 bytes each, which opening doesn't read)
# Measured until the first receipt is handed out again: opening, what the database recovers, the law compiled, one act.
set -eu
build=$1
leaves=${LEAVES:-10000000}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
{
    echo line,colour,length_km
    for i in $(seq 60); do echo "L$((i % 7)),red,$((i % 11)).5"; done
} >"$work/plain.csv"
node=$work/node
"$build/polder" init --data "$node" --origin bench.polder.example --law cn --party transport \
    --member transport/lin:steward >/dev/null
intent=$("$build/polder" govern "$work/plain.csv" --data "$node" --party transport --member lin --title T --for open \
    --purpose statistics --basis public_task --fact is_commercial_confidential=true --yes --json |
    python3 -c 'import json, sys; print(json.load(sys.stdin)["outcome"]["intent"])') || true
python3 - "$node/polder.db" "$leaves" <<'END'
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute('PRAGMA synchronous = OFF')
log = db.execute("SELECT name FROM log WHERE kind = 'restricted'").fetchone()[0]
db.execute('BEGIN')
db.execute("""WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ?2)
    INSERT INTO leaf (act_id, log, leaf_index, bytes) SELECT printf('00000000-0000-7000-8000-%012d', i), ?1, -1 - i,
    zeroblob(100) FROM n""", (log, int(sys.argv[2])))
db.execute('COMMIT')
print(f'{int(sys.argv[2]):,} leaves')
END
for run in 1 2 3; do
    python3 - "$build/bench/bench_asking" "$node" "$intent" <<'END'
import subprocess, sys, time
asking, node, intent = sys.argv[1:]
first = subprocess.Popen([asking, node, intent, '64'], stdout=subprocess.PIPE)
for _ in range(2000):
    first.stdout.readline()
first.kill()
first.wait()
start = time.monotonic()
again = subprocess.Popen([asking, node, intent, '1'], stdout=subprocess.PIPE)
assert again.stdout.readline()
print(f'back after a kill: {(time.monotonic() - start) * 1000:.0f} ms')
again.kill()
again.wait()
END
done
