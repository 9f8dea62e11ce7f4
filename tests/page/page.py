"""The page of `basin report` in a browser: /usr/bin/python3 page.py BASIN TEST ADD_PLANES

    study     a product of two axes with diverged, missing and damaged runs and hostile texts: the page draws without a message on
              the console and asks for no URL but its own; its numbers and curves are those of the files, bit for bit, as h5py
              reads them; a choice redraws, brush, search, sort, links, keyboard and exports work; texts of others stay texts
    thousand  1,000 runs: the size of the page, rounding within what the page says, and a redraw (time is printed, not judged)
    arrays    what was tracked by epoch and index, and arrays over two and three axes that are put into run files: bit for bit where
              they fit, thinned along each axis where they do not; a map of one run or of the mean, its labels, CSV and SVG
    empty     folders without results, with one run, and without a sweep: a page without errors

Needs Chromium (Debian: chromium) and the module h5py (Debian: python3-h5py); skipped where one is missing.
"""
import csv
import glob
import html.parser
import io
import json
import math
import os
import re
import shlex
import subprocess
import sys
import tempfile
import time
import urllib.parse
import xml.etree.ElementTree

import browser as chromium

SKIPPED = 77
try:
    import h5py
    import numpy
except ImportError as missing:
    print(f"skipped: {sys.executable} has no module {missing.name} (Debian: python3-h5py)")
    sys.exit(SKIPPED)
if not chromium.find():
    print("skipped: Chromium is not installed (Debian: chromium; or name it by BASIN_CHROMIUM)")
    sys.exit(SKIPPED)

HOSTILE = "Is <b>bold</b> & </script><script>window.hacked = 1</script> \"quoted\" \u202egnol\u202c <!-- <img src=x onerror=hacked=2>?"
STUDY = """study: product
description: %s
dataset: {name: mnist1d, train_size: 200, test_size: 200}
architecture: {type: mlp, hidden: [16]}
training: {optimizer: {type: sgd, learning_rate: 0.1, momentum: 0.9}, batch_size: 50, epochs: 6}
measures: {hessian_top: {k: 3, examples: 50, every: 2}, weight_norm: {}, distance_from_init: {}, margin: {}}
sweep:
  grid:
    training.optimizer.learning_rate: [0.01, 0.1, 0.3, 300]
    regularizers.weight_decay: [0, 1.0e-3, 1.0e-2]
seeds: 3
across:
  ensemble: {}
  rank: {}
report:
  plots: [gap_against: weight_norm, curves: {of: [train_loss, tracked.hessian_lambda_max], scale: log, axis: step}, heatmap: {number: margin_mean,
    across: weight_decay, up: lr}, table: {sort: lr, descending: true}]
expect:
  - claim: the <i>norm</i> is below 1000
    value: weight_norm
    below: 1000
  - claim: everything is learned
    value: test_accuracy
    where: learning_rate = 0.1
    above: 0.99
""" % json.dumps(HOSTILE)
THOUSAND = """study: thousand
dataset: {name: mnist1d, train_size: 50, test_size: 50}
architecture: {type: linear}
training: {optimizer: {type: sgd, learning_rate: 0.1}, batch_size: 25, epochs: 80}
measures: {weight_norm: {}, distance_from_init: {}, margin: {}}
sweep: {random: {n: 200, training.optimizer.learning_rate: {log_uniform: [0.001, 1]}, regularizers.weight_decay: {log_uniform: [1.0e-5, 0.1]}}}
seeds: 5
"""
ARRAYS = """study: arrays
dataset: {name: mnist1d, train_size: 60, test_size: 60}
architecture: {type: mlp, hidden: [6]}
training: {batch_size: 20, epochs: 4}
measures: {hessian_top: {k: 3, examples: 40, every: 1}}
sweep: {grid: {training.optimizer.learning_rate: [0.01, 0.1]}}
seeds: 3
"""
SEEDS = """study: seeds
dataset: {name: mnist1d, train_size: 50, test_size: 50}
architecture: {type: linear}
training: {batch_size: 25, epochs: %d}
seeds: %d
"""

failures = []


def check(what, true):
    if not true:
        failures.append(what)
        print("FAILED:", what)


