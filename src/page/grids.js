// Arrays over two axes or more as a map of colours, of one run or of the mean over the chosen runs: what was tracked by epoch and
// index, spectra by probe, the loss over a plane. Of more than two axes, the reader picks places on the first ones.
function placesIn(axes, at) { // row-major
  const places = [];
  for (let k = axes.length; k-- > 0;) { places[k] = at % axes[k].length; at = Math.floor(at / axes[k].length); }
  return places;
}
const sameAxes = (a, b) => a.length === b.length && a.every((axis, k) => axis === b[k] || (axis.length === b[k].length && axis.every((v, i) => v === b[k][i])));
// The runs that are shown: one, or those of the chosen ones that have the same axes.
function gridRuns(series) {
  const all = chosenGood().filter(run => series.has(run)), one = all.find(run => idOf(run) === state.arun);
  if (one !== undefined) return { all, runs: [one], one, axes: series.axesOf(one), others: 0 };
  const axes = all.length ? series.axesOf(all[0]) : [], runs = all.filter(run => sameAxes(series.axesOf(run), axes));
  return { all, runs, axes, others: all.length - runs.length };
}
// Two axes of it: [i across][j up], the mean over the runs in which the value is finite. The epoch, or else the last axis, goes across.
function gridOf(series, { runs, axes }) {
  const last = axes.length - 1, at = axes.slice(0, -2).map((axis, k) => Math.min(Math.max(0, Number(state.aat.split(",")[k]) || 0), axis.length - 1));
  const turned = series.over[last - 1] === "epoch", across = turned ? last - 1 : last, up = turned ? last : last - 1;
  const base = at.reduce((sum, place, k) => sum + place * axes.slice(k + 1).reduce((size, axis) => size * axis.length, 1), 0), columns_ = axes[last].length;
  const place = (i, j) => base + (turned ? i * columns_ + j : j * columns_ + i), lists = runs.map(series.valuesOf);
  const cell = (i, j) => { const values = lists.map(list => list[place(i, j)]), good = values.filter(isFinite); return { i, j, n: good.length, value: values.length === 1 ? values[0] : good.length ? d3.mean(good) : NaN }; };
  const xs = axes[across], ys = axes[up];
  return { at, across, up, xs, ys, cells: ys.flatMap((_, j) => Array.from(xs, (_, i) => cell(i, j))) };
}
// Cells reach half way to their neighbours where the values of an axis rise; else they are equally wide.
function gridScale(values, range) {
  const rises = values.length > 1 && values.every((v, i) => isFinite(v) && (i === 0 || v > values[i - 1]));
  const log = rises && values[0] > 0 && values.length > 3 && spreadsWide(values), to = v => log ? Math.log(v) : v;
  const at = rises ? values.map(to) : values.map((_, i) => i), n = at.length;
  const edges = Array.from({ length: n + 1 }, (_, i) => n === 1 ? i - 0.5 : i === 0 ? at[0] - (at[1] - at[0]) / 2 : i === n ? at[n - 1] + (at[n - 1] - at[n - 2]) / 2 : (at[i - 1] + at[i]) / 2);
  const scale = d3.scaleLinear().domain([edges[0], edges[n]]).range(range);
  const low = i => Math.round(scale(edges[i])), middle = i => scale(at[i]);
  const between = place => { const i = Math.max(0, Math.min(n - 2, Math.floor(place))); return n === 1 ? middle(0) : scale(at[i] + (place - i) * (at[i + 1] - at[i])); };
  return { low, middle, between, log, values };
}
function gridLabels(root, scale, put, room) {
  let before = -Infinity;
  scale.values.forEach((value, i) => {
    const at = scale.middle(i), text = cut(show(value), 9);
    if (Math.abs(at - before) < room(text)) return;
    before = at;
    put(at, text).append("title").text(exact(value));
  });
}
// Contours, where the whole map is known and large enough for lines to mean something.
function gridContours(chart, grid, x, y, value) {
  const nx = grid.xs.length, ny = grid.ys.length;
  if (nx < 6 || ny < 6) return false;
  const values = grid.cells.map(cell => value(cell.value));
  if (!values.every(isFinite)) return false;
  for (const level of d3.contours().size([nx, ny]).thresholds(9)(values)) for (const polygon of level.coordinates) for (const ring of polygon) {
    const inside = ([a, b]) => a > 0 && a < nx && b > 0 && b < ny; // d3 closes its lines along the border
    chart.marks.push(lineMark(ring.map(point => inside(point) ? [x.between(point[0] - 0.5), y.between(point[1] - 0.5)] : [NaN, NaN]), { stroke: "#ffffff", width: 1, opacity: 0.55 }));
  }
  return true;
}
const GRID_LEVELS = 64;
function drawGrid(chart, root, width, height, series) {
  const shown = gridRuns(series), { runs, axes } = shown;
  gridControls(chart, series, shown);
  if (!runs.length) { setNote(chart, "None of the selected runs has this array."); return; }
  const grid = gridOf(series, shown);
  grid.at.forEach((place, k) => chart.name.append(`, ${series.over[k]} ${show(axes[k][place])}`)); // on paper too, where there are no controls
  const left = 70, top = 18, right = width - 96, bottom = height - 42;
  const x = gridScale(grid.xs, [left, right]), y = gridScale(grid.ys, [bottom, top]);
  const usable = v => isFinite(v) && (!state.alog || v > 0), value = v => state.alog ? Math.log(v) : v;
  const [low, high] = d3.extent(grid.cells.filter(cell => usable(cell.value)), cell => value(cell.value)), dark = isDark();
  const fill = part => d3.interpolateViridis(dark ? 0.12 + 0.88 * part : part), level = v => high > low ? Math.round((value(v) - low) / (high - low) * (GRID_LEVELS - 1)) : GRID_LEVELS >> 1;
  const box = cell => { const l = x.low(cell.i), t = y.low(cell.j + 1); return [l, t, Math.max(1, x.low(cell.i + 1) - l), Math.max(1, y.low(cell.j) - t)]; };
  chart.clip = [left, top, right - left, bottom - top];
  const byLevel = d3.nest().key(cell => usable(cell.value) ? level(cell.value) : -1).entries(grid.cells);
  for (const { key, values } of byLevel) chart.marks.push({ trace: context => { for (const cell of values) context.rect(...box(cell)); }, fill: key === "-1" ? css("--wash") : fill(key / (GRID_LEVELS - 1)) });
  const hasLines = low < high && gridContours(chart, grid, x, y, v => usable(v) ? value(v) : NaN);
  const names = [grid.across, grid.up].map(k => series.over[k]);
  chart.hovers.push(() => { for (const cell of grid.cells) chart.points.push({ box: box(cell), text: () => `${names[0]} ${exact(grid.xs[cell.i])}, ${names[1]} ${exact(grid.ys[cell.j])}\n${runs.length > 1 ? `mean ${show(cell.value)}, n = ${cell.n}` : exact(cell.value)}` }); });
  gridLabels(root, x, (at, text) => label(root, at, bottom + 17, text, { "text-anchor": "middle" }), text => 10 + 6.6 * text.length);
  gridLabels(root, y, (at, text) => label(root, left - 7, at + 4, text, { "text-anchor": "end" }), () => 15);
  axisTitle(root, right, bottom + 34, names[0] + (x.log ? " (log)" : ""), "end");
  axisTitle(root, left - 62, top - 6, names[1] + (y.log ? " (log)" : ""), "start");
  if (low !== undefined) gridLegend(root, series, [low, high], fill, right + 16, top, bottom);
  const blank = grid.cells.filter(cell => !usable(cell.value)).length, ns = d3.extent(grid.cells, cell => cell.n);
  setNote(chart, [runs.length > 1 ? `Mean over n = ${ns[0] === ns[1] ? ns[0] : `${ns[0]} to ${ns[1]}`} runs.` : `${describeRun(runs[0]).replace("\n", ": ")}.`,
    shown.others ? `${plural(shown.others, "run")} with other places on the axes ${shown.others === 1 ? "is" : "are"} not in it.` : "", hasLines ? "Lines: contours." : "",
    blank ? `${plural(blank, "cell")} left blank: ${state.alog ? "not finite, or not above 0" : "not finite"}.` : "", exactness(arrays)].filter(Boolean).join(" "));
}
function gridLegend(root, series, [low, high], fill, left, top, bottom) {
  const back = v => state.alog ? Math.exp(v) : v, id = "grid-ramp", ramp = root.append("defs").append("linearGradient").attr("id", id).attr("x1", 0).attr("x2", 0).attr("y1", 1).attr("y2", 0);
  d3.range(0, 1.01, 0.1).forEach(t => ramp.append("stop").attr("offset", t).attr("stop-color", fill(high > low ? t : 0.5)));
  root.append("rect").attr("x", left).attr("y", top + 4).attr("width", 10).attr("height", bottom - top - 4).attr("fill", `url(#${id})`);
  for (const t of high > low ? [0, 0.25, 0.5, 0.75, 1] : [0.5]) label(root, left + 15, bottom - t * (bottom - top - 4) + 4, show(back(low + t * (high - low))));
  axisTitle(root, left + 78, top - 6, (isUnit(series.units) ? series.units : "value") + (state.alog ? " (log)" : ""), "end");
}
const GRID_RUNS_MOST = 500;
function gridControls(chart, series, { all, one, axes }) {
  const of = selectBox("of", [{ value: "", text: `the mean over ${plural(all.length, "run")}` }, ...all.slice(0, GRID_RUNS_MOST).map(run => ({ value: idOf(run), text: `${axisColumns.map(c => `${c.short} ${show(c.at(run))}`).join(", ")} (${idOf(run).slice(0, 8)})` }))], one === undefined ? "" : state.arun, value => set({ arun: value }));
  const now = state.aat.split(","), places = axes.slice(0, -2).map((axis, k) => selectBox(series.over[k], Array.from(axis, (v, i) => ({ value: String(i), text: show(v) })), now[k] || "0", value => { now[k] = value; set({ aat: axes.slice(0, -2).map((_, i) => now[i] || "0").join(",") }); }));
  keepFocus(chart.controls, () => chart.controls.replaceChildren(of, ...places));
}
