"""Basin's result files in Python: runs, weights, data, studies, and every network as a module of PyTorch.

    import basin

    run = basin.open_run("results/quickstart/runs/0123456789abcdef.h5")
    run.numbers["test_accuracy"]                  # a float; run.units, run.definitions say what it is
    run.curves.test_loss.plot()                   # an xarray.Dataset over `epoch`

    weights = basin.load_weights(run.path)        # {"layers.0.weight": array, ...}, laid out as in PyTorch
    net = basin.torch_module(run.path)            # a torch.nn.Module with these weights, in eval mode
    data = basin.load_data(run.path)              # .train.x, .train.y, .validation, .test, as the run saw them
    logits = net(data.test.x)

    study = basin.open_study("results/quickstart")          # an xarray.Dataset, the axes of the sweep as dimensions
    table = basin.study_table("results/quickstart")         # a pandas.DataFrame, one row for each run

Needs numpy and h5py. xarray, pandas, torch and yaml are imported by the functions that need them, which say so
where one is missing. The program itself is needed by `load_data`, `study_table`, and `open_study` where there is no
study.h5 yet; it is found as the argument `program`, in $BASIN, beside this file's project, or in PATH.
"""
from __future__ import annotations

import dataclasses
import importlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
from typing import Any, Dict, List, Optional, Union

try:
    import h5py
    import numpy
except ImportError as missing:
    raise ImportError(f"basin needs the module {missing.name} (Debian: python3-{missing.name}; pip install {missing.name})") from None

__all__ = ["BasinError", "Data", "Part", "Run", "load_data", "load_weights", "open_run", "open_study", "study_table", "torch_module"]

Path = Union[str, "os.PathLike[str]"]


class BasinError(Exception):
    """What cannot be read or done, in a sentence."""


def _module(name: str, what: str) -> Any:
    """A module that only some functions need."""
    try:
        return importlib.import_module(name)
    except ImportError:
        package = {"yaml": "pyyaml"}.get(name, name)
        raise BasinError(f"{what} needs the Python module {name}, which is not installed (pip install {package})") from None


# ---- the program ----

def _program(program: Optional[Path]) -> Optional[str]:
    """Where the program is, or None."""
    beside = pathlib.Path(__file__).resolve().parent.parent / "build" / "basin"
    for candidate in (program, os.environ.get("BASIN")):
        if candidate:
            found = shutil.which(os.fspath(candidate))
            if not found:
                raise BasinError(f"{os.fspath(candidate)} is no program")
            return found
    return str(beside) if os.access(beside, os.X_OK) and beside.is_file() else shutil.which("basin")


