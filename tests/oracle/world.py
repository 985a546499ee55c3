"""Random plants and the readings of their agents, from one seed. Signals need not agree with each other: a law that
holds only for a sensible machine is no law."""
import datetime
import random

import sharing
from shifts import DAY, HOUR, MINUTE, Zone

PIECE = 1000000
PACKML = {0: "unknown", 1: "failed", 2: "stopped", 3: "speed", 4: "idle", 5: "starved", 6: "run", 7: "stopped",
          8: "failed", 9: "failed", 10: "held", 11: "held", 12: "speed", 13: "starved", 14: "speed", 15: "idle",
          16: "speed", 17: "complete"}
WORDS = {"run": "run", "idle": "idle", "setup": "setup", "blocked": "blocked", "fault": "failed",
         "maintenance": "maintained", "off": "off", "trial": "engineering", "stop": "held"}
FLOWS = ("export", "generation", "storage_in", "storage_out")
BANDS = ("peak", "normal", "low", "special")
KINDS = ("maintenance", "material", "procedure", "tool", "supply", "staffing", "safety", "other")
CAUSES = ("failure", "micro_stop", "blocked", "starved", "speed")
CARRIERS = ("gas", "steam", "water", "air", "heat", "fuel")
# unit of the carrier: base unit of an agent's amounts, millionths of the unit in one of them
CARRIER_UNITS = {"m3": ("um3", 1, 1), "l": ("um3", 1000, 1), "kg": ("ukg", 1, 1), "t": ("ukg", 1, 1000),
                 "kWh": ("uWh", 1, 1000), "MJ": ("uWh", 36, 10000)}
MAPS = {"packml": PACKML, "own": WORDS}
ZONES = [("Asia/Ho_Chi_Minh", "2026-05-11"), ("Europe/Berlin", "2026-03-28"), ("Europe/Berlin", "2026-10-24"),
         ("America/New_York", "2026-03-07"), ("Australia/Lord_Howe", "2026-04-04"),
         ("Asia/Kathmandu", "2026-02-01"), ("Europe/Berlin", "2026-06-30"), ("America/New_York", "2026-10-31")]


def code_of(name):
    def look(value):
        table = MAPS[name]
        return table.get(value.lower() if isinstance(value, str) else value, "unknown")
    return look


def utc(t):
    return datetime.datetime.fromtimestamp(t / 1000, datetime.timezone.utc).isoformat().replace("+00:00", "Z")


def date_of(day):
    return (datetime.date(1970, 1, 1) + datetime.timedelta(days=day)).isoformat()


def clock_text(minute):
    return f"{minute // 60:02}:{minute % 60:02}"


# --- plants ---------------------------------------------------------------------------------------

