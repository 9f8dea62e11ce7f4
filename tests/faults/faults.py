"""What happens when things go wrong (promises P1, P2, P5, P6): python3 faults.py BASIN CASE [MAKE_HDF5]

kill      SIGKILL at 30 random moments (8 under sanitizers): after each, every *.h5 is verified; the next run completes the study with the same bits
writing   the same, where most of the time goes into writing large results
signals   SIGINT gives 130 and SIGTERM 143, leaves no stray file, and prints the command that continues; a second SIGINT ends at once
measuring a run that is stopped during its measures keeps what was trained
disk      a full disk and a file-size limit: exit 3, finished files intact, the next run continues
readonly  a folder that cannot be made or written: exit 3 before anything is trained
damage    truncated, flipped, empty, foreign and misnamed results are reported, never used, set aside and trained again
slots     one of two checkpoints is damaged, empty, missing or another run's: the run resumes from the other one; without either it starts over
kernels   a checkpoint and a result made with other kernels of the libraries (DNNL_MAX_CPU_ISA and the like): started over with a warning; foreign
memory    the most that a process has in memory is within --memory, where that is what the plan says that its runs need: large networks, checkpoints, measures, resumption
limits    `ulimit -v`, `-d` and `-u`, from far too small to enough: every command succeeds, or says that memory or threads are short; never a signal or a hang
stale     temporary files of dead processes, and old ones of other hosts, are removed; those of living processes stay
together  several processes in one folder train no run twice; the runs of a killed process are taken over at once
elsewhere runs of another process: refused, finished or failed there
foreign   HDF5 data files with wrong bytes, or cut off, which crash and hang libhdf5: they are read, or refused with exit 2 or 3, nothing else
suspects  runs in progress during a crash are trained alone; one that crashes twice alone is quarantined; interruptions are not crashes
failure   one run's failure stops no other; exit status, summary, journal and status name it

Exits 77 (skipped) if the machine cannot produce the fault.
"""
import glob
import json
import os
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

SPEC = """study: faults
dataset: {name: mnist1d, train_size: 400, test_size: 200}
architecture: {type: mlp, hidden: [32]}
training:
  optimizer: {type: adam, learning_rate: 0.01}
  batch_size: 32
  epochs: %(epochs)d
measures:
  hessian_top: {k: 1, examples: 200, max_iterations: 20}
sweep:
  grid:
    regularizers.weight_decay: [0.0, 0.001, 0.01, 0.1]
seeds: %(seeds)d
"""


def write(name, epochs=4, seeds=2):
    with open(name, "w", encoding="utf-8") as file:
        file.write(SPEC % {"epochs": epochs, "seeds": seeds})
    return name


def call(*words, **options):
    return subprocess.run([BASIN, *words], capture_output=True, text=True, timeout=600, **options)


def basin(*words, status=0, **options):
    done = call(*words, **options)
    if done.returncode != status:
        sys.exit(f"basin {' '.join(words)}: exit {done.returncode}, expected {status}\n{done.stdout}{done.stderr}")
    return done.stdout + done.stderr


def results(folder):
    return sorted(glob.glob(folder + "/runs/*.h5"))


def only_results(folder):
    """Nothing but complete results is in the folder."""
    names = os.listdir(folder + "/runs")
    assert all(name.endswith(".h5") for name in names), names
    if names:
        basin("verify", folder)


def kill_often(spec, runs):
    start = time.monotonic()
    basin("run", spec, "-o", "whole", "-j", "2")
    whole = time.monotonic() - start
    killed, kept = 0, 0
    while killed < (8 if "-fsanitize" in basin("--version") else 30):  # a sanitizer sees nothing of a kill
        # With kills at random some run dies alone again and again, and is quarantined.
        process = subprocess.Popen([BASIN, "run", spec, "-o", "pieces", "-j", "2", "--retry", "failed"], stderr=subprocess.DEVNULL)
        try:
            process.wait(timeout=random.uniform(0.02, 0.6) * whole)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            killed += 1
        if results("pieces"):
            basin("verify", "pieces")
            kept = max(kept, len(results("pieces")))
        if len(results("pieces")) == runs:
            basin("verify", "--compare", "whole", "pieces")
            shutil.rmtree("pieces")
    assert kept > 0, "no run ever finished between two kills"
    basin("run", spec, "-o", "pieces", "-j", "2", "--retry", "failed")
    only_results("pieces")
    basin("verify", "--compare", "whole", "pieces")
    assert json.loads(basin("status", "pieces", "--json"))["finished"] == runs


def kill():
    kill_often(write("a.yaml", epochs=60, seeds=6), 24)


LARGE = """study: faults
dataset: {name: mnist1d, train_size: 20, test_size: 20}
architecture: {type: mlp, hidden: [700, 700, 700]}
training: {batch_size: 20, epochs: 1}
weights: {initial: true}
seeds: 8
"""


def writing():
    with open("large.yaml", "w", encoding="utf-8") as file:
        file.write(LARGE)
    kill_often("large.yaml", 8)


def interrupted(spec, number, wait, *more):
    process = subprocess.Popen([BASIN, "run", spec, "-o", "out", "-j", "2", *more], stderr=subprocess.PIPE, text=True)
    process.stderr.readline()  # it has begun
    time.sleep(wait)
    process.send_signal(number)
    return process


