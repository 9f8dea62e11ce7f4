"""Every C file is laid out as .clang-format says: python3 format.py ROOT

Debian's clang-format decides; `clang-format -i FILE` mends a file. Without it, or with another major version, whose
layout may differ, the test is skipped.
"""
import pathlib
import re
import shutil
import subprocess
import sys

MAJOR, SKIPPED = "14", 77


def main():
    root = pathlib.Path(sys.argv[1])
    tool = shutil.which("clang-format")
    if not tool:
        print(f"skipped: clang-format is not installed (apt-get install clang-format; version {MAJOR})")
        return SKIPPED
    version = subprocess.run([tool, "--version"], capture_output=True, text=True, check=True).stdout
    if not re.search(rf"version {MAJOR}\.", version):
        print(f"skipped: the layout is that of clang-format {MAJOR}; this one is {version.strip()}")
        return SKIPPED
    files = [
        path
        for top in ("src", "include", "tests")
        for path in sorted((root / top).rglob("*.*"))
        if path.suffix in (".c", ".h", ".inc", ".def")
    ]
    if not files:
        print(f"{root} has no files to check")
        return 2
    command = [tool, "--style=file", "--dry-run", "-Werror", *map(str, files)]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True)
    wrong = sorted(set(re.findall(r"^(.+?):\d+:\d+: error:", result.stderr, re.MULTILINE)))
    for path in wrong:
        print(f"{pathlib.Path(path).relative_to(root)}: run clang-format -i on it")
    print(f"{len(files)} files, {len(wrong)} to be formatted")
    return 1 if result.returncode else 0


sys.exit(main())
