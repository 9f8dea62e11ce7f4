"""Bias falls and variance peaks with width (Yang 2020; Belkin 2019): python3 bias_variance.py BASIN

Ridgeless regression on N random cosine features, by gradient descent from zero on 10 training sets of 20 examples out of one file, for N below, at
and above 20: the variance rises up to N = 20 and falls behind it, the risk peaks there too, and more features than examples are better than any fewer.
At each N squared error = bias + variance, which is the mean test error of the runs (of which mse is half).
"""
import json
import math
import os
import random
import subprocess
import sys
import tempfile
from pathlib import Path

BASIN = str(Path(sys.argv[1]).resolve())
EXAMPLES, SETS, WIDTHS, INPUTS, POOL, TESTS = 20, 10, [4, 10, 20, 60, 320], 3, 400, 200
STUDY = f"""study: widths
dataset: {{name: csv, path: train.csv, test_path: test.csv, target: y, train_size: {EXAMPLES}}}
architecture: {{type: linear, bias: false, initializer: zeros}}
training: {{loss: mse, epochs: 6000, optimizer: {{type: gd, learning_rate: 1}}}}
evaluate: {{every: 6000}}
precision: float64
sweep:
  zip:
    dataset.path: {[f"train_{width}.csv" for width in WIDTHS]}
    dataset.test_path: {[f"test_{width}.csv" for width in WIDTHS]}
  grid:
    dataset.seed: {{range: [0, {SETS}, 1]}}
"""


def basin(*arguments):
    done = subprocess.run([BASIN, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"basin {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def write(name, points, width, features):
    """Features sqrt(2 / N) cos(w x + b), w ~ N(0, 1), b uniform."""
    with open(f"{name}_{width}.csv", "w", encoding="utf-8") as file:
        print(*[f"f{k}" for k in range(width)], "y", sep=",", file=file)
        for x, y in points:
            print(*[f"{math.sqrt(2 / width) * math.cos(b + sum(a * c for a, c in zip(w, x))):.17g}" for w, b in features[:width]], f"{y:.17g}",
                  sep=",", file=file)


def write_data():
    draw = random.Random(1)
    features = [([draw.gauss(0, 1) for _ in range(INPUTS)], draw.uniform(0, 2 * math.pi)) for _ in range(max(WIDTHS))]
    points = []
    for _ in range(POOL + TESTS):
        x = [draw.gauss(0, 1) for _ in range(INPUTS)]
        points.append((x, math.sin(x[0]) + x[1] * x[2] / 2 + draw.gauss(0, 0.3)))
    for width in WIDTHS:
        write("train", points[:POOL], width, features)
        write("test", points[POOL:], width, features)


def main():
    write_data()
    Path("widths.yaml").write_text(STUDY)
    basin("run", "widths.yaml", "-o", "widths")
    runs = json.loads(basin("table", "widths", "--json"))
    rows = json.loads(basin("table", "widths", "--json", "--across", "bias_variance: {over: seed.data}"))
    of = {int(row["dataset.path"].rsplit("_", 1)[1][:-4]): row for row in rows}
    assert sorted(of) == WIDTHS and all(row["members"] == SETS for row in rows), rows
    bias, variance, risk = ([of[width][name] for width in WIDTHS] for name in ("squared_bias", "squared_variance", "squared_error"))
    for width, b, v, r in zip(WIDTHS, bias, variance, risk):
        losses = [run["test_loss"] for run in runs if run["dataset.path"] == of[width]["dataset.path"]]
        print(f"N = {width}: bias {b:.3f}, variance {v:.3f}, risk {r:.3f}")
        assert len(losses) == SETS and abs(b + v - r) < 1e-9 * r and abs(2 * sum(losses) / SETS - r) < 1e-9 * r, (width, losses, of[width])
    peak = WIDTHS.index(EXAMPLES)
    assert variance[: peak + 1] == sorted(variance[: peak + 1]) and variance[peak:] == sorted(variance[peak:], reverse=True), variance
    assert max(risk) == risk[peak] and variance[peak] > 2 * max(variance[0], variance[-1]), (risk, variance)
    assert bias[-1] < bias[0] and risk[-1] < min(risk[:peak]), (bias, risk)
    return 0


with tempfile.TemporaryDirectory() as place:
    os.chdir(place)
    sys.exit(main())
