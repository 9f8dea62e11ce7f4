// Puts the page together, and redraws it when a choice changes.
const sections = [];
function applyTheme() {
  const root = document.documentElement, wanted = state.theme === "auto" ? null : state.theme;
  if (root.getAttribute("data-theme") === wanted) return;
  if (wanted) root.setAttribute("data-theme", wanted); else root.removeAttribute("data-theme");
  colours = new Map();
}
function drawVisible() {
  const shown = charts.filter(chart => chart.near && chart.plot.isConnected);
  for (const chart of shown) chart.room = roomOf(chart);
  for (const chart of shown) if (chart.visible && isStale(chart)) chart.draw();
  for (const chart of shown) if (!chart.visible) later(() => { if (isStale(chart)) chart.draw(); });
}
function drawEverything() {
  doAllWork();
  for (const chart of charts) if (chart.plot.isConnected && isStale(chart)) chart.draw();
  doAllWork();
}

drawHead();
for (const make of [makeCurves, makeFinals, makeGaps, makeHeat, makeParallel, makeArrays, makeAcross, makeTable, makeConstants, makeDefinitions]) make();
applyPlots();
document.getElementById("foot").append(
  element("p", { text: `Made by basin ${data.version} from ${data.folder} at ${data.time.slice(0, 16).replace("T", " ")} UTC. Final numbers and parameters are those of the run files with all their digits. Learning curves: ${exactness(curves)}` }),
  element("p", { text: "Paths and commands are as seen from the folder in which this page was made. The page loads nothing from any network. Drawn with d3." }));
document.getElementById("licence").hidden = false;

redrawAll = () => {
  applyTheme();
  colouring = makeColouring();
  keepFocus(document.getElementById("bar"), drawBar);
  for (const one of sections) if (one.canWait) later(() => refreshSection(one)); else refreshSection(one);
  drawVisible();
};
function refreshSection(one) {
  const look = one.uses ? JSON.stringify(one.uses.map(key => state[key])) + (one.canWait ? selectionText : "") : null;
  if (!one.refresh || (look && one.look === look)) return;
  one.look = look;
  keepFocus(one.node, one.refresh);
}
// Controls are made anew: the one that had the focus gets it back.
function keepFocus(node, refresh) {
  if (!node.contains(document.activeElement)) { refresh(); return; }
  const controls = () => [...node.querySelectorAll("button, select, input, summary, .term")], at = controls().indexOf(document.activeElement);
  refresh();
  if (at >= 0 && controls()[at] && document.activeElement !== controls()[at]) controls()[at].focus({ preventScroll: true });
}
readUrl();
chooseRuns();
redrawAll();

addEventListener("hashchange", () => { if (location.hash.slice(1) !== written) { readUrl(); chooseRuns(); redrawAll(); } });
addEventListener("keydown", event => { if (event.key === "Escape") { hideTip(); if (isNarrowed) clearSelection(); } });
// Paper is white: charts are drawn in the light theme, all of them.
function drawForPaper() {
  document.documentElement.setAttribute("data-theme", "light");
  colours = new Map();
  colouring = makeColouring();
  drawBar();
  drawEverything();
}
addEventListener("beforeprint", drawForPaper);
addEventListener("afterprint", () => redrawAll());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => { colours = new Map(); redrawAll(); });
// For tests and for the console.
window.basinPage = { data, state, selection, set, changed, clearSelection, drawEverything, charts, runs: () => everyRun.filter(run => chosen[run]).map(idOf), valueOf: (name, run) => valueOf(name, run), columns: columns.map(c => c.name), curve: (name, run) => Array.from(curves.byName.get(name).valuesOf(run)), array: (name, run) => Array.from(arrays.byName.get(name).valuesOf(run)), arrays, repeatCommand, kendall, isSettled: () => !waiting && !workIsDue, ready: true };
