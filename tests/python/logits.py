"""Every network in PyTorch: python3 logits.py BASIN OUTPUTS SCRIPTS

Trains one epoch of a small net of every architecture, layer, activation, norm, residual, readout, kind of positions, on images,
colour images, signals and texts, with float32 and float64. basin.torch_module's logits of all test examples, as load_data
gives them, must be those that the program computes from the same file (OUTPUTS), to 1e-4 of the largest; its state_dict must
have the names, shapes and numbers of the file. Fails where an architecture, a layer or an activation that the program lists
is not in the list of nets.
"""
import io
import copy
import os
import re
import subprocess
import sys
import tempfile

from common import TEXT, need, run, use_scripts

BASIN, OUTPUTS, SCRIPTS = map(os.path.abspath, sys.argv[1:4])
h5py, numpy, torch, yaml = need("h5py", "numpy", "torch", "yaml")
use_scripts(SCRIPTS)
import basin  # noqa: E402

DATA = {
    "image": "{name: hdf5, path: image.h5}",
    "colour": "{name: hdf5, path: colour.h5, standardize: feature}",
    "signal": "{name: hdf5, path: signal.h5, validation_size: 7}",
    "table": "{name: hdf5, path: table.h5}",
    "text": "{name: text, path: text.txt, context: 6, train_size: 30, test_size: 9}",
    "bytes": "{name: text, path: text.txt, context: 5, train_size: 30, test_size: 9, units: bytes}",
}
SHAPES = {"image": (8, 6), "colour": (6, 8, 3), "signal": (24,), "table": (6,)}


def layers(*items):
    return "{type: sequential, layers: [" + ", ".join(items) + "]}"


