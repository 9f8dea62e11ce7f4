"""study.h5 against the run files: /usr/bin/python3 collect.py BASIN

Trains small studies of every shape (a product with a named axis and a tracked measure, one whose runs partly diverge, a product
of which runs are missing, a random sweep, a zip, a measure with other options in some runs, one run alone), collects them and
compares every number, curve, coordinate, id and status with the files of the runs. Needs h5py and xarray (Debian: python3-h5py,
python3-xarray, python3-h5netcdf); skipped without them.
"""
import csv
import glob
import io
import json
import os
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import h5netcdf  # noqa: F401: xarray needs it
    import h5py
    import numpy
    import xarray
    import yaml
except ImportError as missing:
    print(f"skipped: {sys.executable} has no module {missing.name} (Debian: python3-h5py, python3-xarray, python3-h5netcdf, python3-yaml)")
    sys.exit(SKIPPED)

BASIN = os.path.abspath(sys.argv[1])
HEAD = """study: {name}
dataset: {{name: mnist1d, train_size: 60, test_size: 20}}
architecture: {{type: mlp, hidden: [4]}}
training: {{epochs: 2, batch_size: 20, loss: mse, optimizer: {{type: sgd, learning_rate: 0.1}}}}
"""
STUDIES = {
    "product": """seeds: 2
measures: {hessian_top: {examples: 20, every: 2 epochs}}
sweep:
  grid: {regularizers.weight_decay: [0.3, 0, 0.03], architecture: [linear, {type: mlp, hidden: [4, 4]}]}
  names: {architecture: network}
expect:
  - {claim: seeds are 0 and 1, value: seed, within: [-10, 10]}
  - {claim: weight decay is what it is, value: weight_decay, where: weight_decay > 0, below: {where: weight_decay = 0}}
  - {claim: no run, value: train_loss, where: seed = 7, below: 1}
""",
    "diverged": "seeds: 2\nsweep: {grid: {training.optimizer.learning_rate: [0.1, 1.0e+4]}}\n",
    "partial": "seeds: 3\nsweep: {grid: {training.batch_size: [60, 20]}}\n",
    "random": """seeds: 2
sweep: {random: {n: 4, training.optimizer.learning_rate: {log_uniform: [0.01, 0.1]}, regularizers.weight_decay: {uniform: [0, 1]}}}
""",
    "zipped": "sweep: {zip: {training.epochs: [1, 2, 3], training.batch_size: [20, 30, 60]}}\n",
    "alone": "",
}
PLACES = {"product": ("weight_decay", "network", "seed"), "diverged": ("learning_rate", "seed"), "partial": ("batch_size", "seed"),
          "random": ("run",), "zipped": ("run",), "alone": ("seed",)}


def basin(*words):
    done = subprocess.run([BASIN, *words], capture_output=True, text=True)
    assert done.returncode == 0, f"basin {' '.join(words)}: {done.stderr}"
    return done


def equal(a, b):
    return numpy.array_equal(numpy.asarray(a, dtype="f8"), numpy.asarray(b, dtype="f8"), equal_nan=True)


def at(spec, path):
    for key in path.split("."):
        spec = spec.get(key) if isinstance(spec, dict) else None
    return spec


def compare_run(study, place, run):
    """Everything that the file of a run holds, at its place in the study."""
    here = study.isel(place)
    diverged = run.attrs["status"] == "diverged"
    assert here.status.item() == run.attrs["status"], here.status
    for name, item in run["measures"].items():
        if isinstance(item, h5py.Dataset) and item.shape == () and item.dtype.kind in "fiu":
            assert equal(here[name], numpy.nan if diverged else item[()]), (name, here[name].item(), item[()])
    curves = 0
    for group, prefix in [("curves", "curves"), ("steps", "steps")] + [("tracked/" + name, "tracked") for name in run.get("tracked", {})]:
        for name, item in run.get(group, {}).items():
            axis = "step" if group == "steps" else "epoch"
            if name == axis or axis not in run[group] or item.ndim != 1 or "CLASS" in item.attrs:
                continue
            curve, points = here[f"{prefix}_{name}"], run[group][axis][()]
            dimension = curve.dims[0]
            found = curve.sel({dimension: points})
            assert equal(found, item), (name, found.values, item[()])
            others = curve.drop_sel({dimension: points})
            assert numpy.isnan(others.values).all(), name
            curves += 1
    assert curves > 3, curves
    spec = yaml.safe_load(run["spec"][()])
    for name, coordinate in here.coords.items():
        path = coordinate.attrs.get("parameter")
        value = at(spec, path) if path else None
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            assert coordinate.item() == value, (name, coordinate.item(), value)


