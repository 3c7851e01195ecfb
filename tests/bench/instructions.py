"""The instructions that were counted, as a table and as JSON: instructions.py KERNEL TSV JSON."""

import json
import statistics
import sys

from report import TITLES, table
from rounds import NOTHING


def read(path):
    """By name and work: instructions of one operation, one a round."""
    found = {}
    with open(path, encoding="ascii") as file:
        for line in file:
            name, work, count = line.rstrip("\n").split("\t")
            found.setdefault(name, {}).setdefault(work, []).append(float(count))
    return found


def main():
    kernel, source, target = sys.argv[1:]
    found = {
        name: {work: statistics.median(counts) for work, counts in works.items()}
        for name, works in read(source).items()
    }
    if NOTHING not in found or not any(name.startswith("porttrace") for name in found):
        sys.exit("instructions: nothing was measured of porttrace")
    rows = [
        [name, *(f"{works[work] / found[NOTHING][work]:.2f}x {works[work]:.0f}" for work in TITLES)]
        for name, works in found.items()
    ]
    print(f"Linux {kernel} in QEMU, ratio to nothing attached, instructions of one operation:\n")
    print(table(["attached", *TITLES.values()], rows), end="")
    with open(target, "w", encoding="utf-8") as file:
        json.dump({"kernel": kernel, "instructions": found}, file, indent=2)


main()