def _call(program: Optional[Path], what: str, *arguments: Path) -> str:
    """What the program prints. What it says of an error becomes the exception."""
    found = _program(program)
    if not found:
        raise BasinError(f"{what} needs the program basin, which is not in PATH: give program=..., or set BASIN")
    done = subprocess.run([found, *map(os.fspath, arguments)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise BasinError(f"basin {arguments[0]} failed: {done.stderr.strip() or f'exit status {done.returncode}'}")
    return done.stdout


# ---- run files ----

@dataclasses.dataclass(frozen=True)
class Run:
    """One finished run. `curves` and `spec` are read when they are first asked for."""
    path: str
    run_id: str
    study: str
    status: str                    # "finished" or "diverged"
    attributes: Dict[str, Any]     # all attributes of the file's root
    numbers: Dict[str, Any]        # every scalar of /measures: float, int or bool
    units: Dict[str, str]
    definitions: Dict[str, str]
    arrays: Dict[str, numpy.ndarray]  # the others, as "hessian_top/eigenvalue"
    spec_text: str                 # /spec: YAML, every parameter

    @property
    def spec(self) -> Dict[str, Any]:
        """The resolved spec as nested dicts and lists."""
        return parse_spec(self.spec_text)

    @property
    def curves(self) -> Any:
        """The curves over the axis `epoch`: an xarray.Dataset."""
        return self.group("curves")

    def group(self, name: str) -> Any:
        """Any other group that has axes, as an xarray.Dataset: "steps", "tracked/hessian_top", "measures/hessian_top"."""
        return _dataset(self.path, name)


def _text(value: Any) -> Any:
    return value.decode() if isinstance(value, bytes) else value


def _plain(value: Any) -> Any:
    """numpy's scalars as Python's."""
    return value.item() if isinstance(value, numpy.generic) else _text(value)


def _open(path: Path) -> h5py.File:
    name = os.fspath(path)
    if os.path.isdir(name):
        raise BasinError(f"{name} is a folder: name a run, as in {os.path.join(name, 'runs', '0123456789abcdef.h5')}")
    try:
        file = h5py.File(name, "r")
    except OSError as error:
        raise BasinError(f"{name} cannot be read: {error.strerror or error}") from None
    if "format_version" not in file.attrs or "spec" not in file:
        file.close()
        raise BasinError(f"{name} is no run of Basin: it has no /spec, or no attribute format_version")
    return file


def _scalar(item: h5py.Dataset) -> Any:
    value = item[()].item() if isinstance(item[()], numpy.generic) else item[()]
    return bool(value) if _text(item.attrs.get("dtype")) == "bool" else _text(value)


def open_run(path: Path) -> Run:
    """A run by its file: metadata, numbers, curves.

    >>> run = open_run(example)
    >>> run.study, run.status
    ('example', 'finished')
    >>> 0 <= run.numbers["test_accuracy"] <= 1 and run.numbers["epochs"]
    2
    >>> run.units["test_accuracy"], run.spec["architecture"]["hidden"]
    ('1', [6])
    >>> dict(run.curves.sizes)
    {'epoch': 2}
    """
    with _open(path) as file:
        numbers, arrays = {}, {}

        def visit(name: str, item: Any) -> None:
            if isinstance(item, h5py.Dataset):
                if item.shape == ():
                    numbers[name] = item
                elif not _is_bare(item):
                    arrays[name] = item[()]

        if "measures" in file:
            file["measures"].visititems(visit)
        attributes = {name: _plain(value) for name, value in file.attrs.items()}
        return Run(path=os.fspath(path), run_id=attributes["run_id"], study=attributes["study"], status=attributes["status"],
                   attributes=attributes, numbers={name: _scalar(item) for name, item in numbers.items()},
                   units={name: _text(item.attrs.get("units", "")) for name, item in numbers.items()},
                   definitions={name: _text(item.attrs.get("definition", "")) for name, item in numbers.items()},
                   arrays=arrays, spec_text=_text(file["spec"][()]))


def load_weights(path: Path, which: str = "final") -> Dict[str, numpy.ndarray]:
    """The weights of a run by name, in the order in which they were made; running statistics of batch norm among them.

    which: "final", or "initial" or "best" where the spec asked for them (`weights: {initial: true}`).

    >>> {name: array.shape for name, array in load_weights(example).items()}
    {'layers.0.weight': (6, 40), 'layers.0.bias': (6,), 'layers.1.weight': (10, 6), 'layers.1.bias': (10,)}
    >>> load_weights(example, "best")
    Traceback (most recent call last):
        ...
    basin.BasinError: the run has no weights "best": it has final, initial (a spec asks for others by weights: {best: true})
    """
    with _open(path) as file:
        groups = file["weights"] if "weights" in file else {}
        if which not in groups or not isinstance(groups[which], h5py.Group):
            there = ", ".join(name for name in groups if isinstance(groups[name], h5py.Group))
            raise BasinError(f'the run has no weights "{which}": it has {there or "none"} (a spec asks for others by '
                             f"weights: {{{which}: true}})")
        names = [link.decode() for link in _creation_order(groups[which])]
        return {name: groups[which][name][()] for name in names}


def _creation_order(group: h5py.Group) -> List[bytes]:
    names: List[bytes] = []
    group.id.links.iterate(names.append, idx_type=h5py.h5.INDEX_CRT_ORDER)
    return names


def parse_spec(text: str) -> Dict[str, Any]:
    """YAML as Basin means it (the core schema of YAML 1.2): `yes` is a text, 1e-3 a number.

    >>> parse_spec("a: 1e-3\\nb: [yes, true, 010, ~]\\nc: {d: .nan}")
    {'a': 0.001, 'b': ['yes', True, 10, None], 'c': {'d': nan}}
    """
    yaml = _module("yaml", "reading a spec")

    class Loader(yaml.SafeLoader):
        yaml_implicit_resolvers: Dict[str, Any] = {}

    def integer(loader: Any, node: Any) -> int:
        value = loader.construct_scalar(node)
        return int(value, 0) if value[:2] in ("0x", "0o") else int(value)

    for tag, pattern, first in (("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
                                ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
                                ("int", r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", list("-+0123456789")),
                                ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)",
                                 list("-+0123456789."))):
        Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), first)
    Loader.add_constructor("tag:yaml.org,2002:int", integer)
    return yaml.load(text, Loader)


