"""Arrays of measures in study.h5 against the run files: /usr/bin/python3 collect_arrays.py BASIN

Trains small studies whose runs have arrays of different lengths (another depth, another k), taken at the end and during training:
a product, a random sweep, one with diverged, failed and missing runs, one with options that differ. Every array of every run file,
and nothing else, is at its place. Needs h5py (Debian: python3-h5py); skipped without it.
"""
import glob
import os
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
measures: {{hessian_top: {{examples: 20, k: 2, ends: both, every: 2 epochs}}, hessian_trace: {{examples: 20, probes: 2, every: 1 epochs}}}}
"""
STUDIES = {
    "depths": """seeds: 2
sweep:
  grid: {regularizers.weight_decay: [0.1, 0], architecture: [linear, {type: mlp, hidden: [3, 3]}]}
  names: {architecture: network}
""",
    "drawn": """seeds: 2
sweep: {random: {n: 3, training.optimizer.learning_rate: {log_uniform: [0.01, 0.1]}, training.epochs: {choice: [2, 5]}}}
""",
    "broken": "seeds: 3\nsweep: {grid: {training.optimizer.learning_rate: [0.1, 1.0e+6]}}\n",
    "alone": "",
    "failed": "seeds: 2\nsweep: {grid: {architecture.hidden: [[4], [3000, 3000]]}}\n",
}


def basin(*words, status=0):
    done = subprocess.run([BASIN, *words], capture_output=True, text=True)
    assert done.returncode == status, f"basin {' '.join(words)}: {done.returncode} {done.stderr}"
    return done


def scales(item):
    return [item.dims[i][0].name.rsplit("/", 1)[-1] if len(item.dims[i]) else "" for i in range(item.ndim)]


def arrays_of(run):
    """(name in study.h5, dataset, its axes) of every array that a measure gave."""
    for block in ("measures", "tracked"):
        for group in run.get(block, {}).values():
            for name, item in group.items() if isinstance(group, h5py.Group) else ():
                axes = [] if "CLASS" in item.attrs else scales(item)
                if axes and not (block == "tracked" and axes == ["epoch"]):
                    prefix = "tracked_" if block == "tracked" else ""
                    yield prefix + group.name.rsplit("/", 1)[-1] + "_" + name, item, axes


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def compare_array(study, variable, place, item):
    """The array of a run at its place, NaN where it has no value."""
    own = variable[place]
    wanted = numpy.full(own.shape, numpy.nan)
    index = []
    for axis, (dimension, scale) in enumerate(zip(scales(variable)[-item.ndim:], scales(item))):
        values = item.parent[scale][()]
        index.append([int(numpy.flatnonzero(study[dimension][()] == value)[0]) for value in values])
    wanted[numpy.ix_(*index)] = item[()]
    assert numpy.array_equal(own, wanted, equal_nan=True), (variable.name, place, own, wanted)
    for key in "units", "long_name", "definition", "measure":
        assert variable.attrs.get(key) == item.attrs.get(key), (variable.name, key, variable.attrs.get(key))


def compare_names(study, place, run, rank):
    """The names of the arrays of parameters."""
    names = [text(name) for name in run["measures/hessian_trace_per_parameter/index"].attrs["names"]]
    found = study["hessian_trace_per_parameter_index_names"]
    own = found[place] if found.ndim > 1 else found[()]
    assert [text(name) for name in own[:len(names)]] == names, (own, names)
    assert found.ndim == 1 or not any(map(text, own[len(names):]))


def compare(folder):
    compared, seen = 0, set()
    with h5py.File(folder + "/study.h5") as study:
        ids, places = study["run_id"][()], {}
        for place, id in numpy.ndenumerate(ids):
            path = f"{folder}/runs/{text(id)}.h5"
            if not os.path.exists(path):
                continue
            with h5py.File(path) as run:
                diverged = run.attrs["status"] == "diverged"
                for name, item, axes in arrays_of(run):
                    if diverged and not name.startswith("tracked_"):
                        continue
                    assert scales(study[name])[:ids.ndim] == scales(study["run_id"]), name
                    compare_array(study, study[name], place, item)
                    places.setdefault(name, set()).add(place)
                    compared += 1
                if not diverged:
                    compare_names(study, place, run, ids.ndim)
        for name, own in places.items():
            for place, _ in numpy.ndenumerate(ids):
                assert place in own or numpy.isnan(study[name][place]).all(), (name, place)
    assert compared > 5, compared
    print(folder, compared, "arrays")


def check_dimensions():
    with h5py.File("depths/study.h5") as study:
        eigenvalue, tracked = study["hessian_top_eigenvalue"], study["tracked_hessian_top_eigenvalue"]
        assert scales(eigenvalue) == ["weight_decay", "network", "seed", "hessian_top_index"], scales(eigenvalue)
        assert scales(tracked)[:3] == ["weight_decay", "network", "seed"] and scales(tracked)[4] == "hessian_top_index", scales(tracked)
        epochs = study[scales(tracked)[3]]
        assert epochs.name.startswith("/epoch") and list(epochs) == [0, 2], list(epochs)
        trace = study["hessian_trace_per_parameter_trace"]
        assert trace.shape[-1] == 6 and numpy.isnan(trace[0, 0, 0, 2:]).all()  # linear has two arrays, the mlp six
        coordinates = text(study.attrs["coordinates"]).split()
        assert "hessian_trace_per_parameter_index_names" in coordinates, coordinates
        # Both measures say over how many examples they were taken: two curves, never one.
        assert "tracked_examples" not in study and "tracked_hessian_top_examples" in study and "tracked_hessian_trace_examples" in study
        assert text(study["curves_test_loss"].attrs["definition"] if "definition" in study["curves_test_loss"].attrs else "") == \
            text(run_attribute("depths", "curves/test_loss", "definition"))


def run_attribute(folder, path, name):
    with h5py.File(sorted(glob.glob(folder + "/runs/*.h5"))[0]) as run:
        return run[path].attrs.get(name, "")


def check_options():
    """Options that differ make arrays of their own; how often a measure is taken does not."""
    for seed, options in ((0, "{examples: 20, k: 2, every: 1}"), (1, "{examples: 20, k: 2, every: 3}"), (2, "{examples: 30, k: 2, every: 1}")):
        basin("run", "alone.yaml", "-o", "ways", "--set", f"seeds=[{seed}]", "--set", f"measures.hessian_top={options}")
    basin("collect", "ways")
    with h5py.File("ways/study.h5") as study:
        for name in "hessian_top_eigenvalue", "tracked_hessian_top_eigenvalue", "tracked_hessian_lambda_max":
            assert name not in study, name
            twenty, thirty = study[name + "_examples_20"], study[name + "_examples_30"]
            assert numpy.isfinite(twenty[:2]).any(axis=tuple(range(1, twenty.ndim))).all() and numpy.isnan(twenty[2]).all(), twenty[()]
            assert numpy.isfinite(thirty[2]).any() and numpy.isnan(thirty[:2]).all(), thirty[()]
        assert "tracked_hessian_trace_trace" in study


def main():
    work = tempfile.mkdtemp()
    os.chdir(work)
    for name, sweep in STUDIES.items():
        with open(name + ".yaml", "w") as spec:
            spec.write(HEAD.format(name=name) + sweep)
        if name == "failed":  # the large networks do not fit
            basin("run", name + ".yaml", "-o", name, "--memory", "64M", status=1)
            basin("collect", name)
        else:
            basin("run", name + ".yaml", "-o", name)
        compare(name)
    check_dimensions()
    # Runs that diverged keep what was tracked before; runs that are missing or failed have nothing.
    with h5py.File("broken/study.h5") as study:
        statuses = [[text(status) for status in row] for row in study["status"]]
        assert statuses == [["finished"] * 3, ["diverged"] * 3], statuses
        assert numpy.isnan(study["hessian_top_eigenvalue"][1]).all()
        assert numpy.isfinite(study["tracked_hessian_top_eigenvalue"][1, :, 0]).all()
        gone = text(study["run_id"][0, 1])
    os.remove(f"broken/runs/{gone}.h5")
    basin("collect", "broken")
    compare("broken")
    for folder, place, status in ("broken", (0, 1), "missing"), ("failed", (1, 0), "failed"):
        with h5py.File(folder + "/study.h5") as study:
            assert text(study["status"][place]) == status, study["status"][()]
            assert folder == "failed" or text(study["run_id"][place]) == gone
            assert numpy.isnan(study["tracked_hessian_trace_trace"][place]).all()
    check_options()
    shutil.rmtree(work)


main()
