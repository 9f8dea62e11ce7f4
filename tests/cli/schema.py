"""Holds `basin schema` (JSON Schema draft-07, for editors) against the program itself: python3 schema.py BASIN SOURCE

shape     valid draft-07; every object of keys is closed, every key described
good      experiments/, what `init` writes, the whole specs of the READMEs, and specs that are generated here from the schema's own keys:
          what `basin check` accepts, the schema accepts
bad       every wrong spec of bad/ is refused, or stands in BEYOND with the reason why a schema cannot see it; and only those stand there
mutated   good specs with one value replaced or one key misspelt: the same; and how many of those that basin refuses the schema refuses
explain   `basin explain` knows every key, with its type, default or need, range and meaning

Needs python3-jsonschema and python3-yaml (scripts/packages.txt has them); tries the system's Python where this one lacks them.
"""
import concurrent.futures
import glob
import json
import os
import random
import re
import subprocess
import sys
import tempfile

try:
    import jsonschema
    import yaml
except ImportError as missing:
    if os.path.realpath(sys.executable) != os.path.realpath("/usr/bin/python3") and "BASIN_SCHEMA_AGAIN" not in os.environ:
        os.environ["BASIN_SCHEMA_AGAIN"] = "1"
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    sys.exit(f"{missing}: install python3-jsonschema and python3-yaml, as scripts/test does")

# Wrong specs that a schema of one file cannot refuse, by what it would have to know.
BEYOND = {
    "whether networks have what a measure over runs needs": """across-layers across-networks""",
    "which numbers, curves and arrays the runs of a study have": """report-names across-names""",
    "the shapes of arrays, layer by layer": """batch-norm-of-one-example batch-norm-of-one-example-at-last layers-after-flatten
        layers-batch-norm-in-pieces layers-depth layers-dilation layers-dropout layers-group-norm layers-groups layers-norm-groups
        layers-norm-groups-default layers-norm-groups-resnet layers-more-parameters-than-numbers layers-pair-of-a-signal layers-pool-too-large
        layers-same-even layers-too-many-stages""",
    "what the data are: a text, its parts": """text-activation-first text-fraction-of-validation text-fractions text-layer-first
        text-readout-in-list text-sees-ahead-bidirectional text-sees-ahead-conv text-sees-ahead-group-norm text-sees-ahead-pool
        text-sequence-ends text-without-validation transformer-causal-class-token""",
    "the values of other keys": """layers-short-and-long seed-data-twice sweep-combination sweep-exclude-all sweep-first-combination
        sweep-linspace-not-whole sweep-linspace-out-of-range sweep-names-not-swept sweep-names-of-a-measure sweep-names-of-a-parameter sweep-names-of-a-run
        sweep-names-of-a-variant sweep-names-twice sweep-random-out-of-range
        measure-several-same measure-several-suffix sweep-choice-repeated sweep-random-range-backwards sweep-same-path-twice sweep-value-repeated sweep-variant-repeated sweep-when-not-swept
        sweep-zip-lengths sweep-exclude-above-a-name sweep-list-repeated-other-order sweep-measure-in-some-points sweep-measures-swept
        sweep-when-around-conditional sweep-when-conditional-itself sweep-when-inside-conditional sweep-when-inside-itself
        sweep-exclude-not-nothing validation-all sweep-range-too-many sweep-union-beside-its-path sweep-zip-in-list-repeats-a-path""",
    "how many runs there may be (--max-runs)": "seeds-too-many sweep-random-n-too-many",
    "what a base or an axis adds": "base-missing key-missing-path key-missing-type sweep-empty",
    "how a value is written (1e3, !!int, ~/, a key twice, %YAML, nothing for null)":
        "key-duplicate number-empty number-float-for-integer path-home yaml-directive yaml-tag",
    "YAML, which cannot be read at all": """key-not-scalar merge-scalar yaml-alias-unknown yaml-at-sign yaml-brace-open yaml-bracket-open
        colon-without-space-first colon-without-space-last colon-without-space-list
        yaml-colon-extra yaml-colon-missing yaml-indentation yaml-indented-too-far syntax-first-line-indented yaml-quote-open yaml-tab yaml-two-documents""",
}


