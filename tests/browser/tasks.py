"""What people come to the page for, beside the shift's entries: a norm's evidence, the cause of a stop, handing over on
paper, what is offered to whom."""
import base64
import datetime
import os
import re
import subprocess

from rig import TOP, wait

NORM = os.path.join(TOP, "aggregator", "core", "norm")
FINGER_PX = 44  # WCAG 2.1, 2.5.5


def logged_in(b, user, password):
    b.js("""window.entered = 0; const [user, password] = arguments;
            import('/login.js').then((m) => m.post('login', {user, password})).then((a) => { window.entered = a[0]; })""", user, password)
    b.until("logged in", "window.entered === 200", seconds=15)


def source(name):
    with open(os.path.join(NORM, name), encoding="utf-8") as f:
        return f.read()


def norm_words(t, b, site):
    """Whatever the ledger and its reviews can say has words of both languages."""
    b.open(site.url("lang=en"))
    fields, values, reasons = b.js("return import('/norm_words.js').then((m) => [m.FIELDS, m.VALUES, m.REASONS])")
    keys = set(re.findall(r'(?:ROW|WORDS|MAP|LIST)\(\s*"([a-z_]+)"|ITEM\(\w+, "([a-z_]+)"|\.key = "([a-z_]+)"', source("field_table.c")))
    keys = {k for found in keys for k in found if k}
    t.check("fields of a norm", len(keys) > 50, str(len(keys)))
    t.equal("fields without a word", sorted(keys - set(fields)), [])
    named = re.findall(r"\*const (kinds|bases|methods|conditions|choices)\[\w+\] = \{(.*?)\}", source("norm.c"), re.S)
    said = {w for _, words in named for w in re.findall(r'"([a-z_]+)"', words)}
    t.equal("lists of words", len(named), 5)
    t.equal("values without a word", sorted(said - set(values)), [])
    told = re.search(r"text\[REVIEW_REASONS\] = \{(.*?)\};", source("review.c"), re.S).group(1)
    t.equal("reasons of reviews", sorted(re.findall(r'"([^"]+)"', told)), sorted(reasons))
    t.equal("words that are missing", [k for k, v in {**fields, **values}.items() if len(v) != 2 or not all(v)] + [k for k, v in reasons.items() if not v], [])


# Five shifts of a machine, worked by hand: mean 2.0, the two under it have the mean 1.5, the advanced average is theirs and the
# mean's: 1.75; of the norm of 2 that is 12.5 % less.
SUGGEST = """const [lang] = arguments, each = [1, 2, 2, 2, 3].map((value, i) => ({ node: "m", product: "a", team: "red", start_ms: i * 28800000, value }));
const suggest = { node: "m", indicator: "energy_per_good", unit: "kWh", verdict: "ok", command: null, observations: { used: 5, dropped: { no_data: 3, tiny: 0, condition: 4 }, each },
  proposal: { value: 1.75, mean: 2, best: 1, best_sustained: 1.2, growth: null, reach: 0.2, reach_now: 0.8, teams: 1, periods: 1, tightens: true },
  norm: { id: "n", value: 2 }, references: [], trial: { teams: [] } };
const s = { lang, zone: "UTC", now: 1e9, place: "m", plant: { nodes: [{ id: "m", name: "M" }], products: [] }, arg: (k) => ({ tab: "propose", indicator: "energy_per_good" })[k] };
return import("/norms.js").then((m) => { const box = document.createElement("div"); box.append(...m.draw(s, { suggest, indicators: [] }, {}));
  return { text: box.textContent, bars: [...box.querySelectorAll(".scale rect.bin")].map((n) => n.nextSibling ? n.nextSibling.textContent : ""), marks: [...box.querySelectorAll(".scale line[y1]")].length, rows: box.querySelectorAll(".as-table tbody tr").length }; });"""


def evidence(t, b, site):
    """A proposal is drawn over the shifts that it rests on; what was left out is told."""
    b.open(site.url("lang=en"))
    got = b.js(SUGGEST, "en")
    t.equal("shifts by figure", got["bars"], ["1", "3", "1"])
    t.equal("each in the table", got["rows"], 5)
    t.equal("mean, advanced, best, in force and the axis", got["marks"], 5)
    for words in ("Tighter than what holds now, by 12.5 %", "Advanced average 1.75 kWh", "Left out: 7", "conditions not held4"):
        t.check(words, words in got["text"], got["text"])
    t.check("in Vietnamese", "Chặt hơn mức hiện hành 12,5 %" in b.js(SUGGEST, "vi")["text"], b.js(SUGGEST, "vi")["text"])
    # Two early shifts of 1 of 2 h and 3 of 4 h: 4 of 6 h, not the mean of 50 and 75 %; a third is known too little.
    means = b.js("""const w = (h, n, d, coverage) => ({ start: `2026-01-0${h}T06:00:00Z`, indicators: { u: { value: n / d, numerator: n, denominator: d, coverage, unit: "1" } } });
        return import('/shifts.js').then((m) => m.meansByBegin({ lang: "en", zone: "UTC" }, [w(1, 1, 2, 1), w(2, 3, 4, 1), w(3, 9, 9, 0.5)], ["u"]))""")
    t.equal("means are of sums", [(m["name"], m["n"], round(m["of"]["u"]["value"], 6)) for m in means], [("06:00", 2, 0.666667)])


