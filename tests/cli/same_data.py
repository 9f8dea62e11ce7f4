"""The same arrays in every format that Basin reads: /usr/bin/python3 same_data.py BASIN

Writes tables, grey and coloured images and a regression as CSV (gzipped too), .npz, .npy (both byte orders, both orders of
elements), HDF5, MATLAB 7.3, safetensors, IDX, CIFAR-10 and folders of PNG files; as training and test data, and as one set that
is split. Whatever the format, a run must have the same digest of its data, the same curves, weights, measures and rows, bit for
bit, and `basin data` must write the same arrays, from which a spec gives these numbers again. Losses of linear models are
computed with numpy from the arrays and the stored weights. Needs Debian's module h5py, and is skipped where that is missing.
"""
import csv
import gzip
import json
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import h5py
    import numpy as np
except ImportError as missing:
    print(f"skipped: {sys.executable} has no module {missing.name} (Debian: python3-h5py)")
    sys.exit(SKIPPED)

sys.path.insert(0, str(pathlib.Path(__file__).parent / "cases"))
import pictures  # noqa: E402

SPEC = """study: s
dataset: {%s}
architecture: %s
training: {epochs: 2, batch_size: 8}
precision: float64
"""
TYPES = {"<f8": "F64", "|u1": "U8", "<i8": "I64"}


def parts(arrays):
    """Names of the training arrays and of the test arrays, and what a file of each part is called."""
    yield "", "train"
    if "x_test" in arrays:
        yield "_test", "test"


# ---- a writer for each format: what the block says of the files ----

def rows(arrays, end):
    """Cells as CSV has them: what repr says of a number reads back to the same bits."""
    x, y = arrays["x" + end].reshape(len(arrays["x" + end]), -1), arrays["y" + end]
    y = y.reshape(len(y), -1)
    columns = [f"x{i}" for i in range(x.shape[1])] + [f"y{i}" for i in range(y.shape[1])] + ["group"] * ("group" in arrays)
    yield columns
    for i in range(len(x)):
        cells = x[i].tolist() + y[i].tolist() + ([arrays["group"][i]] if "group" in arrays else [])
        yield [repr(cell) if isinstance(cell, float) else cell for cell in cells]


def write_csv(arrays, opened, name):
    keys = {"": "path", "_test": "test_path"}
    block = []
    for end, part in parts(arrays):
        path = f"{part}.{name}"
        with opened(path, "wt", newline="") as file:
            csv.writer(file).writerows(rows(arrays, end))
        block.append(f"{keys[end]}: {path}")
    y, x = arrays["y"], arrays["x"]
    targets = [f"y{i}" for i in range(y.shape[1] if y.ndim > 1 else 1)]
    block.append(f"targets: [{', '.join(targets)}]" if len(targets) > 1 else "target: y0")
    if x.dtype == np.uint8:
        block.append(f"type: uint8, shape: {list(x.shape[1:])}")
    return "name: csv, " + ", ".join(block + ["group: group"] * ("group" in arrays))


def named_group(arrays):
    return ", group: group" if "group" in arrays else ""


def write_npz(arrays):
    np.savez_compressed("data.npz", **arrays)
    return "name: numpy, path: data.npz" + named_group(arrays)


def write_channels_first(arrays):
    turned = {key: np.moveaxis(array, 3, 1) if key[0] == "x" else array for key, array in arrays.items()}
    np.savez("first.npz", **turned)
    return "name: numpy, path: first.npz, layout: channels_first"


def write_pairs(arrays, end, turned):
    for key, array in arrays.items():
        np.save(key + end, turned(array))
    return "name: numpy, " + ", ".join(f"{key}_path: {key}{end}.npy" for key in arrays)


def swapped(array):
    """Big-endian, first index fastest."""
    return np.asfortranarray(array.astype(array.dtype.newbyteorder(">")))


