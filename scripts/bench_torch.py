"""Called by scripts/bench: the nets of the bench in PyTorch, in turn with ours, one thread a process.

    python3 scripts/bench_torch.py build/tests/bench/bench

The same work: momentum SGD, batches gathered from the 60,000 resident images (bytes scaled to [0, 1] on the way),
shuffled every epoch, float32. PyTorch's side keeps the images as float32, which saves it a conversion, and uses its fused
optimiser. FLOPs as ours: two per multiply-add of the products needed, no data gradient of the first layer.
"""
import gzip
import re
import subprocess
import sys
import time

import numpy
import torch

ROUNDS, SECONDS = 5, 2.5
FOLDER = "/usr/share/datasets/fashion-mnist/"
NETS = [("wide", "MLP 784-512-512-10, batch 128", [784, 512, 512, 10], 128),
        ("narrow", "MLP 784-64-10, batch 32", [784, 64, 10], 32)]


def row(what, value, target="", verdict=""):
    print(f"{what:<48}  {value:<36} {target:<16} {verdict}", flush=True)


def load():
    with gzip.open(FOLDER + "train-images-idx3-ubyte.gz") as file:
        images = numpy.frombuffer(file.read(), numpy.uint8, offset=16).reshape(-1, 784)
    with gzip.open(FOLDER + "train-labels-idx1-ubyte.gz") as file:
        labels = numpy.frombuffer(file.read(), numpy.uint8, offset=8)
    return torch.from_numpy(images.astype(numpy.float32) / 255), torch.from_numpy(labels.astype(numpy.int64))


class Net:
    """One net with its endless training."""

    def __init__(self, widths, batch, images, labels):
        layers = []
        for fan_in, fan_out in zip(widths, widths[1:]):
            layers += [torch.nn.Linear(fan_in, fan_out), torch.nn.ReLU()]
        self.model = torch.nn.Sequential(*layers[:-1])
        self.batch, self.images, self.labels = batch, images, labels
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9, fused=True)
        products = [a * b for a, b in zip(widths, widths[1:])]
        self.flops = 2 * batch * (3 * sum(products) - products[0])
        self.batches = self.endless()
        self.run(0.5)

    def endless(self):
        while True:
            order = torch.randperm(len(self.images))
            for rows in order.split(self.batch):
                if len(rows) == self.batch:
                    yield rows

    def step(self):
        rows = next(self.batches)
        loss = torch.nn.functional.cross_entropy(self.model(self.images[rows]), self.labels[rows])
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()

    def run(self, seconds):
        """Seconds a step."""
        start, steps = time.perf_counter(), 0
        while time.perf_counter() - start < seconds:
            self.step()
            steps += 1
        return (time.perf_counter() - start) / steps


def ours(program, name):
    """FLOP/s and seconds a step of one slice."""
    slice_ = subprocess.run([program, "slice", name, str(SECONDS)], check=True, capture_output=True, text=True)
    words = slice_.stdout.split()
    return float(words[0]), float(words[1])


def product_rate():
    """FLOP/s of the first product of the wide net alone: what PyTorch's BLAS gives it on this CPU."""
    a, b, best = torch.randn(128, 784), torch.randn(784, 512), float("inf")
    for _ in range(20 * ROUNDS):
        start = time.perf_counter()
        for _ in range(10):
            torch.mm(a, b)
        best = min(best, (time.perf_counter() - start) / 10)
    return 2 * 128 * 784 * 512 / best


def main(program):
    torch.set_num_threads(1)
    torch.set_num_interop_threads(1)
    images, labels = load()
    config = torch.__config__.show()
    blas = re.search(r"BLAS_INFO=(\w+)", config)
    onednn = re.search(r"MKL-DNN v([\d.]+)", config)
    row(f"PyTorch {torch.__version__}",
        f"(BLAS {blas.group(1) if blas else '?'}, oneDNN {onednn.group(1) if onednn else '?'})")
    row("  GFLOP/s of its 128 x 784 x 512 product alone", f"{product_rate() * 1e-9:.1f}")
    for name, what, widths, batch in NETS:
        net, best, theirs = Net(widths, batch, images, labels), 0.0, float("inf")
        for _ in range(ROUNDS):
            best = max(best, ours(program, name)[0])
            theirs = min(theirs, min(net.run(SECONDS / ROUNDS) for _ in range(ROUNDS)))
        rate = net.flops / theirs
        row(f"{what}: Basin / PyTorch", f"{best / rate:.2f}")
        row("  GFLOP/s: Basin, PyTorch; PyTorch a step", f"{best * 1e-9:.1f}, {rate * 1e-9:.1f}; {theirs * 1e3:.4f} ms")


main(sys.argv[1])
