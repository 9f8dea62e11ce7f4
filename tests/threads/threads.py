"""The command line under ThreadSanitizer with 4 jobs: nothing from our code. python3 threads.py BASIN

BASIN is built by clang with -Db_sanitize=thread and runs with libomp, whose tool Archer tells ThreadSanitizer what OpenMP orders. Libraries
are not instrumented and left out (ignore_noninstrumented_modules): what is reported has a frame of ours.
"""
import glob
import json
import os
import signal
import subprocess
import sys
import tempfile

HEAD = """study: threads
dataset: {name: mnist1d, train_size: 120, test_size: 40, label_noise: 0.1}
training:
  epochs: %d
  batch_size: 40
  optimizer: {type: adam, learning_rate: 0.01}
regularizers: {weight_decay: 0.001}
weights: {initial: true}
measures:
  hessian_top: {k: 1, examples: 40, max_iterations: 5}
  hessian_trace: {probes: 2, examples: 40}
  weight_norm: {every: 1}
  distance_from_init: {every: 1}
checkpoint: {every_epochs: 1}
"""
ARCHITECTURES = """sweep:
  grid:
    architecture:
      - {type: mlp, hidden: [8, 8]}
      - {type: cnn, channels: [4], norm: batch}
      - {type: resnet, width: 4, depth: 8}
      - {type: sequential, layers: [{conv: {channels: 4, kernel: 3}}, relu, flatten, {dense: {units: 8}}, tanh]}
      - {type: rnn, hidden_size: 4}
      - {type: lstm, hidden_size: 4}
      - {type: gru, hidden_size: 4, bidirectional: true}
      - {type: transformer, width: 8, heads: 2, depth: 1, patch: 4}
"""
WIDE = """architecture: mlp
sweep:
  grid: {architecture.hidden: [[4], [6], [8], [3000, 3000], [10], [12]]}
"""
MIXED = """architecture: mlp
sweep:
  grid:
    architecture.hidden: [[4], [3000, 3000], [6]]
    training.optimizer: [{type: sgd, learning_rate: 0.1}, {type: sgd, learning_rate: 1.0e+6}]
"""
TEXT = """study: text
dataset: {name: text, path: text.txt, context: 16, train_fraction: 0.6, validation_fraction: 0.2}
architecture: {type: gru, hidden_size: 8, embedding: 4}
training: {epochs: 2, batch_size: 4, optimizer: {type: adam, learning_rate: 0.01}}
weights: {best: true}
seeds: 4
"""
DATA = """architecture: linear
sweep: {grid: {dataset.seed: [0, 1, 2, 3, 4, 5]}}
"""
LATER = ("measures={interaction: {examples: 40}, preconditioned_sharpness: {examples: 40}, hessian_frobenius: {probes: 2, examples: 40}, hessian_spectrum: {probes: 2, steps: 4, examples: 40}, margin: {}, sharpness_sam: {m: 20}, sharpness_asam: {examples: 40}, "
         "sharpness_average: {samples: 2, examples: 40}, sharpness_worst: {steps: 2, restarts: 2, examples: 40}, "
         "sharpness_keskar: {iterations: 3, examples: 40}, "
         "pacbayes_sigma: {samples: 2, examples: 40}, pacbayes_sigma_magnitude: {samples: 2, examples: 40}, "
         "relative_flatness: {probes: 2, layers: all, examples: 40}, "
         "llc: {chains: 2, burn_in: 1, draws: 2, batch_size: 20, examples: 40}, "
         "local_entropy: {chains: 2, burn_in: 1, draws: 2, batch_size: 20, examples: 40}}")
count = 0


def check(words, output):
    global count
    count += 1
    if "ThreadSanitizer" in output:
        sys.exit(f"basin {' '.join(words)}:\n{output[:20000]}")


def start(*words):
    return subprocess.Popen([BASIN, *words], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=ENVIRONMENT)


def end(process, *statuses):
    output = process.communicate(timeout=300)[0]
    check(process.args[1:], output)
    assert process.returncode in statuses, f"basin {' '.join(process.args[1:])}: exit {process.returncode}, not {statuses}\n{output}"
    return output


def basin(*words, statuses=(0,)):
    return end(start(*words), *statuses)


