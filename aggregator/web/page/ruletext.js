// A rule of alerts as its file has it, changed key by key: the rest of the text and its comments stay as they are. It knows
// lines and keys, not what they mean; whether the result is right is for the daemon to say.

const SIDES = ["above", "below", "norm"];
const isFlow = (text) => text.trimStart().startsWith("{");
const escaped = (key) => key.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
const inBraces = (key) => new RegExp(`([{,]\\s*["']?${escaped(key)}["']?\\s*:\\s*)([^,}\\n]*?)(\\s*[,}])`);
const inLine = (key) => new RegExp(`^(["']?${escaped(key)}["']?[ ]*:)([ ]*)(.*)$`);
// What stands behind a key: its value, and what follows it (blanks and a comment).
function parted(rest) {
  const inQuotes = rest.match(/^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(.*)$/);
  if (inQuotes) return [inQuotes[1], inQuotes[2]];
  const at = rest.search(/\s+#/);
  return at < 0 ? [rest.trimEnd(), ""] : [rest.slice(0, at), rest.slice(at)];
}

// Where the value of a key begins and ends between braces. What a quoted text says is no key and ends no value.
function flowValue(text, key) {
  const plain = text.replace(/(?<=[\s{,:[])("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')(?!\s*:)/g, (q) => "_".repeat(q.length)), m = plain.match(inBraces(key));
  return m && [m.index + m[1].length, m.index + m[1].length + m[2].length];
}

// A text in double quotes; what no file may hold as itself is an escape.
export const quoted = (text) => JSON.stringify(text).replace(/[\x7f-\x9f\ufeff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, "0")}`);

export function getKey(text, key) {
  if (isFlow(text)) {
    const at = flowValue(text, key);
    return at && text.slice(...at).trim();
  }
  for (const line of text.split("\n")) {
    const m = line.match(inLine(key));
    if (m) return parted(m[3])[0];
  }
  return null;
}

function setFlow(text, key, value) {
  const at = flowValue(text, key);
  if (at) return text.slice(0, at[0]) + value + text.slice(at[1]);
  return text.replace(/\s*}\s*$/, (end) => `, ${key}: ${value}${end}`);
}
// The line of a key; null as a value takes the line out. A new key follows the one named `behind`, else it is the last.
export function setKey(text, key, value, behind) {
  if (isFlow(text)) return setFlow(text, key, value);
  const lines = text.replace(/\n+$/, "").split("\n"), at = lines.findIndex((l) => inLine(key).test(l));
  if (at >= 0 && value === null) lines.splice(at, 1);
  else if (at >= 0) lines[at] = lines[at].replace(inLine(key), (_, k, gap, rest) => `${k}${gap || " "}${value}${parted(rest)[1]}`);
  else if (value !== null) {
    const after = lines.findIndex((l) => behind && inLine(behind).test(l));
    let to = after < 0 ? lines.length : after + 1;
    while (after >= 0 && to < lines.length && /^(\s|-)/.test(lines[to])) to++; // what belongs to that key
    lines.splice(to, 0, `${key}: ${value}`);
  }
  return `${lines.join("\n")}\n`;
}

// Lines [from, to) of each entry of the list `levels`; none: the rule has one level, as keys of its own.
function levelLines(lines) {
  const head = lines.findIndex((l) => inLine("levels").test(l)), out = [];
  if (head < 0) return out;
  for (let i = head + 1; i < lines.length && /^(\s|-|#|$)/.test(lines[i]); i++) {
    if (/^\s*-\s/.test(lines[i])) out.push([i, i + 1]);
    else if (out.length && lines[i].trim()) out.at(-1)[1] = i + 1;
  }
  return out;
}
function inLevel(text, i, how) {
  const lines = text.split("\n"), of = levelLines(lines)[i];
  if (!of) return null;
  return how(lines, of, lines.slice(...of).join("\n"));
}
const within = (key) => new RegExp(`((?:^|[\\s{,-])${escaped(key)}\\s*:\\s*)([^,}#\\n]*?)(\\s*(?:[,}#\\n]|$))`);
export const levelCount = (text) => (isFlow(text) ? 0 : levelLines(text.split("\n")).length);
export function getLevel(text, i, key) {
  if (!levelCount(text)) return getKey(text, key);
  return inLevel(text, i, (_, __, part) => part.match(within(key))?.[2].trim() ?? null);
}
export function setLevel(text, i, key, value) {
  if (!levelCount(text)) return setKey(text, key, value, key === "clear" ? SIDES.find((s) => getKey(text, s) !== null) : undefined);
  return inLevel(text, i, (lines, of, part) => {
    let made;
    if (within(key).test(part)) made = part.replace(within(key), (_, a, __, c) => a + value + c);
    else if (part.includes("{")) made = part.replace(/\s*}/, (end) => `, ${key}: ${value}${end}`);
    else made = `${part}\n${part.match(/^\s*-\s*/)[0].replace("-", " ")}${key}: ${value}`;
    return [...lines.slice(0, of[0]), made, ...lines.slice(of[1])].join("\n");
  });
}
// Which key is the threshold of a level; null: it has none (no_data, a drift without a limit).
export const sideOf = (text, i) => SIDES.find((s) => getLevel(text, i, s) !== null) ?? null;

// A threshold as files have it: 0.85 of "1" as "85 %"; rounded, for 0.1 + 0.2 is no threshold that anybody chose.
const round = (v) => Number(v.toPrecision(6));
export function amount(v, unit, perHour) {
  const number = String(round(unit === "1" ? v * 100 : v)), of = unit === "1" ? "%" : unit === "SE" ? "" : unit;
  return `${number}${of ? ` ${of}` : ""}${perHour ? "/h" : ""}`;
}
export const minutes = (ms) => `${round(ms / 60000)} min`;

// 1, 2 or 5 times a power of ten: about `parts` of them in the range.
export function stepOf(range, parts = 200) {
  const raw = range / parts, ten = 10 ** Math.floor(Math.log10(raw || 1));
  return [1, 2, 5, 10].map((k) => k * ten).find((s) => s >= raw * 0.999);
}
export const snap = (v, step) => round(Math.round(v / step) * step);

// As a file that a back-test takes.
export const asFile = (id, text) => `rules:\n  ${id}:\n${text.split("\n").map((l) => (l ? `    ${l}` : l)).join("\n")}`;
