#!/usr/bin/env python3
"""Checks Basin's numbers against PyTorch: the same nets on the same data, in float64, differentiated by PyTorch.

    python3 scripts/crosscheck_torch.py [BASIN]      BASIN: the program, default build/basin

Makes a data set of 500 + 500 Fashion-MNIST images, lets `basin run` train six MLPs on it (relu, gelu, tanh;
cross-entropy and mse; float32) by full-batch gradient descent with momentum, and compares, from the weights in the
files: loss and accuracy, the curves of the whole training, and the extreme eigenvalues of the Hessian by double backward
and a Lanczos iteration of its own.
Needs torch, h5py, numpy, xarray and yaml, and says so where one is missing. Exit status: 0 agreement (or skipped), 1 disagreement.
"""
import gzip
import json
import pathlib
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy
    import torch
    import xarray  # noqa: F401
    import yaml  # noqa: F401
except ImportError as missing:
    print(f"skipped: this python3 has no {missing.name} (torch, h5py, numpy, xarray and yaml are needed)")
    sys.exit(0)
import basin as files  # beside this script

FOLDER = pathlib.Path("/usr/share/datasets/fashion-mnist")
COUNT, STEPS, RATE, MOMENTUM = 500, 40, 0.02, 0.9
SPEC = f"""
study: crosscheck
dataset: {{name: hdf5, path: data.h5}}
architecture: {{type: mlp, hidden: [32, 16]}}
training:
  optimizer: {{type: gd, learning_rate: {RATE}, momentum: {MOMENTUM}}}
  epochs: {STEPS}
measures:
  hessian_top: {{k: 3, ends: both, examples: all, tolerance: 1.0e-4}}
weights: {{initial: true}}
sweep:
  grid:
    architecture.activation: [relu, gelu, tanh]
    training.loss: [cross_entropy, mse]
"""


def images(name):
    with gzip.open(FOLDER / f"{name}-images-idx3-ubyte.gz") as file:
        x = numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, 784)[:COUNT]
    with gzip.open(FOLDER / f"{name}-labels-idx1-ubyte.gz") as file:
        y = numpy.frombuffer(file.read(), numpy.uint8, offset=8)[:COUNT]
    return (x / 255).astype(numpy.float32), y.astype(numpy.int64)


class Check:
    """Prints a line a comparison and remembers whether all agreed."""

    def __init__(self):
        self.agreed = True

    def __call__(self, run, what, ours, theirs, tolerance, scale=None):
        """The largest difference, relative to `scale` (the largest number, unless given)."""
        ours, theirs = numpy.atleast_1d(ours).astype(float), numpy.atleast_1d(theirs).astype(float)
        scale = scale or max(1e-12, numpy.abs(theirs).max())
        difference = numpy.abs(ours - theirs).max() / scale
        good = bool(difference <= tolerance)  # False for NaN
        self.agreed &= good
        print(f"{run:<22} {what:<26} {ours[-1]:>12.6g} {theirs[-1]:>12.6g} {difference:>10.1e} {tolerance:>8.0e}  "
              f"{'ok' if good else 'DIFFERS'}")


def loss_of(name, outputs, y):
    if name == "cross_entropy":
        return torch.nn.functional.cross_entropy(outputs, y)
    return 0.5 * (outputs - torch.nn.functional.one_hot(y, 10)).square().sum(dim=1).mean()


def accuracy_of(net, x, y):
    return float((net(x).argmax(dim=1) == y).double().mean())


def train(net, name, x, y):
    """Training loss after each step, and the gradient's norm at it."""
    optimizer = torch.optim.SGD(net.parameters(), lr=RATE, momentum=MOMENTUM)
    losses, norms = [], []
    for _ in range(STEPS):
        optimizer.zero_grad()
        loss_of(name, net(x), y).backward()
        norms.append(float(torch.cat([p.grad.flatten() for p in net.parameters()]).norm()))
        optimizer.step()
        with torch.no_grad():
            losses.append(float(loss_of(name, net(x), y)))
    return losses, norms


