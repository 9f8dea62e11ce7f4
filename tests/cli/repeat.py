"""The numbers of a run, made again from the manual alone: python3 repeat.py BASIN RESULTS_README

Runs the Python of "Random numbers" in results/README.md, and with it repeats a small training and its measures: which examples
train, in which order, and with which probes. Only the standard library is used.
"""
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

N, TRAIN, BATCH, EPOCHS, RATE, PROBES, FIRST, SEED, ORDER, SPLIT = 23, 13, 4, 3, 0.5, 5, 7, 3, 11, 2
FEATURES, CLASSES = 6, 3
SPEC = f"""study: repeat
dataset: {{name: idx, train_images: x.idx, train_labels: y.idx, test_images: x_test.idx, test_labels: y_test.idx, train_size: {TRAIN},
  validation_size: 4, seed: {SPLIT}}}
architecture: {{type: linear, bias: false, initializer: zeros}}
training: {{loss: mse, batch_size: {BATCH}, epochs: {EPOCHS}, optimizer: {{type: sgd, learning_rate: {RATE}}}}}
measures: {{hessian_trace: {{probes: {PROBES}, examples: {FIRST}}}}}
precision: float64
seed: {{all: {SEED}, order: {ORDER}}}
"""


def manual(readme):
    """The functions that the manual defines."""
    blocks = re.findall(r"```python\n(.*?)```", open(readme).read(), re.S)
    names = {}
    exec(next(block for block in blocks if "def philox" in block), names)
    return names


def write_data():
    pixels = [(37 * i * i + 11 * i) % 256 for i in range(N * FEATURES)]
    labels = [(i * i + i // 3) % CLASSES for i in range(N)]
    for x, y, n in ("x.idx", "y.idx", N), ("x_test.idx", "y_test.idx", N - 1):  # tests: all but the last
        with open(x, "wb") as file:
            file.write(struct.pack(">BBBBIII", 0, 0, 8, 3, n, 2, FEATURES // 2) + bytes(pixels[:n * FEATURES]))
        with open(y, "wb") as file:
            file.write(struct.pack(">BBBBI", 0, 0, 8, 1, n) + bytes(labels[:n]))
    x = [[pixel / 255 for pixel in pixels[i * FEATURES:(i + 1) * FEATURES]] for i in range(N)]
    return x, [[float(c == label) for c in range(CLASSES)] for label in labels]


def outputs(w, x):
    return [sum(x[i] * w[i * CLASSES + c] for i in range(FEATURES)) for c in range(CLASSES)]


def loss(w, x, y):
    return sum(0.5 * sum((f - t) ** 2 for f, t in zip(outputs(w, a), b)) for a, b in zip(x, y)) / len(x)


def step(w, x, y):
    """Descent on the mean of 0.5 ||f - y||^2; w (in, out)."""
    moved = list(w)
    for a, b in zip(x, y):
        errors = [f - t for f, t in zip(outputs(w, a), b)]
        for i in range(FEATURES):
            for c in range(CLASSES):
                moved[i * CLASSES + c] -= RATE * a[i] * errors[c] / len(x)
    return moved


def trace(probe, x):
    """Mean and standard error of v'Hv; H v = mean over examples of x (x'v), for each output."""
    values = []
    for k in range(PROBES):
        v = probe(SEED, k, FEATURES * CLASSES)
        values.append(sum(sum(f * f for f in outputs(v, a)) for a in x) / len(x))
    mean = sum(values) / PROBES
    return mean, (sum((value - mean) ** 2 for value in values) / PROBES / (PROBES - 1)) ** 0.5


def run(basin, folder, columns, *sets):
    """The run of the spec with some values set; these columns of its row in the table."""
    command = [basin, "run", "repeat.yaml", "-o", folder]
    for value in sets:
        command += ["--set", value]
    for command in command, [basin, "table", folder, "-c", ",".join(columns), "--json"]:
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    rows = json.loads(done.stdout)
    return (rows["rows"] if isinstance(rows, dict) else rows)[0]


def expect(name, value, expected):
    assert abs(value - expected) <= 1e-11 * abs(expected), f"{name}: {value!r} is not {expected!r}"


def main(basin, readme):
    names = manual(readme)
    # the published values of Random123, and those of tests/unit/base_random.c
    assert names["philox"]((0, 0), (0, 0, 0, 0)) == (0x6627E8D5, 0xE169C58D, 0xBC57AC4C, 0x9B00DBD8)
    assert names["permutation"](0, 1, 1, 10) == [7, 8, 6, 5, 9, 4, 3, 0, 2, 1]
    x, y = write_data()
    with open("repeat.yaml", "w") as file:
        file.write(SPEC)
    rows = names["permutation"](SPLIT, 5, 0, N)
    train, validation = rows[:TRAIN], rows[TRAIN:TRAIN + 4]
    w = [0.0] * (FEATURES * CLASSES)
    for epoch in range(1, EPOCHS + 1):
        order = names["permutation"](ORDER, 1, epoch, TRAIN)
        for first in range(0, TRAIN, BATCH):
            batch = [train[i] for i in order[first:first + BATCH]]
            w = step(w, [x[i] for i in batch], [y[i] for i in batch])
    row = run(basin, "trained", ["train_loss", "validation_loss", "hessian_trace", "hessian_trace_stderr"])
    mean, error = trace(names["probe"], [x[i] for i in train[:FIRST]])
    expect("train_loss", row["train_loss"], loss(w, [x[i] for i in train], [y[i] for i in train]))
    expect("validation_loss", row["validation_loss"], loss(w, [x[i] for i in validation], [y[i] for i in validation]))
    expect("hessian_trace", row["hessian_trace"], mean)
    expect("hessian_trace_stderr", row["hessian_trace_stderr"], error)
    # steps that change nothing leave the initial weights
    row = run(basin, "initial", ["train_loss"], "architecture.initializer=lecun", "training.optimizer.learning_rate=1.0e-300")
    wide = (3 / FEATURES) ** 0.5
    w = [wide * (2 * names["uniform"](SEED, 0, 0, 0, i) / 2**53 - 1) for i in range(FEATURES * CLASSES)]
    expect("train_loss of the initial weights", row["train_loss"], loss(w, [x[i] for i in train], [y[i] for i in train]))
    print(f"the losses and the trace of {SPEC.split()[1]} are repeated from the manual")


if __name__ == "__main__":
    basin, readme = map(os.path.abspath, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        main(basin, readme)