def on_a_terminal(*words, statuses=(0,)):
    """Standard error is a terminal there, and a thread redraws the progress."""
    master, slave = os.openpty()
    process = subprocess.Popen([BASIN, *words], stdout=subprocess.DEVNULL, stderr=slave, env={**ENVIRONMENT, "TERM": "xterm"})
    os.close(slave)
    pieces = []
    try:
        while piece := os.read(master, 65536):
            pieces.append(piece)
    except OSError:  # how Linux says that the other end is closed
        pass
    os.close(master)
    output = b"".join(pieces).decode(errors="replace")
    status = process.wait(timeout=300)
    check(words, output)
    assert status in statuses, f"basin {' '.join(words)}: exit {status}, not {statuses}\n{output}"
    return output


def need_all():
    """What is added to the program and missing in these studies ends the test."""
    keys = json.loads(basin("schema"))["properties"]
    everything = HEAD + ARCHITECTURES + DATA + TEXT + LATER
    for name in keys["architecture"]["anyOf"][0]["enum"]:
        assert f"type: {name}" in everything or f"architecture: {name}" in everything, f"no study here has the architecture {name}"
    for name in keys["measures"]["properties"]:
        assert name + ":" in everything or name + "=" in everything, f"no study here has the measure {name}"


def write(name, text):
    with open(name, "w", encoding="utf-8") as file:
        file.write(text)
    return name


def main():
    need_all()
    every = write("every.yaml", HEAD % 2 + ARCHITECTURES)
    basin("run", every, "-o", "every", "-j", "4")
    for words in (("plan", every, "-o", "every"), ("status", "every"), ("table", "every"), ("verify", "every"), ("verify", "--rerun", "every")):
        basin(*words)
    # Measures that are asked for later; everything again, in place of what is there.
    basin("run", every, "-o", "every", "-j", "4", "--set", LATER)
    basin("run", every, "-o", "every", "-j", "4", "--force")
    # Interrupted, and gone on with from checkpoints, by two processes at once in one folder.
    long = write("long.yaml", HEAD % 16 + ARCHITECTURES)
    process = start("run", long, "-o", "long", "-j", "4")
    for line in iter(process.stdout.readline, ""):
        if line.startswith("[1/"):
            break
    process.send_signal(signal.SIGINT)
    end(process, 130)
    assert os.listdir("long/checkpoints"), "nothing to go on from"
    both = [start("run", long, "-o", "long", "-j", "4") for _ in range(2)]
    for process in both:
        end(process, 0)
    assert not os.listdir("long/checkpoints") and len(os.listdir("long/runs")) == 8, os.listdir("long/checkpoints")
    basin("run", long, "-o", "limited", "-j", "4", "--time-limit", "2s", statuses=(0, 143))
    # A run that is refused among others, a failure that ends the rest; runs that diverge, while a terminal shows the progress.
    wide = write("wide.yaml", HEAD % 2 + WIDE)
    assert "1 failed" in basin("run", wide, "-o", "wide", "-j", "4", "--memory", "100M", statuses=(1,))
    basin("run", wide, "-o", "fast", "-j", "4", "--memory", "100M", "--fail-fast", statuses=(1,))
    mixed = on_a_terminal("run", write("mixed.yaml", HEAD % 64 + MIXED), "-o", "mixed", "-j", "4", "--memory", "100M", statuses=(1,))
    # Redrawn while several runs go on, which they do for a second or two: how many a line catches depends on the machine.
    assert any(f"{n} running" in mixed for n in (2, 3, 4)) and "diverged" in mixed and "2 failed" in mixed, mixed
    # Data that one thread reads and others wait for.
    write("text.txt", "to be, or not to be: that is the question.\n" * 40)
    basin("run", write("text.yaml", TEXT), "-o", "text", "-j", "4")
    basin("run", write("data.yaml", HEAD % 1 + DATA), "-o", "data", "-j", "4")
    print(f"{count} commands, no race")


if __name__ == "__main__":
    BASIN = os.path.abspath(sys.argv[1])
    ARCHER = sorted(glob.glob("/usr/lib/llvm-*/lib/libarcher.so"))
    if not ARCHER:
        sys.exit("no libarcher.so: install the packages of scripts/packages-clang.txt, as scripts/test threads does")
    ENVIRONMENT = {**os.environ, "OMP_TOOL_LIBRARIES": ARCHER[-1],
                   "TSAN_OPTIONS": "ignore_noninstrumented_modules=1 history_size=4 second_deadlock_stack=1 exitcode=66"}
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        main()
        os.chdir("/")
