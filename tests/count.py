"""Adds up meson's logs: prints 'N passed, N failed, N skipped' and exits 1 where a test failed or none ran.

Criterion runs each test in a process of its own and does not look at that process's exit status, so that a leak is only a report in the
output: it counts as a failure here."""
import json
import sys

counts = {"passed": 0, "failed": 0, "skipped": 0}
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as log:
        for line in log:
            test = json.loads(line)
            result = test["result"]
            if "LeakSanitizer: detected memory leaks" in test.get("stdout", "") + test.get("stderr", ""):
                print("leak: {} ({})".format(test["name"], name), file=sys.stderr)
                result = "FAIL"
            counts["passed" if result == "OK" else "skipped" if result == "SKIP" else "failed"] += 1
print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
sys.exit(counts["failed"] > 0 or counts["passed"] == 0)
