"""Writes the specs in experiments/README.md to the current folder, block by block: python3 readme.py README.md

What a fragment lacks is added: a name, a small data set, an architecture.
"""
import re
import sys

manual = open(sys.argv[1], encoding="utf-8").read()
for number, block in enumerate(re.findall(r"```yaml\n(.*?)```", manual, re.S)):
    for key, text in ("study", "manual"), ("dataset", "mnist1d"), ("architecture", "sequential"):
        if not re.search(f"^{key}:", block, re.M):
            block += f"{key}: {text}\n"
    open(f"manual-{number}.yaml", "w", encoding="utf-8").write(block.replace("name: fashion-mnist", "name: mnist1d"))