def compare(name, folder):
    study, seen = xarray.open_dataset(folder + "/study.h5"), 0
    assert study.run_id.dims == PLACES[name], study.run_id.dims
    for index, id in numpy.ndenumerate(study.run_id.values):
        place = dict(zip(study.run_id.dims, index))
        path = f"{folder}/runs/{id}.h5"
        if os.path.exists(path):
            with h5py.File(path) as run:
                compare_run(study, place, run)
            seen += 1
        else:
            here = study.isel(place)
            assert here.status.item() in ("missing", "failed"), here.status
            assert all(numpy.isnan(values.values).all() for values in here.data_vars.values()), (id, here)
    files = len(glob.glob(folder + "/runs/*.h5"))
    assert seen == files, (seen, files)
    study.close()
    return files, len(study.data_vars)


def check_product(folder):
    """The picture that one expects: an average over seeds, a choice by value."""
    with xarray.open_dataset(folder + "/study.h5") as study:
        mean = study.test_accuracy.mean("seed")
        assert mean.dims == ("weight_decay", "network"), mean.dims
        assert list(study.weight_decay.values) == [0, 0.03, 0.3]
        assert list(study.network_value.values) == ["linear", "{type: mlp, hidden: [4, 4]}"], study.network_value.values
        one = study.sel(weight_decay=0.03, seed=1).isel(network=1)
        with h5py.File(f"{folder}/runs/{one.run_id.item()}.h5") as run:
            spec = yaml.safe_load(run["spec"][()])
        assert spec["regularizers"]["weight_decay"] == 0.03 and spec["seed"] == 1 and spec["architecture"]["hidden"] == [4, 4], spec
        assert study.test_accuracy.attrs["units"] == "1" and study.test_accuracy.attrs["definition"]
        assert study.curves_train_loss.dims[-1] == "epoch" and study.tracked_hessian_lambda_max.dims[-1].startswith("epoch")


def check_claims(folder):
    """As `status` says them, and two by hand: of 0 and 1 the mean .5 and t(.975; 1) / 2; differences are at most .3."""
    said = json.loads(basin("status", folder, "--json").stdout)["claims"]
    with xarray.open_dataset(folder + "/study.h5") as study:
        assert list(study.claim_verdict.values) == ["holds", "fails", "no data"] == [claim["verdict"] for claim in said]
        assert list(study.claim_text.values) == [claim["claim"] for claim in said]
        for name in "mean", "low", "high", "n":
            assert equal(study["claim_" + name], [numpy.nan if claim[name] is None else claim[name] for claim in said]), name
        assert numpy.allclose(study.claim_low[0], 0.5 - 12.706204736432095 / 2, rtol=1e-9)
        assert study.claim_mean[1] in (0.3, 0.03) and study.claim_n[1] == 2 and study.claim_n[2] == 0
        assert "weight_decay" in study.claim_worst.values[1]


ACROSS = {"ensemble": "{sizes: [1, 2]}", "agreement": "{over: seed}", "bias_variance": "{over: seed}", "cka": "{}"}
DECLARED = "across: {" + ", ".join(f"{name}: {options}" for name, options in ACROSS.items()) + "}\n"


def number(text):
    try:
        return float(text)
    except ValueError:
        return None


def same_key(values, label, text):
    """Is the coordinate what the table has in its row?"""
    found = values.item()
    return found == number(text) if isinstance(found, (int, float)) else str(found) == text


def compare_across(folder):
    """Every number of `basin table --across` is at its place in the study, and nothing else is there."""
    compared = 0
    with xarray.open_dataset(folder + "/study.h5") as study:
        for measure, options in ACROSS.items():
            done = basin("table", folder, "--across", f"{measure}: {options}", "-f", "csv")
            rows = list(csv.DictReader(io.StringIO(done.stdout)))
            assert rows, measure
            for name, array in study.data_vars.items():
                if array.attrs.get("across") != measure or array.dtype.kind != "f":
                    continue
                column = name[len(measure) + 1:]
                left = array.copy()
                for row in rows:
                    here = left
                    for dimension in array.dims:
                        values = study[dimension + "_value"] if dimension + "_value" in study.coords else study[dimension]
                        label = dimension[len(measure) + 1:] if dimension.startswith(measure + "_") else dimension
                        if label == "group":
                            for part in ("weight_decay", "learning_rate"):
                                cell = next(row[key] for key in row if key.split(".")[-1] == part)
                                values = study[f"{measure}_{part}"]
                                keep = [i for i in range(values.size) if same_key(values[i], part, cell)]
                            here = here.isel({dimension: keep[0]})
                            continue
                        cell = next(row[key] for key in row if key.split(".")[-1] == label)
                        keep = [i for i in range(values.size) if same_key(values[i], label, cell)]
                        assert len(keep) == 1, (name, dimension, cell, values.values)
                        here = here.isel({dimension: keep[0]})
                    value = number(row[column])
                    assert here.ndim == 0 and equal(here, numpy.nan if value is None else value), (name, here.values, row)
                    compared += value is not None
                assert array.notnull().sum() <= len(rows), name
    assert compared > 40, compared
    print(folder, "measures over runs:", compared, "numbers")


