"""The cache of a results folder never changes what is shown: python3 cache.py BASIN

A study of enough runs to be worth a cache is tabled, counted and planned with its cache, without it, and with the cache that an earlier
state of the folder has left: after results were damaged, replaced, removed, copied under another name and made unreadable, and
after the cache itself was damaged. That the cache is read at all is seen from one whose digest is right and whose number is not
(needs libxxhash).
"""
import ctypes
import ctypes.util
import glob
import hashlib
import json
import os
import re
import shutil
import struct
import subprocess
import sys
import tempfile
import time

BASIN = os.path.abspath(sys.argv[1])
SPEC = """study: cached
dataset: {name: mnist1d, train_size: 20, test_size: 10}
architecture: {type: linear}
training: {epochs: 1, batch_size: 20}
measures: {weight_norm: {}, hessian_top: {examples: 10}}
sweep:
  list:
    - {architecture: {type: linear}}
    - {architecture: {type: mlp, hidden: [3]}, training.optimizer: {type: adam, learning_rate: 0.01}}
    - {architecture: {type: mlp, hidden: [3, 2]}, training.schedule: {type: cosine, warmup: 1}}
    - {training.optimizer.learning_rate: 1.0e+6}
seeds: 20
"""
MORE = ["--set", "measures.margin={}", "--set", "measures.hessian_top.examples=5"]  # the results lack one, and have another
COMMANDS = (["table", "out", "-f", "csv"], ["table", "out", "--json"], ["table", "out", "--mean", "--all"], ["status", "out"],
            ["status", "out", "--json"], ["table", "out", "--where", "status = diverged", "-f", "csv"],
            ["status", "cached.yaml", "-o", "out"], ["plan", "cached.yaml", "-o", "out", "--all", "--json"],
            ["plan", "cached.yaml", "-o", "out", "--json", *MORE])


def steady(words, text):
    """Without what in a plan depends on the machine as it is now."""
    if words[0] != "plan" or not text:
        return text
    plan = json.loads(text)
    for key in ("program_bytes", "memory_limit", "seconds", "wall_seconds", "timed_by"):
        plan.pop(key, None)
    for run in plan["runs"]:
        run["seconds"] = run["seconds"] if run["reason"] == "done" else 0
    return json.dumps(plan)


def ask():
    """What every command prints, and how it ends."""
    done = [subprocess.run([BASIN, *words], capture_output=True, text=True) for words in COMMANDS]
    return [(words, each.returncode, steady(words, each.stdout), each.stderr) for words, each in zip(COMMANDS, done)] + files()


def files():
    """What collect and report write, and say."""
    made = []
    for words in (["collect", "out", "-o", "made.h5"], ["report", "out", "-o", "made.html"]):
        done = subprocess.run([BASIN, *words], capture_output=True, text=True)
        with open(words[-1], "rb") as file:
            content = re.sub(rb'"time":"[^"]*"', b"", file.read())
        made.append((words, done.returncode, hashlib.sha256(content).hexdigest(), done.stderr))
    return made


def same_as_without(what):
    """With the cache that is there, without one, and with the one that is made now."""
    with_old = ask()
    shutil.rmtree("out/cache", ignore_errors=True)
    without = ask()
    again = ask()
    for old, plain, new in zip(with_old, without, again):
        assert old == plain, (what, old, plain)
        assert new == plain, (what, new, plain)


def settle():
    time.sleep(0.2)  # what changed just now is not kept


class Digest(ctypes.Structure):
    _fields_ = [("low", ctypes.c_uint64), ("high", ctypes.c_uint64)]


def digest(content):
    library = ctypes.CDLL(ctypes.util.find_library("xxhash"))
    library.XXH3_128bits.restype = Digest
    library.XXH3_128bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
    found = library.XXH3_128bits(content, len(content))
    return struct.pack("<QQ", found.low, found.high)


def output(*words):
    return subprocess.run([BASIN, *words], capture_output=True, text=True).stdout


def content(path):
    with open(path, "rb") as file:
        return file.read()