def signals():
    spec = write("a.yaml", epochs=100000)
    for number in (signal.SIGINT, signal.SIGTERM):
        process = interrupted(spec, number, 1.0)
        _, messages = process.communicate(timeout=60)
        assert process.returncode == 128 + number, (process.returncode, messages)
        assert messages.count("stopping; press Ctrl-C again to stop at once\n") == 1, messages
        assert "Continue with: basin run a.yaml -o out" in messages, messages
        only_results("out")
    journal = "".join(open(name, encoding="utf-8").read() for name in glob.glob("out/journal/*.jsonl"))
    events = [json.loads(line) for line in journal.splitlines()]
    assert [event["signal"] for event in events if event["event"] == "study_interrupt"] in ([2, 15], [15, 2]), journal
    counts = json.loads(basin("status", "out", "--json"))
    assert counts["interrupted"] > 0 and counts["interrupted"] + counts["missing"] == 8, counts
    # Steps of a second or so: the first signal waits for the end of one, the second does not.
    slow = ("--set", "architecture.hidden=[3000, 3000]", "--set", "dataset.train_size=4000",
            "--set", "training.batch_size=4000")
    process = interrupted(spec, signal.SIGINT, 1.5, *slow)
    time.sleep(0.4)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGINT, process.returncode
    # `timeout` signals the process and its group; a batch system may warn where the time limit has been reached: no impatience.
    for first, second, pause in ((signal.SIGINT, signal.SIGINT, 0.01), (signal.SIGTERM, signal.SIGTERM, 0.01), (signal.SIGTERM, signal.SIGTERM, 0.4)):
        process = interrupted(spec, first, 1.5, *slow)
        time.sleep(pause)
        process.send_signal(second)
        messages = process.communicate(timeout=60)[1]
        assert process.returncode == 128 + first and "Continue with" in messages, (process.returncode, messages)


WIDE = """study: wide
dataset: {name: mnist1d, train_size: 100, test_size: 50}
architecture: {type: mlp, hidden: [100, 60]}
training: {batch_size: 20, epochs: 4, optimizer: {type: adam, learning_rate: 0.01}}
checkpoint: {every_epochs: 1}
seeds: 16
"""


def measuring():
    """Stopped while it is measured, a run keeps what was trained."""
    with open("end.yaml", "w", encoding="utf-8") as file:
        file.write("study: end\ndataset: {name: mnist1d}\narchitecture: {type: mlp, hidden: [64]}\ntraining: {epochs: 3}\n"
                   "measures: {hessian_top: {k: 20, ends: both, examples: 4000, max_iterations: 100000, tolerance: 1.0e-9}}\n")
    process = start("end.yaml", "-o", "end", "-j", "1")
    for _ in range(6000):
        if glob.glob("end/checkpoints/*.[01]") or process.poll() is not None:
            break
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    assert process.wait() == 130
    run = json.loads(call("plan", "end.yaml", "-o", "end", "--json").stdout)["runs"][0]
    assert run["reason"] == "resume from epoch 3", run
    with open("first.yaml", "w", encoding="utf-8") as file:
        file.write("study: first\ndataset: {name: mnist1d}\narchitecture: {type: mlp, hidden: [64]}\ntraining: {epochs: 3}\n"
                   "measures: {hessian_top: {k: 20, ends: both, examples: 4000, max_iterations: 100000, tolerance: 1.0e-9, every: 1}}\n")
    # The signal must come while the first measure is under way, which nothing announces: later and later until it does.
    for step in range(18):  # 0.01 s ... 10 s
        process = start("first.yaml", "-o", "first", "-j", "1")
        await_start("first", process)
        time.sleep(0.01 * 1.5 ** step)
        process.send_signal(signal.SIGINT)
        messages = process.communicate()[1]
        if process.returncode == 130 and "except 1 run without a checkpoint, which starts over" in messages:
            return
        assert process.returncode in (0, 130), messages
        shutil.rmtree("first")
    sys.exit("no interruption before the first checkpoint:\n" + messages)


def limit_file_size():
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (8192, 8192))


def disk():
    spec = write("a.yaml")
    basin("run", spec, "-o", "whole", "-j", "2")
    messages = basin("run", spec, "-o", "limited", "-j", "2", status=3, preexec_fn=limit_file_size)
    assert messages.count("File too large") >= 8, messages
    only_results("limited")
    assert not results("limited")
    basin("run", spec, "-o", "limited", "-j", "2")
    basin("verify", "--compare", "whole", "limited")
    os.mkdir("small")
    if not fill_up(spec, 200 << 10, 8, "2"):
        print("no right to mount a small tmpfs: the full disk was tried by a file-size limit only")
        return
    # One run at a time: the first checkpoint of the first run fits, the second does not, its result does; with this
    # result there, the checkpoint of the second run fits, and its result does not; with this checkpoint there, no other
    # run is begun.
    with open("wide.yaml", "w", encoding="utf-8") as file:
        file.write(WIDE)
    shutil.rmtree("whole")
    basin("run", "wide.yaml", "-o", "whole", "-j", "2")
    checkpoint, result = 230_000, os.path.getsize(results("whole")[0])
    assert 60_000 < result < checkpoint - 60_000, result
    messages = fill_up("wide.yaml", checkpoint + result + 44_000, 16, "1")
    assert "a checkpoint could not be written" in messages, messages


