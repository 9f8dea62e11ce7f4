"""Ensembles and barriers as published: python3 connectivity.py BASIN

Networks from different seeds lie in different valleys (Frankle 2020): the error on the straight line between them rises.
Networks with one initialisation, or renumbered by weight matching (Ainsworth 2023), are connected better. An ensemble's
negative log-likelihood is at most the mean of its members' (Lakshminarayanan 2017). By default a small study, in which only the
order of the numbers is looked at; with BASIN_EXHAUSTIVE the one of the claims: Fashion-MNIST, 10,000 examples, MLP-256:
barrier above 5 points between seeds, below 2 with a shared start.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

BASIN = str(Path(sys.argv[1]).resolve())
LARGE = "BASIN_EXHAUSTIVE" in os.environ
DATA = "{name: fashion-mnist, train_size: 10000}" if LARGE else "{name: mnist1d, train_size: 1000, test_size: 500}"
STUDY = f"""study: s
dataset: {DATA}
architecture: {{type: mlp, hidden: [{256 if LARGE else 64}]}}
training: {{batch_size: {128 if LARGE else 32}, epochs: {30 if LARGE else 20}, optimizer: {{type: adam, learning_rate: 1e-3}}}}
"""


def basin(*arguments):
    done = subprocess.run([BASIN, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"basin {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def across(folder, request):
    return json.loads(basin("table", folder, "--json", "--across", request))


def train(folder, axis):
    Path(f"{folder}.yaml").write_text(STUDY + axis + "\n")
    basin("run", f"{folder}.yaml", "-o", folder)


def mean_barrier(folder, request):
    return 100 * across(folder, request)[-1]["test_error_barrier"]  # in points; the last row is the mean


def main():
    train("seeds", f"seeds: {5 if LARGE else 3}")
    train("shared", "sweep: {grid: {seed.order: [0, 1, 2]}}")
    apart = mean_barrier("seeds", "barrier")
    matched = mean_barrier("seeds", "barrier: {permute: true}")
    shared = mean_barrier("shared", "barrier: {over: seed.order}")
    rows = across("seeds", "ensemble")
    print(f"barrier between seeds {apart:.2f} points, matched {matched:.2f}, with a shared start {shared:.2f}; ensemble of "
          f"{rows[-1]['members']:.0f}: NLL {rows[-1]['nll']:.3f}, members {rows[-1]['mean_nll']:.3f}")
    holds = [shared < apart, matched < apart, all(row["nll"] <= row["mean_nll"] for row in rows),
             rows[-1]["accuracy"] > rows[-1]["mean_accuracy"]]
    if LARGE:
        holds += [apart > 5, shared < 2]
    return 0 if all(holds) else 1


with tempfile.TemporaryDirectory() as place:
    os.chdir(place)
    sys.exit(main())
