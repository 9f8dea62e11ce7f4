// The data of the page: columns with one value a run, curves, and which runs belong together.
const data = JSON.parse(document.getElementById("data").textContent);
const runCount = data.runs;
const everyRun = d3.range(runCount);

// null: absent; numbers as they are; all else as text.
function plainValue(value) {
  if (value === null || typeof value === "number" || typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "true" : "false";
  if ("number" in value) return value.number === "nan" ? NaN : value.number === "inf" ? Infinity : -Infinity;
  return value.list;
}

const columns = data.columns;
const columnByName = new Map();
for (const column of columns) {
  const constant = "same" in column;
  column.constant = constant;
  if (constant) column.same = plainValue(column.same);
  else column.values = column.values.map(plainValue);
  column.at = constant ? () => column.same : run => column.values[run];
  const known = constant ? [column.same] : column.values;
  column.numeric = known.every(value => value === null || typeof value === "number") && known.some(value => value !== null);
  columnByName.set(column.name, column);
}
const columnOf = name => columnByName.get(name);
const valueOf = (name, run) => { const column = columnOf(name); return column ? column.at(run) : null; };
for (const [name, run] of data.doubtful) {
  const column = columnOf(name);
  if (column) (column.doubtful || (column.doubtful = new Set())).add(run);
}

// Of several options of one measure, the names of its numbers end in what tells them apart; without that end.
function plainName(column) {
  const at = (column.measure || "").indexOf("@"), end = at < 0 ? "" : "_" + column.measure.slice(at + 1);
  return end && column.name.endsWith(end) ? column.name.slice(0, -end.length) : column.name;
}

const idOf = run => valueOf("run_id", run);
const didDiverge = run => valueOf("status", run) === "diverged";
const didExplode = run => valueOf("exploded", run) === "true";
const isGood = run => !didDiverge(run) && !didExplode(run);
const goodRuns = everyRun.filter(isGood);
const badRuns = everyRun.filter(run => !isGood(run));

const axisColumns = columns.filter(column => column.axis && !column.constant);
const sweepAxes = axisColumns.filter(column => !column.replicates);
const seedAxes = axisColumns.filter(column => column.replicates);
const numbers = columns.filter(column => column.kind === "number" && column.numeric);
const varyingNumbers = numbers.filter(column => goodRuns.some(run => isFinite(column.at(run)) && column.at(run) !== null) && !column.constant);
const isUsual = name => /^(train|validation|test)_(loss|accuracy|perplexity|bits_per_character)$/.test(name);
// Of training and test; a measure may have a gap of its own in its name.
const gaps = varyingNumbers.filter(column => /_gap$/.test(column.name) && !column.measure);

// Distinct values in their natural order: numbers, then texts, absent last.
// Those of all runs and of all good ones are asked for again and again.
function distinct(column, runs) {
  const known = column.known || (column.known = new Map()), list = runs || everyRun;
  if (known.has(list)) return known.get(list);
  const seen = new Set();
  for (const run of list) seen.add(column.at(run));
  const values = [...seen].sort(compareValues);
  if (list === everyRun || list === goodRuns) known.set(list, values);
  return values;
}
// Lists by their items, as numbers where they are.
function listOf(value) {
  if (typeof value !== "string" || !value.startsWith("[")) return null;
  try { return JSON.parse(value); } catch (error) { return null; }
}
function compareLists(a, b) {
  for (let i = 0; i < Math.min(a.length, b.length); i++) { const order = compareValues(a[i], b[i]); if (order) return order; }
  return a.length - b.length;
}
function compareValues(a, b) {
  const first = listOf(a), second = listOf(b);
  if (first && second) return compareLists(first, second);
  const rank = v => v === null ? 3 : typeof v === "string" ? 2 : Number.isNaN(v) ? 1 : 0;
  return rank(a) - rank(b) || (typeof a === "string" ? (a < b ? -1 : a > b ? 1 : 0) : a === b ? 0 : a - b) || 0;
}

// Runs that differ in their seeds alone are a group.
const groups = (() => {
  const found = new Map();
  for (const run of goodRuns) {
    const key = JSON.stringify(sweepAxes.map(column => String(column.at(run))));
    if (!found.has(key)) found.set(key, { key, runs: [] });
    found.get(key).runs.push(run);
  }
  return [...found.values()];
})();
const settingCount = new Set(everyRun.map(run => JSON.stringify(sweepAxes.map(column => String(column.at(run)))))).size;
const groupOf = new Map();
for (const group of groups) for (const run of group.runs) groupOf.set(run, group);

// ---- curves and arrays ----

const bytes = (() => {
  const binary = atob(document.getElementById("numbers").textContent.trim());
  const out = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) out[i] = binary.charCodeAt(i);
  return out.buffer;
})();

