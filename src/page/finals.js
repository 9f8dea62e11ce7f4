// A final number against each axis: every run, and the mean over all runs with one value of the axis and one colour.
const POSITIONS_MOST = 14;
function axisScale(column, left, right) {
  const values = distinct(column, goodRuns.length ? goodRuns : everyRun);
  if (!column.numeric || values.length <= POSITIONS_MOST) {
    const scale = d3.scalePoint().domain(values.map(exact)).range([left, right]).padding(0.6);
    return { values, discrete: true, x: value => scale(exact(value)), step: scale.step() };
  }
  const finite = values.filter(v => typeof v === "number" && isFinite(v)), log = spreadsWide(finite);
  return { discrete: false, x: numberScale(finite, log, [left, right]), log };
}
function discreteTicks(chart, root, scale, top, bottom, title, right) {
  const each = scale.step, most = Math.max(3, Math.floor(each / 6.4)), turned = scale.values.some(v => show(v).length > most);
  for (const value of scale.values) {
    const x = scale.x(value);
    gridLine(chart, x, top, x, bottom);
    const text = label(root, x, bottom + 17, cut(show(value), turned ? 14 : 40), { "text-anchor": turned ? "end" : "middle" });
    if (turned) text.attr("transform", `rotate(-28 ${x} ${bottom + 17})`);
    text.append("title").text(exact(value));
  }
  axisTitle(root, right, bottom + (turned ? 58 : 36), title, "end");
}
const wobble = run => (((run * 2654435761) >>> 8) % 1000) / 1000 - 0.5;

