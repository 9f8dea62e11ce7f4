"""Runs `basin check NAME.yaml` for every wrong spec: python3 bad.py BASIN FOLDER

FOLDER holds NAME.yaml and NAME.expected. The command runs in a copy of FOLDER; where generate.py is there, it first
writes the specs that are too odd to keep into the folder given as its argument. stderr must equal NAME.expected,
stdout must be empty and the exit status 2. With --accept, .expected files are written from what came out: read the
difference before you commit it.
"""
import os
import shutil
import subprocess
import sys
import tempfile


def check(basin, folder, name):
    done = subprocess.run([basin, "check", name + ".yaml"], cwd=folder, capture_output=True, timeout=60,
                          stdin=subprocess.DEVNULL, env=dict(os.environ, LC_ALL="C.UTF-8", TERM="dumb"))
    return done.returncode, done.stdout, done.stderr


def run(basin, source, accept):
    failures, count = 0, 0
    with tempfile.TemporaryDirectory() as temporary:
        folder = os.path.join(temporary, "bad")
        shutil.copytree(source, folder)
        if os.path.exists(os.path.join(folder, "generate.py")):
            subprocess.run([sys.executable, "generate.py", folder], cwd=folder, check=True)
        for file in sorted(os.listdir(folder)):
            name, ending = os.path.splitext(file)
            if ending != ".yaml":
                continue
            count += 1
            status, out, err = check(basin, folder, name)
            expected = os.path.join(folder, name + ".expected")
            if accept:
                open(os.path.join(source, name + ".expected"), "wb").write(err)
                continue
            wanted = open(expected, "rb").read() if os.path.exists(expected) else None
            if (status, out, err) == (2, b"", wanted):
                continue
            failures += 1
            wanted = wanted or b"(no .expected file)\n"
            print(f"{name}.yaml: exit {status}, stdout {out!r}\n--- expected\n{wanted.decode()}--- found\n"
                  f"{err.decode('utf-8', 'replace')}")
    print(f"{count} wrong specs, {failures} unexpected answers")
    return failures == 0 and count > 0


if __name__ == "__main__":
    arguments = [word for word in sys.argv[1:] if word != "--accept"]
    sys.exit(0 if run(os.path.abspath(arguments[0]), arguments[1], "--accept" in sys.argv) else 1)