def check_across():
    together = "seeds: 2\nsweep: {grid: {regularizers.weight_decay: [0, 0.1], training.optimizer.learning_rate: [0.1, 0.2, 0.3]}}\n"
    drawn = STUDIES["random"]
    for name, sweep in (("together", together), ("drawn", drawn)):
        with open(name + ".yaml", "w") as spec:
            spec.write(HEAD.format(name=name).replace("loss: mse, ", "") + sweep + DECLARED)
        basin("run", name + ".yaml", "-o", name)
        compare_across(name)
        before = open(name + "/study.h5", "rb").read()
        basin("collect", name)  # from what is there
        assert open(name + "/study.h5", "rb").read() == before
        os.remove(name + "/study.h5")
        basin("collect", name)  # from the runs
        assert open(name + "/study.h5", "rb").read() == before
    # Over the axes that are left, also where runs are missing; one that asks for more runs than there are is named.
    with xarray.open_dataset("together/study.h5") as study:
        assert study.ensemble_accuracy.dims == ("weight_decay", "learning_rate", "ensemble_members")
        assert study.bias_variance_error.dims == ("weight_decay", "learning_rate")
        gone = study.run_id.sel(weight_decay=0.1, learning_rate=0.3).values
    for id in gone:
        os.remove(f"together/runs/{id}.h5")
    basin("collect", "together")
    compare_across("together")
    with xarray.open_dataset("together/study.h5") as study:
        assert study.ensemble_accuracy.sel(weight_decay=0.1, learning_rate=0.3).isnull().all()
        assert study.ensemble_accuracy.sel(weight_decay=0, learning_rate=0.3).notnull().all()
    with open("single.yaml", "w") as spec:
        spec.write(HEAD.format(name="single") + "across: {cka: {}}\n")
    done = basin("run", "single.yaml", "-o", "single")
    assert "warning: cka was not computed" in done.stderr, done.stderr
    with xarray.open_dataset("single/study.h5") as study:
        assert "test_accuracy" in study or "test_loss" in study


def main():
    work = tempfile.mkdtemp()
    os.chdir(work)
    for name, sweep in STUDIES.items():
        with open(name + ".yaml", "w") as spec:
            spec.write(HEAD.format(name=name) + sweep)
        basin("run", name + ".yaml", "-o", name)
        assert os.path.exists(name + "/study.h5"), f"{name}: run has not collected the study"
        print(name, *compare(name, name))
    check_product("product")
    check_claims("product")
    check_across()
    # Missing runs keep their places, whatever is missing: here a whole value of an axis.
    with xarray.open_dataset("partial/study.h5") as study:
        gone = list(study.run_id.sel(batch_size=60).values)
    for id in gone:
        os.remove(f"partial/runs/{id}.h5")
    basin("collect", "partial")
    compare("partial", "partial")
    with xarray.open_dataset("partial/study.h5") as study:
        assert list(study.run_id.sel(batch_size=60).values) == gone and list(study.batch_size.values) == [20, 60]
    # Once they are there again, `run` collects the study anew.
    basin("run", "partial.yaml", "-o", "partial")
    compare("partial", "partial")
    with xarray.open_dataset("partial/study.h5") as study:
        assert (study.status == "finished").all()
    # The same runs give the same bytes.
    before = open("partial/study.h5", "rb").read()
    basin("collect", "partial", "-o", "again.h5")
    assert open("again.h5", "rb").read() == before
    # A measure that was taken in two ways is two arrays.
    basin("run", "partial.yaml", "-o", "ways", "--set", "seeds=1", "--set", "measures.hessian_top={examples: 20}")
    basin("run", "partial.yaml", "-o", "ways", "--set", "seeds=[0, 1]", "--set", "measures.hessian_top={examples: 30}")
    with xarray.open_dataset("ways/study.h5") as study:
        twenty, thirty = study.hessian_lambda_max_examples_20, study.hessian_lambda_max_examples_30
        assert "hessian_lambda_max" not in study
        assert twenty.notnull().sum() == 2 and thirty.notnull().sum() == 2 and not (twenty.notnull() & thirty.notnull()).any()
    # It is no result: the program says so, and tables are as they were.
    done = subprocess.run([BASIN, "table", "alone/study.h5"], capture_output=True, text=True)
    assert "is a collected study" in done.stderr, done.stderr
    shutil.rmtree(work)


main()