TAKE = """const told = [], form = document.createElement("form"); form.innerHTML = "<input name=why value=because><input name=from value=2026-02-01>";
const room = { local: {}, data: { suggest: { command: { action: "propose", id: "x", set: { indicator: "oee", value: "0.5", from: "2026-01-01" } } } }, tell: async (noun, body) => { told.push([noun, body.action, body.why, body.set]); }, again() {} };
return import("/norms.js").then((m) => m.act.take({}, form, room)).then(() => told);"""
# Half a day, ten seconds of a stop, the rest of the day: of a day's 1,000 ten seconds are a ninth, of an hour's almost three.
BANDS = """const day = 86400000, piece = (from_ms, to_ms, category) => ({ from_ms, to_ms, category, cause: null, reason: null });
const pieces = [piece(0, day / 2, "production"), piece(day / 2, day / 2 + 10000, "delay"), piece(day / 2 + 10000, day, "production")], s = { lang: "en", zone: "UTC" };
return import("/gantt.js").then((m) => [m.gantt(s, "t", pieces, 0, 8 * day), m.gantt(s, "t", pieces, day / 2, day / 2 + 3600000)].map((n) => n.querySelectorAll("rect[class^=s-]").length));"""

# One alert in a card of each width from a phone's to a wide one's, while it grows old and its value comes and goes.
AGEING = """const at = 1767225600000, ages = [9, 10, 89, 90, 600, 5399, 36000], plant = { nodes: [{ id: "m", name: "Mill", level: "site" }] };
return import("/alerts.js").then((m) => { const box = document.createElement("div"), moved = [];
  box.className = "room"; document.querySelector("main").append(box);
  for (const lang of ["en", "vi"]) for (let wide = 340; wide <= 900; wide += 14) {
    box.style.width = `${wide}px`;
    const heights = new Set(ages.flatMap((age, i) => { const s = { lang, zone: "UTC", now: at + age * 1000, place: "m", plant, arg: () => null };
      const a = { rule: "r", node: "m", name: "Power of the hall jumps", node_name: "Mill", state: "returned_unacknowledged", severity: "info", since: new Date(at).toISOString(), subject: "power", value: i % 2 ? null : 162.9, unit: "kW/h", threshold: 120 };
      box.replaceChildren(...m.draw(s, { list: { alerts: [a] } }, {}));
      return [box.querySelector("article").getBoundingClientRect().height]; }));
    if (heights.size > 1) moved.push([lang, wide, [...heights]]);
  }
  box.remove();
  return moved; });"""

# Two hours, one that was never told, and the one that runs, told until half past: each as long as it is, nothing in between.
STEPS = """const hour = 3600000, iso = (h) => new Date(h * hour).toISOString(), w = (h, v) => ({ start: iso(h), end: iso(h + 1), v });
return import("/curve.js").then((m) => m.steps(4.5 * hour, [w(0, 1), w(1, 2), w(4, 3)], (x) => [x.v], 1, [0, 6 * hour], 100)).then(([xs, ys]) => xs.map((x, i) => [Math.round(x / 36) / 100, ys[i]]));"""


def pure(t, b, site):
    """What a suggestion's fields become when it is taken; how much of a machine's life is drawn; an alert's card."""
    b.open(site.url("lang=en"))
    t.equal("taken as it was suggested, from the day that was chosen", b.js(TAKE), [["norms", "propose", "because", {"indicator": "oee", "value": "0.5", "from": "2026-02-01"}]])
    t.equal("bands of a week, bands of an hour", b.js(BANDS), [1, 2])
    t.equal("a curve of windows", b.js(STEPS), [[0, None], [0, 100], [1, 200], [2, 200], [2, None], [4, 300], [4.5, 300], [4.5, None], [6, None]])
    t.equal("an alert's card keeps its height while it stands there", b.js(AGEING), [])


