"""The page takes what is computed over runs from study.h5: report_kept.py BASIN

With study.h5 and without it the page has the same data, for measures over weights and over numbers; where a run has changed since, and
where study.h5 is damaged or of another request, everything is computed. What is taken is shown by a run whose weights are gone.
"""
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

BASIN = os.path.abspath(sys.argv[1])
SPEC = """study: kept
description: "naïve <b>"
dataset: {name: mnist1d, train_size: 40, test_size: 20}
architecture: {type: mlp, hidden: [4]}
training: {epochs: 2, batch_size: 20, optimizer: {type: sgd, learning_rate: 0.1}}
seeds: 3
across: {ensemble: {sizes: [1, 3]}, summary: {}, cka: {}, rank: {}, agreement: {}, double_descent: {x: architecture.hidden}}
sweep: {grid: {regularizers.weight_decay: [0.1, 0], training.epochs: [2, 3]}}
"""


def basin(*words):
    done = subprocess.run([BASIN, *words], capture_output=True, text=True)
    assert done.returncode == 0, f"basin {' '.join(words)}: {done.returncode} {done.stderr}"
    return done


def across(folder):
    """What the page has of measures over runs."""
    basin("report", folder, "-o", "page.html")
    with open("page.html", encoding="utf-8") as file:
        text = re.search(r'<script type="application/json" id="data">(.*?)</script>', file.read(), re.S)
    return {one["name"]: one for one in json.loads(text.group(1))["across"]}


def main():
    work = tempfile.mkdtemp()
    os.chdir(work)
    with open("kept.yaml", "w") as spec:
        spec.write(SPEC)
    basin("run", "kept.yaml", "-o", "kept")
    shown = subprocess.run([BASIN, "report", "kept", "-o", "page.html"], capture_output=True, text=True)
    if "this build of Basin has no report" in shown.stderr:
        print("skipped:", shown.stderr)
        sys.exit(77)
    taken = across("kept")
    os.rename("kept/study.h5", "study.h5")
    computed = across("kept")
    assert len(computed) == 6 and computed["ensemble"]["rows"] and computed["summary"]["total"] > 100, computed.keys()
    assert taken == computed
    # A damaged study.h5 is none.
    data = bytearray(open("study.h5", "rb").read())
    data[len(data) // 2] ^= 1
    with open("kept/study.h5", "wb") as file:
        file.write(data)
    assert across("kept") == computed
    # One of fewer runs is not what the folder has.
    shutil.copy("study.h5", "kept/study.h5")
    os.remove(sorted(glob.glob("kept/runs/*.h5"))[0])
    fewer = across("kept")
    assert fewer["ensemble"]["rows"] != computed["ensemble"]["rows"]
    os.remove("kept/study.h5")
    assert across("kept") == fewer
    basin("collect", "kept")
    assert across("kept") == fewer
    check_taken()
    shutil.rmtree(work)


def check_taken():
    """Without the data nothing can be computed from weights: what the page shows is what was collected."""
    with open("points.csv", "w") as table:
        table.write("a,b,label\n" + "".join(f"{i % 7},{i % 5},{'even' if i % 2 == 0 else 'odd'}\n" for i in range(60)))
    with open("table.yaml", "w") as spec:
        spec.write(re.sub("dataset: .*", "dataset: {name: csv, path: points.csv, target: label, train_size: 40, test_size: 20}",
                          SPEC.replace("study: kept", "study: table")))
    basin("run", "table.yaml", "-o", "table")
    before = across("table")
    assert before["ensemble"]["rows"] and not before["ensemble"]["error"]
    os.remove("points.csv")
    assert across("table") == before
    os.remove("table/study.h5")
    after = across("table")
    assert after["ensemble"]["error"] and not after["ensemble"]["rows"] and after["summary"] == before["summary"], after["ensemble"]


main()
