// Who is here: logging in and out, a password by a one-time link, who acts at a shared station. Whoever they
// are then, the page begins anew: nothing that was shown to somebody else stays.
import { el } from "./dom.js";

const texts = {
  en: { login: "Log in", logout: "Log out", user: "User", password: "Password", again: "Password once more", old: "Password so far",
    fresh: "New password", set: "Set password", change: "Change password", pin: "PIN", act: "Act as", done: "Done", close: "Close",
    welcome: "Choose a password: 10 characters at least. This link holds once.", differ: "These are two passwords.", station: "Shared station",
    wait: (s) => `Too many wrong tries. The next one in ${s} s.`, wrong: "User or password is not right.", wrongPin: "User or PIN is not right.",
    gone: "This link does not hold any more. Ask for another one.", unheard: "No answer. Try again.", makePin: "Set PIN",
    newPin: "PIN, 4 to 12 digits", saved: "Saved.", roles: "Roles" },
  vi: { login: "Đăng nhập", logout: "Đăng xuất", user: "Tên đăng nhập", password: "Mật khẩu", again: "Nhập lại mật khẩu", old: "Mật khẩu hiện tại",
    fresh: "Mật khẩu mới", set: "Đặt mật khẩu", change: "Đổi mật khẩu", pin: "Mã PIN", act: "Người thao tác", done: "Xong", close: "Đóng",
    welcome: "Chọn mật khẩu, ít nhất 10 ký tự. Liên kết này chỉ dùng được một lần.", differ: "Hai mật khẩu không giống nhau.", station: "Trạm dùng chung",
    wait: (s) => `Sai quá nhiều lần. Thử lại sau ${s} giây.`, wrong: "Tên đăng nhập hoặc mật khẩu không đúng.", wrongPin: "Tên đăng nhập hoặc mã PIN không đúng.",
    gone: "Liên kết này không còn hiệu lực. Hãy xin liên kết khác.", unheard: "Không có trả lời. Hãy thử lại.", makePin: "Đặt mã PIN",
    newPin: "Mã PIN, 4 đến 12 chữ số", saved: "Đã lưu.", roles: "Vai trò" },
};
const roles = {
  vi: { viewer: "xem", operator: "vận hành", team_leader: "tổ trưởng", energy: "năng lượng", engineer: "kỹ sư", approver: "phê duyệt", administrator: "quản trị" },
  en: { team_leader: "team leader" },
};

let session = null, button = null, dialog = null, language = () => "en", link = null;
const t = () => texts[language()];
export const may = (right) => session !== null && session.rights.includes(right);
// The same at a place of the plant: who has areas acts in them alone.
export function mayAt(right, s, place = s.place) {
  if (!may(right)) return false;
  const areas = session.areas || [];
  for (let n = s.plant.nodes.find((x) => x.id === place); n; n = s.plant.nodes.find((x) => x.id === n.parent)) if (areas.includes(n.id)) return true;
  return areas.length === 0;
}
// Under whose name what they do is written down; null: nobody is logged in.
export const me = () => (session && session.known && session.user ? session.user : null);
export const proof = () => (session && session.csrf ? { "X-Plantbus-CSRF": session.csrf } : {});

// What every command of the page goes through: [status, answer, seconds to wait].
export async function post(noun, body) {
  try {
    const got = await fetch(`api/v1/${noun}`, { method: "POST", body: JSON.stringify(body), headers: { "Content-Type": "application/json", ...proof() } });
    return [got.status, await got.json().catch(() => ({})), Number(got.headers.get("Retry-After")) || 0];
  } catch {
    return [0, {}, 0];
  }
}

const field = (name, label, props) => el("label", {}, el("span", {}, label), el("input", { name, required: true, ...props }));
const secret = (name, label, auto) => field(name, label, { type: "password", autocomplete: auto, maxlength: 256 });
const said = (form, text, good) => { const p = form.querySelector(".said"); p.textContent = text; p.classList.toggle("good", good === true); };

// One form: fields, what is sent, what becomes of it.
function form(label, fields, send) {
  const f = el("form", { novalidate: true }, ...fields, el("p", { class: "said", role: "alert" }), el("button", { type: "submit", class: "main" }, label));
  f.addEventListener("submit", async (e) => {
    e.preventDefault();
    const missing = [...f.querySelectorAll("input")].find((i) => i.required && !i.value);
    if (missing) { missing.focus(); return; }
    const go = f.querySelector("button");
    go.disabled = true;
    await send(Object.fromEntries([...f.querySelectorAll("input")].map((i) => [i.name, i.value])), f);
    go.disabled = false;
  });
  return f;
}
function refused(f, [status, answer, wait], words) {
  said(f, status === 429 ? t().wait(wait) : status === 401 ? words : answer.detail || t().unheard);
  const last = f.querySelector("input[type=password]");
  last.value = "";
  last.focus();
}
const begin = () => location.reload();

