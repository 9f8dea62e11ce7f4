"""The bits of a result do not depend on how it was made (promises P2 and P3): python3 determinism.py BASIN CASE

jobs       -j 1, 2, 3 and 8 (in a one-thread OpenMP team oneDNN would take all cores)
threads    -j N uses N threads and no more, in products that are large enough to be shared
order      axes and values reversed and shuffled, runs as a shuffled list, and only a part of the study
shards     the study in three parts, side by side in one folder, and each in its own folder
interrupt  SIGINT again and again, then continued
architectures  every architecture, -j 1, 2, 3 and 8, in the order given, reversed and shuffled
resume     runs of every architecture, killed again and again at any step, resume from their checkpoints
rerun      `basin verify --rerun` of every result, also of measures that were added later
measures   a measure added later has the bits of one taken at once; the datasets that were there do not change

Results are compared by `basin verify --compare`: every dataset outside /provenance.
"""
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time

HEAD = """study: determinism
dataset: {name: mnist1d, train_size: 600, test_size: 200}
architecture: {type: mlp, hidden: [48, 32], activation: gelu}
training:
  optimizer: {type: adam, learning_rate: 0.01}
  batch_size: 64
  epochs: %(epochs)d
"""
MEASURES = """measures:
  hessian_top: {k: 2, examples: 300, max_iterations: 30}
  hessian_trace: {probes: 3, examples: 300}
"""
SWEEP = """sweep:
  grid:
    regularizers.dropout: [0.0, 0.2]
    architecture.hidden: [[48, 32], [64]]
seeds: 2
"""
REVERSED = """sweep:
  grid:
    architecture.hidden: [[64], [48, 32]]
    regularizers.dropout: [0.2, 0.0]
seeds: [1, 0]
"""
SHUFFLED = """sweep:
  grid:
    regularizers.dropout: [0.2, 0.0]
    architecture.hidden: [[48, 32], [64]]
seeds: [1, 0]
"""
PART = """sweep:
  grid:
    regularizers.dropout: [0.2]
seeds: [1]
"""


def write(name, *parts, epochs=3):
    with open(name, "w", encoding="utf-8") as file:
        file.write("".join(parts) % {"epochs": epochs})
    return name


def basin(*words, status=0):
    done = subprocess.run([BASIN, *words], capture_output=True, text=True, timeout=600)
    if done.returncode != status:
        sys.exit(f"basin {' '.join(words)}: exit {done.returncode}, expected {status}\n{done.stdout}{done.stderr}")
    return done.stdout


def sanitized():
    return "-fsanitize" in basin("--version")


def jobs():
    spec = write("a.yaml", HEAD, MEASURES, SWEEP)
    for number in ("1", "2", "3", "8"):
        basin("run", spec, "-o", "jobs" + number, "-j", number)
    for number in ("2", "3", "8"):
        assert basin("verify", "--compare", "jobs1", "jobs" + number) == "equal    8 results\n"


# One small net of each kind; two runs of each in either study.
ARCHITECTURES = (
    "linear", "{type: mlp, hidden: [9, 7]}", "{type: cnn, channels: [16, 16], norm: batch, hidden: [8]}",
    "{type: cnn, channels: [6], norm: group, norm_groups: 2, hidden: []}", "{type: resnet, width: 4}", "{type: rnn, hidden_size: 5}",
    "{type: lstm, hidden_size: 5, layers: 2}", "{type: gru, hidden_size: 5, bidirectional: true, readout: all}",
    "{type: transformer, width: 8, heads: 2, patch: 4}",
    "{type: sequential, layers: [{conv: {channels: 5, stride: 2}}, gelu, layer_norm, {lstm: {hidden_size: 4}}]}",
)
RUNS = 2 * len(ARCHITECTURES)


def kinds(architectures=ARCHITECTURES, seeds="2"):
    return """study: kinds
dataset: {name: mnist1d, train_size: 200, test_size: 100, label_noise: 0.1, transforms: [gaussian_noise: {sd: 0.2}]}
training:
  optimizer: {type: adam, learning_rate: 0.01}
  batch_size: 48
  epochs: %(epochs)d
measures:
  hessian_top: {k: 1, examples: 60, max_iterations: 10}
sweep:
  grid:
    architecture:
""" + "".join(f"      - {architecture}\n" for architecture in architectures) + f"""    regularizers.dropout: [0.0]
seeds: {seeds}
"""


