"""The examples in Octave, R and Python of results/README.md: python3 languages.py BASIN RESULTS_README SCRIPTS_README SCRIPTS

Trains a small study with the names of the examples, runs the examples as they stand there, and compares what they have read with
what h5py reads. Octave, its package netcdf, R and ncdf4 are left out, and named, where they are not installed.
"""
import glob
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

os.environ["MPLBACKEND"] = "Agg"
from common import need, run, use_scripts  # noqa: E402

BASIN, README, MODULE, SCRIPTS = map(os.path.abspath, sys.argv[1:5])
h5py, numpy = need("h5py", "numpy")
use_scripts(SCRIPTS)
STUDY = """dataset: {name: mnist1d, train_size: 60, test_size: 40}
architecture: {type: mlp, hidden: [6]}
training: {epochs: 3, batch_size: 20}
sweep: {grid: {regularizers.weight_decay: [0.001, 0.01, 0.03]}}
seeds: 2
"""
SHOW = {"octave": 'printf("%s %s\\n", "{0}", mat2str(size({0}))); printf("%.17g ", {0}); printf("\\n");\n',
        "r": 'cat("{0}", dim({0}), "\\n"); cat(format(as.vector({0}), digits = 17), "\\n")\n'}
COMMANDS = {"octave": ["octave-cli", "--no-gui", "--quiet", "--no-history"], "r": ["Rscript", "--vanilla"]}


def examples(language):
    """Of the run, and of the study: in that order on the page."""
    found = re.findall(rf"```{language}\n(.*?)```", pathlib.Path(README).read_text(encoding="utf-8"), re.S)
    assert len(found) == 2 and "study.h5" in found[1] and "runs/" in found[0], (language, found)
    return found


def is_there(language, study):
    if not shutil.which(COMMANDS[language][0]):
        return False
    probe = {"octave": ["--eval", "pkg load netcdf" if study else "1;"], "r": ["-e", "library(ncdf4)"]}
    return subprocess.run(COMMANDS[language] + probe[language], capture_output=True).returncode == 0


def values(language, text, names):
    """What the variables of these names have after the example, flat in the language's order, the first index fastest."""
    if language == "octave":
        text = 'graphics_toolkit("gnuplot"); figure("visible", "off");\n' + text if "plot" in text else text
    path = pathlib.Path("example." + language)
    path.write_text(text + "".join(SHOW[language].format(name) for name in names))
    done = subprocess.run(COMMANDS[language] + [path], capture_output=True, text=True, timeout=200)
    lines = done.stdout.split("\n")
    found = {}
    for name in names:
        at = next((i for i, line in enumerate(lines) if line.startswith(name + " ")), None)
        assert at is not None, f"{language}: no {name}:\n{done.stdout}\n{done.stderr}"
        found[name] = numpy.array(lines[at + 1].split(), float)
    return found


def check(language, run_file):
    one, study = (text.replace("0123456789abcdef", run_file.stem) for text in examples(language))
    if language == "octave":  # what draws needs a display; what reads does not
        one, study = (re.sub(r"^(plot|semilogx)\(.*\)$", "", text, flags=re.M) for text in (one, study))
    with h5py.File(run_file) as file:
        got = values(language, one, ["final_accuracy", "weight"])
        assert got["final_accuracy"] == file["measures/test_accuracy"][()]
        assert numpy.array_equal(got["weight"].astype(numpy.float32), file["weights/final/layers.0.weight"][()].flatten()), language
    print(f"{language}: the run is read")
    if not is_there(language, True):
        print(f"{language}: left out for study.h5, a package is not installed")
        return
    with h5py.File("results/quickstart/study.h5") as file:
        accuracy = file["test_accuracy"][()]
        got = values(language, study, ["accuracy", "decay", "mean_accuracy"])
        assert accuracy.shape == (3, 2) and numpy.array_equal(got["accuracy"], accuracy.flatten())
        assert numpy.array_equal(got["decay"], file["weight_decay"][()])
        assert numpy.allclose(got["mean_accuracy"], accuracy.mean(1), rtol=1e-14)
    print(f"{language}: study.h5 is read")


def check_python(run_file):
    """The example of scripts/README.md."""
    try:
        import torch, xarray, pandas, yaml  # noqa: F401, E401
        import matplotlib  # noqa: F401
    except ImportError as missing:
        print(f"python: left out, {missing.name} is not installed")
        return
    text, = re.findall(r"```python\n(.*?)```", pathlib.Path(MODULE).read_text(encoding="utf-8"), re.S)
    names = {}
    exec(text.replace("0123456789abcdef", run_file.stem), names)
    assert names["logits"].shape == (40, 10) and len(names["table"]) == 6 and dict(names["study"].sizes)["weight_decay"] == 3


def main():
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["BASIN"] = BASIN
        run(BASIN, "quickstart", STUDY)
        os.makedirs("results")
        os.rename("quickstart", "results/quickstart")
        subprocess.run([BASIN, "collect", "results/quickstart"], check=True, capture_output=True)
        run_file = pathlib.Path(sorted(glob.glob("results/quickstart/runs/*.h5"))[0])
        for language in COMMANDS:
            if is_there(language, language == "r"):
                check(language, run_file)
            else:
                print(f"{language}: left out, it is not installed")
        check_python(run_file)
        os.chdir("/")


main()
