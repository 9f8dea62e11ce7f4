"""`basin rank` against the definitions, in plain Python: python3 rank.py BASIN

Trains small sweeps (two and three axes, seeds, a missing run, one axis), and computes Kendall's tau-b, the granulated tau, the
competition's conditional mutual information and the weighted sign errors of every measure from `basin table -f json` alone.
"""
import glob
import itertools
import json
import math
import os
import re
import subprocess
import sys
import tempfile

BASIN = os.path.abspath(sys.argv[1])
HEAD = """study: s
dataset: {name: mnist1d, train_size: 100, test_size: 300}
architecture: {type: mlp, hidden: [8]}
training: {epochs: 4, batch_size: 20, optimizer: {type: sgd, learning_rate: 0.1}}
measures: {weight_norm: {}, margin: {}}
"""
STUDIES = {
    "two": ("seeds: 2\nsweep: {grid: {regularizers.weight_decay: [0, 0.1, 1], training.optimizer.learning_rate: [0.02, 0.1, 0.5]}}\n", 0),
    "three": ("sweep: {grid: {regularizers.weight_decay: [0, 1], training.optimizer.learning_rate: [0.05, 0.5], training.batch_size: [10, 20, 50]}}\n", 0),
    "missing": ("sweep: {grid: {regularizers.weight_decay: [0, 0.5, 1], training.optimizer.learning_rate: [0.05, 0.5]}}\n", 1),
    "one": ("seeds: 2\nsweep: {grid: {training.optimizer.learning_rate: [0.05, 0.5, 1]}}\n", 0),
}
AXES = {"two": ["weight_decay", "learning_rate"], "three": ["weight_decay", "learning_rate", "batch_size"],
        "missing": ["weight_decay", "learning_rate"], "one": ["learning_rate"]}


def basin(*words):
    done = subprocess.run([BASIN, *words], capture_output=True, text=True)
    assert done.returncode == 0, f"basin {' '.join(words)}: {done.stderr}"
    return done.stdout


def sign(x):
    return (x > 0) - (x < 0)


def tau(points):
    score = a = b = 0
    for (x, g), (y, h) in itertools.combinations(points, 2):
        score += sign(x - y) * sign(g - h)
        a += x != y
        b += g != h
    return score / math.sqrt(a * b) if a * b else None


def mean(values):
    values = [value for value in values if value is not None]
    return sum(values) / len(values) if values else None


def granulated(runs, axes, measure, gap):
    psi = []
    for axis in axes:
        sets = {}
        for run in runs:
            sets.setdefault((run["seed"], *(run[other] for other in axes if other != axis)), []).append((run[measure], run[gap]))
        psi.append(mean(tau(points) for points in sets.values()))
    return mean(psi)


def entropy(counts):
    total = sum(counts)
    return -sum(count / total * math.log2(count / total) for count in counts if count)


def conditional(runs, axes, measure, gap):
    least = None
    for pair in itertools.combinations(axes, 2):
        cells = {}
        for a, b in itertools.product(runs, runs):
            cell = cells.setdefault(tuple((a[axis], b[axis]) for axis in pair), [0, 0, 0, 0])
            cell[2 * (a[measure] > b[measure]) + (a[gap] > b[gap])] += 1
        mutual = sum(entropy([c[0] + c[1], c[2] + c[3]]) + entropy([c[0] + c[2], c[1] + c[3]]) - entropy(c) for c in cells.values())
        of_gap = sum(entropy([c[0] + c[2], c[1] + c[3]]) for c in cells.values())
        if of_gap > 0 and (least is None or 100 * mutual / of_gap < least):
            least = 100 * mutual / of_gap
    return least


