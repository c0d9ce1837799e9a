#!/usr/bin/env python3
"""Makes the seeds of sketch_fuzz: the program's own sketches of small tables, written here and nowhere else.
    fuzz/sketch_seeds.py build/polder"""
import pathlib
import subprocess
import sys
import tempfile

CORPUS = pathlib.Path(__file__).resolve().parent / "corpus" / "sketch"
TABLES = {
    "empty-cells": "a,b\n,\n,\n",
    "integers": "n\n" + "".join(f"{i * 7 % 11}\n" for i in range(40)),
    "decimals": "x\n0.5\n1.25\n-3e2\n99999999999999999999.5\n",
    "dates": "day\n2024-01-01\n2024-02-01\n2024-04-01\n2024-05-01T10:00:00Z\n",
    "ways": "p,q,r\n\"1.234,5\",9/3/2026,12%\n\"2.000,0\",13/3/2026,$5\nn/a,3/4/2026,7%\n",
    "text": "name,mail,id\n王小明,a@b.example,11010119900307002X\nLi,,\nNULL,c@d.example,7\n",
    "ragged": "a,b\n1,2\n3\n4,5\n",
}


def main():
    CORPUS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for name, text in TABLES.items():
            table = pathlib.Path(folder) / f"{name}.csv"
            table.write_text(text, encoding="utf-8")
            subprocess.run([sys.argv[1], "inspect", table, f"--sketch={CORPUS / name}"],
                           check=True, stdout=subprocess.DEVNULL)
            (CORPUS / name).chmod(0o644)


main()
