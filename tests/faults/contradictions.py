"""Checkpoints whose digest is right and whose state contradicts itself (P2, P3): python3 contradictions.py BASIN SEAL

Each value of a checkpoint becomes one that it cannot have. The run never goes on from it: it says what is wrong, starts over, and
ends with the bits of an undisturbed run. Needs python3-h5py; exits 77 (skipped) without it.
"""
import glob
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time

try:
    import h5py
    import numpy
except ImportError:
    print("python3-h5py is not installed")
    sys.exit(77)

# Three batches an epoch, so that an epoch can be interrupted.
SPEC = """study: contradictions
dataset: {name: mnist1d, train_size: 60, test_size: 20, validation_size: 20}
architecture: {type: mlp, hidden: [4]}
training:
  batch_size: 20
  epochs: 12
  optimizer: {type: adam}
  log_every: 2
weights: {best: true}
measures: {weight_norm: {every: 1}}
checkpoint: {every_epochs: 1}
"""
SECONDS = 100  # only what loops for ever reaches it


def call(*words, status=0):
    done = subprocess.run([BASIN, *words], capture_output=True, text=True, timeout=SECONDS)
    assert done.returncode == status, f"basin {' '.join(words)}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr


def interrupt():
    """Leaves a run with two checkpoints, between two epochs."""
    for _ in range(20):
        shutil.rmtree("kept", ignore_errors=True)
        process = subprocess.Popen([BASIN, "run", "a.yaml", "-o", "kept"], stderr=subprocess.DEVNULL)
        while process.poll() is None and len(glob.glob("kept/checkpoints/*.?")) < 2:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        process.wait()
        if len(glob.glob("kept/checkpoints/*.?")) == 2 and not glob.glob("kept/runs/*.h5"):
            return
    sys.exit("no checkpoint was caught")


def edit(path, change):
    """Changes the image of a checkpoint, and gives it a trailer that is right."""
    with open(path, "rb") as file:
        image = file.read()[:-64]
    with open("image", "wb") as file:
        file.write(image)
    with h5py.File("image", "r+", libver=("earliest", "v108")) as file:
        change(file)
    subprocess.run([SEAL, "image", path], check=True)


def put(name, value, at=0):
    def change(file):
        array = file["state"][name]
        if array.shape:
            array[at] = value
        else:
            array[()] = value
    return change


def attribute(name, value):
    return lambda file: file.attrs.modify(name, value)


def says(word):
    """The text of how the training ended, as long as the one that is there."""
    return lambda file: put("stopped_by", numpy.bytes_(word))(file)


def both(*changes):
    def change(file):
        for each in changes:
            each(file)
    return change


