// Measures across runs that the spec asks for: a chart where one is natural, and the table.
for (const one of data.across) {
  one.rows = one.rows.map(row => row.map(plainValue));
  one.columns.forEach((column, i) => {
    column.index = i;
    const known = one.rows.map(row => row[i]).filter(v => v !== null);
    column.numeric = known.length > 0 && known.every(v => typeof v === "number");
    column.known = known;
    column.at = row => row[i];
    column.values = [...new Set(known)].sort(compareValues);
  });
  one.columns = one.columns.filter(column => column.known.length);
  // NAME_low and NAME_high beside NAME are its interval.
  for (const column of one.columns) column.ends = ["_low", "_high"].map(end => one.columns.find(c => c.name === column.name + end)).filter(Boolean);
  const ends = new Set(one.columns.flatMap(column => column.ends));
  one.places = one.columns.filter(column => column.kind !== "number" && column.values.length > 1);
  one.numbers = one.columns.filter(column => column.kind === "number" && column.numeric && !ends.has(column) && !/_(sd|stderr)$/.test(column.name));
}
const across = data.across.filter(one => one.error || one.rows.length);

function acrossScale(column, left, right) {
  if (!column.numeric || column.values.length <= POSITIONS_MOST) {
    const scale = d3.scalePoint().domain(column.values.map(exact)).range([left, right]).padding(0.5);
    return { discrete: true, values: column.values, x: v => scale(exact(v)), step: scale.step() };
  }
  const log = spreadsWide(column.values.filter(isFinite));
  return { discrete: false, log, x: numberScale(column.values, log, [left, right]) };
}
function acrossChart(one, index) {
  const key = "across" + index;
  one.x = one.places.find(c => c.kind === "key" && c.numeric) || one.places.find(c => c.kind === "key") || one.places.find(c => c.numeric) || one.places[0];
  one.y = one.numbers.find(c => /tau|accuracy$/.test(c.name)) || one.numbers.find(c => c.values.length > 1) || one.numbers[0];
  const turned = !one.x.numeric && one.x.values.some(v => show(v).length > 8);
  return makeChart({ id: key, file: one.name, uses: [], free: "all", height: width => Math.round(Math.max(260, Math.min(380, width * 0.5))) + (turned ? 30 : 0), draw: (chart, root, width, height) => drawAcross(chart, root, width, height, one), csv: () => acrossRows(one) });
}
const acrossRows = one => [one.columns.map(c => c.name), ...one.rows.map(row => one.columns.map(c => row[c.index]))];
function drawAcross(chart, root, width, height, one) {
  chart.name.replaceChildren(term(one.name + ": " + one.y.short, [one.y.title, one.y.definition].filter(Boolean).join(": ")), ` over ${one.x.short}`);
  const options = list => list.map(c => ({ value: c.name, text: c.short })), change = which => name => { one[which] = one.columns.find(c => c.name === name); chart.draw(); };
  keepFocus(chart.controls, () => chart.controls.replaceChildren(selectBox("number", options(one.numbers), one.y.name, change("y")), ...(one.places.length > 1 ? [selectBox("over", options(one.places), one.x.name, change("x"))] : [])));
  const turned = !one.x.numeric && one.x.values.some(v => show(v).length > 8), rest = one.places.filter(c => c !== one.x);
  const lines = d3.nest().key(row => rest.map(c => exact(row[c.index])).join(" · ")).entries(one.rows), few = lines.length > 1 && lines.length <= 10 && width > 500;
  const heading = cut(rest.map(c => c.short).join(" · "), 30), room = few ? 18 + Math.max(6.6 * Math.min(30, d3.max(lines, line => line.key.length)), 5.4 * heading.length) : 14;
  const left = 60, top = 26, right = width - room, bottom = height - (turned ? 84 : 46), all = one.rows.flatMap(row => [row[one.y.index], ...one.y.ends.map(c => row[c.index])]).filter(v => typeof v === "number" && isFinite(v));
  const scale = acrossScale(one.x, left, right), y = numberScale(all, false, [bottom, top]), ends = [], list = isDark() ? okabeDark : okabe;
  axisLeft(chart, root, y, left, right, one.y.short + (isUnit(one.y.units) ? ` (${one.y.units})` : ""));
  if (scale.discrete) discreteTicks(chart, root, scale, top, bottom, one.x.short, right); else axisBottom(chart, root, scale.x, top, bottom, one.x.short + (scale.log ? " (log)" : ""));
  lines.forEach((line, i) => {
    const colour = list[i % list.length], shift = scale.discrete && (one.y.ends.length || !one.x.numeric) ? (i - (lines.length - 1) / 2) * Math.min(7, scale.step * 0.5 / lines.length) : 0, points = [];
    for (const row of line.values.slice().sort((a, b) => compareValues(a[one.x.index], b[one.x.index]))) {
      const value = row[one.y.index], px = scale.x(row[one.x.index]) + shift, py = typeof value === "number" ? y(value) : NaN;
      if (!isFinite(px) || !isFinite(py)) continue;
      points.push([px, py]);
      if (one.y.ends.length === 2) chart.marks.push(lineMark(one.y.ends.map(c => [px, y(row[c.index])]), { stroke: colour, width: 1.5, opacity: 0.8 }));
      chart.marks.push(dotMark(px, py, 3.4, { fill: colour }));
      chart.points.push({ x: px, y: py, text: () => one.columns.filter(c => c.kind !== "number" || c === one.y || one.y.ends.includes(c)).map(c => `${c.short} ${exact(row[c.index])}`).join("\n") });
    }
    if (one.x.numeric) chart.marks.push(lineMark(points, { stroke: colour, width: 1.6 }));
    if (few && points.length) ends.push({ y: points[points.length - 1][1], colour, text: cut(line.key, 30) });
  });
  ends.sort((a, b) => a.y - b.y);
  for (let i = 1; i < ends.length; i++) ends[i].y = Math.max(ends[i].y, ends[i - 1].y + 13);
  if (ends.length) label(root, right + 8, Math.max(12, ends[0].y - 12), heading, { "font-size": 10 });
  for (const end of ends) label(root, right + 8, end.y + 4, end.text, { fill: end.colour, "font-weight": 600 });
  setNote(chart, `${plural(one.rows.length, "row")}.${one.leftOut ? ` ${plural(one.leftOut, "run")} that did not finish ${one.leftOut === 1 ? "is" : "are"} left out.` : ""}${one.y.ends.length === 2 ? ` Bars: from ${one.y.ends[0].short} to ${one.y.ends[1].short}.` : ""}`);
}
const ACROSS_ROWS = 12;
function acrossTable(one) {
  const number = column => column.numeric ? "" : "text other";
  const body = rows => rows.map(row => element("tr", {}, one.columns.map(c => element("td", { class: number(c), title: exact(row[c.index]) }, show(row[c.index])))));
  const rows = element("tbody", {}, body(one.rows.slice(0, ACROSS_ROWS)));
  const table = element("table", {}, element("thead", {}, element("tr", {}, one.columns.map(c => element("th", { class: number(c), scope: "col" }, term(c.short, [c.title, c.definition].filter(Boolean).join(": ")), isUnit(c.units) ? element("span", { class: "rule", text: c.units }) : null)))), rows);
  const more = one.rows.length > ACROSS_ROWS ? element("button", { type: "button", text: `show all ${one.rows.length} rows`, onclick: () => { rows.replaceChildren(...body(one.rows)); more.remove(); } }) : null;
  return element("div", {}, element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": one.name }, table), more);
}
function makeAcross() {
  if (!across.length) return;
  const where = section("across", "Across runs", "What the spec asks of its runs together. These numbers are of all runs that finished, whatever is selected.", 620);
  const order = wantedPlots("across").map(one => one.measure), place = one => order.includes(one.name) ? order.indexOf(one.name) : order.length;
  [...across].sort((a, b) => place(a) - place(b)).forEach((one, i) => {
    const holder = element("div", { class: "across", "data-name": one.name });
    holder.append(element("h3", { text: one.name }), element("p", { class: "say", text: one.doc }));
    if (one.total > one.rows.length) holder.append(element("p", { class: "say" }, `The first ${wholeFormat(one.rows.length)} of ${wholeFormat(one.total)} rows. All: `, element("code", { class: "other", text: visible(`basin table ${quoteWord(data.folder)} --across ${one.name} -f csv`) })));
    if (one.error) holder.append(element("div", { class: "warn" }, element("strong", { text: "It could not be computed." }), " ", other(one.error)));
    else {
      if (one.places.length && one.numbers.length) holder.append(acrossChart(one, i).figure);
      holder.append(acrossTable(one));
    }
    where.node.append(holder);
  });
  where.grid.remove();
  where.refresh = null;
  sections.push(where);
}
