"""Is a study that goes on seen from outside? watch.py BASIN CASES

One look where there is no terminal, the curves so far (equal, bit for bit, to those of a shorter training), and the
view on a terminal that is drawn again, changes its size, and ends with Ctrl-C while the study goes on. Nothing here
depends on how fast the machine is: the test waits for a checkpoint, and the study is stopped when all was seen.
"""
import csv
import fcntl
import glob
import json
import os
import pty
import re
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

basin, cases = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
environment = {name: value for name, value in os.environ.items() if name not in ("COLUMNS", "NO_COLOR")}
environment["LC_ALL"] = "C.UTF-8"
failures = 0


def check(what, good, found=""):
    global failures
    if not good:
        failures += 1
        print(f"failed: {what}\n  found {found!r}")


def run(*arguments):
    return subprocess.run([basin, *arguments], capture_output=True, text=True, timeout=120, env=environment)


def wait_for(condition):
    for _ in range(1200):
        if condition():
            return True
        time.sleep(0.05)
    return False


def read_until(terminal, pattern):
    """What a terminal shows until the pattern comes; None where the command ends before."""
    seen = ""
    while not re.search(pattern, seen):
        try:
            more = os.read(terminal, 65536)
        except OSError:
            return None
        if not more:
            return None
        seen += more.decode("utf-8", "replace")
    return seen


def size(terminal, columns, rows):
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def on_terminal(folder):
    """The view at 100, then at 50 columns; then Ctrl-C."""
    child, terminal = pty.fork()
    if child == 0:
        os.execve(basin, [basin, "watch", folder, "-n", "1"], dict(environment, TERM="xterm"))
    size(terminal, 100, 30)
    first = read_until(terminal, r"running +\d+/200000[^\n]*\n(.|\n)*of 2 done")
    check("drawn again", first is not None and "train_loss" in first, first)
    size(terminal, 50, 5)
    second = read_until(terminal, r"\x1b\[2J(.|\n)*of 2 done(.|\n)*of 2 done")
    check("another size", second is not None, second)
    last = (second or "").split("of 2 done")[-1].replace("\r", "").split("\n")
    check("small", all(len(re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", line)) < 50 for line in last), last)
    os.write(terminal, b"\x03")
    read_until(terminal, r"never")
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    check("Ctrl-C", code == 130, code)


with tempfile.TemporaryDirectory() as top:
    os.chdir(top)
    spec = open(os.path.join(cases, "tiny.yaml")).read().replace("epochs: 2", "epochs: 200000")
    open("long.yaml", "w").write(spec + "checkpoint: {every_epochs: 6}\n")
    study = subprocess.Popen([basin, "run", "long.yaml", "-o", "w", "-j", "2", "--set", "seeds=1"], env=environment,
                             stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        check("checkpoints", wait_for(lambda: len({name[:-2] for name in glob.glob("w/checkpoints/*.[01]")}) == 2))
        look = run("watch", "w")
        check("one look", look.returncode == 0 and not look.stderr and "\x1b" not in look.stdout, look)
        check("two runs", len(re.findall(r"^\w{8}  running +\d+/200000 +[\d.]+ +[▁-█]+ +[\d.]+ +\S", look.stdout, re.M)) == 2, look.stdout)
        check("counts", "0 of 2 done, 2 running" in look.stdout, look.stdout)
        plain = subprocess.run([basin, "watch", "w"], capture_output=True, text=True, env=dict(environment, LC_ALL="C"))
        check("ASCII", plain.stdout.isascii() and "running" in plain.stdout, plain.stdout)
        on_terminal("w")
        check("the study goes on", study.poll() is None)
        curves = run("watch", "w", "--curves")
    finally:
        study.send_signal(signal.SIGINT)
        study.wait(timeout=120)
    look = run("watch", "w")
    check("interrupted", re.search(r"2 interrupted", look.stdout) and re.search(r"interrupted +\d+/", look.stdout), look.stdout)

    # A training of five epochs has the same first five rows, bit for bit.
    rows = list(csv.DictReader(curves.stdout.splitlines()))
    run("run", "long.yaml", "-o", "short", "--set", "seeds=1", "--set", "training.epochs=5")
    shorter = [json.loads(run("show", name, "--json").stdout)["curves"] for name in glob.glob("short/runs/*.h5")]
    longer = {}
    for row in rows:
        longer.setdefault(row["run_id"], []).append([float(row[name]) for name in ("train_loss", "test_loss", "test_accuracy")])
    begun = sorted(values[:5] for values in longer.values())
    expected = sorted([list(row) for row in zip(*(curve[name][:5] for name in ("train_loss", "test_loss", "test_accuracy")))] for curve in shorter)
    check("curves so far", len(begun) == 2 and begun == expected, (begun, expected))

    # A study that is over: the view ends by itself.
    child, terminal = pty.fork()
    if child == 0:
        os.execve(basin, [basin, "watch", "short"], dict(environment, TERM="xterm"))
    seen = b""
    try:
        while more := os.read(terminal, 65536):
            seen += more
    except OSError:
        pass
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    check("over", code == 0 and b"2 of 2 done" in seen, (code, seen))
    check("no folder", run("watch", "nowhere").returncode == 3)
sys.exit(1 if failures else 0)
