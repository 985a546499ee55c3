"""Meters that several units of a world share, drawn by its dice, and how the plant file says so."""
import world as worlds


def draw(world):
    """{id: {role, signal, shares: {unit: weight or watts}, by_run, rest, less}}"""
    rng, out = world.rng, {}
    for name in rng.choice([[], ["hall"], ["hall", "air"]]):
        role = rng.choice(["energy", "energy", "power"] + [c for c in worlds.CARRIERS if c in world.carriers])
        electric = role in ("energy", "power")
        free = [u for u in world.units if not (electric and "reactive" in world.units[u]["signals"])]
        if not free:
            continue
        some = rng.sample(free, rng.randrange(1, len(free) + 1))
        stand_in = {"id": name, "signals": {}}
        world.signal(stand_in, role, world.agent(0.7))
        told = [u for u in some if world.units[u]["state"] != "none"]
        by_run = bool(told) and rng.random() < 0.5
        behind = [u for u in world.units if has_own(world.units[u]["signals"], role)]
        less = rng.sample(behind, rng.randrange(1, len(behind) + 1)) if behind and rng.random() < 0.5 else []
        out[name] = {"role": role, "signal": stand_in["signals"][role],
                     "shares": {u: rng.choice([1, 1, 2, 7, 1000]) for u in (told if by_run else some)},
                     "by_run": by_run, "rest": rng.choice(free) if by_run else None, "less": less}
    return out


def has_own(signals, role):
    """The unit's own meters could be taken off one of the role."""
    if role in ("energy", "power"):
        return bool({"energy", "power"} & set(signals)) and not set(worlds.FLOWS) & set(signals)
    return role in signals


def rows(world):
    out = {}
    for name, meter in world.meters.items():
        row = {"signals": {meter["role"]: world.signal_file(meter["signal"])}}
        if meter["by_run"]:
            row["rated"] = {u: f"{w} W" for u, w in meter["shares"].items()}
            row["rest"] = meter["rest"]
        else:
            row["shares"] = meter["shares"]
        if meter["less"]:
            row["less"] = meter["less"]
        out[name] = row
    return out