def write_hdf5(arrays):
    with h5py.File("data.h5", "w") as file:
        for key, array in arrays.items():
            texts = array.dtype.kind == "U"
            file.create_dataset(key, data=array.astype(object) if texts else array, dtype=h5py.string_dtype() if texts else None)
    return "name: hdf5, path: data.h5" + named_group(arrays)


def write_matlab(arrays):
    """As MATLAB does it: a user block, dimensions in reverse, every number but uint8 a double, vectors as 1 x N."""
    with h5py.File("data.mat", "w", userblock_size=512) as file:
        for key, array in arrays.items():
            kind = "uint8" if array.dtype == np.uint8 else "double"
            if array.dtype.kind == "U":
                kind, width = "char", array.dtype.itemsize // 4
                array = np.array([[ord(c) for c in text.ljust(width)] for text in array], dtype="u2")
            elif kind == "double":
                array = array.astype("f8")
            item = file.create_dataset(key, data=array.reshape(-1, 1) if array.ndim == 1 else array.transpose())
            item.attrs["MATLAB_class"] = np.bytes_(kind)
            if kind == "char":
                item.attrs["MATLAB_int_decode"] = np.int32(2)
    with open("data.mat", "r+b") as file:
        file.write(b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(124) + b"\x00\x02IM")
    return "name: matlab, path: data.mat" + named_group(arrays)


def write_safetensors(arrays):
    header, data = {}, b""
    for key, array in arrays.items():
        header[key] = {"dtype": TYPES[array.dtype.str], "shape": array.shape, "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    pathlib.Path("data.safetensors").write_bytes(struct.pack("<Q", len(text)) + text + data)
    return "name: safetensors, path: data.safetensors" + named_group(arrays)


def write_idx(arrays):
    block = []
    for end, part in parts(arrays):
        for key, what in ("x", "images"), ("y", "labels"):
            array = arrays[key + end].astype("u1")
            head = struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape)
            pathlib.Path(f"{part}-{what}").write_bytes(head + array.tobytes())
            block.append(f"{part}_{what}: {part}-{what}")
    return "name: idx, " + ", ".join(block)


def write_folders(arrays):
    """A folder for each class; the names of files are in the order of the examples, which are sorted by class."""
    for end, part in parts(arrays):
        for i, (pixels, label) in enumerate(zip(arrays["x" + end], arrays["y" + end])):
            path = pathlib.Path("pictures", part, f"class-{label}", f"{i:04}.png")
            path.parent.mkdir(parents=True, exist_ok=True)
            lines = [line.tobytes() for line in pixels]
            path.write_bytes(pictures.png(pixels.shape[1], pixels.shape[0], lines, kind=2 if pixels.ndim == 3 else 0))
    return "name: images, path: pictures/train" + (", test_path: pictures/test" if "x_test" in arrays else "")


def write_cifar(arrays):
    os.makedirs("cifar", exist_ok=True)
    for end, name in ("", "data_batch_1"), ("_test", "test_batch"):
        planes = arrays["x" + end].transpose(0, 3, 1, 2).reshape(len(arrays["x" + end]), -1)
        records = np.concatenate([arrays["y" + end].astype("u1").reshape(-1, 1), planes], axis=1)
        pathlib.Path("cifar", name + ".bin").write_bytes(records.tobytes())
    return "name: cifar10, path: cifar"


def written(arrays):
    """The block of each format that can hold the arrays."""
    x, y = arrays["x"], arrays["y"]
    yield write_hdf5(arrays)
    yield write_csv(arrays, open, "csv")
    yield write_csv(arrays, gzip.open, "csv.gz")
    yield write_npz(arrays)
    yield write_pairs(arrays, "-plain", np.ascontiguousarray)
    yield write_pairs(arrays, "-swapped", swapped)
    yield write_matlab(arrays)
    if y.dtype.kind != "U":
        yield write_safetensors(arrays)
    if x.dtype == np.uint8:
        yield write_folders(arrays)
    if x.dtype == np.uint8 and "x_test" in arrays:
        yield write_idx(arrays)
    if x.ndim == 4:
        yield write_channels_first(arrays)
    if x.shape[1:] == (32, 32, 3) and "x_test" in arrays:
        yield write_cifar(arrays)


