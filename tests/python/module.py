"""basin.py itself: python3 module.py BASIN SCRIPTS

Its doctests; run files against what h5py reads of them and `basin table` prints; data in the order of the run, also with label
noise, standardisation, validation, and of texts; what is said of files that are no runs, and where a module is missing. Torch is
not needed: what needs it is left out where it is not there.
"""
import doctest
import inspect
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

from common import TEXT, need, run, use_scripts

BASIN, SCRIPTS = map(os.path.abspath, sys.argv[1:3])
h5py, numpy, xarray, pandas, yaml = need("h5py", "numpy", "xarray", "pandas", "yaml")
use_scripts(SCRIPTS)
os.environ["BASIN"] = BASIN
import basin  # noqa: E402

EXAMPLE = """dataset: {name: mnist1d, train_size: 60, test_size: 20}
architecture: {type: mlp, hidden: [6]}
training: {epochs: 2, batch_size: 20}
measures: {hessian_top: {k: 2, examples: 20, max_iterations: 5, every: 1}, weight_norm: {}}
weights: {initial: true}
"""


def check_doctests(example):
    """Those that need torch only where it is."""
    try:
        import torch  # noqa: F401
        flag = 0
    except ImportError:
        flag = doctest.SKIP
        print("torch is not installed: its doctests are left out")
    doctest.OPTIONFLAGS_BY_NAME["TORCH"] = flag
    names = {**vars(basin), "example": str(example), "folder": str(example.parent.parent)}
    count = doctest.testmod(basin, globs=names)
    assert count.failed == 0 and count.attempted >= 12, count


def check_signatures():
    """Type hints and a docstring on everything public."""
    for name in basin.__all__:
        item = getattr(basin, name)
        assert item.__doc__, name
        if inspect.isfunction(item):
            for parameter in inspect.signature(item).parameters.values():
                assert parameter.annotation is not inspect.Parameter.empty, f"{name}({parameter.name})"


def check_numbers(path):
    one = basin.open_run(path)
    with h5py.File(path) as file:
        measures = {name: item[()] for name, item in file["measures"].items() if isinstance(item, h5py.Dataset)}
        for group in ("curves", "tracked/hessian_top"):
            table = one.group(group)
            for name, item in file[group].items():
                assert numpy.array_equal(table[name].values, item[()], equal_nan=True), f"{group}/{name}"
                assert group != "curves" or table[name].dims == ("epoch",), table[name].dims
        assert one.attributes["run_id"] == file.attrs["run_id"] == one.run_id
        assert numpy.array_equal(one.arrays["hessian_top/eigenvalue"], file["measures/hessian_top/eigenvalue"][()])
    assert {name: float(value) for name, value in one.numbers.items() if "/" not in name} == \
        {name: float(value) for name, value in measures.items()}
    assert one.curves.train_loss.attrs["units"] and one.definitions["test_loss"]
    row = basin.study_table(path.parent.parent, "--where", "status == finished").iloc[0]
    for name in measures:
        assert name not in row or row[name] == float(measures[name]), name
    other = xarray.open_dataset(path, group="curves", engine="h5netcdf")
    for name in other.variables:
        assert numpy.array_equal(other[name].values, one.curves[name].values, equal_nan=True), name


def write_points():
    """Examples that can be told from each other: x[i, 0] = i."""
    x = numpy.arange(40 * 3, dtype=numpy.float32).reshape(40, 3)
    x[:, 0] = numpy.arange(40)
    y = numpy.arange(40) % 3
    with h5py.File("points.h5", "w") as file:
        file["x"], file["y"], file["x_test"], file["y_test"] = x[:30], y[:30], x[30:], y[30:]
    return x, y


