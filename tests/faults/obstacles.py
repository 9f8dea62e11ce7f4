"""What others may put into a results folder (promises P1, P5, P6): python3 obstacles.py BASIN CASE

special     FIFOs, sockets, devices, folders and dangling links under the names of results, claims, checkpoints, journals, logs
            and locks: no command waits for one; what is in the way is named, and the other runs of the study are trained
links       symbolic links under the names of temporary files, journal, log and lock: nothing is written where they lead; a
            results folder whose parts are links is refused
swapped     a folder of the results folder is replaced by a link while `run` is under way: likewise
copied      a copy made of hard links (cp -al): `run` goes on in both, and neither writes into the files of the other
unreadable  results and journals of another user with mode 0600: `run`, `plan`, `status` and `table` name them and go on;
            a checkpoint of that kind fails its run, which is not begun anew

Exits 77 (skipped) if the machine cannot produce the fault.
"""
import glob
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SPEC = """study: obstacles
dataset: {name: mnist1d, train_size: 60, test_size: 20}
architecture: {type: mlp, hidden: [4]}
training: {batch_size: 20, epochs: 2}
checkpoint: {every_epochs: 1}
seeds: 3
"""
NOBODY = 65534
SECONDS = 100  # far more than any command takes: only one that waits for ever reaches it


def call(*words, status=(0,), **options):
    done = subprocess.run([BASIN, *words], capture_output=True, text=True, timeout=SECONDS, **options)
    said = done.stdout + done.stderr
    assert done.returncode in status, f"basin {' '.join(words)}: exit {done.returncode}, expected {status}\n{said}"
    return said


def make_fifo(path):
    os.mkfifo(path)


def make_socket(path):
    made = socket.socket(socket.AF_UNIX)
    here = os.getcwd()
    os.chdir(os.path.dirname(path))  # names of sockets are short
    made.bind(os.path.basename(path))
    os.chdir(here)
    made.close()


OBSTACLES = {"fifo": make_fifo, "folder": os.mkdir, "socket": make_socket, "device": lambda path: os.symlink("/dev/zero", path),
             "dangling": lambda path: os.symlink("/nowhere/at/all", path)}
READING = [("plan", "a.yaml", "-o", "out"), ("status", "out"), ("table", "out"), ("verify", "out")]


def start_with(place, obstacle):
    """A study that has one result of three, and something at `place`."""
    shutil.rmtree("out", ignore_errors=True)
    shutil.copytree("one", "out", symlinks=True)
    path = os.path.abspath(f"out/{place}")
    os.makedirs(os.path.dirname(path), exist_ok=True)
    if os.path.lexists(path):
        os.remove(path)
    OBSTACLES[obstacle](path)
    return path


def finished():
    return len([path for path in glob.glob("out/runs/*.h5") if os.path.isfile(path)])


def special():
    plan = call("plan", "a.yaml", "-o", "one")
    ids = sorted(set(re.findall(r"\b[0-9a-f]{16}\b", plan)))
    have = pathlib.Path(glob.glob("one/runs/*.h5")[0]).stem
    lack = next(name for name in ids if name != have)
    places = [f"runs/{have}.h5", f"runs/{lack}.h5", f"claims/{lack}", "claims/.lock", f"checkpoints/{lack}.0", f"checkpoints/{lack}.1",
              "journal/other-5.jsonl", f"logs/{lack}.log", "runs/note.h5", f"runs/{lack}.h5.damaged"]
    for place in places:
        for obstacle in OBSTACLES:
            path = start_with(place, obstacle)
            what = f"{obstacle} at {place}"
            for words in READING:
                call(*words, status=(0, 1, 3))
            said = call("run", "a.yaml", "-o", "out", "-j", "1", status=(0, 1, 3))
            if place == "claims/.lock":  # without it nobody can tell whose a run is
                assert ".lock" in said, f"{what}\n{said}"
                continue
            is_result = place in (f"runs/{have}.h5", f"runs/{lack}.h5") and obstacle != "dangling"
            is_claim = place == f"claims/{lack}"
            assert finished() >= 2, f"{what}: the other runs are not trained\n{said}"
            assert finished() == (2 if is_result or is_claim else 3), f"{what}: {finished()} results\n{said}"
            if is_result or is_claim or place == "journal/other-5.jsonl":
                assert place in said, f"{what} is not named\n{said}"
            if is_result:
                assert os.path.lexists(path) and not os.path.isfile(path), f"{what}: it was replaced"
                assert place in call("status", "out"), f"{what}: status does not name it"
                assert place in call("run", "a.yaml", "-o", "out", "--retry", "failed", status=(1, 3))
                assert place in call("table", "out", status=(0, 1)) or obstacle == "folder", f"{what}: table does not name it"
    print(f"{len(places)} places, {len(OBSTACLES)} kinds of obstacle")


