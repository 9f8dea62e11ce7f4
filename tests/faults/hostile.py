"""Result files whose digest is right and whose content is not that of a result (P1, P4, P5):
python3 hostile.py BASIN SEAL CASE [quick]

structure  files of every kind that HDF5 allows and this program does not write
types      results in which one thing is of another type or shape
content    results in which one thing is of another size or wording, or gone

`show`, `table`, `status`, `plan`, `verify`, `verify --rerun` and `run` read each: none crashes, hangs, or prints
what a terminal obeys; what is structurally no result, or of types that a result does not have, is refused by `verify` and `show`, and set aside by `run`. Needs
python3-h5py; exits 77 (skipped) without it.
"""
import glob
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

try:
    import h5py
    import numpy
    from h5py import h5d, h5p, h5s, h5t
except ImportError:
    print("python3-h5py is not installed")
    sys.exit(77)

SPEC = """study: hostile
dataset: {name: mnist1d, train_size: 60, test_size: 20}
architecture: {type: mlp, hidden: [4]}
training: {batch_size: 20, epochs: 2}
measures: {weight_norm: {}, hessian_trace: {method: exact, examples: 20}}
"""
SECONDS = 100  # only what hangs reaches it
ESCAPE = "\x1b]0;title\x07\x1b[2J\x9b31m\u202e\u2066"
TEXT = h5py.string_dtype("utf-8")


def open_image(path, mode="r+"):
    return h5py.File(path, mode, libver=("earliest", "v108"))


def plist(storage=None):
    """As save.c makes datasets, so that nothing but what is wanted is unusual."""
    made = h5p.create(h5p.DATASET_CREATE)
    made.set_attr_creation_order(h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED)
    made.set_obj_track_times(False)
    if storage:
        storage(made)
    return made


def add(file, name, value, dtype=None, storage=None):
    """A dataset that replaces what has the name."""
    group, leaf = file.require_group(os.path.dirname(name) or "/"), os.path.basename(name)
    if leaf in group:
        del group[leaf]
    value = numpy.asarray(value, dtype=dtype)
    kind = h5t.py_create(value.dtype, logical=True)
    space = h5s.create_simple(value.shape) if value.shape else h5s.create(h5s.SCALAR)
    made = h5py.Dataset(h5d.create(group.id, leaf.encode(), kind, space, plist(storage)))
    if value.size:
        made[...] = value
    return made


def reserve(file, name, shape, dtype, storage=None):
    """A dataset of any size, of which nothing is written."""
    group = file.require_group(os.path.dirname(name))
    return h5py.Dataset(h5d.create(group.id, os.path.basename(name).encode(), h5t.py_create(numpy.dtype(dtype)),
                                   h5s.create_simple(shape), plist(storage)))


def group_of(file, name):
    made = h5p.create(h5p.GROUP_CREATE)
    order = h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED
    made.set_link_creation_order(order)
    made.set_attr_creation_order(order)
    return h5py.Group(h5py.h5g.create(file.id, name.encode(), gcpl=made))


def nested(file, depth):
    group = file["/"]
    for _ in range(depth):
        group = group_of(group, "g")


def many(file, count):
    measures = file["measures"] if "measures" in file else group_of(file, "measures")
    space, kind, how = h5s.create(h5s.SCALAR), h5t.IEEE_F64LE, plist()
    for i in range(count):
        h5d.create(measures.id, b"m%d" % i, kind, space, how)


def external(name):
    return lambda file: reserve(file, "/measures/outside", (100,), "f8", lambda made: made.set_external(name, 0, h5py.h5f.UNLIMITED))


def attribute(where, name, value, dtype=None):
    def change(file):
        if name in file[where].attrs:
            del file[where].attrs[name]
        if value is not None:
            file[where].attrs.create(name, value, dtype=dtype)
    return change


def values(name, value, dtype=None):
    return lambda file: add(file, name, value, dtype)


def gone(name):
    def change(file):
        del file[name]
    return change


def link(name, made):
    def change(file):
        file[name] = made
    return change


def hard(name, target):
    def change(file):
        file[name] = file[target]
    return change


def spec(text):
    return lambda file: add(file, "/spec", numpy.bytes_(text))


