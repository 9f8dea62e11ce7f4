// Which measure goes with the generalisation gap: a scatter each, with Kendall's tau-b and its interval.
function kendall(xs, ys) { // O(n log n), Knight 1966
  const order = d3.range(xs.length).sort((a, b) => xs[a] - xs[b] || ys[a] - ys[b]);
  return kendallSorted(Float64Array.from(order, i => xs[i]), Float64Array.from(order, i => ys[i]));
}
// Of pairs that are sorted by x, then by y. Uses ys up.
function kendallSorted(xs, ys) {
  const n = xs.length, pairs = count => count * (count - 1) / 2;
  let tiesX = 0, tiesXY = 0, runX = 1, runXY = 1;
  for (let i = 1; i <= n; i++) {
    const sameX = i < n && xs[i] === xs[i - 1];
    if (sameX && ys[i] === ys[i - 1]) runXY++; else { tiesXY += pairs(runXY); runXY = 1; }
    if (sameX) runX++; else { tiesX += pairs(runX); runX = 1; }
  }
  let swaps = 0, list = ys, other_ = new Float64Array(n);
  for (let size = 1; size < n; size *= 2) {
    for (let low = 0; low < n; low += 2 * size) {
      const middle = Math.min(low + size, n), high = Math.min(low + 2 * size, n);
      for (let a = low, b = middle, k = low; k < high; k++)
        if (a < middle && (b >= high || list[a] <= list[b])) other_[k] = list[a++]; else { other_[k] = list[b++]; swaps += middle - a; }
    }
    [list, other_] = [other_, list];
  }
  let tiesY = 0, runY = 1;
  for (let i = 1; i <= n; i++) if (i < n && list[i] === list[i - 1]) runY++; else { tiesY += pairs(runY); runY = 1; }
  const all = pairs(n), below = Math.sqrt((all - tiesX) * (all - tiesY));
  return below > 0 ? (all - tiesX - tiesY + tiesXY - 2 * swaps) / below : NaN;
}
// Percentile bootstrap over runs; the same numbers always give the same interval. A sample is how often each run is in it, in the
// order in which the runs are sorted once.
function kendallInterval(xs, ys) {
  const n = xs.length, rounds = n <= 200 ? 400 : n <= 500 ? 200 : 100, taus = [];
  const order = d3.range(n).sort((a, b) => xs[a] - xs[b] || ys[a] - ys[b]), place = new Int32Array(n);
  order.forEach((run, i) => { place[run] = i; });
  let seed = 20240607;
  const draw = () => { seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0; return Math.floor(seed / 4294967296 * n); };
  const a = new Float64Array(n), b = new Float64Array(n), times = new Int32Array(n);
  for (let r = 0; r < rounds; r++) {
    times.fill(0);
    for (let i = 0; i < n; i++) times[place[draw()]]++;
    for (let i = 0, k = 0; i < n; i++) for (let t = times[i]; t > 0; t--) { a[k] = xs[order[i]]; b[k++] = ys[order[i]]; }
    const tau = kendallSorted(a, b);
    if (isFinite(tau)) taus.push(tau);
  }
  taus.sort(d3.ascending);
  return taus.length > 20 ? [d3.quantile(taus, 0.025), d3.quantile(taus, 0.975)] : [NaN, NaN];
}
const measureNames = () => varyingNumbers.filter(column => !isUsual(column.name) && !gaps.includes(column) && !/_(stderr|residual)$/.test(plainName(column)) && !["epochs", "steps", "best_epoch"].includes(column.name));
function pairsOf(measure, gap, runs) {
  const both = runs.filter(run => [measure.at(run), gap.at(run)].every(v => typeof v === "number" && isFinite(v)));
  return { runs: both, xs: both.map(measure.at), ys: both.map(gap.at) };
}
function gapChart(gap, measure, index) {
  return makeChart({ id: `gap-${index}`, file: `${gap.short}-${measure.short}`, uses: [], height: width => Math.max(200, Math.min(260, Math.round(width * 0.75))),
    draw: (chart, root, width, height) => drawGap(chart, root, width, height, gap, measure),
    csv: () => [["run_id", ...axisColumns.map(c => c.title), measure.name, gap.name], ...pairsOf(measure, gap, chosenGood()).runs.map(run => [idOf(run), ...axisColumns.map(c => c.at(run)), measure.at(run), gap.at(run)])] });
}
const round2 = value => isFinite(value) ? (Object.is(Math.round(value * 100), -0) ? 0 : Math.round(value * 100) / 100).toFixed(2) : "–";
function drawGap(chart, root, width, height, gap, measure) {
  chart.name.replaceChildren(term(gap.short, gap.definition), " against ", term(measure.short, measure.definition));
  const left = 54, top = 24, right = width - 12, bottom = height - 42, { runs, xs, ys } = pairsOf(measure, gap, chosenGood());
  const all = pairsOf(measure, gap, goodRuns), log = Math.min(...all.xs) > 0 && d3.max(all.xs) / d3.min(all.xs) > 50;
  const x = numberScale(xs.length ? xs : all.xs, log, [left, right]), y = robustScale(ys.length ? ys : all.ys, [bottom, top]);
  axisLeft(chart, root, y, left, right, withUnits(gap));
  axisBottom(chart, root, x, top, bottom, withUnits(measure) + (log ? " (log)" : ""));
  chart.clip = [left - 4, top - 4, right - left + 8, bottom - top + 8];
  if (isNarrowed) all.runs.forEach((run, i) => { if (!chosen[run]) chart.marks.push(dotMark(x(all.xs[i]), y.place(all.ys[i]), 1.6, { fill: css("--faint"), opacity: 0.25 })); });
  runs.forEach((run, i) => {
    const px = x(xs[i]), py = y.place(ys[i]), size = runs.length > 300 ? 2 : 3.2;
    chart.marks.push(dotMark(px, py, size, y.isBeyond(ys[i]) ? { stroke: colouring.of(run) } : { fill: colouring.of(run), opacity: runs.length > 300 ? 0.5 : 0.75 }));
    chart.hovers.push(() => chart.points.push({ x: px, y: py, text: () => `${describeRun(run)}\n${measure.short} ${exact(xs[i])}${measure.doubtful && measure.doubtful.has(run) ? " (did not converge)" : ""}\n${gap.short} ${exact(ys[i])}`, click: () => togglePicked(idOf(run)) }));
  });
  const ranked = isNarrowed ? null : rankOf(gap.name, measure.name);
  const key = `interval ${gap.name} ${measure.name}`, tau = ranked ? ranked.tau : remember(`tau ${gap.name} ${measure.name}`, () => kendall(xs, ys));
  const say = interval => setNote(chart, runs.length < 2 ? "Too few runs for a rank correlation." : `Kendall’s τ = ${round2(tau)}${interval}, n = ${runs.length}${isNarrowed ? " selected runs" : ""}.` + beyondWords(y));
  const interval = () => { const [low, high] = ranked ? ranked.interval : remember(key, () => runs.length > 3 ? kendallInterval(xs, ys) : [NaN, NaN]); return isFinite(low) ? ` [${round2(low)}, ${round2(high)}]` : ""; };
  const look = chart.look;
  if (ranked || remembered.has(key)) say(interval()); else { say(" […]"); later(() => { if (chart.look === look && !isStale(chart)) say(interval()); }); }
  const brush = d3.brush().extent([[left, top], [right, bottom]]).on("end", () => {
    if (!d3.event.sourceEvent) return;
    const area = d3.event.selection;
    for (const [name, range] of [[measure.name, area && [x.invert(area[0][0]), x.invert(area[1][0])]], [gap.name, area && [y.invert(area[1][1]), y.invert(area[0][1])]]])
      if (range) selection.ranges[name] = range; else delete selection.ranges[name];
    changed();
  });
  root.append("g").attr("class", "brush").call(brush);
}
// Where the spec asks for rank, its numbers are shown: they are those of `basin table --across rank`.
function rankOf(gap, measure) {
  const rank = data.across.find(one => one.name === "rank" && one.rows.length);
  if (!rank) return null;
  const row = rank.rows.find(one => one[rankPlace(rank, "gap")] === gap && one[rankPlace(rank, "measure")] === measure);
  const [tau, low, high] = ["kendall_tau", "kendall_tau_low", "kendall_tau_high"].map(name => row ? row[rankPlace(rank, name)] : null);
  return typeof tau === "number" && typeof low === "number" ? { tau, interval: [low, high] } : null;
}
const rankPlace = (rank, name) => { const column = rank.columns.find(c => c.name === name); return column ? column.index : -1; };
const GAPS_FIRST = 8;
function makeGaps() {
  const measures = measureNames();
  for (const one of wantedPlots("gap_against")) { const column = varyingNumbers.find(c => c.name === one.measure); if (column && !measures.includes(column) && !gaps.includes(column)) measures.push(column); }
  if (!gaps.length || !measures.length || goodRuns.length < 2) return;
  const where = section("gaps", "What predicts the gap", "Each measure against each generalisation gap, in the order of |τ|" + (wantedPlots("gap_against").length ? ", after those that the spec asks for" : "") + ". Brackets: 95 % bootstrap interval over runs (percentile). A rank correlation over a whole sweep can come from one axis alone: colour by each axis to see.", 280);
  let index = 0;
  const rows = gaps.map(gap => {
    const ranked = measures.map(measure => { const { xs, ys } = pairsOf(measure, gap, goodRuns); return { measure, tau: Math.abs(kendall(xs, ys)) || 0 }; }).sort((a, b) => b.tau - a.tau);
    const order = wantedPlots("gap_against").filter(one => !one.gap || one.gap === gap.name).map(one => one.measure), place = entry => order.includes(entry.measure.name) ? order.indexOf(entry.measure.name) : order.length;
    ranked.sort((a, b) => place(a) - place(b));
    return ranked.map((entry, place) => ({ gap, place, chart: gapChart(gap, entry.measure, index++) }));
  });
  where.uses = ["all"];
  where.refresh = () => {
    const shown = rows.flatMap(row => row.filter(entry => state.all || entry.place < Math.ceil(GAPS_FIRST / rows.length)));
    if (where.shown !== state.all) where.grid.replaceChildren(...shown.map(entry => entry.chart.figure));
    where.shown = state.all;
    const total = d3.sum(rows, row => row.length);
    where.tools.replaceChildren(...(total > shown.length || state.all ? [element("button", { type: "button", text: state.all ? "show the strongest only" : `show all ${total}`, onclick: () => set({ all: !state.all }) })] : []));
  };
  sections.push(where);
}