def fill_up(spec, size, runs, jobs):
    """A disk that is full before the study is done: what `run` says; None where no small disk can be mounted."""
    if subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", "small"], stderr=subprocess.DEVNULL).returncode:
        return None
    try:
        messages = basin("run", spec, "-o", "small/out", "-j", jobs, status=3)
        assert "full" in messages or "No space left" in messages, messages
        assert "small/out" in messages and "free some space" in messages, messages
        done = {name: os.stat(name).st_mtime_ns for name in results("small/out")}
        assert 0 < len(done) < runs, messages
        only_results("small/out")
        assert json.loads(call("status", "small/out", "--json").stdout)["failed"] > 0
        subprocess.run(["mount", "-o", "remount,size=50m", "small"], check=True)
        basin("run", spec, "-o", "small/out", "-j", "2")
        basin("verify", "--compare", "whole", "small/out")
        assert {name: os.stat(name).st_mtime_ns for name in done} == done, "a finished run was written again"
        assert os.listdir("small/out/checkpoints") == [] and os.listdir("small/out/claims") in ([], [".lock"])
        only_results("small/out")
        return messages
    finally:
        subprocess.run(["umount", "small"], check=True)


def readonly():
    spec = write("a.yaml")
    with open("file", "w", encoding="utf-8"):
        pass
    for folder in ("file", "file/below", "/proc/basin-test"):
        messages = basin("run", spec, "-o", folder, status=3)
        assert "test_accuracy" not in messages and folder in messages, messages
    os.mkdir("half")
    with open("half/runs", "w", encoding="utf-8"):
        pass
    assert "half/runs" in basin("run", spec, "-o", "half", status=3)
    # Where nothing is to be done nothing is written.
    basin("run", spec, "-o", "done", "-j", "2")
    shutil.rmtree("done/journal")
    with open("done/journal", "w", encoding="utf-8"):
        pass
    assert "8 finished already" in basin("run", spec, "-o", "done")
    if os.geteuid() != 0:
        os.mkdir("closed", 0o555)
        assert "Permission denied" in basin("run", spec, "-o", "closed", status=3)


def flip(name, byte):
    with open(name, "r+b") as file:
        file.seek(byte)
        value = file.read(1)[0]
        file.seek(byte)
        file.write(bytes([value ^ 4]))