class Loader(yaml.SafeLoader):
    """Scalars by the rules of src/spec/scalar.c (YAML 1.2's core schema, narrower), and not by YAML 1.1's."""


Loader.yaml_implicit_resolvers = {}
Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^(~|null|Null|NULL|)$"), ["~", "n", "N", ""])
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|True|TRUE|false|False|FALSE)$"), list("tTfF"))
Loader.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^[-+]?(0|[1-9][0-9]*)$"), list("-+0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?(\.[0-9]+|(0|[1-9][0-9]*)(\.[0-9]*)?)([eE][-+]?[0-9]+)?$"),
                             list("-+.0123456789"))
Loader.add_implicit_resolver("tag:yaml.org,2002:merge", re.compile(r"^<<$"), ["<"])
Loader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
Loader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))


def basin(*words, **options):
    return subprocess.run([BASIN, *words], capture_output=True, text=True, timeout=60, **options)


def accepts(spec):
    """Is the schema content? None where the text is no YAML."""
    try:
        value = yaml.load(spec, Loader)
    except (yaml.YAMLError, ValueError):
        return None
    return not any(VALIDATOR.iter_errors(value))


def first_error(spec):
    error = jsonschema.exceptions.best_match(VALIDATOR.iter_errors(yaml.load(spec, Loader)))
    return f"{list(error.absolute_path)}: {error.message[:300]}"


def check_all(specs):
    """Which of the specs does `basin check` accept?"""
    def one(item):
        number, spec = item
        name = f"spec-{number}.yaml"
        with open(name, "w", encoding="utf-8") as file:
            file.write(spec)
        return basin("check", name).returncode == 0
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, enumerate(specs)))


def read(path):
    with open(path, encoding="utf-8", errors="surrogateescape") as file:
        return file.read()


# ---- the schema itself ----

def objects(part, path=""):
    """Every part of the schema that describes a block of keys, with its path."""
    if isinstance(part, list):
        for number, item in enumerate(part):
            yield from objects(item, f"{path}[{number}]")
    if isinstance(part, dict):
        if isinstance(part.get("properties"), dict) and not path.endswith((".if", ".not")):
            yield path, part
        for key, item in part.items():
            if key not in ("enum", "const", "default", "description"):
                yield from objects(item, f"{path}.{key}")


def check_shape():
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    closed = described = 0
    for path, block in objects(SCHEMA):
        if "additionalProperties" not in block:  # a block of variants: its branches are closed
            assert "allOf" in block, f"{path} takes any key"
            continue
        closed += block["additionalProperties"] is False
        assert block["additionalProperties"] is not True, path
        for key, value in block["properties"].items():
            is_reference = set(value) <= {"$ref", "anyOf", "allOf", "minProperties", "type", "required"} and "$ref" in json.dumps(value)
            is_form = ".definitions.sweep: " in path or key == "all" or value == {}  # {}: the name of a variant, checked above it
            assert is_reference or is_form or value.get("description"), f"{path}: {key} is not described"
            described += bool(value.get("description"))
    print(f"shape: {closed} closed blocks, {described} described keys")


# ---- specs that must pass ----

def whole_specs(path):
    """The specs in a README's yaml blocks."""
    return [block for block in re.findall(r"```yaml\n(.*?)```", read(path), re.S) if re.search(r"^study:", block, re.M)]


def written():
    specs = [(path, read(path)) for path in sorted(glob.glob(SOURCE + "/experiments/*.yaml"))]
    for name in ("README.md", "experiments/README.md", "results/README.md"):
        specs += [(name, block) for block in whole_specs(f"{SOURCE}/{name}")]
    with tempfile.TemporaryDirectory() as folder:
        done = basin("init", folder + "/new.yaml")
        assert done.returncode == 0, done.stderr
        text = read(folder + "/new.yaml")
        assert re.match(r"# yaml-language-server: \$schema=\S+", text), text[:200]
        specs.append(("init", text))
    return specs


