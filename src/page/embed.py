"""Makes the texts of the page one C file: embed.py OUT.c FOLDER D3 SCRIPT...

FOLDER holds page.html, page.css, d3-licence.txt and the scripts, which are put behind each other. D3 may be empty: then
so is page_d3, and the program has no report. Texts are written as numbers: string literals have a limit.
"""
import pathlib
import sys


def embed(name, data):
    numbers = ",".join(map(str, data + b"\0"))
    return f"const char page_{name}[] = {{{numbers}}};\nconst size_t page_{name}_length = {len(data)};\n"


def main():
    out, folder, d3, *scripts = sys.argv[1:]
    folder = pathlib.Path(folder)
    body = b"".join((folder / script).read_bytes() for script in scripts)
    texts = {
        "html": (folder / "page.html").read_bytes(),
        "css": (folder / "page.css").read_bytes(),
        "licence": (folder / "d3-licence.txt").read_bytes(),
        "script": b'(function () {\n"use strict";\n' + body + b"})();\n",
        "d3": pathlib.Path(d3).read_bytes() if d3 else b"",
    }
    for name in ("script", "d3"):
        if b"</script" in texts[name].lower() or b"<!--" in texts[name]:
            sys.exit(f"{name}: it would end the element that it is put into")
    parts = [embed(name, data) for name, data in texts.items()]
    pathlib.Path(out).write_text('#include "analysis/page_parts.h"\n' + "".join(parts))


if __name__ == "__main__":
    main()
