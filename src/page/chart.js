// A chart: marks on a canvas (thousands of lines stay fluid), axes and text in SVG above it. The same marks become paths where
// a chart is saved as SVG.
//
// What a chart shows follows from its width, the theme, the selection, the colours, and the keys of the state that it names
// (options.uses; all where it names none). It is drawn anew only where one of them has changed: at once where it is in sight, soon
// after that where it is near, and otherwise when it comes near.
const charts = [];
function observe(margin, key, draw) {
  return new IntersectionObserver(entries => { for (const { target, isIntersecting } of entries) { target.chart[key] = isIntersecting; if (isIntersecting && isStale(target.chart)) draw(target.chart); } }, { rootMargin: margin });
}
const inSight = observe("0px", "visible", chart => chart.draw()), nearSight = observe("300px", "near", chart => later(() => { if (isStale(chart)) chart.draw(); }));
// Widths are told by the browser: to ask for one after each chart would lay the page out again for each of them.
const widths = new ResizeObserver(entries => {
  for (const { target, contentRect } of entries) target.chart.room = contentRect.width;
  changedWidths();
});
const changedWidths = (() => { let timer = 0; return () => { clearTimeout(timer); timer = setTimeout(() => drawVisible(), 120); }; })();
const roomOf = chart => chart.room || chart.plot.clientWidth || chart.figure.clientWidth - 26;
function lookOf(chart) {
  const { uses, free } = chart.options; // free of the selection and of colours
  return [chart.room, themeNow(), free === "all" ? "" : selectionText, free ? "" : state.colour, JSON.stringify(uses ? uses.map(key => state[key]) : state)].join("\n");
}
const isStale = chart => chart.look !== lookOf(chart);

// ---- what can wait until the reader has seen the rest ----

let waitingWork = [], workIsDue = false;
function later(work) {
  waitingWork.push(work);
  if (workIsDue) return;
  workIsDue = true;
  setTimeout(doWork);
}
function doWork() {
  const end = performance.now() + 12;
  while (waitingWork.length && performance.now() < end) waitingWork.shift()();
  workIsDue = waitingWork.length > 0;
  if (workIsDue) setTimeout(doWork);
}
function doAllWork() { while (waitingWork.length) waitingWork.shift()(); }

function makeChart(options) {
  const name = element("span", { class: "name" }), controls = element("span", { class: "row noprint", style: "margin:0" });
  const canvas = element("canvas"), svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const plot = element("div", { class: "plot" }, canvas, svg), note = element("p", { class: "note" });
  const tools = element("span", { class: "tools noprint" },
    element("button", { class: "quiet", type: "button", text: "SVG", title: "Save this chart as SVG", onclick: () => saveSvg(chart) }),
    element("button", { class: "quiet", type: "button", text: "CSV", title: "Save the numbers of this chart as CSV", onclick: () => saveFile(options.file + ".csv", "text/csv", csvText(chart.csv())) }));
  const figure = element("figure", { id: options.id }, element("figcaption", {}, name, controls), plot, element("div", { class: "below" }, note, tools));
  const chart = { options, figure, plot, svg, canvas, controls, note, name, visible: false, near: false, look: null, room: 0, grid: [], marks: [], points: [], hovers: [] };
  chart.csv = () => options.csv(chart);
  chart.draw = () => drawChart(chart);
  svg.setAttribute("role", "img");
  svg.addEventListener("mousemove", event => hover(chart, event));
  svg.addEventListener("mouseleave", hideTip);
  svg.addEventListener("click", event => { const point = nearest(chart, event); if (point && point.click) point.click(); });
  plot.chart = chart;
  charts.push(chart);
  for (const observer of [inSight, nearSight, widths]) observer.observe(plot);
  return chart;
}

