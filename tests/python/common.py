"""What the tests of scripts/basin.py share: modules that may be missing, small data, runs."""
import importlib
import os
import pathlib
import subprocess
import sys

SKIPPED = 77
TEXT = "".join(f"{i} times {i} is {i * i}, so it is.\n" for i in range(40, 120))


def need(*names):
    """The modules of these names. Where one is missing: in $BASIN_PYTHON, if that is set, or the test is skipped."""
    other = os.environ.get("BASIN_PYTHON")
    if other and not os.environ.get("BASIN_PYTHON_TRIED"):
        os.environ["BASIN_PYTHON_TRIED"] = "1"
        os.execv(other, [other, *sys.argv])
    found = []
    for name in names:
        try:
            found.append(importlib.import_module(name))
        except ImportError:
            print(f"skipped: {sys.executable} has no module {name}; BASIN_PYTHON=/path/to/python3 names another interpreter")
            sys.exit(SKIPPED)
    return found


def use_scripts(folder):
    sys.path.insert(0, folder)
    sys.dont_write_bytecode = True


def run(basin, name, text):
    """The run files of a study of this text, in the current folder, in the order of the sweep."""
    pathlib.Path(name + ".yaml").write_text(f"study: {name}\n{text}", encoding="utf-8")
    done = subprocess.run([basin, "run", name + ".yaml", "-o", name], capture_output=True, text=True)
    assert done.returncode == 0, f"{name}: {done.stderr}\n{text}"
    return sorted(pathlib.Path(name, "runs").glob("*.h5"))
