"""S1 and S6: the whole aggregator on a real broker, beside a reader straight on a socket that only decodes
and adds up, in turns on the same load."""
import bench


def one_live(rig, feed, seconds):
    """Readings a second and CPU ns a reading of the daemon, while the window is full."""
    feed.begin(f"live {seconds + 1.5}")
    bench.pause(1)
    t0, c0, cpu0, _ = bench.sample(rig)
    bench.pause(seconds)
    t1, c1, cpu1, status = bench.sample(rig)
    feed.answer()
    n = c1["readings"] - c0["readings"]
    return n / (t1 - t0), (cpu1 - cpu0) * 1e9 / n if n else float("nan"), status


def in_turns(rig, feed, rounds, seconds):
    """Broker alone, raw reader, aggregator; and again."""
    out = {"relay": [], "raw": [], "raw_ns": [], "live": [], "live_ns": []}
    for _ in range(rounds):
        a = feed.ask(f"relay {seconds / 2}")
        out["relay"].append(a["messages"] / a["seconds"])
        a = feed.ask(f"raw {seconds}")
        out["raw"].append(a["readings"] / a["seconds"])
        out["raw_ns"].append(a["reader_cpu_s"] * 1e9 / a["readings"])
        rate, ns, out["status"] = one_live(rig, feed, seconds)
        out["live"].append(rate)
        out["live_ns"].append(ns)
    return out


def measure(build, agents, points, batch, units, rounds, seconds):
    with bench.Rig(build) as rig:
        rig.database = False
        rig.start_broker()
        rig.conf(bench.plant(units, agents, points), credit=f"{max(1, 48 // agents)} MiB")
        rig.start_aggregator()
        feed = bench.Feed(rig, agents, points, batch)
        feed.ask("live 0.2")
        bench.computed(rig)
        begun = rig.status()
        m = in_turns(rig, feed, rounds, seconds)
        bench.counted_once(feed.ask("sent"), rig.status()["counters"]["readings"])
        m["begun"] = begun
        feed.close()
        rig.stop("aggregator", 30)
    return m


def intake(build, signals, batch, units, rounds, seconds):
    points = batch if signals <= 2000 else 1000
    agents, what = signals // points, f"{signals // 1000}k/{batch}"
    m = measure(build, agents, points, batch, units, rounds, seconds)
    ratios = [a / b for a, b in zip(m["live"], m["raw"])]
    rate, ratio = bench.median(m["live"]), bench.median(ratios)
    command, small = f"tests/bench/run intake:{what}", batch < 500
    bench.row(f"S1 {what}", f"{rate / 1e6:.2f}", "M readings/s", f"raw reader {bench.median(m['raw']) / 1e6:.2f} M",
              f"{ratio:.2f}", "0.65 and 6 M" if small else "0.85",
              ratio >= (0.65 if small else 0.85) and (not small or rate >= 6e6), command,
              f"{agents} agents, {units} units bound, event time = wall clock, {rounds} turns of {seconds} s each; ratios "
              f"{bench.spread(ratios)}; broker alone {bench.median(m['relay']) / 1e3:.1f}k records/s; "
              "every reading counted once")
    bench.row(f"S1 CPU {what}", f"{bench.median(m['live_ns']):.0f}", "ns a reading",
              f"raw reader {bench.median(m['raw_ns']):.0f} ns",
              f"{bench.median(m['live_ns']) / bench.median(m['raw_ns']):.1f}", "", None, command,
              "all threads of the daemon, checkpoints included")
    bench.turn_rows(f"S6 loop {what}", m["begun"], m["status"], command)
    commit_ms = m["status"]["store"]["max_commit_us"] / 1e3
    large = signals >= 100000
    bench.row(f"S6 commit {what}", f"{commit_ms:.0f}", "ms", "", "", "250 ms" if large else "",
              commit_ms <= 250 if large else None, command, "the longest of the run, all signals dirty")
