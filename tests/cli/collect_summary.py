"""`summary` in study.h5 against `basin table --across summary`, and against numpy: /usr/bin/python3 collect_summary.py BASIN

The mean, deviation, ... of each number are arrays over the axes of the sweep without the seed, those of each curve over its epochs
too. Every value of the table is at its place, and nothing else is there: for a product, a random sweep, one with diverged and missing
runs, and one whose runs were measured in two ways. Needs h5py (Debian: python3-h5py); skipped without it.
"""
import csv
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import h5py
    import numpy
except ImportError as missing:
    print(f"skipped: {sys.executable} has no module {missing.name} (Debian: python3-h5py)")
    sys.exit(SKIPPED)

BASIN = os.path.abspath(sys.argv[1])
HEAD = """study: {name}
dataset: {{name: mnist1d, train_size: 40, test_size: 20}}
architecture: {{type: mlp, hidden: [4]}}
training: {{epochs: 3, batch_size: 20, loss: mse, optimizer: {{type: sgd, learning_rate: 0.1}}}}
measures: {{hessian_top: {{examples: 20, every: 2 epochs}}, margin: {{}}}}
across: {{summary: {{}}}}
"""
STUDIES = {
    "product": "seeds: 3\nsweep: {grid: {regularizers.weight_decay: [0.1, 0], training.epochs: [2, 4]}}\n",
    "drawn": "seeds: 2\nsweep: {random: {n: 3, training.optimizer.learning_rate: {log_uniform: [0.01, 0.1]}, training.epochs: {int_uniform: [2, 6]}}}\n",
    "broken": "seeds: 3\nsweep: {grid: {training.optimizer.learning_rate: [0.1, 1.0e+6]}}\n",
    "alone": "",
}
STATISTICS = ["count", "mean", "median", "sd", "se", "t_low", "t_high", "bootstrap_low", "bootstrap_high"]


def basin(*words):
    done = subprocess.run([BASIN, *words], capture_output=True, text=True)
    assert done.returncode == 0, f"basin {' '.join(words)}: {done.returncode} {done.stderr}"
    return done.stdout


def scales(item):
    return [item.dims[i][0].name.rsplit("/", 1)[-1] for i in range(item.ndim)]


def text(value):
    return value.decode() if isinstance(value, bytes) else str(value)


def same(value, cell):
    """Is the value of an axis what a cell of the table says?"""
    if cell is None:
        return True
    try:
        return float(value) == float(cell)
    except ValueError:
        return text(value) == cell


def cell_of(row, path):
    """The column of the table that an axis has its values from; None where there is none."""
    return next((row[key] for key in row if path == key or path.endswith("." + key)), None)


class Axes:
    """The axes of a study, each with what tells its places apart: {path of a parameter: values}."""

    def __init__(self, study):
        self.places, self.values = {}, {name: item[()] for name, item in study.items() if "CLASS" in item.attrs}
        for name, item in study.items():
            if "parameter" in item.attrs:
                scale = name if "CLASS" in item.attrs else scales(item)[0]
                self.places.setdefault(scale, {})[text(item.attrs["parameter"])] = item[()]

        finished = numpy.argwhere(numpy.vectorize(text)(study["status"][()]) == "finished")
        self.finished = {name: set(finished[:, i]) for i, name in enumerate(scales(study["status"]))}

    def place(self, names, row, at):
        place = []
        for name in names:
            if name in self.places:
                asked = [(values, cell_of(row, path)) for path, values in self.places[name].items()]
                fits = [i for i in range(len(self.values[name])) if all(same(values[i], cell) for values, cell in asked)]
            else:
                fits = numpy.flatnonzero(self.values[name] == at)
            if len(fits) > 1:  # the runs that finished agree in it: the table has no column for it
                fits = [i for i in fits if i in self.finished[name]]
            assert len(fits) == 1, (name, fits, row)
            place.append(fits[0])
        return tuple(place)


