"""A measure with several options in one spec: /usr/bin/python3 several.py BASIN ROOT

The numbers, arrays and curves of one study with lists of options are those of studies with one of these options each, bit for
bit, under names that end in the options; what is stored is the same spec. (That interrupted runs go on to the same files is in determinism/checkpoints.c.)
Then what works on such files: study.h5, tables, filters, claims, rank, compare, report, measures that are added later, and scripts/basin.py. Needs h5py and
xarray (Debian: python3-h5py, python3-xarray, python3-h5netcdf, python3-yaml); skipped without them.
"""
import csv
import glob
import io
import json
import os
import re
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

BASIN, ROOT = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
sys.path.insert(0, os.path.join(ROOT, "scripts"))
import basin as module  # noqa: E402
SPEC = """study: several
dataset: {name: mnist1d, train_size: 60, test_size: 20}
architecture: {type: mlp, hidden: [4]}
training: {epochs: 4, batch_size: 20, optimizer: {type: sgd, learning_rate: 0.1}}
seeds: 2
"""
LISTS = """measures:
  hessian_top: [{examples: all, k: 2}, {examples: 30, k: 2, every: 2}]
  hessian_trace: [{probes: 5}, {probes: 10}]
  margin: [{examples: 9}]
expect:
  - {claim: one is not far from the other, value: hessian_lambda_max_examples_all, below: hessian_lambda_max_examples_30 + 100}
  - {claim: a curve, value: max(tracked.hessian_lambda_max_examples_30), within: [-1.0e+6, 1.0e+6]}
"""
# The suffix, and the measure alone: the same numbers without it.
ALONE = {
    "examples_all": "measures: {hessian_top: {examples: all, k: 2}}\n",
    "examples_30": "measures: {hessian_top: {examples: 30, k: 2, every: 2}}\n",
    "probes_5": "measures: {hessian_trace: {probes: 5}}\n",
    "probes_10": "measures: {hessian_trace: {probes: 10}}\n",
}


def basin(*words, status=0):
    done = subprocess.run([BASIN, *words], capture_output=True, text=True)
    assert done.returncode == status, f"basin {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout


def write(name, text):
    with open(name, "w") as file:
        file.write(text)
    return name


def files(folder):
    return sorted(glob.glob(f"{folder}/runs/*.h5"), key=lambda path: seed_of(path))


def seed_of(path):
    with h5py.File(path) as file:
        return yaml.safe_load(file["spec"].asstr()[()])["seed"]


def results(path, *, of):
    """Arrays under /measures and /tracked that belong to the measure `of`, by their paths."""
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]})
                        if isinstance(item, h5py.Dataset) and item.attrs.get("measure", b"") == of else None)
    return found


def check_numbers():
    compared = 0
    for suffix, measure in ALONE.items():
        folder = f"alone_{suffix}"
        basin("run", write(folder + ".yaml", SPEC + measure), "-o", folder)
        name = re.search(r"\{(\w+)", measure).group(1)
        for whole, alone in zip(files("lists"), files(folder)):
            have, want = results(whole, of=f"{name}@{suffix}"), results(alone, of=name)
            assert len(have) == len(want) > 0, (suffix, sorted(have), sorted(want))
            for path, values in want.items():
                group, _, last = path.rpartition("/")
                is_plain = group != "measures" and numpy.ndim(values) + group.startswith("measures/") > 1 or last == "index"  # an array
                top = group if group == "measures" else f"{group}_{suffix}"
                ours = have[f"{top}/{last if is_plain else f'{last}_{suffix}'}"]
                assert numpy.asarray(ours).tobytes() == numpy.asarray(values).tobytes(), (suffix, path)
                compared += 1
    print(f"numbers: {compared} arrays are those of studies with one option, bit for bit")


def check_names():
    with h5py.File(files("lists")[0]) as file:
        number = file["measures/hessian_lambda_max_examples_30"]
        assert number.attrs["measure"] == "hessian_top@examples_30"
        assert yaml.safe_load(number.attrs["options"])["examples"] == 30
        assert number.attrs["long_name"].endswith("(examples_30)")
        assert set(file["tracked"]) == {"hessian_top_examples_30"}
        assert file["tracked/hessian_top_examples_30"].attrs["signal"] == "hessian_lambda_max_examples_30"
        assert "margin_min" in file["measures"]  # a list of one
        held = module.parse_spec(file["measures"].attrs["measures"])
        spec = module.parse_spec(file["spec"].asstr()[()])["measures"]
        assert list(held) == list(spec) == ["hessian_top@examples_30", "hessian_top@examples_all", "hessian_trace@probes_5",
                                            "hessian_trace@probes_10", "margin"], (held, spec)
        assert held == spec
    basin("run", files("lists")[0], "-o", "again")
    assert [os.path.basename(path) for path in files("again")] == [os.path.basename(files("lists")[0])]
    basin("verify", "--compare", files("lists")[0], files("again")[0])
    basin("verify", "--rerun", "lists")
    print("names: what is stored is the same spec")


