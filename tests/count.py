"""Adds up meson's logs: prints 'N passed, N failed, N skipped' and exits 1 where a test failed or none ran."""
import json
import sys

counts = {"passed": 0, "failed": 0, "skipped": 0}
for name in sys.argv[1:]:
    with open(name, encoding="utf-8") as log:
        for line in log:
            result = json.loads(line)["result"]
            counts["passed" if result == "OK" else "skipped" if result == "SKIP" else "failed"] += 1
print("{passed} passed, {failed} failed, {skipped} skipped".format(**counts))
sys.exit(counts["failed"] > 0 or counts["passed"] == 0)
