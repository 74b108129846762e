"""Prints what `martlet bench` measured beside the raw limits of the same run. usage: compare.py LIMIT.json LIMIT-AFTER.json BENCH.json"""
import json
import sys


def load(path):
    with open(path) as file:
        return json.load(file)


def main():
    before, after, bench = (load(path) for path in sys.argv[1:4])
    limit = {name: (before[name] + after[name]) / 2 for name in before}
    print(json.dumps({"limit": limit, "bench": bench}, indent=1))
    # measured figure, the limit it is held against, the share that is to be reached
    rows = [("whole_life_jobs_per_second", "cycle_100", 0.30), ("bulk_enqueue_jobs_per_second", "insert_100", 0.50), ("commands_per_second", "spawn", 0.50)]
    for name, against, goal in rows:
        if name in bench:
            share = bench[name] / limit[against]
            print(f"{name}: {bench[name]:.0f} of {limit[against]:.0f} ({against}) = {share:.0%}, goal {goal:.0%}: {'reached' if share >= goal else 'missed'}")


main()