class World:
    """calm: no total begins anew, wraps, glitches, reads bad or is stamped in disorder."""

    def __init__(self, seed, calm=False):
        self.seed = seed
        self.rng = rng = random.Random(seed)
        self.calm = calm
        zone, date = rng.choice(ZONES)
        self.zone_name, self.zone = zone, Zone(zone)
        self.first_day = (datetime.date.fromisoformat(date) - datetime.date(1970, 1, 1)).days
        self.start = self.zone.instant(self.first_day, rng.randrange(0, 1440))
        self.length = rng.choice([2, 5, 9, 26]) * HOUR + rng.randrange(HOUR)
        self.last = self.start + self.length  # of the readings
        self.end = self.last + rng.choice([2 * HOUR, 5 * HOUR, 30 * HOUR]) // MINUTE * MINUTE
        self.products = ["bolt", "nut", "screw"]
        self.calendars = [self._calendar("week")] if rng.random() < 0.85 else []
        if self.calendars and rng.random() < 0.3:
            newer = self._calendar("newer")
            newer["replaces"] = "week"
            newer["from_day"] = self.first_day + rng.randrange(0, 2)
            newer["from"] = self.zone.instant(newer["from_day"], 0)
            self.calendars.append(newer)
        self.carriers = self._carriers()
        self.tariffs = self._tariffs()
        self.agents, self.units, self.nodes = {}, {}, {}
        self._tree()
        self._origins()
        self.crews = {}
        self._crews()
        self._manning()
        self.meters = sharing.draw(self)
        self._gauges()
        self._conditions()
        self._terms()
        planned = {p: rng.choice([20000, 33333]) for p in self.products if rng.random() < 0.4}
        self.plant = {"zone": self.zone, "calendars": self.calendars, "nodes": self.nodes, "units": self.units,
                      "carriers": self.carriers, "tariffs": self.tariffs,
                      "power_slot": rng.choice([10000, 10000, 1000]), "planned_scrap": planned}
        for agent in self.agents.values():
            Stream(self, agent).fill()

    def _carriers(self):
        """{carrier: its unit and factors [(from, millionths of a kWh, mg of CO2 or None)]}"""
        rng = self.rng
        out = {}
        for c in CARRIERS + ("electricity",):
            if rng.random() < 0.5:
                continue
            factors = []
            dates = [self.start + rng.randrange(self.length) for _ in range(rng.randrange(3))]
            for at in [None] * (rng.random() < 0.8) + dates:
                kwh = PIECE if c == "electricity" else rng.choice([0, 277778, 10550000, 694444])
                factors.append((at and at // 1000 * 1000, kwh, rng.choice([None, 0, 201500, 1970000])))
            if factors and len({f[0] for f in factors}) == len(factors):
                unit = None if c == "electricity" else rng.choice(sorted(CARRIER_UNITS))
                if unit in ("l", "kg"):  # a thousandth of what is in a m3 or t: a day's sum stays below 9 TWh
                    factors = [(at, kwh // 1000, mg) for at, kwh, mg in factors]
                out[c] = {"unit": unit, "factors": factors}
        return out

    def _tariffs(self):
        """[{from, prices by band (millionths a kWh), otherwise, times: [(band, days, start, end)]}]"""
        rng = self.rng
        out = []
        for at in rng.choice([[], [None], [None, rng.randrange(self.length)], [rng.randrange(self.length)]]):
            times = [(rng.choice(BANDS), sorted(rng.sample(range(7), rng.randrange(3, 8))), rng.randrange(1440),
                      rng.randrange(1440)) for _ in range(rng.randrange(5))]
            out.append({"from": None if at is None else (self.start + at) // 1000 * 1000, "times": times,
                        "prices": {b: rng.choice([0, 1190 * PIECE, 83127]) for b in BANDS},
                        "otherwise": rng.choice(BANDS)})
        return out

    def _tariff_file(self, d):
        week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        out = {b: p / 1e6 for b, p in d["prices"].items()}
        out["otherwise"] = d["otherwise"]
        if d["from"] is not None:
            out["from"] = utc(d["from"])
        if d["times"]:
            out["times"] = [{"band": b, "days": [week[x] for x in days], "start": clock_text(s), "end": clock_text(e)}
                            for b, days, s, e in d["times"]]
        return out

    def _calendar(self, name):
        rng = self.rng
        first = rng.choice([300, 360, 375, 405])
        length = rng.choice([360, 480, 480])
        shifts = []
        for i in range(rng.choice([1440 // length, 2, 1])):
            start = (first + i * length) % 1440
            end = (start + length - rng.choice([0, 0, 15])) % 1440
            if end == start:
                end = (start + length) % 1440
            breaks = []
            if rng.random() < 0.7:
                a = (start + rng.randrange(30, length - 90)) % 1440
                breaks.append((a, (a + rng.choice([10, 30, 45])) % 1440))
            days = list(range(7)) if rng.random() < 0.7 else sorted(rng.sample(range(7), 5))
            shifts.append({"start": start, "end": end, "breaks": breaks, "days": days})
        rota = [{"shift": i, "first_day": self.first_day - rng.randrange(-1, 9), "days_each": rng.choice([1, 2, 7]),
                 "teams": rng.sample(["red", "green", "blue"], rng.randrange(1, 4))}
                for i in range(len(shifts)) if rng.random() < 0.7]
        holidays = [self.first_day + rng.randrange(-1, 3)] if rng.random() < 0.2 else []
        stops = []
        if rng.random() < 0.4:
            a = self.start + rng.randrange(self.length)
            stops.append((a // 1000 * 1000, (a + rng.randrange(1, 3 * HOUR)) // 1000 * 1000 + 1000))
        return {"id": name, "shifts": shifts, "rota": rota, "holidays": holidays, "stops": stops}

    def _tree(self):
        rng = self.rng
        self.nodes["works"] = {"parent": None, "outputs": []}
        shape = rng.choice([[[1]], [[2]], [[1, 1]], [[2], [1]], [[3]]])
        n = 0
        for a, lines in enumerate(shape):
            area = f"area{a}"
            self.nodes[area] = {"parent": "works", "outputs": []}
            for b, units in enumerate(lines):
                line = f"line{a}{b}"
                self.nodes[line] = {"parent": area, "outputs": []}
                for _ in range(units):
                    self._unit(f"unit{n}", line)
                    n += 1
        for node, d in self.nodes.items():
            children = [c for c in self.nodes if self.nodes[c]["parent"] == node]
            if children and rng.random() < 0.8:
                d["outputs"] = rng.sample(children, rng.randrange(1, len(children) + 1))

    def agent(self, again):
        rng = self.rng
        if again and self.agents and rng.random() < again:
            return self.agents[rng.choice(sorted(self.agents))]
        name = f"gw{len(self.agents)}"
        self.agents[name] = {"id": name, "points": [], "stream": [], "sources": rng.randrange(1, 4)}
        return self.agents[name]

    def _unit(self, name, line):
        rng = self.rng
        self.nodes[name] = {"parent": line, "outputs": []}
        source = rng.choice(["map", "map", "map", "power", "counts", "none"])
        idle = rng.choice([500, 1000]) * PIECE
        ideal = []
        for product in rng.sample(self.products, rng.choice([1, 2, 3])):
            ideal.append({"product": product, "pri": rng.choice([900, 4000, 12345, 60000]) * PIECE, "from": 0})
            if rng.random() < 0.3:
                at = self.start + rng.randrange(self.length)
                ideal.append({"product": product, "pri": rng.choice([1000, 5000]) * PIECE, "from": at // 1000 * 1000})
        unit = {"id": name, "line": line, "state": source, "map_name": rng.choice(["packml", "own"]),
                "idle_above": idle, "run_above": idle + rng.choice([1000, 3000]) * PIECE,
                "hysteresis": rng.choice([0, 300, 5000]) * PIECE, "factor_ppm": rng.choice([1500000, 3000000]),
                "micro_stop": rng.choice([300000, 300000, 60000, 0, 900000]), "total_has_scrap": rng.random() < 0.7,
                "assume_order": rng.random() < 0.6, "headcount": rng.choice([-1, 0, 1, 3]),
                "product": rng.choice([""] + self.products), "ideal": ideal,
                "calendar": "week" if self.calendars and rng.random() < 0.9 else None, "signals": {}}
        unit["map"] = code_of(unit["map_name"])
        self.units[name] = unit
        agent = self.agent(0.5)
        roles = {"map": ["state"], "power": ["power"], "counts": ["total"], "none": []}[source]
        for role, chance in (("power", 0.5), ("energy", 0.6), ("total", 0.5), ("good", 0.5), ("scrap", 0.4),
                             ("rework", 0.2), ("material", 0.2), ("reactive", 0.2), ("order", 0.5), ("product", 0.6),
                             ("team", 0.3),
                             ("headcount", 0.3)):
            if role not in roles and rng.random() < chance:
                roles.append(role)
        if source == "counts" and rng.random() < 0.4:
            roles.remove("total")
            roles = sorted(set(roles) | {"good"})
        roles += [f for f in FLOWS if rng.random() < 0.08]
        if rng.random() < 0.25:
            roles += ["inspected", "passed"]
        roles += [c for c in CARRIERS if c in self.carriers and rng.random() < 0.25]
        if not roles:
            roles = ["energy"]
        if "order" in roles:
            unit["assume_order"] = False
        for role in roles:
            self.signal(unit, role, self.agent(0.7) if rng.random() < 0.25 else agent)

    def _origins(self):
        """Scrap that one station finds and other units made, told by the tags of its events."""
        for name, unit in self.units.items():
            if "scrap" not in unit["signals"]:
                continue
            agent, point, limits = unit["signals"]["scrap"]
            if "station" in limits:  # found elsewhere
                continue
            others = [u for u in self.units if "scrap" not in self.units[u]["signals"]]
            if self.agents[agent]["points"][point]["type"] != "event" or not others or self.rng.random() < 0.3:
                continue
            limits.update(station=name, tags={3: self.rng.choice(others)})
            self.units[limits["tags"][3]]["signals"]["scrap"] = (agent, point, limits)

    def _crews(self):
        """People at several units, split by weight; as many as are fixed, or as a signal tells."""
        rng = self.rng
        free = [u for u in self.units if "headcount" not in self.units[u]["signals"]]
        if len(free) < 2 or rng.random() < 0.4:
            return
        weights = {u: rng.choice([1, 1, 2, 7]) for u in rng.sample(free, rng.randrange(2, len(free) + 1))}
        crew = {"persons": rng.choice([-1, 0, 1, 5]), "units": weights}
        before = 0
        told = crew["persons"] < 0 or rng.random() < 0.4
        for name, weight in weights.items():
            unit = self.units[name]
            unit["headcount"], unit["crew"] = crew["persons"], (before, weight, sum(weights.values()))
            before += weight
            if told and "headcount" not in crew:
                self.signal(unit, "headcount", self.agent(0.7))
                crew["headcount"] = unit["signals"]["headcount"]
                crew["headcount"][2]["station"] = "crew"  # it stands in the crew's rows
                crew["headcount"][2]["tags"] = {}
            if told:
                unit["signals"]["headcount"] = crew["headcount"]
        self.crews["crew"] = crew

    def _gauges(self):
        """Raw signals, several at a unit: an extra factor, limits of what is plausible, samples or held values. In
        half of the worlds an agent tells of gauges alone, so that nothing else asks for minutes when it is heard."""
        rng = random.Random(f"gauges {self.seed}")
        alone = {"id": "sensors", "points": [], "stream": [], "sources": rng.randrange(1, 4)}
        for name, unit in self.units.items():
            unit["gauges"] = {}
            for n in range(rng.choice([0, 1, 2])):
                agent = self.agents[rng.choice(sorted(self.agents))]
                if self.seed % 2:
                    agent = self.agents.setdefault("sensors", alone)
                num, den = rng.choice([(1, 1), (1, 10), (-3, 7), (1000, 1)])
                point = {"name": f"{name}/gauge{n}", "source": rng.randrange(agent["sources"]), "sticky": False,
                         "sampling": rng.choice(["held", "sampled"]), "width_bits": 0, "width_digits": 0, "num": num,
                         "den": den, "poll_ms": rng.choice([0, 5000, 30000]), "type": "gauge", "role": "gauge",
                         "unit": unit}
                limits = {"gap_limit": rng.choice([15 * MINUTE, 2 * MINUTE, 30000])}
                if rng.random() < 0.4:
                    limits["low"], limits["high"] = -40 * PIECE * abs(num) // den, 55 * PIECE * abs(num) // den
                if rng.random() < 0.2:
                    limits["factor_num"], limits["factor_den"] = rng.choice([(40, 1), (-3, 2)])
                agent["points"].append(point)
                unit["gauges"][f"gauge{n}"] = (agent["id"], len(agent["points"]) - 1, limits)

    def _conditions(self):
        """What norms assume: breached by a unit's own gauge, or by one gauge for several units; by causes of stops,
        too."""
        rng = random.Random(f"conditions {self.seed}")
        self.conditions = {}
        for unit in self.units.values():
            unit["conditions"] = []
        for name, unit in self.units.items():
            for gauge, (agent, point, limits) in unit["gauges"].items():
                if rng.random() < 0.15:
                    continue
                own = rng.random() < 0.5
                among = [name] if own else rng.sample(sorted(self.units), rng.randrange(1, len(self.units) + 1))
                num, den = (self.agents[agent]["points"][point][k] for k in ("num", "den"))
                low, high = (edge * PIECE * abs(num) // den for edge in rng.choice([(-20, 30), (0, 50), (19, 25)]))
                keys = rng.choice([("low",), ("high",), ("low", "high")])
                c = {"kind": rng.choice(KINDS), "gauge": gauge, "at": None if own else name, "for": among,
                     "limits": {k: v for k, v in (("low", low), ("high", high)) if k in keys},
                     "hold": rng.choice([0, 0, 10000, 45000, 3 * MINUTE, 20 * MINUTE]),
                     "causes": rng.sample(CAUSES, rng.choice([0, 0, 1, 2])), "proof": (agent, point, limits)}
                self.conditions[f"c{len(self.conditions)}"] = c
                for u in among:
                    self.units[u]["conditions"].append(c)

    def _terms(self):
        """Units and signals in commissioning: from the beginning or a moment on, for good or until a moment."""
        rng = random.Random(f"terms {self.seed}")

        def term(often):
            if rng.random() >= often:
                return None
            ends = sorted((self.start + rng.randrange(-HOUR, self.length)) // MINUTE * MINUTE for _ in range(2))
            begin, end = (None if rng.random() < 0.4 else ends[0]), (None if rng.random() < 0.15 else ends[1])
            return None if begin is not None and begin == end else (begin, end)
        for unit in self.units.values():
            unit["term"] = term(0.25)
            for _, _, limits in unit["signals"].values():
                # Those of a station stand in other rows; a gap may move an amount over the end of a term.
                if "station" not in limits and not self.calm and (found := term(0.08)):
                    limits["term"] = found

    def _condition_file(self, c):
        gauge = dict({"id": c["gauge"], "hold": f"{c['hold']} ms"}, **({"at": c["at"]} if c["at"] else {}))
        gauge.update({k: v / PIECE for k, v in c["limits"].items()})
        return {"kind": c["kind"], "owner": "A", "causes": c["causes"], "for": c["for"], "gauge": gauge}

    def _manning(self):
        """Norms of how many people a shift has, by date; units of a crew have the crew's."""
        rng = random.Random(f"manning {self.seed}")

        def norm():
            moments = [self.start - HOUR, self.start + rng.randrange(self.length)]
            return [{"persons": rng.choice([0, 1, 2, 4]), "from": at // 1000 * 1000} for at in moments[:rng.choice([0, 1, 2])]]
        for unit in self.units.values():
            unit["manning"] = norm()
        for crew in self.crews.values():
            crew["manning"] = norm()
            for name in crew["units"]:
                self.units[name]["manning"] = crew["manning"]

    def signal(self, unit, role, agent):
        rng = self.rng
        point = {"name": f"{unit['id']}/{role}", "source": rng.randrange(agent["sources"]), "sampling": "held",
                 "sticky": False, "width_bits": 0, "width_digits": 0, "num": 1, "den": 1, "poll_ms": 0,
                 "type": "state", "role": role, "unit": unit}
        limits = {}
        if role in ("order", "product", "team", "headcount"):
            point["sticky"] = rng.random() < 0.8
        elif role == "power":
            point.update(type="power", sampling=rng.choice(["held", "sampled"]),
                         num=rng.choice([PIECE, 100000, 333333]), den=rng.choice([1, 1, 3]),
                         poll_ms=rng.choice([0, 5000, 30000]))
            limits["gap_limit"] = rng.choice([15 * MINUTE, 2 * MINUTE, 30000])
        elif role == "energy" and rng.random() < 0.2:
            point.update(type="interval", num=rng.choice([1000, 1234567]))  # rows of an import
        elif role == "state" and unit["map_name"] == "packml" and rng.random() < 0.2:
            point.update(type="interval")
        elif role in FLOWS + ("energy", "reactive"):
            point.update(type="register", num=rng.choice([1000000, 10000000, 12345678]), den=rng.choice([1, 7]),
                         poll_ms=rng.choice([0, 20000]))
        elif role in CARRIERS:
            base, num, den = CARRIER_UNITS[self.carriers[role]["unit"]]
            point.update(type=rng.choice(["register", "register", "counter", "event", "interval"]), base=base,
                         num=rng.choice([1000, 100000, 12345678]), den=rng.choice([1, 7]),
                         poll_ms=rng.choice([0, 20000]))
            limits["unit_num"], limits["unit_den"] = num, den
        elif role == "material" or (role in ("scrap", "passed") and rng.random() < 0.4):
            point.update(type="event", num=rng.choice([PIECE, 1000]))
        else:
            point.update(type="counter", num=PIECE, poll_ms=rng.choice([0, 10000, 60000]))
        if point["type"] in ("counter", "register"):
            width = rng.choice([(0, 0), (16, 0), (0, 4), (32, 0), (0, 6)])
            point["width_bits"], point["width_digits"] = width
            if rng.random() < 0.7 and not self.calm:
                per_hour = rng.choice([600, 5000, 40000])
                limits["max_rate"] = per_hour * (10 ** 9 if role in FLOWS + ("energy", "reactive") else PIECE)
                limits["rate_text"] = per_hour
            if rng.random() < 0.2:
                limits["preset"] = rng.choice([10, 500])
            limits["gap_limit"] = rng.choice([15 * MINUTE, 3 * MINUTE, 2 * HOUR])
            if rng.random() < 0.15:
                limits["factor_num"], limits["factor_den"] = rng.choice([(40, 1), (3, 2)])
        if role in CARRIERS + FLOWS + ("energy", "reactive"):
            limits["quantum"] = 1
        elif point["type"] != "state":
            limits["quantum"] = rng.choice([PIECE, PIECE, 500000])
        agent["points"].append(point)
        unit["signals"][role] = (agent["id"], len(agent["points"]) - 1, limits)

    # -- as a plant file --

    def file(self):
        site = {"id": "works", "time_zone": self.zone_name, "power_slot": f"{self.plant['power_slot']} ms",
                "outputs": self.nodes["works"]["outputs"], "settle": "5 min"}
        out = {"site": site, "products": {p: self._product_file(p) for p in self.products},
               "state_maps": {"own": {"version": 1, "states": WORDS}}, "areas": {}}
        for name, crew in self.crews.items():
            row = {"persons": crew["persons"], "units": crew["units"]}
            if "headcount" in crew:
                agent, point, _ = crew["headcount"]
                row["headcount"] = {"agent": agent, "point": self.agents[agent]["points"][point]["name"]}
            row["manning"] = self._manning_file(crew["manning"])
            out["crews"] = {name: row}
        if self.meters:
            out["meters"] = sharing.rows(self)
        if self.conditions:
            out["conditions"] = {n: self._condition_file(c) for n, c in self.conditions.items()}
        if self.carriers:
            out["carriers"] = {c: self._carrier_file(d) for c, d in self.carriers.items()}
        if self.tariffs:
            out["currency"] = "VND"
            out["tariffs"] = [self._tariff_file(d) for d in self.tariffs]
        if self.calendars:
            out["calendars"] = {c["id"]: self._calendar_file(c) for c in self.calendars}
        for node, d in self.nodes.items():
            if node.startswith("area"):
                out["areas"][node] = {"outputs": d["outputs"], "lines": {}}
            elif node.startswith("line"):
                out["areas"][d["parent"]]["lines"][node] = {"outputs": d["outputs"], "units": {}}
            elif node.startswith("unit"):
                area = self.nodes[d["parent"]]["parent"]
                out["areas"][area]["lines"][d["parent"]]["units"][node] = self._unit_file(self.units[node])
        for area in out["areas"].values():
            strip(area)
            for line in area["lines"].values():
                strip(line)
        strip(site)
        return out

    def _product_file(self, product):
        planned = self.plant["planned_scrap"].get(product)
        return dict({"name": product}, **({"planned_scrap": f"{planned} ppm"} if planned else {}))

    def _carrier_file(self, d):
        out = {"factors": []}
        if d["unit"]:
            out["unit"] = d["unit"]
        for at, kwh, mg in d["factors"]:
            row = {"kwh": kwh / 1e6}
            if at is not None:
                row["from"] = utc(at)
            if mg is not None:
                row["co2"] = mg / 1e6
            out["factors"].append(row)
        return out

    def _calendar_file(self, c):
        week = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
        out = {"shifts": {f"s{i}": {
            "start": clock_text(s["start"]), "end": clock_text(s["end"]), "days": [week[d] for d in s["days"]],
            "breaks": [{"start": clock_text(a), "end": clock_text(b)} for a, b in s["breaks"]]}
            for i, s in enumerate(c["shifts"])}}
        if c["rota"]:
            out["rota"] = [{"shift": f"s{r['shift']}", "from": date_of(r["first_day"]), "each": f"{r['days_each']} d",
                            "teams": r["teams"]} for r in c["rota"]]
        if c["holidays"]:
            out["holidays"] = [date_of(d) for d in c["holidays"]]
        if c["stops"]:
            out["stops"] = [{"from": utc(a), "to": utc(b)} for a, b in c["stops"]]
        if "replaces" in c:
            out["replaces"], out["from"] = c["replaces"], date_of(c["from_day"])
        for s in out["shifts"].values():
            if not s["breaks"]:
                del s["breaks"]
        return out

    def _manning_file(self, norm):
        return [{"persons": n["persons"], "approved_by": "A", "from": utc(n["from"])} for n in norm]

    def _unit_file(self, u):
        state = {"from": u["state"]}
        if u["state"] == "map":
            state["map"] = u["map_name"]
        elif u["state"] == "power":
            for key in ("idle_above", "run_above", "hysteresis"):
                state[key] = f"{u[key] // PIECE} W"
        elif u["state"] == "counts":
            state["factor"] = f"{u['factor_ppm'] // 10000} %"
        out = {"state": state, "micro_stop": f"{u['micro_stop']} ms", "headcount": -1 if "crew" in u else u["headcount"],
               "total_has_scrap": u["total_has_scrap"], "assume_order": u["assume_order"], "signals": {}}
        if u["calendar"]:
            out["calendar"] = u["calendar"]
        if u["product"]:
            out["product"] = u["product"]
        out["manning"] = self._manning_file(u["manning"] if "crew" not in u else [])
        out["ideal"] = [dict({"product": i["product"], "cycle": f"{i['pri'] // PIECE} ms"},
                             **({"from": utc(i["from"])} if i["from"] else {})) for i in u["ideal"]]
        if u["term"]:
            out["commissioning"] = term_file(u["term"])
        for role, (agent, point, limits) in u["signals"].items():
            if limits.get("station", u["id"]) != u["id"]:
                continue
            out["signals"][role] = self.signal_file((agent, point, limits))
        if u["gauges"]:
            out["gauges"] = {n: self.signal_file(g) for n, g in u["gauges"].items()}
        for name, (_, _, limits) in u["gauges"].items():
            out["gauges"][name].update({k: limits[k] / PIECE for k in ("low", "high") if k in limits})
        return out

    def signal_file(self, signal):
        agent, point, limits = signal
        row = {"agent": agent, "point": self.agents[agent]["points"][point]["name"]}
        if "rate_text" in limits:
            row["max_rate"] = f"{limits['rate_text']} 1/h"
        for key in ("preset", "factor_num", "factor_den"):
            if key in limits:
                row[key] = limits[key]
        if "gap_limit" in limits:
            row["gap_limit"] = f"{limits['gap_limit']} ms"
        if limits.get("quantum", 1) != 1:
            row["quantum"] = str(limits["quantum"] / PIECE)
        if "term" in limits:
            row["commissioning"] = term_file(limits["term"])
        if "tags" in limits:
            row["tags"] = [{"tag": tag, "unit": unit} for tag, unit in limits["tags"].items()]
        return row


def term_file(term):
    return True if term == (None, None) else {k: utc(at) for k, at in zip(("since", "accepted"), term) if at is not None}


def strip(d):
    if not d.get("outputs"):
        d.pop("outputs", None)


# --- readings -------------------------------------------------------------------------------------

class Stream:
    """What an agent journals, in its order. Items begin with a word and the true time:
    poll source since until readings, clock from to (its wall clock steps), restart clock
    (a new epoch by a new process), lane clock (a new epoch of the same process)."""

    def __init__(self, world, agent):
        self.world, self.agent = world, agent
        self.rng = random.Random(f"{world.seed} {agent['id']}")
        self.by = 0  # how far its clock is off
        self.raw = {}
        self.since = {}
        self.until = {}

    def fill(self):
        rng, out = self.rng, self.agent["stream"]
        pace = rng.choice([7000, 20000, 45000, 100000])
        t = self.world.start + rng.randrange(MINUTE)
        if rng.random() < 0.25:
            t += rng.randrange(self.world.length // 2)  # is heard of late for the first time
        while t < self.world.last:
            x = rng.random()
            if x < 0.004:
                self._break_all()
                t += rng.choice([30000, 10 * MINUTE, 90 * MINUTE])
                out.append(("restart", t, t + self.by))
            elif x < 0.008:
                out.append(("lane", t, t + self.by))
            elif x < 0.011 and self.until:
                step = rng.choice([-40000, -4000, 3000, 70000, 600000])
                if abs(self.by + step) > 15 * MINUTE:
                    step = -self.by
                now = max(list(self.until.values()) + [t + self.by])
                self.by += step
                out.append(("clock", t, now, now + step))
                for s in self.until:
                    self.since[s] = self.until[s] = now + step
            elif x < 0.02:
                t += rng.choice([2 * MINUTE, 20 * MINUTE, 3 * HOUR])
            for source in range(self.agent["sources"] if t < self.world.last else 0):
                if rng.random() < 0.9:
                    self._poll(out, source, t)
            t += rng.randrange(1, 2 * pace)

    def _break_all(self):
        for s in self.until:
            self.since[s] = None

    def _poll(self, out, source, t):
        rng = self.rng
        now = t + self.by
        before = self.until.get(source)
        if before is not None and now <= before:
            return
        broken = source not in self.since or self.since[source] is None or rng.random() < 0.01
        if broken:
            since = now - rng.choice([0, 0, 500])
            if before is not None:
                since = max(since, before + 1)
            self.since[source] = since
            low = since
        else:
            low = before + 1
        readings = []
        for i, point in enumerate(self.agent["points"]):
            if point["source"] == source:
                readings += self._readings(i, point, low, now)
        self.until[source] = now
        since = before if before is not None and not broken else self.since[source]
        out.append(("poll", t, source, since, now, readings))

    def _readings(self, i, point, low, now):
        rng = self.rng
        times = sorted(rng.randrange(low, now + 1) for _ in range(rng.choice([0, 0, 1, 1, 2])))
        if point["type"] in ("counter", "register", "power", "gauge") and rng.random() < 0.6:
            times.append(now)
        out = []
        for t in times:
            if point["type"] in ("state", "interval") and rng.random() < 0.85:
                continue  # by exception
            value = getattr(self, "_" + point["type"])(i, point)
            if point["type"] == "interval":  # not from before anybody looked
                value = (value[0], max(0, min(value[1], t - self.world.start)), value[2])
            quality = 0
            x = rng.random()
            total = point["type"] in ("counter", "register")
            if self.world.calm and total:
                x = 1
            if x < 0.01:
                quality, value = 2, None
            elif x < 0.03:
                quality = 1
            if total and quality != 2 and not self.world.calm and rng.random() < 0.01:
                t = max(low - rng.randrange(1, 90000), self.world.start)
            if point["type"] in ("register", "event") and quality != 2 and not self.world.calm and rng.random() < 0.003:
                t = max(t, min(t + rng.randrange(3 * HOUR), self.world.last))  # beyond the present
            out.append((i, t, quality, value))
        return out

    def _state(self, i, point):
        rng, unit = self.rng, point["unit"]
        role = point["role"]
        if role == "state":
            if unit["map_name"] == "packml":
                return rng.choice([6, 6, 6, 4, 5, 9, 11, 2, 17, 3, 15, 0, 99])
            return rng.choice(list(WORDS) + ["RUN", "run", "odd"])
        if role == "order":
            return rng.choice(["", "A-1", "A-2", "B-7"] + ([0, 4711] if rng.random() < 0.1 else []))
        if role == "product":
            return rng.choice(self.world.products + ["", "unheard"])
        if role == "team":
            return rng.choice(["red", "gold", ""])
        return rng.choice([0, 1, 2, 5])

    def _total(self, i, point, most):
        """A raw total that mostly rises, and has its faults."""
        rng = self.rng
        modulus = 1 << point["width_bits"] if point["width_bits"] else 10 ** point["width_digits"]
        modulus = modulus if modulus > 1 else 10 ** 9
        raw = self.raw.get(i)
        if self.world.calm:
            self.raw[i] = (40 if raw is None else raw) + rng.randrange(most // 2, most)
            return self.raw[i]
        if raw is None:
            raw = rng.choice([0, 5, modulus - rng.randrange(1, 200)])
        x = rng.random()
        shown = None
        if x < 0.55:
            raw = (raw + rng.randrange(most)) % modulus
        elif x < 0.57:
            raw = rng.choice([0, 0, 3, 10, 700])  # begins anew
        elif x < 0.59:
            shown = rng.choice([0, raw + 100000, max(raw - 3, 0), modulus - 1])  # for one report
        elif x < 0.595:
            raw = max(raw - rng.randrange(1, 20), 0)
        elif x < 0.6:
            raw += rng.choice([5000, 1000000])
        self.raw[i] = raw
        return raw if shown is None else shown

    def _counter(self, i, point):
        return self._total(i, point, 4)

    def _register(self, i, point):
        value = self._total(i, point, self.rng.choice([3, 40]))
        return float(value) if self.rng.random() < 0.02 else value

    def _power(self, i, point):
        rng = self.rng
        raw = rng.choice([0, 200, 900, 1100, 1700, 2600, 4100, -50]) + rng.randrange(100)
        if rng.random() < 0.1:
            return raw + rng.choice([0.5, 0.1, 1 / 3])
        return raw

    def _gauge(self, i, point):
        rng = self.rng
        raw = rng.choice([-60, -12, 0, 21, 48]) + rng.randrange(20)
        return raw + rng.choice([0.5, 0.1, 1 / 3, 0.3]) if rng.random() < 0.4 else raw

    def _interval(self, i, point):
        """Rows may overlap, and reach back before the run."""
        rng = self.rng
        tag = rng.choice([6, 6, 4, 9, 2, 0]) if point["role"] == "state" else rng.choice([0, 1])
        return (rng.randrange(1, 90000), rng.choice([0, 1000, 60000, 7 * MINUTE, 40 * MINUTE]), tag)

    def _event(self, i, point):
        return (self.rng.choice([1, 2, 7]), 0, self.rng.choice([0, 3]))
