"""Lengths of files and lines: python3 lengths.py ROOT

No file of src/ has more than 800 lines. No line of a *.md file has more than 100 columns, outside tables, code blocks and
lines that are one long link or word. No line of C has more either: clang-format leaves those of comments alone.
"""
import pathlib
import sys
import unicodedata

FILE_LINES, PROSE_COLUMNS, CODE_COLUMNS = 800, 100, 100
C = (".c", ".h", ".inc", ".def")

# Still to be mended.
KNOWN = {
    "experiments/REFERENCE.md",
    "results/REFERENCE.md",
}


def columns(line):
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in line if not unicodedata.combining(c))


def long_lines(text):
    """Numbers of the lines of prose that are too long."""
    fenced = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            fenced = not fenced
        elif fenced or line.startswith(("    ", "\t", "|")) or " " not in line.strip("-*> "):
            continue
        elif columns(line) > PROSE_COLUMNS:
            yield number, columns(line)


def check_code(root, path):
    """What is wrong with a file of C."""
    lines = path.read_text().splitlines()
    found = [f"line {number} has {columns(line)} columns" for number, line in enumerate(lines, 1) if columns(line) > CODE_COLUMNS]
    if path.is_relative_to(root / "src") and len(lines) > FILE_LINES:
        found.append(f"{len(lines)} lines; at most {FILE_LINES}")
    return found


def main():
    root = pathlib.Path(sys.argv[1])
    offences, count = {}, 0
    for path in sorted(path for top in ("src", "include", "tests") for path in (root / top).rglob("*.*")):
        if path.suffix in C:
            count += 1
            found = check_code(root, path)
            if found:
                offences[str(path.relative_to(root))] = found
    folders = [root] + [root / name for name in ("src", "tests", "experiments", "results", "scripts", "include")]
    for path in sorted(path for folder in folders for path in folder.glob("*.md")):
        found = [f"line {number} has {width} columns" for number, width in long_lines(path.read_text())]
        if found:
            offences[str(path.relative_to(root))] = found
    for name, found in offences.items():
        if name not in KNOWN:
            print(f"{name}: " + "; ".join(found))
    for name in sorted(KNOWN - offences.keys()):
        print(f"note: {name} is mended: remove it from KNOWN in tests/source/lengths.py")
    bad = offences.keys() - KNOWN
    print(f"{count} files of C, {len(bad)} offences")
    return 1 if bad or not count else 0


sys.exit(main())
