"""The same arrays as pictures, CIFAR batches, IDX and HDF5: /usr/bin/python3 pictures.py BASIN

Trains small networks on arrays that are written in several formats. Digests of the data, curves, weights and measures must be
those of the HDF5 file, bit for bit. Needs Debian's module h5py; the test is skipped where it is missing.
"""
import io
import os
import pathlib
import struct
import subprocess
import sys
import tarfile
import tempfile

SKIPPED = 77
try:
    import h5py
    import numpy
except ImportError as missing:
    print(f"skipped: {sys.executable} has no module {missing.name} (Debian: python3-h5py)")
    sys.exit(SKIPPED)

sys.path.insert(0, str(pathlib.Path(__file__).parent / "cases"))
import pictures  # noqa: E402

SPEC = """study: s
dataset: {dataset}
architecture: {{type: cnn, channels: [3]}}
training: {{epochs: 2, batch_size: 8}}
"""
CLASSES = ["cat", "dog", "eel"]


def results(path):
    """All that a run leaves but what it says of itself."""
    found = {}

    def take(name, item):
        if isinstance(item, h5py.Dataset) and not name.startswith(("provenance", "spec")):
            found[name] = item[()].tobytes() if item.shape != () else repr(item[()]).encode()

    with h5py.File(path) as file:
        file.visititems(take)
        found["digest"] = file["data"].attrs["digest"]
    return found


def train(basin, name, dataset):
    pathlib.Path(f"{name}.yaml").write_text(SPEC.format(dataset=dataset))
    done = subprocess.run([basin, "run", f"{name}.yaml", "-o", f"out-{name}"], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{name}: basin run failed:\n{done.stderr}")
    files = list(pathlib.Path(f"out-{name}/runs").glob("*.h5"))
    assert len(files) == 1, files
    return results(files[0])


def compare(basin, wanted, name, dataset):
    """How many results of `name` are not those that are wanted."""
    found = train(basin, name, dataset)
    bad = sorted(key for key in wanted.keys() | found.keys() if wanted.get(key) != found.get(key))
    print(f"{name}: {len(found)} results, {len(bad)} others{': ' + ', '.join(bad) if bad else ''}")
    assert len(wanted) > 10 and "digest" in wanted
    return len(bad)


def write_hdf5(path, train_x, train_y, test_x, test_y):
    with h5py.File(path, "w") as file:
        file["x"], file["y"], file["x_test"], file["y_test"] = train_x, train_y, test_x, test_y


def write_idx(path, array):
    path.write_bytes(struct.pack(">HBB", 0, 8, array.ndim) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes())


def write_picture(path, pixels):
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = 2 if pixels.ndim == 3 else 0
    rows = [row.tobytes() for row in pixels]
    path.write_bytes(pictures.png(pixels.shape[1], pixels.shape[0], rows, kind=kind))


def write_folder(folder, x, y):
    """One folder a class; names in the order of the examples."""
    for i, (pixels, label) in enumerate(zip(x, y)):
        write_picture(folder / CLASSES[label] / f"{i:04}.png", pixels)


def write_labels(path, folder, x, y):
    """Pictures in one folder, and their labels in a table."""
    lines = ["file,label"]
    for i, (pixels, label) in enumerate(zip(x, y)):
        write_picture(folder / f"{(7 * i) % 101:03}.png", pixels)
        lines.append(f"{(7 * i) % 101:03}.png,{CLASSES[label]}")
    path.write_text("\n".join(lines) + "\n")


def check_pictures(basin, random, shape):
    """Sorted by class, as folders are."""
    name = "color" if len(shape) == 3 else "grey"
    arrays = []
    for count in (24, 9):
        arrays += [random.integers(0, 256, (count, *shape), dtype=numpy.uint8), numpy.arange(count) * 3 // count]
    write_hdf5(f"{name}.h5", *arrays)
    wanted = train(basin, f"{name}-hdf5", f"{{name: hdf5, path: {name}.h5}}")
    write_folder(pathlib.Path(name, "train"), *arrays[:2])
    write_folder(pathlib.Path(name, "test"), *arrays[2:])
    bad = compare(basin, wanted, f"{name}-folders", f"{{name: images, path: {name}/train, test_path: {name}/test}}")
    order = random.permutation(24)
    write_labels(pathlib.Path(f"{name}-train.csv"), pathlib.Path(name, "mixed"), arrays[0][order], arrays[1][order])
    write_labels(pathlib.Path(f"{name}-test.csv"), pathlib.Path(name, "mixed-test"), *arrays[2:])
    write_hdf5(f"{name}-mixed.h5", arrays[0][order], arrays[1][order], *arrays[2:])
    mixed = train(basin, f"{name}-mixed", f"{{name: hdf5, path: {name}-mixed.h5}}")
    assert mixed["digest"] != wanted["digest"], "the order of examples counts"
    tables = f"{{name: images, path: {name}/mixed, labels: {name}-train.csv, test_path: {name}/mixed-test, test_labels: {name}-test.csv}}"
    bad += compare(basin, mixed, f"{name}-labels", tables)
    same = f"{{name: images, path: {name}/train, test_path: {name}/test, size: [{shape[0]}, {shape[1]}]}}"
    bad += compare(basin, wanted, f"{name}-same-size", same)
    for part, i in (("train", 0), ("test", 2)):
        write_idx(pathlib.Path(f"{name}-{part}-x"), arrays[i])
        write_idx(pathlib.Path(f"{name}-{part}-y"), arrays[i + 1].astype(numpy.uint8))
    files = ", ".join(f"{part}_{what}: {name}-{part}-{x}" for part in ("train", "test") for what, x in (("images", "x"), ("labels", "y")))
    return bad + compare(basin, wanted, f"{name}-idx", f"{{name: idx, {files}}}")


def records(x, labels):
    """`labels`: what stands in front of each picture, whose channels are planes."""
    planes = x.transpose(0, 3, 1, 2).reshape(len(x), -1)
    return numpy.concatenate([labels.reshape(len(x), -1).astype(numpy.uint8), planes], axis=1).tobytes()


def write_archive(path, files):
    with tarfile.open(path, "w:gz") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))


