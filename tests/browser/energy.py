"""The energy officer's task from start to end: "this week we used 4 % more than expected, since the second day, on line 2,
mostly in standby", from the room alone."""
import datetime
import os
import subprocess

import least_squares
from rig import TOP, wait
from tasks import logged_in
from works import DAY_MS, REFERENCE, story_begin_ms, story_day

SCREENS = os.path.join(TOP, "build", "screens")
WEEK = range(REFERENCE, REFERENCE + 7)


def used(day, unit=None):
    return sum(sum(e) for u, e in story_day(day)[1].items() if unit in (None, u))


def fitted(unit=None):
    return least_squares.Fit([(24, story_day(d)[0]) for d in range(REFERENCE)], [used(d, unit) for d in range(REFERENCE)])


def more(unit=None):
    fit = fitted(unit)
    return float(sum(used(d, unit) - fit.expect((24, story_day(d)[0])) for d in WEEK))


def choose(b, name, value):
    """As people do with the keyboard: the field is focussed, its value changes."""
    b.js("""const at = document.querySelector(`select[name=${arguments[0]}]`); at.focus(); at.value = arguments[1];
        at.dispatchEvent(new Event('change', { bubbles: true }));""", name, value)


def said(b):
    return b.js("return document.querySelector('.statement')?.textContent ?? ''")


def cells(b, key):
    return b.js("""return [...document.querySelectorAll(`[data-key=${arguments[0]}] :not(.u-legend) > tbody > tr`)].map((r) => [...r.children].map((c) => c.textContent))""", key)


def tool(site, *words):
    return subprocess.run([site.program("plantbus"), *words, "--socket", site.path("sock")], capture_output=True, text=True, timeout=30, check=True)


