// The top of the page: the question, what was varied, and, loudly, what is missing.
const stateWords = {
  failed: ["failed", "Runs that failed have no result."], quarantined: ["quarantined", "These crashed the process again and again."],
  damaged: ["damaged", "Their files fail verification."], running: ["still running", "Their numbers are not on this page."],
  interrupted: ["interrupted", "They go on from a checkpoint."], missing: ["not run yet", "Their numbers are not on this page."],
};
const LISTED = 8;

function banner(kind, title, words, items) {
  const list = items.map(item => element("li", {}, item));
  const more = list.length > LISTED ? element("details", {}, element("summary", { text: `and ${list.length - LISTED} more` }), element("ul", {}, list.slice(LISTED))) : null;
  return element("div", { class: kind, role: "note" }, element("strong", { text: title }), " ", words, element("ul", {}, list.slice(0, LISTED)), more);
}
function unfinishedItem(run) {
  const parts = [element("code", { text: run.id })];
  if (run.reason) parts.push(": ", other(run.reason));
  if (run.state === "interrupted") parts.push(`: at epoch ${run.epoch}`);
  if (run.crash) parts.push(": in progress when a process crashed, ", other(run.crash));
  if (run.log) parts.push(" (log: ", other(run.log), ")");
  return element("span", {}, parts);
}
function runItem(run) {
  return element("span", {}, element("code", { text: idOf(run) }), " ", other(axisColumns.map(c => `${c.short} ${show(c.at(run))}`).join(", ")));
}
// What the spec said it expects, and whether it came out.
const verdictMarks = { holds: "✓ holds", fails: "✗ fails", undecided: "? undecided", "no data": "– no data" };
function claimWhy(claim) {
  const parts = [`${claim.value} ${claim.expected}`];
  if (typeof claim.mean === "number") parts.push(`${claim.is_difference ? "mean difference" : "mean"} ${show(claim.mean)}` + (typeof claim.low === "number" ? ` [${show(claim.low)}, ${show(claim.high)}]` : "") + `, n = ${claim.n}`);
  if (claim.settings > 1 && claim.worst) parts.push(`the worst of ${claim.settings} settings is ${claim.worst} (${[[claim.holding, "hold"], [claim.failing, "fail"], [claim.undecided, "undecided"], [claim.without_data, "without data"]].filter(([n]) => n).map(([n, word]) => `${n} ${word}`).join(", ")})`);
  if (claim.lacking) parts.push(`${claim.lacking} of ${plural(claim.runs, "run")} without the number`);
  if (claim.reason) parts.push(claim.reason);
  return parts.join("; ");
}
function claimsTable() {
  return element("table", { id: "claims" }, element("thead", {}, element("tr", {}, element("th", { scope: "col", text: "verdict" }), element("th", { scope: "col", text: "what the study expects" }))),
    element("tbody", {}, data.claims.map(claim => element("tr", {}, element("td", { class: claim.verdict.replace(" ", "-") }, verdictMarks[claim.verdict] || claim.verdict), element("td", {}, other(claim.claim), element("div", { class: "why other", dir: "auto", text: visible(claimWhy(claim)) }))))));
}
function drawHead() {
  const head = document.getElementById("head"), total = d3.sum(Object.values(data.counts));
  head.append(element("h1", {}, other(data.study || data.folder)));
  if (data.description) head.append(element("p", { class: "lead other", dir: "auto", text: visible(data.description) }));
  const facts = element("ul", { class: "facts" });
  facts.append(element("li", {}, element("b", { text: plural(total, "run") }), element("span", { class: "values", text: `${wholeFormat(data.counts.finished)} finished` + (settingCount > 1 && seedAxes.length ? `, ${settingCount} settings` : "") })));
  for (const column of [...sweepAxes, ...seedAxes]) {
    const values = distinct(column), few = values.length <= 8;
    const text = few ? values.map(show).join(", ") : column.numeric ? `${values.length} values, ${show(values[0])} to ${show(values.filter(v => v !== null).pop())}` : `${values.length} values`;
    facts.append(element("li", {}, element("b", {}, term(column.short, column.definition ? `${column.title}: ${column.definition}` : column.title)), element("span", { class: "values other", dir: "auto", text })));
  }
  head.append(facts);
  if (data.claims.length) head.append(claimsTable());
  for (const [name, [word, why]] of Object.entries(stateWords)) {
    const runs = data.unfinished.filter(run => run.state === name);
    if (!runs.length) continue;
    const soft = name === "running" || name === "missing" || name === "interrupted";
    head.append(banner(soft ? "warn" : "alarm", `${plural(runs.length, "run")} ${word}.`, why, runs.map(unfinishedItem)));
  }
  const outside = "They are in the table, marked in the charts (✕), and outside every scale, mean and correlation.", diverged = badRuns.filter(didDiverge), exploded = badRuns.filter(run => !didDiverge(run));
  if (diverged.length) head.append(banner("alarm", `${plural(diverged.length, "run")} diverged.`, outside, diverged.map(runItem)));
  if (exploded.length) head.append(banner("alarm", `${plural(exploded.length, "run")} exploded.`, "They finished, but their training loss ended far above that of the untrained network. " + outside, exploded.map(runItem)));
  if (data.problems.length) head.append(banner("alarm", `${plural(data.problems.length, "file")} could not be used.`, "", data.problems.map(other)));
  if (!runCount) head.append(element("p", { class: "empty", text: "There are no results yet: when runs have finished, make the page again." }));
}

