"""The same arrays in each format give the same numbers: python3 arrays.py BASIN experiments/README.md

Writes arrays of several types as .npz (stored, deflated; other byte order and order of elements), .npy files, safetensors
(by hand, after its description), HDF5 and CSV, trains on each, and compares what results say: how the data were read, the digest
of their content, and every number. Other values in one element must give another digest. Then does what the manual says under
"From NumPy" and what follows it, with the data that its Python writes. Needs numpy and h5py.
"""
import csv
import json
import os
import re
import struct
import subprocess
import sys
import tempfile

import h5py
import numpy as np

SPEC = """study: arrays
dataset: {%s, standardize: %s%s}
architecture: {type: mlp, hidden: [4]}
training: {epochs: 2, batch_size: 8}
"""
DTYPES = {"f2": "F16", "f4": "F32", "f8": "F64", "i1": "I8", "i2": "I16", "i4": "I32", "i8": "I64", "u1": "U8", "u2": "U16",
          "u4": "U32", "u8": "U64", "b1": "BOOL"}
KEYS = ("x", "y", "x_test", "y_test")


def swapped(array):
    """The same values in the other byte order, first index fastest."""
    return np.asfortranarray(array.astype(array.dtype.newbyteorder(">")))


def write_safetensors(path, arrays):
    header, data = {"__metadata__": {"format": "np"}}, b""
    for key, array in reversed(arrays.items()):
        header[key] = {"dtype": DTYPES[array.dtype.str[1:]], "shape": array.shape, "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def write_csv(path, x, y):
    """A row for each example; Python writes floats so that they read back as the same."""
    x, y = x.reshape(len(x), -1), y.reshape(len(y), -1)
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow([f"y{i}" for i in range(y.shape[1])] + [f"x{i}" for i in range(x.shape[1])])
        for target, row in zip(y.astype(str) if y.dtype.kind == "S" else y, x):
            table.writerow(target.tolist() + row.tolist())


def csv_block(x, y):
    """The keys that say what the files do not."""
    kind = {"f2": ", type: float32", "f4": ", type: float32", "u1": ", type: uint8"}.get(x.dtype.str[1:], "")
    targets = ", ".join(f"y{i}" for i in range(y.size // len(y)))
    shape = f", shape: {list(x.shape[1:])}" if x.ndim > 2 else ""
    return f"name: csv, path: train.csv, test_path: test.csv, targets: [{targets}]{kind}{shape}"


def ways(arrays):
    """Each way to write the arrays: the block that reads them."""
    np.savez("stored.npz", **arrays)
    yield "name: numpy, path: stored.npz"
    np.savez_compressed("deflated.npz", a=arrays["x"], b=arrays["y"])
    np.savez_compressed("test.npz", x_test=swapped(arrays["x_test"]), y_test=swapped(arrays["y_test"]))
    yield "name: numpy, path: deflated.npz, test_path: test.npz, x: a, y: b"
    for key in KEYS:
        np.save(key + ".npy", arrays[key])
        np.save(key + "-swapped.npy", swapped(arrays[key]))
    for end in ".npy", "-swapped.npy":
        yield "name: numpy, " + ", ".join(f"{key}_path: {key}{end}" for key in KEYS)
    for path, end in ("train.csv", ""), ("test.csv", "_test"):
        write_csv(path, arrays["x" + end], arrays["y" + end])
    yield csv_block(arrays["x"], arrays["y"])
    if arrays["y"].dtype.kind in "SU":
        return
    write_safetensors("arrays.safetensors", arrays)
    yield "name: safetensors, path: arrays.safetensors"
    with h5py.File("arrays.h5", "w") as file:
        for key in KEYS:
            file[key] = arrays[key]
    yield "name: hdf5, path: arrays.h5"


def trained(basin, block, standardize, more):
    """What a run on these data left, but for its id."""
    with open("spec.yaml", "w") as file:
        file.write(SPEC % (block, standardize, more))
    subprocess.run(["rm", "-rf", "out"], check=True)
    done = subprocess.run([basin, "run", "spec.yaml", "-o", "out"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{block}\n{done.stderr}")
    (name,) = os.listdir("out/runs")
    with h5py.File("out/runs/" + name) as file:
        summary = file["data"].attrs["summary"]
        left = {"summary": summary.split("; target")[0], "digest": file["data"].attrs["digest"]}
        for group in "curves", "weights", "data":
            def take(path, item, group=group):
                if hasattr(item, "shape"):
                    left[group + "/" + path] = np.asarray(item).tobytes()
            file[group].visititems(take)
    return left


def cases():
    rng = np.random.default_rng(0)
    labels = rng.integers(0, 3, 60)
    words = np.array(["dog", "cat", "eel"])
    yield "images of float32", rng.normal(size=(60, 4, 4, 3)).astype("f4"), labels, ""
    yield "images of bytes", rng.integers(0, 256, (60, 4, 4), "u1"), labels.astype("u1"), ""
    yield "halves, labels from 1", rng.normal(size=(60, 5)).astype("f2"), labels.astype("i2") + 1, ""
    yield "integers", rng.integers(-2 ** 40, 2 ** 40, (60, 5)), labels.astype("u8"), ""
    yield "unsigned integers", rng.integers(0, 2 ** 16, (60, 5)).astype("u2"), labels.astype("i1"), ""
    yield "booleans", rng.integers(0, 2, (60, 7)).astype("?"), labels > 0, ""
    yield "regression", rng.normal(size=(60, 5)), rng.normal(size=(60, 2)), ""
    yield "one-hot labels", rng.normal(size=(60, 5)), np.eye(3, dtype="f4")[labels], ", task: classification"
    yield "labels of text", rng.normal(size=(60, 5)), words[labels], ""
    yield "labels of ASCII text", rng.normal(size=(60, 5)), words[labels].astype("S"), ""


def manual(basin, path):
    """Runs the Python of the manual and checks its specs; the number of those that are wrong, and of all."""
    text = open(path, encoding="utf-8").read()
    text = text[text.index("### From NumPy"):text.index("## How data are read")]
    names = {}
    exec(re.search(r"```python\n(.*?)```", text, re.S)[1], names)
    arrays = {"x": names["x"].astype("f4"), "y": names["y"]}
    write_safetensors("own.safetensors", arrays)
    for name, array in ("x", arrays["x"][:400]), ("y", arrays["y"][:400]), ("xt", arrays["x"][400:]), ("yt", arrays["y"][400:]):
        np.save(name + ".npy", array)
    with h5py.File("own.mat", "w", userblock_size=512) as file:
        file["x"], file["y"] = arrays["x"].astype("f8").T, arrays["y"].astype("f8").reshape(-1, 1)
        for key in "x", "y":
            file[key].attrs["MATLAB_class"] = np.bytes_("double")
    blocks = re.findall(r"^    (dataset: \{name: (?:numpy|safetensors|matlab).*\})$", text, re.M)
    wrong = 0
    for block in blocks:
        with open("manual.yaml", "w") as file:
            file.write(f"study: manual\n{block}\narchitecture: linear\ntraining: {{epochs: 1}}\n")
        done = subprocess.run([basin, "check", "manual.yaml"], capture_output=True, text=True)
        if "400 training and 100 test examples of 8 float" not in done.stdout or "2 classes" not in done.stdout:
            wrong += 1
            print(f"{block}\n{done.stdout}{done.stderr}")
    return wrong, len(blocks)


def main():
    basin, readme = map(os.path.abspath, sys.argv[1:3])
    failed = count = 0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for name, x, y, more in cases():
            arrays = {"x": x[:40], "y": y[:40], "x_test": x[40:], "y_test": y[40:]}
            standardize = "none" if x.dtype.kind in "ub" and x.ndim > 2 else "feature"
            first = None
            for block in ways(arrays):
                left = trained(basin, block, standardize, more)
                first = first or left
                count += 1
                wrong = [key for key in sorted(first.keys() | left.keys()) if first.get(key) != left.get(key)]
                if wrong:
                    failed += 1
                    print(f"{name}: {block}: other {', '.join(wrong)}")
            arrays["x"] = arrays["x"].copy()
            arrays["x"].flat[7] = not arrays["x"].flat[7] if x.dtype.kind == "b" else arrays["x"].flat[7] // 2 + 1
            if trained(basin, next(ways(arrays)), standardize, more)["digest"] == first["digest"]:
                failed += 1
                print(f"{name}: another value does not change the digest")
        wrong, specs = manual(basin, readme)
    print(f"{count} files compared, {failed} differ; {specs} specs of the manual, {wrong} wrong")
    return failed + wrong > 0 or count < 50 or specs < 4


if __name__ == "__main__":
    sys.exit(main())
