"""Does bash complete what `basin completion bash` says? And is the manual page good?

    completion.py BASIN

A bash of its own reads the script and is asked as readline asks: by COMP_WORDS and the function that `complete -p`
names. The page must pass `man --warnings` where man and groff are installed, and name every command and option.
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

basin = os.path.abspath(sys.argv[1])
failures = 0


def check(what, good, found=""):
    global failures
    if not good:
        failures += 1
        print(f"failed: {what}\n  found {found!r}")


def output(*command, **more):
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60, **more).stdout


def complete(folder, *words):
    """What bash offers for the last of the words."""
    script = r"""
source <("$1" completion bash) || exit 9
function=$(complete -p basin | sed 's/.*-F \([^ ]*\) .*/\1/')
shift
COMP_WORDS=(basin "$@"); COMP_CWORD=$#
$function basin "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD-1]}"
printf '%s\n' "${COMPREPLY[@]}"
"""
    found = output("bash", "--norc", "-c", script, "bash", basin, *words, cwd=folder)
    return sorted(line for line in found.split("\n") if line)


def bash():
    commands = re.findall(r"^  (\w+) ", output(basin, "--help").split("Commands:")[1].split("\n\n")[0], re.M)
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "results", "a study"))
        for name in ("study.yaml", "other file.yaml"):
            open(os.path.join(folder, name), "w").close()
        found = complete(folder, "")
        check("every command", set(commands) <= set(found) and len(commands) > 10, found)
        cases = [(["ta"], ["table"]),
                 (["run", "stu"], ["study.yaml"]), (["run", "oth"], ["other file.yaml"]),
                 (["table", "--gro"], ["--group-by"]), (["table", "t", "--format", ""], ["csv", "json", "latex", "markdown", "text"]),
                 (["table", "t", "-f", "m"], ["markdown"]), (["table", "t", "--format", "=", "la"], ["latex"]),
                 (["run", "study.yaml", "-o", ""], ["results"]), (["run", "--retry", "c"], ["crashed"]),
                 (["list", "opt"], ["optimizers"]), (["completion", "z"], ["zsh"]), (["table", "t", "--across", "ens"], ["ensemble"]),
                 (["run", "--jobs", ""], [])]
        for words, expected in cases:
            found = complete(folder, *words)
            check(" ".join(words), found == expected, found)
    for command in commands:
        for option in re.findall(r"--([a-z-]+)", output(basin, command, "--help", env=dict(os.environ, COLUMNS="300")).split("Options:")[1].split("Examples:")[0]):
            if re.search(rf"^ +(-\w, )?--{option}\b", output(basin, command, "--help"), re.M):
                check(f"{command} --{option}", f"--{option}" in complete("/", command, f"--{option}"))


def zsh():
    script = output(basin, "completion", "zsh")
    check("zsh: #compdef", script.startswith("#compdef basin\n"))
    if shutil.which("zsh"):
        check("zsh -n", subprocess.run(["zsh", "-n", "/dev/stdin"], input=script, text=True).returncode == 0)


def manual():
    page = output(basin, "completion", "man")
    plain = page.replace("\\-", "-")
    for option in ("--group-by", "--retry", "--across", "--json"):
        check(f"man: {option}", option in plain)
    if shutil.which("mandoc"):
        done = subprocess.run(["mandoc", "-T", "lint", "-W", "warning"], input=page, text=True, capture_output=True)
        check("mandoc -T lint", done.returncode == 0, done.stdout)
    if shutil.which("groff"):
        done = subprocess.run(["groff", "-man", "-ww", "-z", "-Tutf8"], input=page, text=True, capture_output=True)
        check("groff -ww", done.returncode == 0 and not done.stderr, done.stderr)
    if shutil.which("man") and shutil.which("groff"):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "basin.1")
            open(path, "w").write(page)
            done = subprocess.run(["man", "--warnings", "-l", path], capture_output=True, text=True,
                                  env=dict(os.environ, MANWIDTH="80", LC_ALL="C.UTF-8"))
            check("man --warnings", done.returncode == 0 and not done.stderr and "basin table" in done.stdout, done.stderr)


bash()
zsh()
manual()
sys.exit(1 if failures else 0)