def damage():
    spec = write("a.yaml")
    basin("run", spec, "-o", "whole", "-j", "2")
    shutil.copytree("whole", "out")
    files = results("out")
    flip(files[0], os.path.getsize(files[0]) // 2)
    os.truncate(files[1], os.path.getsize(files[1]) - 512)
    os.truncate(files[2], 0)
    with open(files[3], "w", encoding="utf-8") as file:
        file.write("not a result\n")
    shutil.copy(files[5], files[4])
    verdict = basin("verify", "out", status=1)
    assert verdict.count("ok ") == 3 and verdict.count("damaged ") == 4, verdict
    assert verdict.count("not a result out") == 1 and verdict.count("holds another run") == 1, verdict
    table = basin("table", "out", "--json", status=1)
    assert table.count("left out") == 4 and table.count("\"run_id\"") == 4, table
    counts = json.loads(basin("status", "out", "--json"))
    assert counts["damaged"] == 5 and counts["finished"] == 3, counts
    assert "holds another run" in json.dumps(counts["failures"]), counts
    for name in files[:4]:
        assert call("show", name).returncode in (1, 3)
    plan = json.loads(call("plan", spec, "-o", "out", "--json").stdout)
    assert plan["damaged"] == 5 and plan["finished"] == 3, plan
    messages = basin("run", spec, "-o", "out", "-j", "2")
    assert messages.count("is damaged") == 5 and "the damaged file of" not in messages, messages  # told once
    assert sorted(glob.glob("out/runs/*.damaged")) == [name + ".damaged" for name in files[:5]]
    basin("verify", "--compare", "whole", "out")


SLOTS = """study: slots
dataset: {name: mnist1d, train_size: 400, test_size: 100}
architecture: {type: cnn, channels: [4], norm: batch}
training: {batch_size: 20, epochs: %d, optimizer: {type: adam, learning_rate: 0.01}}
checkpoint: {every_epochs: 1}
seeds: 2
"""


def slots():
    """Of an interrupted run's two checkpoints one or both are damaged, empty, gone or another run's."""
    with open("a.yaml", "w", encoding="utf-8") as file:
        file.write(SLOTS % 40)
    basin("run", "a.yaml", "-o", "whole", "-j", "2")
    ids = [run["run_id"] for run in json.loads(call("plan", "a.yaml", "--json").stdout)["runs"]]
    for attempt in range(20):  # between two checkpoints of each run and the end of one: earlier or later on a slower machine
        process = interrupted("a.yaml", signal.SIGINT, 0.15 * 1.4 ** (attempt % 10))
        process.communicate()
        if all(len(glob.glob(f"out/checkpoints/{run}.?")) == 2 for run in ids):
            break
        shutil.rmtree("out")
    assert process.returncode == 130 and not results("out"), process.returncode
    shutil.move("out", "kept")

    def resumed():
        return {run["run_id"]: run.get("resume_step") for run in json.loads(call("plan", "a.yaml", "-o", "out", "--json").stdout)["runs"]}

    shutil.copytree("kept", "out")
    newest = resumed()
    assert all(newest.values()), newest
    run, other = ids

    def spoil(damage, *which):
        shutil.rmtree("out")
        shutil.copytree("kept", "out")
        for slot in which:
            damage(f"out/checkpoints/{run}.{slot}")

    def cut(path):
        os.truncate(path, 0)

    def swap(path):
        shutil.copy(f"out/checkpoints/{other}.0", path)

    def bit(path):
        flip(path, os.path.getsize(path) // 2)

    steps = []
    for damage in (bit, cut, os.remove, swap):
        for which in ((0,), (1,), (0, 1)):
            spoil(damage, *which)
            steps.append(resumed()[run])
            assert resumed()[other] == newest[other]
            messages = basin("run", "a.yaml", "-o", "out", "-j", "2")
            started_over = "its checkpoint cannot be used, and it started over" in messages
            assert started_over == (len(which) == 2 and damage is not os.remove), messages
            assert os.path.exists(f"out/logs/{run}.log") == started_over
            basin("verify", "--compare", "whole", "out")
            assert os.listdir("out/checkpoints") == [], os.listdir("out/checkpoints")
    assert steps[2::3] == [None] * 4, "with neither slot it is new"
    assert all(a and b and max(a, b) == newest[run] for a, b in zip(steps[0::3], steps[1::3])), (steps, newest)


def kernels():
    """The environment can make oneDNN, OpenBLAS and the C library use other kernels: other bits."""
    def use(*words, **environment):
        return basin(*words, env=dict(os.environ, **environment))

    def resumed(**environment):
        planned = call("plan", spec, "-o", "out", "--json", *one, env=dict(os.environ, **environment))
        return json.loads(planned.stdout)["runs"][0].get("resume_step")

    spec = write("a.yaml", epochs=100000)
    one = ("--set", "sweep={}", "--set", "seeds=1", "--set", "checkpoint.every_seconds=0")
    process = subprocess.Popen([BASIN, "run", spec, "-o", "out", *one], stderr=subprocess.DEVNULL)
    while not glob.glob("out/checkpoints/*.1"):
        assert process.poll() is None
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130
    others = {"DNNL_MAX_CPU_ISA": "SSE41", "OPENBLAS_CORETYPE": "Prescott", "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-FMA,-AVX2,-FMA4,-AVX"}
    told = basin("--version").splitlines()
    tried = 0
    for name, value in others.items():
        differs = use("--version", **{name: value}).splitlines()
        changed = [line for line in differs if line not in told]
        tried += bool(changed)  # not every machine has a choice
        assert bool(resumed(**{name: value})) != bool(changed), (name, changed)
    if not tried:
        sys.exit(77)
    assert resumed()
    assert "or with other kernels of the libraries" in use("plan", spec, "-o", "out", *one, **others)
    short = (spec, "--set", "sweep={}", "--set", "seeds=1", "--set", "training.epochs=2")
    use("run", *short, "-o", "other", **others)
    note = "note: 1 result was made by another build or format, on another CPU or with other kernels of the libraries, and is kept unchanged"
    assert note in basin("run", *short, "-o", "other")
    assert note not in use("run", *short, "-o", "other", **others)
    recorded = next(line for line in use("--version", **others).splitlines() if line.startswith("kernels"))
    with open(results("other")[0], "rb") as file:
        assert recorded[len("kernels"):].strip().encode() in file.read()


MEMORY = """study: memory
dataset: {name: mnist1d, train_size: 600, test_size: 200}
architecture: {type: mlp, hidden: [8]}
training: {epochs: 3, optimizer: {type: adam, learning_rate: 0.001}}
checkpoint: {every_epochs: 1}
weights: {initial: true}
"""
HESSIAN = "measures={hessian_top: {k: 2, examples: 300, max_iterations: 6}, weight_norm: {}}"


def peak(limit, folder, *more):
    """The most that `run` had in memory with this limit, in bytes."""
    process = subprocess.Popen([BASIN, "run", "memory.yaml", "-o", folder, "-j", "1", "--memory", str(limit), *more], stderr=subprocess.PIPE, text=True)
    messages = process.stderr.read()
    _, state, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(state)
    assert process.returncode == 0, (limit, messages)
    return usage.ru_maxrss << 10


def memory():
    """The estimate leaves no more than what the libraries vary by, so the limit is as tight as it can be."""
    if "-fsanitize" in basin("--version"):
        sys.exit(77)  # a sanitizer's own memory counts
    with open("memory.yaml", "w", encoding="utf-8") as file:
        file.write(MEMORY)
    networks = ("{type: mlp, hidden: [1000, 1000]}", "{type: mlp, hidden: [2000]}", "{type: cnn, channels: [16, 32], norm: batch}", "{type: lstm, hidden_size: 32}",
                "{type: resnet, width: 8}", "{type: transformer, width: 16, heads: 2, patch: 4}", "linear")
    for network in networks:
        size = ("--set", f"architecture={network}", "--set", "training.epochs=1" if "mlp" not in network else "training.epochs=2")
        for more in (size, (*size, "--set", HESSIAN)):
            folder = f"out{abs(hash(network))}"  # the measures are added to what was trained
            plan = json.loads(call("plan", "memory.yaml", "--json", *more).stdout)
            limit = int(plan["program_bytes"] + plan["data_bytes"] + plan["peak_bytes"]) + 1
            most = peak(limit, folder, *more)
            assert most <= limit, f"{more}: {most >> 10} KiB, and the limit was {limit >> 10} KiB"
            assert limit < most + (64 << 20) + plan["peak_bytes"] / 2, f"{more}: {most >> 10} KiB, far below the limit of {limit >> 10} KiB"


def limits():
    """Under every limit of the process an answer within a time; afterwards, without limits, the same results as ever."""
    if "-fsanitize" in basin("--version"):
        sys.exit(77)  # a sanitizer maps terabytes
    with open("limits.yaml", "w", encoding="utf-8") as file:
        file.write("study: limits\ndataset: {name: mnist1d, train_size: 300, test_size: 100}\narchitecture: {type: cnn, channels: [16, 16]}\n"
                   "training: {epochs: 2}\nmeasures: {hessian_top: {k: 1, examples: 60, max_iterations: 4}}\ncheckpoint: {every_epochs: 1}\nseeds: 2\n")
    basin("run", "limits.yaml", "-o", "whole", "-j", "2")
    result = results("whole")[0]
    commands = (("check", "limits.yaml"), ("plan", "limits.yaml"), ("run", "limits.yaml", "-o", "out", "-j", "2", "--retry", "failed"),
                ("run", "limits.yaml", "-o", "wide", "-j", "2", "--retry", "failed", "--set", "precision=float64"), ("show", result), ("table", "whole"), ("status", "whole"),
                ("verify", "whole"), ("verify", "--rerun", result))
    sizes = {resource.RLIMIT_AS: (60, 115, 120, 140, 160, 200, 260, 300, 340, 400, 480, 600, 900), resource.RLIMIT_DATA: (1, 6, 12, 24, 40, 60, 100, 170, 210, 260, 340, 420)}
    ended = set()
    for kind, values in sizes.items():
        for size in values:
            for words in commands:
                done = subprocess.run([BASIN, *words], capture_output=True, text=True, timeout=120,
                                      preexec_fn=lambda: resource.setrlimit(kind, (size << 20, size << 20)))
                told = (kind, size, words, done.returncode, done.stderr)
                if done.returncode == 127:  # it has not begun
                    assert "error while loading shared libraries" in done.stderr, told
                elif done.returncode:
                    assert done.returncode in (1, 3) and any(word in done.stderr for word in ("out of memory", "OpenBLAS needs", "no memory", "cannot start the thread")), told
                    assert words[0] == "run" or done.returncode == 3, told
                ended.add((words[0], done.returncode))
    assert all((words[0], 0) in ended for words in commands) and ("check", 3) in ended, ended
    basin("run", "limits.yaml", "-o", "out", "-j", "2", "--retry", "failed")
    basin("verify", "--compare", "whole", "out")
    if os.getuid() == 0:  # to whom no number of processes is a limit
        os.chmod(".", 0o777)

    def few():
        if os.getuid() == 0:
            os.setgid(65534)
            os.setuid(65534)
        resource.setrlimit(resource.RLIMIT_NPROC, (number, number))

    for number in (1, 2, 3, 4, 8):
        try:
            done = subprocess.run([BASIN, "run", "limits.yaml", "-o", f"few{number}", "-j", "2"], capture_output=True, text=True, timeout=120, preexec_fn=few)
        except PermissionError:  # somebody else may not even start it
            break
        assert done.returncode in (0, 3), done
        assert done.returncode == 0 or "cannot start the thread that" in done.stderr, done


def stale():
    spec = write("a.yaml")
    os.makedirs("out/runs")
    hour = 3600
    names = {"0123456789abcdef.h5.another-host-01234567-1-0.tmp": (2 * hour, False),
             "0123456789abcdef.h5.another-host-01234567-2-0.tmp": (0, True),
             f"0123456789abcdef.h5.{socket.gethostname()}-01234567-{os.getpid()}-0.tmp": (0, True),
             "my-1-0.tmp": (2 * hour, True)}
    for name, (age, _) in names.items():
        with open("out/runs/" + name, "w", encoding="utf-8") as file:
            file.write("part of a result")
        os.utime("out/runs/" + name, (time.time() - age, time.time() - age))
    basin("run", spec, "-o", "out", "-j", "2")
    for name, (_, stays) in names.items():
        assert os.path.exists("out/runs/" + name) == stays, name
    assert len(results("out")) == 8
    # A process that is killed while it writes: the next one knows that it is gone.
    with open("large.yaml", "w", encoding="utf-8") as file:
        file.write(LARGE)
    for _ in range(50):
        process = subprocess.Popen([BASIN, "run", "large.yaml", "-o", "large", "-j", "1"], stderr=subprocess.DEVNULL)
        while process.poll() is None and not (left := glob.glob("large/runs/*.tmp")):
            pass
        process.kill()
        process.wait()
        if left := glob.glob("large/runs/*.tmp"):
            break
        shutil.rmtree("large", ignore_errors=True)
    assert left, "it was never caught writing"
    basin("run", "large.yaml", "-o", "large", "-j", "2", "--retry", "crashed")
    only_results("large")


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))


