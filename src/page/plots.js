// What the spec wants to be shown first (`report: {plots: ...}`): choices become the defaults of the page, sections the first ones.
const plotSections = { curves: "curves", final_numbers: "finals", gap_against: "gaps", heatmap: "heat", parallel: "parallel", arrays: "arrays", across: "across", table: "table" };
const wantedPlots = name => data.plots.filter(one => one.plot === name);
const notThere = [];
// A choice of the spec, where the results have it; else the page says so.
function wantedColumn(name, among) {
  if (name === undefined) return "";
  if (among.some(column => column.name === name)) return name;
  notThere.push(name);
  return "";
}
function wantedCurve(name) {
  const series = curves.byName.get(name) || curves.series.find(one => one.name.slice(one.name.indexOf(".") + 1) === name);
  if (!series) notThere.push(name);
  return series ? series.name : "";
}
const plotDefaults = {
  curves(one) {
    (one.of || []).map(wantedCurve).forEach((name, i) => { if (name) { defaults["curve" + (i + 1)] = name; defaults["ylog" + (i + 1)] = name === "curves.train_loss"; } });
    if (one.axis) defaults.x = one.axis;
    if (one.scale) defaults.ylog1 = defaults.ylog2 = one.scale === "log";
  },
  final_numbers(one) { defaults.number = wantedColumn(one.number, varyingNumbers) || defaults.number; },
  gap_against(one) { wantedColumn(one.measure, numbers); wantedColumn(one.gap, numbers); },
  heatmap(one) {
    defaults.heatv = wantedColumn(one.number, varyingNumbers) || defaults.heatv;
    const before = defaults.heatx, across = wantedColumn(one.across, sweepAxes), up = wantedColumn(one.up, sweepAxes);
    if (across) { defaults.heatx = across; if (defaults.heaty === across) defaults.heaty = before; }
    if (up) { if (defaults.heatx === up) defaults.heatx = defaults.heaty; defaults.heaty = up; }
  },
  parallel(one) { defaults.dims = (one.columns || []).map(name => wantedColumn(name, columns)).filter(Boolean).join(",") || defaults.dims; },
  arrays(one) {
    if (one.array && !arrays.byName.has(one.array)) notThere.push(one.array);
    else if (one.array) defaults.array = one.array;
  },
  across() {},
  table(one) { const name = wantedColumn(one.sort, columns); if (name) defaults.sort = (one.descending ? "-" : "") + name; },
};
// After all sections are there, and before the choices of the URL.
function applyPlots() {
  const main = document.getElementById("main"), first = main.firstElementChild, moved = new Set();
  for (const one of data.plots) {
    plotDefaults[one.plot](one);
    const node = document.getElementById(plotSections[one.plot]);
    if (!node) { if (!moved.has(one.plot)) notThere.push(one.plot); }
    else if (!moved.has(node)) main.insertBefore(node, [...main.children].find(child => !moved.has(child)) || first);
    moved.add(node || one.plot);
  }
  if (notThere.length) main.prepend(element("p", { class: "say", id: "not-there" }, "The spec wants the page to show ", other([...new Set(notThere)].join(", ")), ", which these results do not have, or which is the same in all of them."));
}
