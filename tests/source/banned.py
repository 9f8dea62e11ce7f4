"""What base/banned.h bans does not compile: python3 banned.py ROOT BUILD

Compiles a call of each banned function, which must fail, and the same file without a call, which must not; and looks in
BUILD/compile_commands.json whether every file is compiled behind that header.
"""
import json
import pathlib
import re
import shlex
import subprocess
import sys


def compiles(compiler, header, body):
    source = f"#include <time.h>\nvoid *f(void);\nvoid *f(void) {{ {body} return 0; }}\n"
    command = [*compiler, "-include", str(header), "-fsyntax-only", "-w", "-x", "c", "-"]
    result = subprocess.run(command, input=source, text=True, capture_output=True)
    return result.returncode == 0


def main():
    root, build = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
    header = root / "src" / "base" / "banned.h"
    names = re.findall(r"\w+", " ".join(re.findall(r"^#pragma GCC poison (.*)$", header.read_text(), re.MULTILINE)))
    entries = json.loads((build / "compile_commands.json").read_text())
    bad = 0
    compiler = []
    for entry in entries:
        words = shlex.split(entry["command"])
        compiler = words[1:2] if words[0].endswith("ccache") else words[:1]
        if str(header) not in words:
            bad += 1
            print(f"{entry['file']} is compiled without base/banned.h")
    if not names or not compiler:
        print("nothing to check")
        return 2
    if not compiles(compiler, header, ""):
        bad += 1
        print("nothing compiles behind base/banned.h")
    for name in names:
        if compiles(compiler, header, f"return (void *){name};"):
            bad += 1
            print(f"{name} compiles")
    print(f"{len(names)} banned functions, {len(entries)} files, {bad} offences")
    return 1 if bad else 0


sys.exit(main())
