"""Writes four small IDX files into a new folder: python3 idx.py FOLDER"""
import os
import struct
import sys


def write(name, dims, values):
    with open(os.path.join(sys.argv[1], name), "wb") as file:
        file.write(struct.pack(">BBBB", 0, 0, 8, len(dims)) + struct.pack(f">{len(dims)}I", *dims) + bytes(values))


os.mkdir(sys.argv[1])
for part, count in (("train", 20), ("test", 10)):
    write(part + "-images", (count, 3, 3), ((7 * i + i * i) % 256 for i in range(9 * count)))
    write(part + "-labels", (count,), (i % 2 for i in range(count)))
