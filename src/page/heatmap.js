// Two axes and a number: the mean over everything else in each cell.
function drawHeat(chart, root, width, height) {
  const xAxis = columnOf(state.heatx), yAxis = columnOf(state.heaty), number = columnOf(state.heatv);
  chart.name.replaceChildren(term(number.short, number.definition), ` over ${xAxis.short} and ${yAxis.short}`);
  const xs = distinct(xAxis), ys = distinct(yAxis).reverse(), long = d3.max(ys, v => show(v).length);
  const left = Math.min(180, 40 + 6.5 * Math.min(20, long)), top = 14, right = width - 16, bottom = height - 58;
  const x = d3.scaleBand().domain(d3.range(xs.length)).range([left, right]).padding(0.03), y = d3.scaleBand().domain(d3.range(ys.length)).range([top, bottom]).padding(0.03);
  const cells = [];
  xs.forEach((a, i) => ys.forEach((b, j) => {
    const here = everyRun.filter(run => chosen[run] && xAxis.at(run) === a && yAxis.at(run) === b), good = here.filter(isGood).map(number.at).filter(v => typeof v === "number" && isFinite(v));
    cells.push({ i, j, a, b, n: good.length, lost: here.filter(run => !isGood(run)).length, mean: good.length ? d3.mean(good) : NaN, sd: d3.deviation(good) });
  }));
  const range = d3.extent(cells.filter(cell => cell.n), cell => cell.mean), dark = isDark();
  const part = value => range[1] > range[0] ? (value - range[0]) / (range[1] - range[0]) : 0.5;
  const fill = value => d3.interpolateViridis(dark ? 0.12 + 0.88 * part(value) : part(value));
  for (const cell of cells) {
    const box = [x(cell.i), y(cell.j), x.bandwidth(), y.bandwidth()];
    if (cell.n) chart.marks.push(rectMark(...box, { fill: fill(cell.mean) }));
    else chart.marks.push(rectMark(...box, { fill: css("--wash"), stroke: css("--line") }));
    if (box[2] > 38 && box[3] > 15) label(root, box[0] + box[2] / 2, box[1] + box[3] / 2 + 4, cell.n ? show(cell.mean) + (cell.lost ? ` ✕${cell.lost}` : "") : cell.lost ? `✕${cell.lost}` : "–", { "text-anchor": "middle", "pointer-events": "none", fill: !cell.n ? css(cell.lost ? "--alarm" : "--soft") : d3.hcl(fill(cell.mean)).l > 58 ? "#101418" : "#ffffff", "font-size": 11.5 });
    chart.points.push({ box, text: () => `${xAxis.short} ${exact(cell.a)}, ${yAxis.short} ${exact(cell.b)}\n${cell.n ? `mean ${show(cell.mean)}${cell.n > 1 ? ` ± ${show(cell.sd)} (s.d.)` : ""}, n = ${cell.n}` : "no run"}${cell.lost ? `\n${plural(cell.lost, "diverged run")}` : ""}`, click: () => toggleValues([[xAxis.name, cell.a], [yAxis.name, cell.b]]) });
  }
  xs.forEach((value, i) => { if (xs.length <= 16 || i % Math.ceil(xs.length / 12) === 0) label(root, x(i) + x.bandwidth() / 2, bottom + 17, cut(show(value), Math.max(4, Math.floor(x.step() * Math.max(1, Math.ceil(xs.length / 12)) / 6.4))), { "text-anchor": "middle" }); });
  ys.forEach((value, j) => { if (ys.length <= 30 || j % Math.ceil(ys.length / 15) === 0) label(root, left - 7, y(j) + y.bandwidth() / 2 + 4, cut(show(value), 20), { "text-anchor": "end" }); });
  axisTitle(root, right, bottom + 36, xAxis.short, "end");
  label(root, 12, (top + bottom) / 2, yAxis.short, { fill: css("--ink"), "text-anchor": "middle", "font-size": 11.5, transform: `rotate(-90 12 ${(top + bottom) / 2})` });
  if (range[0] !== undefined) {
    const id = root.append("defs").append("linearGradient").attr("id", "heat-ramp");
    d3.range(0, 1.01, 0.1).forEach(t => id.append("stop").attr("offset", t).attr("stop-color", fill(range[0] + t * (range[1] - range[0]))));
    root.append("rect").attr("x", left).attr("y", bottom + 29).attr("width", 110).attr("height", 8).attr("fill", "url(#heat-ramp)");
    label(root, left, bottom + 50, show(range[0])); label(root, left + 110, bottom + 50, show(range[1]), { "text-anchor": "middle" });
  }
  const ns = d3.extent(cells.filter(cell => cell.n), cell => cell.n);
  chart.cells = cells;
  setNote(chart, `Mean over n = ${ns[0] === ns[1] ? ns[0] || 0 : `${ns[0]} to ${ns[1]}`} runs a cell. Click a cell to select its runs.` + (d3.sum(cells, c => c.lost) ? " ✕: diverged runs, not in the mean." : ""));
}
function makeHeat() {
  const axes = sweepAxes.filter(column => distinct(column).length <= 60);
  if (axes.length < 2 || !varyingNumbers.length) return;
  defaults.heatx = axes[0].name; defaults.heaty = axes[1].name; defaults.heatv = gaps[0] ? gaps[0].name : defaults.number;
  const where = section("heat", "Two axes at once", "The mean over all other axes and seeds.", 620);
  const chart = makeChart({ id: "heatmap", file: "heatmap", uses: ["heatx", "heaty", "heatv"], free: "colour", height: width => Math.min(520, 90 + Math.max(120, distinct(columnOf(state.heaty)).length * 44)), draw: drawHeat,
    csv: chart => [[columnOf(state.heatx).title, columnOf(state.heaty).title, `mean of ${state.heatv}`, "sd", "n", "diverged"], ...chart.cells.map(cell => [cell.a, cell.b, cell.n ? cell.mean : "", cell.n > 1 ? cell.sd : "", cell.n, cell.lost])] });
  where.grid.append(chart.figure);
  const options = axes.map(column => ({ value: column.name, text: column.short }));
  where.uses = ["heatx", "heaty", "heatv"];
  where.refresh = () => where.tools.replaceChildren(selectBox("across", options, state.heatx, value => set({ heatx: value, heaty: value === state.heaty ? state.heatx : state.heaty })),
    selectBox("up", options, state.heaty, value => set({ heaty: value, heatx: value === state.heatx ? state.heaty : state.heatx })), selectBox("number", numberOptions(varyingNumbers), state.heatv, value => set({ heatv: value })));
  sections.push(where);
}
