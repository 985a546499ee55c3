// Questions to the daemon. An answer that is no success becomes a Problem: what was wrong, in which field, what to do.
import { ended, proof } from "./login.js";

export class Problem extends Error {
  constructor(status, body) {
    super(body.detail || body.title || String(status));
    Object.assign(this, { status, title: body.title || "", field: body.field || null });
  }
}

async function answerOf(got) {
  const text = await got.text(), kind = got.headers.get("content-type") || "";
  let body = {};
  try { if (kind.includes("json")) body = JSON.parse(text); } catch { /* cut off: told as what it is below */ }
  if (got.status === 401) await ended();
  if (!got.ok) throw new Problem(got.status, body);
  return kind.includes("json") ? body : text;
}

// arguments: {name: value}; what is null, undefined or "" is left out.
export function path(noun, args = {}) {
  const q = new URLSearchParams(Object.entries(args).filter(([, v]) => v !== null && v !== undefined && v !== ""));
  return `api/v1/${noun}${q.size ? `?${q}` : ""}`;
}

export async function ask(noun, args, signal) {
  return answerOf(await fetch(path(noun, args), { signal, headers: { accept: "application/json" } }));
}

// A command: it is answered when nothing can undo it any more. `seen` is the etag of what it replaces, as it was shown;
// `fresh`: there must be none yet.
export async function tell(noun, body, seen, fresh = false) {
  const head = { "content-type": "application/json", ...proof(), ...(seen ? { "if-match": seen } : {}), ...(fresh ? { "if-none-match": "*" } : {}) };
  return answerOf(await fetch(path(noun), { method: "POST", headers: head, body: JSON.stringify(body) }));
}
