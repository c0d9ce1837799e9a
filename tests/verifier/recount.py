#!/usr/bin/env python3
"""Counts a vote again from public bytes alone, and shares no code with Polder.

    recount.py LEDGER VOTE [--json]

LEDGER: the public log's files (checkpoint, vkey, tile/...); VOTE: what `polder proposal record` wrote.
Believed is the log's key (LEDGER/vkey; compare it with what others hold) and nothing else: the checkpoint's
signature, the tree, the frozen vote, text and rolls by their hashes, each ballot against the commitment in its
leaf, and then the count by the method that was frozen. Exit status 1 says what doesn't hold.
"""
import argparse
import base64
import hashlib
import hmac
import json
import math
import pathlib
import sys
from fractions import Fraction

WIDTH = 256  # of a tile


def fail(what):
    sys.exit(f"recount: {what}")


def sha(*parts):
    h = hashlib.sha256()
    for p in parts:
        h.update(p)
    return h.digest()


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


# ---- The log: C2SP tlog-tiles, signed-note, tlog-checkpoint

def check_signature(note, vkey):
    """Ed25519 by OpenSSL or any other: the one thing that Python lacks; PyNaCl or cryptography."""
    name, key_id, key = vkey.strip().split("+", 2)
    key = base64.b64decode(key)
    if key[0] != 1 or sha(name.encode(), b"\n", key)[:4].hex() != key_id:
        fail("the key is no Ed25519 key of its name")
    text, _, lines = note.rpartition("\n\n")
    for line in lines.splitlines():
        _, signer, blob = line.split(" ", 2)
        blob = base64.b64decode(blob)
        if signer == name and blob[:4].hex() == key_id:
            if not verify(key[1:], (text + "\n").encode(), blob[4:]):
                fail("the checkpoint's signature doesn't hold")
            return text
    fail("the checkpoint isn't signed by the log's key")


# Ed25519 by the formulae of RFC 8032, section 5.1 (one signature: speed doesn't matter).
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e = (y1 - x1) * (y2 - x2) % P
    f = (y1 + x1) * (y2 + x2) % P
    g = 2 * t1 * t2 * D % P
    h = 2 * z1 * z2 % P
    p, q, r, s = f - e, h - g, h + g, f + e
    return p * q % P, r * s % P, q * r % P, p * s % P


def multiply(n, point):
    out = (0, 1, 1, 0)
    while n:
        if n & 1:
            out = add(out, point)
        point, n = add(point, point), n >> 1
    return out


