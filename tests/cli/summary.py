"""summary, scaling_fit and double_descent against plain Python: /usr/bin/python3 summary.py BASIN

Every number and every point of every curve of a small study (with curves over epochs and steps and a tracked measure) is averaged here from the run files; slopes and peaks are computed from the table. Needs h5py (Debian: python3-h5py);
skipped without it.
"""
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import h5py
except ImportError:
    print(f"skipped: {sys.executable} has no module h5py (Debian: python3-h5py)")
    sys.exit(SKIPPED)

BASIN = os.path.abspath(sys.argv[1])
STUDY = """study: s
dataset: {name: mnist1d, train_size: 60, test_size: 40}
architecture: {type: mlp, hidden: [8]}
training: {epochs: 4, batch_size: 20, log_every: 2}
measures: {weight_norm: {every: 2 epochs}}
seeds: 3
sweep: {grid: {training.optimizer.learning_rate: [0.01, 0.1]}}
"""
SIZES = """study: sizes
dataset: {name: mnist1d, test_size: 200}
architecture: {type: mlp, hidden: [16]}
training: {epochs: 3, batch_size: 20}
seeds: 2
sweep: {grid: {dataset.train_size: [20, 60, 200, 600]}}
"""
T = {2: 12.706204736174698, 3: 4.302652729749464}  # Student's t at .975 with n - 1 degrees of freedom


def basin(*words):
    done = subprocess.run([BASIN, *words], capture_output=True, text=True)
    assert done.returncode == 0, f"basin {' '.join(words)}: {done.stderr}"
    return done.stdout


def close(found, wanted, what):
    if wanted is None:
        assert found is None, (what, found)
    else:
        assert found is not None and abs(found - wanted) <= 1e-12 * max(1, abs(wanted)), (what, found, wanted)


def points_of(run):
    """(name, place) -> value, of numbers and curves."""
    found = {}
    for name, item in run["measures"].items():
        if isinstance(item, h5py.Dataset) and item.shape == () and item.dtype.kind in "fi":
            found[name, None] = float(item[()])
    for group in ["curves", "steps"] + ["tracked/" + name for name in run.get("tracked", {})]:
        for name, item in run.get(group, {}).items():
            axis = "step" if group == "steps" else "epoch"
            if item.ndim != 1 or "CLASS" in item.attrs:
                continue
            for at, value in zip(run[group][axis][()], item[()]):
                if math.isfinite(value):
                    found[f"{group.split('/')[0]}.{name}", float(at)] = float(value)
    return found


def check_summary():
    runs = json.loads(basin("table", "s", "-f", "json"))
    rows = json.loads(basin("table", "s", "--across", "summary", "-f", "json"))
    seen = 0
    for rate in (0.01, 0.1):
        files = [f"s/runs/{run['run_id']}.h5" for run in runs if run["training.optimizer.learning_rate"] == rate]
        all_points = []
        for path in files:
            with h5py.File(path) as run:
                all_points.append(points_of(run))
        for row in rows:
            if row["training.optimizer.learning_rate"] != rate:
                continue
            key = (row["quantity"], row["at"])
            x = [points[key] for points in all_points if key in points]
            assert row["count"] == len(x), (key, row["count"], x)
            sd = statistics.stdev(x) if len(x) > 1 else None
            close(row["mean"], statistics.fmean(x), key)
            close(row["median"], statistics.median(x), key)
            close(row["sd"], sd, key)
            if sd is not None:
                close(row["se"], sd / math.sqrt(len(x)), key)
                close(row["t_low"], statistics.fmean(x) - T[len(x)] * sd / math.sqrt(len(x)), key)
                assert min(x) - 1e-15 <= row["bootstrap_low"] <= row["bootstrap_high"] <= max(x) + 1e-15, row
            for points in all_points:
                points.pop(key, None)
            seen += 1
        left = {key for points in all_points for key in points if "convergence" not in key[0]}
        assert not left, f"not summarised: {sorted(left, key=str)[:5]}"
    print(f"summary: {seen} rows agree")