def officer(t, b, site):
    site.told()
    share = more() / float(sum(used(d) for d in WEEK) - more())
    second = story_begin_ms() + (REFERENCE + 1) * DAY_MS
    tool(site, "enter", "note", "m2", "door seal worn", "--at", iso(second + DAY_MS // 2), "--who", "maintenance")
    b.open(site.url("lang=en&node=hall"))
    b.until("the way to the room", "document.querySelector('[data-room=energy]')")
    b.js("document.querySelector('[data-room=energy]').click()")
    b.until("the room asks which baseline", "document.querySelector('select[name=base]')", seconds=20)
    choose(b, "base", "28")
    b.until("it answers", "document.querySelector('.statement')", seconds=20)
    answer, when = said(b), b.js("return new Intl.DateTimeFormat('en', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' }).format(arguments[0])", second)
    t.equal("the four of the story", f"{100 * share:.0f}", "4")
    for what, words in (("how much", f"{100 * share:.2f} % more than expected (+{more():.0f} kWh"), ("since when", f"since {when}"),
                        ("where", f"on Line 2 (+{more('m2'):.0f} kWh)"), ("in which state", "mostly in standby (+216 kWh)")):
        t.check(f"the answer: {what}", words in answer, f"{answer} has no {words}")
    t.equal("the verdict", b.js("return document.querySelector('[data-key=model] [data-verdict]').dataset.verdict"), "usable")
    table = {r[0].strip(" ·"): r for r in cells(b, "answer")}
    t.equal("the table: the whole", (table["Hall"][1], table["Hall"][3]), (f"{sum(used(d) for d in WEEK):,} kWh", f"+{more():.0f} kWh"))
    b.until("the chart of CUSUM", "document.querySelector('[data-key=cusum] canvas')")
    rows = cells(b, "cusum")
    t.equal("CUSUM: a row a day, its end", (len(rows), rows[-1][4]), (7, f"+{more():.0f} kWh"))
    t.check("CUSUM: the note stands at its day", "Oven: door seal worn (maintenance)" in rows[1][7], rows[1][7])
    t.check("CUSUM: the alarm stands at the end", rows[-1][7].startswith("Drift alarm: overuse"), rows[-1][7])
    t.equal("scatter: the reference and the week", len(cells(b, "scatter")), REFERENCE + 7)
    b.picture(SCREENS + "/energy-officer.png", whole=True)
    meters(t, b)
    unusable(t, b)
    by_the_frozen(t, b, site, share)
    noted(t, b, site)


def meters(t, b):
    """Of today there is nothing; over the week the main meter tells 2 kWh a quarter more: 7 x 96 x 2 = 1344 kWh."""
    b.js("document.querySelector('[data-do=period][data-value=days7]').click()")
    b.until("the balance of the week", "document.querySelector('[data-key=balance] .value')", seconds=20)
    head = b.js("return [...document.querySelectorAll('[data-key=balance] > p')].map((p) => p.textContent).join(' ')")
    days = 6  # of the last seven the six that are over
    main = sum(used(d) for d in list(WEEK)[1:]) + days * 192
    t.check("balance: what nothing explains", f"{100 * days * 192 / main:.1f} % {days * 192:,} kWh not explained" in head, head)
    t.check("balance: how much of the time", f"True of {days * 24} h of" in head, head)
    rows = {r[0]: r for r in cells(b, "balance")}
    t.equal("balance: the main meter", rows["Grid meter (main meter)"][2], f"{main:,} kWh")
    sums = [float(next(r[2] for name, r in rows.items() if name.startswith(x)).replace(",", "").split()[0]) for x in ("Through the main meter", "Sum of the meters", "Not explained")]
    t.check("balance: its last rows are of the same time", abs(sums[0] - sums[1] - sums[2]) <= 1, sums)  # each is rounded
    peak = b.js("return document.querySelector('[data-key=load] dd').textContent")
    t.check("load: the highest quarter", "kW, " in peak, peak)
    t.check("the map by quarters", b.js("return document.querySelectorAll('rect.heat:not(.none)').length") == days * 96)


def unusable(t, b):
    """Nothing is expected by a baseline that explains nothing."""
    choose(b, "driver", "none")
    b.until("it says so", "document.querySelector('[data-verdict=unusable]')", seconds=20)
    words = b.js("return document.querySelector('[data-verdict=unusable]').textContent")
    t.check("why", words.startswith("Not usable: no savings and no overuse are told (judged by R² and significance): R² 0 is under 0.75"), words)
    t.equal("no answer, no CUSUM", b.js("return [!!document.querySelector('.statement'), !!document.querySelector('[data-key=cusum]')]"), [False, False])
    choose(b, "driver", "gq")
    b.until("usable again", "document.querySelector('.statement')", seconds=20)


def by_the_frozen(t, b, site, share):
    """A baseline that somebody froze is the one in use."""
    begin = story_begin_ms()
    tool(site, "energy", "baseline", "hall", "--driver", "gq", "--from", iso(begin), "--to", iso(begin + REFERENCE * DAY_MS),
         "--freeze", site.path("baselines/hall-2026.baseline"), "--who", "E. Officer", "--why", "four good weeks")
    tool(site, "reload")
    b.open(site.url("lang=vi&room=energy&node=hall&theme=dark"))
    b.until("the frozen one is used", "document.querySelector('.statement') && document.querySelector('select[name=base]').selectedOptions[0].textContent.includes('hall-2026')", seconds=20)
    b.until("who and why", "document.querySelector('[data-key=model] .facts').textContent.includes('E. Officer: four good weeks')")
    vi = said(b)
    t.check("the same in Vietnamese", f"nhiều hơn dự kiến {100 * share:.2f}".replace(".", ",") in vi and "tại Line 2" in vi and "chủ yếu khi chạy không" in vi, vi)
    b.size(390, 1200)
    b.until("a phone is not broken by it", "document.documentElement.scrollWidth === 390")  # charts follow in the next frame
    b.size(1280, 860)


def noted(t, b, site):
    """Who looks after the energy writes on the curve what it was; who is not logged in is not asked."""
    t.equal("nobody is offered a note", b.js("return document.querySelectorAll('form[data-do=note]').length"), 0)
    site.person("eva", "energy", "Eva", "a password of eva 1")
    logged_in(b, "eva", "a password of eva 1")
    b.open(site.url("lang=en&room=energy&node=hall"))
    b.until("she is", "document.querySelector('form[data-do=note]')", seconds=20)
    day = b.js("""const f = document.querySelector('form[data-do=note]'); f.elements.unit.value = 'm2'; f.elements.day.selectedIndex = 1;
        f.elements.note.value = 'seal replaced'; f.requestSubmit(); return Number(f.elements.day.value);""")
    got = wait("the note is entered", lambda: [e for e in site.get("/api/v1/entries?unit=m2&limit=20")["entries"] if e["who"] == "eva"])
    t.equal("of the day, at the machine", [(e["kind"], e["note"], e["from_ms"]) for e in got], [("note", "seal replaced", day + DAY_MS // 2)])
    b.until("it stands on the curve", "[...document.querySelectorAll('[data-key=cusum] tbody tr')].at(-1).textContent.includes('Oven: seal replaced (eva)')", seconds=10)


def iso(ms):
    return datetime.datetime.fromtimestamp(ms / 1000, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
