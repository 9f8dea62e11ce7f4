"""Random sweeps against an expander that shares nothing with the program's: python3 sweeps.py BASIN [COUNT [SEED]]

Each sweep combines grid, zip, list, union, exclude, when and seeds over parameters that go together in any combination. `basin plan --json`
must have the same runs, each once, in the same order: a run is what it differs in from the file, so equal ones of several sources are one.
"""
import json
import os
import random
import subprocess
import sys
import tempfile

VALUES = {"training.epochs": [1, 2, 3, 4],
          "training.batch_size": [5, 10, 20],
          "training.shuffle": [True, False],
          "regularizers.weight_decay": [0, 0.1, 0.01, 0.5],
          "regularizers.label_smoothing": [0, 0.1, 0.2],
          "dataset.label_noise": [0, 0.25],
          "architecture": ["linear", {"type": "mlp", "hidden": [3]}, {"type": "mlp", "hidden": [4, 3]}],
          "seed.init": [0, 1, 7]}
FILE = {"training.epochs": 2, "training.batch_size": 20, "training.shuffle": True, "regularizers.weight_decay": 0,
        "regularizers.label_smoothing": 0, "dataset.label_noise": 0, "architecture": "linear", "seed.init": None}
SPEC = {"study": "sweeps", "dataset": {"name": "mnist1d", "train_size": 40, "test_size": 20}, "architecture": "linear",
        "training": {"epochs": 2, "batch_size": 20}}
COMPARE = {"above": lambda a, b: a > b, "below": lambda a, b: a < b, "at_least": lambda a, b: a >= b, "at_most": lambda a, b: a <= b}
ORDERED = [path for path, values in VALUES.items() if path not in ("architecture", "training.shuffle", "seed.init")]


# ---- what is asked for: a block of the sweep, and its points ----

def draw(dice, paths, count):
    return [paths.pop(dice.randrange(len(paths))) for _ in range(min(count, len(paths)))]


def make_grid(dice, paths):
    axes = {path: dice.sample(VALUES[path], dice.randint(1, len(VALUES[path]))) for path in draw(dice, paths, dice.randint(1, 2))}
    return axes, [[{path: value} for value in values] for path, values in axes.items()]


def make_zip(dice, paths):
    names = draw(dice, paths, 2)
    length = dice.randint(1, min(len(VALUES[path]) for path in names))
    axes = {path: dice.sample(VALUES[path], length) for path in names}
    return axes, [[{path: axes[path][i] for path in names} for i in range(length)]]


def make_list(dice, paths):
    names, points = draw(dice, paths, 2), []
    for _ in range(dice.randint(1, 3)):
        point = {path: dice.choice(VALUES[path]) for path in names if dice.random() < 0.7} or {names[0]: VALUES[names[0]][0]}
        if point not in points:
            points.append(point)
    return points, [points]


def make_union(dice, paths):
    names, blocks, points = draw(dice, paths, 3), [], []
    for _ in range(dice.randint(1, 3)):
        block, more = make_block(dice, list(names), [make_grid, make_zip, make_list])
        blocks.append(block)
        points += more
    return blocks, [points]


def make_block(dice, paths, makers):
    block, points = {}, [{}]
    for maker in dice.sample(makers, dice.randint(1, 2)):
        if not paths:
            break
        block[maker.__name__[5:]], dimensions = maker(dice, paths)
        for dimension in dimensions:
            points = [{**point, **more} for point in points for more in dimension]
    return block, points


def make_condition(dice, paths):
    condition = {}
    for path in dice.sample(paths, dice.randint(1, min(2, len(paths)))):
        value = dice.choice(VALUES[path])
        forms = [value, dice.sample(VALUES[path], 2)] + [{word: value} for word in COMPARE] * (path in ORDERED)
        condition[path] = dice.choice(forms)
    return condition


# ---- what it means ----

def holds(condition, run):
    def one(form, value):
        if isinstance(form, list):
            return any(one(item, value) for item in form)
        if isinstance(form, dict):
            return all(COMPARE[word](value, bound) for word, bound in form.items())
        return form == value
    return all(one(form, run[path]) for path, form in condition.items())


def canonical(run, seed):
    """As text: defaults filled in, 1 and 1.0 the same."""
    run = dict(run)
    run["seed.init"] = seed if run["seed.init"] is None else run["seed.init"]
    block = {"type": run["architecture"]} if isinstance(run["architecture"], str) else run["architecture"]
    run["architecture"] = {key: block[key] for key in ("type", "hidden") if key in block}
    return json.dumps([{path: float(value) if isinstance(value, int) else value for path, value in run.items()}, seed], sort_keys=True)


def expand(points, when, exclude, seeds):
    runs = []
    for point in points:
        run = {**FILE, **point}
        for path, condition in when.items():
            if not holds(condition, run):
                run[path] = FILE[path]
        if any(holds(condition, run) for condition in exclude):
            continue
        runs += [canonical(run, seed) for seed in seeds]
    return list(dict.fromkeys(runs))


def planned(basin, spec):
    with open("sweep.yaml", "w", encoding="utf-8") as file:
        json.dump(spec, file)
    done = subprocess.run([basin, "plan", "sweep.yaml", "--json"], capture_output=True, text=True, timeout=60)
    if "the conditions exclude all" in done.stderr:
        return []
    assert done.returncode == 0, f"{json.dumps(spec)}\n{done.stderr}"
    plan = json.loads(done.stdout)
    return [canonical({**FILE, **{path: run[path] for path in VALUES if run.get(path) is not None}}, run["seed"]) for run in plan["runs"]]


def compare(basin, dice):
    block, points = make_block(dice, list(VALUES), [make_grid, make_zip, make_list, make_union])
    swept = [path for path in VALUES if path in set().union(*points) and path in ORDERED + ["training.shuffle"]]
    when, exclude = {}, []
    if len(swept) > 1 and dice.random() < 0.4:
        path, other = dice.sample(swept, 2)
        when[path] = make_condition(dice, [other])
    if swept and dice.random() < 0.5:
        exclude = [make_condition(dice, swept) for _ in range(dice.randint(1, 2))]
    seeds = dice.choice([None, 2, [4, 1]])
    spec = {**SPEC, "sweep": {**block, **({"when": when} if when else {}), **({"exclude": exclude} if exclude else {})}}
    if seeds:
        spec["seeds"] = seeds
    expected = expand(points, when, exclude, [0] if seeds is None else seeds if isinstance(seeds, list) else list(range(seeds)))
    found = planned(basin, spec)
    if found == expected:
        return len(found)
    print(f"{json.dumps(spec)}\n  {len(found)} runs, expected {len(expected)}"
          f"{', in another order' if sorted(found) == sorted(expected) else ''}")
    return None


def main(basin, count=60, seed=0):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        runs = [compare(basin, random.Random(1000003 * seed + i)) for i in range(count)]
    wrong = runs.count(None)
    print(f"{count} random sweeps, {sum(run or 0 for run in runs)} runs, {wrong} not as expected")
    return 1 if wrong or not any(runs) else 0


if __name__ == "__main__":
    sys.exit(main(os.path.abspath(sys.argv[1]), *map(int, sys.argv[2:])))
