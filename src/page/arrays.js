// Arrays that measures give beside their numbers: spectra, profiles, values by layer.
function drawArray(chart, root, width, height) {
  const series = arrays.byName.get(state.array);
  chart.name.replaceChildren(term(series.name.replace("/", " / "), [series.title, series.definition].filter(Boolean).join(": ")));
  if (series.rank > 1) { drawGrid(chart, root, width, height, series); return; }
  chart.controls.replaceChildren();
  const runs = chosenGood().filter(run => series.has(run)), base = runs.length ? runs : goodRuns.filter(run => series.has(run));
  const left = 60, top = 26, right = width - 16, bottom = height - 42, xs = [], ys = [];
  for (const run of base) { xs.push(...d3.extent(series.axisOf(run))); ys.push(...series.valuesOf(run)); }
  const x = numberScale(xs, false, [left, right]), y = numberScale(ys, state.alog, [bottom, top]);
  axisLeft(chart, root, y, left, right, (series.title || series.name) + (isUnit(series.units) ? ` (${series.units})` : ""));
  axisBottom(chart, root, x, top, bottom, series.over[0], xs.every(Number.isInteger));
  chart.clip = [left - 4, top - 4, right - left + 8, bottom - top + 8];
  for (const run of runs) {
    const axis = series.axisOf(run), points = Array.from(series.valuesOf(run), (v, i) => [x(axis[i]), y(v)]);
    chart.marks.push(lineMark(points, { stroke: colouring.of(run), width: 1.1, opacity: runs.length > 100 ? 0.25 : 0.6 }));
    if (axis.length <= 40 && runs.length <= 200) points.forEach(([px, py], i) => { if (!isFinite(py)) return; chart.marks.push(dotMark(px, py, 2.4, { fill: colouring.of(run), opacity: 0.8 })); });
    if (runs.length <= 300) points.forEach(([px, py], i) => { if (isFinite(py)) chart.points.push({ x: px, y: py, text: () => `${describeRun(run)}\n${series.over[0]} ${show(axis[i])}: ${exact(series.valuesOf(run)[i])}`, click: () => togglePicked(idOf(run)) }); });
  }
  setNote(chart, `${plural(runs.length, "run")}. ${exactness(arrays)}`);
}
// All of what the files of the chosen runs hold, whatever part of it the chart shows.
function arrayRows() {
  const series = arrays.byName.get(state.array), rows = [["run_id", ...axisColumns.map(c => c.title), ...series.over, series.name]];
  for (const run of chosenGood()) if (series.has(run)) {
    const axes = series.axesOf(run);
    series.valuesOf(run).forEach((v, i) => rows.push([idOf(run), ...axisColumns.map(c => c.at(run)), ...placesIn(axes, i).map((at, k) => axes[k][at]), v]));
  }
  return rows;
}
function makeArrays() {
  arrays.series.forEach(one => { if (arrays.series.some(other => other !== one && other.name === one.name)) one.name += ` (${one.over.join(", ")})`; });
  arrays.byName = new Map(arrays.series.map(one => [one.name, one]));
  if (data.omitted.length) document.getElementById("main").append(element("p", { class: "say", id: "omitted" }, "Too large for the page, and in the run files only: ", other(data.omitted.join(", ")), "."));
  if (!arrays.series.length) return;
  const has = name => arrays.byName.has(name);
  defaults.array = firstOf(["hessian_spectrum/density", "hessian_top/eigenvalue", arrays.series[0].name], has);
  const where = section("arrays", "Spectra and other arrays", "What measures give beside single numbers: lines for what has one axis, a map of colours for what has more.", 620);
  where.grid.append(makeChart({ id: "array", file: "array", uses: ["array", "alog", "arun", "aat"], height: width => Math.round(Math.max(260, Math.min(380, width * 0.5))), draw: drawArray, csv: arrayRows }).figure);
  where.uses = ["array", "alog"];
  where.refresh = () => where.tools.replaceChildren(selectBox("Array", arrays.series.map(s => ({ value: s.name, text: `${s.name} (${s.over.join(" × ")})` })), state.array, value => set({ array: value, aat: "" })),
    segments("Scale of the values", [{ value: false, text: "linear" }, { value: true, text: "log" }], state.alog, value => set({ alog: value })));
  sections.push(where);
}
