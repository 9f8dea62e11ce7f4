"""What null resets over a base is as if it had never been written: python3 null.py

Each reset is written in a file over FULL, beside FULL without that key; both must be the same runs, and others than
those of FULL.
"""
import copy
import json
import subprocess

FULL = {
    "study": "full", "dataset": {"name": "mnist1d", "train_size": 100, "test_size": 50},
    "architecture": {"type": "mlp", "hidden": [8, 8], "activation": "tanh"}, "regularizers": {"dropout": 0.1, "l2": 0.01},
    "training": {"epochs": 3, "optimizer": {"type": "adam", "learning_rate": 0.01}, "schedule": {"type": "cosine", "warmup": 2},
                 "stop": {"train_loss_below": 0.5}, "gradient_clipping": 1},
    "measures": {"weight_norm": {"every": 1}}, "seed": {"init": 3, "order": 4},
    "sweep": {"grid": {"training.batch_size": [8, 16], "regularizers.l1": [0, 0.1]}}}

# What stands over the base, and the keys that are then not there.
RESETS = [
    ("regularizers: null", ["regularizers"]),
    ("regularizers:", ["regularizers"]),
    ("regularizers: ~", ["regularizers"]),
    ("regularizers: {dropout: null}", ["regularizers/dropout"]),
    ("training: null", ["training"]),
    ("training: {epochs: null}", ["training/epochs"]),
    ("training:\n  epochs:\n  optimizer:", ["training/epochs", "training/optimizer"]),
    ("training: {optimizer: null}", ["training/optimizer"]),
    ("training: {optimizer: {type: null}}", ["training/optimizer"]),
    ("training: {schedule: {type: ~}}", ["training/schedule"]),
    ("training: {optimizer: {learning_rate: null}}", ["training/optimizer/learning_rate"]),
    ("training: {schedule: null, stop: null}", ["training/schedule", "training/stop"]),
    ("training: {stop: {train_loss_below: null}}", ["training/stop"]),
    ("training: {gradient_clipping: null}", ["training/gradient_clipping"]),
    ("architecture: {hidden: null}", ["architecture/hidden"]),
    ("architecture: {activation: Null}", ["architecture/activation"]),
    ("measures:", ["measures"]),
    ("seed: null", ["seed"]),
    ("seed: {init: null}", ["seed/init"]),
    ("sweep:", ["sweep"]),
    ("sweep: {grid: null}", ["sweep"]),
    ("sweep: {grid: {training.batch_size: null}}", ["sweep/grid/training.batch_size"]),
    ("sweep: {grid: {training.batch_size: null, regularizers.l1: null}}", ["sweep"]),
]


def runs(name):
    done = subprocess.run(["basin", "plan", name, "--json"], capture_output=True, text=True)
    return sorted(run["run_id"] for run in json.loads(done.stdout)["runs"]) if done.returncode == 0 else done.stderr


def without(keys):
    spec = copy.deepcopy(FULL)
    for key in keys:
        *blocks, last = key.split("/")
        block = spec
        for name in blocks:
            block = block[name]
        del block[last]
    return spec


def write(name, text):
    with open(name, "w") as file:
        file.write(text)


unexpected = 0
write("full.yaml", json.dumps(FULL))
full = runs("full.yaml")
for reset, keys in RESETS:
    write("reset.yaml", f"base: full.yaml\n{reset}\n")
    write("without.yaml", json.dumps(without(keys)))
    found, wanted = runs("reset.yaml"), runs("without.yaml")
    if found != wanted or not isinstance(found, list) or found == full:
        unexpected += 1
        print(f"{reset}: {found}, wanted {wanted}")
print(f"{len(RESETS)} resets, {unexpected} unexpected")
