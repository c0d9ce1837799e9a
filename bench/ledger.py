#!/usr/bin/env python3
"""The peer of ledger.c: RFC 9162 2.1.3.2 as one writes it in Python, whose SHA-256 is OpenSSL's as ours is."""

import hashlib
import sys
import time


def verify(index, size, leaf, root, proof):
    fn, sn, r = index, size - 1, leaf
    for p in proof:
        if sn == 0:
            return False
        if fn & 1 or fn == sn:
            r = hashlib.sha256(b"\x01" + p + r).digest()
            while not fn & 1 and fn:
                fn, sn = fn >> 1, sn >> 1
        else:
            r = hashlib.sha256(b"\x01" + r + p).digest()
        fn, sn = fn >> 1, sn >> 1
    return sn == 0 and r == root


def main():
    with open(sys.argv[1], encoding="ascii") as f:
        rows = [line.split() for line in f]
    proofs = [(int(r[0]), int(r[1]), *(bytes.fromhex(h) for h in r[2:4]), [bytes.fromhex(h) for h in r[4:]]) for r in rows]
    start = time.process_time()
    holds = sum(verify(*p) for p in proofs)
    passed = time.process_time() - start
    if holds != len(proofs):
        sys.exit(f"{len(proofs) - holds} of {len(proofs)} proofs do not hold")
    print(f"python {sys.version.split()[0]}, verify inclusion: {len(proofs) / passed:.0f}/s (all {holds} hold)")


if __name__ == "__main__":
    main()