def check_written():
    specs = written()
    for name, spec in specs:
        assert accepts(spec), f"{name} is refused: {first_error(spec)}"
    print(f"good: {len(specs)} specs of experiments/, READMEs and init pass")


# ---- specs that must not ----

def check_bad():
    reasons = {name: reason for reason, names in BEYOND.items() for name in names.split()}
    paths = sorted(glob.glob(SOURCE + "/tests/cli/bad/*.yaml"))
    for path in paths:
        name = os.path.basename(path)[:-5]
        passes = accepts(read(path)) is not False
        assert passes == (name in reasons), f"bad/{name}.yaml: the schema {'accepts' if passes else 'refuses'} it; see BEYOND in schema.py"
    unknown = set(reasons) - {os.path.basename(path)[:-5] for path in paths}
    assert not unknown, unknown
    print(f"bad: {len(paths) - len(reasons)} of {len(paths)} wrong specs are refused, the others need {len(BEYOND)} kinds of knowledge")


# ---- specs that are made here ----

def resolve(part):
    while "$ref" in part:
        part = SCHEMA["definitions"][part["$ref"].removeprefix("#/definitions/")]
    return part


def draw(part, dice, depth=0):
    """A value that the part of the schema describes; None where there is none to draw."""
    part = resolve(part)
    for key in ("anyOf", "oneOf"):
        if key in part:
            return draw(dice.choice(part[key]), dice, depth)
    if "const" in part:
        return part["const"]
    if "enum" in part:
        return dice.choice(part["enum"])
    kind = part.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "boolean":
        return dice.random() < 0.5
    if kind in ("integer", "number"):
        return draw_number(part, kind, dice)
    if kind == "string":
        return part.get("default") or "word"
    if kind == "array":
        items = part["items"]
        if isinstance(items, list):
            return [draw(item, dice, depth + 1) for item in items]
        return [draw(items, dice, depth + 1) for _ in range(dice.randint(max(1, part.get("minItems", 1)), part.get("maxItems", 3)))]
    if kind == "object":
        return draw_block(part, dice, depth)
    return None


def draw_number(part, kind, dice):
    low = part.get("minimum", part.get("exclusiveMinimum", 0))
    high = part.get("maximum", part.get("exclusiveMaximum", low + 1e3))
    if kind == "integer":
        return dice.choice([int(low), dice.randint(int(low), int(min(high, low + 8)))])
    value = dice.choice([low, min(high, low + 10) * dice.random(), part.get("default", low)])
    outside = value <= part["exclusiveMinimum"] if "exclusiveMinimum" in part else value >= part.get("exclusiveMaximum", float("inf"))
    return low + (min(high, low + 1) - low) / 2 if outside else value


def draw_block(part, dice, depth):
    block = {}
    properties = dict(part.get("properties", {}))
    for condition in part.get("allOf", []):  # the branch of a variant
        if "if" not in condition:
            continue
        if not block:
            name, values = next(iter(properties.items()))
            block = {name: dice.choice(values["enum"])}
        names = condition["if"]["properties"][name]
        if block[name] in names.get("enum", [names.get("const")]):
            part = condition["then"]
            properties = {key: value for key, value in part["properties"].items() if key != name}
    needed = set(part.get("required", []))
    few = part.get("maxProperties", 3)
    some = set(dice.sample(sorted(properties), min(len(properties), dice.randint(part.get("minProperties", 0), few)))) if properties else set()
    for key in properties:
        if (key in needed or key in some) and depth < 6:
            block[key] = draw(properties[key], dice, depth + 1)
    return block


