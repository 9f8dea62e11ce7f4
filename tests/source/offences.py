"""Each check of the source finds what it looks for: python3 offences.py ROOT

Writes small trees into a temporary folder, one clean and one with each kind of offence, and runs the checks on them.
"""
import pathlib
import subprocess
import sys
import tempfile

CLEAN = {
    "src/base/text.h": "#include <stddef.h>\n\nint text_first(void);\n",
    "src/base/text.c": '#include "base/text.h"\n\nint text_first(void)\n{\n    return 1;\n}\n',
    "src/graph/graph.c": '#include "base/text.h"\n\nstatic int graph_cost(void)\n{\n    return text_first();\n}\n',
    "include/basin/error.h": "enum { ERROR };\n",
    "README.md": "# Title\n\nProse.\n\n| " + 120 * "wide " + "|\n\n    " + 120 * "code " + "\n",
}

INCLUDES, NAMES, LENGTHS, FORMAT = "scripts/check_includes", "names.py", "lengths.py", "format.py"

# The check, the files that make the offence, and a part of what is said of it.
OFFENCES = [
    (INCLUDES, {"src/base/hash.h": '#include "graph/node.h"\n', "src/graph/node.h": "\n"}, "base/ may not include graph/"),
    (INCLUDES, {"src/base/a.h": '#include "base/b.h"\n', "src/base/b.h": '#include "base/a.h"\n'}, "circle in base/"),
    (
        INCLUDES,
        {"src/base/a.c": '#include "base/b.h"\n', "src/base/b.c": '#include "base/a.h"\n', "src/base/a.h": "\n", "src/base/b.h": "\n"},
        "circle in base/",
    ),
    (INCLUDES, {"src/base/a.c": "#include <yaml.h>\n"}, "only spec/ may include <yaml.h>"),
    (INCLUDES, {"src/attic/a.c": '#include "base/text.h"\n'}, "attic/ is not listed"),
    (INCLUDES, {"include/basin/study.h": '#include "base/text.h"\n'}, "include/ may not include base/"),
    (NAMES, {"src/base/hash.c": "static int graph_cost(int a, int b)\n{\n    return a + b;\n}\n"}, "graph_cost is defined in 2 files"),
    (
        NAMES,
        {
            "src/kernels/a.h": "static void LOCAL(row)(int a)\n{\n}\n",
            "src/kernels/b.h": "static void LOCAL(row)(int a,\n                       int b)\n{\n}\n",
        },
        "LOCAL(row) is defined in 2 files",
    ),
    (LENGTHS, {"src/base/long.c": 801 * "\n"}, "src/base/long.c: 801 lines"),
    (LENGTHS, {"tests/unit/a.c": "/* " + 49 * "a " + "*/\n" + "/* " + 48 * "a " + "*/\n"}, "tests/unit/a.c: line 1 has 103 columns"),
    (LENGTHS, {"scripts/README.md": "short\n" + 50 * "a " + "b\n"}, "scripts/README.md: line 2 has 101 columns"),
    (FORMAT, {"src/base/hash.c": "int  f( void );\n"}, "src/base/hash.c: run clang-format"),
]


def run(root, check, files):
    """Exit status and output of a check on a tree of these files."""
    tool = root / check if "/" in check else root / "tests" / "source" / check
    with tempfile.TemporaryDirectory() as folder:
        for name, text in {**CLEAN, **files, ".clang-format": (root / ".clang-format").read_text()}.items():
            path = pathlib.Path(folder, name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        result = subprocess.run([sys.executable, tool, folder], capture_output=True, text=True)
    return result.returncode, result.stdout + result.stderr


def main():
    root = pathlib.Path(sys.argv[1])
    failed, skipped = 0, set()
    for check in (INCLUDES, NAMES, LENGTHS, FORMAT):
        status, output = run(root, check, {})
        if status == 77:
            skipped.add(check)
        elif status != 0:
            failed += 1
            print(f"{check} fails on a clean tree:\n{output}")
    for check, files, expected in OFFENCES:
        status, output = run(root, check, files)
        if check not in skipped and (status != 1 or expected not in output):
            failed += 1
            print(f"{check} with {', '.join(files)}: exit {status}, expected 1 and \"{expected}\":\n{output}")
    print(f"{len(OFFENCES)} offences, {failed} failures")
    return 1 if failed else 0


sys.exit(main())
