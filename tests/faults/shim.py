"""Every durable system call of a study, spoilt in turn (promises P1, P2, P6): python3 shim.py BASIN SHIM CASE [STEP]

kill      the process dies before, and after, call n: the next `run` completes the study with equal bits, and no stray file
links     the file system has no hard links, or no exclusive renaming either: the study is run all the same, and two processes at
          once share it without training a run twice
errors    call n fails with EIO, ENOSPC, once and from then on, is short or interrupted: a message and an exit status, never a
          crash or a partial result; the next `run` completes the study

n = 1, 1 + STEP, ... (with BASIN_EXHAUSTIVE=1 every one). The study has three runs with checkpoints after every epoch, and is run by one worker.
"""
import os
import shutil
import subprocess
import sys
import tempfile

SPEC = """study: shim
dataset: {name: mnist1d, train_size: 60, test_size: 20}
architecture: {type: mlp, hidden: [4]}
training: {batch_size: 20, epochs: 4}
measures: {weight_norm: {}}
checkpoint: {every_epochs: 1}
seeds: 3
"""


def call(*words, **shim):
    variables = {"SHIM_" + key: str(value) for key, value in shim.items()}
    if shim:
        variables["LD_PRELOAD"] = SHIM
    return subprocess.run([BASIN, *words], capture_output=True, text=True, timeout=120, env={**os.environ, **variables})


def run(**shim):
    return call("run", "a.yaml", "-o", "out", "-j", "1", **shim)


def complete(what):
    """The next run finishes what is left, and leaves nothing else."""
    done = run()
    assert done.returncode == 0, f"{what}: then exit {done.returncode}\n{done.stderr}"
    same = call("verify", "--compare", "whole", "out")
    assert same.returncode == 0, f"{what}: {same.stdout}"
    names = sorted(os.listdir("out/runs") + os.listdir("out/checkpoints") + os.listdir("out/claims"))
    assert len(names) == 4 and all(name.endswith(".h5") or name == ".lock" for name in names), f"{what}: {names}"
    shutil.rmtree("out")


def spoil(how, number, forever):
    shim = {"AT": number, "HOW": how, **({"FOREVER": 1} if forever else {})}
    done = run(**shim)
    what = f"{how} {'from' if forever else 'at'} call {number}"
    if how.startswith("kill"):
        assert done.returncode == -9, f"{what}: exit {done.returncode}\n{done.stderr}"
    else:
        assert done.returncode in (0, 1, 3), f"{what}: exit {done.returncode}\n{done.stderr}"
        assert done.returncode == 0 or "error" in done.stderr or "failed" in done.stderr, f"{what}: no message\n{done.stderr}"
        if os.path.isdir("out/runs") and any(name.endswith(".h5") for name in os.listdir("out/runs")):
            held = call("verify", "out")
            assert held.returncode == 0, f"{what}: {held.stdout}{held.stderr}"
    complete(what)


def run_without(what):
    """Two processes at once, each run trained by one of them."""
    variables = {**os.environ, "LD_PRELOAD": SHIM, "SHIM_WITHOUT": what}
    both = [subprocess.Popen([BASIN, "run", "a.yaml", "-o", "out", "-j", "1"], stderr=subprocess.PIPE, text=True, env=variables) for _ in range(2)]
    for process in both:
        said = process.communicate(timeout=120)[1]
        assert process.returncode == 0, f"without {what}: exit {process.returncode}\n{said}"
    starts = [line for name in os.listdir("out/journal") for line in open(f"out/journal/{name}", encoding="utf-8") if '"run_start"' in line]
    assert len(starts) == 3, starts
    complete(f"without {what}")


def main(case, step):
    with open("a.yaml", "w", encoding="utf-8") as file:
        file.write(SPEC)
    assert call("run", "a.yaml", "-o", "whole", "-j", "1", COUNT="count").returncode == 0
    if case == "links":
        run_without("links")
        run_without("renames")
        print("with another exclusive creation")
        return
    with open("count", encoding="utf-8") as file:
        count = int(file.read())
    kinds = {"kill": [("kill-before", False), ("kill-after", False)],
             "errors": [("eio", False), ("eio", True), ("enospc", False), ("enospc", True), ("short", False), ("short", True), ("eintr", False)]}
    assert count > 100, count
    for how, forever in kinds[case]:
        for number in range(1, count + 1, step):
            spoil(how, number, forever)
    print(f"{count} calls, every {step}: {len(kinds[case])} kinds of fault")


if __name__ == "__main__":
    BASIN, SHIM = map(os.path.abspath, sys.argv[1:3])
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        exhaustive = os.environ.get("BASIN_EXHAUSTIVE") == "1"
        main(sys.argv[3], int(sys.argv[4]) if len(sys.argv) > 4 and not exhaustive else 1)
        os.chdir("/")
