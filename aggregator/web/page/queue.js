// What people enter while the plant can't be reached: kept in this browser with its keys, sent in order when it can, each
// counted once however often it is sent. What the plant refuses is told and not sent again. What one person entered is
// never sent as another's: it waits until they are here again.
import { Problem, tell } from "./ask.js";
import { freshKey } from "./forms.js";
import { me } from "./login.js";

const NAME = "entries", AGAIN_MS = 4000;
const read = () => { try { return JSON.parse(localStorage.getItem(NAME) || "[]"); } catch { return []; } };
function write(list) {
  try { localStorage.setItem(NAME, JSON.stringify(list)); return true; } catch { return false; }
}
let sending = false, timer = 0;

const mine = () => read().filter((x) => x.by === me());
const gone = (key) => write(read().filter((x) => x.entry.key !== key));
// Away, busy, or nobody is logged in any more: it is tried again.
const isLater = (problem) => !(problem instanceof Problem) || problem.status >= 500 || problem.status === 429 || problem.status === 401;

// Told of every change: {refused: {entry, status, message} or null, sent}.
export function queueOf(changed) {
  async function flush() {
    clearTimeout(timer);
    if (sending) return;
    sending = true;
    try {
      for (let next = mine()[0]; next; next = mine()[0]) {
        let refused = null;
        try { await tell("entries", next.entry, next.seen === "*" ? undefined : next.seen, next.seen === "*"); }
        catch (problem) {
          if (isLater(problem)) break;
          refused = { entry: next.entry, status: problem.status, message: problem.message };
        }
        gone(next.entry.key);
        changed({ refused, sent: !refused });
      }
    } finally { sending = false; }
    if (mine().length) timer = setTimeout(flush, AGAIN_MS);
    changed({ refused: null, sent: false });
  }
  return {
    // seen: the etag of what the entry replaces, "*": nothing stands there; undefined: it replaces nothing. False: this
    // browser keeps nothing, and the entry was not taken.
    add(entry, seen) {
      if (!write([...read(), { by: me(), seen, entry: { key: freshKey(), ...entry } }])) return false;
      flush();
      return true;
    },
    flush, get waiting() { return mine(); }, get others() { return [...new Set(read().filter((x) => x.by !== me()).map((x) => x.by))]; },
  };
}
