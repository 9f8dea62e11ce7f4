// Learning curves: single runs faint, mean and band over the runs of a group (over seeds), on exact epochs.
function curveScale(series, run, axis) { // from the curve's own axis to the one that is shown
  const per = stepsPerEpoch(run), own = series.byStep ? "step" : "epoch";
  return own === axis ? 1 : own === "epoch" ? per : 1 / per;
}
function meanCurve(series, runs) {
  const at = new Map(), with_ = runs.filter(run => series.has(run));
  for (const run of with_) {
    const xs = series.axisOf(run), ys = series.valuesOf(run), scale = curveScale(series, run, state.x);
    for (let i = 0; i < xs.length; i++) if (isFinite(ys[i])) { const x = xs[i] * scale; if (!at.has(x)) at.set(x, []); at.get(x).push(ys[i]); }
  }
  return [...at.entries()].sort((a, b) => a[0] - b[0]).map(([x, values]) => {
    const first = values[0], equal = values.every(v => v === first), mean = equal ? first : d3.mean(values);
    const sd = values.length < 2 ? NaN : equal ? 0 : d3.deviation(values);
    const [low, high] = d3.extent(values);
    return { x, mean, sd, n: values.length, low: state.band === "sd" ? mean - sd : low, high: state.band === "sd" ? mean + sd : high };
  });
}
const MEANS_MOST = 80, BANDS_MOST = 14, LABELS_MOST = 10;
const bandWords = () => state.band === "sd" ? "± s.d." : state.band === "range" ? "least to greatest" : "";