def together():
    spec = write("a.yaml", epochs=40, seeds=5)
    basin("run", spec, "-o", "alone", "-j", "2")
    processes = [subprocess.Popen([BASIN, "run", spec, "-o", "out", "-j", "2"], stderr=subprocess.PIPE, text=True) for _ in range(4)]
    time.sleep(0.6)
    processes[0].kill()
    messages = [process.communicate(timeout=160)[1] for process in processes]
    assert [process.returncode for process in processes[1:]] == [0, 0, 0], messages
    assert "is working in this folder" in "".join(messages[1:]), messages
    assert " of them by another process" in "".join(messages[1:]), messages
    lines = [line for name in glob.glob("out/journal/*.jsonl") for line in open(name, encoding="utf-8") if line.endswith("\n")]
    starts = [event["run_id"] for event in map(json.loads, lines) if event["event"] == "run_start"]
    again = len(starts) - len(set(starts))
    assert len(set(starts)) == 20 and again <= 2, f"{again} runs were begun twice, and at most the two of the killed process may be"
    only_results("out")
    basin("verify", "--compare", "alone", "out")
    assert sorted(os.listdir("out/claims") + os.listdir("out/checkpoints")) == [".lock"]


def events(folder):
    """What every process has said, in order of time."""
    lines = [line for name in glob.glob(folder + "/journal/*.jsonl") for line in open(name, encoding="utf-8") if line.endswith("\n")]
    return sorted(map(json.loads, lines), key=lambda event: event["time"])