function drawChart(chart) {
  chart.room = roomOf(chart);
  chart.look = lookOf(chart);
  const width = Math.max(200, chart.room), height = chart.options.height(width);
  if (chart.plot.style.height !== height + "px") chart.plot.style.height = height + "px";
  Object.assign(chart, { marks: [], grid: [], points: [], hovers: [], clip: null });
  const root = d3.select(chart.svg).attr("width", width).attr("height", height).attr("viewBox", `0 0 ${width} ${height}`);
  chart.svg.replaceChildren();
  chart.options.draw(chart, root, width, height);
  paint(chart, width, height);
}
// What is below a chart; some of it is found out later.
function setNote(chart, text) {
  chart.note.textContent = text;
  chart.svg.setAttribute("aria-label", chart.name.textContent + ". " + text);
}

// ---- marks ----

function paint(chart, width, height) {
  const ratio = Math.min(2, Math.max(window.devicePixelRatio || 1, 1)), canvas = chart.canvas, context = canvas.getContext("2d");
  const across = Math.round(width * ratio), down = Math.round(height * ratio);
  if (canvas.width !== across || canvas.height !== down) {
    Object.assign(canvas, { width: across, height: down });
    canvas.style.width = width + "px"; canvas.style.height = height + "px";
  }
  context.save();
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  for (const mark of chart.grid) paintMark(context, mark);
  if (chart.clip) { context.beginPath(); context.rect(...chart.clip); context.clip(); }
  context.lineJoin = "round";
  for (const mark of chart.marks) paintMark(context, mark);
  context.restore();
}
function paintMark(context, mark) {
  context.globalAlpha = mark.opacity === undefined ? 1 : mark.opacity;
  context.beginPath();
  mark.trace(context);
  if (mark.fill) { context.fillStyle = mark.fill; context.fill(); }
  if (mark.stroke) { context.strokeStyle = mark.stroke; context.lineWidth = mark.width || 1; context.setLineDash(mark.dash || []); context.stroke(); }
}
const gridLine = (chart, x1, y1, x2, y2) => chart.grid.push(lineMark([[x1, y1], [x2, y2]], { stroke: css("--grid") }));
const lineMark = (points, look) => Object.assign({ trace: context => {
  let pen = false;
  for (const [x, y] of points) { if (!isFinite(x) || !isFinite(y)) { pen = false; continue; } if (pen) context.lineTo(x, y); else context.moveTo(x, y); pen = true; }
} }, look);
const areaMark = (points, look) => Object.assign({ trace: context => {
  const good = points.filter(p => isFinite(p[1]) && isFinite(p[2]));
  good.forEach(([x, low], i) => i ? context.lineTo(x, low) : context.moveTo(x, low));
  for (let i = good.length - 1; i >= 0; i--) context.lineTo(good[i][0], good[i][2]);
  context.closePath();
} }, look);
const dotMark = (x, y, r, look) => Object.assign({ trace: context => { context.moveTo(x + r, y); context.arc(x, y, r, 0, 2 * Math.PI); } }, look);
const rectMark = (x, y, w, h, look) => Object.assign({ trace: context => context.rect(x, y, w, h) }, look);
const crossMark = (x, y, r, look) => Object.assign({ trace: context => { context.moveTo(x - r, y - r); context.lineTo(x + r, y + r); context.moveTo(x - r, y + r); context.lineTo(x + r, y - r); } }, look);

// ---- axes ----

function styleAxis(group) {
  group.attr("font-family", "system-ui, sans-serif").attr("font-size", 11);
  group.select(".domain").remove();
  group.selectAll("line").attr("stroke", css("--grid"));
  group.selectAll("text").attr("fill", css("--soft"));
}
function logTicks(scale, most) {
  const [low, high] = scale.domain(), decades = Math.log10(high / low);
  if (decades < 1) {
    const round = scale.ticks(most).filter((t, i, all) => all.length <= most * 1.5 || i % 2 === 0);
    return round.length < 3 ? d3.ticks(low, high, most) : round; // within 2 and 3 there is no round power
  }
  let ticks = d3.range(Math.ceil(Math.log10(low) - 1e-9), Math.floor(Math.log10(high) + 1e-9) + 1).map(p => Number("1e" + p));
  if (ticks.length < 3) ticks = scale.ticks().filter(t => /^[125]/.test(t.toExponential()));
  const step = Math.ceil(ticks.length / most);
  return ticks.filter((t, i) => i % step === 0);
}
const ticksOf = (scale, most) => scale.base ? logTicks(scale, most) : scale.ticks(most);

