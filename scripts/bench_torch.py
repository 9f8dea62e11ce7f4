"""Called by scripts/bench: the nets of the bench in PyTorch, in turn with ours: what a user would run.

    python3 scripts/bench_torch.py build/tests/bench/bench [NET]...

As many processes as cores, one thread each, on either side; a figure is the sum over the processes of the best of five
rounds. The same work: momentum SGD on the same nets and batch sizes, shuffled every epoch, float32, the whole data
resident. PyTorch's side keeps the images as float32, which saves it a conversion, and uses its fused optimiser and fused
attention. Where a data set is not a plain file (MNIST-1D, text), numbers of the same shapes stand in for it.
"""
import gzip
import os
import re
import subprocess
import sys
import time

import numpy
import torch
from torch import nn
from torch.nn import functional as F

ROUNDS, SECONDS = 5, 2.5
FOLDER = "/usr/share/datasets/fashion-mnist/"
TOKENS, CONTEXT = 72, 128  # about the characters of the King James Bible


def row(what, value, target="", verdict=""):
    print(f"{what:<48}  {value:<36} {target:<16} {verdict}", flush=True)


# ---- the nets ----

class Recurrent(nn.Module):
    """(N, T, features) -> last state, or all of them, -> classes."""

    def __init__(self, cell, features, hidden, both, steps):
        super().__init__()
        self.cell, self.all = cell(features, hidden, batch_first=True, bidirectional=both), steps > 1
        self.head = nn.Linear(hidden * (1 + both) * steps, 10)

    def forward(self, x):
        states = self.cell(x)[0]
        return self.head(states.flatten(1) if self.all else states[:, -1])


class Basic(nn.Module):
    """Basic block of a ResNet, with a projection where the shape changes."""

    def __init__(self, inside, outside, stride):
        super().__init__()
        self.first = nn.Conv2d(inside, outside, 3, stride, 1, bias=False)
        self.norm = nn.BatchNorm2d(outside)
        self.second = nn.Conv2d(outside, outside, 3, 1, 1, bias=False)
        self.norm_again = nn.BatchNorm2d(outside)
        self.shortcut = nn.Identity() if stride == 1 else nn.Sequential(
            nn.Conv2d(inside, outside, 1, stride, bias=False), nn.BatchNorm2d(outside))

    def forward(self, x):
        y = F.relu(self.norm(self.first(x)))
        return F.relu(self.norm_again(self.second(y)) + self.shortcut(x))


class Block(nn.Module):
    """Pre-norm transformer block, causal."""

    def __init__(self, width, heads):
        super().__init__()
        self.heads = heads
        self.norm, self.norm_again = nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.out = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.mlp = nn.Sequential(nn.Linear(width, 4 * width), nn.GELU(), nn.Linear(4 * width, width))

    def forward(self, x):
        n, t, width = x.shape
        q, k, v = self.qkv(self.norm(x)).view(n, t, 3, self.heads, -1).permute(2, 0, 3, 1, 4)
        seen = F.scaled_dot_product_attention(q, k, v, is_causal=True)
        x = x + self.out(seen.transpose(1, 2).reshape(n, t, width))
        return x + self.mlp(self.norm_again(x))


class Decoder(nn.Module):
    def __init__(self, width=128, depth=2, heads=4):
        super().__init__()
        self.tokens, self.positions = nn.Embedding(TOKENS, width), nn.Parameter(0.02 * torch.randn(CONTEXT, width))
        self.blocks = nn.Sequential(*[Block(width, heads) for _ in range(depth)])
        self.norm, self.head = nn.LayerNorm(width), nn.Linear(width, TOKENS)

    def forward(self, x):
        return self.head(self.norm(self.blocks(self.tokens(x) + self.positions))).flatten(0, 1)


class Characters(nn.Module):
    """A recurrent language model."""

    def __init__(self, width=256, embedding=32):
        super().__init__()
        self.tokens, self.cell = nn.Embedding(TOKENS, embedding), nn.GRU(embedding, width, batch_first=True)
        self.head = nn.Linear(width, TOKENS)

    def forward(self, x):
        return self.head(self.cell(self.tokens(x))[0]).flatten(0, 1)


