"""Adds up meson's logs: python3 count.py LOG...

Prints for every build and suite how many tests ran and what they took, then the slowest tests, and ends with 'N passed, N
failed, N skipped'. Exits 1 if a test failed or none ran. The wrapper `timed` adds the processor time to each test's output;
wall time is the time in which at least one test of the suite was running.

Criterion runs each test in a process of its own and does not look at that process's exit status, so that a leak is only a
report in the output: it counts as a failure here.
"""
import json
import os
import re
import sys

SLOWEST = 10
PROCESSOR = re.compile(r"^processor seconds: ([\d.]+) ([\d.]+)$", re.M)


def read(path):
    """The tests of one log: build, suite, name, result, interval of wall time, processor seconds."""
    build = os.path.basename(os.path.dirname(os.path.dirname(os.path.abspath(path))))
    with open(path, encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            suite, _, name = test["name"].rpartition(" - ")
            output = test.get("stdout", "") + test.get("stderr", "")
            result = {"OK": "passed", "SKIP": "skipped"}.get(test["result"], "failed")
            if "LeakSanitizer: detected memory leaks" in output:
                print(f"leak: {name} ({path})", file=sys.stderr)
                result = "failed"
            times = PROCESSOR.search(output)
            yield {"build": build, "suite": suite, "name": name.rpartition(":")[2], "result": result,
                   "begin": test["starttime"], "end": test["starttime"] + test["duration"],
                   "processor": sum(map(float, times.groups())) if times else 0.0}


def covered(tests):
    """Seconds in which at least one of the tests was running."""
    total, until = 0.0, 0.0
    for begin, end in sorted((test["begin"], test["end"]) for test in tests):
        total += max(0.0, end - max(begin, until))
        until = max(until, end)
    return total


def print_suites(tests):
    print(f"{'build':<16} {'suite':<12} {'tests':>5} {'wall s':>7} {'cpu s':>7}")
    for build in dict.fromkeys(test["build"] for test in tests):
        here = [test for test in tests if test["build"] == build]
        for suite in [*dict.fromkeys(test["suite"] for test in here), "all"]:
            part = [test for test in here if suite in ("all", test["suite"])]
            print(f"{build:<16} {suite:<12} {len(part):>5} {covered(part):>7.1f} {sum(test['processor'] for test in part):>7.1f}")


def print_slowest(tests):
    print("\nslowest tests")
    for test in sorted(tests, key=lambda test: test["begin"] - test["end"])[:SLOWEST]:
        print(f"{test['build']:<16} {test['name']:<30} {test['end'] - test['begin']:>7.1f} {test['processor']:>7.1f}")
    print()


def main():
    tests = [test for path in sys.argv[1:] for test in read(path)]
    counts = {result: sum(test["result"] == result for test in tests) for result in ("passed", "failed", "skipped")}
    print_suites(tests)
    print_slowest(tests)
    print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
    sys.exit(counts["failed"] > 0 or counts["passed"] == 0)


if __name__ == "__main__":
    main()