def basin(*words, cwd=None, status=0):
    done = subprocess.run([BASIN, *words], cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if status is not None and done.returncode != status:
        sys.exit(f"basin {' '.join(words)}: exit status {done.returncode}\n{done.stdout}{done.stderr}")
    return done


def run_study(folder, text, *options):
    with open(folder + ".yaml", "w") as file:
        file.write(text)
    basin("run", folder + ".yaml", "-o", folder, *options, status=None)


def url(path):
    return "file://" + urllib.parse.quote(os.path.abspath(path))


def same(a, b):
    """As doubles of any bits; None of the page is a NaN or an infinity of JSON."""
    return a == b or (isinstance(b, float) and not math.isfinite(b) and a is None)


# ---- study ----


def check_findings(page, folder):
    claims = json.loads(basin("status", folder, "--json").stdout)["claims"]
    check("claims are on the page", page.evaluate("basinPage.data.claims") == claims and len(claims) == 2)
    shown = page.evaluate("[...document.querySelectorAll('#claims tbody tr')].map(tr => tr.textContent)")
    check("and can be read", len(shown) == 2 and "fails" in shown[1] and "<i>norm</i>" in shown[0])
    rows = json.loads(basin("table", folder, "--across", "ensemble", "--json", status=1).stdout)
    one = page.evaluate("basinPage.data.across[0]")
    names = [column["name"] for column in one["columns"]]
    check("the ensemble is there", one["name"] == "ensemble" and "accuracy" in names and len(one["rows"]) == len(rows) > 3)
    ranks = json.loads(basin("table", folder, "--across", "rank", "--json", status=1).stdout)
    compared = 0
    for row in ranks:
        if row["measure"] in ("weight_norm", "margin_p50", "hessian_lambda_max"):
            got = page.evaluate(f"""(() => {{ const good = basinPage.runs().map((_, i) => i).filter(i => basinPage.valueOf('status', i) === 'finished');
                return basinPage.kendall(good.map(i => basinPage.valueOf('{row['measure']}', i)), good.map(i => basinPage.valueOf('{row['gap']}', i))); }})()""")
            check(f"tau of {row['measure']} is that of rank, {row['kendall_tau']}, not {got}", abs(got - row["kendall_tau"]) < 1e-12)
            shown = page.evaluate(f"basinPage.charts.filter(c => c.options.file === '{row['gap']}-{row['measure']}').map(c => {{ c.draw(); return c.note.textContent; }})[0]")
            low, high = map(float, re.search(r"\[(-?[0-9.]+), (-?[0-9.]+)\]", shown).groups())
            check(f"the interval of rank is shown: {shown}", abs(low - row["kendall_tau_low"]) < 0.0051 and abs(high - row["kendall_tau_high"]) < 0.0051)
            compared += 1
    check("ranks were compared", compared == 6)
    for mine, row in zip(one["rows"], rows):
        check("rows of the ensemble", all(mine[column["index"]] == row.get(column["name"]) for column in one["columns"]))



def make_product(top):
    """36 runs: 9 diverge; afterwards one file is damaged and one is taken away."""
    folder = os.path.join(top, "it's <i>&\"")
    run_study(folder, STUDY)
    files = sorted(glob.glob(glob.escape(folder) + "/runs/*.h5"))
    good = [file for file in files if h5py.File(file).attrs["status"] == "finished"]
    with open(good[0], "r+b") as file:
        file.seek(2000)
        file.write(b"damaged")
    os.remove(good[1])
    files = [file for file in files if file not in good[:2]]
    return folder, files, good[:2]


def check_numbers(page, files):
    ids = page.evaluate("basinPage.runs()")
    check("every file is a run of the page", sorted(ids) == [os.path.basename(file)[:-3] for file in files])
    for file in files:
        with h5py.File(file) as run:
            at = ids.index(run.attrs["run_id"])
            for name, item in run["measures"].items():
                if isinstance(item, h5py.Dataset) and item.shape == () and item.dtype.kind in "fiu":
                    got = page.evaluate(f"(() => {{ const v = basinPage.valueOf({json.dumps(name)}, {at}); return typeof v === 'number' && !isFinite(v) ? null : v; }})()")
                    check(f"{name} of {at} is {item[()]}, not {got}", same(got, float(item[()])))
            for name in ("test_loss", "batch_loss"):
                if len(run["curves/" + name]):
                    got = page.evaluate(f"basinPage.curve('curves.{name}', {at}).map(v => isFinite(v) ? v : null)")
                    want = [float(v) for v in run["curves/" + name][()]]
                    check(f"curves.{name} of {at}", len(got) == len(want) and all(map(same, got, want)))
    tracked = page.evaluate("basinPage.curve('tracked.hessian_lambda_max', basinPage.runs().findIndex((_, i) => basinPage.valueOf('status', i) === 'finished'))")
    check("tracked curves", len(tracked) >= 2)


def check_plots(page):
    """What the spec wants to be first is first, with what it chose; the link of the page stays empty."""
    order = page.evaluate("[...document.querySelectorAll('main > section')].map(s => s.id)")
    check(f"the sections that the spec names are first: {order}", order[:4] == ["gaps", "curves", "heat", "table"] and {"finals", "parallel", "across"} <= set(order))
    state = page.evaluate("basinPage.state")
    for key, wanted in (("curve1", "curves.train_loss"), ("curve2", "tracked.hessian_lambda_max"), ("ylog1", True), ("ylog2", True), ("x", "step"),
                        ("heatv", "margin_mean"), ("heatx", "regularizers.weight_decay"), ("heaty", "training.optimizer.learning_rate"), ("sort", "-training.optimizer.learning_rate")):
        check(f"{key} is {wanted}, not {state[key]}", state[key] == wanted)
    firsts = page.evaluate("[...document.querySelectorAll('#gaps figure')].map(f => f.textContent)")
    check("each gap begins with the measure that the spec names", any("accuracy_gap" in one and "weight_norm" in one for one in firsts[:1]) and sum("weight_norm" in one for one in firsts) >= 2)
    check("a choice of the spec is no choice of the reader", page.evaluate("location.hash") == "")
    check("nothing is missing", not page.evaluate("Boolean(document.getElementById('not-there'))"))


def check_texts(page, folder):
    check("no text of others has become a script", page.evaluate("window.hacked === undefined"))
    check("no text of others has become an element", page.evaluate("document.querySelectorAll('#head b, #head i, #head img, #foot i, #claims i').length === document.querySelectorAll('#head .facts b').length"))
    head = page.evaluate("document.querySelector('.lead').textContent")
    check("the description is there, with its marks made visible", "<b>bold</b> & </script><script>window.hacked = 1</script>" in head and "\\u202egnol" in head)
    check("the folder is there", folder in page.evaluate("document.getElementById('foot').textContent"))
    loud = page.evaluate("[...document.querySelectorAll('.alarm, .warn')].map(n => n.textContent).join('|')")
    check("diverged runs are said aloud", "9 runs diverged." in loud)
    check("damaged and missing runs are said aloud", "1 run damaged." in loud and "1 run not run yet." in loud)


def canvas(page, chart):
    page.show(f"#{chart} .plot")
    return page.evaluate(f"document.querySelector('#{chart} canvas').toDataURL()")


def check_choices(page):
    for chart, change in (("curve1", "{colour: 'training.optimizer.learning_rate'}"), ("curve1", "{curve1: 'curves.batch_loss'}"), ("curve1", "{xlog: true}"),
                          ("curve1", "{x: 'step', lines: 'runs'}"), ("final-0", "{number: 'test_loss'}"), ("heatmap", "{heatv: 'test_loss'}"), ("array", "{alog: true}"),
                          ("gap-0", "{colour: 'seed'}"), ("parallel-chart", "{dims: 'regularizers.weight_decay,test_loss,weight_norm'}")):
        before = canvas(page, chart)
        page.evaluate(f"basinPage.set({change})")
        page.settle()
        check(f"{chart} is drawn anew after {change}", canvas(page, chart) != before)
    before = canvas(page, "curve1")
    page.evaluate("(() => { const box = document.querySelector('#bar select'); box.value = 'regularizers.weight_decay'; box.dispatchEvent(new Event('change')); })()")
    page.settle()
    check("the box of colours redraws", canvas(page, "curve1") != before)
    check("choices are in the URL", "number=test_loss" in page.evaluate("location.hash"))


def check_redraws(page):
    """A chart is drawn anew where what it shows has changed, and nowhere else; what is out of sight is drawn when it comes into sight."""
    page.show("#finals h2")
    page.evaluate("""window.drawn = []; for (const chart of basinPage.charts) { const draw = chart.draw; chart.draw = () => { drawn.push(chart.options.id); draw(); }; }""")

    def drawn_after(change):
        page.evaluate(f"(() => {{ drawn.length = 0; basinPage.set({change}); }})()")
        page.settle()
        return page.evaluate("drawn")

    drawn = drawn_after("{number: 'train_loss'}")
    check(f"another number redraws its charts, each once, not {drawn}", "final-0" in drawn and len(set(drawn)) == len(drawn) and all(one.startswith("final-") for one in drawn))
    check("a choice that is already made redraws nothing", drawn_after("{number: 'train_loss'}") == [])
    check("far charts wait", "final-0" in (drawn := drawn_after("{colour: 'test_loss'}")) and "across0" not in drawn and "array" not in drawn)
    page.evaluate("drawn.length = 0")
    page.show("#array .plot")
    check("until they come into sight", "array" in page.evaluate("drawn"))
    check("and are drawn once", page.evaluate("drawn.filter(one => one === 'array').length") == 1)
    page.show("#gap-0 .plot")
    page.evaluate("basinPage.set({q: 'seed=1'})")
    page.settle()
    check("an interval that takes time is there in the end", re.search(r"τ = -?[0-9.]+ \[-?[0-9.]+, -?[0-9.]+\], n = [0-9]+ selected", page.evaluate("document.querySelector('#gap-0 .note').textContent")))
    page.evaluate("basinPage.set({q: '', colour: '', number: 'test_loss'})")
    page.settle()


def check_brush(page):
    page.evaluate("basinPage.clearSelection()")
    page.settle()
    everything = page.evaluate("basinPage.runs().length")
    left, top, width, height = page.show("#parallel-chart [data-column=weight_norm] .overlay")
    page.drag(left + width / 2, top + height * 0.1, left + width / 2, top + height * 0.6)
    low, high = page.evaluate("basinPage.selection.ranges.weight_norm")
    want = [page.evaluate(f"basinPage.data.columns.find(c => c.name === 'run_id').values[{run}]") for run in range(everything)
            if isinstance(value := page.evaluate(f"(v => isFinite(v) ? v : null)(basinPage.valueOf('weight_norm', {run}))"), (int, float)) and low <= value <= high]
    check("the brush selects some runs and not all", 0 < len(want) < everything)
    check("the brush selects what is in its range", page.evaluate("basinPage.runs()") == want)
    check("the table follows", page.evaluate("document.querySelectorAll('#runs tbody tr[data-run]').length") == len(want))
    check("the bar says so", f"{len(want)} of " in page.evaluate("document.getElementById('count').textContent"))
    link = page.evaluate("location.href")
    page.open("about:blank", "true")
    page.open(link)
    check("a link keeps the selection and the choices", page.evaluate("basinPage.runs()") == want and page.evaluate("basinPage.state.number") == "test_loss")
    page.key("Escape")
    check("Esc clears it", page.evaluate("basinPage.runs().length") == everything)
    left, top, width, height = page.show("#curve1 .brush .overlay")
    page.drag(left + width * 0.5, top + 4, left + width * 0.9, top + height * 0.4)
    passed = page.evaluate("basinPage.runs().length")
    check("a box in the curves selects", 0 < passed < everything)
    page.key("Escape")
    left, top, width, height = page.show("#heatmap .plot")
    page.mouse("mousePressed", left + width * 0.5, top + height * 0.3)
    page.mouse("mouseReleased", left + width * 0.5, top + height * 0.3)
    page.settle()
    cell = page.evaluate("basinPage.runs().length")
    check(f"a cell of the heat map selects its runs, not {cell}", 0 < cell <= 3)
    page.key("Escape")


def check_table(page):
    page.evaluate("basinPage.clearSelection()")
    page.settle()

    def column(name):
        return page.evaluate(f"[...document.querySelectorAll('#runs tbody tr[data-run]')].map(tr => {{ const v = basinPage.valueOf({json.dumps(name)}, basinPage.data.columns.find(c => c.name === 'run_id').values.indexOf(tr.dataset.run)); return typeof v === 'number' && isNaN(v) ? null : v; }})")

    for clicks in (1, 2):
        page.evaluate("document.querySelector('#runs [data-sort=test_loss]').click()")
        page.settle()
        values = column("test_loss")
        numbers = [value for value in values if value is not None]
        check(f"sorted after {clicks} clicks", numbers == sorted(numbers, reverse=clicks == 2))
        check("NaN last", None not in values[:len(numbers)])
    page.evaluate("(() => { const box = document.querySelector('#table input[type=search]'); box.value = 'diverged weight_decay=0.01'; box.dispatchEvent(new Event('input')); })()")
    page.settle()
    check("the search finds", column("status") == ["diverged"] * 3)
    page.key("Escape")
    check("columns that do not vary are said once", page.evaluate("!document.querySelector('#runs [data-sort=\"training.epochs\"]') && document.getElementById('constants').textContent.includes('training.epochs')"))
    check("the selection rule is in the name of a column", page.evaluate("document.querySelector('#runs [data-sort=test_loss]').parentNode.textContent.includes('last epoch')"))
    focus = page.evaluate("(() => { const open = document.querySelector('#runs .id'); open.focus(); open.click(); const now = document.activeElement; now.click(); return now.className; })()")
    check(f"a row that is opened keeps the focus, not {focus}", focus == "quiet id")
    check("definitions are there", page.evaluate("document.querySelector('#runs [data-sort=loss_gap]').title.includes('test_loss - train_loss')"))


def check_exports(page, top):
    page.evaluate("""window.saved = []; URL.createObjectURL = blob => { blob.text().then(text => saved.push([blob.type, text])); return "data:,"; };
        HTMLAnchorElement.prototype.click = function () {};""")
    page.evaluate("basinPage.drawEverything()")
    charts = page.evaluate("document.querySelectorAll('figure').length")
    page.evaluate("document.querySelectorAll('figure .tools button').forEach(button => button.click())")
    page.wait(f"saved.length === {2 * charts}")
    for kind, text in page.evaluate("saved"):
        if kind == "image/svg+xml":
            root = xml.etree.ElementTree.fromstring(text)
            check("an SVG has its marks", len(list(root.iter("{http://www.w3.org/2000/svg}path"))) > 3)
        else:
            rows = list(csv.reader(io.StringIO(text)))
            check("a CSV has rows of one length", len(rows) > 2 and len({len(row) for row in rows}) == 1)
    command = page.evaluate("basinPage.repeatCommand(0)")
    words = shlex.split(command)
    check("the command names the file", words[:2] == ["basin", "run"] and os.path.exists(words[2]))
    basin(*words[1:], cwd=top)
    check("the command repeats the run", len(glob.glob(os.path.join(top, words[4], "runs", page.evaluate("basinPage.runs()[0]") + ".h5"))) == 1)


def check_kendall(page):
    generator = numpy.random.default_rng(0)
    for n, kinds in ((7, 3), (40, 5), (60, 10**6)):
        x, y = generator.integers(0, kinds, n), generator.integers(0, kinds, n)
        dx, dy = numpy.sign(x[:, None] - x[None, :]), numpy.sign(y[:, None] - y[None, :])
        want = (dx * dy).sum() / math.sqrt((dx**2).sum() * (dy**2).sum())
        got = page.evaluate(f"basinPage.kendall({json.dumps(x.tolist())}, {json.dumps(y.tolist())})")
        check(f"Kendall's tau {want}, not {got}", abs(got - want) < 1e-12)


class Rows(html.parser.HTMLParser):
    """What stands in the cells of the table under noscript."""

    def __init__(self, text):
        super().__init__()
        self.inside, self.cells = False, []
        self.feed(text[text.index("<noscript>"):text.index("</noscript>")])

    def handle_starttag(self, tag, attributes):
        check(f"<{tag}> under noscript", tag in ("noscript", "h1", "p", "table", "thead", "tbody", "tr", "th", "td"))
        self.inside = tag == "td"
        if self.inside:
            self.cells.append("")

    def handle_data(self, text):
        if self.inside:
            self.cells[-1] += text.strip()


def test_study(top):
    folder, files, _ = make_product(top)
    made = basin("report", folder, status=1)
    path = os.path.join(folder, "report.html")
    check("the path is printed", made.stdout == path + "\n")
    check("the damaged file is named", "left out" in made.stderr)
    check("under 2 MB", os.path.getsize(path) < 2_000_000)
    with open(path, encoding="utf-8") as file:
        text = file.read()
    cells = Rows(text).cells
    check("the table under noscript has every run", {os.path.basename(file)[:-3] for file in files} <= set(cells))
    with h5py.File(files[0]) as run:
        check("and its numbers", repr(float(run["measures/weight_norm"][()])) in cells or run.attrs["status"] == "diverged")
    with chromium.Browser() as page:
        page.open(url(path))
        page.evaluate("basinPage.drawEverything()")
        check_plots(page)
        check_numbers(page, files)
        check_texts(page, folder)
        check_findings(page, folder)
        check_choices(page)
        check_redraws(page)
        check_brush(page)
        check_table(page)
        check_kendall(page)
        check_exports(page, top)
        for theme in ("dark", "light"):
            page.evaluate(f"basinPage.set({{theme: '{theme}'}})")
            page.settle()
        page.evaluate("basinPage.set({theme: 'dark'})")
        page.settle()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        check("paper is white", page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "light")
        page.call("Emulation.setEmulatedMedia", media="print")
        check("colours are named on paper", page.evaluate("[...document.querySelectorAll('.legend .key')].length > 0 && [...document.querySelectorAll('.legend .key')].every(key => key.offsetWidth > 0)"))
        page.call("Emulation.setEmulatedMedia", media="")
        page.evaluate("dispatchEvent(new Event('afterprint'))")
        check("and the screen is as before", page.evaluate("getComputedStyle(document.documentElement).colorScheme") == "dark")
        check("it prints", len(page.call("Page.printToPDF")["data"]) > 10000)
        check(f"nothing on the console: {page.errors}", not page.errors)
        check(f"no URL but its own: {page.requests}", all(one.split("#")[0] == url(path) or one.startswith(("data:", "about:")) for one in page.requests))


# ---- the others ----


def test_thousand(top):
    folder = os.path.join(top, "thousand")
    run_study(folder, THOUSAND)
    basin("report", folder)
    path = os.path.join(folder, "report.html")
    check("under 5 MB", os.path.getsize(path) < 5_000_000)
    with chromium.Browser() as page:
        start = time.monotonic()
        page.open(url(path))
        page.settle()
        print(f"opened in {time.monotonic() - start:.2f} s")
        encoding = page.evaluate("basinPage.data.curves.encoding")
        check(f"1,000 runs have rounded curves, not {encoding}", encoding == "rounded")
        ids = page.evaluate("basinPage.runs()")
        for run in range(0, 1000, 211):
            with h5py.File(f"{folder}/runs/{ids[run]}.h5") as file:
                want, kept = file["curves/train_loss"][()], page.evaluate("basinPage.data.curves.points")
            got = numpy.array(page.evaluate(f"basinPage.curve('curves.train_loss', {run})"))
            if kept is not None and kept < len(want):
                want = want[[int(i * (len(want) - 1) / (kept - 1) + 0.5) for i in range(kept)]]
            log = want.min() > 0 and want.max() / want.min() > 8
            a, b = (numpy.log(got), numpy.log(want)) if log else (got, want)
            check("rounding is as the page says", len(a) == len(b) and abs(a - b).max() <= 1.01 * (b.max() - b.min()) / 65532 + 1e-6 * abs(b).max())
        page.evaluate("window.took = []")
        for colour in ("training.optimizer.learning_rate", "regularizers.weight_decay", "test_loss"):
            page.evaluate(f"(() => {{ const start = performance.now(); basinPage.set({{colour: '{colour}'}}); return new Promise(done => requestAnimationFrame(() => setTimeout(() => {{ took.push(performance.now() - start); done(true); }}))); }})()")
        print("redraws took", page.evaluate("took.map(Math.round)"), "ms")
        page.evaluate("basinPage.set({q: 'seed=3'})")
        page.settle()
        check("the search selects 200 runs", page.evaluate("basinPage.runs().length") == 200)
        check(f"nothing on the console: {page.errors}", not page.errors)


def put_arrays(path, side, number):
    """Gives a finished run a group of its own: the loss over a plane, and over a plane for each of two probes."""
    subprocess.run([ADD_PLANES, path, str(side), str(number)], check=True)
    with h5py.File(path) as file:
        return file["measures/landscape/loss"][()]


def make_arrays(top, side):
    folder = os.path.join(top, f"arrays{side}")
    run_study(folder, ARRAYS)
    files = sorted(glob.glob(folder + "/runs/*.h5"))
    return folder, {os.path.basename(file)[:-3]: put_arrays(file, side, i) for i, file in enumerate(files)}


def blanks(values):
    return numpy.array([math.nan if value is None else value for value in values])


def array_of(page, name, run):
    return blanks(page.evaluate(f"basinPage.array('{name}', {run}).map(v => isFinite(v) ? v : null)"))


def check_maps(page, planes, ids):
    """The chart: the mean over runs, one run, a place on the first axis, and what is saved of them."""
    def cells(**choices):
        page.evaluate(f"basinPage.set({json.dumps({'array': 'landscape/loss', 'alog': False, 'arun': '', 'aat': '', **choices})})")
        page.show("#array .plot")
        return page.evaluate("""(() => { const chart = basinPage.charts.find(c => c.options.id === 'array'); while (chart.hovers.length) chart.hovers.pop()();
            return [chart.note.textContent, chart.svg.textContent, chart.points.map(p => p.text())]; })()""")

    note, text, points = cells()
    mean = numpy.mean(list(planes.values()), axis=0)
    check("a map has a cell a value", len(points) == mean.size)
    shown = {tuple(round(float(place), 9) for place in re.match(r"beta (\S+), alpha (\S+)\n", point).groups()): point for point in points}
    alpha, beta = numpy.linspace(-1, 1, 9), numpy.geomspace(0.01, 10, 8)
    check("the mean is in its cell", f"mean {mean[2, 5]:.4g}, n = 6" in shown[round(beta[5], 9), round(alpha[2], 9)])
    check(f"it is said what it is of: {note}", "Mean over n = 0 to 6 runs." in note and "1 cell left blank: not finite." in note)
    check(f"axes and units are named: {text}", "alpha" in text and "beta (log)" in text and "nats" in text)
    one = ids[3]
    note, _, points = cells(arun=one)
    check("of one run all digits are shown", any(point.endswith(f"\n{float(planes[one][4, 4])!r}") for point in points))
    _, _, twice = cells(array="landscape/of_probe", arun=one, aat="1")
    want = f"{2 * float(planes[one][4, 4])!r}"
    check("a place on the first of three axes", len(twice) == mean.size and any(point.endswith("\n" + want) for point in twice))
    check("which is in the name of the chart", page.evaluate("document.querySelector('#array .name').textContent").endswith(", probe 1"))
    check("the choice is in the URL", "aat=1" in page.evaluate("location.hash") and f"arun={one}" in page.evaluate("location.hash"))
    _, text, points = cells(array="tracked.hessian_top/eigenvalue", alog=True)
    check("the epoch goes across", len(points) == 5 * 3 and "epoch" in text and "(log)" in text)


def check_map_files(page, planes):
    page.evaluate("""window.saved = []; URL.createObjectURL = blob => { blob.text().then(text => saved.push(text)); return "data:,"; }; HTMLAnchorElement.prototype.click = function () {};
        basinPage.set({array: 'landscape/loss', arun: ''})""")
    page.settle()
    page.evaluate("document.querySelectorAll('#array .tools button').forEach(button => button.click())")
    page.wait("saved.length === 2")
    svg, text = page.evaluate("saved[0].startsWith('<svg') ? saved : [saved[1], saved[0]]")
    check("the map is in its SVG", len(list(xml.etree.ElementTree.fromstring(svg).iter("{http://www.w3.org/2000/svg}path"))) > 10)
    rows = list(csv.DictReader(io.StringIO(text)))
    check("the CSV has every value of every run", len(rows) == sum(plane.size for plane in planes.values()))
    for i, row in enumerate(rows[:72]):
        check("and their places", same(None if row["landscape/loss"] == "NaN" else float(row["landscape/loss"]), float(planes[row["run_id"]].flat[i]))
              and float(row["alpha"]) == numpy.linspace(-1, 1, 9)[i // 8])


def test_arrays(top):
    folder, planes = make_arrays(top, 9)
    basin("report", folder)
    with chromium.Browser() as page:
        page.open(url(os.path.join(folder, "report.html")))
        ids = page.evaluate("basinPage.runs()")
        for i, run in enumerate(ids):
            check("a plane, bit for bit", numpy.array_equal(array_of(page, "landscape/loss", i), planes[run].ravel(), equal_nan=True))
            with h5py.File(f"{folder}/runs/{run}.h5") as file:
                want = file["tracked/hessian_top/eigenvalue"][()]
            check("what was tracked, bit for bit", numpy.array_equal(array_of(page, "tracked.hessian_top/eigenvalue", i), want.ravel()))
        check_maps(page, planes, ids)
        check_map_files(page, planes)
        check(f"nothing on the console: {page.errors}", not page.errors)
    folder, planes = make_arrays(top, 200)
    basin("report", folder)
    check("large arrays are thinned", os.path.getsize(os.path.join(folder, "report.html")) < 1_000_000)
    with chromium.Browser() as page:
        page.open(url(os.path.join(folder, "report.html")))
        ids, points = page.evaluate("basinPage.runs()"), page.evaluate("basinPage.data.arrays.points")
        left = page.evaluate("document.getElementById('omitted').textContent")
        check(f"what is too large is named: {left}", "landscape/of_probe" in left and "landscape/loss" not in left)
        side = math.isqrt(points)
        places = [[int(i * (n - 1) / (side - 1) + 0.5) for i in range(side)] for n in (200, 199)]
        want, got = planes[ids[0]][numpy.ix_(*places)].ravel(), array_of(page, "landscape/loss", 0)
        check(f"along each axis, to {side}", 20 < side < 200 and len(got) == len(want))
        check("and rounded as the page says", numpy.nanmax(abs(got - want)) <= numpy.nanmax(want) / 65532 * 8 and numpy.array_equal(numpy.isnan(got), numpy.isnan(want)))
        axis = page.evaluate("basinPage.arrays.byName.get('landscape/loss').axesOf(0)[0]")
        check("with the places of the axis", numpy.allclose(axis, numpy.linspace(-1, 1, 200)[places[0]], atol=0))
        check(f"nothing on the console: {page.errors}", not page.errors)


def test_empty(top):
    for name, text, options in (("none", SEEDS % (2, 2), ("--shard", "1/2")), ("one", SEEDS % (1, 1), ()), ("seeds", SEEDS % (3, 4), ())):
        folder = os.path.join(top, name)
        run_study(folder, text, *options)
        if name == "none":
            for file in glob.glob(folder + "/runs/*.h5"):
                os.remove(file)
        path = os.path.join(top, name + ".html")
        basin("report", folder, "-o", path)
        with chromium.Browser(500, 900) as page:
            page.open(url(path))
            page.evaluate("basinPage.drawEverything()")
            check(f"{name}: nothing on the console: {page.errors}", not page.errors)
            check(f"{name}: nothing is wider than the window", page.evaluate("document.documentElement.scrollWidth <= innerWidth"))
            if name == "none":
                check("it says that there is nothing", "no results yet" in page.evaluate("document.getElementById('head').textContent"))
            else:
                check(f"{name}: the table has its runs", page.evaluate("document.querySelectorAll('#runs tbody tr').length") == len(glob.glob(folder + "/runs/*.h5")))


BASIN, ADD_PLANES = os.path.abspath(sys.argv[1]), os.path.abspath(sys.argv[3]) if len(sys.argv) > 3 else ""
with tempfile.TemporaryDirectory() as scratch:
    {"study": test_study, "arrays": test_arrays, "thousand": test_thousand, "empty": test_empty}[sys.argv[2]](scratch)
sys.exit(1 if failures else 0)
