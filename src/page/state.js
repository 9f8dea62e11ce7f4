// What the reader has chosen. It is in the URL behind "#", so that a link shows the same page.
const defaults = {
  theme: "auto", colour: "", curve1: "", curve2: "", x: "epoch", xlog: false, ylog1: false, ylog2: false, lines: "both", band: "sd",
  number: "", heatx: "", heaty: "", heatv: "", dims: "", array: "", alog: false, arun: "", aat: "", sort: "", q: "", cols: "", all: false, diverged: false, more: "",
};
const state = Object.assign({}, defaults);
// The selection: ranges {column: [low, high]} of numbers, sets {column: [values]}, boxes in curves {curve: [x0, x1, y0, y1, axis]}, picked run ids.
const selection = { ranges: {}, sets: {}, boxes: {}, picked: [] };

function readUrl() {
  const hash = new URLSearchParams(location.hash.slice(1));
  Object.assign(state, defaults);
  for (const key of Object.keys(defaults))
    if (hash.has(key)) state[key] = typeof defaults[key] === "boolean" ? hash.get(key) === "1" : hash.get(key);
  try { Object.assign(selection, { ranges: {}, sets: {}, boxes: {}, picked: [] }, JSON.parse(hash.get("select") || "{}")); } catch (error) { /* a link that somebody cut off */ }
  for (const part of ["ranges", "sets"]) for (const name of Object.keys(selection[part])) if (!columnOf(name)) delete selection[part][name];
  for (const name of Object.keys(selection.boxes)) if (!curves.byName.has(name)) delete selection.boxes[name];
}
let written = "";
function writeUrl() {
  const hash = new URLSearchParams();
  for (const key of Object.keys(defaults)) if (state[key] !== defaults[key]) hash.set(key, state[key] === true ? "1" : state[key] === false ? "0" : state[key]);
  const parts = {};
  for (const key of Object.keys(selection)) if (Object.keys(selection[key]).length) parts[key] = selection[key];
  if (Object.keys(parts).length) hash.set("select", JSON.stringify(parts));
  written = String(hash);
  try { history.replaceState(null, "", written ? "#" + written : location.pathname + location.search); } catch (error) { /* a page in a frame may not */ }
}

// ---- which runs are chosen ----

let chosen = everyRun.map(() => true), chosenCount = runCount, isNarrowed = false, selectionText = "";
const rowTexts = everyRun.map(run => [idOf(run), valueOf("status", run), ...axisColumns.map(column => `${column.short}=${exact(column.at(run))}`)].join(" ").toLowerCase());

function curvePasses(name, box, run) {
  const series = curves.byName.get(name);
  if (!series.has(run)) return false;
  const xs = series.axisOf(run), ys = series.valuesOf(run), scale = curveScale(series, run, box[4]);
  for (let i = 0; i < xs.length; i++) {
    const x = xs[i] * scale;
    if (x >= box[0] && x <= box[1] && ys[i] >= box[2] && ys[i] <= box[3]) return true;
  }
  return false;
}
// What was computed for this choice of runs; forgotten with the next one.
let remembered = new Map();
function remember(key, make) {
  if (!remembered.has(key)) remembered.set(key, make());
  return remembered.get(key);
}
function chooseRuns() {
  const before = chosen;
  selectionText = JSON.stringify([selection, state.q]);
  const words = state.q.toLowerCase().split(/\s+/).filter(Boolean), picked = new Set(selection.picked);
  const ranges = Object.entries(selection.ranges).map(([name, range]) => [columnOf(name), range]);
  const sets = Object.entries(selection.sets).map(([name, values]) => [columnOf(name), new Set(values)]);
  const boxes = Object.entries(selection.boxes);
  isNarrowed = words.length > 0 || picked.size > 0 || ranges.length > 0 || sets.length > 0 || boxes.length > 0;
  chosen = everyRun.map(run => {
    if (picked.size && !picked.has(idOf(run))) return false;
    for (const [column, range] of ranges) { const value = column.at(run); if (typeof value !== "number" || !(value >= range[0] && value <= range[1])) return false; }
    for (const [column, set] of sets) if (!set.has(column.at(run))) return false;
    for (const word of words) if (!rowTexts[run].includes(word)) return false;
    for (const [name, box] of boxes) if (!curvePasses(name, box, run)) return false;
    return true;
  });
  chosenCount = d3.sum(chosen);
  if (chosen.some((is, run) => is !== before[run])) remembered = new Map();
}
const chosenGood = () => remember("good", () => goodRuns.filter(run => chosen[run]));

