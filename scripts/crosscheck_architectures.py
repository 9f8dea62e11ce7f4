#!/usr/bin/env python3
"""Checks every kind of architecture against PyTorch: the weights of Basin's files in PyTorch's own modules, in float64.

    python3 scripts/crosscheck_architectures.py [BASIN]      BASIN: the program, default build/basin

For each net two small float32 runs: one step of full-batch gradient descent, whose difference of weights is the gradient, and a
short training. Compared: the gradient of every parameter at the initial weights (1e-3 of its norm), and of the trained net
losses (1e-4) and the top eigenvalue of the Hessian by double backward (1e-2).
Needs torch, h5py and numpy, and says so where one is missing. Exit status: 0 agreement (or skipped), 1 disagreement.
"""
import pathlib
import subprocess
import sys
import tempfile

try:
    import h5py
    import numpy
    import torch
    from torch import nn
    from torch.nn.attention import SDPBackend, sdpa_kernel
    from torch.nn import functional as F
except ImportError as missing:
    print(f"skipped: this python3 has no {missing.name} (torch, h5py and numpy are needed)")
    sys.exit(0)

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


def norm(x, w, name, training, where):
    """Batch norm with the batch's or the running statistics."""
    return F.batch_norm(x, w[f"{name}.running_mean"].clone(), w[f"{name}.running_var"].clone(), w[f"{name}.weight"],
                        w[f"{name}.bias"], training and where != "eval")


def cnn(w, x, training):
    x = F.conv2d(x[:, None], w["layers.0.weight"], padding=1)
    x = F.max_pool2d(F.relu(norm(x, w, "layers.1", training, "train")), 2)
    x = F.conv2d(x, w["layers.2.weight"], padding=1)
    x = F.max_pool2d(F.relu(norm(x, w, "layers.3", training, "train")), 2)
    x = F.relu(F.linear(x.flatten(1), w["layers.4.weight"], w["layers.4.bias"]))
    return F.linear(x, w["layers.5.weight"], w["layers.5.bias"])


def mixed(w, x, training):
    x = F.gelu(F.conv2d(x[:, None], w["layers.0.weight"], w["layers.0.bias"], stride=(2, 1), padding=(1, 0)))
    x = F.group_norm(x, 2, w["layers.1.weight"], w["layers.1.bias"])
    x = F.conv2d(x, w["layers.2.weight"], w["layers.2.bias"], padding=2, dilation=2, groups=2)
    x = torch.tanh(F.layer_norm(x, x.shape[1:], w["layers.3.weight"], w["layers.3.bias"]))
    x = F.layer_norm(F.linear(F.avg_pool2d(x, (2, 1), (2, 1)).flatten(1), w["layers.4.weight"], w["layers.4.bias"]), (6,),
                     w["layers.5.weight"], w["layers.5.bias"])
    return F.linear(F.silu(x), w["layers.6.weight"], w["layers.6.bias"])


def cnn_signal(w, x, training):
    x = x[:, None]
    for i, padding in ((0, 1), (1, 1), (2, 1)):
        x = F.relu(F.conv1d(x, w[f"layers.{i}.weight"], w[f"layers.{i}.bias"], stride=2, padding=padding))
    return F.linear(x.flatten(1), w["layers.3.weight"], w["layers.3.bias"])


def recurrent(kind, module, hidden, readout, layers=1, both=False, **options):
    def run(w, x, training):
        if kind == "text":
            x = F.embedding(x, w["layers.0.weight"])
        elif x.dim() == 2:
            x = x[:, :, None]
        first = "layers.1." if kind == "text" else "layers.0."
        net = module(x.shape[2], hidden, layers, bidirectional=both, batch_first=True, dtype=torch.float64, **options)
        own = {name[len(first):]: value for name, value in w.items() if name.startswith(first)}
        h = torch.func.functional_call(net, own, (x,))[0]
        size = hidden * (2 if both else 1)
        if readout == "last":
            h = torch.cat([h[:, -1, :hidden], h[:, 0, hidden:]], 1)
        elif readout == "all":
            h = h.reshape(len(h), -1)
        elif readout == "mean":
            h = h.mean(1)
        assert readout == "sequence" or h.shape[1] % size == 0
        last = "layers.2" if kind == "text" else "layers.1"
        return F.linear(h, w[last + ".weight"], w[last + ".bias"])
    return run


