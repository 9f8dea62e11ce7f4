"""Writes a safetensors file by hand: safetensors.py FILE HEADER DATA; DATA is Python, a bytes object."""
import struct
import sys

path, header, data = sys.argv[1:]
with open(path, "wb") as file:
    file.write(struct.pack("<Q", len(header)) + header.encode() + eval(data))