def make_spec(dice):
    """Valid for the most part: a base that is, and some blocks drawn from the schema."""
    spec = {"study": "made", "dataset": {"name": "mnist1d", "train_size": 64, "test_size": 16},
            "architecture": dice.choice(["linear", {"type": "mlp", "hidden": [4]}, {"type": "cnn", "channels": [4]}, {"type": "gru", "hidden_size": 4},
                                         {"type": "transformer", "width": 8, "heads": 2, "depth": 1, "patch": 4}]),
            "training": {"epochs": 2, "batch_size": 16}}
    properties = SCHEMA["properties"]
    for key in dice.sample(sorted(set(properties) - {"study", "base", "dataset", "training"}), dice.randint(1, 3)):
        value = draw(properties[key], dice)
        if value is not None:
            spec[key] = value
    training = resolve(properties["training"])["properties"]
    for key in dice.sample(sorted(training), 2):
        value = draw(training[key], dice)
        if value is not None:
            spec["training"][key] = value
    if dice.random() < 0.5:
        spec["sweep"] = make_sweep(dice)
    if "seed" not in spec and dice.random() < 0.5:
        spec.update(dice.choice([{"seeds": 2}, {"seeds": [3, 5]}, {"seed": 4}, {"seed": {"init": 1}, "seeds": 2}, {"seed": {"all": 2, "order": 1}}]))
    return spec


LEARNING_RATE, DECAY, EPOCHS, WIDTH = "training.optimizer.learning_rate", "regularizers.weight_decay", "training.epochs", "architecture"


def make_sweep(dice, inner=False):
    """Every form that a sweep can take, on paths that every spec has."""
    rates = [[0.1, 0.2], {"linspace": [0.1, 0.3, 3]}, {"logspace": [1e-3, 0.1, 3]}, {"range": [0.1, 0.35, 0.1]}, [0.05, {"linspace": [0.1, 0.2, 2]}]]
    forms = {"grid": {LEARNING_RATE: dice.choice(rates), WIDTH: ["linear", {"type": "mlp", "hidden": [3]}]},
             "zip": dice.choice([{DECAY: [0, 0.1], EPOCHS: [1, 2]}, [{DECAY: [0, 0.1]}, {EPOCHS: [1, 2], "regularizers.l2": [0, 1e-3]}]]),
             "random": {"n": 3, "seed": dice.randint(0, 9), "training.batch_size": {"int_uniform": [8, 32]},
                        "training.gradient_clipping": dice.choice([{"uniform": [1, 2]}, {"log_uniform": [0.1, 2]}, {"normal": [5, 0.01]}, {"choice": [1, 2]},
                                                                  {"choice": [1, 2, 3], "replace": False}])},
             "list": [{"training.optimizer": "adam", "regularizers.l1": 0.1}, {"training.optimizer": {"type": "sgd", "momentum": 0.9}}]}
    sweep = {key: forms[key] for key in dice.sample(sorted(forms), dice.randint(1, 3))}
    if inner:
        return sweep
    if dice.random() < 0.3:
        sweep = {"union": [make_sweep(dice, True), make_sweep(dice, True)]}
    if "grid" in sweep and dice.random() < 0.6:
        sweep["exclude"] = dice.choice([{WIDTH + ".type": "mlp", LEARNING_RATE: {"above": 0.25}}, [{LEARNING_RATE: [0.3, 0.7]}],
                                        {LEARNING_RATE: {"not": 0.2}, WIDTH: "linear"}])
        sweep["when"] = {LEARNING_RATE: {WIDTH: "mlp"}}
        sweep["names"] = {WIDTH: "model", LEARNING_RATE: "rate"}
    return sweep


def places(value, path=()):
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def mutate(spec, dice):
    """One value replaced, or one key misspelt."""
    spec = json.loads(json.dumps(spec))
    path = dice.choice([path for path in places(spec) if path])
    block = spec
    for key in path[:-1]:
        block = block[key]
    if isinstance(block, dict) and dice.random() < 0.3:
        block[str(path[-1]) + "x"] = block.pop(path[-1])
    else:
        block[path[-1]] = dice.choice([-1, 0, 1.5, 1e12, "word", True, None, [], [1, 2], {}, {"linspace": [1, 2, 2]}, [[1], [2]], {"type": "sgd"}])
    return spec