def _dataset(path: Path, group: Optional[str]) -> Any:
    """A group, or the root, read whole into an xarray.Dataset by h5py, without another engine."""
    xarray = _module("xarray", "opening curves and studies")
    with h5py.File(os.fspath(path), "r") as file:
        if group and group not in file:
            raise BasinError(f"{os.fspath(path)} has no group /{group}")
        node = file[group or "/"]
        data, coordinates = {}, {}
        for name in map(bytes.decode, _creation_order(node)):
            item = node[name]
            if not isinstance(item, h5py.Dataset) or _is_bare(item):
                continue
            dimensions = [_dimension(item, axis) for axis in range(item.ndim)]
            into = coordinates if dimensions == [name] else data
            into[name] = (dimensions, _values(item), _attributes(item))
        named = str(_text(node.attrs.get("coordinates", ""))).split()
        coordinates.update({name: data.pop(name) for name in named if name in data})
        return xarray.Dataset(data, coordinates, {name: _plain(value) for name, value in node.attrs.items()})


def _is_bare(item: h5py.Dataset) -> bool:
    return h5py.h5ds.is_scale(item.id) and _text(item.attrs["NAME"]).startswith("This is a netCDF dimension but not a netCDF variable")


def _dimension(item: h5py.Dataset, axis: int) -> str:
    if h5py.h5ds.is_scale(item.id):
        return item.name.rsplit("/", 1)[-1]
    scales = item.dims[axis].keys() and list(item.dims[axis].values())
    return scales[0].name.rsplit("/", 1)[-1] if scales else f"dim_{axis}"


def _values(item: h5py.Dataset) -> Any:
    if h5py.check_string_dtype(item.dtype):
        return item.asstr()[()] if item.ndim == 0 else numpy.asarray(item.asstr()[()], object)
    values = item[()]
    return values.astype(bool) if _text(item.attrs.get("dtype")) == "bool" else values


_STRUCTURE = {"CLASS", "NAME", "REFERENCE_LIST", "DIMENSION_LIST", "DIMENSION_LABELS", "_Netcdf4Dimid", "_Netcdf4Coordinates",
              "_FillValue", "dtype"}


def _attributes(item: h5py.Dataset) -> Dict[str, Any]:
    return {name: _plain(item.attrs[name]) for name in item.attrs if name not in _STRUCTURE}


# ---- data ----

@dataclasses.dataclass(frozen=True)
class Part:
    """Examples in the order of the run. x: (N, d), (N, h, w) or (N, h, w, c), of a text (N, context) tokens."""
    x: numpy.ndarray
    y: numpy.ndarray     # (N) classes, (N) or (N, k) numbers, of a text (N, context): the token that follows each
    rows: numpy.ndarray  # which examples of the data set they are (/data/rows)

    def __len__(self) -> int:
        return len(self.x)


@dataclasses.dataclass(frozen=True)
class Data:
    """Training, validation and test examples; a part that is empty has no rows."""
    train: Part
    validation: Part
    test: Part


def load_data(path: Path, program: Optional[Path] = None) -> Data:
    """The examples of a run as it saw them: split, standardised, with the labels that it was trained with.

    Texts are read here, from the file that the spec names (or Debian's bible); everything else by `basin data FILE`, which refuses data
    that have changed since. What is drawn while training (`transforms` of batches, dropout) is not in it.

    >>> data = load_data(example)
    >>> data.train.x.shape, data.train.y.shape, len(data.validation), data.test.x.dtype
    ((60, 40), (60,), 0, dtype('float32'))
    """
    with _open(path) as file:
        if "data/rows" not in file:
            raise BasinError(f"{os.fspath(path)} does not say which examples it had (/data/rows is missing)")
        rows = {name: file["data/rows"][name][()] if name in file["data/rows"] else numpy.empty(0, numpy.int64)
                for name in ("train", "validation", "test")}
        code = file["data/code"][()] if "data/code" in file else None
        spec = _text(file["spec"][()])
    if code is not None:
        return _text_data(parse_spec(spec)["dataset"], code, rows)
    with tempfile.TemporaryDirectory() as temporary:
        output = os.path.join(temporary, "data.h5")
        _call(program, "load_data", "data", path, "-o", output)
        with h5py.File(output, "r") as file:
            own = {name: file[name][()] for name in ("x", "y", "x_test", "y_test", "row", "row_test", "part") if name in file}
    parts = {}
    for number, name in enumerate(("train", "validation")):
        member = numpy.flatnonzero(own["part"] == number) if "part" in own else numpy.arange(len(own["x"]))[:0 if number else None]
        chosen = member[_as_in_run(own["row"][member], rows[name])]
        parts[name] = Part(own["x"][chosen], own["y"][chosen], rows[name])
    test = _as_in_run(own["row_test"], rows["test"]) if "row_test" in own else numpy.empty(0, numpy.int64)
    shape = own["x"][:0], own["y"][:0]
    parts["test"] = Part(own.get("x_test", shape[0])[test], own.get("y_test", shape[1])[test], rows["test"])
    return Data(**parts)