NETS = [
    # mlp and linear: flattened images are in the order channel, height, width, but not behind a residual sum on the input
    ("image", "linear"), ("colour", "linear"), ("signal", "{type: linear, bias: false}"),
    ("colour", "{type: mlp, hidden: [9, 9, 5], residual: true, activation: tanh}"),
    ("colour", "{type: mlp, hidden: [144, 7], residual: true, activation: silu}"),
    ("image", "{type: mlp, hidden: [48, 48], residual: true, bias: false, activation: gelu}"),
    ("table", "{type: mlp, hidden: [6, 6], residual: true, activation: sigmoid}"),
    ("colour", "{type: mlp, hidden: [], activation: identity}"), ("signal", "{type: mlp, hidden: [5, 4], activation: identity}"),
    # cnn
    ("colour", "{type: cnn, channels: [4, 6], norm: batch, hidden: [7]}"),
    ("image", "{type: cnn, channels: [4], kernel: [3, 5], norm: group, norm_groups: 2, pool: average, hidden: []}"),
    ("colour", "{type: cnn, channels: [3, 4], norm: layer, pool: none, activation: gelu, bias: false}"),
    ("signal", "{type: cnn, channels: [4, 4], norm: batch, hidden: [5]}"),
    ("signal", "{type: cnn, channels: [4], kernel: 5, norm: layer, hidden: []}"),
    ("image", "{type: cnn, channels: [4, 5], bias: false}"),
    ("colour", "{type: cnn, layers: [{conv: {channels: 3}}, relu, flatten, {dense: {units: 4}}, tanh]}"),
    # resnet
    ("colour", "{type: resnet, depth: 8, width: 3}"), ("image", "{type: resnet, depth: 10, width: 4, stages: 2, norm: group}"),
    ("signal", "{type: resnet, depth: 6, width: 3, stages: 2, preactivation: true, kernel: 5}"),
    ("colour", "{type: resnet, depth: 6, width: 3, stages: 2, preactivation: true, norm: none, activation: silu}"),
    ("image", "{type: resnet, depth: 6, width: 3, stages: 2, norm: none}"),
    ("signal", "{type: resnet, depth: 6, width: 3, stages: 2, norm: layer, activation: gelu}"),
    # recurrent nets
    ("colour", "{type: rnn, hidden_size: 5, activation: relu}"), ("image", "{type: rnn, hidden_size: 5, steps: pixels, readout: mean}"),
    ("colour", "{type: lstm, hidden_size: 4, steps: pixels, bidirectional: true}"),
    ("signal", "{type: gru, hidden_size: 4, layers: 2, bidirectional: true, readout: all}"),
    ("image", "{type: lstm, hidden_size: 4, layers: 2, readout: sequence}"), ("signal", "{type: rnn, hidden_size: 4, readout: last}"),
    ("image", "{type: gru, hidden_size: 4, readout: last, layers: 3}"),
    ("text", "{type: rnn, hidden_size: 4, embedding: 3}"), ("bytes", "{type: lstm, hidden_size: 4, embedding: 3, layers: 2}"),
    ("text", "{type: gru, hidden_size: 5, embedding: 3}"),
    # transformers
    ("colour", "{type: transformer, width: 8, depth: 2, heads: 2, patch: 2}"),
    ("image", "{type: transformer, width: 6, depth: 1, heads: 3, patch: 2, pool: cls, norm: post, positions: sinusoidal, activation: relu}"),
    ("signal", "{type: transformer, width: 8, depth: 1, heads: 2, patch: 4, positions: rotary, causal: true}"),
    ("colour", "{type: transformer, width: 8, depth: 2, heads: 1, patch: 2, positions: none, pool: cls, mlp_ratio: 1}"),
    ("signal", "{type: transformer, width: 5, depth: 1, heads: 1, patch: 3, positions: sinusoidal, norm: post}"),
    ("text", "{type: transformer, width: 8, depth: 2, heads: 2, tied_embeddings: true, positions: rotary}"),
    ("bytes", "{type: transformer, width: 8, depth: 1, heads: 4, norm: post, positions: none, activation: tanh}"),
    ("text", "{type: transformer, width: 4, depth: 1, heads: 2, norm: post, tied_embeddings: true}"),
    # lists of layers
    ("colour", layers("{conv: {channels: 4, kernel: 3, stride: [2, 1], padding: [1, 0]}}", "gelu", "{group_norm: {groups: 2}}",
                      "{conv: {channels: 6, kernel: 3, padding: 2, dilation: 2, groups: 2, bias: false}}", "layer_norm", "tanh",
                      "{average_pool: {kernel: [2, 1], padding: [1, 0]}}", "{spatial_dropout: {rate: 0.3}}", "flatten", "batch_norm",
                      "{dense: {units: 6, bias: false}}", "layer_norm", "{dropout: {rate: 0.2}}", "silu")),
    ("image", layers("{conv: {channels: 4, kernel: 3, padding: same, dilation: 2}}", "{batch_norm: {affine: false}}", "sigmoid",
                     "{max_pool: {kernel: 3, stride: 2, padding: 1}}", "{layer_norm: {affine: false, epsilon: 0.1}}", "global_max_pool",
                     "{group_norm: {groups: 2, affine: false}}")),
    ("signal", layers("{conv: {channels: 4, kernel: 5, stride: 2, padding: 1}}", "{batch_norm: {epsilon: 0.01, momentum: 0.5}}", "relu",
                      "{max_pool: {kernel: 2, stride: 1}}", "{group_norm: {groups: 4}}", "identity",
                      "{lstm: {hidden_size: 4, readout: sequence, bidirectional: true}}", "batch_norm", "{group_norm: {groups: 2}}",
                      "layer_norm", "{conv: {channels: 4, kernel: 3}}", "global_average_pool")),
    ("image", layers("{gru: {hidden_size: 4, readout: sequence, layers: 2, dropout: 0.2}}", "{dense: {units: 5}}", "relu",
                     "{rnn: {hidden_size: 4, readout: all, activation: relu}}", "{dense: {units: 5}}")),
    ("image", layers("{gru: {hidden_size: 4, readout: sequence}}", "{spatial_dropout: {rate: 0.4}}", "flatten", "{dense: {units: 3}}")),
    ("image", layers("{gru: {hidden_size: 4, readout: sequence}}", "{spatial_dropout: {rate: 0}}", "flatten", "{dense: {units: 3}}")),
    ("colour", layers("{lstm: {hidden_size: 4, steps: pixels, readout: mean}}", "batch_norm", "gelu")),
    ("signal", layers("batch_norm", "layer_norm", "{rnn: {hidden_size: 4, readout: sequence}}", "{average_pool: {kernel: 3}}")),
    ("colour", layers()), ("signal", layers("tanh")), ("colour", layers("flatten", "layer_norm", "{dense: {units: 4}}", "layer_norm")),
    ("text", layers("{embedding: {width: 4}}", "{dense: {units: 5}}", "gelu", "layer_norm", "{dropout: {rate: 0.1}}",
                    "{gru: {hidden_size: 4, readout: sequence}}", "batch_norm")),
]


