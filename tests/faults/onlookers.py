"""Whoever looks at a study from outside reads what others write (P1, P6): python3 onlookers.py BASIN SEAL

Checkpoints and journals are cut off, overwritten with noise, and given content that is impossible under a digest that is right.
`watch`, `watch --curves`, `status` and `table --running` never crash, hang, print what a terminal obeys, or show a number that the
files do not hold; and whatever is left of the study is still shown. Needs python3-h5py; exits 77 (skipped) without it.
"""
import csv
import glob
import json
import os
import random
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

SPEC = """study: onlookers
dataset: {name: mnist1d, train_size: 60, test_size: 20}
architecture: {type: mlp, hidden: [4]}
training: {batch_size: 20, epochs: 1000000}
checkpoint: {every_epochs: 2}
sweep: {grid: {regularizers.weight_decay: [0.0, 0.125]}}
"""
SECONDS = 60  # only what loops for ever reaches it
LOOKS = [["watch"], ["watch", "--curves"], ["status"], ["status", "--json"], ["table", "--running"],
         ["table", "--running", "-f", "csv"], ["table", "--running", "-f", "json"], ["table", "--running", "--mean"]]
OBEYED = re.compile("[\x00-\x09\x0b-\x1f\x7f\x80-\x9f]")  # what a terminal obeys
failures = 0


def check(what, good, found=""):
    global failures
    if not good:
        failures += 1
        print(f"failed: {what}\n  found {str(found)[:3000]}")


def begin():
    """A study of two runs with two checkpoints each, killed while they are trained."""
    for _ in range(20):
        shutil.rmtree("kept", ignore_errors=True)
        process = subprocess.Popen([BASIN, "run", "a.yaml", "-o", "kept", "-j", "2"], stderr=subprocess.DEVNULL)
        while process.poll() is None and len(glob.glob("kept/checkpoints/*.[01]")) < 4:
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if len(glob.glob("kept/checkpoints/*.[01]")) == 4:
            return sorted({os.path.basename(name)[:-2] for name in glob.glob("kept/checkpoints/*.[01]")})
    sys.exit("no checkpoints were caught")


def look(what, also=lambda words, text: True):
    for words in LOOKS:
        try:
            done = subprocess.run([BASIN, words[0], "d", *words[1:]], capture_output=True, timeout=SECONDS)
        except subprocess.TimeoutExpired:
            check(f"{what}: {' '.join(words)} hangs", False)
            continue
        text = (done.stdout + done.stderr).decode("utf-8", "replace")
        check(f"{what}: {' '.join(words)}", done.returncode in (0, 1) and "Sanitizer" not in text and "runtime error" not in text, (done.returncode, text))
        check(f"{what}: {' '.join(words)}, for a terminal", not OBEYED.search(text), text)
        if words[-1] in ("json", "--json"):
            try:
                json.loads(done.stdout)
            except ValueError as error:
                check(f"{what}: {' '.join(words)}: JSON", False, (error, text))
        check(f"{what}: {' '.join(words)}, content", also(words, text), text)


def fresh():
    shutil.rmtree("d", ignore_errors=True)
    shutil.copytree("kept", "d")


def edit(path, change):
    """Changes the image of a checkpoint, and gives it a trailer that is right."""
    with open(path, "rb") as file:
        image = file.read()[:-64]
    with open("image", "wb") as file:
        file.write(image)
    with h5py.File("image", "r+", libver=("earliest", "v108")) as file:
        change(file)
    subprocess.run([SEAL, "image", path], check=True)


def both(run, change):
    for slot in "01":
        change(f"d/checkpoints/{run}.{slot}")


def put(file, path, value):
    """A dataset as save.c makes them, so that nothing but its content is unusual."""
    group, leaf = file[os.path.dirname(path) or "/"], os.path.basename(path)
    if leaf in group:
        del group[leaf]
    value = numpy.bytes_(value) if isinstance(value, str) else numpy.asarray(value)
    value = numpy.asarray(value)
    made = h5p.create(h5p.DATASET_CREATE)
    made.set_attr_creation_order(h5p.CRT_ORDER_TRACKED | h5p.CRT_ORDER_INDEXED)
    made.set_obj_track_times(False)
    space = h5s.create_simple(value.shape) if value.shape else h5s.create(h5s.SCALAR)
    array = h5py.Dataset(h5d.create(group.id, leaf.encode(), h5t.py_create(value.dtype, logical=True), space, made))
    if value.size:
        array[...] = value


def replace(path, value):
    return lambda file: put(file, path, value)


def attribute(name, value):
    def change(file):
        file.attrs[name] = value
    return change


def cut(path, length):
    with open(path, "r+b") as file:
        file.truncate(length)


def noise(path, rng):
    with open(path, "r+b") as file:
        size = os.path.getsize(path)
        for _ in range(40):
            file.seek(rng.randrange(size))
            file.write(bytes([rng.randrange(256)]))