def _as_in_run(have: numpy.ndarray, want: numpy.ndarray) -> numpy.ndarray:
    """The order that makes `want` of `have`.

    >>> _as_in_run(numpy.array([7, 3, 5]), numpy.array([5, 7, 3])).tolist()
    [2, 0, 1]
    """
    order = numpy.empty(len(want), numpy.int64)
    if len(have) != len(want) or not numpy.array_equal(numpy.sort(have), numpy.sort(want)):
        raise BasinError(f"basin data gives {len(have)} examples where the run has {len(want)}, or others")
    order[numpy.argsort(want, kind="stable")] = numpy.argsort(have, kind="stable")
    return order


def _read_text(dataset: Dict[str, Any]) -> bytes:
    """The file that a spec names, or what Debian's program `bible` prints."""
    if dataset["name"] == "kjv-text":
        try:
            return subprocess.run(["bible", "-f", "gen1:1-rev22:21"], check=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        except (OSError, subprocess.CalledProcessError):
            raise BasinError("the text kjv-text needs the program bible (apt-get install bible-kjv bible-kjv-text)") from None
    try:
        return pathlib.Path(dataset["path"]).read_bytes()
    except OSError as error:
        raise BasinError(f"the text {dataset['path']} cannot be read: {error.strerror}") from None


def _text_data(dataset: Dict[str, Any], code: numpy.ndarray, rows: Dict[str, numpy.ndarray]) -> Data:
    name = dataset.get("path", dataset["name"])
    content = _read_text(dataset)
    is_bytes = str(dataset.get("units", "")).startswith("byte")
    codes = numpy.frombuffer(content, numpy.uint8) if is_bytes else numpy.array([ord(c) for c in content.decode("utf-8")])
    table = {int(c): token for token, c in enumerate(code)}
    try:
        tokens = numpy.array([table[int(c)] for c in codes], numpy.int64)
    except KeyError as unknown:
        raise BasinError(f"the text {name} has changed: the run did not know the code {unknown}") from None
    parts, context = {}, dataset["context"]
    for part, first in rows.items():
        windows = first[:, None] + numpy.arange(context + 1)
        if windows.size and windows.max() >= len(tokens):
            raise BasinError(f"the text {name} has changed: it ends before the windows of the run")
        parts[part] = Part(tokens[windows[:, :-1]], tokens[windows[:, 1:]], first)
    return Data(**parts)


# ---- networks ----

def torch_module(path: Path, which: str = "final") -> Any:
    """The network of a run as a torch.nn.Module with its weights, in eval mode and in the precision of the run.

    Every architecture and layer of Basin; state_dict() has the names of the file. The module takes examples as
    load_data gives them, (N, d), (N, h, w), (N, h, w, c) or tokens (N, t), numpy arrays or tensors, and gives logits
    (N, k), of a text (N, t, k). In train mode it has the dropout and the batch statistics of the run.

    >>> net = torch_module(example)                                                       # doctest: +TORCH
    >>> net(load_data(example).test.x).shape                                              # doctest: +TORCH
    torch.Size([20, 10])
    """
    _module("torch", "torch_module")
    try:
        build = importlib.import_module("basin_torch").build
    except ModuleNotFoundError as missing:
        raise BasinError(f"torch_module needs {missing.name}.py beside basin.py") from None
    weights, spec = load_weights(path, which), open_run(path).spec
    try:
        return build(spec, weights)
    except (KeyError, TypeError, ValueError) as error:
        raise BasinError(f"{os.fspath(path)}: its weights do not fit its spec ({error!r})") from None


# ---- studies ----

def open_study(path: Path, program: Optional[Path] = None) -> Any:
    """A study as one xarray.Dataset, the axes of its sweep as dimensions: study.h5, or a results folder that has it.

    A folder without study.h5 is collected first, by `basin collect`. Nothing is trained.
    """
    name = os.fspath(path)
    if not os.path.exists(name):
        raise BasinError(f"{name} does not exist")
    if os.path.isdir(name):
        if not os.path.exists(os.path.join(name, "study.h5")):
            _call(program, f"{name} has no study.h5; to collect its runs", "collect", name)
        name = os.path.join(name, "study.h5")
    try:
        return _dataset(name, None)
    except OSError as error:
        raise BasinError(f"{name} cannot be read: {error}") from None


def study_table(path: Path, *arguments: str, program: Optional[Path] = None) -> Any:
    """The runs of a results folder as a pandas.DataFrame, as `basin table FOLDER` shows them.

    Further arguments go to the command: study_table(folder, "--where", "status == finished", "--mean").

    >>> table = study_table(folder)
    >>> len(table), table.test_accuracy[0] == open_run(example).numbers["test_accuracy"]
    (1, True)
    """
    pandas = _module("pandas", "study_table")
    return pandas.DataFrame(json.loads(_call(program, "study_table", "table", path, "--format", "json", *arguments)))
