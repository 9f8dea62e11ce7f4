// Every run as a row: what varies, and the numbers. What is the same in all runs is said once, below.
const ROWS_FIRST = 100;
const usualNumbers = ["train_loss", "test_loss", "train_accuracy", "test_accuracy", "accuracy_gap", "loss_gap", "test_bits_per_character", "hessian_lambda_max", "hessian_trace"];
function tableColumns() {
  const wanted = state.cols.split(",");
  return [...axisColumns, ...columns.filter(c => c.kind === "option" && c.varied), ...numbers.filter(column => wanted.includes(column.name))];
}
function sortedRuns() {
  const runs = everyRun.filter(run => chosen[run]), descending = state.sort.startsWith("-"), column = columnOf(state.sort.replace(/^-/, ""));
  if (!column) return runs;
  const blank = value => value === null || Number.isNaN(value);
  return runs.sort((a, b) => {
    const x = column.at(a), y = column.at(b);
    if (blank(x) || blank(y)) return blank(x) - blank(y) || a - b; // last in both directions
    return (descending ? -1 : 1) * compareValues(x, y) || a - b;
  });
}
function headCell(column, rule) {
  const sorted = state.sort.replace(/^-/, "") === column.name, down = state.sort.startsWith("-");
  const cell = element("th", { class: column.numeric ? "" : "text", scope: "col", "aria-sort": sorted ? (down ? "descending" : "ascending") : "none" },
    element("button", { type: "button", title: [column.title, column.definition, "Click to sort."].filter(Boolean).join("\n"), "data-sort": column.name, onclick: () => set({ sort: sorted && !down ? "-" + column.name : sorted ? "" : column.name }) }, column.short + (sorted ? (down ? " ↓" : " ↑") : "")));
  if (column.kind === "number") cell.append(element("span", { class: "rule", text: [isUnit(column.units) ? column.units : "", ["parameters", "steps", "epochs"].includes(column.name) ? "" : rule].filter(Boolean).join(", ") }));
  return cell;
}
function bodyCell(column, run) {
  const value = column.at(run), doubtful = column.doubtful && column.doubtful.has(run);
  return element("td", { class: column.numeric ? "" : "text other", title: exact(value) + (doubtful ? " (did not converge)" : "") }, show(value) + (doubtful ? "*" : ""));
}
const opened = new Set();
function tableRow(run, list) {
  const id = idOf(run), copy = element("button", { class: "quiet", type: "button", text: "copy", "aria-label": `Copy the command that repeats run ${id}`, title: `Copy the command that repeats this run:\n${visible(repeatCommand(run))}` });
  copy.addEventListener("click", event => { event.stopPropagation(); copyText(repeatCommand(run), copy); });
  const box = element("input", { type: "checkbox", checked: selection.picked.includes(id), "aria-label": "Pick run " + id, onchange: () => togglePicked(id) });
  const open = element("button", { class: "quiet id", type: "button", text: id.slice(0, 8), title: `${id}\nShow everything about this run`, "aria-expanded": String(opened.has(run)), onclick: () => { if (!opened.delete(run)) opened.add(run); keepFocus(tablePlace.table, redrawTable); } });
  const row = element("tr", { class: isGood(run) ? "" : "bad", "data-run": id }, element("td", { class: "text" }, box, open), element("td", { class: "text", text: didExplode(run) && !didDiverge(run) ? "exploded" : valueOf("status", run) }), element("td", { class: "noprint" }, copy), list.map(column => bodyCell(column, run)));
  return opened.has(run) ? [row, wholeRow(run, list.length + 3)] : [row];
}
function wholeRow(run, span) {
  const pair = column => element("div", {}, term(column.short, column.definition), element("span", { class: "other", text: exact(column.at(run)) + (isUnit(column.units) ? " " + column.units : "") }));
  return element("tr", { class: "whole" }, element("td", { colSpan: span }, element("strong", { class: "id", text: idOf(run) }), element("div", { class: "pairs" }, [...axisColumns, ...numbers, ...columns.filter(c => c.kind === "file")].filter(c => c.at(run) !== null).map(pair)),
    element("p", {}, "Train it again: ", element("code", { class: "other", text: visible(repeatCommand(run)) }))));
}
let tablePlace = null;
function redrawTable() {
  const list = tableColumns(), runs = sortedRuns(), rule = selectionRule(), most = state.more === "all" ? runs.length : ROWS_FIRST;
  const head = element("tr", {}, element("th", { class: "text", scope: "col", text: "run" }), element("th", { class: "text", scope: "col", text: "status" }), element("th", { class: "noprint", scope: "col", text: "repeat" }), list.map(column => headCell(column, rule)));
  tablePlace.table.replaceChildren(element("thead", {}, head), element("tbody", {}, runs.slice(0, most).flatMap(run => tableRow(run, list))));
  tablePlace.more.replaceChildren(element("span", { text: `${plural(runs.length, "run")}${runs.length > most ? `, the first ${most} shown` : ""}.` }), ...(runs.length > most ? [element("button", { type: "button", text: `show all ${runs.length}`, onclick: () => set({ more: "all" }) })] : []));
  if (document.activeElement !== tablePlace.search) tablePlace.search.value = state.q;
}
function tableCsv() {
  const all = columns.filter(c => c.kind === "run" || c.axis || c.kind === "option" || c.kind === "number" || c.kind === "verdict" || c.kind === "file");
  return csvText([all.map(c => c.title), ...sortedRuns().map(run => all.map(c => c.at(run)))]);
}
function makeTable() {
  if (!runCount) return;
  defaults.cols = numbers.filter(column => usualNumbers.includes(plainName(column))).map(column => column.name).join(",");
  const where = section("table", "Every run", "Parameters that vary, and final numbers; hover for all digits. * marks a number whose search did not converge.", 10000);
  const search = element("input", { type: "search", placeholder: "search: id, status, lr=0.1 …", "aria-label": "Search runs", oninput: () => set({ q: search.value }) });
  const choices = element("details", { class: "noprint" }, element("summary", { text: "columns" })), list = element("div", { class: "row" });
  choices.append(list);
  where.tools.append(search, element("button", { type: "button", text: "CSV of all numbers", onclick: () => saveFile((data.study || "study") + ".csv", "text/csv", tableCsv()) }), choices);
  tablePlace = { table: element("table", { id: "runs" }), more: element("p", { class: "row note" }), search };
  where.grid.remove();
  where.node.append(element("div", { class: "scroll", tabindex: "0", role: "region", "aria-label": "Table of runs" }, tablePlace.table), tablePlace.more);
  where.uses = ["sort", "cols", "more"];
  where.canWait = true;
  where.refresh = () => {
    const now = state.cols.split(",");
    list.replaceChildren(...numbers.map(column => element("label", { title: column.definition }, element("input", { type: "checkbox", checked: now.includes(column.name), onchange: event => set({ cols: (event.target.checked ? [...now, column.name] : now.filter(n => n !== column.name)).filter(Boolean).join(",") }) }), column.short)));
    redrawTable();
  };
  sections.push(where);
}