def compound(file):
    add(file, "/measures/pair", numpy.zeros(3, dtype=[("a", "f8"), ("b", "i4")]))


WORDS = {"gone": None, "a number": 7, "a list": ["a", "b"], "empty": "", "long": "x" * 5000, "obeyed": ESCAPE, "no name": "../../../etc/x"}

# What no result says of itself: refused.
ROOT = {f"the attribute {name} is {what}": attribute("/", name, value) for name in ("run_id", "status", "study") for what, value in WORDS.items()
        if value is not None}

# What no result has, whatever its values: refused.
STRUCTURE = {
    "a group in itself": hard("/measures/again", "/measures"),
    "the root in a group": hard("/measures/root", "/"),
    "two names of an array": hard("/measures/second", "/measures/test_loss"),
    "a soft link": link("/measures/soft", h5py.SoftLink("/measures/test_loss")),
    "a soft link to nowhere": link("/soft", h5py.SoftLink("/nowhere")),
    "a soft link to itself": link("/loop", h5py.SoftLink("/loop")),
    "an external link": link("/measures/other", h5py.ExternalLink("/etc/passwd", "/")),
    "an external link to a FIFO": link("/other", h5py.ExternalLink("fifo", "/")),
    "values in a FIFO": external(b"fifo"),
    "values in another file": external(b"/etc/passwd"),
    "a committed type": lambda file: file.__setitem__("/measures/kind", numpy.dtype("f8")),
    "groups 50 deep": lambda file: nested(file, 50),
    "groups 5000 deep": lambda file: nested(file, 5000),
    "100000 measures": lambda file: many(file, 100000),
    "16 GiB in chunks": lambda file: reserve(file, "/measures/large", (1 << 31,), "f8", lambda made: made.set_chunk((1 << 20,))),
    "16 GiB that are not there": lambda file: reserve(file, "/measures/large", (1 << 31,), "f8"),
    "2^60 elements": lambda file: reserve(file, "/measures/large", (1 << 60,), "f8"),
    "chunks": lambda file: reserve(file, "/measures/chunks", (8,), "f8", lambda made: made.set_chunk((4,)))[...].sum(),
    "deflate": lambda file: add(file, "/measures/packed", numpy.zeros(99), None, lambda made: (made.set_chunk((9,)), made.set_deflate(5))),
    "values in the header": lambda file: add(file, "/measures/compact", numpy.zeros(9), None, lambda made: made.set_layout(h5d.COMPACT)),
    "a compound": compound,
    "int32": values("/measures/narrow", [1, 2, 3], "i4"),
    "uint64": values("/measures/wide", [1, 2, 3], "u8"),
    "big-endian": values("/measures/turned", [1.0, 2.0], ">f8"),
    "float16": values("/measures/half", [1.0, 2.0], "f2"),
    "an enumeration": values("/measures/yes", [True, False], "?"),
    "complex numbers": values("/measures/complex", [1j], "c16"),
    "references": lambda file: add(file, "/measures/reference", numpy.array([file["/measures"].ref], dtype=h5py.ref_dtype), h5py.ref_dtype),
    "five dimensions": values("/measures/deep", numpy.zeros((1, 1, 1, 1, 1))),
    "no shape": lambda file: h5d.create(file["/measures"].id, b"null", h5t.IEEE_F64LE, h5s.create(h5s.NULL), plist()),
    "axes that are integers": attribute("/measures/test_loss", "DIMENSION_LIST", numpy.arange(3)),
    "axes that are numbers": attribute("/curves/train_loss", "DIMENSION_LIST", 1.5),
    "axes that are a text": attribute("/curves/train_loss", "DIMENSION_LIST", "epoch"),
    "axes that are plain references": lambda file: attribute("/curves/train_loss", "DIMENSION_LIST",
                                                             numpy.array([file["/curves/epoch"].ref], dtype=h5py.ref_dtype), h5py.ref_dtype)(file),
    "two axes of a vector": lambda file: references(file, "/curves/train_loss", "/curves/epoch", 2),
    "an axis that is no scale": lambda file: references(file, "/curves/train_loss", "/measures/test_loss", 1),
    "an axis that is a group": lambda file: references(file, "/curves/train_loss", "/measures", 1),
    "300 attributes": lambda file: [attribute("/measures/test_loss", f"a{i}", i)(file) for i in range(300)],
    "an attribute of int8": attribute("/measures/test_loss", "small", numpy.int16(3)),
    "a square attribute": attribute("/measures/test_loss", "square", numpy.zeros((2, 2))),
    "an attribute of booleans": attribute("/measures/test_loss", "flags", numpy.array([True])),
    "a name of 1000 letters": values("/measures/" + "x" * 1000, 1.0),
    "no groups of this kind": lambda file: file.create_group("/plain").create_group("x"),
}