# ---- what a run leaves ----

def numbers(path):
    """Curves, weights, measures and rows as bytes, and the digest of the data."""
    found = {}

    def take(name, item):
        if isinstance(item, h5py.Dataset) and name.startswith(("curves/", "weights/", "measures/", "data/rows")):
            found[name] = item[()].tobytes()

    with h5py.File(path) as file:
        file.visititems(take)
        found["digest"] = file["data"].attrs["digest"]
    assert "curves/train_loss" in found and len(found) > 10 and any(name.startswith("weights/") for name in found), found.keys()
    return found


def run_basin(*arguments):
    done = subprocess.run([BASIN, *arguments], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"basin {' '.join(arguments)}: {pathlib.Path('spec.yaml').read_text()}\n{done.stderr}")


def train(block, architecture):
    pathlib.Path("spec.yaml").write_text(SPEC % (block, architecture))
    subprocess.run(["rm", "-rf", "out"], check=True)
    run_basin("run", "spec.yaml", "-o", "out")
    (path,) = pathlib.Path("out/runs").glob("*.h5")
    return path


def exported():
    """The arrays that `basin data` writes of spec.yaml; names of features are the format's."""
    pathlib.Path("exported.h5").unlink(missing_ok=True)
    run_basin("data", "spec.yaml", "-o", "exported.h5")
    with h5py.File("exported.h5") as file:
        found = {name: file[name][()].tobytes() for name in file if name != "features" and isinstance(file[name], h5py.Dataset)}
        held_out = int((file["part"][()] == 1).sum()) if "part" in file else 0
    assert {"x", "y", "x_test", "y_test"} <= found.keys(), found.keys()
    return found, held_out


# ---- the cases ----

def labelled(random, x, classes):
    """Sorted by class, as folders are; every class is there."""
    return x, np.sort(np.arange(len(x)) % classes)


def cases():
    random = np.random.default_rng(3)
    table, targets = random.normal(size=(60, 5)), random.normal(size=(60, 2))
    labels = random.permutation(np.arange(60) % 3)
    groups = random.integers(0, 12, 60)
    words = np.array(["eel", "cat", "dogs"])
    grey, grey_labels = labelled(random, random.integers(0, 256, (60, 6, 5), "u1"), 3)
    color, color_labels = labelled(random, random.integers(0, 256, (30, 32, 32, 3), "u1"), 10)
    small, small_labels = labelled(random, random.integers(0, 256, (40, 6, 5, 3), "u1"), 2)
    yield "table, labels 1 to 3", two(table, labels + 1), "standardize: feature"
    yield "table, texts", two(table, words[labels]), ""
    yield "grey images", two(grey, grey_labels), "standardize: global"
    yield "color images", two(color, color_labels), ""
    yield "regression", two(table, targets), "standardize: feature"
    yield "table, split by classes", {"x": table, "y": labels}, "test_fraction: 0.2, validation_fraction: 0.25, stratify: true"
    yield "table, split by groups", {"x": table, "y": labels, "group": groups}, "test_fraction: 0.2, validation_fraction: 0.2, seed: 4"
    yield "table, two of its classes", {"x": table, "y": labels + 1}, "test_fraction: 0.25, classes: [3, 1], label_noise: 0.25"
    yield "texts, two of the classes", {"x": table, "y": words[labels]}, "test_fraction: 0.25, stratify: true, classes: [eel, cat]"
    yield "grey images, split", {"x": grey, "y": grey_labels}, "test_fraction: 0.2, validation_size: 9, stratify: true"
    yield "color images, split", {"x": small, "y": small_labels}, "test_fraction: 0.2"
    yield "regression, split", {"x": table, "y": targets}, "test_fraction: 0.2, validation_fraction: 0.2"