def check_equal_lines():
    """The average of identical lines is that line."""
    basin("run", "s.yaml", "-o", "same", "--set", "seeds=[0]", "--set", "sweep=null")
    rows = json.loads(basin("table", "same", "same", "--across", "summary: {measures: ['curves.*']}", "-f", "json"))
    assert rows and all(row["sd"] in (0, None) and row["mean"] == row["median"] for row in rows), rows[:2]


def check_scaling():
    runs = json.loads(basin("table", "sizes", "-f", "json"))
    x = [math.log(run["dataset.train_size"]) for run in runs]
    y = [math.log(run["test_loss"]) for run in runs]
    mx, my = statistics.fmean(x), statistics.fmean(y)
    slope = sum((a - mx) * (b - my) for a, b in zip(x, y)) / sum((a - mx) ** 2 for a in x)
    (row,) = json.loads(basin("table", "sizes", "--across", "scaling_fit: {x: dataset.train_size}", "-f", "json"))
    close(row["slope"], slope, "slope")
    assert row["slope_low"] <= row["slope"] <= row["slope_high"] and row["runs"] == 8, row
    loss = sum(huber(math.log(row["offset"] + row["coefficient"] * run["dataset.train_size"] ** -row["exponent"]) -
                     math.log(run["test_loss"])) for run in runs)
    assert abs(loss - row["huber_loss"]) < 1e-12, (loss, row)
    (row,) = json.loads(basin("table", "sizes", "--across", "scaling_fit: {y: 1 - test_accuracy}", "-f", "json"))
    errors = [math.log(1 - run["test_accuracy"]) for run in runs]
    me = statistics.fmean(errors)
    close(row["slope"], sum((a - mx) * (b - me) for a, b in zip(x, errors)) / sum((a - mx) ** 2 for a in x), "slope of an expression")
    (row,) = json.loads(basin("table", "sizes", "--across", "double_descent: {x: dataset.train_size, y: last(curves.test_loss)}", "-f", "json"))
    assert row["runs"] == 8 and row["sizes"] == 4, row
    for wrong, what in ("1 - tst_accuracy", "character 5: no column is named"), ("tau(test_loss, train_loss)", "a number of each run is needed"):
        done = subprocess.run([BASIN, "table", "sizes", "--across", f"scaling_fit: {{y: '{wrong}'}}"], capture_output=True, text=True)
        assert done.returncode == 2 and what in done.stderr, done
    (row,) = json.loads(basin("table", "sizes", "-w", "dataset.train_size < 100", "--across", "scaling_fit: {x: dataset.train_size}", "-f", "json"))
    assert row["slope"] is None and "three different" in row["note"], row
    (row,) = json.loads(basin("table", "sizes", "--across", "double_descent: {x: dataset.train_size}", "-f", "json"))
    means = {}
    for run in runs:
        means.setdefault(run["dataset.train_size"], []).append(run["test_loss"])
    means = [statistics.fmean(means[size]) for size in sorted(means)]
    inner = [i for i in range(1, len(means) - 1) if min(means[:i]) < means[i] > min(means[i + 1:])]
    if inner:
        close(row["peak_y"], max(means[i] for i in inner), "peak")
    else:
        assert row["peak_x"] is None and "no peak" in row["note"], row
    print("scaling_fit, double_descent agree")


def huber(r, d=1e-3):
    return r * r / 2 if abs(r) <= d else d * (abs(r) - d / 2)


def main():
    os.chdir(tempfile.mkdtemp())
    for name, text in ("s", STUDY), ("sizes", SIZES):
        with open(name + ".yaml", "w") as spec:
            spec.write(text)
        basin("run", name + ".yaml", "-o", name)
    check_summary()
    check_equal_lines()
    check_scaling()


main()