def checkpoints(first, second):
    """The first run's are bad; the second run is shown all the same."""
    rng = random.Random(1)

    def other(words, text):
        return second[:8] in text or "--mean" in words

    size = min(os.path.getsize(f"kept/checkpoints/{first}.{slot}") for slot in "01")
    for length in (0, 63, size // 2, size - 64, size - 1):
        fresh()
        both(first, lambda path: cut(path, length))
        look(f"cut to {length}", other)
    for seed in range(3):
        fresh()
        both(first, lambda path: noise(path, rng))
        look(f"noise {seed}", other)
    fresh()
    both(first, lambda path: (os.remove(path), os.mkfifo(path)))
    look("FIFO", other)
    fresh()
    both(first, lambda path: (os.remove(path), os.mkdir(path)))
    look("folder", other)
    fresh()
    both(first, lambda path: shutil.copy(path.replace(first, second), path))
    look("another run's", other)
    rows = 3
    changes = {
        "epoch -1": attribute("epoch", numpy.int64(-1)),
        "epoch of 2^63 - 1": attribute("epoch", numpy.int64(2**63 - 1)),
        "epoch as a text": attribute("epoch", "\x1b[31mred"),
        "epochs as a list": attribute("epoch", numpy.arange(5)),
        "seconds nan": attribute("seconds", numpy.nan), "seconds inf": attribute("seconds", numpy.inf),
        "seconds -1": attribute("seconds", -1.0), "seconds 1e308": attribute("seconds", 1e308),
        "no epochs": lambda file: file["state"].__delitem__("epochs"),
        "no state": lambda file: file.__delitem__("state"),
        "axis a matrix": replace("state/epochs/axis", numpy.ones((rows, 2), numpy.int64)),
        "axis empty": replace("state/epochs/axis", numpy.ones(0, numpy.int64)),
        "axis one": replace("state/epochs/axis", numpy.array([2**63 - 1])),
        "axis a number": replace("state/epochs/axis", numpy.int64(1)),
        "axis of floats": replace("state/epochs/axis", numpy.array([1.0, numpy.nan])),
        "curve a text": replace("state/epochs/train_loss", "\x1b]0;title\x07"),
        "curve short": replace("state/epochs/train_loss", numpy.array([1.0])),
        "curve a matrix": replace("state/epochs/train_loss", numpy.ones((rows, rows))),
        "no spec": lambda file: file.__delitem__("spec"),
        "spec a number": replace("spec", 7.0), "spec empty": replace("spec", ""),
        "spec nonsense": replace("spec", "architecture: {type: \x1b[31m}\n- {"),
        "spec deep": replace("spec", "architecture: " + "[" * 10000),
        "spec of a bomb": replace("spec", "a: &a [x, x]\nb: &b [*a, *a]\nc: &c [*b, *b]\nstudy: *c\n"),
        "spec with other files": replace("spec", "base: /etc/passwd\ndataset: {name: csv, path: /etc/passwd}\n"),
    }
    for name, change in changes.items():
        fresh()
        both(first, lambda path: edit(path, change))
        look(name, other)

    # A curve whose name a terminal would obey, among others that are fine.
    def obey(file):
        length = file["state/epochs/axis"].shape[0]
        put(file, "state/epochs/train_\x1b[31m", numpy.ones(length))
    fresh()
    both(first, lambda path: edit(path, obey))
    look("name of a curve", other)

    # The newest numbers: NaN is not one, infinity is.
    def last(values):
        def change(file):
            length = file["state/epochs/axis"].shape[0]
            data = numpy.full(length, 5.0)
            data[-len(values):] = values
            replace("state/epochs/train_loss", data)(file)
        return change
    for values, expected in (([7.0, numpy.nan], "7"), ([7.0, numpy.inf], ""), ([numpy.nan] * 2, "5")):
        fresh()
        both(first, lambda path: edit(path, last(values)))
        done = subprocess.run([BASIN, "table", "d", "--running", "-f", "csv"], capture_output=True, text=True)
        found = {row["run_id"]: row["train_loss"] for row in csv.DictReader(done.stdout.splitlines())}
        check(f"newest of {values}", found.get(first) == expected, found)


def journals(first, second):
    rng = random.Random(2)
    path = glob.glob("kept/journal/*.jsonl")[0].replace("kept", "d", 1)
    whole = open(path.replace("d", "kept", 1), "rb").read()
    start = json.loads(whole.splitlines()[0])

    def write(data):
        fresh()
        with open(path, "wb") as file:
            file.write(data)
    for length in (0, 1, len(whole) // 3, len(whole) - 1):
        write(whole[:length])
        look(f"journal cut to {length}", lambda words, text: True)
    for seed in range(3):
        data = bytearray(whole)
        for _ in range(20):
            data[rng.randrange(len(data))] = rng.randrange(256)
        write(bytes(data))
        look(f"journal of noise {seed}")
    changes = {
        "study": "\x1b[31mred\x07", "ids": [first] * 1000, "axes": ["a\t1\t2", "\t", "", "b"], "names": ["=", "x", "y=\x1b[31m", "training.epochs="],
        "epochs": 1e308, "spec": "\x1b]0;x\x07", "arguments": "\r\n\x1b[2J", "runs": -1, "jobs": "many", "whole": "expect: [{claim: \x1b[31m"}
    for name, value in changes.items():
        write(json.dumps({**start, name: value}).encode() + b"\n" + whole.split(b"\n", 1)[1])
        look(f"journal with {name}")
    for name, value in {"epochs": 2**63, "run_id": "\x1b[31m", "step": -1e308, "time": "\x1b[31m"}.items():
        lines = [json.dumps({**json.loads(line), name: value}).encode() for line in whole.splitlines()]
        write(b"\n".join(lines) + b"\n")
        look(f"events with {name}")
    write(whole + b"[" * 100000 + b"\n" + b"\x00\xff\xfe\n" + b'{"event": "run_start"}\n')
    look("journal with lines of others", lambda words, text: (first[:8] in text and second[:8] in text) or "--mean" in words)


def main():
    with tempfile.TemporaryDirectory() as top:
        os.chdir(top)
        with open("a.yaml", "w") as file:
            file.write(SPEC)
        first, second = begin()
        fresh()
        look("as it was left", lambda words, text: (first[:8] in text and second[:8] in text) or "--mean" in words)
        checkpoints(first, second)
        journals(first, second)
    sys.exit(1 if failures else 0)


BASIN, SEAL = (os.path.abspath(word) for word in sys.argv[1:3])
main()