// ---- the bar: colour, selection, theme ----

function drawLegend() {
  const legend = element("span", { class: "legend" });
  for (const key of colouring.keys.slice(0, 16)) {
    const swatch = element("i", {});
    swatch.style.background = key.colour;
    legend.append(element("button", { class: "key", type: "button", title: `Select the runs with ${colouring.column.short} ${exact(key.value)}`, onclick: () => toggleValues([[colouring.column.name, key.value]]) }, swatch, element("span", { class: "other", text: key.text })));
  }
  if (colouring.keys.length > 16) legend.append(`and ${colouring.keys.length - 16} more`);
  if (colouring.ramp && colouring.range) {
    const canvas = element("canvas", { width: 120, height: 10 }), context = canvas.getContext("2d");
    for (let i = 0; i < 120; i++) { context.fillStyle = colouring.ramp(i / 119); context.fillRect(i, 0, 1, 10); }
    legend.append(show(colouring.range[0]), canvas, show(colouring.range[1]) + (colouring.log ? " (log)" : ""));
  }
  return legend;
}
function chip(text, remove) {
  return element("span", { class: "chip" }, element("span", { class: "other", text }), element("button", { class: "quiet", type: "button", text: "×", "aria-label": "Remove " + text, onclick: remove }));
}
function drawChips() {
  const chips = [];
  for (const [name, range] of Object.entries(selection.ranges)) chips.push(chip(`${columnOf(name).short} ${show(range[0])} … ${show(range[1])}`, () => setRange(name, null)));
  for (const [name, values] of Object.entries(selection.sets)) chips.push(chip(`${columnOf(name).short} = ${values.map(show).join(", ")}`, () => { delete selection.sets[name]; changed(); }));
  for (const [name, box] of Object.entries(selection.boxes)) chips.push(chip(`${name} passes ${show(box[2])} … ${show(box[3])} at ${box[4]} ${show(box[0])} … ${show(box[1])}`, () => { delete selection.boxes[name]; changed(); }));
  if (selection.picked.length) chips.push(chip(`${plural(selection.picked.length, "picked run")}`, () => { selection.picked = []; changed(); }));
  if (state.q) chips.push(chip(`“${state.q}”`, () => set({ q: "" })));
  return chips;
}
// For those who do not drag: the same selection by keyboard.
function rangeForm() {
  const names = [...axisColumns, ...numbers].filter(column => column.numeric);
  const box = element("select", { "aria-label": "Number" }, names.map(column => element("option", { value: column.name, text: column.short })));
  const low = element("input", { type: "number", step: "any", placeholder: "from", style: "width:7em", "aria-label": "From" }), high = element("input", { type: "number", step: "any", placeholder: "to", style: "width:7em", "aria-label": "To" });
  const apply = event => { event.preventDefault(); setRange(box.value, [low.value === "" ? -Number.MAX_VALUE : +low.value, high.value === "" ? Number.MAX_VALUE : +high.value]); };
  return element("details", { class: "noprint" }, element("summary", { text: "select by numbers" }), element("form", { class: "row", onsubmit: apply }, box, low, high, element("button", { text: "Select" })));
}
let bar = null;
function drawBar() {
  const holder = document.getElementById("bar");
  if (!bar) {
    bar = { colour: element("span"), legend: element("span"), chips: element("div", { class: "chips" }), theme: element("span"), form: rangeForm() };
    holder.append(element("div", { class: "inner" }, bar.colour, bar.legend, element("span", { class: "push row noprint", style: "margin-top:0;margin-bottom:0" }, bar.form, bar.theme), bar.chips));
  }
  const options = [...axisColumns.map(c => ({ value: c.name, text: c.short })), ...varyingNumbers.map(c => ({ value: c.name, text: c.short })), { value: "none", text: "nothing" }];
  bar.colour.replaceChildren(selectBox("Colour by", options, state.colour || (sweepAxes[0] ? sweepAxes[0].name : "none"), value => set({ colour: value })));
  bar.legend.replaceChildren(drawLegend());
  bar.theme.replaceChildren(segments("Theme", [{ value: "auto", text: "auto" }, { value: "light", text: "light" }, { value: "dark", text: "dark" }], state.theme, value => set({ theme: value })));
  const count = element("span", { id: "count", "aria-live": "polite", text: isNarrowed ? `${chosenCount} of ${plural(runCount, "run")} selected` : `All ${plural(runCount, "run")}. Drag in a chart, click in a legend or search the table to select; Esc clears.` });
  bar.chips.replaceChildren(count, ...drawChips(), ...(isNarrowed ? [element("button", { type: "button", text: "Clear", onclick: clearSelection })] : []));
}
