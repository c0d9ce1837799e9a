#!/usr/bin/env python3
"""The peer of detection: all of Presidio's recognisers by pattern, on every cell of a CSV file, without a language model:
presidio.py [FILE]. Without a file only what is imported is made ready, so that its time can be taken off."""

import csv
import inspect
import sys

from presidio_analyzer import PatternRecognizer, predefined_recognizers


def recognisers():
    for _, kind in inspect.getmembers(predefined_recognizers, inspect.isclass):
        if issubclass(kind, PatternRecognizer) and kind is not PatternRecognizer:
            try:
                yield kind()
            except TypeError:  # one that needs more than a pattern
                continue


def main():
    ready = list(recognisers())
    found = 0
    if len(sys.argv) > 1:
        with open(sys.argv[1], encoding="utf-8", newline="") as file:
            for row in csv.reader(file):
                for cell in row:
                    for one in ready:
                        found += len(one.analyze(cell, one.supported_entities, None) or [])
    print(len(ready), "recognisers,", found, "findings")


if __name__ == "__main__":
    main()
