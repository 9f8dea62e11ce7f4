"""Writes an .npy file by hand: npy.py FILE DESCR SHAPE ELEMENTS [fortran] [version]

ELEMENTS is Python: a bytes object, which follows the header as it is.
"""
import struct
import sys

path, descr, shape, elements = sys.argv[1:5]
order, version = "fortran" in sys.argv, 2 if "version" in sys.argv else 1
descr = descr if descr.startswith("[") else repr(descr)
header = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}"
pack = eval(elements, {"floats": lambda *values: struct.pack(f"<{len(values)}f", *values), "ints": lambda *values: struct.pack(f"<{len(values)}q", *values)})
with open(path, "wb") as file:
    file.write(b"\x93NUMPY" + bytes([version, 0]) + struct.pack("<H" if version == 1 else "<I", len(header)) + header.encode() + pack)