def check_data():
    x, y = write_points()
    path, = run(BASIN, "plain", "dataset: {name: hdf5, path: points.h5, train_size: 20, validation_size: 6, seed: 3}\narchitecture: "
                "linear\ntraining: {epochs: 1}\n")
    data = basin.load_data(path)
    assert [len(data.train), len(data.validation), len(data.test)] == [20, 6, 10]
    with h5py.File(path) as file:
        for name, part, offset in (("train", data.train, 0), ("validation", data.validation, 0), ("test", data.test, 30)):
            rows = file["data/rows"][name][()]
            assert numpy.array_equal(part.x, x[rows + offset]) and numpy.array_equal(part.y, y[rows + offset]), name
            assert numpy.array_equal(part.rows, rows)
    path, = run(BASIN, "noisy", "dataset: {name: hdf5, path: points.h5, train_size: 24, label_noise: 0.5, standardize: feature, seed: 1}\n"
                "architecture: linear\ntraining: {epochs: 1}\n")
    data = basin.load_data(path)
    with h5py.File(path) as file:
        assert numpy.array_equal(data.train.y, file["data/rows/train_label"][()])
        assert (data.train.y != y[data.train.rows]).sum() == 12
        mean, deviation = file["data/mean"][()], file["data/deviation"][()]
    assert numpy.allclose(data.train.x, (x[data.train.rows] - mean) / deviation, atol=1e-5)


def check_texts():
    pathlib.Path("text.txt").write_text(TEXT + "\u00e9t\u00e9", encoding="utf-8")
    for units, content in (("characters", TEXT + "\u00e9t\u00e9"), ("bytes", (TEXT + "\u00e9t\u00e9").encode())):
        path, = run(BASIN, units, f"dataset: {{name: text, path: text.txt, context: 6, train_size: 30, test_size: 9, units: {units}}}\n"
                    "architecture: {type: gru, hidden_size: 3, embedding: 2}\ntraining: {epochs: 1}\n")
        data = basin.load_data(path)
        with h5py.File(path) as file:
            code = file["data/code"][()]
        numbers = [ord(c) for c in content] if units == "characters" else list(content)
        for part in (data.train, data.test):
            for i, first in enumerate(part.rows):
                assert code[part.x[i]].tolist() == numbers[first:first + 6] and code[part.y[i]].tolist() == numbers[first + 1:first + 7]
    if shutil.which("bible"):
        check_bible()
    os.rename("text.txt", "moved.txt")
    said(lambda: basin.load_data(path), "text.txt cannot be read")
    pathlib.Path("text.txt").write_text("changed " * 99)
    said(lambda: basin.load_data(path), "has changed")
    pathlib.Path("text.txt").write_text(TEXT[:50])
    said(lambda: basin.load_data(path), "has changed: it ends before")


def check_bible():
    path, = run(BASIN, "bible", "dataset: {name: kjv-text, context: 12, train_size: 10, test_size: 3}\narchitecture: {type: gru, "
                "hidden_size: 3}\ntraining: {epochs: 1}\n")
    data = basin.load_data(path)
    with h5py.File(path) as file:
        code, start = file["data/code"][()], file["data/rows/train"][()]
    text = subprocess.run(["bible", "-f", "gen1:1-rev22:21"], capture_output=True, text=True).stdout
    for i, first in enumerate(start):
        assert "".join(map(chr, code[data.train.x[i]])) == text[first:first + 12]
    place, os.environ["PATH"] = os.environ["PATH"], ""
    said(lambda: basin.load_data(path), "needs the program bible")
    os.environ["PATH"] = place


