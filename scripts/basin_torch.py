"""Basin's networks in PyTorch: basin.torch_module makes them. From the spec of a run and its weights, nothing else.

The modules in `layers` have the names of the file, so that state_dict() has exactly the arrays of /weights/final. What
has no parameters is in `plain`. The shape of the input is not needed: it comes with the input.

Between two layers stands a Value: a tensor and what it is.

    points     (N, d)            the input, where it is a vector: a signal for layers that look for one
    vector     (N, f)            a flattened image in the order channel, height, width
    map        (N, c, h, w)      an image; (N, c, l) a signal
    sequence   (N, t, f)
"""
from __future__ import annotations

from typing import Any, Dict, List, NamedTuple, Optional, Tuple

import numpy
import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Value(NamedTuple):
    kind: str
    x: Tensor


def as_map(value: Value) -> Value:
    """A sequence and a vector of points as the signal that they are."""
    if value.kind == "sequence":
        return Value("map", value.x.transpose(1, 2))
    return Value("map", value.x[:, None]) if value.kind == "points" else value


def channels_second(value: Value) -> Tensor:
    return value.x.transpose(1, 2) if value.kind == "sequence" else value.x


def channels_back(value: Value, x: Tensor) -> Value:
    return Value(value.kind, x.transpose(1, 2) if value.kind == "sequence" else x)


# ---- without parameters ----

ACTIVATIONS = {"relu": F.relu, "gelu": F.gelu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "silu": F.silu,
               "identity": lambda x: x}


class Activation(nn.Module):
    def __init__(self, name: str):
        super().__init__()
        self.name = name

    def forward(self, value: Value) -> Value:
        return Value(value.kind, ACTIVATIONS[self.name](value.x))


class Dropout(nn.Module):
    """Of single elements, or of whole channels."""

    def __init__(self, rate: float, spatial: bool = False):
        super().__init__()
        self.rate, self.spatial = rate, spatial

    def forward(self, value: Value) -> Value:
        if not self.spatial:
            return Value(value.kind, F.dropout(value.x, self.rate, self.training))
        value = as_map(value)
        mask = F.dropout(torch.ones_like(value.x.flatten(2)[..., :1]), self.rate, self.training)
        return Value("map", value.x * mask.reshape(mask.shape[:2] + (1,) * (value.x.dim() - 2)))


class Flatten(nn.Module):
    def forward(self, value: Value) -> Value:
        return value if value.kind in ("points", "vector") else Value("vector", value.x.flatten(1))


class Pool(nn.Module):
    def __init__(self, largest: bool, kernel: Tuple[int, int], stride: Tuple[int, int], padding: Tuple[int, int]):
        super().__init__()
        self.largest, self.window = largest, (kernel, stride, padding)

    def forward(self, value: Value) -> Value:
        x = as_map(value).x
        axes = x.dim() - 2
        function = {(True, 1): F.max_pool1d, (True, 2): F.max_pool2d, (False, 1): F.avg_pool1d, (False, 2): F.avg_pool2d}
        return Value("map", function[self.largest, axes](x, *(pair[2 - axes:] for pair in self.window)))


class GlobalPool(nn.Module):
    def __init__(self, largest: bool):
        super().__init__()
        self.largest = largest

    def forward(self, value: Value) -> Value:
        x = as_map(value).x.flatten(2)
        return Value("vector", x.amax(2) if self.largest else x.mean(2))


class Tokens(nn.Module):
    """Patches, which a convolution has made vectors of, as a sequence in reading order."""

    def forward(self, value: Value) -> Value:
        return Value("sequence", value.x.flatten(2).transpose(1, 2))


class PoolTokens(nn.Module):
    def __init__(self, pool: str):
        super().__init__()
        self.pool = pool

    def forward(self, value: Value) -> Value:
        return Value("vector", value.x.mean(1) if self.pool == "mean" else value.x[:, 0])


# ---- with parameters ----

