// How values are written for people. The exact value is always one hover away, and in CSV.
const wholeFormat = d3.format(",d"), digits = d3.format(".4~g"), tiny = d3.format(".3~e");
function show(value) {
  if (value === null || value === undefined) return "–";
  if (typeof value !== "number") return visible(value);
  if (!isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "-∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  if (Number.isInteger(value) && size < 1e6) return size < 1e4 ? String(value) : wholeFormat(value);
  return size < 1e-3 || size >= 1e6 ? tiny(value).replace("e+", "e") : size >= 1e4 ? wholeFormat(Math.round(value)) : digits(value);
}
const exact = value => value === null || value === undefined ? "absent" : typeof value === "number" ? String(value) : visible(value);
const isUnit = units => units && units !== "1";
const withUnits = column => column.short + (isUnit(column.units) ? ` (${column.units})` : "");
const plural = (count, word) => `${wholeFormat(count)} ${word}${count === 1 ? "" : "s"}`;

// Ticks of an axis: as few digits as tell them apart.
function tickFormat(scale) {
  return value => Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3) ? d3.format(".2~e")(value).replace("e+", "e") : d3.format(".6~g")(value);
}

// ---- elements; texts of others become text nodes, never markup ----

function element(name, properties, ...children) {
  const node = document.createElement(name);
  for (const [key, value] of Object.entries(properties || {})) {
    if (value === undefined || value === null || value === false) continue;
    if (key.startsWith("on")) node.addEventListener(key.slice(2), value);
    else if (key === "text") node.textContent = value;
    else if (key in node && key !== "list" && typeof value !== "string") node[key] = value;
    else node.setAttribute(key === "className" ? "class" : key, value);
  }
  for (const child of children.flat()) if (child !== null && child !== undefined) node.append(child);
  return node;
}
// Marks that change the order or the look of letters are shown as what they are.
const visible = text => String(text).replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g, c => "\\u" + c.charCodeAt(0).toString(16).padStart(4, "0"));
const other = text => element("span", { class: "other", dir: "auto", text: visible(text) });

function term(text, definition, extra) {
  return definition ? element("span", { class: "term " + (extra || ""), tabindex: "0", title: definition, "aria-description": definition, text })
    : element("span", { class: extra || "", text });
}

function selectBox(label, options, value, change) {
  const box = element("select", { onchange: () => change(box.value), "aria-label": label });
  for (const option of options) box.append(element("option", { value: option.value, text: option.text, selected: option.value === value }));
  return element("label", {}, label, box);
}
function segments(label, options, value, change) {
  return element("span", { class: "segments", role: "group", "aria-label": label },
    options.map(option => element("button", { type: "button", "aria-pressed": String(option.value === value), text: option.text, title: option.title, onclick: () => change(option.value) })));
}

// ---- files and the clipboard ----

function saveFile(name, type, text) {
  const link = element("a", { download: name, href: URL.createObjectURL(new Blob([text], { type })) });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
const csvCell = value => { const text = value === null || value === undefined ? "" : String(value); return /[",\n\r]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text; };
const csvText = rows => rows.map(row => row.map(csvCell).join(",")).join("\n") + "\n";

function copyText(text, button) {
  const said = done => { const before = button.textContent; button.textContent = done ? "copied" : "press Ctrl+C"; setTimeout(() => { button.textContent = before; }, 1500); };
  const area = element("textarea", { style: "position:fixed;opacity:0" });
  area.value = text;
  document.body.append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (done) said(true);
  else if (navigator.clipboard) navigator.clipboard.writeText(text).then(() => said(true), () => said(false));
  else said(false);
}

// ---- commands, as a shell reads them ----

function quoteWord(word) {
  if (/^[A-Za-z0-9_./:=@%+,-]+$/.test(word)) return word;
  if (!/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/.test(word)) return "'" + word.replace(/'/g, "'\\''") + "'";
  const escaped = Array.from(new TextEncoder().encode(word), byte => byte < 32 || byte > 126 || byte === 39 || byte === 92 ? "\\x" + byte.toString(16).padStart(2, "0") : String.fromCharCode(byte));
  return "$'" + escaped.join("") + "'";
}
function repeatCommand(run) {
  const file = valueOf("file", run), path = file.startsWith("-") ? "./" + file : file;
  return `basin run ${quoteWord(path)} -o ${quoteWord("repeat-" + idOf(run))}`;
}