def make_data():
    random = numpy.random.default_rng(1)
    for name, shape in SHAPES.items():
        y = random.integers(0, 4, 60)
        x = (random.normal(size=(60,) + shape) + random.normal(size=(4,) + shape)[y]).astype(numpy.float32)
        with h5py.File(name + ".h5", "w") as file:
            for key, part in (("x", x[:40]), ("y", y[:40]), ("x_test", x[40:]), ("y_test", y[40:])):
                file[key] = part
    with open("text.txt", "w") as file:
        file.write(TEXT)


def outputs(path):
    """(examples, positions, outputs) as the program computes them."""
    done = subprocess.run([OUTPUTS, path], capture_output=True, check=True).stdout
    head, rest = done.split(b"\n", 1)
    return numpy.frombuffer(rest, numpy.float64).reshape([int(n) for n in head.split()])


def check_state(net, path):
    weights, state = basin.load_weights(path), net.state_dict()
    assert list(sorted(state)) == list(sorted(weights)), (sorted(state), sorted(weights))
    for name, array in weights.items():
        assert numpy.array_equal(state[name].numpy(), array), name
    saved = io.BytesIO()
    torch.save(state, saved)
    saved.seek(0)
    net.load_state_dict(torch.load(saved))


def check_net(path, name):
    net, data = basin.torch_module(path), basin.load_data(path, program=BASIN)
    check_state(net, path)
    ours = outputs(path)
    with torch.no_grad():
        theirs = net(data.test.x).double().numpy()
        twin = copy.deepcopy(net)  # what a copy gives does not depend on the original
        for parameter in net.parameters():
            parameter.zero_()
        again = twin(torch.from_numpy(data.test.x)).double().numpy()
    assert numpy.array_equal(theirs, again), f"{name}: a copy gives something else"
    scale = numpy.abs(ours).max()
    difference = numpy.abs(ours.reshape(theirs.shape) - theirs).max() / max(scale, 1e-12)
    assert difference < 1e-4, f"{name}: logits differ by {difference:.1e} of {scale:.3g}"
    measured = basin.open_run(path).numbers["test_loss"]
    loss = float(torch.nn.functional.cross_entropy(torch.from_numpy(theirs).flatten(0, -2), torch.from_numpy(data.test.y).flatten()))
    assert abs(loss - measured) <= 1e-4 * max(1, measured), f"{name}: test loss {measured} of the file, {loss} of its data"
    twin.train()(data.test.x).sum().backward()  # every parameter can be trained on
    missing = [key for key, parameter in twin.named_parameters() if parameter.grad is None]
    assert not missing, f"{name}: no gradient of {missing}"
    return difference


def listed(what):
    lines = subprocess.run([BASIN, "list", what], capture_output=True, text=True, check=True).stdout.split("\n")
    return {match[1] for match in (re.match(r"^  (\w+)(\s|$)", line) for line in lines) if match}


def check_complete():
    used, text = set(), " ".join(net for _, net in NETS)
    used.update(re.findall(r"\w+", text))
    for what in ("architectures", "layers", "activations"):
        names = listed(what)
        assert len(names) > 4 and names <= used, f"no net here has {names - used} ({what})"


def main():
    check_complete()
    worst = 0.0
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        make_data()
        for number, (kind, net) in enumerate(NETS):
            text = (f"dataset: {DATA[kind]}\narchitecture: {net}\ntraining: {{epochs: 1, batch_size: 10}}\n"
                    f"precision: {'float64' if number % 3 == 0 else 'float32'}\n")
            if number % 2 and re.match(r"{type: (mlp|cnn|rnn|lstm|gru|transformer)(?!.*(hidden: \[\]|layers: \[))", net):
                text += "regularizers: {dropout: 0.2}\n"
            path, = run(BASIN, f"net{number}", text)
            worst = max(worst, check_net(str(path), f"{net} of {kind}"))
        os.chdir("/")
    print(f"{len(NETS)} nets: logits differ by {worst:.1e} of the largest at the most")


main()