def start(*words):
    return subprocess.Popen([BASIN, "run", *words], stderr=subprocess.PIPE, text=True)


def await_start(folder, process, number=1):
    for _ in range(6000):
        if len(begun(folder, process.pid)) >= number:
            return
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    sys.exit(f"{number} runs never began in {folder}")


def one(name, epochs):
    """A study of one run."""
    with open(name, "w", encoding="utf-8") as file:
        file.write(SPEC.split("sweep:")[0] % {"epochs": epochs})
    return name


def elsewhere():
    long = one("long.yaml", epochs=100000)
    huge = ("--set", "architecture.hidden=[2000, 2000]")
    # A limit that is too low for what another process trains says nothing of that run.
    first = start(long, "-o", "refused", "-j", "1", *huge)
    await_start("refused", first)
    second = start(long, "-o", "refused", "-j", "1", "--memory", "100M", *huge)
    lines = [second.stderr.readline() for _ in range(2)]
    if "is working in this folder" not in lines[1]:
        first.kill()  # it would train for hours
        sys.exit("".join(lines))
    time.sleep(0.3)
    counts = json.loads(basin("status", "refused", "--json"))
    assert counts["failed"] == 0, counts
    assert [event["event"] for event in events("refused") if "run_id" in event] == ["run_start"], events("refused")
    first.kill()
    first.wait()
    messages = second.communicate(timeout=60)[1]
    assert second.returncode == 1 and "the run needs" in messages and "--memory" in messages, messages
    assert [event.get("refused") for event in events("refused") if event["event"] == "run_fail"] == [True]
    # It fits now: nobody need ask for it.
    assert "1 failed" in basin("plan", long, "-o", "refused", "--memory", "100M", *huge)
    assert json.loads(call("plan", long, "-o", "refused", *huge, "--json").stdout)["failed"] == 0
    basin("run", long, "-o", "refused", *huge, "--set", "training.epochs=100000", "--time-limit", "1", status=143)
    assert events("refused")[-1]["event"] == "study_interrupt"
    # Less than the data take: nothing is begun.
    assert "the data of the study" in basin("run", long, "-o", "none", "--memory", "1K", status=2)
    # What another process trains and the spec wants to measure further is measured when that one is done.
    short = one("short.yaml", epochs=1500)
    first = start(short, "-o", "further", "-j", "1")
    await_start("further", first)
    more = ("--set", "measures.margin={}")
    messages = basin("run", short, "-o", "further", "-j", "1", *more)
    assert first.wait() == 0 and "1 measure added" in messages, messages
    assert "study faults: 1 run, 1 in another process, " in messages, messages
    assert json.loads(call("plan", short, "-o", "further", *more, "--json").stdout)["finished"] == 1, messages
    finishes = [event for event in events("further") if event["event"] == "run_finish"]
    assert [event.get("measures_added") for event in finishes] == [None, 1], finishes
    # What fails for a reason of its own in one process is not tried again by one that has waited for it.
    failing = one("failing.yaml", epochs=3000)
    victim = json.loads(call("plan", failing, "--json").stdout)["runs"][0]["run_id"]
    first = start(failing, "-o", "fails", "-j", "1")
    await_start("fails", first)
    second = start(failing, "-o", "fails", "-j", "1")
    assert "is working in this folder" in "".join(second.stderr.readline() for _ in range(2))
    with open(f"fails/journal/{socket.gethostname()}-{first.pid}.jsonl", "a", encoding="utf-8") as journal:
        first.kill()
        first.wait()
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".999Z"
        journal.write(json.dumps({"event": "run_fail", "time": now, "run_id": victim, "status": "internal error", "message": "as it goes"}) + "\n")
    messages = second.communicate(timeout=60)[1]
    assert second.returncode == 1 and "as it goes (in process " in messages, messages
    assert len([event for event in events("fails") if event["event"] == "run_start"]) == 1, events("fails")
    # Nor by one that comes to it later: what has failed leaves its claim.
    with open("two.yaml", "w", encoding="utf-8") as file:
        file.write(SUSPECTS.replace("[2, 3, 4, 3000, 100000]", "[3000, 2]"))
    runs = {run["training.epochs"]: run["run_id"] for run in json.loads(call("plan", "two.yaml", "--json").stdout)["runs"]}
    first = start("two.yaml", "-o", "two", "-j", "1")
    await_start("two", first)
    with open("two/journal/other-1.jsonl", "w", encoding="utf-8") as journal:
        now = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + ".999Z"
        journal.write(json.dumps({"event": "run_fail", "time": now, "run_id": runs[2], "status": "internal error", "message": "as it goes"}) + "\n")
    with open("two/claims/" + runs[2], "w", encoding="utf-8") as claim:
        claim.write("free\n")
    messages = first.communicate(timeout=60)[1]
    assert first.returncode == 1 and "as it goes (in process other-1)" in messages and "1 run finished, 1 failed" in messages, messages
    messages = basin("run", "two.yaml", "-o", "two", "--retry", "failed")
    assert "1 run finished" in messages and os.listdir("two/claims") == [".lock"], messages


