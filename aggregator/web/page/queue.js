// What people enter while the plant can't be reached: kept in this browser with its keys, sent in order when it can, each
// counted once however often it is sent. What the plant refuses is told and not sent again.
import { Problem, tell } from "./ask.js";
import { freshKey } from "./who.js";

const NAME = "entries", AGAIN_MS = 4000;
const read = () => { try { return JSON.parse(localStorage.getItem(NAME) || "[]"); } catch { return []; } };
function write(list) {
  try { localStorage.setItem(NAME, JSON.stringify(list)); return true; } catch { return false; }
}
let sending = false, timer = 0;

// Told of every change: {waiting, refused: {entry, message} or null, sent}.
export function queueOf(changed) {
  async function flush() {
    clearTimeout(timer);
    if (sending) return;
    sending = true;
    let list = read();
    try {
      while (list.length) {
        let refused = null;
        try { await tell("entries", list[0]); }
        catch (problem) {
          if (!(problem instanceof Problem) || problem.status >= 500 || problem.status === 429) break;
          refused = { entry: list[0], message: problem.message };
        }
        list = read().slice(1);
        write(list);
        changed({ waiting: list.length, refused, sent: !refused });
      }
    } finally { sending = false; }
    if (list.length) timer = setTimeout(flush, AGAIN_MS);
    changed({ waiting: list.length, refused: null, sent: false });
  }
  return {
    // False: this browser keeps nothing, and the entry was not taken.
    add(entry) {
      if (!write([...read(), { key: freshKey(), ...entry }])) return false;
      flush();
      return true;
    },
    flush, get waiting() { return read(); },
  };
}
