"""Do bash and zsh complete what `basin completion` says? And is the manual page good?

    completion.py BASIN

A bash of its own reads the script and is asked as readline asks: by COMP_WORDS and the function that `complete -p`
names; a zsh of its own, on a pseudo-terminal, by a widget that asks as Tab does (where zsh is installed). The page must pass `man --warnings` where man and groff are installed, and name every command and option.
"""
import itertools
import os
import pty
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

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
                 (["run", "--jobs", ""], []), (["rank", "t", "--format", "j"], ["json"]), (["export", "t", "--to", "n"], ["npz"]),
                 (["explain", "training.optimizer.learning_ra"], ["training.optimizer.learning_rate"]), (["explain", "margin_p1"], ["margin_p10"]),
                 (["run", "study.yaml", "--set", "training.batch_si"], ["training.batch_size="]), (["measure", "hessian_tr"], ["hessian_trace"]),
                 (["measure", "stu"], ["study.yaml"]), (["table", "t", "-c", "train_loss,accuracy_g"], ["train_loss,accuracy_gap"]),
                 (["table", "t", "--sort", "regularizers.weight_d"], ["regularizers.weight_decay"]), (["schema", ""], [])]
        for words, expected in cases:
            found = complete(folder, *words)
            check(" ".join(words), found == expected, found)
    for command in commands:
        for option in re.findall(r"--([a-z-]+)", output(basin, command, "--help", env=dict(os.environ, COLUMNS="300")).split("Options:")[1].split("Examples:")[0]):
            if re.search(rf"^ +(-\w, )?--{option}\b", output(basin, command, "--help"), re.M):
                check(f"{command} --{option}", f"--{option}" in complete("/", command, f"--{option}"))


# Every match that is offered goes into a file; the widget asks for completion of the line, as Tab does, and notes what it became.
ZSH = r"""
fpath=($PWD $fpath); autoload -Uz compinit; compinit -u -D
compadd() {
    if [[ ${@[1,(i)(-|--)]} == *-(O|A|D)\ * ]]; then builtin compadd "$@"; return $?; fi
    local -a hits; builtin compadd -A hits "$@"; print -rl -- $hits >> asked
    builtin compadd "$@"
}
ask() { : > asked; zle complete-word; print -r -- "=$BUFFER" >> asked; BUFFER=; mv asked answer }
zle -N ask; bindkey '^T' ask
: > ready
"""


def wait_for_file(path):
    for _ in range(1200):
        if os.path.exists(path):
            return open(path).read().split("\n")
        time.sleep(0.05)
    return None


def ask_zsh(folder, lines):
    """What a zsh of its own offers for each line, and what the line becomes."""
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe("zsh", ["zsh", "-f", "-i"], dict(os.environ, TERM="dumb", PATH=os.path.dirname(basin) + ":" + os.environ["PATH"]))
    drained = threading.Thread(target=drain, args=(terminal,), daemon=True)
    drained.start()
    answers = []
    os.write(terminal, b"source ./setup\n")
    check("zsh: ready", wait_for_file(os.path.join(folder, "ready")) is not None)
    for line in lines:
        os.write(terminal, line.encode() + b"\x14")
        answer = wait_for_file(os.path.join(folder, "answer"))
        if answer is None:
            break
        os.remove(os.path.join(folder, "answer"))
        whole = "\n".join(answer)
        offered, after = whole.rsplit("\n=", 1) if "\n=" in whole else ("", whole.lstrip("="))
        answers.append((sorted({hit for hit in offered.split("\n") if hit}), after.rstrip("\n")))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    return answers


def drain(terminal):
    try:
        while os.read(terminal, 65536):
            pass
    except OSError:
        pass


def zsh():
    script = output(basin, "completion", "zsh")
    check("zsh: #compdef", script.startswith("#compdef basin\n"))
    if not shutil.which("zsh"):
        print("zsh is not installed (Debian: zsh): its completion is not asked")
        return
    check("zsh -n", subprocess.run(["zsh", "-n", "/dev/stdin"], input=script, text=True).returncode == 0)
    cases = [("basin ta", ["table"], "basin table "),
             ("basin table -f la", ["latex"], "basin table -f latex "),
             ("basin rank x --format=mark", ["markdown"], "basin rank x --format=markdown "),
             ("basin export x --to ", ["csv", "npz", "safetensors"], None),
             ("basin list opt", ["optimizers"], "basin list optimizers "),
             ("basin table --gro", None, "basin table --group-by="),
             ("basin run oth", None, "basin run other\\ file.yaml "),
             ("basin run study.yaml -o ", ["results"], None),
             ("basin explain training.optimizer.learning_ra", ["training.optimizer.learning_rate"], "basin explain training.optimizer.learning_rate "),
             ("basin run study.yaml --set training.batch_si", ["training.batch_size"], "basin run study.yaml --set training.batch_size="),
             ("basin compare a b -c train_loss,accuracy_g", ["accuracy_gap"], "basin compare a b -c train_loss,accuracy_gap"),
             ("basin measure hessian_tr", ["hessian_trace"], "basin measure hessian_trace "),
             ("basin table x --across ens", ["ensemble"], "basin table x --across ensemble "),
             ("basin plan study.yaml --jobs ", [], None)]
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, "results"))
        for name in ("study.yaml", "other file.yaml"):
            open(os.path.join(folder, name), "w").close()
        open(os.path.join(folder, "_basin"), "w").write(script)
        open(os.path.join(folder, "setup"), "w").write(ZSH)
        for (line, offered, after), answer in itertools.zip_longest(cases, ask_zsh(folder, [case[0] for case in cases])):
            check(f"zsh: {line}", answer is not None and (offered is None or answer[0] == offered) and after in (None, answer[1]), answer)


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