FOREIGN = """study: foreign
dataset: {name: hdf5, path: data.h5, x: x, y: y, x_test: g/x_test, y_test: g/y_test}
architecture: linear
training: {epochs: 1, batch_size: 8}
"""


def damaged(whole, moments):
    """Copies of the bytes with some of them wrong: random ones, zeros, ones; or cut off."""
    for i in range(moments):
        bytes_ = bytearray(whole)
        if i % 8 == 0:
            yield bytes_[:random.randrange(len(whole))]
            continue
        for _ in range(random.choice((1, 1, 2, 4, 16))):
            place = random.randrange(len(whole) if i % 2 else 4096)
            bytes_[place % len(whole)] = random.choice((0, 1, 0x7f, 0x80, 0xff, bytes_[place % len(whole)] ^ 1 << random.randrange(8), random.randrange(256)))
        yield bytes_


def foreign():
    random.seed(3)
    with open("a.yaml", "w", encoding="utf-8") as file:
        file.write(FOREIGN)
    seen = {}
    for kind in ("old", "new"):
        subprocess.run([MAKE_HDF5, "data.h5", kind], check=True)
        basin("check", "a.yaml")
        basin("run", "a.yaml", "-o", "whole-" + kind)
        with open("data.h5", "rb") as file:
            whole = file.read()
        for bytes_ in damaged(whole, 60 if "-fsanitize" in basin("--version") else 250):
            with open("data.h5", "wb") as file:
                file.write(bytes_)
            done = call("check", "a.yaml")
            what = "read" if done.returncode == 0 else "crashed" if "libhdf5 " in done.stderr else "refused"
            seen[what] = seen.get(what, 0) + 1
            if done.returncode not in (0, 2, 3) or (done.returncode and "data.h5" not in done.stderr):
                shutil.copy("data.h5", "/tmp/faults-foreign.h5")
                sys.exit(f"exit {done.returncode}: {done.stdout}{done.stderr}; the file is kept as /tmp/faults-foreign.h5")
    print(seen)
    assert seen["read"] and seen["refused"], seen


def failure():
    spec = write("a.yaml")
    plan = json.loads(call("plan", spec, "--json").stdout)
    victim = plan["runs"][2]["run_id"]
    os.makedirs(f"out/runs/{victim}.h5")
    messages = basin("run", spec, "-o", "out", "-j", "2", status=1)
    assert f"unreadable {victim}" in messages and "7 runs finished" in messages, messages
    counts = json.loads(basin("status", "out", "--json"))
    assert (counts["finished"], counts["failed"]) == (7, 1) and counts["failures"][0]["run_id"] == victim, counts
    os.rmdir(f"out/runs/{victim}.h5")
    assert "1 run finished" in basin("run", spec, "-o", "out", "-j", "2")
    os.makedirs(f"fast/claims/{plan['runs'][1]['run_id']}")
    messages = basin("run", spec, "-o", "fast", "-j", "1", "--fail-fast", status=3)
    assert len(results("fast")) == 1 and "1 failed" in messages and "stopped after 1 failure: 6 runs were not started" in messages, messages
    if "-fsanitize" in basin("--version"):
        return
    # Runs that need much more than there is among small ones: refused; or, with a limit that promises too much, out of memory.
    huge = ("--set", "sweep={grid: {architecture.hidden: [[8], [30000, 30000], [16]]}}", "--set", "seeds=2",
            "--set", "measures={}", "--set", "training.epochs=1")
    for folder, limit, words in (("memory", (), "the run needs"), ("beyond", ("--memory", "900T"), "out of memory")):
        messages = basin("run", spec, "-o", folder, "-j", "2", *limit, *huge, status=1, preexec_fn=limit_memory)
        assert messages.count(words) >= 2 and len(results(folder)) == 4, messages
        only_results(folder)


SUSPECTS = """study: suspects
dataset: {name: mnist1d, train_size: 400, test_size: 200}
architecture: {type: mlp, hidden: [16]}
training: {batch_size: 32}
sweep:
  grid:
    training.epochs: [2, 3, 4, 3000, 100000]
"""


def begun(folder, process):
    """The runs that a process has begun, by its journal."""
    events = []
    for path in glob.glob(f"{folder}/journal/*-{process}.jsonl"):
        with open(path, encoding="utf-8") as file:
            events += [json.loads(line) for line in file if line.endswith("\n")]
    return [event for event in events if event["event"] == "run_start"]


def kill_when(folder, ids, *words, number=signal.SIGKILL):
    """Starts a `run`, and kills it when it has begun these runs."""
    process = subprocess.Popen([BASIN, "run", "s.yaml", "-o", folder, *words], stderr=subprocess.PIPE, text=True)
    for _ in range(3000):
        started = begun(folder, process.pid)
        if ids <= {event["run_id"] for event in started}:
            break
        assert process.poll() is None, process.stderr.read()
        time.sleep(0.01)
    else:
        sys.exit(f"{ids} never began: {started}")
    process.send_signal(number)
    if number == signal.SIGINT:  # and then, in the middle of stopping, for good: as batch systems do
        process.stderr.readline()  # the study
        assert any("press Ctrl-C again" in process.stderr.readline() for _ in range(20))
        process.kill()
    process.wait()
    assert process.returncode in (-signal.SIGKILL, 128 + number), process.returncode
    return started