def links():
    with open("victim", "w", encoding="utf-8") as file:
        file.write("precious")
    victim = os.path.abspath("victim")

    def unharmed(what):
        with open("victim", encoding="utf-8") as file:
            assert file.read() == "precious", what

    for part in ("runs", "journal", "claims", "checkpoints", "logs"):
        shutil.rmtree("out", ignore_errors=True)
        os.makedirs("out")
        os.makedirs(f"elsewhere/{part}", exist_ok=True)
        os.symlink(os.path.abspath(f"elsewhere/{part}"), f"out/{part}")
        said = call("run", "a.yaml", "-o", "out", status=(3,))
        assert f"out/{part} is a symbolic link to" in said, said
        assert not os.listdir(f"elsewhere/{part}"), part
    os.symlink(os.path.abspath("elsewhere"), "by-link")  # the folder itself may be one
    shutil.rmtree("elsewhere")
    os.makedirs("elsewhere")
    call("run", "a.yaml", "-o", "by-link")
    # The names of the next processes: each would find its journal taken.
    shutil.rmtree("out")
    os.makedirs("out/journal")
    host = re.sub(r"[^A-Za-z0-9._-]", "_", socket.gethostname())
    probe = subprocess.Popen(["true"])
    probe.wait()
    for number in range(probe.pid, probe.pid + 2000):
        os.symlink(victim, f"out/journal/{host}-{number}.jsonl")
    said = call("run", "a.yaml", "-o", "out", status=(0, 3))  # 0: another process took all those numbers
    assert "a symbolic link" in said or "finished" in said, said
    unharmed("the journal")
    shutil.rmtree("out")
    os.makedirs("out/logs")
    for name in sorted(set(re.findall(r"\b[0-9a-f]{16}\b", call("plan", "a.yaml", "-o", "out")))):
        os.symlink(victim, f"out/logs/{name}.log")
    with open("out/logs/warn", "w", encoding="utf-8"):
        pass
    call("run", "a.yaml", "--set", "training.optimizer.learning_rate=1000000", "-o", "out", status=(0, 1))
    for name in glob.glob("out/runs/*.h5"):
        path = f"out/logs/{pathlib.Path(name).stem}.log"
        if not os.path.lexists(path):
            os.symlink(victim, path)
    call("run", "a.yaml", "-o", "out", status=(0, 1))
    unharmed("a log")
    print("nothing was written where a link led")