LARGE, HUGE = 2**63 - 1, 2**31
CONTRADICTIONS = {
    **{f"{name} = {value}": put(name, value)
       for name in ("epoch", "index", "taken", "step", "epochs_done", "best_epoch", "optimizer_step", "epochs/rows", "steps/rows",
                    "tracked/weight_norm/rows", "tracked/weight_norm/series", "tracked/weight_norm/0/rank", "tracked/weight_norm/0/rows")
       for value in (-1, -LARGE - 1, LARGE, HUGE, 37)},
    "over = 1 in the middle": put("over", 1),
    "over = 2": put("over", 2),
    "over = -1": put("over", -1),
    "diverged, and not over": put("diverged", 1),
    "over at the end, without a reason": both(put("over", 1), put("epoch", 13), put("step", 36), put("epochs_done", 12)),
    "index within the epoch": put("index", 1),
    "an epoch ahead": put("epoch", 9),
    "steps ahead": both(put("step", 30), put("optimizer_step", 30)),
    "losses are not a number": put("losses", numpy.nan),
    "norm is infinite": put("norm", numpy.inf),
    "rate below 0": put("rate", -1.0),
    "best_loss is not a number": put("best_loss", numpy.nan),
    "best_loss is of no epoch": put("best_loss", 1e-9),
    "best_loss is infinite": put("best_loss", numpy.inf),
    "the curves have a lower loss": put("epochs/validation_loss", 1e-9, 0),
    **{f"{name} of the curves is {value}": put(name, value, 0)
       for name, value in (("epochs/batch_loss", numpy.nan), ("epochs/batch_loss", -numpy.inf), ("epochs/gradient_norm", -1.0),
                           ("epochs/learning_rate", numpy.inf), ("steps/gradient_norm", numpy.nan), ("steps/learning_rate", -1.0),
                           ("epochs/test_accuracy", 1.5), ("epochs/train_accuracy", numpy.inf))},
    "the best weights are not finite": put("best", numpy.nan, 3),
    "losses are below 0": put("losses", -1e9),
    "there is no best epoch": put("best_epoch", 0),
    "an accuracy of 3": put("evaluations", 3.0, 1),
    "the second moment is negative": put("optimizer_v", -1.0, 2),
    "the backup is not finite": put("backup", numpy.nan, 3),
    "an epoch of the curve": put("epochs/axis", 7),
    "a step of the curve": put("steps/axis", -5),
    "an epoch of the track": put("tracked/weight_norm/epochs", LARGE, 1),
    "a track that goes back": put("tracked/weight_norm/epochs", -3, 0),
    "a name that leads elsewhere": lambda file: put("tracked/weight_norm/0/name", numpy.bytes_("/spec"))(file),
    "serial = 2^63 - 1": attribute("serial", numpy.int64(LARGE)),
    "serial = 0": attribute("serial", numpy.int64(0)),
    "root: epoch = -1": attribute("epoch", numpy.int64(-1)),
    "root: step = 2^63 - 1": attribute("step", numpy.int64(LARGE)),
    "root: seconds are not a number": attribute("seconds", numpy.float64("nan")),
    "root: seconds below 0": attribute("seconds", numpy.float64(-1e300)),
}


def serial_of(path):
    with open(path, "rb") as file, open("image", "wb") as image:
        image.write(file.read()[:-64])
    with h5py.File("image") as file:
        return file.attrs["serial"]


def go_on_from_older():
    """Of the newest the state, or what is read first, is of no use: the one before has lost nothing."""
    for change in (CONTRADICTIONS["losses are not a number"], put("backup", numpy.nan, 3)):
        shutil.rmtree("out", ignore_errors=True)
        shutil.copytree("kept", "out")
        older, newest = sorted(glob.glob("out/checkpoints/*.?"), key=serial_of)
        edit(newest, change)
        said = call("run", "a.yaml", "-o", "out")
        assert "its newest checkpoint cannot be used, and it went on from the one before: " in said, said
        call("verify", "--compare", "whole", "out")


def main():
    with open("a.yaml", "w", encoding="utf-8") as file:
        file.write(SPEC)
    call("run", "a.yaml", "-o", "whole")
    interrupt()
    reasons = set()
    for name, change in CONTRADICTIONS.items():
        shutil.rmtree("out", ignore_errors=True)
        shutil.copytree("kept", "out")
        for path in glob.glob("out/checkpoints/*.?"):
            edit(path, change)
        if glob.glob("out/claims/*"):
            call("status", "out")
        said = call("run", "a.yaml", "-o", "out")
        words = "its checkpoint cannot be used, and it started over: "
        assert words in said, f"{name}: it went on\n{said}"
        reasons.add(said.split(words)[1].split("\n")[0])
        call("verify", "--compare", "whole", "out")
    go_on_from_older()
    shutil.rmtree("out")
    shutil.copytree("kept", "out")  # nothing but what was changed was wrong
    for path in glob.glob("out/checkpoints/*.?"):
        edit(path, lambda file: None)
    assert "cannot be used" not in call("run", "a.yaml", "-o", "out")
    call("verify", "--compare", "whole", "out")
    print(f"{len(CONTRADICTIONS)} contradictions, {len(reasons)} reasons")
    for reason in sorted(reasons):
        print("   ", reason)


if __name__ == "__main__":
    BASIN, SEAL = map(os.path.abspath, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        main()
        os.chdir("/")