def blocks(w, x, first, depth, heads, hidden, pre, causal, activation):
    for i in range(first, first + depth):
        layer = nn.TransformerEncoderLayer(x.shape[2], heads, hidden, 0, activation, batch_first=True, norm_first=pre,
                                           dtype=torch.float64)
        mask = nn.Transformer.generate_square_subsequent_mask(x.shape[1], dtype=torch.float64) if causal else None
        own = {name[len(f"layers.{i}."):]: value for name, value in w.items() if name.startswith(f"layers.{i}.")}
        x = torch.func.functional_call(layer, own, (x,), {"src_mask": mask, "is_causal": causal})
    return x


def sinusoid(steps, width):
    t, j = torch.arange(steps, dtype=torch.float64)[:, None], torch.arange(width)
    angle = t / 10000 ** ((j // 2 * 2) / width)
    return torch.where(j % 2 == 0, angle.sin(), angle.cos())


def vit(w, x, training):
    x = F.conv2d(x[:, None], w["layers.0.weight"], w["layers.0.bias"], stride=4).flatten(2).transpose(1, 2)
    x = blocks(w, x + w["layers.1.position"], 2, 2, 2, 32, True, False, F.gelu)
    x = F.layer_norm(x, (8,), w["layers.4.weight"], w["layers.4.bias"]).mean(1)
    return F.linear(x, w["layers.5.weight"], w["layers.5.bias"])


def vit_signal(w, x, training):
    x = F.conv1d(x[:, None], w["layers.0.weight"], w["layers.0.bias"], stride=8).transpose(1, 2)
    x = torch.cat([w["layers.1.cls_token"].expand(len(x), 1, -1), x], 1)
    x = blocks(w, x + sinusoid(x.shape[1], 8), 2, 1, 2, 16, False, False, F.relu)
    return F.linear(x[:, 0], w["layers.3.weight"], w["layers.3.bias"])


def decoder(w, x, training):
    x = F.embedding(x, w["layers.0.weight"]) + w["layers.1.position"]
    x = blocks(w, x, 2, 1, 2, 16, True, True, F.gelu)
    return F.linear(F.layer_norm(x, (8,), w["layers.3.weight"], w["layers.3.bias"]), w["layers.0.weight"])


LIST = ("[{conv: {channels: 4, kernel: 3, stride: [2, 1], padding: [1, 0]}}, gelu, {group_norm: {groups: 2}}, {conv: {channels: 6, "
        "kernel: 3, padding: 2, dilation: 2, groups: 2}}, layer_norm, tanh, {average_pool: {kernel: [2, 1], stride: [2, 1]}}, flatten, "
        "{dense: {units: 6}}, layer_norm, silu]")
NETS = [
    ("cnn, batch norm", "image", "{type: cnn, channels: [4, 8], norm: batch, hidden: [16]}", cnn),
    ("layers of a list", "image", f"{{type: sequential, layers: {LIST}}}", mixed),
    ("cnn of signals", "signal", "{type: sequential, layers: [{conv: {channels: 5, kernel: 5, stride: 2, padding: 1}}, relu, {conv: "
     "{channels: 5, stride: 2, padding: 1}}, relu, {conv: {channels: 5, stride: 2, padding: 1}}, relu]}", cnn_signal),
    ("rnn, mean", "image", "{type: rnn, hidden_size: 8, readout: mean}", recurrent("image", nn.RNN, 8, "mean")),
    ("lstm, 2 layers, last", "image", "{type: lstm, hidden_size: 8, layers: 2}", recurrent("image", nn.LSTM, 8, "last", 2)),
    ("gru both ways, all", "signal", "{type: gru, hidden_size: 4, bidirectional: true, readout: all}",
     recurrent("signal", nn.GRU, 4, "all", 1, True)),
    ("lstm both ways, last", "signal", "{type: lstm, hidden_size: 4, bidirectional: true}",
     recurrent("signal", nn.LSTM, 4, "last", 1, True)),
    ("transformer, pre, mean", "image", "{type: transformer, width: 8, depth: 2, heads: 2, patch: 4}", vit),
    ("transformer, post, class", "signal", "{type: transformer, width: 8, depth: 1, heads: 2, mlp_ratio: 2, patch: 8, pool: cls, norm: post, "
     "positions: sinusoidal, activation: relu}", vit_signal),
    ("gru of text", "text", "{type: gru, hidden_size: 8, embedding: 4}", recurrent("text", nn.GRU, 8, "sequence")),
    ("decoder, tied", "text", "{type: transformer, width: 8, depth: 1, heads: 2, mlp_ratio: 2, tied_embeddings: true}", decoder),
]


def tensors(group):
    found = {}
    group.visititems(lambda name, item: found.__setitem__(name, torch.from_numpy(item[()].astype(numpy.float64)))
                     if isinstance(item, h5py.Dataset) else None)
    trained = [name for name in found if group[name].attrs.get("kind") != "buffer"]
    return found, trained


def loss_of(run, w, x, y, training):
    return F.cross_entropy(run(w, x, training).flatten(0, -2), y.flatten())


def top(run, w, names, x, y, steps=300):
    """Largest algebraic eigenvalue of the Hessian, by power iteration on H + shift."""
    for name in names:
        w[name].requires_grad_()
    parameters = [w[name] for name in names]
    gradient = torch.autograd.grad(loss_of(run, w, x, y, False), parameters, create_graph=True)
    flat = torch.cat([g.flatten() for g in gradient])
    torch.manual_seed(0)
    basis, diagonal, off = [torch.randn(flat.numel(), dtype=torch.float64)], [], []
    basis[0] /= basis[0].norm()
    for _ in range(min(steps, flat.numel())):
        h = torch.cat([p.flatten() for p in torch.autograd.grad(flat, parameters, basis[-1], retain_graph=True)])
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
        for number, (name, kind, architecture, run) in enumerate(NETS):
            x, y, split = data[kind]
            head = DATASETS[kind] + f"architecture: {architecture}\n"
            with open(basin_run(basin, work, f"step{number}", head + STEP), "rb") as raw, h5py.File(raw) as file:
                w, trained = tensors(file["weights/initial"])
                after, _ = tensors(file["weights/final"])
                for key in trained:
                    w[key].requires_grad_()
                loss_of(run, w, x[:split], y[:split], True).backward()
                theirs = torch.cat([w[key].grad.flatten() for key in trained])
                ours = torch.cat([((w[key].detach() - after[key]) / RATE).flatten() for key in trained])
                check(name, "gradient (norm)", float(ours.norm()), float(theirs.norm()), 1e-3)
                check(name, "gradient (difference)", 1 + float((ours - theirs).norm() / theirs.norm()), 1.0, 1e-3)
            with open(basin_run(basin, work, f"trained{number}", head + TRAINED), "rb") as raw, h5py.File(raw) as file:
                w, trained = tensors(file["weights/final"])
                with torch.no_grad():
                    for part, rows in (("train", slice(0, split)), ("test", slice(split, None))):
                        theirs = float(loss_of(run, w, x[rows], y[rows], False))
                        check(name, f"{part}_loss", float(file[f"measures/{part}_loss"][()]), theirs, 1e-4)
                check(name, "hessian_lambda_max", float(file["measures/hessian_lambda_max"][()]),
                      float(top(run, w, trained, x[:split], y[:split])), 1e-2)
    return 0 if agreed else 1


if __name__ == "__main__":
    root = pathlib.Path(__file__).resolve().parent.parent
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else root / "build/basin"))