def references(file, name, target, count):
    kind = h5t.vlen_create(h5t.STD_REF_OBJ)
    attrs = file[name]
    if "DIMENSION_LIST" in attrs.attrs:
        del attrs.attrs["DIMENSION_LIST"]
    made = h5py.h5a.create(attrs.id, b"DIMENSION_LIST", kind, h5s.create_simple((count,)))
    data = numpy.empty((count,), dtype=h5py.vlen_dtype(h5py.ref_dtype))
    for i in range(count):
        data[i] = numpy.array([file[target].ref], dtype=h5py.ref_dtype)
    made.write(data)


# Things that results have, of a type or shape that they do not have there: refused.
TYPES = {
    **{f"/measures/test_loss is {name}": values("/measures/test_loss", value, dtype) for name, value, dtype in (
        ("a text", numpy.bytes_("low"), None), ("texts", numpy.array(["a", "b"], dtype=TEXT), TEXT), ("empty", numpy.zeros(0), None),
        ("a vector", [1.0, 2.0], None), ("a matrix", numpy.zeros((2, 3)), None), ("an integer", 2**63 - 1, "i8"),
        ("a byte", 7, "u1"), ("float32", 1.0, "f4"), ("0 x 9", numpy.zeros((0, 9)), None))},
    **{f"{name} is a text": values(name, numpy.bytes_("x" * 9)) for name in ("/curves/train_loss", "/measures", "/curves/epoch", "/weights",
                                                                           "/weights/final", "/data/rows", "/provenance", "/data")},
    **{f"/curves/train_loss is {name}": values("/curves/train_loss", value) for name, value in (
        ("longer", numpy.arange(1e5)), ("empty", numpy.zeros(0)), ("a number", 1.0), ("a matrix", numpy.zeros((3, 3))))},
    "epochs that are real": values("/curves/epoch", [numpy.nan, 1e300]),
    "rows that are texts": values("/data/rows/train", numpy.array(["a"], dtype=TEXT), TEXT),
    "many weights that are bytes": values("/weights/final/layers.0.weight", numpy.zeros((40, 40), dtype="u1")),
    "a wall time that is a text": values("/provenance/wall_time", numpy.bytes_("long")),
    "a spec that is a number": values("/spec", 7.0),
    "a spec of two texts": values("/spec", numpy.array(["a", "b"], dtype=TEXT), TEXT),
    "a host that is a number": values("/provenance/host", 7.0),
    "options that are a list": attribute("/measures/weight_norm", "options", ["a", "b"]),
    "a unit that is a number": attribute("/measures/test_loss", "units", 7),
    "a signal that is a number": attribute("/curves", "signal", 7),
    "axes that are one text": attribute("/curves", "axes", "epoch"),
    **{f"the attribute {name} is {what}": attribute("/", name, WORDS[what]) for name in ("basin_version", "format_version")
       for what in (("a number", "a list") if name == "basin_version" else ("a list", "empty", "obeyed"))},
}

