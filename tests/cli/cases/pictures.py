"""Small folders of pictures, and odd files: python3 pictures.py FOLDER [ODD]

FOLDER/a and FOLDER/b get four grey pictures of 4 x 4 each, in a FOLDER named test others than elsewhere. Into the folder ODD go
files that are no pictures, damaged ones, and some that only look so.
PNG files are written from the standard, without a library of pictures.
"""
import base64
import os
import pathlib
import struct
import sys
import zlib

# 4 x 4 in CMYK, quality 10, and a grey 9 x 5 (both by Pillow).
CMYK = base64.b64decode(
    "/9j/7gAOQWRvYmUAZAAAAAAA/9sAQwBQNzxGPDJQRkFGWlVQX3jIgnhubnj1r7mRyP//////////////////////////////////"
    "/////////////////8AAFAgABAAEBEMRAE0RAFkRAEsRAP/EABQAAQAAAAAAAAAAAAAAAAAAAAT/xAAbEAACAQUAAAAAAAAAAAAA"
    "AAAAAQIREjEyUf/aAA4EQwBNAFkASwAAPwBE9hF76EWBdWf/2Q=="
)
JPEG = base64.b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAA0JCgsKCA0LCgsODg0PEyAVExISEyccHhcgLikxMC4pLSwzOko+MzZGNywtQFdBRkxO"
    "UlNSMj5aYVpQYEpRUk//wAALCAAFAAkBAREA/8QAFQABAQAAAAAAAAAAAAAAAAAABQb/xAAZEAACAwEAAAAAAAAAAAAAAAAAAwQG"
    "FCL/2gAIAQEAAD8AErsVfBX5Vn//2Q=="
)


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, rows, kind=0, depth=8, extra=b"", interlace=0):
    """`rows`: the packed samples of each row, without its filter byte."""
    head = struct.pack(">IIBBBBB", width, height, depth, kind, 0, 0, interlace)
    body = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + extra + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def grey(number):
    return png(4, 4, [bytes((number * 51 + 9 * y + 5 * x) % 256 for x in range(4)) for y in range(4)])


def claim(width, height, kind=2):
    """A header that claims a size, in a file of about a KB."""
    head = struct.pack(">IIBBBBB", width, height, 8, kind, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", bytes(900)) + chunk(b"IEND", b"")


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def rows(channels, value, last):
    """4 x 4 pixels of `value`, the last of which is `last`."""
    data = [value * 4] * 4
    return data[:3] + [value * 3 + last]


ODD = {
    "none": b"",
    "text": b"file,label\na.png,1\n",
    "gif": b"GIF89a\x04\0\x04\0",
    "webp": b"RIFF\x24\0\0\0WEBPVP8 ",
    "bmp": b"BM" + bytes(60),
    "tiff": b"II*\0" + bytes(60),
    "zip": b"PK\3\4" + bytes(60),
    "cut": grey(1)[:-20],
    "crc": flipped(grey(1), len(grey(1)) - 13),
    "newlines": grey(1).replace(b"\r\n", b"\n", 1),
    "wide": png(5, 4, [bytes(5)] * 4),
    "color": png(4, 4, [bytes(12)] * 4, kind=2),
    "alpha": png(4, 4, rows(2, b"\x10\xff", b"\x10\x80"), kind=4),
    "keyed": png(4, 4, rows(1, b"\x10", b"\x20"), extra=chunk(b"tRNS", b"\0\x20")),
    "deep": png(4, 4, rows(1, b"\x10\x10", b"\x10\x11"), depth=16),
    "bomb": claim(100000, 100000),
    "bomb-max": claim(0x7FFFFFFF, 0x7FFFFFFF),
    "zero": claim(0, 4),
    "negative": claim(0x80000000, 4),
    "no-pixels": b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 4, 8, 0, 0, 0, 0)) + chunk(b"IEND", b""),
    "no-palette": png(4, 4, [bytes(4)] * 4, kind=3),
    "short-palette": png(4, 4, [b"\0\1\2\3"] * 4, kind=3, extra=chunk(b"PLTE", bytes(6))),
    "few-rows": png(4, 4, [bytes(4)] * 3),
    "depth-3": png(4, 4, [bytes(4)] * 4, depth=3),
    "kind-5": png(4, 4, [bytes(4)] * 4, kind=5),
    "cmyk": CMYK,
    "jpeg-cut": JPEG[:-9],
    "jpeg-empty": b"\xff\xd8\xff\xd9",
    # Fine ones.
    "opaque": png(4, 4, rows(2, b"\x10\xff", b"\x10\xff"), kind=4),
    "deep-exact": png(4, 4, rows(1, b"\x10\x10", b"\x11\x11"), depth=16),
    "bits": png(4, 4, [b"\xa0"] * 4, depth=1),
    "behind": grey(1) + b"more bytes",
    "tagged": png(4, 4, [bytes(4)] * 4, extra=chunk(b"gAMA", struct.pack(">I", 45455)) + chunk(b"tEXt", b"a\0b")),
}


def main():
    folder = pathlib.Path(sys.argv[1])
    for number, name in enumerate("ab"):
        (folder / name).mkdir(parents=True, exist_ok=True)
        for i in range(4):
            (folder / name / f"{i}.png").write_bytes(grey(4 * number + i + (16 if folder.name == "test" else 0)))
    if len(sys.argv) > 2:
        os.mkdir(sys.argv[2])
        for name, content in ODD.items():
            pathlib.Path(sys.argv[2], name).write_bytes(content)


if __name__ == "__main__":
    main()