def check_cifar10(basin, random):
    x, y = random.integers(0, 256, (40, 32, 32, 3), dtype=numpy.uint8), random.integers(0, 10, 40)
    y[0] = y[30] = 9
    y[1] = 0  # or the labels of the HDF5 file would count from 1
    write_hdf5("cifar10.h5", x[:30], y[:30], x[30:], y[30:])
    wanted = train(basin, "cifar10-hdf5", "{name: hdf5, path: cifar10.h5}")
    files = {"data_batch_1.bin": records(x[:20], y[:20]), "data_batch_2.bin": records(x[20:30], y[20:30]),
             "test_batch.bin": records(x[30:], y[30:])}
    folder = pathlib.Path("ten/cifar-10-batches-bin")
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    write_archive("cifar-10-binary.tar.gz", files)
    bad = compare(basin, wanted, "cifar10-folder", "{name: cifar10, path: ten}")
    return bad + compare(basin, wanted, "cifar10-archive", "{name: cifar10, path: cifar-10-binary.tar.gz}")


def check_cifar100(basin, random):
    x = random.integers(0, 256, (24, 32, 32, 3), dtype=numpy.uint8)
    labels = numpy.stack([random.integers(0, 20, 24), random.integers(0, 100, 24)], axis=1)
    labels[0] = labels[16] = (19, 99)
    labels[1] = (0, 0)
    os.mkdir("hundred")
    pathlib.Path("hundred/train.bin").write_bytes(records(x[:16], labels[:16]))
    pathlib.Path("hundred/test.bin").write_bytes(records(x[16:], labels[16:]))
    bad = 0
    for column, name in enumerate(("coarse", "fine")):
        y = labels[:, column]
        write_hdf5(f"{name}.h5", x[:16], y[:16], x[16:], y[16:])
        wanted = train(basin, f"{name}-hdf5", f"{{name: hdf5, path: {name}.h5}}")
        bad += compare(basin, wanted, f"{name}-folder", f"{{name: cifar100, path: hundred, labels: {name}}}")
    return bad


def main():
    basin = os.path.abspath(sys.argv[1])
    random = numpy.random.default_rng(7)
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        bad = check_pictures(basin, random, (6, 5, 3)) + check_pictures(basin, random, (6, 5))
        bad += check_cifar10(basin, random) + check_cifar100(basin, random)
        os.chdir("/")
    sys.exit(1 if bad else 0)


main()