// ---- what is the same in all runs, and what the numbers mean ----

function makeConstants() {
  if (!runCount) return;
  const fixed = columns.filter(column => column.kind === "parameter" && column.constant && column.same !== null), own = fixed.filter(column => !column.isDefault), rest = fixed.filter(column => column.isDefault);
  const pair = column => element("div", {}, term(column.title, column.definition), element("span", { class: "other", text: exact(column.same) }));
  const where = section("constants", "The same in every run", "What the study sets and does not vary.", 10000);
  where.grid.remove();
  where.node.append(element("div", { class: "pairs" }, own.map(pair)));
  const equal = numbers.filter(column => column.constant && runCount > 1);
  if (equal.length) where.node.append(element("p", { class: "say", text: "Numbers that are equal in all runs:" }), element("div", { class: "pairs" }, equal.map(pair)));
  if (rest.length) where.node.append(element("details", {}, element("summary", { text: `${rest.length} parameters at their defaults` }), element("div", { class: "pairs" }, rest.map(pair))));
}
function makeDefinitions() {
  const defined = numbers.filter(column => column.definition);
  if (!defined.length) return;
  const where = section("definitions", "What the numbers mean", "", 10000);
  where.grid.remove();
  where.say.textContent = `Final numbers are of the ${selectionRule()}.`;
  where.node.append(element("details", {}, element("summary", { text: `${defined.length} definitions` }), element("dl", {}, defined.flatMap(column => [element("dt", {}, element("code", { text: column.name }), isUnit(column.units) ? ` (${column.units})` : ""), element("dd", { class: "other", text: column.definition })]))));
}