def sign_errors(runs, axes, measure, gap, examples):
    errors = []
    for axis in axes:
        values = sorted({run[axis] for run in runs})
        for low, high in itertools.combinations(values, 2):
            total = weights = 0
            for a, b in itertools.product(runs, runs):
                alike = a["seed"] == b["seed"] and all(a[other] == b[other] for other in axes if other != axis)
                if not alike or (a[axis], b[axis]) != (low, high):
                    continue
                weight = max(0, 1 - 2 * math.exp(-2 * examples * ((a[gap] - b[gap]) / 2) ** 2)) ** 2 if "accuracy" in gap else 1
                weights += weight
                total += weight * (1 - sign(a[measure] - b[measure]) * sign(a[gap] - b[gap])) / 2
            if weights > 0:
                errors.append(total / weights)
    return (sum(errors) / len(errors), max(errors)) if errors else (None, None)


def close(found, wanted, what):
    assert (found is None) == (wanted is None), (what, found, wanted)
    assert wanted is None or abs(found - wanted) < 1e-9, (what, found, wanted)


def main():
    os.chdir(tempfile.mkdtemp())
    for name, (sweep, gone) in STUDIES.items():
        with open(name + ".yaml", "w") as spec:
            spec.write(HEAD + sweep)
        basin("run", name + ".yaml", "-o", name)
        for path in sorted(glob.glob(name + "/runs/*.h5"))[:gone]:
            os.remove(path)
        runs, axes, rows = json.loads(basin("table", name, "-f", "json")), AXES[name], json.loads(basin("rank", name, "-f", "json"))
        for run in runs:  # parameters by the end of their paths
            run.update({key.rsplit(".", 1)[-1]: value for key, value in list(run.items()) if "." in key})
        checked = 0
        for row in rows:
            measure, gap = row["measure"], row["gap"]
            assert row["runs"] == len(runs), row
            if measure.startswith("("):
                continue
            close(row["kendall_tau"], tau([(run[measure], run[gap]) for run in runs]), (name, gap, measure, "tau"))
            close(row["granulated_kendall"], granulated(runs, axes, measure, gap), (name, gap, measure, "granulated"))
            error, worst = sign_errors(runs, axes, measure, gap, 300)
            close(row["sign_error"], error, (name, gap, measure, "sign error"))
            close(row["sign_error_worst"], worst, (name, gap, measure, "worst sign error"))
            wanted = conditional(runs, axes, measure, gap) if not gone and len(axes) > 1 else None
            close(row["conditional_mutual_information"], wanted, (name, gap, measure, "conditional mutual information"))
            assert wanted is not None or "conditional mutual information needs" in row["note"], row
            for column, word in (("granulated_kendall", "granulated tau"), ("sign_error", "sign error"), ("conditional_mutual_information", "conditional mutual")):
                assert row[column] is not None or word in row["note"], (column, row)
            assert row["kendall_tau_low"] <= row["kendall_tau"] <= row["kendall_tau_high"], row
            checked += 1
        assert {row["gap"] for row in rows} == {"accuracy_gap", "loss_gap"} and checked >= 10, checked
        oracle = [row for row in rows if row["measure"] == "(gap + noise of 0.5 s.d.)"]
        assert all(row["kendall_tau"] > 0 for row in oracle), oracle
        print(f"{name}: {checked} rows of {len(runs)} runs agree")
    # In a text notes have numbers, below the table; there is no column of notes where no number is absent.
    rows = json.loads(basin("rank", "one", "-f", "json"))
    lines, notes = basin("rank", "one").split("\n\n")
    notes = dict(re.findall(r"^note (\d+): (.*)$", notes, re.M))
    for line, row in zip(lines.split("\n")[1:], rows, strict=True):
        assert notes[line.split()[-1]] == row["note"], (line, row, notes)
    assert sorted(notes) == [str(i + 1) for i in range(len({row["note"] for row in rows}))], notes
    assert "note" not in basin("rank", "two"), basin("rank", "two")
    assert "note 1: " in basin("rank", "one", "-f", "markdown") and basin("rank", "one", "-c", "gap,measure,runs").count("note") == 0
    done = subprocess.run([BASIN, "rank", "two", "-m", "margin_*,nothing_*"], capture_output=True, text=True)
    assert done.returncode == 2 and 'no number of the runs matches "nothing_*"' in done.stderr, done


main()