function axisLeft(chart, root, scale, left, right, label) {
  const group = root.append("g").attr("transform", `translate(${left},0)`);
  const height = Math.abs(scale.range()[0] - scale.range()[1]);
  const ticks = ticksOf(scale, Math.max(2, Math.floor(height / 42)));
  for (const tick of ticks) gridLine(chart, left, scale(tick), right, scale(tick));
  group.call(d3.axisLeft(scale).tickValues(ticks).tickFormat(tickFormat(scale)).tickSize(0).tickPadding(7));
  styleAxis(group);
  if (label) axisTitle(root, left - 8 - 44, Math.min(...scale.range()) - 9, label, "start");
}
function axisBottom(chart, root, scale, top, bottom, label, whole) {
  const group = root.append("g").attr("transform", `translate(0,${bottom})`);
  const [left, right] = scale.range(), width = right - left;
  const ticks = ticksOf(scale, Math.max(2, Math.floor(width / 70))).filter(tick => !whole || Number.isInteger(tick));
  for (const tick of ticks) gridLine(chart, scale(tick), top, scale(tick), bottom);
  group.call(d3.axisBottom(scale).tickValues(ticks).tickFormat(tickFormat(scale)).tickSize(0).tickPadding(9));
  styleAxis(group);
  if (label) axisTitle(root, right, bottom + 33, label, "end");
}
function axisTitle(root, x, y, text, anchor) {
  return root.append("text").attr("x", Math.max(0, x)).attr("y", y).attr("text-anchor", anchor).attr("font-size", 11.5).attr("font-family", "system-ui, sans-serif").attr("fill", css("--ink")).text(text);
}
function label(root, x, y, text, look) {
  const node = root.append("text").attr("x", x).attr("y", y).attr("font-size", 11).attr("font-family", "system-ui, sans-serif").attr("fill", css("--soft")).text(text);
  for (const [key, value] of Object.entries(look || {})) node.attr(key, value);
  return node;
}
const cut = (text, most) => text.length > most ? text.slice(0, Math.max(1, most - 1)) + "…" : text;

// Linear, or logarithmic where asked; the domain has some room around it.
function numberScale(values, log, range) {
  let [low, high] = d3.extent(values.filter(v => isFinite(v) && v !== null && (!log || v > 0)));
  if (low === undefined) [low, high] = log ? [1, 10] : [0, 1];
  if (low === high) { const room = log ? 1.5 : Math.abs(low) * 0.1 || 0.5; [low, high] = log ? [low / room, low * room] : [low - room, low + room]; }
  if (log) { const room = Math.pow(high / low, 0.03); return d3.scaleLog().domain([low / room, high * room]).range(range); }
  const room = (high - low) * 0.04;
  return d3.scaleLinear().domain([low - room, high + room]).range(range);
}

// ---- hovering ----

const tip = document.getElementById("tip");
function showTip(text, x, y) {
  tip.textContent = text;
  tip.hidden = false;
  const box = tip.getBoundingClientRect();
  tip.style.left = Math.max(4, Math.min(x + 14, innerWidth - box.width - 8)) + "px";
  tip.style.top = (y + 18 + box.height > innerHeight ? y - box.height - 10 : y + 16) + "px";
}
// Where a few values lie far outside, the scale is that of the others, and these stand at its edge.
function robustScale(values, range) {
  const good = values.filter(v => typeof v === "number" && isFinite(v)).sort(d3.ascending);
  const low = d3.quantile(good, 0.05), high = d3.quantile(good, 0.95), room = 2 * (high - low);
  const inside = good.filter(v => v >= low - room && v <= high + room);
  const scale = numberScale(inside.length ? inside : good, false, range), [from, to] = d3.extent(inside);
  const place = v => typeof v !== "number" || !isFinite(v) ? NaN : scale(Math.max(scale.domain()[0], Math.min(scale.domain()[1], v)));
  return Object.assign(scale, { place, beyond: good.length - inside.length, isBeyond: v => v < from || v > to });
}
const beyondWords = scale => scale.beyond ? ` ${plural(scale.beyond, "run")} beyond the scale, at its edge (hollow).` : "";

