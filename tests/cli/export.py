"""`basin export` read back by others: /usr/bin/python3 export.py BASIN

Every weight of every set, and every curve, against the run file by h5py. The safetensors file is read by the module of that
name where it is installed, and by its definition in any case. Needs h5py and numpy (Debian: python3-h5py); skipped without them.
"""
import csv
import json
import os
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import h5py
    import numpy
except ImportError as missing:
    print(f"skipped: {sys.executable} has no module {missing.name} (Debian: python3-h5py)")
    sys.exit(SKIPPED)

BASIN = os.path.abspath(sys.argv[1])
STUDY = """study: s
dataset: {name: mnist1d, train_size: 60, validation_size: 20, test_size: 20}
architecture: {type: cnn, channels: [4], norm: batch}
training: {epochs: 3, batch_size: 20}
evaluate: {every: 2}
weights: {initial: true, best: true}
"""
TYPES = {"F32": "<f4", "F64": "<f8", "I64": "<i8", "U8": "|u1"}


def basin(*words, status=0):
    done = subprocess.run([BASIN, *words], capture_output=True, text=True)
    assert done.returncode == status, f"basin {' '.join(words)}: {done.returncode}: {done.stderr}"
    return done.stderr


def read_safetensors(path):
    """By the format's definition; the arrays have to cover the file without holes."""
    content = open(path, "rb").read()
    length = int.from_bytes(content[:8], "little")
    assert length % 8 == 0 and content[8:9] == b"{", content[:20]
    header, data, end = json.loads(content[8:8 + length]), content[8 + length:], 0
    assert header.pop("__metadata__")["format"] == "pt"
    arrays = {}
    for name, about in header.items():
        first, last = about["data_offsets"]
        assert first == end, (name, first, end)
        end = last
        arrays[name] = numpy.frombuffer(data[first:last], TYPES[about["dtype"]]).reshape(about["shape"])
    assert end == len(data)
    return arrays


def main():
    os.chdir(tempfile.mkdtemp())
    with open("s.yaml", "w") as spec:
        spec.write(STUDY)
    for precision in "float32", "float64":
        basin("run", "s.yaml", "-o", precision, "--set", f"precision={precision}")
        (name,) = os.listdir(precision + "/runs")
        path = f"{precision}/runs/{name}"
        with h5py.File(path) as run:
            for kind in "final", "initial", "best":
                weights = {name: item[()] for name, item in run["weights/" + kind].items()}
                out = f"{precision}-{kind}"
                basin("export", path, "--to", "safetensors", "--weights", kind, "-o", out + ".safetensors")
                basin("export", path, "--to", "npz", "--weights", kind, "-o", out + ".npz")
                found = [read_safetensors(out + ".safetensors"), dict(numpy.load(out + ".npz"))]
                try:
                    from safetensors.numpy import load_file
                    found.append(load_file(out + ".safetensors"))
                except ImportError:
                    pass
                for arrays in found:
                    assert set(arrays) == set(weights), (set(arrays), set(weights))
                    for name, array in arrays.items():
                        assert array.dtype == weights[name].dtype and array.shape == weights[name].shape, name
                        assert array.tobytes() == weights[name].tobytes(), name
            basin("export", path, "--to", "csv", "-o", precision + ".csv")
            with open(precision + ".csv", newline="") as file:
                rows = list(csv.DictReader(file))
            curves = {name: item[()] for name, item in run["curves"].items() if item.ndim == 1}
            assert set(rows[0]) == set(curves), (set(rows[0]), set(curves))
            for name, curve in curves.items():
                column = numpy.array([float(row[name] or "nan") for row in rows])
                assert numpy.array_equal(column, curve, equal_nan=True), name
    assert "exists" in basin("export", path, "--to", "csv", "-o", "float64.csv", status=2)
    assert "unknown format" in basin("export", path, "--to", "onnx", status=2)
    assert "no weights \"last\"" in basin("export", path, "--to", "npz", "--weights", "last", status=3)
    print("safetensors, npz and csv agree with the files")


main()
