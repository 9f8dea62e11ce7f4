"""Runs golden cases of the command line: python3 golden.py BASIN CASE.t...

A case is a text file. `$ COMMAND` is run by bash in a fresh folder (one for the whole case), with `basin` in PATH and
$HERE the folder of the cases. What follows says what must come out:

    > TEXT     a line of stdout, exactly
    >~ GLOB    a line of stdout, * and ? match anything
    2> GLOB    a line of stderr, * and ? match anything; without any, stderr must be empty
    2>...      any number of lines of stderr
    exit N     the exit status; 0 where it is not given

Lines that start with # and empty lines are comments. Prints a difference for what does not match and exits 1.
"""
import fnmatch
import os
import subprocess
import sys
import tempfile


def parse(path):
    """The steps of a case: command, expected stdout lines, expected stderr lines, exit status, line number."""
    steps = []
    for number, line in enumerate(open(path, encoding="utf-8").read().split("\n"), 1):
        if not line or line.startswith("#"):
            continue
        if line.startswith("$ "):
            steps.append({"command": line[2:], "out": [], "err": [], "exit": 0, "line": number})
        elif line.startswith(">~ "):
            steps[-1]["out"].append(("glob", line[3:]))
        elif line == ">" or line.startswith("> "):
            steps[-1]["out"].append(("text", line[2:]))
        elif line == "2>...":
            steps[-1]["err"].append(("any", ""))
        elif line.startswith("2> "):
            steps[-1]["err"].append(("glob", line[3:]))
        elif line.startswith("exit "):
            steps[-1]["exit"] = int(line[5:])
        else:
            sys.exit(f"{path}:{number}: not understood: {line}")
    return steps


def escape(glob):
    """A pattern in which [ stands for itself: specs and lists are full of brackets."""
    return glob.replace("[", "[[]")


def matches(found, expected):
    """Do the lines match? `any` takes as many lines as it needs."""
    if not expected:
        return not found
    kind, text = expected[0]
    if kind == "any":
        return any(matches(found[i:], expected[1:]) for i in range(len(found) + 1))
    if not found:
        return False
    same = found[0] == text if kind == "text" else fnmatch.fnmatchcase(found[0], escape(text))
    return same and matches(found[1:], expected[1:])


def lines(text):
    return text.split("\n")[:-1] if text.endswith("\n") else text.split("\n") if text else []


def run_case(basin, path):
    failures = 0
    here = os.path.dirname(os.path.abspath(path))
    environment = dict(os.environ, HERE=here, BASIN=basin, LC_ALL="C.UTF-8", COLUMNS="100", TERM="dumb")
    environment["PATH"] = os.path.dirname(basin) + os.pathsep + environment["PATH"]
    with tempfile.TemporaryDirectory() as folder:
        for step in parse(path):
            done = subprocess.run(["bash", "-c", step["command"]], cwd=folder, env=environment, capture_output=True,
                                  timeout=120, stdin=subprocess.DEVNULL)
            out, err = (lines(stream.decode("utf-8", "replace")) for stream in (done.stdout, done.stderr))
            if done.returncode == step["exit"] and matches(out, step["out"]) and matches(err, step["err"]):
                continue
            failures += 1
            print(f"{path}:{step['line']}: $ {step['command']}\n  exit {done.returncode}, expected {step['exit']}")
            for name, found, expected in (("stdout", out, step["out"]), ("stderr", err, step["err"])):
                if not matches(found, expected):
                    print(f"  {name} was\n" + "\n".join("    " + line for line in found))
                    print("  but expected\n" + "\n".join("    " + kind + " " + text for kind, text in expected))
    return failures


if __name__ == "__main__":
    program = os.path.abspath(sys.argv[1])
    total = sum(run_case(program, case) for case in sys.argv[2:])
    sys.exit(1 if total else 0)