def check_made(count):
    dice = random.Random(4)
    made = [make_spec(dice) for _ in range(count)]
    specs = [json.dumps(spec) for spec in made + [mutate(dice.choice(made), dice) for _ in range(count)]]
    answers = check_all(specs)
    for spec, right in zip(specs, answers):
        assert not right or accepts(spec), f"`basin check` accepts and the schema refuses: {first_error(spec)}\n{spec}"
    good, wrong = sum(answers), answers.count(False)
    caught = sum(not right and not accepts(spec) for spec, right in zip(specs, answers))
    assert good > count / 4 and caught > wrong / 3, (good, wrong, caught)
    swept = sum(right and '"sweep"' in spec for spec, right in zip(specs, answers))
    assert swept > count / 8, swept
    print(f"made: {good} specs that basin accepts pass, {swept} of them with sweeps; of {wrong} that it refuses the schema refuses {caught}")


# ---- explain ----

def keys_of(part, path, found):
    """Every dotted key that a spec can have, with its schema."""
    part = resolve(part)
    for form in part.get("anyOf", []):
        keys_of(form, path, found)
    for condition in part.get("allOf", []):
        if "then" in condition:
            keys_of(condition["then"], path, found)
    if "array" in (part.get("type") or []) and isinstance(part["items"], dict):
        keys_of(part["items"], path, found)
    for key, value in part.get("properties", {}).items():
        if value and not path.startswith(("sweep.", "seed.")):
            found.setdefault(f"{path}.{key}".lstrip("."), []).append(value)
            keys_of(value, f"{path}.{key}".lstrip("."), found)
    return found


def path_is_a_row(key):
    return key not in ("seeds", "seed.all")


def check_explain():
    keys = keys_of(SCHEMA, "", {})
    if SANITIZED:  # the optimised build reads every page
        keys = dict(list(keys.items())[::8])
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        pages = dict(zip(keys, pool.map(lambda key: basin("explain", key), keys)))
    for key, parts in keys.items():
        page = pages[key]
        assert page.returncode == 0 and page.stdout, f"explain {key}: {page.stderr}"
        for part in parts:
            kind = part.get("type")
            kind = kind[0] if isinstance(kind, list) else kind  # ["integer", "null"]
            numeric = kind in ("integer", "number")
            if numeric:
                assert kind in page.stdout, f"explain {key} does not say that it is of type {kind}:\n{page.stdout}"
            if "default" in part:
                assert "default" in page.stdout, f"explain {key} has no default:\n{page.stdout}"
            unit = re.search(r" Unit: (\S+)\.", part.get("description", ""))
            assert not unit or unit[1] in page.stdout, f"explain {key} does not say the unit {unit[1]}:\n{page.stdout}"
            if numeric and path_is_a_row(key):
                assert re.search(r"^  unit  ", page.stdout, re.M), f"explain {key} gives no unit:\n{page.stdout}"
            if numeric and path_is_a_row(key) and ("exclusiveMinimum" in part or "minimum" in part):
                assert re.search(r"^  range  ", page.stdout, re.M), f"explain {key} gives no range:\n{page.stdout}"
    print(f"explain: {len(keys)} keys")


if __name__ == "__main__":
    BASIN, SOURCE = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[2])
    SANITIZED = "-fsanitize" in basin("--version").stdout
    SCHEMA = json.loads(basin("schema").stdout)
    VALIDATOR = jsonschema.Draft7Validator(SCHEMA)
    check_shape()
    check_written()
    check_bad()
    with tempfile.TemporaryDirectory() as temporary:
        os.chdir(temporary)
        check_made(int(sys.argv[3]) if len(sys.argv) > 3 else 40 if SANITIZED else 150)
        os.chdir("/")
    check_explain()