def machine(t, b, demo):
    """Who may, states the cause of a stop at the machine's own page; who may not is not asked."""
    b.js("import('/login.js').then((m) => m.post('logout', {}))")
    b.open(demo.url("lang=en&room=unit&node=press-1&period=days7"))
    b.until("the stops are listed", "document.querySelector('#room [data-key=newest] tbody tr')", seconds=20)
    t.equal("nobody is offered a cause", b.js("return document.querySelectorAll('#room [data-do=stop], #room [name=mark]').length"), 0)
    t.check("records are told, or why there are none", b.js("return document.querySelector('#room').textContent").count("No record in the last 90 days") == 1)
    demo.person("olga", "operator", "Olga", "a password of olga 1")
    logged_in(b, "olga", "a password of olga 1")
    b.open(demo.url("lang=en&room=unit&node=press-1&period=days7"))
    b.until("causes may be stated", "document.querySelectorAll('#room [data-do=stop]').length > 1", seconds=20)
    b.js("document.querySelectorAll('#room [data-do=stop]')[1].click()")
    b.until("the form is open", "document.querySelector('#room form[data-do=cause] [value=material]')")
    at = b.js("return Number(document.querySelector('#room [data-do=stop][aria-expanded=true]').closest('tr').querySelector('[name=mark]').value)")
    b.js("document.querySelector('#room form[data-do=cause] [value=material]').click()")
    got = wait("the cause is entered", lambda: [e for e in demo.get("/api/v1/entries?unit=press-1&limit=20")["entries"] if e["kind"] == "cause" and e["who"] == "olga"])
    t.equal("of the stop, from its begin", [(e["text"], e["from_ms"]) for e in got], [("material", at)])
    b.until("it is said", "document.querySelector('#room [data-key=newest] [role=status]')")
    demo.person("uli", "operator", "Uli", "a password of uli 1", area="utilities")
    logged_in(b, "uli", "a password of uli 1")
    b.open(demo.url("lang=en&room=shift&node=weld-1"))
    b.until("the shift is on", "document.querySelector('#room [data-do=print]')", seconds=15)
    t.equal("nothing is offered outside one's area", b.js("return document.querySelectorAll('#room form, #room [data-do=stop], #room [data-do=void]').length"), 0)
    t.check("and it says why", "This place is not in your area." in b.js("return document.querySelector('#room').textContent"))


