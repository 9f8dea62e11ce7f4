"""Small files of CIFAR, some of them odd: python3 cifar.py FOLDER [ODD]

FOLDER gets two training batches of twelve records and a test batch of six (CIFAR-10), and a training file of twelve and a test
file of six (CIFAR-100). All classes of CIFAR-10 occur. ODD names what is wrong with them; without it, archives are
made too.
"""
import io
import pathlib
import sys
import tarfile

PIXELS = 3072


def records(first, count, wide=False):
    out = b""
    for i in range(first, first + count):
        labels = bytes([i % 20, i % 100]) if wide else bytes([i % 10])
        out += labels + bytes((i * 37 + k * 5) % 256 for k in range(PIXELS))
    return out


FILES = {
    "data_batch_1.bin": records(0, 12),
    "data_batch_2.bin": records(12, 12),
    "test_batch.bin": records(24, 6),
    "train.bin": records(0, 12, True),
    "test.bin": records(12, 6, True),
}
NAMES = "".join(f"class {i}\n" for i in range(10)).encode()
WRONG = FILES["data_batch_2.bin"]

# The files that are changed; None: not there.
ODD = {
    "cut": {"data_batch_2.bin": WRONG[:-1]},
    "long": {"test_batch.bin": FILES["test_batch.bin"] + b"\n"},
    "empty": {"data_batch_1.bin": b""},
    "label": {"data_batch_2.bin": WRONG[: 2 * 3073] + b"\x0a" + WRONG[2 * 3073 + 1 :]},
    "hundred": {"data_batch_1.bin": FILES["train.bin"]},
    "no-test": {"test_batch.bin": None},
    "no-first": {"data_batch_1.bin": None},
    "gap": {"data_batch_2.bin": None, "data_batch_3.bin": WRONG},
    "python": {"data_batch_1.bin": None, "data_batch_1": b"\x80\x04"},
    "few-names": {"batches.meta.txt": b"one\ntwo\n"},
    "many-names": {"batches.meta.txt": b"name\n" * 101},
    "latin-names": {"batches.meta.txt": NAMES.replace(b"class 3", b"caf\xe9")},
    "names": {"batches.meta.txt": NAMES},
    "windows-names": {"batches.meta.txt": NAMES.replace(b"\n", b"\r\n") + b"\r\n"},
    "coarse": {"train.bin": b"\x14" + FILES["train.bin"][1:]},
    "fine": {"train.bin": b"\0\x64" + FILES["train.bin"][2:]},
}


def pack(path, members, mode="w:gz"):
    with tarfile.open(path, mode) as tar:
        for name, content in members.items():
            member = tarfile.TarInfo(name)
            if content is None:
                member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"
            else:
                member.size = len(content)
            tar.addfile(member, io.BytesIO(content or b""))


def archives():
    """Of the files of CIFAR-10: as it is published, and not."""
    ten = {name: FILES[name] for name in ("data_batch_1.bin", "data_batch_2.bin", "test_batch.bin")}
    inside = {f"cifar-10-batches-bin/{name}": content for name, content in ten.items()}
    pack("good.tar.gz", inside)
    pack("plain.tar", inside, "w")
    pack("flat.tar.gz", ten)
    pack("lacking.tar.gz", {"cifar-10-batches-bin/data_batch_1.bin": ten["data_batch_1.bin"]})
    pack("linked.tar.gz", dict(inside, **{"cifar-10-batches-bin/data_batch_3.bin": None}))
    pack("upwards.tar.gz", {f"../{name}": content for name, content in ten.items()})
    good = pathlib.Path("good.tar.gz").read_bytes()
    pathlib.Path("cut.tar.gz").write_bytes(good[: len(good) // 2])
    pathlib.Path("flipped.tar.gz").write_bytes(good[:-6] + bytes([good[-6] ^ 1]) + good[-5:])


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(exist_ok=True)
    for path in folder.iterdir():
        path.unlink()
    for name, content in dict(FILES, **ODD.get("".join(sys.argv[2:]), {})).items():
        if content is not None:
            (folder / name).write_bytes(content)
    if len(sys.argv) == 2:
        archives()


main()