# Values of a result that are not what they should be: read or refused, as it comes.
CONTENT = {
    **{f"/measures/test_loss is {name}": values("/measures/test_loss", value, dtype) for name, value, dtype in (
        ("1e308", 1e308, None), ("not a number", numpy.nan, None))},
    **{f"{name} is gone": gone(name) for name in ("/spec", "/measures", "/curves", "/weights", "/data", "/provenance", "/curves/epoch",
                                                   "/measures/test_loss", "/weights/final", "/data/rows")},
    **{f"/curves/train_loss is {name}": values("/curves/train_loss", value) for name, value in (
        ("infinite", numpy.full(2, numpy.inf)), ("enormous", numpy.full(2, 1e308)))},
    "epochs that are not counted": values("/curves/epoch", numpy.array([5, -2**63], dtype="i8")),
    **{f"the attribute {name} is {what}": attribute("/", name, value) for name in ("basin_version", "format_version") for what, value in WORDS.items()},
    "no status": attribute("/", "status", None),
    "no study": attribute("/", "study", None),
    "a measure of its own name": values(f"/measures/{ESCAPE}", 1.0),
    "a curve of its own name": values(f"/curves/{ESCAPE}", numpy.zeros(2)),
    "an attribute of its own name": attribute("/measures/test_loss", ESCAPE, ESCAPE),
    "units that are obeyed": attribute("/measures/test_loss", "units", ESCAPE),
    "a long_name that is obeyed": attribute("/curves/train_loss", "long_name", ESCAPE),
    "options that are obeyed": attribute("/measures/weight_norm", "options", ESCAPE),
    "measures that are none": attribute("/measures", "measures", "{no_such_measure: {}}"),
    "measures that are no YAML": attribute("/measures", "measures", "{{{{"),
    "measures that are obeyed": attribute("/measures", "measures", ESCAPE),
    "measures without end": attribute("/measures", "measures", "{weight_norm: {every: 1, every: 1}}"),
    "a signal that is not there": attribute("/curves", "signal", "no_such_curve"),
    "4000 measures": lambda file: many_written(file, 4000),
    "weights of another shape": lambda file: [add(file, f"/weights/final/{name}", numpy.zeros((2, 2), dtype="f4")) for name in list(file["/weights/final"])],
    "weights that are not numbers": lambda file: [add(file, f"/weights/final/{name}", numpy.full(file[f"/weights/final/{name}"].shape, numpy.nan, dtype="f4"))
                                                  for name in list(file["/weights/final"])],
    "a weight too many": values("/weights/final/layers.9.weight", numpy.zeros((2, 2), dtype="f4")),
    "rows that are not there": values("/data/rows/train", numpy.full(60, 2**62, dtype="i8")),
    "rows that are negative": values("/data/rows/train", numpy.full(60, -1, dtype="i8")),
    "a wall time of years": values("/provenance/wall_time", 1e300),
    "a wall time below 0": values("/provenance/wall_time", -1.0),
    **{f"a spec: {name}": spec(text) for name, text in (
        ("nothing", ""), ("a word", "x"), ("obeyed", ESCAPE.encode()), ("no UTF-8", b"\xff\xfe\x00x"), ("open", "study: ["),
        ("deep", "[" * 5000), ("aliases", "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b]\n" * 9),
        ("another architecture", SPEC.replace("mlp, hidden: [4]", "no_such_thing")), ("a base", "base: /dev/zero\n" + SPEC),
        ("another data set", SPEC.replace("name: mnist1d, train_size: 60, test_size: 20", "name: idx, path: /nowhere")),
        ("a FIFO as data", SPEC.replace("name: mnist1d, train_size: 60, test_size: 20", "name: text, path: fifo, context: 8")),
        ("too large", SPEC.replace("hidden: [4]", "hidden: [100000, 100000]")), ("a sweep", SPEC + "sweep: {grid: {seed: [1, 2, 3]}}\n"),
        ("long", "# " + "x" * 1000000 + "\n" + SPEC))},
}


def many_written(file, count):
    for i in range(count):
        add(file, f"/measures/m{i}", float(i))


# Files of h5py's own making, beside those that were results.
FRESH = {
    "an empty file": lambda file: None,
    "a file of h5py": lambda file: (file.create_dataset("x", data=[1, 2, 3]), file.attrs.update(run_id="0123456789abcdef", status="finished")),
    "a circle of groups": lambda file: file.create_group("a").__setitem__("b", file["/"]),
    "a circle through links": lambda file: (file.create_group("a"), file.__setitem__("/a/b", h5py.SoftLink("/a"))),
    "20000 groups": lambda file: [file.create_group(f"g{i}") for i in range(20000)],
    "16 GiB": lambda file: file.create_dataset("x", shape=(1 << 31,), dtype="f8"),
    "a virtual data set": lambda file: virtual(file),
    "scales without a scale": lambda file: (file.create_dataset("x", data=[1.0]).attrs.update(DIMENSION_LIST=3, CLASS="DIMENSION_SCALE", NAME=7),
                                            file["x"].attrs.update(REFERENCE_LIST="no")),
}