def two(x, y):
    """Every third example tests, so that both parts stay sorted where all are."""
    tests = np.arange(len(x)) % 3 == 2
    return {"x": x[~tests], "y": y[~tests], "x_test": x[tests], "y_test": y[tests]}


def differing(wanted, found):
    return sorted(key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key))


def check_case(name, arrays, more):
    """How many formats give other numbers than the first; how many there are."""
    architecture = "{type: cnn, channels: [2]}" if arrays["x"].dtype == np.uint8 else "{type: mlp, hidden: [4]}"
    wanted = wanted_file = None
    bad = count = 0
    for block in written(arrays):
        found = numbers(train(", ".join(filter(None, [block, more])), architecture))
        file, held_out = exported()
        wanted, wanted_file = wanted or found, wanted_file or file
        wrong = differing(wanted, found) + [f"basin data: {key}" for key in differing(wanted_file, file)]
        back = numbers(train(f"name: hdf5, path: exported.h5, validation_size: {held_out}", architecture))
        wrong += [f"from basin data: {key}" for key in differing(wanted, back) if key != "digest" and not key.startswith("data/rows")]
        count += 1
        if wrong:
            bad += 1
            print(f"{name}: {block}: other {', '.join(wrong)}")
    other, y = dict(arrays, x=arrays["x"].copy()), arrays["y"]
    row = other["x"][0 if y.ndim > 1 else np.argsort(y)[0]]  # of a class that is listed where some are
    row.flat[3] = 255 - row.flat[3]
    if numbers(train(", ".join(filter(None, [write_npz(other), more])), architecture))["digest"] == wanted["digest"]:
        bad += 1
        print(f"{name}: another value has the same digest")
    return bad, count


# ---- numbers by numpy ----

def standardised(arrays):
    mean, deviation = arrays["x"].mean(axis=0), arrays["x"].std(axis=0)
    return {end: (arrays["x" + end] - mean) / deviation for end in ("", "_test")}


def cross_entropy(outputs, y):
    shifted = outputs - outputs.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y])


def squares(outputs, y):
    return np.mean((outputs - y) ** 2)


def check_losses():
    """Losses of a linear model with the weights that were stored, in each format."""
    random = np.random.default_rng(8)
    x, labels, targets = random.normal(size=(60, 5)) * 3 + 1, random.permutation(np.arange(60) % 3), random.normal(size=(60, 2))
    bad = 0
    for y, loss, shift in (labels + 1, cross_entropy, 1), (targets, squares, 0):
        arrays = two(x, y)
        inputs = standardised(arrays)
        for block in written(arrays):
            with h5py.File(train(block + ", standardize: feature", "linear")) as file:
                (weight,) = (item[()] for name, item in file["weights/final"].items() if name.endswith("weight"))
                (bias,) = (item[()] for name, item in file["weights/final"].items() if name.endswith("bias"))
                for end, key in ("", "train_loss"), ("_test", "test_loss"):
                    wanted, found = loss(inputs[end] @ weight.T + bias, arrays["y" + end] - shift), file["measures"][key][()]
                    if not abs(found - wanted) <= 1e-12 * wanted:
                        bad += 1
                        print(f"{block}: {key} is {found!r}, but {wanted!r} by numpy")
    return bad


def main():
    bad = total = 0
    home = os.getcwd()
    for number, (name, arrays, more) in enumerate(cases()):
        os.mkdir(f"{home}/{number}")
        os.chdir(f"{home}/{number}")
        wrong, count = check_case(name, arrays, more)
        bad, total = bad + wrong, total + count
    os.chdir(home)
    wrong = check_losses()
    print(f"{total} sets of files, {bad} differ; {wrong} losses are not those of numpy")
    assert total > 100, total
    return bad + wrong > 0


if __name__ == "__main__":
    BASIN = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        status = main()
        os.chdir("/")
    sys.exit(status)
