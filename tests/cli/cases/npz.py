"""Writes a zip archive of files: npz.py FILE NAME=FILE...; a name may stand twice, and be a path that is refused.

--link NAME makes that member a symbolic link, --encrypted says that all are encrypted, --bomb NAME=SIZE adds zeros, deflated.
"""
import sys
import warnings
import zipfile

warnings.simplefilter("ignore")
path, arguments = sys.argv[1], sys.argv[2:]
links = [arguments[i + 1] for i, a in enumerate(arguments) if a == "--link"]
with zipfile.ZipFile(path, "w") as archive:
    i = 0
    while i < len(arguments):
        if arguments[i] == "--link":
            i += 2
            continue
        if arguments[i] == "--bomb":
            name, size = arguments[i + 1].split("=")
            archive.writestr(name, bytes(int(size)), zipfile.ZIP_DEFLATED)
            i += 2
            continue
        if "=" in arguments[i]:
            name, file = arguments[i].split("=")
            info = zipfile.ZipInfo(name)
            if name in links:
                info.create_system, info.external_attr = 3, 0o120777 << 16
            archive.writestr(info, open(file, "rb").read())
        i += 1
if "--encrypted" in arguments:
    content = bytearray(open(path, "rb").read())
    for mark, flags in (b"PK\3\4", 6), (b"PK\1\2", 8):
        at = content.find(mark)
        while at >= 0:
            content[at + flags] |= 1
            at = content.find(mark, at + 1)
    open(path, "wb").write(content)