def suspects():
    with open("s.yaml", "w", encoding="utf-8") as file:
        file.write(SUSPECTS)

    def plan():
        return json.loads(call("plan", "s.yaml", "-o", "out", "--json").stdout)

    def status():
        return json.loads(call("status", "out", "--json").stdout)

    runs = {run["training.epochs"]: run["run_id"] for run in json.loads(call("plan", "s.yaml", "--json").stdout)["runs"]}
    bad, good = runs[100000], runs[3000]
    # Who was asked to stop, and is killed, has not crashed.
    kill_when("out", {bad, good}, "-j", "2", number=signal.SIGINT)
    planned = plan()
    assert not any("suspect" in run for run in planned["runs"]), planned
    # Both were under way: the rest first, then one at a time.
    started = kill_when("out", {bad, good}, "-j", "2")
    assert not any("alone" in event for event in started), started
    text = basin("plan", "s.yaml", "-o", "out")
    assert text.count("alone: it was in progress during a crash") == 2 and "2 runs were in progress" in text, text
    started = kill_when("out", {bad}, "-j", "4")
    assert [event["run_id"] for event in started if event.get("alone")] == [bad], started
    assert len(results("out")) == 3 and len(started) == 4, started
    counts = status()
    assert (counts["finished"], counts["quarantined"], counts["missing"]) == (3, 0, 2), counts
    # Interrupted while it is trained alone: that does not count.
    kill_when("out", {bad}, "-j", "2", number=signal.SIGINT)
    assert status()["quarantined"] == 0
    kill_when("out", {bad}, "-j", "2")
    planned = plan()
    states = {run["run_id"]: run["state"] for run in planned["runs"]}
    assert planned["quarantined"] == 1 and states[bad] == "quarantined" and states[good] == "new", states
    # The study goes on without it, and says so.
    messages = basin("run", "s.yaml", "-o", "out", "-j", "2", status=1)
    assert f"warning: 1 run is quarantined" in messages and f"  quarantined {bad}  epochs=100000  2 crashes" in messages, messages
    assert results("out") == sorted(f"out/runs/{runs[epochs]}.h5" for epochs in (2, 3, 4, 3000)), messages
    with open(f"out/logs/{good}.log", encoding="utf-8") as log:
        assert "the run is trained alone" in log.read()
    counts = status()
    assert (counts["finished"], counts["quarantined"]) == (4, 1) and counts["failures"][0]["run_id"] == bad, counts
    assert "quarantined" in basin("status", "out")
    # Asked for, it is tried again, alone; and again it counts.
    started = kill_when("out", {bad}, "-j", "2", "--retry", "failed")
    assert [event.get("alone") for event in started] == [True], started
    assert "3 crashes" in basin("run", "s.yaml", "-o", "out", status=1)
    # Or like any other, where something else was to blame.
    started = kill_when("out", {bad}, "--retry", "crashed")
    assert [event.get("alone") for event in started] == [None], started
    # Another process that takes over what a dead one had does not train it beside others.
    first = subprocess.Popen([BASIN, "run", "s.yaml", "-o", "both", "-j", "1"], stderr=subprocess.PIPE, text=True)
    while not begun("both", first.pid):
        time.sleep(0.01)
    second = subprocess.Popen([BASIN, "run", "s.yaml", "-o", "both", "-j", "1"], stderr=subprocess.PIPE, text=True)
    while len(results("both")) < 4:
        time.sleep(0.02)
    first.kill()
    first.wait()
    while len(started := begun("both", second.pid)) < 5:
        time.sleep(0.02)
    assert started[-1]["run_id"] == bad and started[-1].get("alone") is True, started
    second.send_signal(signal.SIGINT)
    assert second.wait() == 130
    # It takes it up when nothing else is left, and does not wait for that idly.
    with open("s.yaml", "w", encoding="utf-8") as file:
        file.write(SUSPECTS.replace("[2, 3, 4, 3000, 100000]", "[100000, 1500, 1501, 1502, 1503, 1504]"))
    first = start("s.yaml", "-o", "behind", "-j", "1")
    await_start("behind", first)
    second = start("s.yaml", "-o", "behind", "-j", "2")
    await_start("behind", second, 2)
    first.kill()
    first.wait()
    await_start("behind", second, 6)
    told = [event for event in events("behind") if "run_id" in event]
    assert told[-1]["run_id"] == bad and told[-1].get("alone") is True and len(results("behind")) == 5, told
    with open(f"behind/logs/{bad}.log", encoding="utf-8") as log:
        assert f"-{first.pid} crashed during this run" in (text := log.read()) and "the run is trained alone" in text, text
    inside, most = 0, []
    for event in told[1:-1]:
        inside += 1 if event["event"] == "run_start" else -1
        most.append(inside)
    assert most.count(2) >= 4, most
    # Interrupted there, it is a suspect for whoever was waiting for it, too.
    third = start("s.yaml", "-o", "behind", "-j", "2")
    assert "is working in this folder" in "".join(third.stderr.readline() for _ in range(3))
    second.send_signal(signal.SIGINT)
    assert second.wait() == 130
    await_start("behind", third)
    assert begun("behind", third.pid)[0].get("alone") is True
    third.send_signal(signal.SIGINT)
    assert third.wait() == 130


if __name__ == "__main__":
    BASIN = os.path.abspath(sys.argv[1])
    MAKE_HDF5 = os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else None
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        {"kill": kill, "writing": writing, "signals": signals, "measuring": measuring, "disk": disk, "readonly": readonly, "damage": damage,
         "slots": slots, "kernels": kernels, "memory": memory, "limits": limits, "stale": stale, "together": together, "elsewhere": elsewhere, "foreign": foreign, "suspects": suspects,
         "failure": failure}[sys.argv[2]]()
        os.chdir("/")