const loginForm = () => form(t().login, [field("user", t().user, { autocomplete: "username", autocapitalize: "none", spellcheck: "false" }),
  secret("password", t().password, "current-password")], async ({ user, password }, f) => {
  const got = await post("login", { user: user.trim(), password });
  if (got[0] === 200) begin();
  else refused(f, got, t().wrong);
});
const welcomeForm = () => form(t().set, [el("p", {}, t().welcome), secret("password", t().fresh, "new-password"), secret("again", t().again, "new-password")],
  async ({ password, again }, f) => {
    if (password !== again) { said(f, t().differ); return; }
    const got = await post("welcome", { link, password });
    if (got[0] !== 200) { refused(f, got, t().gone); return; }
    link = null;
    await post("login", { user: got[1].user, password });
    begin();
  });
const changeForm = () => form(t().change, [secret("old", t().old, "current-password"), secret("password", t().fresh, "new-password"),
  secret("again", t().again, "new-password")], async ({ old, password, again }, f) => {
  if (password !== again) { said(f, t().differ); return; }
  const got = await post("password", { old, password });
  if (got[0] === 200) begin();
  else refused(f, got, t().wrong);
});
const pinForm = () => form(t().makePin, [secret("password", t().password, "current-password"),
  field("pin", t().newPin, { type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12 })], async (body, f) => {
  const got = await post("pin", body);
  if (got[0] === 200) { f.reset(); said(f, t().saved, true); } else refused(f, got, t().wrong);
});
const actForm = () => form(t().act, [field("user", t().user, { autocomplete: "off", autocapitalize: "none", spellcheck: "false" }),
  field("pin", t().pin, { type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12 })], async ({ user, pin }, f) => {
  const got = await post("station", { user: user.trim(), pin });
  if (got[0] === 200) begin();
  else refused(f, got, t().wrongPin);
});

const action = (label, run) => { const b = el("button", { type: "button" }, label); b.addEventListener("click", run); return b; };
function content() {
  const s = session, names = roles[language()] || {};
  if (link) return [t().set, [welcomeForm()]];
  if (!s || !s.known) return [t().login, [loginForm()]];
  if (s.station && !s.user) return [`${t().station}: ${s.station}`, [actForm()]];
  const end = s.station ? action(t().done, async () => { await post("station", {}); begin(); })
    : action(t().logout, async () => { await post("logout", {}); begin(); });
  const who = s.roles.length ? el("p", {}, `${t().roles}: ${s.roles.map((r) => names[r] || r).join(", ")}`) : null;
  const own = s.user && !s.station ? [changeForm(), pinForm()] : [];
  return [s.name, [who, end, ...own.map((f) => el("details", {}, el("summary", {}, f.querySelector("button[type=submit]").textContent), f))].filter(Boolean)];
}

export function draw() {
  if (!button) return;
  button.textContent = session && session.known ? session.name : t().login;
  button.setAttribute("aria-haspopup", "dialog");
}
export function open() {
  const [title, parts] = content();
  dialog.replaceChildren(el("h2", { id: "door-title" }, title), ...parts, action(t().close, () => dialog.close()));
  if (!dialog.open) dialog.showModal();
  (dialog.querySelector("input") || dialog.querySelector("button")).focus();
}

// A session that held has ended (elsewhere, or by its age): who is here now is asked, and the page says so.
export async function ended() {
  try {
    const got = await fetch("api/v1/session");
    if (got.ok) session = await got.json();
  } catch { /* the next one that is refused asks again */ }
  draw();
}

// A link's secret leaves the address at once: it must stand in no history.
function takeHash() {
  const [, kind, value] = location.hash.match(/^#(welcome|token)=([0-9a-z_]+)$/) || [];
  if (kind) history.replaceState(null, "", location.pathname + location.search);
  return [kind, value];
}
// Finds out who is here; true: they may look.
export async function arrive(at, door, lang) {
  [button, dialog, language] = [at, door, lang];
  const [kind, value] = takeHash();
  onhashchange = () => { if (/^#(welcome|token)=/.test(location.hash)) begin(); };
  if (kind === "token") await post("login", { token: value });
  if (kind === "welcome") link = value;
  const got = await fetch("api/v1/session");
  if (!got.ok) throw new Error(String(got.status));
  session = await got.json();
  draw();
  if (link || !may("view")) open();
  return may("view") && !link;
}
