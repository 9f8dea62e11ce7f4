#!/usr/bin/env python3
"""Checks every kind of architecture against PyTorch: the networks of basin.torch_module, in float64.

    python3 scripts/crosscheck_architectures.py [BASIN]      BASIN: the program, default build/basin

For each net two small float32 runs: one step of full-batch gradient descent, whose difference of weights is the gradient, and a
short training. Compared: the gradient of every parameter at the initial weights (1e-3 of its norm), and of the trained net
losses (1e-4) and the top eigenvalue of the Hessian by double backward (1e-2).
Needs torch, h5py, numpy and yaml, and says so where one is missing. Exit status: 0 agreement (or skipped), 1 disagreement.
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy
    import torch
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.nn import functional as F
    import yaml  # noqa: F401
except ImportError as missing:
    print(f"skipped: this python3 has no {missing.name} (torch, h5py, numpy and yaml are needed)")
    sys.exit(0)
import basin as files  # beside this script

TEXT = "".join(f"{i} times {i} is {i * i}, so it is.\n" for i in range(40, 220))
CONTEXT, RATE = 12, 0.1
DATASETS = {
    "image": "dataset: {name: hdf5, path: images.h5}\n",
    "signal": "dataset: {name: hdf5, path: signals.h5}\n",
    "text": f"dataset: {{name: text, path: text.txt, context: {CONTEXT}, train_size: 60, test_size: 20}}\n",
}
STEP = f"training: {{optimizer: {{type: gd, learning_rate: {RATE}, momentum: 0.0}}, epochs: 1}}\nweights: {{initial: true}}\n"
TRAINED = """training: {optimizer: {type: adam, learning_rate: 0.01}, batch_size: 40, epochs: 6}
measures:
  hessian_top: {k: 1, examples: all, tolerance: 1.0e-4, max_iterations: 400}
