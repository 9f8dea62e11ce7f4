"""Does what `meson install` puts somewhere work there? install.py BASIN SOURCE BUILD

The tree is installed below a folder of its own (DESTDIR). Everything is where it belongs, nothing in it names the source or
the build, and the installed program, completions, manual page, Python module and library do their work without them.
"""
import os
import shutil
import subprocess
import sys
import tempfile

basin, source, build = (os.path.abspath(word) for word in sys.argv[1:4])
failures = 0

C = r"""
#include <basin/result.h>
#include <basin/study.h>
#include <stdio.h>
int main(void)
{
    basin_study *study;
    basin_study_counts counts;
    if (basin_study_open("first.yaml", NULL, &study) != BASIN_OK) return 1;
    if (basin_study_run(study, &counts) != BASIN_OK) return 2;
    printf("%zu of %zu\n", counts.finished, basin_study_run_count(study));
    basin_study_close(study);
    return 0;
}
"""
SPEC = """study: first
dataset: {name: mnist1d, train_size: 60, test_size: 20}
architecture: {type: mlp, hidden: [4]}
training: {batch_size: 20, epochs: 2}
sweep: {grid: {regularizers.weight_decay: [0.0, 0.1]}}
"""


def check(what, good, found=""):
    global failures
    if not good:
        failures += 1
        print(f"failed: {what}\n  found {str(found)[:2000]}")


def call(*words, **more):
    done = subprocess.run(words, capture_output=True, text=True, timeout=300, **more)
    check(" ".join(words), done.returncode == 0, (done.returncode, done.stdout, done.stderr))
    return done.stdout


def find(top, name):
    found = [os.path.join(folder, name) for folder, _, files in os.walk(top) if name in files]
    check(f"{name} is installed once", len(found) == 1, found)
    return found[0] if found else None


def installed(top):
    """Installs, and returns the prefix below the folder."""
    call("meson", "install", "-C", build, "--no-rebuild", "--destdir", top)
    program = find(top, "basin")
    return os.path.dirname(os.path.dirname(program))


def places(prefix):
    expected = ["bin/basin", "share/man/man1/basin.1", "share/bash-completion/completions/basin.bash", "share/zsh/site-functions/_basin",
                "include/basin/study.h", "include/basin/result.h", "include/basin/error.h"]
    for name in expected:
        check(f"{name} is there", os.path.exists(os.path.join(prefix, name)))
    for folder, _, files in os.walk(prefix):
        for name in files:
            data = open(os.path.join(folder, name), "rb").read()
            check(f"{name} does not name the source", source.encode() not in data)


def program(prefix, environment):
    run = os.path.join(prefix, "bin/basin")
    for kind, name in (("bash", "share/bash-completion/completions/basin.bash"), ("zsh", "share/zsh/site-functions/_basin"), ("man", "share/man/man1/basin.1")):
        check(f"{name} is that of the program", call(run, "completion", kind, env=environment) == open(os.path.join(prefix, name)).read())
    call(run, "init", "study.yaml", env=environment)
    call(run, "check", "study.yaml", env=environment)
    open("first.yaml", "w").write(SPEC)
    call(run, "run", "first.yaml", "-o", "results/first", env=environment)
    check("explain", "learning_rate" in call(run, "explain", "training.optimizer.learning_rate", env=environment))
    check("list", "mnist1d" in call(run, "list", env=environment))
    check("table", call(run, "table", "results/first", "-f", "csv", env=environment).count("\n") == 3)
    done = subprocess.run([run, "report", "results/first"], capture_output=True, text=True, env=environment)
    if done.returncode == 0:
        page = open("results/first/report.html").read()
        check("the page has its parts", "<script" in page and "d3" in page and "http://" not in page.split("<script")[0], page[:300])
    else:
        check("left out, and said so", "d3" in done.stderr, done)


def library(prefix, environment):
    """A program of somebody else is compiled, linked and run."""
    if not (shutil.which("cc") and shutil.which("pkg-config")):
        return print("no cc and pkg-config: nothing is linked with the library")
    pc = find(prefix, "basin.pc")
    open("own.c", "w").write(C)
    flags = call("pkg-config", f"--define-variable=prefix={prefix}", "--cflags", "--libs", "basin",
                 env=dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(pc))).split()
    call("cc", "own.c", "-o", "own", *flags)
    shutil.rmtree("results/first")
    check("a program of one's own", call("./own", env=environment) == "2 of 2\n")


def module(top, environment):
    path = find(top, "basin.py")
    python = "/usr/bin/python3" if os.path.exists("/usr/bin/python3") else sys.executable
    found = subprocess.run([python, "-c", "import basin; print(basin.__file__)"], capture_output=True, text=True,
                           env=dict(environment, PYTHONPATH=os.path.dirname(path), PYTHONDONTWRITEBYTECODE="1"))
    lacks = "No module named" in found.stderr
    check("import basin", found.stdout.strip() == path or (lacks and "basin'" not in found.stderr), found)


def main():
    with tempfile.TemporaryDirectory() as top:
        os.chdir(top)
        os.mkdir("work")
        prefix = installed(os.path.join(top, "root"))
        os.chdir("work")
        environment = {"PATH": "/usr/bin:/bin", "HOME": top, "LC_ALL": "C.UTF-8"}
        places(prefix)
        program(prefix, environment)
        library(prefix, environment)
        module(os.path.join(top, "root"), environment)
    sys.exit(1 if failures else 0)


main()
