"""Prints what `martlet bench` measured beside the raw limits of the same run. usage: compare.py LIMIT.json LIMIT-AFTER.json BENCH.jsonl"""

import json
import sys

# Measured figure, the limit of the same run that it is held against, the share that is to be reached.
SHARES = [("whole-life completed", "cycle_100", 0.30), ("bulk-enqueue enqueued", "insert_100", 0.50), ("commands completed", "spawn", 0.50)]
# Measured figure, what is to be reached, and whether more is better.
GOALS = [
    ("whole-life completed", 25_000, True), ("steps recorded", 3000, True), ("latency p50", 1.5, False), ("latency p99", 10, False),
    ("http single", 8000, True), ("http batch", 40_000, True), ("claim p99", 20, False),
]


def load(path):
    with open(path) as file:
        return json.load(file)


def main():
    before, after = load(sys.argv[1]), load(sys.argv[2])
    limit = {name: (before[name] + after[name]) / 2 for name in before}
    with open(sys.argv[3]) as lines:
        figures = [json.loads(line) for line in lines]
    bench = {f"{figure['scenario']} {figure['name']}": figure["value"] for figure in figures}
    for figure in figures:
        print(f"{figure['scenario']:16}{figure['name']:12}{figure['value']:>14,.2f} {figure['unit']}")
    for name, value in limit.items():
        print(f"{'raw':16}{name:12}{value:>14,.0f} /s")
    for name, against, goal in SHARES:
        share = bench[name] / limit[against]
        print(f"{name}: {share:.0%} of {against}, goal {goal:.0%}: {'reached' if share >= goal else 'missed'}")
    for name, goal, more in GOALS:
        reached = bench[name] >= goal if more else bench[name] <= goal
        print(f"{name}: {bench[name]:,.2f}, goal {goal:,}: {'reached' if reached else 'missed'}")


main()