def eigenvalues(net, name, x, y, steps=120):
    """Extreme eigenvalues of the Hessian: Lanczos with full reorthogonalisation."""
    parameters = list(net.parameters())
    gradient = torch.autograd.grad(loss_of(name, net(x), y), parameters, create_graph=True)
    flat = torch.cat([g.flatten() for g in gradient])

    def product(v):
        return torch.cat([h.flatten() for h in torch.autograd.grad(flat, parameters, v, retain_graph=True)])

    torch.manual_seed(0)
    basis, diagonal, off = [torch.randn(flat.numel(), dtype=torch.float64)], [], []
    basis[0] /= basis[0].norm()
    for _ in range(steps):
        w = product(basis[-1])
        diagonal.append(float(w @ basis[-1]))
        q = torch.stack(basis)
        for _ in range(2):
            w = w - q.T @ (q @ w)
        if float(w.norm()) < 1e-12:
            break
        off.append(float(w.norm()))
        basis.append(w / w.norm())
    t = numpy.diag(diagonal) + numpy.diag(off[:len(diagonal) - 1], 1) + numpy.diag(off[:len(diagonal) - 1], -1)
    return numpy.linalg.eigvalsh(t)  # ascending


def compare(check, file, activation, name, train_set, test_set):
    run, (x, y), (x_test, y_test) = f"{activation}, {name}", train_set, test_set
    net, one = files.torch_module(file).double(), files.open_run(file)
    measures = one.numbers
    with torch.no_grad():
        for part, inputs, labels in [("train", x, y), ("test", x_test, y_test)]:
            check(run, f"{part}_loss", measures[f"{part}_loss"], float(loss_of(name, net(inputs), labels)), 1e-5)
            check(run, f"{part}_accuracy", measures[f"{part}_accuracy"], accuracy_of(net, inputs, labels), 1e-4)
    losses, norms = train(files.torch_module(file, "initial").double(), name, x, y)
    check(run, "curve of train_loss", one.curves.train_loss.values, losses, 1e-4)
    check(run, "curve of gradient_norm", one.curves.gradient_norm.values, norms, 1e-4)
    spectrum = eigenvalues(net, name, x, y)
    top = numpy.sort(one.arrays["hessian_top/eigenvalue"])
    check(run, "hessian_lambda_max", measures["hessian_lambda_max"], spectrum[-1], 1e-4)
    check(run, "hessian_lambda_min", measures["hessian_lambda_min"], spectrum[0], 1e-4, numpy.abs(spectrum).max())
    check(run, "hessian_top, 3 largest", top[-3:], spectrum[-3:], 1e-4)


def main(basin):
    if not FOLDER.is_dir():
        print(f"skipped: {FOLDER} is missing (apt-get install dataset-fashion-mnist)")
        return 0
    check, folder = Check(), tempfile.TemporaryDirectory()
    work = pathlib.Path(folder.name)
    arrays = images("train") + images("t10k")
    with h5py.File(work / "data.h5", "w") as file:
        for name, array in zip(["x", "y", "x_test", "y_test"], arrays):
            file[name] = array
    (work / "crosscheck.yaml").write_text(SPEC)
    subprocess.run([basin, "run", work / "crosscheck.yaml", "-o", work / "out"], check=True, stdout=sys.stderr)
    table = subprocess.run([basin, "table", work / "out", "--format", "json"], check=True, capture_output=True,
                           text=True)
    tensors = [torch.from_numpy(a.astype(numpy.float64 if a.ndim == 2 else numpy.int64)) for a in arrays]
    print(f"{'run':<22} {'quantity':<26} {'Basin':>12} {'PyTorch':>12} {'difference':>10} {'at most':>8}")
    for row in json.loads(table.stdout):
        file = work / "out/runs" / f"{row['run_id']}.h5"
        compare(check, file, row["architecture.activation"], row["training.loss"], tensors[:2], tensors[2:])
    return 0 if check.agreed else 1


if __name__ == "__main__":
    root = pathlib.Path(__file__).resolve().parent.parent
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else root / "build/basin"))