def check_folder():
    names = ["hessian_lambda_max_examples_all", "hessian_lambda_max_examples_30", "hessian_trace_probes_10"]
    rows = list(csv.DictReader(io.StringIO(basin("table", "lists", "-f", "csv", "-c", ",".join(["seed", *names])))))
    basin("collect", "lists")
    with xarray.open_dataset("lists/study.h5") as study:
        for path, row in zip(files("lists"), rows):
            with h5py.File(path) as file:
                for name in names:
                    value = file["measures"][name][()]
                    assert float(row[name]) == value == float(study[name].sel(seed=int(row["seed"]))), name
        assert study.tracked_hessian_lambda_max_examples_30.dims == ("seed", study.tracked_hessian_lambda_max_examples_30.dims[1])
        assert study[names[0]].attrs["measure"] == "hessian_top@examples_all"
        assert study[names[0]].attrs["long_name"] != study[names[1]].attrs["long_name"]
        assert len(study.data_vars) == len(set(study.data_vars))
    assert names[1] in basin("table", "lists")  # among the usual numbers
    below = basin("table", "lists", "-f", "csv", "-c", "seed", "--where", f"{names[0]} < 1e9").split()
    assert below == ["seed", "0", "1"]
    option = "measures.hessian_top@examples_30.every"
    assert basin("table", "lists", "-f", "csv", "-c", "seed", "--where", f"{option} = 2 and measures.hessian_trace@probes_5.probes = 5").split() == below
    assert basin("table", "lists", "-f", "csv", "-c", option).split() == [option, "2", "2"]
    claims = basin("table", "lists", "--claims")
    assert claims.count("holds") == 2, claims
    ranked = basin("rank", "lists", "-f", "csv")
    assert f"{names[0]}," in ranked and f"{names[1]}," in ranked
    assert names[0] in basin("compare", *files("lists"))
    shown = basin("show", files("lists")[0])
    assert re.search(r"hessian_trace_probes_10 .*(±|\+-)", shown) and "hessian_trace_stderr" not in shown, shown
    assert json.loads(basin("show", "--json", files("lists")[0]))["measures"][names[0]]["measure"] == "hessian_top@examples_all"
    assert "largest eigenvalue" in basin("explain", names[0])
    costs = {name: json.loads(basin("plan", f"{name}.yaml", "-o", "unmade", "--json"))["flops"] for name in ["lists", "alone_examples_30"]}
    assert costs["lists"] > costs["alone_examples_30"], costs
    print("folder: tables, study.h5, claims, rank and compare have both")


def check_mixed():
    """A folder where runs hold a measure in different ways, under names that would be the same."""
    basin("run", write("mixed.yaml", SPEC + "measures: {margin: {examples: 9}}\n"), "-o", "mixed")
    first, second = files("mixed")
    basin("measure", first, "--remeasure", "margin:examples=all")
    basin("measure", second, "margin:examples=all")
    basin("collect", "mixed")
    with xarray.open_dataset("mixed/study.h5") as study:
        values = {name: study[name].values for name in study.data_vars if name.startswith("margin_min")}
    assert set(values) == {"margin_min_examples_9", "margin_min_examples_all", "margin_min_examples_all_2"}, sorted(values)
    have = {"margin_min_examples_9": second, "margin_min_examples_all": second, "margin_min_examples_all_2": first}
    for name, path in have.items():
        with h5py.File(path) as file:
            number = file["measures"]["margin_min_examples_all" if name == "margin_min_examples_all" else "margin_min"][()]
        assert sorted(map(str, values[name])) == sorted([str(number), "nan"]), name
    for options in ["{every: 2, examples: 9}", "{every: 2, examples: 8}", "[{every: 2, examples: 9}, {every: 2, examples: 8}]"]:
        basin("run", write("curves.yaml", SPEC.replace("seeds: 2\n", "") + f"measures: {{margin: {options}}}\n"), "-o", "curves", "--no-collect")
    basin("collect", "curves")
    with xarray.open_dataset("curves/study.h5") as study:
        found = {name: study[name].values for name in study.data_vars if name.startswith("tracked_margin_min")}
    assert sorted(found) == [f"tracked_margin_min_examples_{end}" for end in ["8", "8_2", "9", "9_2"]], sorted(found)
    assert all(numpy.isfinite(curves).all(axis=-1).sum() == 1 for curves in found.values())  # each is of one run
    print("mixed: nothing is mixed")


def check_python():
    run = module.open_run(files("lists")[0])
    assert run.numbers["hessian_lambda_max_examples_30"] > 0
    assert "hessian_top_examples_30/eigenvalue" in run.arrays
    assert run.group("tracked/hessian_top_examples_30").hessian_lambda_max_examples_30.dims == ("epoch",)
    print("python: scripts/basin.py reads them")


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        basin("run", write("lists.yaml", SPEC + LISTS), "-o", "lists", "--expect")
        check_numbers()
        check_names()
        check_folder()
        check_mixed()
        check_python()
        os.chdir("/")


main()
