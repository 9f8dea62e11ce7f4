"""The notebook: python3 notebook.py BASIN SCRIPTS NOTEBOOK

Runs every code cell in order, with matplotlib's backend Agg: by jupyter nbconvert where that is installed, and by itself, to see
what was drawn. Each figure must have labels and data that are numbers, and what is drawn must be numbers of the run files. The
notebook must be valid and be kept without outputs.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

os.environ["MPLBACKEND"] = "Agg"
from common import need, use_scripts  # noqa: E402

BASIN, SCRIPTS, NOTEBOOK = map(os.path.abspath, sys.argv[1:4])
_, numpy, _, _, pyplot = need("h5py", "numpy", "xarray", "yaml", "matplotlib.pyplot")
use_scripts(SCRIPTS)
os.environ["PATH"] = os.path.dirname(BASIN) + os.pathsep + os.environ["PATH"]
os.environ["PYTHONPATH"] = SCRIPTS


def read():
    notebook = json.loads(pathlib.Path(NOTEBOOK).read_text(encoding="utf-8"))
    assert notebook["nbformat"] == 4
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    for cell in cells:
        assert cell["outputs"] == [] and cell["execution_count"] is None, "keep the notebook without outputs"
    try:
        import nbformat
        nbformat.validate(notebook)
    except ImportError:
        print("nbformat is not installed: the notebook was not validated")
    return ["".join(cell["source"]) for cell in cells]


def execute(cells):
    """What the cells have made, and whatever the last lines of them are."""
    names = {}
    for number, text in enumerate(cells):
        exec(compile(text, f"cell {number + 1}", "exec"), names)
    return names


def drawn(axes):
    """The coordinates of all lines and points."""
    points = [line.get_xydata() for line in axes.lines] + [c.get_offsets() for c in axes.collections]
    return [numpy.asarray(p, float) for p in points if len(p)]


def check_figures(study):
    figures = [pyplot.figure(number) for number in pyplot.get_fignums()]
    assert len(figures) == 3, f"{len(figures)} figures"
    for figure in figures:
        axes, = figure.axes
        assert axes.get_xlabel() and axes.get_ylabel() and axes.get_title() and axes.get_legend()
        assert drawn(axes) and all(numpy.isfinite(points).all() for points in drawn(axes))
        figure.canvas.draw()
    curves, points = drawn(figures[0].axes[0]), numpy.concatenate(drawn(figures[1].axes[0]))
    assert len(curves) == 6 and len(points) == 6
    assert numpy.array_equal(curves[0][:, 1], study.curves_test_loss.isel(weight_decay=0).mean("seed").values)
    assert sorted(points[:, 1]) == sorted(study.loss_gap.values.flatten())


def main():
    cells = read()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        names = execute(cells)
        check_figures(names["study"])
        if shutil.which("jupyter") and not subprocess.run(["jupyter", "nbconvert", "--version"], capture_output=True).returncode:
            subprocess.run(["jupyter", "nbconvert", "--to", "notebook", "--execute", "--output-dir", folder, NOTEBOOK], check=True)
        else:
            print("jupyter nbconvert is not installed: the cells were run without it")
        os.chdir("/")


main()