def decode_point(data):
    n = int.from_bytes(data, "little")
    y, sign = n & (1 << 255) - 1, n >> 255
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - x2) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def verify(public, message, signature):
    a, r = decode_point(public), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if len(signature) != 64 or a is None or r is None or s >= L:
        return False
    base = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % L
    left, right = multiply(s, base), add(r, multiply(k, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def tile_path(n):
    digits = f"{n:03d}"
    digits = "0" * (-len(digits) % 3) + digits
    parts = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    return "/".join(["x" + p for p in parts[:-1]] + parts[-1:])


def read_leaves(ledger, size):
    """The entries of the log: each with its length in two bytes before it."""
    for n in range(math.ceil(size / WIDTH)):
        wide = min(WIDTH, size - n * WIDTH)
        path = ledger / "tile" / "entries" / tile_path(n)
        if not path.is_file():
            path = path.parent / (path.name + ".p") / str(wide)
        data, at = path.read_bytes(), 0
        for _ in range(wide):
            length = int.from_bytes(data[at:at + 2], "big")
            yield data[at + 2:at + 2 + length]
            at += 2 + length


def root_of(leaves):
    """RFC 6962: a stack of the roots of full trees, each half as large as the one before."""
    stack = []
    for n, leaf in enumerate(leaves):
        h = sha(b"\0", leaf)
        while n & 1:
            h, n = sha(b"\1", stack.pop(), h), n >> 1
        stack.append(h)
    if not stack:
        return sha(b"")
    h = stack.pop()
    while stack:
        h = sha(b"\1", stack.pop(), h)
    return h


def read_log(ledger):
    text = check_signature((ledger / "checkpoint").read_text(), (ledger / "vkey").read_text())
    _, size, root = text.split("\n")[:3]
    leaves = list(read_leaves(ledger, int(size)))
    if root_of(leaves) != base64.b64decode(root):
        fail("the tiles aren't the tree that the checkpoint signs")
    return leaves


# ---- The vote

def commitment(salt, act, value):
    parts = b"".join(len(p).to_bytes(4, "big") + p for p in (act.encode(), b"value", value))
    return hmac.new(salt, parts, hashlib.sha256).hexdigest()


def leaves_of(leaves, proposal):
    out = {"open_vote": [], "vote": [], "close_vote": []}
    for n, raw in enumerate(leaves):
        if proposal.encode() not in raw:
            continue
        leaf = json.loads(raw)
        if leaf.get("object") == {"kind": "proposal", "id": proposal} and leaf["verb"] in out:
            out[leaf["verb"]].append((n, leaf))
    if len(out["open_vote"]) != 1 or not out["close_vote"]:
        fail("the log doesn't open and close this vote")
    return out


def check_rolls(frozen, rolls):
    for chamber in frozen["chambers"]:
        voters = rolls[chamber["id"]]
        if len(voters) != chamber["roll"]["count"] or voters != sorted(set(voters), key=str.encode) or \
                sha("".join(v + "\n" for v in voters).encode()).hex() != chamber["roll"]["hash"]:
            fail(f"the roll of {chamber['id']} isn't the one that was frozen")


def open_ballots(lines, votes, frozen, frozen_hash, rolls):
    """Who voted how, by the last ballot of each; every ballot is what its leaf commits to."""
    cast = {leaf["act"]: leaf for _, leaf in votes}
    on_roll = {c: set(v) for c, v in rolls.items()}
    secret = {c["id"] for c in frozen["chambers"] if c["ballot"] == "pseudonym"}
    newest, seen = {}, set()
    for line in lines:
        entry = json.loads(line)
        act, ballot = entry["act"], entry["ballot"]
        value = canonical(ballot)
        if act in seen or act not in cast:
            fail(f"the ballot {act} stands in no leaf, or twice")
        seen.add(act)
        if commitment(bytes.fromhex(entry["salt"]), act, value) != cast[act]["commitments"]["value"]:
            fail(f"the ballot {act} isn't what its leaf commits to")
        who = (ballot["chamber"], ballot["voter"])
        if ballot["frozen"] != frozen_hash or ballot["proposal"] != frozen["proposal"]:
            fail(f"the ballot {act} is of another vote")
        if who[1] not in on_roll.get(who[0], ()) or (who in newest and who[0] not in secret):
            fail(f"the ballot {act} is of nobody on the roll, or a second one by name")
        if who not in newest or act > newest[who][0]:
            newest[who] = (act, ballot["choice"])
    if len(seen) != len(cast):
        fail(f"the log has {len(cast)} ballots, and {len(seen)} were opened")
    return newest


# ---- The count

def quorum(chamber):
    roll = chamber["roll"]["count"]
    if "of_roll" in chamber["quorum"]:
        return math.ceil(Fraction(chamber["quorum"]["of_roll"]) * roll)
    share = Fraction(chamber["quorum"]["yes_of_root"])
    n = math.isqrt(share.numerator ** 2 * roll)
    n += n * n < share.numerator ** 2 * roll
    return min(roll, math.ceil(Fraction(n, share.denominator)))


def judge(chamber, method, n):
    voting, by_root, need = n["yes"] + n["no"], "yes_of_root" in chamber["quorum"], quorum(chamber)
    came = n["yes"] if by_root else sum(n.values())
    against = n["no"] if by_root else sum(n.values())
    has = chamber["roll"]["count"] > 0 and came >= need
    share = Fraction(n["yes"], voting) if voting else Fraction(0)
    stand = "fails"
    if has and voting:
        majority = Fraction(method["majority"])
        stand = "passes" if share > majority else "tied" if share == majority and method["tie"] == "seed" else "fails"
    blocks = voting > 0 and against >= need and Fraction(n["no"], voting) > Fraction(method["blocking"])
    return {"stand": stand, "blocks": blocks, "share": share, "has_quorum": has, "quorum": need}


def count(frozen, newest, seed):
    method, chambers = frozen["method"], frozen["chambers"]
    counts = {c["id"]: {"yes": 0, "no": 0, "abstain": 0} for c in chambers}
    for (chamber, _), (_, choice) in newest.items():
        counts[chamber][choice] += 1
    judged = {c["id"]: judge(c, method, counts[c["id"]]) for c in chambers}
    for c, j in judged.items():
        if j["stand"] == "tied" and seed is not None:
            j["stand"] = "passes" if sha(seed, c.encode())[0] & 1 else "fails"
    weight = sum(c["weight"] for c in chambers)
    weighted = sum(c["weight"] * judged[c["id"]]["share"] for c in chambers) / weight

    def adopts(stands):
        passing = [c for c in chambers if judged[c["id"]]["stand"] in stands]
        return (len(passing) >= method["needed"] and weighted >= Fraction(method["weighted"])
                and not any(j["blocks"] for j in judged.values())
                and all(c in passing for c in chambers if c["must_pass"]))
    outcome = "adopted" if adopts({"passes"}) else "undecided" if adopts({"passes", "tied"}) else "rejected"
    outcome = "adopted" if method["kind"] == "consent" else outcome
    return {"outcome": outcome, "chambers": [dict(counts[c["id"]], id=c["id"], roll=c["roll"]["count"],
            quorum=judged[c["id"]]["quorum"], stand=judged[c["id"]]["stand"]) for c in chambers]}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("ledger", type=pathlib.Path)
    parser.add_argument("vote", type=pathlib.Path)
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    leaves = read_log(args.ledger)
    raw = {n: (args.vote / n).read_bytes() for n in
           ("frozen.json", "text.json", "impact.json", "rolls.json", "ballots.jsonl", "result.json")}
    frozen, result = json.loads(raw["frozen.json"]), json.loads(raw["result.json"])
    rolls, frozen_hash = json.loads(raw["rolls.json"]), sha(raw["frozen.json"]).hex()
    found = leaves_of(leaves, frozen["proposal"])
    opened, (closed_at, closed) = found["open_vote"][0][1], found["close_vote"][-1]
    for where, name, is_so in [("open_vote", "frozen", opened["hashes"]["frozen"] == frozen_hash),
                               ("open_vote", "text", opened["hashes"]["text"] == sha(raw["text.json"]).hex()),
                               ("frozen", "text", frozen["text"] == sha(raw["text.json"]).hex()),
                               ("frozen", "impact", frozen["impact"] == sha(raw["impact.json"]).hex()),
                               ("close_vote", "ballots", closed["hashes"]["ballots"] == sha(raw["ballots.jsonl"]).hex()),
                               ("close_vote", "result", closed["hashes"]["result"] == sha(raw["result.json"]).hex())]:
        if not is_so:
            fail(f"{name}: isn't what {where} says")
    check_rolls(frozen, rolls)
    newest = open_ballots(raw["ballots.jsonl"].decode().splitlines(), found["vote"], frozen, frozen_hash, rolls)
    seed = None
    if "seed" in result:  # a tie: the tree of the first witnessed checkpoint behind the first close
        size = int(result["seed"]["size"])
        if not found["close_vote"][0][0] < size <= found["close_vote"][-1][0] or root_of(leaves[:size]).hex() != result["seed"]["root"]:
            fail("the seed is of no checkpoint between the close and what settles it")
        seed = sha(bytes.fromhex(result["seed"]["root"]), bytes.fromhex(frozen_hash))
    mine = count(frozen, newest, seed)
    theirs = {"outcome": result["count"]["outcome"], "chambers": [
        {k: c[k] for k in ("id", "roll", "yes", "no", "abstain", "quorum", "stand")} for c in result["count"]["chambers"]]}
    if mine != theirs:
        fail(f"counted {json.dumps(mine)}, recorded {json.dumps(theirs)}")
    print(json.dumps(mine) if args.json else
          f"{len(found['vote'])} ballots, {len(newest)} voters: {mine['outcome']}, as recorded (leaf {closed_at})")


if __name__ == "__main__":
    main()