"""


LIST = ("[{conv: {channels: 4, kernel: 3, stride: [2, 1], padding: [1, 0]}}, gelu, {group_norm: {groups: 2}}, {conv: {channels: 6, "
        "kernel: 3, padding: 2, dilation: 2, groups: 2}}, layer_norm, tanh, {average_pool: {kernel: [2, 1], stride: [2, 1]}}, flatten, "
        "{dense: {units: 6}}, layer_norm, silu]")
NETS = [
    ("cnn, batch norm", "image", "{type: cnn, channels: [4, 8], norm: batch, hidden: [16]}"),
    ("layers of a list", "image", f"{{type: sequential, layers: {LIST}}}"),
    ("cnn of signals", "signal", "{type: sequential, layers: [{conv: {channels: 5, kernel: 5, stride: 2, padding: 1}}, relu, {conv: "
     "{channels: 5, stride: 2, padding: 1}}, relu, {conv: {channels: 5, stride: 2, padding: 1}}, relu]}"),
    ("rnn, mean", "image", "{type: rnn, hidden_size: 8, readout: mean}"),
    ("lstm, 2 layers, last", "image", "{type: lstm, hidden_size: 8, layers: 2}"),
    ("gru both ways, all", "signal", "{type: gru, hidden_size: 4, bidirectional: true, readout: all}"),
    ("lstm both ways, last", "signal", "{type: lstm, hidden_size: 4, bidirectional: true}"),
    ("transformer, pre, mean", "image", "{type: transformer, width: 8, depth: 2, heads: 2, patch: 4}"),
    ("transformer, post, class", "signal", "{type: transformer, width: 8, depth: 1, heads: 2, mlp_ratio: 2, patch: 8, pool: cls, norm: post, "
     "positions: sinusoidal, activation: relu}"),
    ("gru of text", "text", "{type: gru, hidden_size: 8, embedding: 4}"),
    ("decoder, tied", "text", "{type: transformer, width: 8, depth: 1, heads: 2, mlp_ratio: 2, tied_embeddings: true}"),
]


def loss_of(net, x, y):
    return F.cross_entropy(net(x).flatten(0, -2), y.flatten())


def flat(tensors):
    return torch.cat([tensor.detach().flatten() for tensor in tensors])


def top(net, x, y, steps=300):
    """Largest algebraic eigenvalue of the Hessian, by Lanczos."""
    parameters = list(net.parameters())
    gradient = torch.autograd.grad(loss_of(net, x, y), parameters, create_graph=True)
    whole = torch.cat([g.flatten() for g in gradient])
    torch.manual_seed(0)
    basis, diagonal, off = [torch.randn(whole.numel(), dtype=torch.float64)], [], []
    basis[0] /= basis[0].norm()
    for _ in range(min(steps, whole.numel())):
        h = flat(torch.autograd.grad(whole, parameters, basis[-1], retain_graph=True))
        diagonal.append(float(h @ basis[-1]))
        q = torch.stack(basis)
        for _ in range(2):
            h = h - q.T @ (q @ h)
        if float(h.norm()) < 1e-10 or len(diagonal) > 80:
            break
        off.append(float(h.norm()))
        basis.append(h / h.norm())
    n = len(diagonal)
    return numpy.linalg.eigvalsh(numpy.diag(diagonal) + numpy.diag(off[:n - 1], 1) + numpy.diag(off[:n - 1], -1))[-1]


def make_data(work):
    """Images of 8 x 8, signals of 40 points, five classes that can be told apart; and what PyTorch sees of each."""
    random, data = numpy.random.default_rng(0), {}
    for name, shape in (("image", (8, 8)), ("signal", (40,))):
        y = random.integers(0, 5, 160)
        x = (random.normal(size=(160,) + shape) + random.normal(size=(5,) + shape)[y]).astype(numpy.float32)
        with h5py.File(work / f"{name}s.h5", "w") as file:
            for key, part in (("x", x[:120]), ("y", y[:120]), ("x_test", x[120:]), ("y_test", y[120:])):
                file[key] = part
        data[name] = [torch.from_numpy(x.astype(numpy.float64)), torch.from_numpy(y), 120]
    (work / "text.txt").write_text(TEXT, encoding="utf-8")
    codes = {c: i for i, c in enumerate(sorted(set(TEXT)))}
    tokens = torch.tensor([codes[c] for c in TEXT])
    start = int(0.95 * len(TEXT) + 1e-9)
    train = [tokens[i * CONTEXT:i * CONTEXT + CONTEXT + 1] for i in range(60)]
    test = [tokens[start + i * CONTEXT:start + i * CONTEXT + CONTEXT + 1] for i in range(20)]
    windows = torch.stack(train + test)
    data["text"] = [windows[:, :-1], windows[:, 1:], 60]
    return data


def basin_run(basin, work, name, text):
    (work / f"{name}.yaml").write_text("study: " + name + "\n" + text)
    subprocess.run([basin, "run", work / f"{name}.yaml", "-o", work / name], check=True, capture_output=True)
    return next((work / name / "runs").glob("*.h5"))


def main(basin):
    torch.set_default_dtype(torch.float64)
    torch.backends.mha.set_fastpath_enabled(False)
    agreed = True

    def check(net, what, ours, theirs, tolerance):
        nonlocal agreed
        difference = abs(ours - theirs) / max(1e-12, abs(theirs))
        agreed &= bool(difference <= tolerance)
        print(f"{net:<26} {what:<22} {ours:>13.7g} {theirs:>13.7g} {difference:>9.1e} {tolerance:>7.0e}  "
              f"{'ok' if difference <= tolerance else 'DIFFERS'}", flush=True)

    # the fast attention has no second derivative
    with tempfile.TemporaryDirectory() as folder, sdpa_kernel(SDPBackend.MATH):
        work = pathlib.Path(folder)
        data = make_data(work)
        print(f"{'net':<26} {'quantity':<22} {'Basin':>13} {'PyTorch':>13} {'difference':>9} {'at most':>7}")
        for number, (name, kind, architecture) in enumerate(NETS):
            x, y, split = data[kind]
            head = DATASETS[kind] + f"architecture: {architecture}\n"
            file = basin_run(basin, work, f"step{number}", head + STEP)
            net, after = files.torch_module(file, "initial").double().train(), files.torch_module(file).double()
            loss_of(net, x[:split], y[:split]).backward()
            theirs = flat(parameter.grad for parameter in net.parameters())
            ours = (flat(net.parameters()) - flat(after.parameters())) / RATE
            check(name, "gradient (norm)", float(ours.norm()), float(theirs.norm()), 1e-3)
            check(name, "gradient (difference)", 1 + float((ours - theirs).norm() / theirs.norm()), 1.0, 1e-3)
            file = basin_run(basin, work, f"trained{number}", head + TRAINED)
            net, numbers = files.torch_module(file).double(), files.open_run(file).numbers
            with torch.no_grad():
                for part, rows in (("train", slice(0, split)), ("test", slice(split, None))):
                    check(name, f"{part}_loss", numbers[f"{part}_loss"], float(loss_of(net, x[rows], y[rows])), 1e-4)
            check(name, "hessian_lambda_max", numbers["hessian_lambda_max"], float(top(net, x[:split], y[:split])), 1e-2)
    return 0 if agreed else 1


if __name__ == "__main__":
    root = pathlib.Path(__file__).resolve().parent.parent
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else root / "build/basin"))
