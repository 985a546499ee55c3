// Elements, and showing a wanted list of them with as little change as possible: what stays keeps its focus,
// its selection and its open details. Knows nothing of plants.

const NS = "http://www.w3.org/2000/svg";

function make(node, props, children) {
  for (const [k, v] of Object.entries(props || {}))
    if (v !== undefined && v !== null && v !== false) node.setAttribute(k, v === true ? "" : v);
  for (const c of children.flat()) if (c !== null && c !== undefined && c !== "") node.append(c);
  return node;
}
export const el = (tag, props, ...children) => make(document.createElement(tag), props, children);
export const svg = (tag, props, ...children) => make(document.createElementNS(NS, tag), props, children);

function sync(have, want) {
  if (have.nodeType === Node.TEXT_NODE) {
    if (have.data !== want.data) have.data = want.data;
    return;
  }
  for (const a of [...have.attributes])
    if (!want.hasAttribute(a.name) && a.name !== "open") have.removeAttribute(a.name);
  for (const a of want.attributes) if (have.getAttribute(a.name) !== a.value) have.setAttribute(a.name, a.value);
  if (!want.hasAttribute("data-own")) show(have, [...want.childNodes]); // else another call shows its children
}

const keyOf = (n) => (n.nodeType === Node.ELEMENT_NODE ? n.getAttribute("data-key") : null);

// wanted: nodes, or {key, sig, make, touch, update}: made only when what was shown under the key had another sig, else
// touched. With `update` what is shown is never made again: it is updated instead.
export function show(parent, wanted) {
  const keyed = new Map();
  for (const n of parent.childNodes) if (keyOf(n)) keyed.set(keyOf(n), n);
  let at = parent.firstChild;
  for (const w of wanted) {
    const key = w.make ? w.key : keyOf(w);
    let have = key ? keyed.get(key) : at && !keyOf(at) ? at : null;
    if (key) keyed.delete(key);
    if (w.make && have && have.sig === w.sig) w.touch(have);
    else if (w.update && have) {
      w.update(have);
      have.sig = w.sig;
    } else {
      const node = w.make ? w.make() : w;
      if (w.make) node.setAttribute("data-key", w.key);
      if (have && have.nodeType === node.nodeType && have.nodeName === node.nodeName) sync(have, node);
      else {
        parent.insertBefore(node, have || at);
        if (have) {
          if (have === at) at = at.nextSibling;
          have.remove();
        }
        have = node;
      }
      have.sig = w.sig;
    }
    if (have === at) at = at.nextSibling;
    else parent.insertBefore(have, at);
  }
  while (at) {
    const next = at.nextSibling;
    at.remove();
    at = next;
  }
}