function finalChart(column, index) {
  const values = distinct(column), tall = !column.numeric && values.some(v => show(v).length > 8);
  return makeChart({ id: "final-" + index, file: "final-" + column.short, uses: ["number"], height: width => Math.max(250, Math.min(320, Math.round(width * 0.62))) + (tall ? 20 : 0),
    draw: (chart, root, width, height) => drawFinal(chart, root, width, height, column, columnOf(state.number), tall),
    csv: () => [["run_id", ...axisColumns.map(c => c.title), "status", state.number], ...everyRun.filter(run => chosen[run]).map(run => [idOf(run), ...axisColumns.map(c => c.at(run)), valueOf("status", run), valueOf(state.number, run)])] });
}
function drawFinal(chart, root, width, height, axis, number, tall) {
  chart.name.replaceChildren();
  if (!number) return;
  chart.name.append(term(number.short, number.definition), " against ", term(axis.short, axis.definition ? `${axis.title}: ${axis.definition}` : axis.title));
  const left = 56, top = 26, right = width - 14, bottom = height - (tall ? 68 : 46), runs = chosenGood();
  const scale = axisScale(axis, left, right), y = robustScale((runs.length ? runs : goodRuns).map(number.at), [bottom, top]);
  axisLeft(chart, root, y, left, right, withUnits(number));
  if (scale.discrete) discreteTicks(chart, root, scale, top, bottom, axis.short, right); else axisBottom(chart, root, scale.x, top, bottom, axis.short + (scale.log ? " (log)" : ""));
  const place = run => scale.x(axis.at(run)) + (scale.discrete ? wobble(run) * Math.min(18, scale.step * 0.3) : 0);
  chart.clip = [left - 4, top - 6, right - left + 8, bottom - top + 12];
  const draw = (run, look) => {
    const x = place(run), at = y.place(number.at(run)), far = y.isBeyond(number.at(run));
    if (number.at(run) === null || !isFinite(x) || !isFinite(at)) return;
    chart.marks.push(dotMark(x, at, look.r, far ? { stroke: look.fill, opacity: 1 } : look));
    if (chosen[run]) chart.hovers.push(() => chart.points.push({ x, y: at, text: () => `${describeRun(run)}\n${number.short} ${exact(number.at(run))}${number.doubtful && number.doubtful.has(run) ? " (did not converge)" : ""}`, click: () => togglePicked(idOf(run)) }));
  };
  if (isNarrowed) for (const run of goodRuns) if (!chosen[run]) draw(run, { r: 1.8, fill: css("--faint"), opacity: 0.25 });
  for (const run of runs) draw(run, { r: runs.length > 300 ? 2 : 3, fill: colouring.of(run), opacity: runs.length > 300 ? 0.45 : 0.6 });
  const ns = scale.discrete ? drawFinalMeans(chart, runs, axis, number, scale, y) : [];
  const lost = badRuns.filter(run => chosen[run]);
  if (lost.length) markLost(chart, root, lost, axis, scale, top);
  const range = d3.extent(ns);
  setNote(chart, (ns.length ? `Bars: mean ± s.d. over n = ${range[0] === range[1] ? range[0] : `${range[0]} to ${range[1]}`} runs. ` : "") + (lost.length ? `✕ ${plural(lost.length, "diverged run")}, outside the scale.` : "") + beyondWords(y));
  root.append("g").attr("class", "brush").call(d3.brushY().extent([[left, top], [right, bottom]]).on("end", () => { if (d3.event.sourceEvent) setRange(number.name, d3.event.selection ? d3.event.selection.map(y.invert).reverse() : null); }));
}
function drawFinalMeans(chart, runs, axis, number, scale, y) {
  const byColour = colouring.column && colouring.column !== axis && colouring.keys.length > 0 && colouring.keys.length <= 8 && !colouring.column.replicates;
  const lines = d3.nest().key(run => byColour ? String(colouring.column.at(run)) : "").entries(runs), ns = [];
  lines.forEach((line, place) => {
    const shift = (place - (lines.length - 1) / 2) * Math.min(6, scale.step * 0.08), colour = byColour ? colouring.of(line.values[0]) : css("--ink"), points = [];
    for (const value of scale.values) {
      const all = line.values.filter(run => axis.at(run) === value && isFinite(number.at(run)) && number.at(run) !== null).map(number.at);
      if (!all.length) continue;
      const mean = d3.mean(all), sd = d3.deviation(all) || 0, x = scale.x(value) + shift;
      points.push([x, y(mean)]);
      ns.push(all.length);
      chart.marks.push(lineMark([[x, y(mean - sd)], [x, y(mean + sd)]], { stroke: colour, width: 1.6 }), lineMark([[x - 6, y(mean)], [x + 6, y(mean)]], { stroke: colour, width: 3 }));
      chart.points.push({ x, y: y(mean), text: () => `${axis.short} ${show(value)}${byColour ? `, ${colouring.column.short} ${show(colouring.column.at(line.values[0]))}` : ""}\nmean ${show(mean)}${all.length > 1 ? ` ± ${show(sd)}` : ""} (s.d., n = ${all.length})` });
    }
    if (axis.numeric) chart.marks.push(lineMark(points, { stroke: colour, width: 1.4, opacity: 0.8 }));
  });
  return ns;
}
function markLost(chart, root, lost, axis, scale, top) {
  const at = d3.nest().key(run => String(Math.round(scale.x(axis.at(run))))).entries(lost);
  for (const { key, values } of at) {
    if (!isFinite(+key)) continue;
    const text = label(root, +key, top - 4, `✕${values.length > 1 ? values.length : ""}`, { fill: css("--alarm"), "text-anchor": "middle", "font-weight": 700 });
    text.append("title").text(`${plural(values.length, "diverged run")} here`);
  }
}
function makeFinals() {
  const axes = sweepAxes.length ? sweepAxes : seedAxes;
  if (!varyingNumbers.length || !axes.length) return;
  const has = name => varyingNumbers.some(column => column.name === name);
  defaults.number = firstOf(["test_accuracy", "test_bits_per_character", "test_loss", varyingNumbers[0].name], has);
  const where = section("finals", "Final numbers against each axis", "What each varied parameter does to a final number. Drag to select a range of it.", 400);
  axes.forEach((column, i) => where.grid.append(finalChart(column, i).figure));
  where.uses = ["number"];
  where.refresh = () => where.tools.replaceChildren(selectBox("Number", numberOptions(varyingNumbers), state.number, value => set({ number: value })));
  sections.push(where);
}