def compare(folder, axes):
    rows = list(csv.DictReader(io.StringIO(basin("table", folder, "--across", "summary: {}", "-f", "csv"))))
    left, compared = {}, 0
    with h5py.File(folder + "/study.h5") as study:
        arrays = {name: item for name, item in study.items() if name.startswith("summary_") and "statistic" in item.attrs}
        values, axes_of, own = {name: numpy.array(item[()]) for name, item in arrays.items()}, {name: scales(item) for name, item in arrays.items()}, Axes(study)
        for name, item in arrays.items():
            curve = "." in text(item.attrs["quantity"])
            assert scales(item)[:len(axes)] == list(axes) and item.ndim == len(axes) + curve, (name, scales(item))
            assert text(item.attrs["across"]) == "summary" and text(item.attrs["long_name"])
        for row in rows:
            at = float(row["at"]) if row["at"] else None
            for statistic in STATISTICS:
                name = f"summary_{row['quantity'].replace('.', '_')}_{statistic}"
                if not row[statistic]:
                    continue
                place = own.place(axes_of[name], row, at)
                assert values[name][place] == float(row[statistic]), (name, place, values[name][place], row)
                values[name][place] = numpy.nan
                compared += 1
        left = [name for name, item in values.items() if not numpy.isnan(item).all()]
        assert not left, left
        assert not [name for name in study if name.startswith("summary_row")]
    assert compared > 50, compared
    print(folder, compared, "numbers")


def check_product():
    with h5py.File("product/study.h5") as study:
        for of, name in ("test_accuracy", "summary_test_accuracy_mean"), ("curves_test_loss", "summary_curves_test_loss_mean"):
            wanted = study[of][()].mean(axis=2)  # (weight_decay, epochs, seed[, epoch])
            assert scales(study[name]) == [axis for axis in scales(study[of]) if axis != "seed"]
            assert numpy.allclose(study[name][()], wanted, rtol=1e-14, atol=0, equal_nan=True), name
            assert study[name].attrs["units"] == study[of].attrs["units"], name
        assert scales(study["summary_tracked_hessian_lambda_max_sd"])[:2] == scales(study["run_id"])[:2]
        # "margin_mean" is a number itself: its mean has a name of its own.
        assert study["margin_mean"].shape == (2, 2, 3) and study["summary_margin_mean_mean"].shape == (2, 2)


def main():
    work = tempfile.mkdtemp()
    os.chdir(work)
    axes = {}
    for name, sweep in STUDIES.items():
        with open(name + ".yaml", "w") as spec:
            spec.write(HEAD.format(name=name) + sweep)
        basin("run", name + ".yaml", "-o", name)
        with h5py.File(name + "/study.h5") as study:
            axes[name] = tuple("summary_group" if axis == "run" else axis for axis in scales(study["run_id"]) if axis != "seed")
        compare(name, axes[name])
    assert len(axes["product"]) == 2 and axes["drawn"] == ("summary_group",) and axes["alone"] == (), axes
    check_product()
    # What is left of a study still has its places, and what is known is taken over as it is.
    with h5py.File("broken/study.h5") as study:
        gone = text(study["run_id"][()].flat[0])
    before = open("broken/study.h5", "rb").read()
    basin("collect", "broken")
    assert open("broken/study.h5", "rb").read() == before
    os.remove("broken/study.h5")
    basin("collect", "broken")
    assert open("broken/study.h5", "rb").read() == before
    os.remove(f"broken/runs/{gone}.h5")
    basin("collect", "broken")
    compare("broken", axes["broken"])
    # Runs of one place that were measured in two ways are two groups: they share no place.
    for seeds, options in ("[0, 1]", "{examples: 20}"), ("[2, 3]", "{examples: 30}"):
        basin("run", "alone.yaml", "-o", "ways", "--set", "seeds=" + seeds, "--set", "measures={hessian_top: " + options + "}")
    basin("collect", "ways")
    with h5py.File("ways/study.h5") as study:
        counts = study["summary_test_loss_count"][()].ravel()
        assert counts.sum() == 4, counts
    # Where an axis has its values in another order, runs lie elsewhere, and so do results over them.
    for order in "[relu, tanh]", "[tanh, relu]":
        with open("moved.yaml", "w", encoding="utf-8") as spec:
            spec.write(HEAD.format(name="moved") + "seeds: [0, 1]\nsweep: {grid: {architecture.activation: " + order + "}}\n")
        basin("run", "moved.yaml", "-o", "moved")
        basin("collect", "moved")
        with h5py.File("moved/study.h5") as study:
            means = study["test_accuracy"][()].mean(axis=scales(study["test_accuracy"]).index("seed"))
            assert numpy.allclose(study["summary_test_accuracy_mean"][()], means, rtol=1e-12, atol=0), order
    shutil.rmtree(work)


main()
