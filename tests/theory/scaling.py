"""The test error falls as a power of the number of training examples (Hestness 2017): python3 scaling.py BASIN

An MLP with 256 units on Fashion-MNIST, trained for the same number of steps whatever the data: the slope of log error over log n lies
between -.20 and -.10, and a straight line explains nearly all of it. By default 250 to 8,000 examples and 800 steps (seconds, R^2 above .9);
with BASIN_EXHAUSTIVE 250 to 60,000 and 6,000 steps (R^2 above .97). `scaling_fit` is compared with least squares done here. Skipped without
the data set.
"""
import json
import math
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BASIN = str(Path(sys.argv[1]).resolve())
LARGE = "BASIN_EXHAUSTIVE" in os.environ
SIZES = [250, 500, 1000, 2000, 4000, 8000] + ([16000, 30000, 60000] if LARGE else [])
STUDY = f"""study: scaling
dataset: {{name: fashion-mnist}}
architecture: {{type: mlp, hidden: [256]}}
training:
  batch_size: 64
  steps: {6000 if LARGE else 800}
  optimizer: {{type: adam, learning_rate: 0.001}}
  schedule: cosine
evaluate: {{every: 100000}}
sweep: {{grid: {{dataset.train_size: {SIZES}}}}}
across:
  scaling_fit: {{y: 1 - test_accuracy}}
"""
SKIPPED, NO_DATA = 77, 3


def basin(*arguments):
    done = subprocess.run([BASIN, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"basin {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def line(x, y):
    """Slope and R^2 of least squares."""
    mx, my = sum(x) / len(x), sum(y) / len(y)
    xx, yy, xy = (sum((a - ma) * (b - mb) for a, b in zip(p, q)) for p, ma, q, mb in ((x, mx, x, mx), (y, my, y, my), (x, mx, y, my)))
    return xy / xx, xy * xy / (xx * yy)


def main():
    Path("scaling.yaml").write_text(STUDY)
    if subprocess.run([BASIN, "check", "scaling.yaml"], capture_output=True).returncode == NO_DATA:
        print("skipped: there is no Fashion-MNIST (Debian: dataset-fashion-mnist)")
        return SKIPPED
    basin("run", "scaling.yaml", "-o", "scaling")
    runs = json.loads(basin("table", "scaling", "--json"))
    (fit,) = json.loads(basin("table", "scaling", "--json", "--across", "scaling_fit: {y: 1 - test_accuracy}"))
    points = [(SIZES[-1] if run["dataset.train_size"] == "all" else run["dataset.train_size"], 1 - run["test_accuracy"]) for run in runs]
    print(f"error {' '.join(f'{n}:{error:.4f}' for n, error in sorted(points))}; slope {fit['slope']:.4f}, "
          f"interval [{fit['slope_low']:.4f}, {fit['slope_high']:.4f}], R^2 {fit['r_squared']:.4f}")
    slope, r_squared = line([math.log(n) for n, _ in points], [math.log(error) for _, error in points])
    assert len(points) == len(SIZES) == fit["runs"], fit
    assert abs(slope - fit["slope"]) < 1e-9 and abs(r_squared - fit["r_squared"]) < 1e-9, (slope, r_squared, fit)
    assert -0.20 <= fit["slope"] <= -0.10, fit
    assert fit["r_squared"] > (0.97 if LARGE else 0.9), fit
    assert fit["slope_low"] <= fit["slope"] <= fit["slope_high"] < 0, fit
    assert fit["exponent"] > 0 and 0 <= fit["offset"] < min(error for _, error in points), fit
    return 0


with tempfile.TemporaryDirectory() as place:
    os.chdir(place)
    sys.exit(main())