TOKENS = """study: tokens
dataset: {name: text, path: %(text)s, context: 16, train_size: 60, test_size: 20}
training:
  optimizer: {type: adam, learning_rate: 0.01}
  gradient_clipping: 1.0
  batch_size: 16
  epochs: 2
sweep:
  grid:
    architecture:
      - {type: gru, hidden_size: 8}
      - {type: transformer, width: 8, heads: 2, positions: rotary, tied_embeddings: true}
    regularizers.dropout: [0.0, 0.1]
"""


def need_all_architectures():
    """One that is added to the program and missing here ends the test."""
    for name in json.loads(basin("schema"))["properties"]["architecture"]["anyOf"][0]["enum"]:
        assert any(one == name or one.startswith(f"{{type: {name}, ") for one in ARCHITECTURES), f"no run here has the architecture {name}"


def architectures():
    """By 1, 2, 3 and 8 jobs; in the order given, reversed and shuffled."""
    need_all_architectures()
    with open("text.txt", "w", encoding="utf-8") as file:
        file.write("".join(f"{i} times {i} is {i * i}, and so \u00e9t\u00e9.\n" for i in range(300)))
    with open("tokens.yaml", "w", encoding="utf-8") as file:
        file.write(TOKENS % {"text": "text.txt"})
    if sanitized():  # memory is what matters there; the optimised build compares the bits
        for name in (write("kinds.yaml", kinds(), epochs=2), "tokens.yaml"):
            basin("run", name, "-o", name[:-5], "-j", "3")
        return
    for name, count in ((write("kinds.yaml", kinds(), epochs=2), RUNS), ("tokens.yaml", 4)):
        for number in ("1", "2", "3", "8"):
            basin("run", name, "-o", name[:-5] + number, "-j", number)
        for number in ("2", "3", "8"):
            assert basin("verify", "--compare", name[:-5] + "1", name[:-5] + number) == f"equal    {count} results\n"
    planned = json.loads(basin("plan", "kinds.yaml", "--json"))
    too_little = int(planned["program_bytes"] + planned["data_bytes"]) + (1 << 20)
    basin("run", "kinds.yaml", "-o", "admitted", "--memory", str(too_little), status=1)  # what was refused is looked at before the workers start
    basin("run", "kinds.yaml", "-o", "admitted", "-j", "1")
    assert basin("verify", "--compare", "kinds1", "admitted") == f"equal    {RUNS} results\n"
    shuffled = random.Random(7).sample(ARCHITECTURES, len(ARCHITECTURES))
    for name, values, number in (("reversed", ARCHITECTURES[::-1], "3"), ("shuffled", shuffled, "2")):
        basin("run", write(name + ".yaml", kinds(values, "[1, 0]"), epochs=2), "-o", name, "-j", number)
        assert basin("verify", "--compare", "kinds1", name) == f"equal    {RUNS} results\n"


LARGE = """study: threads
dataset: {name: mnist1d}
architecture: {type: mlp, hidden: [256, 256]}
training:
  optimizer: {type: sgd, learning_rate: 0.05}
  batch_size: 2000
  epochs: 12
sweep:
  grid:
    regularizers.l2: [0.0, 0.1]
"""


def threads():
    """OpenBLAS makes its threads when it is loaded; told not to, all that are left are the workers, the one that receives signals and the one that
    keeps claims alive."""
    with open("large.yaml", "w", encoding="utf-8") as file:
        file.write(LARGE)
    for number in (1, 2):
        most = 0
        process = subprocess.Popen([BASIN, "run", "large.yaml", "-j", str(number), "-o", f"out{number}"],
                                   stderr=subprocess.DEVNULL, env=dict(os.environ, OPENBLAS_NUM_THREADS="1"))
        while process.poll() is None:
            try:
                most = max(most, len(os.listdir(f"/proc/{process.pid}/task")))
            except OSError:
                pass
            time.sleep(0.002)
        assert process.returncode == 0 and most == number + 2, (process.returncode, most, number)


def losses_of(folder):
    """Of every run, whatever its id is. (Measures draw by the seed of all, which a list cannot vary.)"""
    rows = json.loads(basin("table", folder, "--json"))
    return sorted(json.dumps([row[key] for key in ("train_loss", "test_loss")]) for row in rows)