def utc(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def planners(t, b, demo):
    """Two plan the same shift: the second one is told whose plan stands there by now, and replaces nothing unseen."""
    demo.person("pia", "engineer", "Pia", "a password of pia 1")
    logged_in(b, "pia", "a password of pia 1")
    b.open(demo.url("lang=en&room=shift&node=pack-1"))
    b.until("one may plan", "document.querySelector('[data-key=board] [data-value=plan]')", seconds=15)
    b.js("document.querySelector('[data-key=board] [data-value=plan]').click()")
    b.until("the form is open", "document.querySelector('form[data-do=plan]')")
    b.js("window.away = true; Object.defineProperty(document, 'hidden', { configurable: true, get: () => window.away })")  # it asks for nothing meanwhile
    w = demo.get("/api/v1/units/pack-1")["head"]["windows"]["shift"]
    subprocess.run([demo.program("plantbus"), "enter", "plan", "pack-1", "1500", "--from", utc(w["start_ms"]), "--to", utc(w["end_ms"]), "--who", "office", "--socket", demo.path("sock")],
                   check=True, timeout=30, stdout=subprocess.DEVNULL)
    give = "window.away = false; const f = document.querySelector('form[data-do=plan]'); f.elements.value.value = arguments[0]; f.requestSubmit()"
    b.js(give, "1600")
    said = b.until("the second one is told", "document.querySelector('#room > .problem[role=alert]')?.textContent")
    t.equal("whose plan stands there by now", said, "Your plan of 1,600 is not taken: office has planned 1,500 meanwhile. Look at it, then enter yours again.")
    t.check("and sees it", "of 1,500 planned" in b.js("return document.querySelector('[data-key=board]').textContent") and "Planned by office." in b.js("return document.querySelector('[data-key=board]').textContent"))
    b.js("document.querySelector('[data-key=board] [data-value=plan]').click()")
    b.until("the form is open again", "document.querySelector('form[data-do=plan]')")
    b.js(give, "1600")
    b.until("who has seen it plans anew", "document.querySelector('#room > .mark.ok[role=status]') && document.querySelector('[data-key=board]').textContent.includes('Planned by pia.')")


def logged_out(t, b, demo):
    """A session that ends elsewhere: what is entered then waits for whose it is, and the page says so."""
    b.open(demo.url("lang=en&room=shift&node=press-1"))
    b.until("one may note", "document.querySelector('form[data-do=note]')", seconds=15)
    subprocess.run([demo.program("plantbus"), "user", "logout", "pia", "--socket", demo.path("sock")], check=True, timeout=30, stdout=subprocess.DEVNULL)
    b.js("const f = document.querySelector('form[data-do=note]'); f.elements.note.value = 'die 3 is new'; f.requestSubmit()")
    b.until("nobody is logged in", "document.getElementById('account').textContent === 'Log in'")
    b.until("it waits, and for whom", "document.querySelector('#room').textContent.includes('Entries of pia wait in this browser until they log in here.')")
    b.until("nothing is offered", "document.querySelectorAll('#room form').length === 0")
    logged_in(b, "pia", "a password of pia 1")
    b.open(demo.url("lang=en&room=shift&node=press-1"))
    wait("it is entered", lambda: [e for e in demo.get("/api/v1/entries?unit=press-1&limit=5")["entries"] if e["note"] == "die 3 is new" and e["who"] == "pia"])
    b.until("nothing waits", "localStorage.getItem('entries') === '[]'")


OFFERED = """const s = { lang: "en", place: "site", plant: { nodes: [{ id: "site", parent: null }, { id: "a", parent: "site" }] } }, of = [["draft", null], ["proposed", "pia"], ["proposed", "x"], ["submitted", "x"], ["approved", "pia"]];
return import("/norms.js").then((m) => of.map(([state, proposed_by]) => m.offered(s, { fields: { state, proposed_by, scope: { node: "a" } } }).join(" ")));"""


def steps_of_norms(t, b, demo):
    """Who proposes takes back what is not approved yet, and decides on nothing; an approver decides on what others proposed."""
    b.open(demo.url("lang=en"))
    b.until("she is known", "document.getElementById('account').textContent === 'Pia'")
    t.equal("who may propose", b.js(OFFERED), ["propose withdraw", "trial submit withdraw", "trial submit", "consult publish", ""])
    demo.person("apo", "approver", "Apo", "a password of apo 1", area="hall-1")
    logged_in(b, "apo", "a password of apo 1")
    b.open(demo.url("lang=en"))
    b.until("he is known", "document.getElementById('account').textContent === 'Apo'")
    t.equal("an approver outside his area", b.js(OFFERED), [""] * 5)
    everywhere = OFFERED.replace('"site"', '"hall-1"').replace('"a"', '"line-a"')
    t.equal("an approver", b.js(everywhere.replace('"pia"', '"apo"')), ["propose withdraw", "trial submit withdraw", "answer decline trial submit return withdraw",
                                                                        "approve return consult publish withdraw", "withdraw"])


def paper(t, b, demo):
    """Open points go on to who comes; the report is one sheet; fingers find what they press."""
    logged_in(b, "red", "a password of red 1")
    b.size(390, 1200)
    b.open(demo.url("lang=vi&theme=dark&room=shift&node=weld-1"))
    b.until("handing over", "document.querySelector('form[data-key=hand] textarea')", seconds=15)
    t.equal("what is open stands there to go on", b.js("return document.querySelector('form[data-key=hand] textarea').value"), "order 7 is short")
    b.js("document.querySelector('#room [data-do=keep]').click()")
    t.equal("a note goes on, too", b.js("return document.querySelector('form[data-key=hand] textarea').value"), "order 7 is short\ngun 2 is worn")
    small = b.js("""return [...document.querySelectorAll('#room button, #room input:not([type=checkbox]), #room select, #room summary, #room .check')].filter((n) => n.checkVisibility())
        .map((n) => [n.textContent, Math.round(n.getBoundingClientRect().width), Math.round(n.getBoundingClientRect().height)]).filter((x) => Math.min(x[1], x[2]) < arguments[0])""", FINGER_PX)
    t.equal("smaller than a fingertip", small, [])
    t.equal("width of a phone", b.js("return document.documentElement.scrollWidth"), 390)
    pdf = base64.b64decode(b.printed())
    t.equal("sheets of paper", len(re.findall(rb"/Type\s*/Page\b", pdf)), 1)
    b.devtools("Emulation.setEmulatedMedia", media="print")
    t.equal("black on white", b.js("return [getComputedStyle(document.body).backgroundColor, getComputedStyle(document.body).color]"), ["rgb(255, 255, 255)", "rgb(0, 0, 0)"])
    t.check("signed by both", b.js("return [...document.querySelectorAll('.signed p')].map((n) => n.textContent)") == ["Tổ giao ca: red", "Tổ nhận ca: "])
    b.devtools("Emulation.setEmulatedMedia", media="")
    b.size(1280, 860)


def beside(t, b, demo):
    """Beside each class's figure its last hours and its age; beside the machines the shift's plan."""
    b.open(demo.url("lang=en"))
    b.until("the last hours are drawn", "document.querySelectorAll('.card .trend path').length === 4", seconds=15)
    t.equal("each says its age", b.js("return [...document.querySelectorAll('.card dt')].filter((n) => n.textContent === 'Data age').length"), 4)
    plan = b.until("the plan", "document.querySelector('[data-plan=pack-1]')?.textContent")
    t.check("of the machine that puts out", re.fullmatch(r"Pack 1[\d,]+ of [\d,]+, [\d,]+ (behind|ahead)", plan) is not None, plan)