// ---- change ----

let redrawAll = () => {};
let waiting = false;
function changed() { // several changes before the next frame are drawn once
  if (waiting) return;
  waiting = true;
  requestAnimationFrame(() => { waiting = false; chooseRuns(); redrawAll(); writeUrl(); });
}
function set(changes) { Object.assign(state, changes); changed(); }
function setRange(name, range) { if (range) selection.ranges[name] = range; else delete selection.ranges[name]; changed(); }
function toggleValues(pairs) {
  const same = pairs.every(([name, value]) => selection.sets[name] && selection.sets[name].length === 1 && selection.sets[name][0] === value);
  for (const [name, value] of pairs) if (same) delete selection.sets[name]; else selection.sets[name] = [value];
  changed();
}
function togglePicked(id) {
  const at = selection.picked.indexOf(id);
  if (at >= 0) selection.picked.splice(at, 1); else selection.picked.push(id);
  changed();
}
function clearSelection() {
  Object.assign(selection, { ranges: {}, sets: {}, boxes: {}, picked: [] });
  set({ q: "" });
}

// ---- colour: one meaning in all charts ----

const okabe = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#7A5195"];
const okabeDark = ["#56B4E9", "#E69F00", "#2BC79A", "#E29AC4", "#F0E442", "#FF8A4C", "#B39DDB"];
let colours = new Map(); // of the theme; read again when it changes
function css(name) {
  if (!colours.has(name)) colours.set(name, getComputedStyle(document.documentElement).getPropertyValue(name).trim());
  return colours.get(name);
}
const themeNow = () => { if (!colours.has("scheme")) colours.set("scheme", getComputedStyle(document.documentElement).colorScheme); return colours.get("scheme"); };
const isDark = () => themeNow() === "dark";
let colouring = null;
function spreadsWide(values) { return values[0] > 0 && values[values.length - 1] / values[0] >= 30; }

function makeColouring() {
  const dark = isDark(), column = state.colour === "none" ? null : columnOf(state.colour) || sweepAxes[0] || null;
  const ramp = t => d3.interpolateViridis(dark ? 0.36 + 0.64 * t : 0.88 * t);
  const missing = dark ? "#768390" : "#8c959f";
  if (!column) return { column: null, of: () => dark ? "#58a6ff" : "#0072B2", keys: [] };
  const values = distinct(column);
  if (column.numeric && values.filter(v => v !== null).length > 12) {
    const finite = values.filter(v => typeof v === "number" && isFinite(v)), log = spreadsWide(finite);
    const scale = (log ? d3.scaleLog() : d3.scaleLinear()).domain(d3.extent(finite)).range([0, 1]).clamp(true);
    return { column, ramp, range: d3.extent(finite), log, keys: [], of: run => { const v = column.at(run); return typeof v === "number" && isFinite(v) ? ramp(scale(v)) : missing; } };
  }
  const many = values.length > okabe.length && !column.numeric, list = dark ? okabeDark : okabe;
  const colour = new Map();
  const plain = values.filter(v => v !== null);
  plain.forEach((value, i) => colour.set(value, column.numeric && plain.length > 2 ? ramp(i / Math.max(1, plain.length - 1)) : many && i >= list.length - 1 ? missing : list[i % list.length]));
  colour.set(null, missing);
  return { column, of: run => colour.get(column.at(run)) || missing,
    keys: values.map(value => ({ value, text: `${show(value)}`, colour: colour.get(value) })) };
}