def shards():
    """A study in three parts, in processes of their own, into one folder and into several."""
    basin("run", write("kinds.yaml", kinds(), epochs=2), "-o", "whole", "-j", "2")
    together = [subprocess.Popen([BASIN, "run", "kinds.yaml", "-o", "one", "-j", "2", "--shard", f"{part}/3"], stderr=subprocess.PIPE)
                for part in (1, 2, 3)]
    for process in together:
        messages = process.communicate(timeout=170)[1]
        assert process.returncode == 0, messages
    assert basin("verify", "--compare", "whole", "one") == f"equal    {RUNS} results\n"
    os.makedirs("gathered/runs")
    for part in (3, 1, 2):
        basin("run", "kinds.yaml", "-o", f"part{part}", "-j", "1", "--shard", f"{part}/3")
        names = os.listdir(f"part{part}/runs")
        assert 2 <= len(names) <= RUNS - 2, names
        for name in names:
            assert not os.path.exists("gathered/runs/" + name)
            shutil.copy(f"part{part}/runs/{name}", "gathered/runs")
    assert basin("verify", "--compare", "whole", "gathered") == f"equal    {RUNS} results\n"


def order():
    """The axes and their values as given, reversed, and in any order; the runs in the order that a list of them has."""
    basin("run", write("a.yaml", HEAD, MEASURES, SWEEP), "-o", "straight", "-j", "2")
    points = [(hidden, dropout, seed) for hidden in ("[48, 32]", "[64]") for dropout in ("0.0", "0.2") for seed in (0, 1)]
    random.Random(7).shuffle(points)
    listed = "".join(f"    - {{architecture.hidden: {hidden}, regularizers.dropout: {dropout}, seed.init: {seed}, seed.order: {seed}}}\n"
                     for hidden, dropout, seed in points)
    for name, sweep in (("reversed", REVERSED), ("shuffled", SHUFFLED)):
        basin("run", write(name + ".yaml", HEAD, MEASURES, sweep), "-o", name, "-j", "2")
        assert basin("verify", "--compare", "straight", name) == "equal    8 results\n"
    basin("run", write("listed.yaml", HEAD, MEASURES, "sweep:\n  list:\n" + listed), "-o", "listed", "-j", "2")
    same = losses_of("straight")
    assert len(same) == 8 and len(set(same)) == 8 and same == losses_of("listed")
    basin("run", write("c.yaml", HEAD, MEASURES, PART), "-o", "part", "-j", "1")
    (name,) = os.listdir("part/runs")
    basin("verify", "--compare", "part/runs/" + name, "straight/runs/" + name)


def interrupt():
    """Interrupts until the study is done; at least two of the calls must have been caught in the middle."""
    spec = write("a.yaml", HEAD, MEASURES, SWEEP, epochs=40)
    start = time.monotonic()
    basin("run", spec, "-o", "whole", "-j", "2")
    whole = time.monotonic() - start
    caught = 0
    for _ in range(12):
        process = subprocess.Popen([BASIN, "run", spec, "-o", "pieces", "-j", "2"], stderr=subprocess.PIPE, text=True)
        first = process.stderr.readline()  # from here on it listens to signals
        time.sleep(random.uniform(0.1, 0.4) * whole)
        process.send_signal(signal.SIGINT)
        messages = first + process.communicate(timeout=100)[1]
        assert process.returncode in (0, 130), (process.returncode, messages)
        assert all(name.endswith(".h5") for name in os.listdir("pieces/runs")), os.listdir("pieces/runs")
        if process.returncode == 0:
            break
        assert "Continue with: basin run a.yaml -o pieces" in messages, messages
        caught += 1
    assert caught >= 2, f"only {caught} interruptions"
    basin("run", spec, "-o", "pieces", "-j", "2")
    basin("verify", "--compare", "whole", "pieces")


# Checkpoints after some steps, never the same ones; measures that are tracked, weights, curves by step: all of it is in them.
RESUMED = """checkpoint: {every_seconds: 0.02}
weights: {initial: true, best: true}
"""
IT_WAS_ME = ["--retry", "crashed"]  # whoever kills a run before its first checkpoint, and again, would have it quarantined


