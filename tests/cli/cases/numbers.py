"""Writes four IDX files of float64 images into a new folder: python3 numbers.py FOLDER VALUE

The images are 2 x 2 and count up from 0; VALUE stands at element 3 of test example 4. Labels are 0 and 1 in turn.
"""
import os
import struct
import sys

folder, special = sys.argv[1], float(sys.argv[2])


def write(name, code, dims, layout, values):
    with open(os.path.join(folder, name), "wb") as file:
        file.write(struct.pack(">BBBB", 0, 0, code, len(dims)) + struct.pack(f">{len(dims)}I", *dims))
        file.write(struct.pack(f">{len(values)}{layout}", *values))


os.mkdir(folder)
for part, count in (("train", 20), ("test", 10)):
    images = [float(i) for i in range(4 * count)]
    if part == "test":
        images[4 * 4 + 3] = special
    write(part + "-images", 0x0E, (count, 2, 2), "d", images)
    write(part + "-labels", 0x08, (count,), "B", [i % 2 for i in range(count)])