// Lines for the mean: a group each; where there are too many, all runs of one colour.
function curveGroups() {
  const whole = groups.map(group => ({ runs: group.runs.filter(run => chosen[run]), label: labelGroup(group) })).filter(group => group.runs.length);
  if (whole.length <= MEANS_MOST) return { list: whole, over: "seeds" };
  if (!colouring.keys.length) return { list: [], over: "" };
  const byColour = d3.nest().key(run => String(colouring.column.at(run))).entries(chosenGood());
  return { list: byColour.map(entry => ({ runs: entry.values, label: `${colouring.column.short} ${show(colouring.column.at(entry.values[0]))}` })), over: `runs of one ${colouring.column.short}` };
}
function curveChart(slot) {
  const key = "curve" + slot, logKey = "ylog" + slot;
  return makeChart({ id: key, file: key, uses: [key, logKey, "x", "xlog", "lines", "band", "diverged"], height: width => Math.round(Math.max(280, Math.min(400, width * 0.62))),
    draw: (chart, root, width, height) => drawCurves(chart, root, width, height, state[key], state[logKey], key, logKey),
    csv: () => curveRows(state[key]) });
}
function drawCurves(chart, root, width, height, name, ylog, key, logKey) {
  const series = curves.byName.get(name);
  chart.name.replaceChildren();
  if (!series) { setNote(chart, "No run has such a curve."); return; }
  chart.name.append(term(name.replace(/^curves\./, ""), [series.title, series.definition].filter(Boolean).join(": ")));
  keepFocus(chart.controls, () => chart.controls.replaceChildren(
    selectBox("", curves.series.map(s => ({ value: s.name, text: s.name.replace(/^curves\./, "") })), name, value => set({ [key]: value })),
    segments("Scale of the values", [{ value: false, text: "linear" }, { value: true, text: "log" }], ylog, value => set({ [logKey]: value }))));
  const good = goodRuns.filter(run => series.has(run)), shown = good.filter(run => chosen[run]), { list, over } = curveGroups();
  const bad = state.diverged ? badRuns.filter(run => series.has(run) && chosen[run]) : [];
  const xs = [], ys = [], base = shown.length ? shown : good;
  for (const run of base) {
    const axis = series.axisOf(run), scale = curveScale(series, run, state.x), [least, high, positive] = series.limitsOf(run), low = ylog ? positive : least;
    xs.push(axis[0] * scale, axis[axis.length - 1] * scale, ...(state.xlog ? Array.from(axis.slice(0, 2), v => v * scale) : []));
    if (low <= high) ys.push(low, high);
  }
  const means = list.map(group => Object.assign(group, { points: remember(["mean", name, state.x, state.band, group.label, group.runs[0]].join(), () => meanCurve(series, group.runs)) })).filter(group => group.points.length);
  const labelled = state.lines !== "runs" && means.length > 1 && means.length <= LABELS_MOST && width > 420;
  const labels = means.map(group => cut(group.label, 26)), heading = labelAxes().length > 1 ? cut(labelAxes().map(c => c.short).join(" · "), 28) : "";
  const room = labelled ? 18 + Math.max(6.6 * d3.max(labels, text => text.length), 5.4 * heading.length) : 14;
  const left = 56, top = 26, right = width - room, bottom = height - 42;
  const x = numberScale(xs, state.xlog, [left, right]), y = numberScale(ys, ylog, [bottom, top]);
  if (!state.xlog && xs.length) x.domain([Math.min(...xs), Math.max(...xs)]);
  axisLeft(chart, root, y, left, right, (series.title || name) + (isUnit(series.units) ? ` (${series.units})` : ""));
  axisBottom(chart, root, x, top, bottom, state.x === "epoch" ? "epoch" : "step", true);
  chart.clip = [left - 2, top - 4, right - left + 4, bottom - top + 6];
  const fastX = fastScale(x), fastY = fastScale(y);
  const trace = run => { const axis = series.axisOf(run), values = series.valuesOf(run), scale = curveScale(series, run, state.x); return curvePath(axis, values, scale, fastX, fastY); };
  const faint = isDark() ? "#3d444d" : "#d0d7de", single = shown.length > 300 ? 0.16 : shown.length > 60 ? 0.25 : 0.4;
  if (state.lines !== "mean") {
    if (isNarrowed) for (const run of good) if (!chosen[run]) chart.marks.push(Object.assign(trace(run), { stroke: faint, width: 0.7, opacity: 0.5 }));
    for (const run of shown) chart.marks.push(Object.assign(trace(run), { stroke: colouring.of(run), width: state.lines === "runs" ? 1.2 : 0.9, opacity: state.lines === "runs" ? Math.max(single, 0.5) : single }));
  }
  for (const run of bad) chart.marks.push(Object.assign(trace(run), { stroke: css("--alarm"), width: 1, dash: [4, 3], opacity: 0.8 }));
  if (state.lines !== "runs") drawMeans(chart, root, means, { x, y, top, bottom, right, labelled, labels, heading });
  if (state.lines === "runs" || !means.length) chart.hovers.push(() => { for (const run of shown.slice(0, 200)) {
    const axis = series.axisOf(run), values = series.valuesOf(run), scale = curveScale(series, run, state.x);
    values.forEach((v, i) => { if (isFinite(y(v))) chart.points.push({ x: x(axis[i] * scale), y: y(v), text: () => `${describeRun(run)}\n${state.x} ${show(axis[i] * scale)}: ${exact(v)}`, click: () => togglePicked(idOf(run)) }); });
  } });
  curveBrush(chart, root, name, x, y, [left, top, right, bottom]);
  const several = means.some(group => group.points.some(point => point.n > 1)), counts = d3.extent(means, group => d3.max(group.points, point => point.n));
  const span = counts[0] === counts[1] ? counts[0] : `${counts[0]} to ${counts[1]}`;
  setNote(chart, [state.lines !== "runs" && several ? `Thick: mean over ${span} ${over}${state.band !== "none" && means.length <= BANDS_MOST ? `, band: ${bandWords()} over n = ${span}` : ""}.` : "",
    state.lines !== "runs" && means.length > 1 && means.length <= 30 && dashOf().column ? `Dashes: ${dashOf().column.short} ${dashOf().values.map((v, i) => `${show(v)} ${["—", "– –", "···", "–·"][i]}`).join(", ")}.` : "",
    shown.length < good.length ? `${shown.length} of ${good.length} runs.` : "", badRuns.some(run => series.has(run)) ? `${plural(badRuns.filter(run => series.has(run)).length, "diverged run")} ${state.diverged ? "dashed, outside the scales" : "not shown"}.` : "",
    exactness(curves)].filter(Boolean).join(" "));
}
// Labels name a group by its values alone; the names of the axes stand above them.
const labelAxes = () => remember("labels", () => sweepAxes.filter(column => distinct(column, chosenGood()).length > 1));
const labelGroup = group => { const axes = labelAxes(); return axes.length === 1 ? `${axes[0].short} ${show(axes[0].at(group.runs[0]))}` : axes.map(column => show(column.at(group.runs[0]))).join(" · ") || "all runs"; };
// Lines of one colour are told apart by dashes of the first other axis that has few values.
const dashes = [null, [7, 4], [2, 3], [9, 3, 2, 3]];
function dashOf() {
  const column = sweepAxes.find(c => c !== colouring.column && distinct(c, goodRuns).length <= dashes.length && distinct(c, goodRuns).length > 1);
  const values = column ? distinct(column, goodRuns) : [];
  return { column, values, of: run => column ? dashes[values.indexOf(column.at(run))] : null };
}
// A scale of d3 without its generality: thousands of curves are drawn with it.
function fastScale(scale) {
  const [from, to] = scale.domain(), [start, end] = scale.range();
  if (!scale.base) return value => start + (value - from) / (to - from) * (end - start);
  const low = Math.log(from), span = (end - start) / (Math.log(to) - low);
  return value => value > 0 ? start + (Math.log(value) - low) * span : NaN;
}
// A mark that goes through a curve's points without making a list of them.
const curvePath = (axis, values, scale, x, y) => ({ trace: context => {
  let pen = false;
  for (let i = 0; i < values.length; i++) {
    const px = x(axis[i] * scale), py = y(values[i]);
    if (!isFinite(px) || !isFinite(py)) { pen = false; continue; }
    if (pen) context.lineTo(px, py); else { context.moveTo(px, py); if (values.length === 1) context.lineTo(px + 3, py); }
    pen = true;
  }
} });
function drawMeans(chart, root, means, at) {
  const { x, y } = at, ends = [], dash = means.length > 30 ? { of: () => null } : dashOf();
  if (state.band !== "none" && means.length <= BANDS_MOST) for (const group of means) {
    const floor = y.base ? y.domain()[0] : -Infinity, points = group.points.filter(p => p.n > 1).map(p => [x(p.x), y(Math.max(p.low, floor)), y(p.high)]);
    chart.marks.push(areaMark(points, { fill: colouring.of(group.runs[0]), opacity: 0.15 }));
  }
  means.forEach((group, i) => {
    const colour = colouring.of(group.runs[0]);
    chart.marks.push(lineMark(group.points.map(p => [x(p.x), y(p.mean)]), { stroke: colour, dash: dash.of(group.runs[0]), width: means.length > 30 ? 1.3 : 2.2, opacity: means.length > 30 ? 0.8 : 1 }));
    chart.hovers.push(() => { for (const p of group.points) if (isFinite(y(p.mean))) chart.points.push({ x: x(p.x), y: y(p.mean), text: () => `${describeGroup(group)}\n${state.x} ${show(p.x)}: ${show(p.mean)}${p.n > 1 ? ` ± ${show(p.sd)} (s.d., n = ${p.n})` : ""}` }); });
    const last = [...group.points].reverse().find(p => isFinite(y(p.mean)));
    if (last) ends.push({ y: y(last.mean), colour, text: at.labels[i] });
  });
  if (!at.labelled) return;
  ends.sort((a, b) => a.y - b.y);
  for (let i = 1; i < ends.length; i++) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + 13);
  const over = ends.length ? ends[ends.length - 1].y - at.bottom : 0;
  for (let i = ends.length - 1; over > 0 && i >= 0; i--) ends[i].y = Math.min(ends[i].y, i === ends.length - 1 ? at.bottom : ends[i + 1].y - 13);
  if (at.heading) label(root, at.right + 8, Math.max(10, ends[0].y - 12), at.heading, { "font-size": 10 });
  for (const end of ends) label(root, at.right + 8, end.y + 4, end.text, { fill: end.colour, "font-weight": 600 });
}
function curveBrush(chart, root, name, x, y, [left, top, right, bottom]) {
  const brush = d3.brush().extent([[left, top], [right, bottom]]).on("end", () => {
    if (!d3.event.sourceEvent) return;
    const area = d3.event.selection;
    if (area) selection.boxes[name] = [x.invert(area[0][0]), x.invert(area[1][0]), y.invert(area[1][1]), y.invert(area[0][1]), state.x]; else delete selection.boxes[name];
    changed();
  });
  const group = root.append("g").attr("class", "brush").call(brush), box = selection.boxes[name];
  if (box && box[4] === state.x) {
    const area = [[x(box[0]), y(box[3])], [x(box[1]), y(box[2])]];
    if (area.every(point => point.every(isFinite))) group.call(brush.move, area);
  }
}
function curveRows(name) {
  const series = curves.byName.get(name), rows = [["run_id", ...axisColumns.map(c => c.title), series.byStep ? "step" : "epoch", name]];
  for (const run of everyRun) if (chosen[run] && series.has(run)) series.valuesOf(run).forEach((v, i) => rows.push([idOf(run), ...axisColumns.map(c => c.at(run)), series.axisOf(run)[i], v]));
  return rows;
}
const firstOf = (names, has) => names.find(has) || "";
function makeCurves() {
  if (!curves.series.length) return;
  const has = name => curves.byName.has(name);
  defaults.curve1 = firstOf(["curves.test_accuracy", "curves.test_bits_per_character", "curves.test_loss", curves.series[0].name], has);
  defaults.curve2 = firstOf(["tracked.hessian_lambda_max", "curves.train_loss", "curves.batch_loss", curves.series[0].name], has);
  defaults.ylog2 = defaults.curve2 === "curves.train_loss";
  const where = section("curves", "Learning curves", "How the runs got there. A line that passes through a dragged box is selected everywhere.", 520);
  where.grid.append(curveChart(1).figure, curveChart(2).figure);
  where.uses = ["lines", "band", "x", "xlog", "diverged"];
  where.refresh = () => where.tools.replaceChildren(
    segments("Lines", [{ value: "both", text: "mean and runs" }, { value: "mean", text: "mean" }, { value: "runs", text: "runs" }], state.lines, value => set({ lines: value })),
    selectBox("band", [{ value: "sd", text: "± s.d." }, { value: "range", text: "least to greatest" }, { value: "none", text: "none" }], state.band, value => set({ band: value })),
    segments("Axis", [{ value: "epoch", text: "epoch" }, { value: "step", text: "step" }], state.x, value => set({ x: value })),
    segments("Scale of the axis", [{ value: false, text: "linear" }, { value: true, text: "log" }], state.xlog, value => set({ xlog: value })),
    ...(badRuns.length ? [element("label", {}, element("input", { type: "checkbox", checked: state.diverged, onchange: event => set({ diverged: event.target.checked }) }), "diverged runs too")] : []));
  sections.push(where);
}
