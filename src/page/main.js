// Puts the page together, and redraws it when a choice changes.
const sections = [];
function applyTheme() {
  if (state.theme === "auto") document.documentElement.removeAttribute("data-theme"); else document.documentElement.setAttribute("data-theme", state.theme);
}
function drawVisible() {
  for (const chart of charts) { chart.dirty = true; if (chart.visible) chart.draw(); }
}
const drawEverything = () => { for (const chart of charts) if (chart.plot.isConnected && chart.dirty) chart.draw(); };

drawHead();
for (const make of [makeCurves, makeFinals, makeGaps, makeHeat, makeParallel, makeArrays, makeAcross, makeTable, makeConstants, makeDefinitions]) make();
applyPlots();
document.getElementById("foot").append(
  element("p", { text: `Made by basin ${data.version} from ${data.folder} at ${data.time.slice(0, 16).replace("T", " ")} UTC. Final numbers and parameters are those of the run files with all their digits. Learning curves: ${exactness(curves)}` }),
  element("p", { text: "Paths and commands are as seen from the folder in which this page was made. The page loads nothing from any network. Drawn with d3." }));
document.getElementById("licence").hidden = false;

redrawAll = () => {
  applyTheme();
  colours = new Map();
  colouring = makeColouring();
  drawBar();
  for (const one of sections) if (one.refresh) keepFocus(one);
  drawVisible();
};
// Controls are made anew: the one that had the focus gets it back.
function keepFocus(one) {
  const controls = () => [...one.tools.querySelectorAll("button, select, input, summary")], at = controls().indexOf(document.activeElement);
  one.refresh();
  if (at >= 0 && controls()[at] && document.activeElement !== controls()[at]) controls()[at].focus();
}
readUrl();
chooseRuns();
redrawAll();

addEventListener("resize", (() => { let timer = 0; return () => { clearTimeout(timer); timer = setTimeout(drawVisible, 120); }; })());
addEventListener("hashchange", () => { if (location.hash.slice(1) !== written) { readUrl(); chooseRuns(); redrawAll(); } });
addEventListener("keydown", event => { if (event.key === "Escape") { hideTip(); if (isNarrowed) clearSelection(); } });
// Paper is white: charts are drawn in the light theme, all of them.
function drawForPaper() {
  document.documentElement.setAttribute("data-theme", "light");
  colours = new Map();
  colouring = makeColouring();
  drawBar();
  for (const chart of charts) chart.dirty = true;
  drawEverything();
}
addEventListener("beforeprint", drawForPaper);
addEventListener("afterprint", () => redrawAll());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redrawAll);
// For tests and for the console.
window.basinPage = { data, state, selection, set, changed, clearSelection, drawEverything, charts, runs: () => everyRun.filter(run => chosen[run]).map(idOf), valueOf: (name, run) => valueOf(name, run), columns: columns.map(c => c.name), curve: (name, run) => Array.from(curves.byName.get(name).valuesOf(run)), repeatCommand, kendall, ready: true };
