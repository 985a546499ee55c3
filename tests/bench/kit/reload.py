"""A reload under load: for how long nothing is taken from the bus, for how long the loop is held, and what
memory a thousand of them leave behind."""
import json
import re
import subprocess

import bench


def ask(rig):
    """What became of it, as the tool says."""
    done = subprocess.run([rig.program("plantbus"), "reload", "--socket", rig.path("sock"), "--json"],
                          capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def edit(rig, text, n):
    """Another limit of the first machine's micro-stops each time: a unit changes, no minute is computed anew."""
    rig.write("plant.yaml", text.replace("assume_order: true", f"assume_order: true, micro_stop: {60 + n % 2} s", 1))


def held_ms(before, after, what):
    """The longest turn between two looks: the upper end of the highest bucket that has grown."""
    return max(border or float("inf") for border, n in bench.turns(before, after, what) if n)


def reload(build, signals, units, rounds, rate):
    agents = max(1, signals // 1000)
    points, command = signals // agents, "tests/bench/run reload"
    text = bench.plant(units, agents, points)
    with bench.Rig(build) as rig:
        rig.database = False
        rig.start_broker()
        rig.conf(text, credit=f"{max(1, 48 // agents)} MiB", more="watch: false")
        rig.start_aggregator()
        feed = bench.Feed(rig, agents, points, min(points, 500))
        feed.ask("live 0.5")
        bench.computed(rig)
        first = bench.rss_bytes(rig.pid("aggregator"))
        feed.begin(f"live {rounds * 0.9 + 1} {rate}")
        bench.pause(0.3)
        paused, took, held, had, quiet = [], [], [], [], []
        for n in range(rounds):
            edit(rig, text, n)
            before = rig.status()
            bench.pause(0.2)
            after = rig.status()
            quiet.append(held_ms(before, after, "cpu_turns"))
            before = after
            told = ask(rig)
            if told["result"] != "loaded":
                raise bench.rigs.Failed(f"a reload ended as {told}")
            bench.pause(0.2)
            paused.append(told["paused_ms"])
            took.append(told["took_ms"])
            after = rig.status()
            had.append(held_ms(before, after, "cpu_turns"))
            held.append(held_ms(before, after, "turns"))
        feed.answer()
        bench.computed(rig)
        swap = [int(x) / 1e3 for x in re.findall(r"event=reloaded .*swap_us=(\d+)", rig.log("aggregator"))]
        bench.counted_once(feed.ask("sent"), rig.status()["counters"]["readings"])
        grown = (bench.rss_bytes(rig.pid("aggregator")) - first) / 2**20
        feed.close()
        rig.stop("aggregator", 60)
    what = f"{signals // 1000}k" if signals >= 1000 else str(signals)
    bench.row(f"reload {what} pause", f"{bench.median(paused):.0f}", "ms", "", "", "", None, command,
              f"nothing is taken from the bus; {units} units, {rate} records a second meanwhile, {rounds} reloads: "
              f"{bench.spread(paused)} ms; in all {bench.spread(took)} ms from the question; RSS {grown:+.0f} MiB; "
              "every reading counted once")
    bench.row(f"reload {what} loop CPU", f"<= {max(had):g}", "ms", f"<= {max(quiet):g} ms without", "", "5 ms", max(had) <= 5, command,
              f"longest turns of {rounds} reloads by the loop's own time: {bench.spread(had)} ms; by the clock, on which "
              f"others' time counts too: {bench.spread(held)} ms; of it the swap: {bench.spread(swap)} ms")


def leak(build, reloads):
    """Ten signals, as fast as it goes: what is left after each hundred."""
    text, rss = bench.plant(3, 1, 12), []
    with bench.Rig(build) as rig:
        rig.database = False
        rig.start_broker()
        rig.conf(text, more="watch: false")
        rig.start_aggregator()
        feed = bench.Feed(rig, 1, 12, 12)
        feed.ask("live 0.5")
        for n in range(reloads):
            edit(rig, text, n)
            if ask(rig)["result"] != "loaded":
                raise bench.rigs.Failed("a reload was not taken over")
            if n % (reloads // 10) == reloads // 10 - 1:
                rss.append(bench.rss_bytes(rig.pid("aggregator")) / 2**20)
        bench.counted_once(feed.ask("sent"), rig.status()["counters"]["readings"])
        feed.close()
        rig.stop("aggregator", 60)
    bench.row("reload RSS", f"{rss[-1] - rss[0]:+.1f}", "MiB", "", "", "", None, "tests/bench/run reload:leak",
              f"from the {reloads // 10}th to the {reloads}th reload: " + " ".join(f"{x:.1f}" for x in rss) + " MiB")