def swapped():
    """A folder is replaced by a link while `run` is under way, stopped between two of its system calls."""
    seeds = 40
    with open("many.yaml", "w", encoding="utf-8") as file:
        file.write(SPEC.replace("seeds: 3", f"seeds: {seeds}"))
    for part in ("runs", "claims", "checkpoints", "logs"):
        shutil.rmtree("out", ignore_errors=True)
        victim = pathlib.Path(f"victim-{part}")
        victim.mkdir()
        with subprocess.Popen([BASIN, "run", "many.yaml", "-o", "out", "-j", "1"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
            while process.poll() is None and not glob.glob("out/runs/*.h5"):
                time.sleep(0.001)
            process.send_signal(signal.SIGSTOP)
            os.waitpid(process.pid, os.WUNTRACED)
            left = seeds - finished()
            if os.path.isdir(f"out/{part}"):
                os.rename(f"out/{part}", "aside")
            os.symlink(victim.resolve(), f"out/{part}")
            for name in os.listdir("aside") if os.path.isdir("aside") else ():
                if part != "runs" and name != ".lock":
                    (victim / name).write_text("precious")
            before = {path.name: path.read_bytes() for path in victim.iterdir()}
            process.send_signal(signal.SIGCONT)
            said = process.communicate(timeout=SECONDS)[0]
        assert {path.name: path.read_bytes() for path in victim.iterdir()} == before, f"{part}: {os.listdir(victim)}\n{said}"
        assert left > 1, "all runs were finished before the folder was replaced: ask for more"
        assert part in ("logs", "checkpoints") or f"out/{part} is a symbolic link" in said, said
        shutil.rmtree("aside", ignore_errors=True)
    print("nothing was written where a link led")


def copied():
    shutil.copytree("one", "copy", copy_function=os.link)
    before = {path: pathlib.Path(path).read_bytes() for path in glob.glob("one/*/*") if os.path.isfile(path)}
    assert "2 runs finished" in call("run", "a.yaml", "-o", "copy")
    for path, content in before.items():
        assert pathlib.Path(path).read_bytes() == content, path
    assert "2 runs finished" in call("run", "a.yaml", "-o", "one")
    call("verify", "--compare", "one", "copy")
    print("both went on")


def as_nobody(*words, status):
    def become():
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    return call(*words, status=status, preexec_fn=become, env={**os.environ, "HOME": "/nonexistent"})


def unreadable():
    if os.geteuid() != 0:
        print("only root can become another user")
        sys.exit(77)
    os.chmod(".", 0o777)
    os.chmod("a.yaml", 0o644)
    for folder, _, _ in os.walk("one"):
        os.chmod(folder, 0o777)
    try:
        as_nobody("--version", status=(0,))
    except (AssertionError, PermissionError, subprocess.SubprocessError) as why:
        print(f"another user cannot start this program: {why}")
        sys.exit(77)
    result = glob.glob("one/runs/*.h5")[0]
    journal = glob.glob("one/journal/*.jsonl")[0]
    for path in glob.glob("one/claims/.lock"):
        os.chmod(path, 0o666)
    os.chmod(result, 0o600)
    for words in (("plan", "a.yaml", "-o", "one"), ("status", "one"), ("table", "one")):
        said = as_nobody(*words, status=(0, 1))
        assert result in said or "cannot be read" in said, f"{words}: {said}"
        assert "Permission denied" in said, f"{words}: {said}"
    os.chmod(journal, 0o600)
    for words in (("plan", "a.yaml", "-o", "one"), ("status", "one"), ("table", "one")):
        said = as_nobody(*words, status=(0, 1))
        assert journal in said, f"{words}: {said}"
    before = os.stat(result)
    ids = sorted(set(re.findall(r"\b[0-9a-f]{16}\b", call("plan", "a.yaml", "-o", "one"))))
    lack = next(name for name in ids if name not in result)
    slot = pathlib.Path(f"one/checkpoints/{lack}.0")  # perhaps one that is good: nobody starts over, and overwrites it
    slot.write_text("?")
    slot.chmod(0o600)
    said = as_nobody("run", "a.yaml", "-o", "one", status=(3,))
    assert f"{slot}: Permission denied" in said and "1 run finished" in said, said
    assert slot.read_text() == "?", "it was overwritten"
    slot.unlink()
    said = as_nobody("run", "a.yaml", "-o", "one", status=(1,))
    assert result in said and journal in said and "1 run finished" in said, said
    assert len(glob.glob("one/runs/*.h5")) == 3
    said = as_nobody("run", "a.yaml", "-o", "one", "--retry", "failed", status=(1,))
    assert result in said, said
    assert os.stat(result).st_ino == before.st_ino and os.stat(result).st_mtime == before.st_mtime, "it was replaced"
    print("named, and gone on without")


def main(case):
    with open("a.yaml", "w", encoding="utf-8") as file:
        file.write(SPEC)
    call("run", "a.yaml", "-o", "one", "--set", "seeds=1")
    {"special": special, "links": links, "swapped": swapped, "copied": copied, "unreadable": unreadable}[case]()


if __name__ == "__main__":
    BASIN = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        main(sys.argv[2])
        os.chdir("/")
