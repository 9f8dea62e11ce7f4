"""Result files in the programs of others: /usr/bin/python3 readers.py BASIN RESULTS_README

Trains a few small studies and opens their files with h5py, xarray (which guesses its engine, and with each engine), netCDF4,
ncdump, h5dump and Octave: every number has to be there, in every reader. What makes files readable everywhere (results/README.md)
is checked rule by rule. Needs Debian's modules h5py, xarray and h5netcdf; the test is skipped where they are missing. A reader
that is not installed is left out and named.
"""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
try:
    import h5netcdf  # noqa: F401: xarray needs it
    import h5py
    import numpy
    import xarray
except ImportError as missing:
    print(f"skipped: {sys.executable} has no module {missing.name} (Debian: python3-h5py, python3-xarray, python3-h5netcdf)")
    sys.exit(SKIPPED)
try:
    import netCDF4
except ImportError:
    netCDF4 = None

DATA = "dataset: {name: mnist1d, train_size: 60, validation_size: 20, test_size: 20}\n"
STUDIES = {
    "tracked": DATA + """architecture: {type: mlp, hidden: [8]}
training: {epochs: 3, batch_size: 20, log_every: 2}
measures:
  hessian_top: {k: 2, examples: 20, max_iterations: 5, every: 1}
  hessian_trace: {probes: 3, examples: 20}
  weight_norm: {every: 2}
  margin: {}
weights: {initial: true, best: true}
""",
    "noisy": DATA.replace("}", ", label_noise: 0.2, standardize: feature}") + """architecture: linear
training: {epochs: 1, batch_size: 20}
""",
    "images": DATA + """architecture: {type: cnn, channels: [4], norm: batch}
training: {epochs: 2, batch_size: 20}
measures: {hessian_trace: {probes: 2, examples: 20}}
""",
    "letters": """dataset: {name: text, path: letters.txt, context: 8, train_size: 40, test_size: 10}
architecture: {type: lstm, hidden_size: 4}
training: {epochs: 2, batch_size: 20}
measures: {hessian_trace: {probes: 2, examples: 10}}
""",
    "diverged": DATA + """architecture: {type: mlp, hidden: [8]}
training: {epochs: 2, batch_size: 20, optimizer: {type: sgd, learning_rate: 1.0e+6}}
measures: {hessian_top: {k: 2, examples: 20}, hessian_trace: {}}
""",
}
OF_SCALES = ("CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "DIMENSION_LABELS", "_Netcdf4Dimid", "_Netcdf4Coordinates")
BARE = b"This is a netCDF dimension but not a netCDF variable."


def train(basin):
    with open("letters.txt", "w") as file:
        file.write("the quick brown fox jumps over the lazy dog\n" * 60)
    for name, text in STUDIES.items():
        with open(name + ".yaml", "w") as file:
            file.write(f"study: {name}\n{text}")
        done = subprocess.run([basin, "run", name + ".yaml", "-o", name], capture_output=True, text=True)
        assert done.returncode == 0, f"{name}: {done.stderr}"
    files = sorted(glob.glob("*/runs/*.h5"))
    assert len(files) == len(STUDIES), files
    return files


# ---- the files themselves ----

def objects(file):
    """Every group and dataset by its path; whatever is not a plain link to an object of its own fails."""
    found, seen = {"/": file["/"]}, set()

    def walk(group):
        for name in group:
            path = group.name.rstrip("/") + "/" + name
            assert isinstance(group.get(name, getlink=True), h5py.HardLink), f"{path} is a link"
            address = h5py.h5o.get_info(group[name].id).addr
            assert address not in seen, f"{path} is there twice"
            seen.add(address)
            found[path] = group[name]
            if isinstance(group[name], h5py.Group):
                walk(group[name])

    walk(file["/"])
    return found


def is_bare(dataset):
    return h5py.h5ds.is_scale(dataset.id) and dataset.attrs["NAME"].startswith(BARE)


def check_root(root, path):
    name = os.path.basename(path)[:-3]
    assert root.attrs["NX_class"] == "NXroot" and root.attrs["run_id"] == name, dict(root.attrs)
    assert root.attrs["format_version"] == 2 and root.attrs["basin_version"] and root.attrs["study"] == path.split("/")[0]
    assert root.attrs["status"] == ("diverged" if root.attrs["study"] == "diverged" else "finished")
    assert root[root.attrs["default"]].attrs["NX_class"] == "NXdata"


def check_attributes(path, item):
    for name in item.attrs:
        kind = item.attrs.get_id(name).dtype
        if name in OF_SCALES:
            continue
        if kind.kind in "OSU":
            text = h5py.check_string_dtype(kind)
            assert text and text.length is None and text.encoding == "utf-8", f"{path}@{name}: {kind}"
        else:
            assert kind in ("<f4", "<f8", "<i8"), f"{path}@{name}: {kind}"


def check_scales(path, dataset):
    """A scale on every axis, in the group of its dataset or above."""
    if h5py.h5ds.is_scale(dataset.id):
        assert dataset.ndim == 1, path
        return
    for axis in range(dataset.ndim):
        scales = dataset.dims[axis].values()
        assert len(scales) == 1, f"{path} has {len(scales)} scales for axis {axis}"
        folder = os.path.dirname(scales[0].name).rstrip("/") + "/"
        assert path.startswith(folder), f"{path} has its scale in {folder}"
        assert scales[0].shape == (dataset.shape[axis],), path


def check_dataset(path, dataset):
    kind = dataset.dtype
    assert dataset.chunks is None and dataset.compression is None and dataset.external is None, path
    if kind.kind in "OS":
        assert dataset.shape == (), f"{path} is an array of texts, at which Octave stops"
        return
    assert is_bare(dataset) or kind in ("<f4", "<f8", "<i8", "u1"), f"{path}: {kind}"
    assert h5py.check_enum_dtype(kind) is None and h5py.check_ref_dtype(kind) is None, path
    if kind.kind == "f" and not is_bare(dataset):
        assert numpy.isnan(dataset.fillvalue) and numpy.isnan(dataset.attrs["_FillValue"]), path
        assert dataset.attrs.get_id("_FillValue").dtype == kind, path
    check_scales(path, dataset)


def check_plot(path, group, root):
    """What silx and H5Web draw from."""
    signal = group[group.attrs["signal"]]
    axes = [name for name in group.attrs["axes"]]
    assert len(axes) == signal.ndim and signal.dtype.kind == "f", path
    for axis, name in enumerate(axes):
        assert group[name].shape == (signal.shape[axis],) and group[name].dtype.kind in "if", path
    for name in group.attrs.get("auxiliary_signals", []):
        assert group[name].shape == signal.shape, f"{path}/{name}"
    assert group.attrs["title"].startswith(f"{root.attrs['study']} {root.attrs['run_id']}: "), group.attrs["title"]


def check_dimensions(found):
    """A dimension has one size in a group and in all groups above it: or they are no tree for xarray."""
    for path, item in found.items():
        if not isinstance(item, h5py.Dataset) or not h5py.h5ds.is_scale(item.id):
            continue
        folder, name = os.path.split(path)
        while folder != "/":
            folder = os.path.dirname(folder)
            above = found.get(folder.rstrip("/") + "/" + name)
            assert above is None or above.shape == item.shape, f"{path} and {above.name} differ in size"


def check_rules(path, file):
    found = objects(file)
    check_root(file, path)
    check_dimensions(found)
    plots = 0
    for name, item in found.items():
        check_attributes(name, item)
        if isinstance(item, h5py.Dataset):
            check_dataset(name, item)
        elif item.attrs.get("NX_class") == "NXdata":
            check_plot(name, item, file)
            plots += 1
    assert plots or path.startswith("diverged"), path
    names = file.get("measures/hessian_trace_per_parameter/index")
    assert names is None or list(names.attrs["names"])[0].endswith("weight"), "the names of parameter arrays"
    return found


# ---- readers ----

def values(item):
    return item.asstr()[()] if item.dtype.kind in "OS" else item[()]


def is_same(read, item):
    """Bit for bit; texts as texts."""
    if item.dtype.kind in "OS":
        read = numpy.asarray(read)[()]
        return (read.decode() if isinstance(read, bytes) else str(read)) == values(item)
    return numpy.array_equal(numpy.asarray(read), values(item), equal_nan=item.dtype.kind == "f")


def groups_of(found):
    """Each group with its datasets, bare dimensions left out."""
    for path, group in found.items():
        if isinstance(group, h5py.Group):
            yield path, {name: item for name, item in group.items() if isinstance(item, h5py.Dataset) and not is_bare(item)}


def check_xarray(path, found, engine):
    count = 0
    for group, items in groups_of(found):
        if not items:
            continue
        with xarray.open_dataset(path, group=group, **engine) as dataset:
            assert set(dataset.variables) == set(items), f"{path}{group}: {set(dataset.variables) ^ set(items)}"
            for name, item in items.items():
                assert is_same(dataset[name].values, item), f"{path}{group}/{name}: {engine}"
                count += 1
    return count


def check_netcdf(path, found):
    with netCDF4.Dataset(path) as file:
        file.set_auto_mask(False)
        for group, items in groups_of(found):
            for name, item in items.items():
                assert is_same(file[group.rstrip("/") + "/" + name][...], item), f"{path}{group}/{name}"


def check_dump(command, path, found):
    done = subprocess.run(command + [path], capture_output=True, text=True)
    assert done.returncode == 0 and not done.stderr, f"{command} {path}: {done.stderr}"
    for name, item in found.items():
        if isinstance(item, h5py.Dataset):
            assert name.rsplit("/", 1)[1] in done.stdout, f"{command[0]}: {name} is not in {path}"


def octave_name(name):
    return re.sub("[^A-Za-z0-9_]", "_", name)


def check_octave(path, found):
    """load() gives the whole file as one struct; it stops silently at what it cannot read."""
    script = [f"x = load('{path}');"]
    for name, item in found.items():
        if not isinstance(item, h5py.Dataset) or item.dtype.kind in "OS" or is_bare(item) or not item.size:
            continue
        field = "x." + ".".join(octave_name(part) for part in name[1:].split("/"))
        total = float(numpy.nansum(numpy.abs(item[()].astype("f8"))))
        script.append(f"v = abs(double({field}(:))); s = sum(v(! isnan(v)));")
        script.append(f"assert(numel(v), {item.size}); assert(s, {total!r}, {1e-9 * total + 1e-300!r});")
    with open("check.m", "w") as file:
        file.write("\n".join(script) + "\nprintf('all there\\n');\n")
    done = subprocess.run(["octave-cli", "--no-gui", "--norc", "check.m"], capture_output=True, text=True)
    assert "all there" in done.stdout, f"Octave: {path}: {done.stdout}{done.stderr[-2000:]}"


def check_digest(readme, files):
    """The program in the manual, on whole files and a damaged one."""
    with open(readme) as file:
        program = next(block for block in re.findall(r"```python\n(.*?)```", file.read(), re.S) if "import xxhash" in block)
    with open(files[0], "rb") as file:
        content = bytearray(file.read())
    content[100] ^= 1
    with open("damaged.h5", "wb") as file:
        file.write(content)
    done = subprocess.run([sys.executable, "-c", program, *files, "damaged.h5"], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == [f"{path} ok" for path in files] + ["damaged.h5 damaged"], done.stdout


def has_module(name):
    return subprocess.run([sys.executable, "-c", f"import {name}"], capture_output=True).returncode == 0


def main(basin, readme):
    tried, missing = ["h5py", "xarray"], []
    programs = {"ncdump": ["ncdump"], "h5dump": ["h5dump"]}
    for name, there in (("netCDF4", netCDF4), ("ncdump", shutil.which("ncdump")), ("h5dump", shutil.which("h5dump")),
                        ("octave-cli", shutil.which("octave-cli")), ("xxhash", has_module("xxhash"))):
        (tried if there else missing).append(name)
    files, count = train(basin), 0
    for path in files:
        with h5py.File(path) as file:
            found = check_rules(path, file)
            count += check_xarray(path, found, {})
            check_xarray(path, found, {"engine": "h5netcdf"})
            if netCDF4:
                check_xarray(path, found, {"engine": "netcdf4"})
                check_netcdf(path, found)
            for name, command in programs.items():
                if name in tried:
                    check_dump(command, path, found)
            if "octave-cli" in tried:
                check_octave(path, found)
    assert count > 100, count
    if "xxhash" in tried:
        check_digest(readme, files)
    print(f"{len(files)} files, {count} datasets, with {', '.join(tried)}" + (f"; not installed: {', '.join(missing)}" if missing else ""))


if __name__ == "__main__":
    BASIN, README = map(os.path.abspath, sys.argv[1:3])
    with tempfile.TemporaryDirectory(prefix="basin-readers-") as folder:
        os.chdir(folder)
        main(BASIN, README)