function readRounded(at, count) {
  const [low, high, log] = new Float32Array(bytes, at, 3);
  const levels = new Uint16Array(bytes, at + 12, count);
  return Float64Array.from(levels, level => {
    if (level > 65532) return level === 65535 ? NaN : level === 65534 ? Infinity : -Infinity;
    const value = low + (high - low) * level / 65532;
    return log ? Math.exp(value) : value;
  });
}
// Where each curve stands in the block follows from what stands before it.
function openSeries(list) {
  const axes = list.axes.map(axis => Array.isArray(axis) ? axis : Array.from({ length: axis.count }, (_, i) => axis.from + i * axis.by));
  const axesOf = place => (Array.isArray(place) ? place : [place]).map(i => axes[i]), countOf = place => axesOf(place).reduce((count, axis) => count * axis.length, 1);
  let at = list.start;
  for (const series of list.series) {
    series.rank = series.over.length;
    series.places = series.runs.map(axis => {
      if (axis === -1) return -1;
      const here = at, count = countOf(axis);
      at += list.encoding === "float64" ? 8 * count : list.encoding === "float32" ? 4 * count : 12 + Math.ceil(count / 2) * 4;
      return here;
    });
    const read = new Map();
    series.axesOf = run => axesOf(series.runs[run]);
    series.axisOf = run => axes[series.runs[run]]; // of a curve
    const limits = new Map();
    series.limitsOf = run => { // least, greatest, least above 0
      if (!limits.has(run)) {
        let low = Infinity, high = -Infinity, positive = Infinity;
        for (const v of series.valuesOf(run)) if (isFinite(v)) { if (v < low) low = v; if (v > high) high = v; if (v > 0 && v < positive) positive = v; }
        limits.set(run, [low, high, positive]);
      }
      return limits.get(run);
    };
    series.has = run => series.places[run] >= 0;
    series.valuesOf = run => {
      if (!read.has(run)) {
        const place = series.places[run], count = countOf(series.runs[run]);
        read.set(run, list.encoding === "float64" ? new Float64Array(bytes, place, count)
          : list.encoding === "float32" ? new Float32Array(bytes, place, count) : readRounded(place, count));
      }
      return read.get(run);
    };
  }
  list.byName = new Map(list.series.map(series => [series.name, series]));
  return list;
}
const curves = openSeries(data.curves);
const arrays = openSeries(data.arrays);
const exactness = list => ({
  float64: "Values are those of the run files, bit for bit.",
  float32: "Values are those of the run files, rounded to float32 (7 digits, infinite beyond 3e38) to keep the page small.",
  rounded: "To keep the page small, values are rounded to 1 in 65,000 of the range of each curve or array" +
    (list.points === null ? "." : `, and at most ${list.points} evenly spread points of each are kept.`) + " Final numbers are exact.",
})[list.encoding];

// Steps of one epoch, from the run's own counts.
function stepsPerEpoch(run) {
  const steps = valueOf("steps", run), epochs = valueOf("epochs", run);
  return steps > 0 && epochs > 0 ? steps / epochs : NaN;
}

// What the final numbers are of: the selection rule in a column's name.
function selectionRule() {
  const column = columns.find(c => /(^|\.)restore$/.test(c.name) && /early_stopping/.test(c.name));
  const averaging = columns.find(c => /averaging\.type$/.test(c.name));
  const rule = run => {
    const average = averaging && averaging.at(run), restored = column && column.at(run);
    if (average && average !== "none") return average + " weights";
    return restored === "best" ? "best epoch" : "last epoch";
  };
  const rules = new Set(everyRun.map(rule));
  return rules.size === 1 ? [...rules][0] : rules.size ? "last or best epoch" : "last epoch";
}