def collected(what, word, runs=80):
    """Says `word`, and study.h5 is what collecting into another file makes of the folder."""
    done = subprocess.run([BASIN, "collect", "out"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stderr.startswith(f"{word} out/study.h5: {runs} of 80 runs"), (what, done)
    subprocess.run([BASIN, "collect", "out", "-o", "other.h5"], check=True, capture_output=True)
    assert content("out/study.h5") == content("other.h5"), what
    settle()


def unchanged(runs):
    """study.h5 is not made again where nothing has changed, and is where anything has."""
    collected("first", "wrote")
    collected("again", "unchanged")
    os.utime(runs[3])
    settle()
    collected("touched", "wrote")
    collected("touched, again", "unchanged")
    shutil.copy("other.h5", "out/study.h5")
    collected("a copy", "wrote")
    with open("out/study.h5", "r+b") as file:
        file.write(b"damage")
    collected("damaged", "wrote")
    os.remove("out/study.h5")
    collected("removed", "wrote")
    with open("out/cache/collected", "r+b") as file:
        file.seek(20)
        file.write(b"damage")
    collected("damaged cache", "wrote")
    collected("and after it", "unchanged")
    os.rename(runs[4], "kept")
    settle()
    collected("a run less", "wrote", 79)
    collected("a run less, again", "unchanged", 79)
    os.rename("kept", runs[4])
    settle()
    collected("back", "wrote")
    subprocess.run([BASIN, "measure", runs[6], "margin"], check=True, capture_output=True)
    settle()
    collected("measured", "wrote")
    open("out/claims/" + os.path.basename(runs[5])[:-3], "w").close()
    settle()
    collected("claimed", "wrote")
    os.remove("out/claims/" + os.path.basename(runs[5])[:-3])
    collected("free", "wrote")
    collected("free, again", "unchanged")


def together():
    """What is collected while runs are trained again is whole, and what is known afterwards is right."""
    running = subprocess.Popen([BASIN, "run", "cached.yaml", "-o", "out", "--force", "-j", "1"], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    count = 0
    while running.poll() is None or count == 0:
        done = subprocess.run([BASIN, "collect", "out"], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
        assert subprocess.run([BASIN, "table", "out"], capture_output=True).returncode == 0
        count += 1
    assert running.returncode == 0
    settle()
    done = subprocess.run([BASIN, "collect", "out"], check=True, capture_output=True)
    subprocess.run([BASIN, "collect", "out", "-o", "other.h5"], check=True, capture_output=True)
    assert content("out/study.h5") == content("other.h5")
    same_as_without("trained meanwhile")


def forge(kind, number, words):
    """A wrong number in the cache is shown: so it is read."""
    with open("out/cache/" + kind, "rb") as file:
        content = file.read()
    assert digest(content[:-16]) == content[-16:]
    right, wrong = struct.pack("<d", number), struct.pack("<d", 123456.5)
    assert content.count(right) >= 1
    forged = content[:-16].replace(right, wrong)
    with open("out/cache/" + kind, "wb") as file:
        file.write(forged + digest(forged))
    assert "123456.5" in output(*words), kind + " is not read"
    shutil.rmtree("out/cache")
    ask()


def forge_all():
    number = float(output("table", "out", "-f", "csv", "--columns", "weight_norm").split("\n")[-2])
    forge("rows", number, COMMANDS[0])
    plan = json.loads(output("plan", "cached.yaml", "-o", "out", "--json"))
    assert plan["done"] == 80, plan
    forge("gaps", next(run["seconds"] for run in plan["runs"] if run["seconds"]), ["plan", "cached.yaml", "-o", "out", "--json"])


def main():
    with open("cached.yaml", "w") as file:
        file.write(SPEC)
    done = subprocess.run([BASIN, "run", "cached.yaml", "-o", "out"], capture_output=True, text=True)
    runs = sorted(glob.glob("out/runs/*.h5"))
    assert len(runs) == 80, (len(runs), done.stderr)
    settle()
    shutil.rmtree("out/cache", ignore_errors=True)
    same_as_without("fresh")
    assert {"curves", "gaps", "rows", "states"} <= set(os.listdir("out/cache"))
    lacks = json.loads(output(*COMMANDS[-1]))
    assert lacks["measure"] == 80 and lacks["done"] == 0, lacks
    if ctypes.util.find_library("xxhash"):
        forge_all()

    unchanged(runs)
    together()
    os.remove(runs[3])
    for words in (["run", "cached.yaml", "-o", "out"], ["measure", *runs[20:24], "margin"]):
        done = subprocess.run([BASIN, *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert os.path.exists(runs[3])
    same_as_without("trained and measured again")

    with open(runs[5], "r+b") as file:  # damaged in place, its time set back
        about = os.stat(runs[5])
        file.seek(700)
        byte = file.read(1)
        file.seek(700)
        file.write(bytes([byte[0] ^ 1]))
        file.flush()
        os.utime(runs[5], ns=(about.st_atime_ns, about.st_mtime_ns))
    same_as_without("damaged")
    os.remove(runs[0])
    same_as_without("removed")
    shutil.copy(runs[8], runs[7])  # another run under this name
    same_as_without("replaced")
    os.rename(runs[9], "out/runs/0000000000000000.h5")
    same_as_without("renamed")
    os.truncate(runs[11], 100)
    same_as_without("cut off")
    settle()
    same_as_without("settled")
    with open("out/cache/rows", "r+b") as file:
        file.seek(1000)
        file.write(b"damage")
    with open("out/cache/states", "wb") as file:
        file.write(b"")
    with open("out/cache/gaps", "r+b") as file:
        file.truncate(3000)
    with open("out/cache/curves", "r+b") as file:
        file.seek(os.path.getsize("out/cache/curves") // 2)
        byte = file.read(1)
        file.seek(-1, os.SEEK_CUR)
        file.write(bytes([byte[0] ^ 4]))
    same_as_without("damaged cache")
    if os.getuid() != 0:
        ask()
        os.chmod(runs[13], 0)
        same_as_without("unreadable")
        os.chmod("out", 0o555)
        ask()
        os.chmod("out", 0o755)
    os.remove("out/cache/rows")
    os.mkfifo("out/cache/rows")  # nobody waits for it
    ask()
    os.remove("out/cache/rows")
    same_as_without("fifo")
    print("the cache changes nothing")


with tempfile.TemporaryDirectory(prefix="basin-cache-") as work:
    os.chdir(work)
    main()
    os.chdir("/")