function hideTip() { tip.hidden = true; document.querySelectorAll(".ring").forEach(ring => ring.remove()); }
function nearest(chart, event) {
  const box = chart.svg.getBoundingClientRect(), x = event.clientX - box.left, y = event.clientY - box.top;
  let best = null, least = 24 * 24;
  while (chart.hovers.length) chart.hovers.pop()(); // points are made when somebody asks for them
  for (const point of chart.points) {
    if (point.box) { const [l, t, w, h] = point.box; if (x >= l && x < l + w && y >= t && y < t + h) return point; continue; }
    const distance = (point.x - x) ** 2 + (point.y - y) ** 2;
    if (distance < least) { least = distance; best = point; }
  }
  return best;
}
function hover(chart, event) {
  const point = nearest(chart, event);
  hideTip();
  if (!point) return;
  showTip(point.text(), event.clientX, event.clientY);
  if (!point.box) d3.select(chart.svg).append("circle").attr("class", "ring").attr("cx", point.x).attr("cy", point.y).attr("r", 6).attr("fill", "none").attr("stroke", css("--ink")).attr("stroke-width", 1.5).attr("pointer-events", "none");
}
const describeRun = run => `run ${idOf(run)}\n` + axisColumns.map(column => `${column.short} ${show(column.at(run))}`).join(", ") + (isGood(run) ? "" : didDiverge(run) ? "\ndiverged" : "\nexploded");
const describeGroup = group => sweepAxes.length ? sweepAxes.map(column => `${column.short} ${show(column.at(group.runs[0]))}`).join(", ") : "all runs";

// ---- saving ----

function saveSvg(chart) {
  if (isStale(chart)) chart.draw();
  const copy = chart.svg.cloneNode(true), [, , width, height] = chart.svg.getAttribute("viewBox").split(" ").map(Number);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.querySelectorAll(".ring, .brush, .overlay").forEach(node => node.remove());
  const make = (name, attributes) => { const node = document.createElementNS("http://www.w3.org/2000/svg", name); for (const [key, value] of Object.entries(attributes)) if (value !== undefined) node.setAttribute(key, value); return node; };
  const marks = make("g", { "clip-path": chart.clip ? "url(#clip)" : undefined, "stroke-linejoin": "round" });
  const put = (group, mark) => {
    const path = d3.path();
    mark.trace(path);
    group.append(make("path", { d: String(path), fill: mark.fill || "none", stroke: mark.stroke || "none", "stroke-width": mark.width || 1, opacity: mark.opacity, "stroke-dasharray": mark.dash ? mark.dash.join(" ") : undefined }));
  };
  const grid = make("g", {});
  for (const mark of chart.grid) put(grid, mark);
  for (const mark of chart.marks) put(marks, mark);
  copy.prepend(grid, marks);
  if (chart.clip) { const clip = make("clipPath", { id: "clip" }); clip.append(make("rect", { x: chart.clip[0], y: chart.clip[1], width: chart.clip[2], height: chart.clip[3] })); const defs = make("defs", {}); defs.append(clip); copy.prepend(defs); }
  copy.prepend(make("rect", { width, height, fill: css("--card") }));
  saveFile(chart.options.file + ".svg", "image/svg+xml", new XMLSerializer().serializeToString(copy));
}

// A section with a heading, what it shows, and a grid for its charts.
function section(id, title, say, least) {
  const grid = element("div", { class: "grid", style: `--least:${least || 460}px` }), words = element("p", { class: "say", text: say });
  const tools = element("div", { class: "row noprint" });
  const node = element("section", { id, "aria-label": title }, element("h2", { text: title }), words, tools, grid);
  document.getElementById("main").append(node);
  return { node, grid, say: words, tools };
}
const numberOptions = list => list.map(column => ({ value: column.name, text: column.short }));
