"""The plant of the end-to-end tests: a simulated press and packer, a mill and a lathe that are read from files."""

PLANT = """site:
  id: works
  time_zone: UTC
  calendar: three-shift
  keep_logs: {keep_logs}
  keep_cells: 3652 d
  settle: {settle}
  settle_late: {settle_late}
  outputs: [hall]
calendars:
  three-shift:
    shifts:
      early: {{start: "06:00", end: "14:00"}}
      late: {{start: "14:00", end: "22:00"}}
      night: {{start: "22:00", end: "06:00"}}
areas:
  hall:
    outputs: [line-a]
    lines:
      line-a:
        agent: gw-sim
        outputs: [pack]
        signals:
          order: {{point: line-a/order}}
          product: {{point: line-a/product}}
        units:
          press: {press}
          pack: {pack}
      line-b:
        agent: gw-csv
        units:
          mill:
            state: {{from: map, map: packml}}
            signals:
              state: {{point: state}}
              good: {{point: good, max_rate: 4000}}
              scrap: {{point: scrap}}
              energy: {{point: energy}}
      line-c:
        agent: gw-lines
        units:
          lathe:
            state: {{from: map, map: packml}}
            signals:
              state: {{point: state}}
              good: {{point: good}}
              scrap: {{point: scrap}}
              energy: {{point: energy}}
"""
UNIT = """
            state: {{from: map, map: packml}}
            assume_order: false
            signals:
              state: {{point: {0}/state}}
              good: {{point: {0}/good}}
              scrap: {{point: {0}/scrap}}
              energy: {{point: {0}/energy}}
              power: {{point: {0}/power}}"""

# Everything often, so that a short run has many readings; a day of breakdowns in minutes. What it does depends on
# the date and the second of the start: with the usual 20 min for an order as few as 33 pieces in 40 minutes.
SIM = """
plant:
  sim:
    seed: {seed}
    history: {history}
    power_every: 2 s
    energy_every: 5 s
    lines:
      line-a:
        order_least: 50
        order_most: 90
        gap: 2 min
        products: {{lid-a: {{cycle: 100 %}}, lid-b: {{cycle: 120 %}}}}
        machines:
          press: {{cycle: 2 s, mtbf: 20 min, mttr: 2 min, setup: 1 min, scrap: 5 %}}
          pack: {{cycle: 2100 ms, mtbf: 30 min, mttr: 1 min, setup: 1 min, scrap: 3 %}}
"""


def plant(settle="1 s", settle_late="2 s", keep_logs="3650 d"):
    """Logs are kept for so long that the tapes, of a day long ago, can be computed."""
    return PLANT.format(keep_logs=keep_logs, settle=settle, settle_late=settle_late, press=UNIT.format("press"), pack=UNIT.format("pack"))


def sim(seed=7, history="40 min"):
    return SIM.format(seed=seed, history=history)


def energy(sums):
    return sum(sums["energy_" + c] for c in CATEGORIES)


def check_sim(t, what, rig, totals, windows, nodes):
    """Every kind of window of every simulated unit adds up to what the agent's journal says."""
    for unit in ("press", "pack"):
        want = {q: totals.amount[f"{unit}/{q}"] for q in ("good", "scrap", "energy")}
        for kind in ("15min", "hour", "shift", "day"):
            s = rig.sums(nodes[unit], kind, windows)
            t.equal(f"{what}: {unit} {kind} good", s["gq"] + s["gq_unknown"], want["good"])
            t.equal(f"{what}: {unit} {kind} scrap", s["sq"] + s["sq_unknown"], want["scrap"])
            t.equal(f"{what}: {unit} {kind} energy", energy(s), want["energy"])
            known = sum(s["time_" + c] for c in CATEGORIES[1:])
            t.equal(f"{what}: {unit} {kind} known time", known, totals.known_ms(unit + "/state"))


CATEGORIES = ["unknown", "not_scheduled", "planned_down", "production", "setup", "delay", "down_no_order",
              "engineering"]