class Dense(nn.Linear):
    def forward(self, value: Value) -> Value:
        value = Flatten()(value) if value.kind == "map" else value
        return Value("vector" if value.kind == "points" else value.kind, super().forward(value.x))


class Embedding(nn.Embedding):
    def forward(self, value: Value) -> Value:
        return Value("sequence", super().forward(value.x))


class Conv1d(nn.Conv1d):
    def forward(self, value: Value) -> Value:
        return Value("map", super().forward(as_map(value).x))


class Conv2d(nn.Conv2d):
    def forward(self, value: Value) -> Value:
        return Value("map", super().forward(as_map(value).x))


class BatchNorm(nn.BatchNorm1d):
    """Of anything: by channels of maps and sequences, by elements of vectors."""

    def __init__(self, *arguments: Any, **options: Any):
        super().__init__(*arguments, **options)
        self.num_batches_tracked = None  # no array of the file

    def _check_input_dim(self, input: Tensor) -> None:
        pass

    def forward(self, value: Value) -> Value:
        return channels_back(value, super().forward(channels_second(value)))


class Affine(nn.Module):
    """A scale and a shift, or neither."""

    def __init__(self, shape: Optional[Tuple[int, ...]], epsilon: float):
        super().__init__()
        self.epsilon = epsilon
        for name in ("weight", "bias"):
            self.register_parameter(name, None if shape is None else nn.Parameter(torch.empty(shape)))


class LayerNorm(Affine):
    """Over all elements of an example, or of a step of a sequence."""

    def forward(self, value: Value) -> Value:
        shape = value.x.shape[2 if value.kind == "sequence" else 1:]
        return Value(value.kind, F.layer_norm(value.x, shape, self.weight, self.bias, self.epsilon))


class GroupNorm(Affine):
    def __init__(self, shape: Optional[Tuple[int, ...]], epsilon: float, groups: int):
        super().__init__(shape, epsilon)
        self.groups = groups

    def forward(self, value: Value) -> Value:
        y = F.group_norm(channels_second(value), self.groups, self.weight, self.bias, self.epsilon)
        return channels_back(value, y)


class Readout:
    """What the three cells share: steps from what comes, and what is passed on of their states."""
    readout: str
    pixels: bool

    def forward(self, value: Value) -> Value:
        h = super().forward(self.steps(value))[0]  # type: ignore[misc]
        if self.readout == "last":
            half = self.hidden_size  # type: ignore[attr-defined]
            return Value("vector", torch.cat([h[:, -1, :half], h[:, 0, half:]], 1))
        if self.readout == "mean":
            return Value("vector", h.mean(1))
        return Value("vector", h.flatten(1)) if self.readout == "all" else Value("sequence", h)

    def steps(self, value: Value) -> Tensor:
        """(N, t, f): the rows of an image (width, channel), its pixels, or the points of a signal."""
        if value.kind == "sequence":
            return value.x
        x = as_map(value).x
        if x.dim() == 3:
            return x.transpose(1, 2)
        x = x.permute(0, 2, 3, 1)
        return x.flatten(1, 2) if self.pixels else x.flatten(2)


class RNN(Readout, nn.RNN):
    pass


class LSTM(Readout, nn.LSTM):
    pass


class GRU(Readout, nn.GRU):
    pass


CELLS = {"rnn": RNN, "lstm": LSTM, "gru": GRU}


class Positions(nn.Module):
    """The class token before a sequence, positions added to it."""

    def __init__(self, kind: str, token: Optional[tuple], table: Optional[tuple], rate: float):
        super().__init__()
        self.kind, self.rate = kind, rate
        for name, shape in (("cls_token", token), ("position", table)):
            self.register_parameter(name, None if shape is None else nn.Parameter(torch.empty(shape)))

    def forward(self, value: Value) -> Value:
        x = value.x
        if self.cls_token is not None:
            x = torch.cat([self.cls_token.expand(len(x), 1, -1), x], 1)
        if self.position is not None:
            x = x + self.position
        elif self.kind == "sinusoidal":
            x = x + sinusoid(x.shape[1], x.shape[2]).to(x)
        return Value("sequence", F.dropout(x, self.rate, self.training))


