"""The calendar as boundaries on the absolute time line. All shifts of the days in question are laid out first;
where two meet, the one that began later rules."""
import datetime
from collections import namedtuple
from zoneinfo import ZoneInfo

MINUTE = 60000
HOUR = 3600000
DAY = 86400000
OFF, WORK, BREAK, PLANNED = "off", "work", "break", "planned"
EPOCH = datetime.datetime(1970, 1, 1)

# of time [t0, t1): what the calendar says; shift: None or a Shift
Piece = namedtuple("Piece", "t0 t1 kind shift team")
Shift = namedtuple("Shift", "index day begin end")


class Zone:
    def __init__(self, name):
        self.zone = ZoneInfo(name)

    def offset(self, t):
        at = datetime.datetime.fromtimestamp(t // 1000, self.zone)
        return int(at.utcoffset().total_seconds()) * 1000

    def instant(self, day, minute):
        """Of the local time `minute` minutes after the midnight of a day number: the first of two, and for one that
        is skipped the moment of the change."""
        wall = day * DAY + minute * MINUTE
        found = [wall - off for off in {self.offset(wall - DAY), self.offset(wall + DAY), self.offset(wall)}
                 if self.offset(wall - off) == off]
        if found:
            return min(found)
        low, high = wall - DAY, wall + DAY  # the change lies between
        while high - low > 1000:
            mid = (low + high) // 2000 * 1000
            if mid + self.offset(mid) >= wall:
                high = mid
            else:
                low = mid
        return high

    def day(self, t):
        return (t + self.offset(t)) // DAY

    def day_bounds(self, t):
        day = self.day(t)
        return self.instant(day, 0), self.instant(day + 1, 0)


def _in_force(calendars, name, t0, t1):
    """[(from, to, calendar)]: a calendar that replaces another rules from its date on."""
    same = sorted((c for c in calendars if c.get("replaces", c["id"]) == name),
                  key=lambda c: c.get("from", t0))
    out = []
    for i, c in enumerate(same):
        begin = max(c.get("from", t0), t0)
        end = same[i + 1]["from"] if i + 1 < len(same) else t1
        if begin < min(end, t1):
            out.append((begin, min(end, t1), c))
    return out


def _team(calendar, index, day):
    rows = [r for r in calendar["rota"] if r["shift"] == index and r["first_day"] <= day]
    if not rows:
        return ""
    row = max(rows, key=lambda r: r["first_day"])
    return row["teams"][(day - row["first_day"]) // row["days_each"] % len(row["teams"])]


def _starts(calendar, shift, day):
    return (day + 3) % 7 in shift["days"] and day not in calendar["holidays"]


def pieces(zone, calendars, name, t0, t1):
    """Tiles [t0, t1); without a calendar it is all working time."""
    if name is None:
        return [Piece(t0, t1, WORK, None, "")]
    out = []
    for begin, end, calendar in _in_force(calendars, name, t0, t1):
        out += _of_one(zone, calendar, begin, end)
    if out and out[0].t0 > t0 or not out:
        out.insert(0, Piece(t0, out[0].t0 if out else t1, OFF, None, ""))
    return out


def _of_one(zone, calendar, t0, t1):
    runs = []
    for day in range(zone.day(t0) - 2, zone.day(t1) + 2):
        for index, shift in enumerate(calendar["shifts"]):
            if _starts(calendar, shift, day):
                length = (shift["end"] - shift["start"] - 1) % 1440 + 1
                begin = zone.instant(day, shift["start"])
                end = zone.instant(day, shift["start"] + length)
                if begin < end:
                    runs.append((begin, index, day, end))
    runs.sort(key=lambda r: (r[0], r[1]))
    shifts = []
    for i, (begin, index, day, end) in enumerate(runs):
        if i and runs[i - 1][0] == begin:
            continue  # ties go to the lower index
        later = [r[0] for r in runs if r[0] > begin]
        end = min([end] + later[:1])
        begin, end = max(begin, t0), min(end, t1)
        if begin < end:
            shifts.append(Shift(index, day, begin, end))
    cuts = {t0, t1}
    breaks = []
    for s in shifts:
        cuts |= {s.begin, s.end}
        shift = calendar["shifts"][s.index]
        for a, b in shift["breaks"]:
            length = (b - a) % 1440
            begin = zone.instant(s.day, a if a >= shift["start"] else a + 1440)
            breaks.append((begin, begin + length * MINUTE, s))
            cuts |= {begin, begin + length * MINUTE}
    for a, b in calendar["stops"]:
        cuts |= {a, b}
    cuts = sorted(t for t in cuts if t0 <= t <= t1)
    out = []
    for a, b in zip(cuts, cuts[1:]):
        shift = next((s for s in shifts if s.begin <= a < s.end), None)
        kind = WORK if shift else OFF
        if any(x <= a < y and s is shift for x, y, s in breaks):
            kind = BREAK
        if any(x <= a < y for x, y in calendar["stops"]):
            kind = PLANNED
        out.append(Piece(a, b, kind, shift, _team(calendar, shift.index, shift.day) if shift else ""))
    return out