def mlp(*widths):
    layers = []
    for fan_in, fan_out in zip(widths, widths[1:]):
        layers += [nn.Linear(fan_in, fan_out), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


def cnn(norm):
    layers = []
    for inside, outside in [(1, 16), (16, 32)]:
        layers += [nn.Conv2d(inside, outside, 3, 1, 1, bias=not norm)] + [nn.BatchNorm2d(outside)] * norm
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
    return nn.Sequential(nn.Unflatten(1, (1, 28)), *layers, nn.Flatten(), nn.Linear(1568, 128), nn.ReLU(),
                         nn.Linear(128, 10))


def resnet():
    return nn.Sequential(nn.Unflatten(1, (1, 28)), nn.Conv2d(1, 16, 3, 1, 1, bias=False), nn.BatchNorm2d(16), nn.ReLU(),
                         Basic(16, 16, 1), Basic(16, 32, 2), Basic(32, 64, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(),
                         nn.Linear(64, 10))


def signal_cnn():
    layers = []
    for inside, kernel in [(1, 5), (25, 3), (25, 3)]:
        layers += [nn.Conv1d(inside, 25, kernel, 2, 1), nn.ReLU()]
    return nn.Sequential(nn.Unflatten(1, (1, 40)), *layers, nn.Flatten(), nn.Linear(125, 10))


def images(*shape):
    with gzip.open(FOLDER + "train-images-idx3-ubyte.gz") as file:
        x = numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, *shape)
    with gzip.open(FOLDER + "train-labels-idx1-ubyte.gz") as file:
        y = numpy.frombuffer(file.read(), numpy.uint8, offset=8)
    return torch.from_numpy(x.astype(numpy.float32) / 255), torch.from_numpy(y.astype(numpy.int64))


def signals(*shape):
    return torch.randn(4000, *shape), torch.randint(10, (4000,))


def windows(context=CONTEXT):
    tokens = torch.randint(TOKENS, (4000, context + 1))
    return tokens[:, :-1].contiguous(), tokens[:, 1:].contiguous()


# key of the bench: module, data, batch, Basin at least so many times as fast
NETS = {
    "mlp-512": (lambda: mlp(784, 512, 512, 10), lambda: images(784), 128, 1.15),
    "mlp-64": (lambda: mlp(784, 64, 10), lambda: images(784), 32, 2.5),
    "cnn": (lambda: cnn(False), lambda: images(28, 28), 128, 1),
    "cnn-bn": (lambda: cnn(True), lambda: images(28, 28), 128, 3),
    "resnet-8": (resnet, lambda: images(28, 28), 128, 3),
    "lstm": (lambda: Recurrent(nn.LSTM, 28, 128, False, 1), lambda: images(28, 28), 128, 1),
    "transformer": (Decoder, windows, 32, 1),
    "gru-text": (Characters, lambda: windows(250), 12, 1),
    "cnn-1d": (signal_cnn, lambda: signals(40), 100, 5),
    "gru-1d": (lambda: Recurrent(nn.GRU, 1, 6, True, 40), lambda: signals(40, 1), 100, 5),
}


# ---- a process of PyTorch's side ----

def endless(count, batch):
    while True:
        for rows in torch.randperm(count).split(batch):
            if len(rows) == batch:
                yield rows


def worker(key):
    """Prints the parameters, then for every line "SECONDS" of stdin the seconds of a step: the best of five slices."""
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    torch.manual_seed(0)
    make, load, batch, _ = NETS[key]
    (x, y), net = load(), make()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9, fused=True)
    batches = endless(len(x), batch)

    def step():
        rows = next(batches)
        loss = F.cross_entropy(net(x[rows]), y[rows].flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()

    def run(seconds):
        start, steps = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            step()
            steps += 1
        return (time.perf_counter() - start) / steps

    run(0.5)
    print(sum(p.numel() for p in net.parameters()), flush=True)
    for line in sys.stdin:
        print(min(run(float(line) / ROUNDS) for _ in range(ROUNDS)), flush=True)


class Theirs:
    """The processes of one net, which wait while ours run."""

    def __init__(self, key, cores):
        self.processes = [subprocess.Popen([sys.executable, __file__, "--worker", key], stdin=subprocess.PIPE,
                                           stdout=subprocess.PIPE, text=True) for _ in range(cores)]
        self.parameters = [int(process.stdout.readline()) for process in self.processes][0]

    def rate(self):
        """Steps a second of all processes together."""
        for process in self.processes:
            process.stdin.write(f"{SECONDS}\n")
            process.stdin.flush()
        return sum(1 / float(process.stdout.readline()) for process in self.processes)

    def close(self):
        for process in self.processes:
            process.communicate()


def ours(program, key, cores):
    """Steps a second of `cores` processes of the bench."""
    processes = [subprocess.Popen([program, "slice", key, str(SECONDS)], stdout=subprocess.PIPE, text=True)
                 for _ in range(cores)]
    return sum(1 / float(process.communicate()[0].split()[1]) for process in processes)


def compare(program, key, cores):
    target = NETS[key][3]
    theirs, best, most = Theirs(key, cores), 0.0, 0.0
    for _ in range(2):
        best, most = max(best, ours(program, key, cores)), max(most, theirs.rate())
    theirs.close()
    row(f"{key}: Basin / PyTorch, {cores} processes", f"{best / most:.2f}", f">= {target:g}",
        "ok" if best >= target * most else "MISSED")
    row("  a step: Basin, PyTorch; its parameters",
        f"{1e3 * cores / best:.3f} ms, {1e3 * cores / most:.3f} ms; {theirs.parameters}")


def product_rate():
    """FLOP/s of the first product of the wide net alone: what PyTorch's BLAS gives it on this CPU."""
    torch.set_num_threads(1)
    a, b, best = torch.randn(128, 784), torch.randn(784, 512), float("inf")
    for _ in range(20 * ROUNDS):
        start = time.perf_counter()
        for _ in range(10):
            torch.mm(a, b)
        best = min(best, (time.perf_counter() - start) / 10)
    return 2 * 128 * 784 * 512 / best


def main(program, keys):
    config = torch.__config__.show()
    blas = re.search(r"BLAS_INFO=(\w+)", config)
    onednn = re.search(r"MKL-DNN v([\d.]+)", config)
    row(f"PyTorch {torch.__version__}",
        f"(BLAS {blas.group(1) if blas else '?'}, oneDNN {onednn.group(1) if onednn else '?'})")
    row("  GFLOP/s of its 128 x 784 x 512 product alone", f"{product_rate() * 1e-9:.1f}")
    for key in keys or NETS:
        compare(program, key, len(os.sched_getaffinity(0)))


if __name__ == "__main__":
    worker(sys.argv[2]) if sys.argv[1] == "--worker" else main(sys.argv[1], sys.argv[2:])
