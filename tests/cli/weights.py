"""Measures over runs against numpy: python3 weights.py BASIN

Trains small perceptrons in float64, reads their weights and data back with h5py, and computes ensembles, bias and variance,
barriers, CKA and agreement with plain numpy, from their definitions. Every number of `basin table --across` must agree.
Networks with batch normalisation are interpolated with the statistics of the whole training set. Needs python3-h5py.
"""
import itertools
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

try:
    import h5py
    import numpy as np
except ImportError as error:
    sys.exit(f"weights.py needs numpy and h5py: {error} (apt-get install python3-h5py)")

BASIN = str(Path(sys.argv[1]).resolve())
STUDY = """study: w
dataset: {{name: hdf5, path: data.h5, train_size: 80{dataset}}}
precision: float64
architecture: {architecture}
training: {{batch_size: 20, epochs: 6{training}}}
{axis}
"""
problems, compared = [], []


def run(*arguments):
    done = subprocess.run([BASIN, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"basin {' '.join(arguments)}: {done.stderr}")
    return done.stdout


def train(folder, **words):
    Path(f"{folder}.yaml").write_text(STUDY.format(**{"dataset": "", "training": "", **words}))
    run("run", f"{folder}.yaml", "-o", folder)
    rows = json.loads(run("table", folder, "--json", "-c", "file,test_loss,train_loss,dataset.seed,seed"))
    return [row["file"] for row in rows], rows


def across(folder, request):
    return json.loads(run("table", folder, "--json", "--across", request))


def near(what, found, wanted, tolerance=1e-9):
    compared.append(what)
    if found is None or not abs(found - wanted) <= tolerance * max(1, abs(wanted)):
        problems.append(f"{what}: {found}, numpy says {wanted}")


def weights(file):
    with h5py.File(file) as h5:
        found = {}
        h5["weights/final"].visititems(lambda name, item: found.__setitem__(name.replace("/", "."), item[...])
                                       if isinstance(item, h5py.Dataset) else None)
        return found


def examples(folder):
    """What `basin data` says that the runs of a study see: x, y of the training and of the test part."""
    run("data", f"{folder}.yaml", "-o", f"{folder}-data.h5")
    with h5py.File(f"{folder}-data.h5") as h5:
        return tuple(np.asarray(h5[name]) for name in ("x", "y", "x_test", "y_test"))


def forward(w, x, hidden=None, own=None):
    """A perceptron; with batch normalisation (layers.N.running_mean) by those statistics, or (`own`) by those of x, which
    are put into it. hidden: a list that gets the activations."""
    layers = sorted({int(name.split(".")[1]) for name in w})
    for n in layers:
        if f"layers.{n}.running_mean" in w:
            mean, var = w[f"layers.{n}.running_mean"], w[f"layers.{n}.running_var"]
            if own is not None:
                mean, var = x.mean(0), x.var(0)
                own[f"layers.{n}.running_mean"], own[f"layers.{n}.running_var"] = mean, x.var(0, ddof=1)
            x = (x - mean) / np.sqrt(var + 1e-5) * w[f"layers.{n}.weight"] + w[f"layers.{n}.bias"]
            x = np.maximum(x, 0)
        else:
            x = x @ w[f"layers.{n}.weight"].T + w[f"layers.{n}.bias"]
            if n != layers[-1] and f"layers.{n + 1}.running_mean" not in w:
                x = np.maximum(x, 0)
        if hidden is not None:
            hidden.append(x)
    return x


def log_softmax(f):
    f = f - f.max(1, keepdims=True)
    return f - np.log(np.exp(f).sum(1, keepdims=True))


def check_predictions(folder, files, request, x, y):
    log_p = np.array([log_softmax(forward(weights(file), x)) for file in files])
    p, onehot, n, m = np.exp(log_p), np.eye(log_p.shape[2])[y], len(y), len(files)
    right = log_p.argmax(2) == y

    for row in across(folder, f"ensemble: {{{request}}}"):
        k = row["members"]
        q = p[:k].mean(0)
        near("ensemble nll", row["nll"], -np.log(q[range(n), y]).mean())
        near("ensemble accuracy", row["accuracy"], (q.argmax(1) == y).mean())
        near("ensemble brier", row["brier"], ((q - onehot) ** 2).sum(1).mean())
        near("ensemble ambiguity", row["ambiguity"], ((p[:k] - q) ** 2).sum(2).mean())
        near("the identity", row["brier"], row["mean_brier"] - row["ambiguity"], 1e-10)
        if row["nll"] > row["mean_nll"] + 1e-15:
            problems.append("an ensemble is less likely than its members")

    [row] = across(folder, f"bias_variance: {{{request}}}")
    near("squared error", row["squared_error"], ((p - onehot) ** 2).sum(2).mean())
    variance = p.var(0, ddof=1).sum(1).mean()
    near("squared variance", row["squared_variance"], variance)
    near("squared bias", row["squared_bias"], ((p.mean(0) - onehot) ** 2).sum(1).mean() - variance / m)
    geometric = np.exp(log_p.mean(0))
    geometric /= geometric.sum(1, keepdims=True)
    near("entropy bias", row["cross_entropy_bias"], -np.log(geometric[range(n), y]).mean())
    near("entropy variance", row["cross_entropy_variance"], (geometric * (np.log(geometric) - log_p)).sum(2).mean())
    near("cross-entropy", row["cross_entropy"], -log_p[:, range(n), y].mean())
    main = np.array([np.bincount(votes, minlength=10).argmax() for votes in log_p.argmax(2).T])
    near("error", row["error"], 1 - right.mean())
    near("error bias", row["error_bias"], (main != y).mean())
    near("error variance", row["error_variance"], (log_p.argmax(2) != main).mean())
    near("net variance", row["error_net_variance"],
         np.where(main == y, (log_p.argmax(2) != main).mean(0), -right.mean(0)).mean())
    for kind, spread in (("squared", "squared_variance"), ("cross_entropy", "cross_entropy_variance"),
                         ("error", "error_net_variance")):
        near(f"sum of {kind}", row[f"{kind}_bias"] + row[spread],
             row["squared_error" if kind == "squared" else kind], 1e-10)

    rows = across(folder, f"agreement: {{{request}}}")
    shares = []
    for row, (i, j) in zip(rows, itertools.combinations(range(m), 2)):
        equal, a, b = log_p[i].argmax(1) == log_p[j].argmax(1), right[i].mean(), right[j].mean()
        shares.append(equal)
        near("agreement", row["agreement"], equal.mean())
        near("its error", row["agreement_error"], equal.std() / np.sqrt(n))
        near("expected", row["agreement_expected"], a * b + (1 - a) * (1 - b) / 9)
        along = equal + right[i] * ((1 - b) / 9 - b) + right[j] * ((1 - a) / 9 - a)
        near("error of the excess", row["agreement_excess_error"], along.std() / np.sqrt(n))
        chance = a * b + (1 - a) * (1 - b)
        near("consistency", row["error_consistency"], ((right[i] == right[j]).mean() - chance) / (1 - chance))
    near("mean agreement", rows[-1]["agreement"], np.mean(shares))
    near("its error", rows[-1]["agreement_error"], np.mean(shares, 0).std() / np.sqrt(n))


def cka(x, y):
    """Plain and debiased, from the definitions with centring matrices."""
    n = len(x)
    centre, one = np.eye(n) - 1 / n, np.ones(n)

    def hsic(k, l):
        plain = np.trace(k @ centre @ l @ centre)
        k, l = k - np.diag(np.diag(k)), l - np.diag(np.diag(l))
        unbiased = np.trace(k @ l) + (one @ k @ one) * (one @ l @ one) / (n - 1) / (n - 2) - 2 / (n - 2) * (one @ k @ l @ one)
        return np.array([plain, unbiased / n / (n - 3)])
    k, l = x @ x.T, y @ y.T
    return hsic(k, l) / np.sqrt(hsic(k, k) * hsic(l, l))


def check_cka(folder, files, x):
    hidden = []
    for file in files:
        hidden.append([])
        forward(weights(file), x[:70], hidden[-1])
    rows = across(folder, "cka: {layers: [layers.0.activation, layers.2], examples: 70}")
    for layer, index in (("layers.0.activation", 0), ("layers.2", 2)):
        own = [row for row in rows if row["layer"] == layer]
        for row, (i, j) in zip(own, itertools.combinations(range(len(files)), 2)):
            plain, debiased = cka(hidden[i][index], hidden[j][index])
            near(f"cka of {layer}", row["cka"], plain)
            near(f"debiased cka of {layer}", row["cka_debiased"], debiased)
    if len(rows) != 2 * (len(files) * (len(files) - 1) // 2 + 1):
        problems.append(f"{len(rows)} rows of cka")


def at_point(a, b, t, x, y, x_test, y_test):
    w = {name: (1 - t) * a[name] + t * b[name] for name in a}
    forward(w, x, own=w)  # no matter where there is no batch normalisation
    numbers = []
    for part, labels in ((x, y), (x_test, y_test)):
        log_p = log_softmax(forward(w, part))
        numbers += [-log_p[range(len(labels)), labels].mean(), (log_p.argmax(1) != labels).mean()]
    return numbers


def permuted(w, hidden, permutations):
    """Units of hidden layers renumbered: unit k is the former permutations[layer][k]."""
    w = {name: array.copy() for name, array in w.items()}
    for n, order in permutations.items():
        for name in list(w):
            if name.startswith(f"layers.{n}."):
                w[name] = w[name][order]
        w[f"layers.{n + 1}.weight"] = w[f"layers.{n + 1}.weight"][:, order]
    return w


def check_barriers(folder, files, parts, permute):
    option = "points: 5, permute: " + str(permute).lower()
    lines = across(folder, f"interpolation: {{{option}}}")
    barriers = across(folder, f"barrier: {{{option}}}")
    matched = across(folder, "matching") if permute else []
    curves = []
    for number, (i, j) in enumerate(itertools.combinations(range(len(files)), 2)):
        a, b = weights(files[i]), weights(files[j])
        own = barriers[number]
        if permute:
            orders = {}
            for row in matched:
                if row["pair"] == own["pair"]:
                    orders.setdefault(int(row["layer"].split(".")[1]), []).append(row["matched"])
            former = sum(((a[name] - b[name]) ** 2).sum() for name in a) ** 0.5
            b = permuted(b, None, orders)
            if own["distance"] > former + 1e-9:
                problems.append("matching moved networks apart")
        near("distance", own["distance"], sum(((a[name] - b[name]) ** 2).sum() for name in a if "running" not in name) ** 0.5)
        curve = np.array([at_point(a, b, t, *parts) for t in np.linspace(0, 1, 5)])
        curves.append(curve)
        names = ("train_loss", "train_error", "test_loss", "test_error")
        for k, row in enumerate(lines[5 * number:5 * number + 5]):
            for name, value in zip(names, curve[k]):
                near(f"{folder} {name} at {row['t']}", row[f"line_{name}"], value)
        for name, values in zip(names, curve.T):
            near(f"{folder} barrier of {name}", own[f"{name}_barrier"], values.max() - (values[0] + values[-1]) / 2)
            near(f"{folder} middle of {name}", own[f"{name}_middle"], values[2])
    if len(curves) > 1:
        near("mean barrier", barriers[-1]["test_loss_barrier"],
             np.mean([c[:, 2].max() - (c[0, 2] + c[-1, 2]) / 2 for c in curves]))


def check_ridge():
    """Linear networks that descend to the ridge solution of their training set: bias and variance of that solution."""
    random = np.random.default_rng(5)
    beta, penalty, sets = random.normal(size=6), 0.1, 12
    x, x_test = random.normal(size=(2000, 6)), random.normal(size=(60, 6))
    y, y_test = x @ beta + random.normal(size=2000), x_test @ beta
    with h5py.File("ridge.h5", "w") as h5:
        for name, array in (("x", x), ("y", y), ("x_test", x_test), ("y_test", y_test)):
            h5[name] = array
    Path("ridge.yaml").write_text(f"""study: ridge
dataset: {{name: hdf5, path: ridge.h5, train_size: 30}}
precision: float64
architecture: {{type: linear, bias: false, initializer: zeros}}
training: {{epochs: 1500, optimizer: {{type: gd, learning_rate: 0.2}}}}
regularizers: {{l2: {penalty}}}
sweep: {{grid: {{dataset.seed: {list(range(sets))}}}}}
""")
    run("run", "ridge.yaml", "-o", "ridge")
    predictions = []
    for row in json.loads(run("table", "ridge", "--json", "-c", "file")):
        with h5py.File(row["file"]) as h5:
            rows = h5["data/rows/train"][...]
        a, b = x[rows], y[rows]
        w = np.linalg.solve(a.T @ a / len(rows) + penalty * np.eye(6), a.T @ b / len(rows))
        predictions.append(x_test @ w)
    f = np.array(predictions)
    [row] = across("ridge", "bias_variance: {over: seed.data}")
    variance = f.var(0, ddof=1).mean()
    near("ridge variance", row["squared_variance"], variance, 1e-8)
    near("ridge bias", row["squared_bias"], ((f.mean(0) - y_test) ** 2).mean() - variance / sets, 1e-8)
    near("ridge risk", row["squared_error"], ((f - y_test) ** 2).mean(), 1e-8)


def main():
    Path("pool.yaml").write_text("study: p\ndataset: {name: mnist1d, train_size: 400, test_size: 150}\narchitecture: linear\n")
    run("data", "pool.yaml", "-o", "data.h5")

    files, rows = train("seeds", architecture="{type: mlp, hidden: [12, 9]}", axis="seeds: 3")
    x, y, x_test, y_test = examples("seeds")
    x, x_test = x.reshape(len(x), -1).astype(float), x_test.reshape(len(x_test), -1).astype(float)
    near("the network itself", rows[0]["test_loss"],
         -log_softmax(forward(weights(files[0]), x_test))[range(len(y_test)), y_test].mean())
    check_predictions("seeds", files, "over: seed", x_test, y_test)
    check_cka("seeds", files, x_test)
    for permute in (False, True):
        check_barriers("seeds", files, (x, y, x_test, y_test), permute)

    files, _ = train("normalised", axis="seeds: 2",
                     architecture="{type: sequential, layers: [dense: {units: 8}, batch_norm, relu]}")
    check_barriers("normalised", files, (x, y, x_test, y_test), False)

    files, _ = train("sets", architecture="{type: mlp, hidden: [12]}", axis="sweep: {grid: {dataset.seed: [0, 1, 2, 3]}}")
    check_predictions("sets", files, "over: dataset.seed", x_test, y_test)
    check_ridge()
    for problem in problems[:20]:
        print(problem)
    print(f"{len(compared)} numbers compared, {len(problems)} problems")
    return 1 if problems or len(compared) < 300 else 0


with tempfile.TemporaryDirectory() as place:
    os.chdir(place)
    sys.exit(main())