def check_study():
    """open_study against xarray's own reading of study.h5, and against the runs' files; of a folder that has none."""
    run(BASIN, "grid", """dataset: {name: mnist1d, train_size: 40, test_size: 20}
architecture: {type: mlp, hidden: [4]}
training: {epochs: 2, batch_size: 20}
sweep: {grid: {regularizers.weight_decay: [0, 0.01, 0.1], architecture.activation: [relu, tanh]}}
seeds: 2
""")
    for file in pathlib.Path("grid").glob("study.h5"):
        file.unlink()
    study = basin.open_study("grid")
    assert dict(study.sizes) == {"weight_decay": 3, "activation": 2, "seed": 2, "epoch": 2}, dict(study.sizes)
    assert pathlib.Path("grid/study.h5").is_file() and basin.open_study("grid/study.h5").identical(study)
    other = xarray.open_dataset("grid/study.h5", engine="h5netcdf")
    assert set(other.coords) == set(study.coords) and set(other.data_vars) == set(study.data_vars), (set(other.coords), set(study.coords))
    for name in other.variables:
        assert other[name].dims == study[name].dims and (other[name].values == study[name].values).all() or \
            numpy.array_equal(other[name].values, study[name].values, equal_nan=True), name
    for place in numpy.ndindex(3, 2, 2):
        where = dict(zip(("weight_decay", "activation", "seed"), place))
        here = study.isel(where)
        one = basin.open_run(f"grid/runs/{here.run_id.item()}.h5")
        assert one.numbers["test_loss"] == here.test_loss and one.spec["regularizers"]["weight_decay"] == here.weight_decay
        assert one.curves.train_loss.values.tolist() == here.curves_train_loss.values.tolist()
    os.unlink("grid/study.h5")
    said(lambda: basin.open_study("grid", program="/no/such"), "/no/such is no program")


def said(call, *words):
    try:
        call()
    except basin.BasinError as error:
        assert all(word in str(error) for word in words), f"{error} (not: {words})"
        return
    raise AssertionError(f"nothing was said of {words}")


def check_messages(example):
    with h5py.File("other.h5", "w") as file:
        file["x"] = 1
    said(lambda: basin.open_run("missing.h5"), "missing.h5", "No such file")
    said(lambda: basin.open_run("other.h5"), "other.h5", "no run of Basin")
    said(lambda: basin.open_run("."), "folder", "runs")
    said(lambda: basin.open_study("missing"), "missing does not exist")
    said(lambda: basin.load_weights(example, "last"), "last", "final, initial")
    said(lambda: basin.load_data(example, program="/no/such/basin"), "/no/such/basin is no program")
    said(lambda: basin.open_run(example).group("none"), "no group /none")
    pathlib.Path("empty").mkdir()
    said(lambda: basin.study_table("empty"), "basin table failed")


def check_missing():
    """Each function that needs a module says so in one line; the others work."""
    script = """
import sys
sys.modules[sys.argv[1]] = None  # as if it were not installed
import basin
try:
    eval(sys.argv[2], vars(basin), {"path": sys.argv[3]})
except basin.BasinError as error:
    print("said:", error)
"""
    example = str(next(pathlib.Path("example/runs").glob("*.h5")))
    for module, call, needs in (("xarray", "open_run(path).curves", True), ("pandas", "study_table('example')", True),
                                ("torch", "torch_module(path)", True), ("yaml", "open_run(path).spec", True),
                                ("torch", "load_weights(path), open_run(path).curves, load_data(path)", False),
                                ("xarray", "load_weights(path), open_run(path).numbers, study_table('example')", False),
                                ("yaml", "load_weights(path), open_run(path).curves, load_data(path)", False)):
        done = subprocess.run([sys.executable, "-B", "-c", script, module, call, example], capture_output=True, text=True,
                              env={**os.environ, "PYTHONPATH": SCRIPTS})
        assert done.returncode == 0 and not done.stderr, f"{module}, {call}: {done.stderr}"
        assert (f"needs the Python module {module}" in done.stdout) == needs, f"{module}, {call}: {done.stdout}"
    for module in ("h5py", "numpy"):
        done = subprocess.run([sys.executable, "-B", "-c", f"import sys; sys.modules[{module!r}] = None; import basin"],
                              capture_output=True, text=True, env={**os.environ, "PYTHONPATH": SCRIPTS})
        assert done.returncode and f"ImportError: basin needs the module {module} (" in done.stderr, done.stderr


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        example, = run(BASIN, "example", EXAMPLE)
        check_doctests(example)
        check_signatures()
        check_numbers(example)
        check_data()
        check_texts()
        check_study()
        check_messages(example)
        check_missing()
        os.chdir("/")


main()
