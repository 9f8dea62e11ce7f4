// Parallel coordinates: each run is a line across the axes and the chosen numbers; dragging along one selects.
const dimensions = () => state.dims.split(",").filter(Boolean).map(columnOf).filter(Boolean);
function dimensionScale(column, range) {
  const finite = column.numeric && !column.axis ? goodRuns.map(column.at).filter(v => typeof v === "number" && isFinite(v)).sort(d3.ascending) : [];
  const scale = finite.length ? { discrete: false, x: numberScale(finite, spreadsWide(finite), range) } : axisScale(column, ...range);
  if (scale.discrete) return Object.assign(scale, { y: value => scale.x(value) });
  return Object.assign(scale, { y: value => typeof value === "number" ? scale.x(value) : NaN });
}
function drawParallel(chart, root, width, height) {
  const columns_ = dimensions(), top = 46, bottom = height - 22, x = d3.scalePoint().domain(d3.range(columns_.length)).range([60, width - 60]);
  chart.name.textContent = "Every run across axes and numbers";
  if (columns_.length < 2) { setNote(chart, "Choose two or more columns."); return; }
  const scales = columns_.map(column => dimensionScale(column, [bottom, top]));
  const trace = run => columns_.map((column, i) => [x(i), scales[i].y(column.at(run))]);
  const runs = chosenGood(), opacity = runs.length > 400 ? 0.22 : runs.length > 100 ? 0.4 : 0.65;
  if (isNarrowed) for (const run of goodRuns) if (!chosen[run]) chart.marks.push(lineMark(trace(run), { stroke: css("--line"), width: 0.7, opacity: 0.5 }));
  for (const run of runs) {
    const points = trace(run);
    chart.marks.push(lineMark(points, { stroke: colouring.of(run), width: 1.2, opacity }));
    chart.hovers.push(() => points.forEach(([px, py]) => { if (isFinite(py)) chart.points.push({ x: px, y: py, text: () => `${describeRun(run)}\n${columns_.filter(c => !c.axis).map(c => `${c.short} ${exact(c.at(run))}`).join("\n")}`, click: () => togglePicked(idOf(run)) }); }));
  }
  const most = Math.floor(x.step() / 6.6);
  columns_.forEach((column, i) => {
    const title = label(root, x(i), 14 + (i % 2 && most < 16 ? 15 : 0), cut(column.short, Math.max(8, most < 16 ? 2 * most - 2 : most)), { "text-anchor": i === 0 ? "start" : i === columns_.length - 1 ? "end" : "middle", fill: css("--ink"), "font-weight": 600, x: i === 0 ? 4 : i === columns_.length - 1 ? width - 4 : x(i) });
    title.append("title").text(column.definition ? `${column.title}: ${column.definition}` : column.title);
    root.append("line").attr("x1", x(i)).attr("x2", x(i)).attr("y1", top).attr("y2", bottom).attr("stroke", css("--faint"));
    const values = scales[i].discrete ? scales[i].values : ticksOf(scales[i].x, 6), format = scales[i].discrete ? show : tickFormat(scales[i].x);
    for (const value of values) label(root, x(i) + (i === columns_.length - 1 ? -6 : 6), scales[i].x(value) + 4, cut(format(value), 12), { "text-anchor": i === columns_.length - 1 ? "end" : "start", stroke: css("--card"), "stroke-width": 3, "paint-order": "stroke", "pointer-events": "none" });
    parallelBrush(root, column, scales[i], x(i), top, bottom);
  });
  setNote(chart, `${runs.length} of ${plural(goodRuns.length, "run")}. Drag along a line to select a range; several add up.` + (badRuns.length ? " Diverged runs are left out." : ""));
}
function parallelBrush(root, column, scale, x, top, bottom) {
  const brush = d3.brushY().extent([[x - 12, top - 4], [x + 12, bottom + 4]]).on("end", () => {
    if (!d3.event.sourceEvent) return;
    const area = d3.event.selection;
    if (scale.discrete) {
      const values = area ? scale.values.filter(value => scale.x(value) >= area[0] && scale.x(value) <= area[1]) : [];
      if (values.length) selection.sets[column.name] = values; else delete selection.sets[column.name];
      changed();
    } else setRange(column.name, area ? [scale.x.invert(area[1]), scale.x.invert(area[0])] : null);
  });
  const group = root.append("g").attr("class", "brush").attr("data-column", column.name).call(brush), range = selection.ranges[column.name], set_ = selection.sets[column.name];
  const limit = value => Math.max(top - 4, Math.min(bottom + 4, value));
  if (range && !scale.discrete) group.call(brush.move, [limit(scale.x(range[1]) || top), limit(scale.x(range[0]) || bottom)]);
  if (set_ && scale.discrete) { const ys = set_.map(scale.x).filter(isFinite); if (ys.length) group.call(brush.move, [limit(Math.min(...ys) - 7), limit(Math.max(...ys) + 7)]); }
}
function makeParallel() {
  const measures = measureNames().slice(0, 3), wanted = [...sweepAxes.slice(0, 5), ...measures, ...gaps.slice(0, 1), ...varyingNumbers.filter(c => c.name === defaults.number)];
  if (wanted.length < 2 || goodRuns.length < 2) return;
  defaults.dims = [...new Set(wanted)].slice(0, 9).map(column => column.name).join(",");
  const where = section("parallel", "Parallel coordinates", "All varied parameters beside the numbers they lead to.", 700);
  where.grid.append(makeChart({ id: "parallel-chart", file: "parallel", uses: ["dims"], height: () => 380, draw: drawParallel,
    csv: () => [["run_id", ...dimensions().map(c => c.title)], ...chosenGood().map(run => [idOf(run), ...dimensions().map(c => c.at(run))])] }).figure);
  const boxes = element("details", { class: "noprint" }, element("summary", { text: "columns" }));
  const list = element("div", { class: "row" });
  boxes.append(list);
  where.tools.append(boxes);
  where.uses = ["dims"];
  where.refresh = () => list.replaceChildren(...[...axisColumns, ...varyingNumbers].map(column => element("label", {}, element("input", { type: "checkbox", checked: dimensions().includes(column), onchange: event => {
    const now = dimensions().filter(c => c !== column);
    set({ dims: (event.target.checked ? [...now, column] : now).map(c => c.name).join(",") });
  } }), column.short)));
  sections.push(where);
}