def in_pieces(spec, kills, whole, wanted=0):
    """Runs it with that many deaths of the process. At least `wanted` calls go on from a checkpoint: where the study is done too soon
    (`whole`, how long it takes, was measured while the machine was busy), it is begun again and interrupted sooner."""
    numbers = [signal.SIGKILL, signal.SIGINT, signal.SIGTERM]
    for attempt in range(6):
        resumed = 0
        for i in range(kills):
            process = subprocess.Popen([BASIN, "run", spec, "-o", "pieces", "-j", "2", *IT_WAS_ME], stderr=subprocess.PIPE, text=True)
            first = process.stderr.readline()
            resumed += " interrupted" in first
            time.sleep(random.uniform(0.0, 0.15 * whole / 2 ** attempt))
            process.send_signal(numbers[i % 3])
            process.communicate(timeout=60)
            if process.returncode == 0:
                break
        if resumed >= wanted:
            break
        shutil.rmtree("pieces")
    assert resumed >= wanted, f"only {resumed} calls went on from a checkpoint"
    basin("run", spec, "-o", "pieces", "-j", "2", *IT_WAS_ME)
    assert not os.listdir("pieces/checkpoints"), os.listdir("pieces/checkpoints")


def resume():
    text = kinds().replace("measures:", RESUMED + "measures:").replace("max_iterations: 10}", "max_iterations: 10, every: 2}")
    text = text.replace("test_size: 100,", "test_size: 100, validation_size: 50,").replace("  epochs:", "  schedule: {type: cosine, warmup: 3}\n  log_every: 3\n  epochs:")
    optimizers = (("adam", "{type: adam, learning_rate: 0.01}"), ("momentum", "{type: sgd, learning_rate: 0.02, momentum: 0.9}"))
    slow = sanitized()  # the optimised build has done all of it
    for (name, optimizer), kills in zip(optimizers[:1] if slow else optimizers, (6 if slow else 16, 8)):
        spec = write(name + ".yaml", text.replace("{type: adam, learning_rate: 0.01}", optimizer), epochs=4 if slow else 8)
        start = time.monotonic()
        basin("run", spec, "-o", "whole", "-j", "2")
        in_pieces(spec, kills, time.monotonic() - start, 1 if slow else 1 + kills // 5)
        basin("verify", "--compare", "whole", "pieces")
        shutil.rmtree("whole")
        shutil.rmtree("pieces")
    spec = write("gd.yaml", HEAD.replace("{type: adam, learning_rate: 0.01}", "{type: gd, learning_rate: 0.1}").replace("  batch_size: 64\n", ""),
                 "regularizers: {dropout: 0.2}\n", RESUMED.replace("{initial: true, best: true}", "{initial: true}"), epochs=400)
    start = time.monotonic()
    basin("run", spec, "-o", "whole", "-j", "2")
    in_pieces(spec, 8, time.monotonic() - start)
    basin("verify", "--compare", "whole", "pieces")


def rerun():
    basin("run", write("a.yaml", HEAD, SWEEP), "-o", "a", "-j", "2")
    basin("run", write("b.yaml", HEAD, MEASURES, SWEEP), "-o", "a", "-j", "2")
    assert basin("verify", "--rerun", "a").count("ok ") == 8
    # The comparison must be able to fail: another seed is another result.
    names = sorted(os.listdir("a/runs"))
    different = basin("verify", "--compare", "a/runs/" + names[0], "a/runs/" + names[1], status=1)
    assert different.startswith("differs "), different


def measures():
    plain = write("a.yaml", HEAD, SWEEP)
    measured = write("b.yaml", HEAD, MEASURES, SWEEP)
    basin("run", plain, "-o", "later", "-j", "2")
    shutil.copytree("later", "before")
    basin("run", measured, "-o", "later", "-j", "2")
    basin("run", measured, "-o", "once", "-j", "2")
    *different, told = basin("verify", "--compare", "before", "later", status=1).splitlines()
    assert told == "equal    0 results, 8 differ", told
    assert len(different) == 8 and all("only the second has /measures/hessian" in line for line in different), different
    later, once = (json.loads(basin("table", folder, "--json")) for folder in ("later", "once"))
    assert later == once and len(once) == 8 and once[0]["hessian_trace"] is not None
    # Measures added one after another, the last of the registry first: training again leaves the same file.
    first = "later/runs/" + sorted(os.listdir("later/runs"))[0]
    for sets in ("measures={margin: {}}", "measures={weight_norm: {}, margin: {}}"):
        basin("run", plain, "-o", "later", "--set", sets)
    basin("verify", "--rerun", first)


if __name__ == "__main__":
    BASIN = os.path.abspath(sys.argv[1])
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        {"jobs": jobs, "architectures": architectures, "threads": threads, "order": order, "shards": shards, "interrupt": interrupt, "resume": resume, "rerun": rerun,
         "measures": measures}[sys.argv[2]]()
        os.chdir("/")
