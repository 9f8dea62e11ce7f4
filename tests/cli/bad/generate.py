"""Writes the wrong specs that are too large or too odd to keep in the repository: python3 generate.py FOLDER"""
import os
import sys

START = b"study: bad\narchitecture: linear\n"

SPECS = {
    "generated-too-large": START + b"#" * ((1 << 20) + 1 - len(START)),
    "generated-depth-65": START + b"training: " + b"[" * 64 + b"]" * 64 + b"\n",
    "generated-depth-50000": START + b"training: " + b"[" * 50000 + b"\n",
    "generated-invalid-utf8": b"study: bad\ndescription: caf\xe9 noir\narchitecture: linear\n",
    "generated-utf16": "\ufeffstudy: bad\n".encode("utf-16-le"),
    "generated-control-character": b"study: bad\ndescription: bell\x07\narchitecture: linear\n",
    "generated-nul": b"study: bad\n\0\n",
    "generated-empty": b"",
    "generated-crlf-with-mark": b"\xef\xbb\xbfstudy: bad\r\narchitecture: lineal\r\n",
    "generated-alias-bomb": START + b"training:\n  stop:\n    - &a0 [1, 1, 1, 1, 1, 1, 1, 1, 1, 1]\n"
    + b"".join(b"    - &a%d [%s]\n" % (i, b", ".join([b"*a%d" % (i - 1)] * 10)) for i in range(1, 12)),
    "generated-many-keys": START + b"training:\n" + b"".join(b"  key%d: 1\n" % i for i in range(1001)),
    "generated-many-errors": START + b"training:\n" + b"".join(b"  zzz%d: 1\n" % i for i in range(25)),
    "generated-long-line": b"study: bad\narchitecture: {type: mlp, hidden: [" + b"64, " * 60 + b"x" + b", 64" * 60 + b"]}\n",
    "generated-too-many-runs": START + b"sweep:\n  grid:\n    training.epochs: [" + b", ".join(b"%d" % i for i in range(1, 402))
    + b"]\n    training.batch_size: [" + b", ".join(b"%d" % i for i in range(1, 251)) + b"]\n",
}

for name, content in SPECS.items():
    with open(os.path.join(sys.argv[1], name + ".yaml"), "wb") as file:
        file.write(content)
