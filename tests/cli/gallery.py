"""The gallery of experiments/README.md: /usr/bin/python3 gallery.py BASIN SOURCE

claims   every spec of experiments/ states claims, and the table has a row for each, in their order, with what is expected as the spec has it:
         a claim or a spec that was changed needs the table written again (scripts/gallery)
rows     each verdict follows from the interval (or the number) beside it
printed  scripts/gallery --print, with the results of the studies that need no file and take a moment, prints these rows: header, claims and
         verdicts letter by letter, numbers within the interval that the manual prints (they may differ in the last digits elsewhere)
written  scripts/gallery writes them to a copy of the manual, between its marks and nowhere else; without a study it refuses

Needs python3-yaml (Debian); skipped without it.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import yaml
except ImportError:
    print(f"skipped: {sys.executable} has no module yaml (Debian: python3-yaml)")
    sys.exit(SKIPPED)

BASIN, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
QUICK = ["minimum-norm", "own-data"]
COLUMNS = ["study", "claim", "expected", "verdict", "mean", "low", "high", "n"]


def specs():
    """Scalars as they are written: a bound is an expression and shown as such."""
    return {os.path.basename(path)[:-5]: yaml.load(open(path, encoding="utf-8"), yaml.BaseLoader) for path in sorted(glob.glob(SOURCE + "/experiments/*.yaml"))}


def bound(claim):
    for key in ("above", "below"):
        side = claim.get(key)
        if isinstance(side, dict):
            return f"{key} {side.get('value', 'the same')}" + (f" where {side['where']}" if "where" in side else "")
        if side is not None:
            return f"{key} {side}"
    return "within [{:.15g}, {:.15g}]".format(*map(float, claim["within"]))


def expected(claim):
    where = f", in runs where {claim['where']}" if "where" in claim else ""
    return f"{claim['value']} {bound(claim)}{where}"


def rows_of(text):
    """The rows of the one table of claims in a text, as dicts."""
    lines = re.search(r"^(\| study \| claim \|.*?)(?:\n\n|\Z)", text, re.M | re.S).group(1).splitlines()
    cells = [[re.sub(r"\\(.)", r"\1", cell.strip()) for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in lines]
    assert cells[0] == COLUMNS, cells[0]
    return [dict(zip(COLUMNS, row)) for row in cells[2:]]


def follows(row):
    """Does the verdict follow from the numbers? None: from what is expected alone it cannot be told."""
    low, high = (row["mean"] if row[end] == "-" else row[end] for end in ("low", "high"))
    low, high = float(low), float(high)
    band = re.search(r" within \[(\S+), (\S+)\]", row["expected"])
    side = re.search(r" (above|below) (.*?)(, in runs where .*)?$", row["expected"])
    if band:
        holds = float(band[1]) <= low and high <= float(band[2])
    else:
        try:
            limit = float(side[2])
        except ValueError:
            limit = 0.0  # the mean is that of a difference
        holds = low > limit if side[1] == "above" else high < limit
    return holds == (row["verdict"] == "holds")


def gallery(*words, readme=None):
    place = os.path.dirname(os.path.dirname(readme)) if readme else SOURCE
    return subprocess.run(["bash", place + "/scripts/gallery", *words], env=dict(os.environ, BASIN=BASIN), capture_output=True, text=True)


def main():
    manual = open(SOURCE + "/experiments/README.md", encoding="utf-8").read()
    rows, studies = rows_of(manual), specs()
    assert len(studies) >= 10
    for name, spec in studies.items():
        assert spec["study"] == name, f"{name}.yaml is the study {spec['study']}"
        assert spec.get("expect"), f"experiments/{name}.yaml states no claim"
    wanted = [(name, claim["claim"], expected(claim)) for name, spec in studies.items() for claim in spec["expect"]]
    found = [(row["study"], row["claim"], row["expected"]) for row in rows]
    for row in found:
        assert row in wanted, f"no spec of experiments/ has this claim any more (run scripts/gallery): {row}"
    for row in wanted:
        assert row in found, f"the gallery lacks this claim (run scripts/gallery): {row}"
    assert found == wanted, "the order is another one: run scripts/gallery"
    for row in rows:
        assert row["verdict"] in ("holds", "fails", "undecided") and follows(row), row
    print(f"{len(rows)} claims of {len(studies)} studies are in the gallery")

    os.chdir(tempfile.mkdtemp())
    for name in QUICK:
        done = subprocess.run([BASIN, "run", f"{SOURCE}/experiments/{name}.yaml", "-o", name], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    printed = gallery("--print", *QUICK)
    assert printed.returncode == 0, printed
    ours = [row for row in rows if row["study"] in QUICK]
    for one, other in zip(rows_of(printed.stdout), ours, strict=True):
        for key in "study", "claim", "expected", "verdict", "n":
            assert one[key] == other[key], (key, one, other)
        if other["low"] != "-":
            assert float(other["low"]) <= float(one["mean"]) <= float(other["high"]), (one, other)

    # a project of these two studies
    os.makedirs("copy/experiments")
    shutil.copytree(SOURCE + "/scripts", "copy/scripts")
    for name in QUICK:
        shutil.copy(f"{SOURCE}/experiments/{name}.yaml", "copy/experiments")
    readme = os.path.abspath("copy/experiments/README.md")
    shutil.copy(SOURCE + "/experiments/README.md", readme)
    done = gallery(*QUICK, readme=readme)
    assert done.returncode == 0, done
    text = open(readme, encoding="utf-8").read()
    assert [row["study"] for row in rows_of(text)] == [row["study"] for row in ours]
    head, tail = manual.split("| study | claim |")[0], manual.split("<!-- End of the table. -->")[1]
    assert text == head + printed.stdout.rstrip("\n") + "\n\n<!-- End of the table. -->" + tail, "more was changed than the table"
    assert gallery(*QUICK, readme=readme).returncode == 0 and open(readme, encoding="utf-8").read() == text
    done = gallery(QUICK[0], readme=readme)
    assert done.returncode == 3 and "own-data" in done.stderr and open(readme, encoding="utf-8").read() == text, done
    print("scripts/gallery prints and writes it")


main()