CASES = {"structure": [(STRUCTURE, False, True), (FRESH, True, True), (ROOT, False, True)], "types": [(TYPES, False, True)], "content": [(CONTENT, False, False)]}


def virtual(file):
    layout = h5py.VirtualLayout(shape=(4,), dtype="f8")
    layout[:] = h5py.VirtualSource("/nowhere.h5", "x", shape=(4,))
    file.create_virtual_dataset("x", layout)


def is_left(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def call(*words):
    """Any end but a crash, and nothing that a terminal obeys. It ends by itself, and so do the processes that it started."""
    with subprocess.Popen([BASIN, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as process:
        try:
            out, err = process.communicate(timeout=SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise
    late = time.monotonic() + SECONDS
    while is_left(process.pid):
        assert time.monotonic() < late, f"basin {' '.join(words)} leaves a process behind"
        time.sleep(0.01)
    done = subprocess.CompletedProcess(process.args, process.returncode, out, err)
    said = (done.stdout + done.stderr).decode("utf-8", "replace")
    assert done.returncode in (0, 1, 2, 3), f"basin {' '.join(words)}: exit {done.returncode}\n{said[-3000:]}"
    assert "Sanitizer" not in said and "runtime error" not in said, said[-6000:]
    obeyed = re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069]", said)
    assert not obeyed, f"basin {' '.join(words)} prints {obeyed.group()!r}: {said[max(0, obeyed.start() - 200):obeyed.end() + 50]!r}"
    return done.returncode, said


def image_of(path, image):
    with open(path, "rb") as file:
        content = file.read()
    with open(image, "wb") as file:
        file.write(content[:-64])


def look(path, is_refused, name):
    shown = call("show", path)
    verified = call("verify", path)
    if is_refused:
        assert shown[0] and path in shown[1], f"{name}: show takes it\n{shown[1][:2000]}"
        assert verified[0] == 1 and path in verified[1], f"{name}: verify takes it\n{verified[1][:2000]}"
        assert call("table", "out")[0], f"{name}: table takes it"
    call("table", "out", "--format", "csv")
    call("verify", path, "--rerun")
    call("status", "out")
    call("plan", "a.yaml", "-o", "out")
    if not QUICK:
        call("table", "out", "--format", "json")
        call("verify", "--compare", path, "good.h5")
        call("plan", path, "-o", "other")
    code, said = call("run", "a.yaml", "-o", "out")
    if is_refused:
        assert code == 0 and "*.damaged" in said, f"{name}: run takes it ({verified})\n{said}"
        assert os.path.exists(path + ".damaged") and call("verify", "out")[0] == 0, name


def refused(cases, fresh):
    for name, change in cases.items():
        if fresh:
            with h5py.File("image", "w") as file:
                change(file)
        else:
            image_of("good.h5", "image")
            try:
                with open_image("image") as file:
                    change(file)
            except (RuntimeError, OSError, ValueError, TypeError) as why:
                sys.exit(f"{name}: the file cannot be made: {why}")
        yield name


def main():
    with open("a.yaml", "w", encoding="utf-8") as file:
        file.write(SPEC)
    os.mkfifo("fifo")
    assert call("run", "a.yaml", "-o", "whole")[0] == 0
    good = glob.glob("whole/runs/*.h5")[0]
    shutil.copy(good, "good.h5")
    path = good.replace("whole", "out")
    count = 0
    for cases, fresh, is_refused in CASES[sys.argv[3]]:
        for name in refused(cases, fresh):
            shutil.rmtree("out", ignore_errors=True)
            shutil.copytree("whole", "out")
            os.remove(path)
            subprocess.run([SEAL, "image", path], check=True)
            try:
                look(path, is_refused, name)
            except subprocess.TimeoutExpired as late:
                sys.exit(f"{name}: {' '.join(late.cmd)} does not end")
            except AssertionError as why:
                sys.exit(f"{name}: {why}")
            count += 1
    print(f"{count} files, each read by every command")


if __name__ == "__main__":
    BASIN, SEAL = map(os.path.abspath, sys.argv[1:3])
    QUICK = len(sys.argv) > 4  # with sanitizers
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        main()
        os.chdir("/")