def sinusoid(steps: int, width: int) -> Tensor:
    """Vaswani et al. 2017, section 3.5."""
    t, j = torch.arange(steps, dtype=torch.float64)[:, None], torch.arange(width)
    angle = t / 10000 ** ((j // 2 * 2).double() / width)
    return torch.where(j % 2 == 0, angle.sin(), angle.cos())


def rotate(x: Tensor) -> Tensor:
    """Rotary positions (Su et al. 2021) of (..., t, d): element j of a head turns together with j + d / 2."""
    steps, half = x.shape[-2], x.shape[-1] // 2
    rates = 10000.0 ** (-torch.arange(half, dtype=torch.float64) / half)
    angle = torch.arange(steps, dtype=torch.float64)[:, None] * rates
    cos, sin = angle.cos().to(x), angle.sin().to(x)
    a, b = x[..., :half], x[..., half:]
    return torch.cat([a * cos - b * sin, a * sin + b * cos], -1)


class TransformerBlock(nn.Module):
    """Its arrays have the names of nn.TransformerEncoderLayer; that layer has no rotary positions, and other dropout."""

    def __init__(self, width: int, heads: int, hidden: int, post: bool, causal: bool, rotary: bool, activation: str, rate: float):
        super().__init__()
        self.self_attn = nn.MultiheadAttention(width, heads, batch_first=True)
        self.linear1, self.linear2 = nn.Linear(width, hidden), nn.Linear(hidden, width)
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.post, self.causal, self.rotary, self.activation, self.rate = post, causal, rotary, activation, rate

    def attention(self, x: Tensor) -> Tensor:
        own = self.self_attn
        n, t, width = x.shape
        heads = F.linear(x, own.in_proj_weight, own.in_proj_bias).reshape(n, t, 3, own.num_heads, -1)
        q, k, v = heads.permute(2, 0, 3, 1, 4)
        if self.rotary:
            q, k = rotate(q), rotate(k)
        out = F.scaled_dot_product_attention(q, k, v, is_causal=self.causal)
        return F.dropout(own.out_proj(out.transpose(1, 2).reshape(n, t, width)), self.rate, self.training)

    def perceptron(self, x: Tensor) -> Tensor:
        h = ACTIVATIONS[self.activation](self.linear1(x))
        return F.dropout(self.linear2(h), self.rate, self.training)

    def forward(self, value: Value) -> Value:
        x = value.x
        if self.post:
            x = self.norm1(x + self.attention(x))
            return Value("sequence", self.norm2(x + self.perceptron(x)))
        x = x + self.attention(self.norm1(x))
        return Value("sequence", x + self.perceptron(self.norm2(x)))


class ResidualBlock(nn.Module):
    """conv1, norm1, conv2, norm2 and a shortcut, which is empty where the shape stays (He et al., CVPR and ECCV 2016)."""

    def __init__(self, parts: Dict[str, nn.Module], activation: str, preactivation: bool):
        super().__init__()
        self.activation, self.preactivation = Activation(activation), preactivation
        for name in ("conv1", "norm1", "conv2", "norm2"):
            setattr(self, name, parts.get(name, nn.Identity()))
        self.shortcut = nn.Sequential(*(parts[name] for name in ("shortcut.0", "shortcut.1") if name in parts))

    def forward(self, value: Value) -> Value:
        if self.preactivation:
            first = self.activation(self.norm1(value))
            y = self.conv2(self.activation(self.norm2(self.conv1(first))))
            return Value("map", y.x + (self.shortcut(first) if len(self.shortcut) else value).x)
        y = self.norm2(self.conv2(self.activation(self.norm1(self.conv1(value)))))
        return self.activation(Value("map", y.x + self.shortcut(value).x))


# ---- networks ----

class Network(nn.Module):
    """x: (N, d), (N, h, w), (N, h, w, c), as basin.load_data gives it, or tokens (N, t) -> logits (N, k) or (N, t, k).

    `order` lists the layers: (where, index), where is "layers" or "plain"; ("keep", 0) remembers a value, to which
    ("add", 0) adds what has become of it.
    """

    def __init__(self, layers: List[nn.Module], plain: List[nn.Module], order: List[Tuple[str, int]], language: bool,
                 channels_first: bool, tied: bool):
        super().__init__()
        self.layers, self.plain, self.order = nn.ModuleList(layers), nn.ModuleList(plain), order
        self.language, self.channels_first, self.tied = language, channels_first, tied

    def take(self, x: Any) -> Value:
        x = torch.as_tensor(x)
        if self.language:
            return Value("tokens", x.long())
        x = x.to(next(self.parameters()).dtype)
        if x.dim() < 3:
            return Value("points", x.reshape(len(x), -1))
        if not self.channels_first:
            return Value("vector", x.flatten(1))
        return Value("map", x[:, None] if x.dim() == 3 else x.permute(0, 3, 1, 2))

    def forward(self, x: Any) -> Tensor:
        value, kept = self.take(x), None
        for where, index in self.order:
            if where == "keep":
                kept = value
            elif where == "add":
                value = Value(value.kind, kept.x + value.x)
            else:
                value = getattr(self, where)[index](value)
        return F.linear(value.x, self.layers[0].weight) if self.tied else value.x


class Builder:
    """Appends layers as Basin's architectures do; the shapes are those of the weights."""

    def __init__(self, spec: Dict[str, Any], weights: Dict[str, numpy.ndarray]):
        self.weights, self.own = weights, spec["architecture"]
        self.rate = spec["regularizers"]["dropout"]
        self.layers: List[nn.Module] = []
        self.plain: List[nn.Module] = []
        self.order: List[Tuple[str, int]] = []
        self.channels_first, self.tied = True, False
        self.language = spec["dataset"]["name"] in ("text", "kjv-text")

    def shape(self, name: str) -> Optional[Tuple[int, ...]]:
        """Of an array of the layer that comes next."""
        array = self.weights.get(f"layers.{len(self.layers)}.{name}")
        return None if array is None else array.shape

    def add(self, module: nn.Module) -> None:
        self.order.append(("layers", len(self.layers)))
        self.layers.append(module)

    def pass_on(self, module: nn.Module) -> None:
        self.order.append(("plain", len(self.plain)))
        self.plain.append(module)

    # -- layers --

    def dense(self) -> None:
        out, inputs = self.shape("weight")
        self.add(Dense(inputs, out, self.shape("bias") is not None))

    def head(self) -> None:
        if not self.language:
            self.pass_on(Flatten())
        self.dense()

    def embedding(self) -> None:
        self.add(Embedding(*self.shape("weight")))

    def activation(self, name: str) -> None:
        self.pass_on(Activation(name))

    def dropout(self, rate: float, spatial: bool = False) -> None:
        if rate > 0:
            self.pass_on(Dropout(rate, spatial))

    def convolution(self, part: str = "", stride: Any = 1, padding: Any = "same", dilation: Any = 1, groups: int = 1) -> nn.Module:
        shape = self.shape(part + "weight")
        axes = len(shape) - 2
        dilation = pair(dilation)[2 - axes:]
        padding = (tuple(d * (k - 1) // 2 for d, k in zip(dilation, shape[2:])) if padding == "same" else pair(padding)[2 - axes:])
        return (Conv1d if axes == 1 else Conv2d)(shape[1] * groups, shape[0], shape[2:], pair(stride)[2 - axes:], padding, dilation,
                                                 groups, self.shape(part + "bias") is not None)

    def norm(self, kind: str, part: str = "", epsilon: float = 1e-5, momentum: float = 0.1, groups: int = 4,
             affine: bool = True) -> nn.Module:
        shape = self.shape(part + "weight") if affine else None
        if kind == "batch":
            return BatchNorm(self.shape(part + "running_mean")[0], epsilon, momentum, affine)
        return LayerNorm(shape, epsilon) if kind == "layer" else GroupNorm(shape, epsilon, groups)

    def add_norm(self, kind: str, **options: Any) -> None:
        if kind == "none":
            return
        module = self.norm(kind, **options)
        (self.add if module.state_dict() else self.pass_on)(module)

    def recurrent(self, kind: str, own: Dict[str, Any], rate: float) -> None:
        hidden, layers = own["hidden_size"], own["layers"]
        options = {"nonlinearity": own["activation"]} if kind == "rnn" else {}
        cell = CELLS[kind](self.shape("weight_ih_l0")[1], hidden, layers, batch_first=True, bidirectional=own["bidirectional"],
                           dropout=rate if layers > 1 else 0.0, **options)
        cell.readout = "sequence" if self.language else own["readout"]
        cell.pixels = own["steps"] == "pixels"
        self.add(cell)

    # -- architectures --

    def linear(self) -> None:
        self.pass_on(Flatten())
        self.dense()

    def mlp(self) -> None:
        own, before = self.own, self.weights["layers.0.weight"].shape[1]
        if own["residual"] and own["hidden"][:1] == [before]:
            self.channels_first = False
        self.pass_on(Flatten())
        for units in own["hidden"]:
            adds = own["residual"] and units == before
            self.order += [("keep", 0)] if adds else []
            self.dense()
            self.activation(own["activation"])
            self.dropout(self.rate)
            self.order += [("add", 0)] if adds else []
            before = units
        self.dense()

    def cnn(self) -> None:
        own = self.own
        if own.get("layers") is not None:
            return self.sequential()
        for _ in own["channels"]:
            self.add(self.convolution())
            self.add_norm(own["norm"], groups=own["norm_groups"])
            self.activation(own["activation"])
            if own["pool"] != "none":
                self.pass_on(Pool(own["pool"] == "max", (2, 2), (2, 2), (0, 0)))
        self.pass_on(Flatten())
        for _ in own["hidden"]:
            self.dense()
            self.activation(own["activation"])
            self.dropout(self.rate)
        self.head()

    def residual_block(self, stride: int) -> None:
        own, parts = self.own, {}
        for name in ("conv1", "norm1", "conv2", "norm2", "shortcut.0", "shortcut.1"):
            if self.shape(name + ".weight") is None:
                continue
            if "norm" in name or name == "shortcut.1":
                parts[name] = self.norm(own["norm"], name + ".", groups=own["norm_groups"])
            else:
                parts[name] = self.convolution(name + ".", 1 if name == "conv2" else stride)
        self.add(ResidualBlock(parts, own["activation"], own["preactivation"]))

    def resnet(self) -> None:
        own = self.own

        def norm_and_activation() -> None:
            self.add_norm(own["norm"], groups=own["norm_groups"])
            self.activation(own["activation"])

        self.add(self.convolution())
        if not own["preactivation"]:
            norm_and_activation()
        for stage in range(own["stages"]):
            for block in range((own["depth"] - 2) // (2 * own["stages"])):
                self.residual_block(2 if stage and not block else 1)
        if own["preactivation"]:
            norm_and_activation()
        self.pass_on(GlobalPool(False))
        self.head()

    def cell(self) -> None:
        if self.language:
            self.embedding()
        self.recurrent(self.own["type"], self.own, self.rate)
        self.dropout(self.rate)
        self.head()

    def transformer(self) -> None:
        own, rate = self.own, self.rate
        if self.language:
            self.embedding()
        else:
            self.add(self.convolution(stride=own["patch"], padding=0))
            self.pass_on(Tokens())
        positions = Positions(own["positions"], self.shape("cls_token"), self.shape("position"), rate)
        (self.add if positions.state_dict() else self.pass_on)(positions)
        causal = own.get("causal")
        for _ in range(own["depth"]):
            self.add(TransformerBlock(own["width"], own["heads"], own["width"] * own["mlp_ratio"], own["norm"] == "post",
                                      self.language if causal is None else causal, own["positions"] == "rotary", own["activation"], rate))
        if own["norm"] == "pre":
            self.add_norm("layer")
        if not self.language:
            self.pass_on(PoolTokens(own["pool"]))
        self.tied = self.language and own["tied_embeddings"]
        if not self.tied:
            self.head()

    def sequential(self) -> None:
        for item in self.own["layers"]:
            (name, own), = item.items() if isinstance(item, dict) else [(item, {})]
            LAYERS[name](self, own or {})
        self.head()

    def network(self) -> Network:
        ARCHITECTURES[self.own["type"]](self)
        return Network(self.layers, self.plain, self.order, self.language, self.channels_first, self.tied)


def pair(value: Any) -> Tuple[int, int]:
    return tuple(value) if isinstance(value, (list, tuple)) else (value, value)


def pool_layer(largest: bool) -> Any:
    def append(builder: Builder, own: Dict[str, Any]) -> None:
        stride = own.get("stride")
        builder.pass_on(Pool(largest, pair(own["kernel"]), pair(own["kernel"] if stride is None else stride), pair(own["padding"])))
    return append


def norm_layer(kind: str) -> Any:
    return lambda builder, own: builder.add_norm(kind, **own)


def cell_layer(kind: str) -> Any:
    return lambda builder, own: builder.recurrent(kind, own, own["dropout"])


def activation_layer(name: str) -> Any:
    return lambda builder, own: builder.activation(name)


# What a list of layers can name (`basin list layers`), and what a study can (`basin list architectures`).
LAYERS = {
    "conv": lambda builder, own: builder.add(builder.convolution("", own["stride"], own["padding"], own["dilation"], own["groups"])),
    "max_pool": pool_layer(True),
    "average_pool": pool_layer(False),
    "global_max_pool": lambda builder, own: builder.pass_on(GlobalPool(True)),
    "global_average_pool": lambda builder, own: builder.pass_on(GlobalPool(False)),
    "batch_norm": norm_layer("batch"),
    "layer_norm": norm_layer("layer"),
    "group_norm": norm_layer("group"),
    **{name: activation_layer(name) for name in ACTIVATIONS},
    "dropout": lambda builder, own: builder.dropout(own["rate"]),
    "spatial_dropout": lambda builder, own: builder.dropout(own["rate"], True),
    "flatten": lambda builder, own: builder.pass_on(Flatten()),
    "dense": lambda builder, own: builder.dense(),
    "embedding": lambda builder, own: builder.embedding(),
    **{name: cell_layer(name) for name in CELLS},
}
ARCHITECTURES = {"linear": Builder.linear, "mlp": Builder.mlp, "cnn": Builder.cnn, "resnet": Builder.resnet,
                 "rnn": Builder.cell, "lstm": Builder.cell, "gru": Builder.cell, "transformer": Builder.transformer,
                 "sequential": Builder.sequential}


def build(spec: Dict[str, Any], weights: Dict[str, numpy.ndarray]) -> Network:
    """The network of a resolved spec with these weights, in their precision, in eval mode.

    KeyError, ValueError or TypeError where the two do not fit together.
    """
    tensors = {name: torch.from_numpy(array.astype(array.dtype.newbyteorder("="))) for name, array in weights.items()}
    net = Builder(spec, weights).network().to(next(iter(tensors.values())).dtype)
    own = {**dict(net.named_parameters()), **dict(net.named_buffers())}
    if own.keys() != tensors.keys():
        raise ValueError(f"the spec makes {sorted(own.keys() - tensors.keys())}, the file has {sorted(tensors.keys() - own.keys())}")
    with torch.no_grad():
        for name, tensor in tensors.items():
            if own[name].shape != tensor.shape:
                raise ValueError(f"{name} is {tuple(tensor.shape)} in the file, and {tuple(own[name].shape)} by the spec")
            own[name].copy_(tensor)
    return net.eval()
