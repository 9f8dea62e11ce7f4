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


def tabled(folder):
    """Rows of runs that have not finished, in every format, with what their specs say."""
    rows = list(csv.DictReader(run("table", folder, "--running", "-f", "csv", "-c", "run_id,status,wd,architecture.hidden,epochs,steps,train_loss,test_accuracy").stdout.splitlines()))
    check("table --running", len(rows) == 2 and {row["status"] for row in rows} == {"running"} and {row["architecture.hidden"] for row in rows} == {"[8]"}, rows)
    check("so far", all(int(row["epochs"]) > 0 and int(row["steps"]) == 4 * int(row["epochs"]) and 0 < float(row["train_loss"]) for row in rows), rows)
    after = {row["run_id"]: int(row["epoch"]) for row in csv.DictReader(run("watch", folder, "--curves").stdout.splitlines())}
    check("not newer than a later look", all(int(row["epochs"]) <= after[row["run_id"]] for row in rows), (rows, after))
    text = run("table", folder, "--running")
    check("text", re.search(r"^run_id +status .*epochs +train_loss", text.stdout) and "2 runs are under way or interrupted" in text.stderr, text)
    for form, begins in (("json", "["), ("markdown", "| run_id"), ("latex", "%")):
        check(form, run("table", folder, "--running", "-f", form).stdout.startswith(begins))
    check("mean", re.search(r"^running .* 2$", run("table", folder, "--running", "--group-by", "optimizer.type", "-c", "status,train_loss,runs").stdout, re.M))
    check("not without", "running" not in run("table", folder).stdout)
    check("where", "running" in run("table", folder, "--running", "--where", "status = running and test_loss > 0").stdout)
    for wrong in (["--across", "summary"], ["--claims"]):
        done = run("table", folder, "--running", *wrong)
        check(" ".join(wrong), done.returncode == 2 and "--running" in done.stderr, done)


def without_checkpoint():
    """A run that has saved nothing yet: its place among the axes says what it varies."""
    study = subprocess.Popen([basin, "run", "late.yaml", "-o", "late", "-j", "8", "--set", "seeds=1"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        check("begun", wait_for(lambda: "8 running" in run("watch", "late").stdout))
        done = run("table", "late", "--running", "-c", "run_id,status,weight_decay,hidden,optimizer.type", "-f", "csv")
        planned = json.loads(run("plan", "late.yaml", "-o", "late", "--set", "seeds=1", "--json").stdout)["runs"]
        planned = {one["run_id"]: (one["regularizers.weight_decay"], one["architecture.hidden"], one["training.optimizer.type"]) for one in planned}
        tabled = {row[0]: (float(row[2]), json.loads(row[3]), row[4]) for row in list(csv.reader(done.stdout.splitlines()))[1:]}
        check("axes", len(tabled) == 8 and tabled == planned, (done, planned))
        check("said", "8 of them have no checkpoint" in done.stderr, done.stderr)
    finally:
        study.kill()
        study.wait(timeout=120)


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
        tabled("w")
        on_terminal("w")
        check("the study goes on", study.poll() is None)
        curves = run("watch", "w", "--curves")
    finally:
        study.send_signal(signal.SIGINT)
        study.wait(timeout=120)
    rows = run("table", "long.yaml", "-o", "w", "--set", "seeds=1", "-r", "-f", "csv", "-c", "status,wd,train_loss").stdout.splitlines()
    check("of a spec", [row.rsplit(",", 1)[0] for row in rows[1:]] == ["interrupted,0", "interrupted,0.01"], rows)
    last = {}
    for row in csv.DictReader(run("watch", "w", "--curves").stdout.splitlines()):
        last.setdefault(row["run_id"], {}).update({name: value for name, value in row.items() if value})
    rows = list(csv.DictReader(run("table", "w", "-r", "-f", "csv").stdout.splitlines()))
    check("last of the curves", len(rows) == 2 and all(float(row[name]) == float(last[row["run_id"]][name]) for row in rows for name in ("train_loss", "test_loss", "test_accuracy")), (rows, last))
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

    open("mixed.yaml", "w").write(spec.replace("regularizers.weight_decay: [0.0, 0.01]", "training.epochs: [3, 200000]") + "checkpoint: {every_epochs: 6}\n")
    study = subprocess.Popen([basin, "run", "mixed.yaml", "-o", "m", "-j", "4"], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        check("two of four", wait_for(lambda: len({name[:-2] for name in glob.glob("m/checkpoints/*.[01]")}) == 2 and len(glob.glob("m/runs/*.h5")) == 2))
    finally:
        study.send_signal(signal.SIGINT)
        study.wait(timeout=120)
    mixed = list(csv.DictReader(run("table", "m", "-r", "-f", "csv", "--sort", "status").stdout.splitlines()))
    check("beside finished ones", [(row["status"], row["training.epochs"]) for row in mixed] == [("finished", "3")] * 2 + [("interrupted", "200000")] * 2, mixed)
    check("numbers of both", [row["epochs"] == "3" and row["loss_gap"] != "" for row in mixed] == [True, True, False, False], mixed)
    means = run("table", "m", "-r", "--group-by", "dataset.name", "-c", "status,runs", "-f", "csv").stdout.splitlines()
    check("means apart", means == ["status,runs", "finished,2", "interrupted,2"], means)
    check("one file", run("table", glob.glob("m/runs/*.h5")[0], "-r").returncode == 2)
    open("late.yaml", "w").write(spec.replace("regularizers.weight_decay: [0.0, 0.01]", "regularizers.weight_decay: [0.0, 0.01]\n    architecture.hidden: [[8, 4], [8]]\n    training.optimizer.type: [sgd, adam]") + "checkpoint: {every_epochs: 1000000}\n")
    without_checkpoint()

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
