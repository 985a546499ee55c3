"""S8: what an agent takes of a gateway: memory, CPU at a thousand readings a second, what its journal bears."""
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time

import bench

import journal as tape
import mqtt
import mtconnect

SOURCES = """
plant:
  sim:
    seed: 3
    power_every: 1 s
    energy_every: 5 s
    lines:
      line-a:
        products: {{lid-a: {{cycle: 100 %}}}}
        machines:
          press: {{cycle: 2 s, mtbf: 4 h, mttr: 5 min}}
          pack: {{cycle: 2 s, mtbf: 4 h, mttr: 5 min}}
table:
  csv:
    file: {csv}
    time_columns: [time]
    zone: UTC
    columns:
      - {{column: kwh, point: meter/energy, type: register, unit: kWh, decimals: 2}}
cell:
  lines:
    from: socket
    path: {socket}
    format: json
    points:
{points}
"""
POINTS = 100


def heap_bytes(pid):
    """Private writable memory of its own: the heap and anonymous maps, without stacks and libraries."""
    total, ours = 0, False
    with open(f"/proc/{pid}/smaps", encoding="ascii", errors="replace") as f:
        for line in f:
            head = line.split()
            if "-" in head[0] and len(head) >= 5 and not head[0].endswith(":"):
                name = head[5] if len(head) > 5 else ""
                ours = head[1].startswith("rw") and name in ("", "[heap]")
            elif ours and line.startswith("Private_Dirty:"):
                total += int(head[1]) * 1024
    return total


def feed_lines(path, rate, seconds):
    """So many readings a second over the socket, every 10 ms some; gives how many were written."""
    wire = socket.socket(socket.AF_UNIX)
    wire.connect(path)
    begun, sent = time.monotonic(), 0
    while (now := time.monotonic() - begun) < seconds:
        due = int(now * rate)
        text = "".join(json.dumps({"point": f"m{i % POINTS}/good", "value": 100 + i}) + "\n" for i in range(sent, due))
        wire.sendall(text.encode())
        sent = due
        bench.pause(0.01)
    wire.close()
    return sent


def agent(build, seconds):
    command = "tests/bench/run gateway:agent"
    with bench.Rig(build) as rig:
        rig.database = False
        rig.start_broker()
        rig.conf(bench.plant(1, 1, 4))
        rig.start_aggregator()
        rig.write("meter.csv", "time,kwh\n" + "".join(f"2026-01-01 {h:02}:{m:02}:00,{100 + h * 60 + m}\n"
                                                    for h in range(24) for m in range(60)))
        points = "\n".join(f"      - {{name: m{i}/good, type: counter, unit: piece, decimals: 0}}" for i in range(POINTS))
        body = SOURCES.format(csv=rig.path("meter.csv"), socket=rig.path("lines"), points=points)
        rig.conf_plain_agent("gw", body)
        rig.start_agent("gw")
        bench.rigs.wait("the agent's socket", lambda: os.path.exists(rig.path("lines")))
        feed_lines(rig.path("lines"), 1000, 2)
        pid = rig.pid("gw")
        before, t0 = bench.cpu_s(pid), time.monotonic()
        sent = feed_lines(rig.path("lines"), 1000, seconds)
        share = (bench.cpu_s(pid) - before) / (time.monotonic() - t0)
        rss, heap = bench.rss_bytes(pid) / 2**20, heap_bytes(pid) / 2**20
        rig.stop("gw", 20)
    bench.row("S8 RSS", f"{rss:.1f}", "MiB", "", "", "8 MiB", rss <= 8, command, "sim, csv and lines sources running")
    bench.row("S8 heap", f"{heap:.1f}", "MiB", "", "", "4 MiB", heap <= 4, command, "private dirty memory of no file")
    bench.row("S8 CPU", f"{share * 100:.1f}", "% of a core", "", "", "2 %", share <= 0.02, command,
              f"at {sent / seconds:.0f} readings/s as JSON lines over a socket, published and acked")


DEVICES, REGISTERS = 10, 50


def modbus(build, seconds):
    """Ten devices of 50 points each, on ten connections, every second; what libmodbus takes is in it."""
    command = "tests/bench/run gateway:modbus"
    with bench.Rig(build) as rig:
        rig.database = False
        rig.start_broker()
        rig.conf(bench.plant(1, 1, 4))
        rig.start_aggregator()
        port = bench.rigs.free_port()
        rig.start("device", "/usr/bin/python3", os.path.join(bench.rigs.TOP, "tests", "e2e", "peers", "modbus", "peer.py"),
                  str(port))
        bench.rigs.wait("the device listens", lambda: bench.rigs.listens(port))
        body = ""
        for i in range(DEVICES):
            points = "".join(f"\n          - {{name: p{k}, address: {k}, type: gauge, unit: V, sampling: sampled}}"
                             for k in range(REGISTERS))
            body += (f"m{i}:\n  modbus:\n    connect: tcp://127.0.0.1:{port}\n    devices:\n      m{i}:\n"
                     f"        points:{points}\n")
        rig.conf_plain_agent("gw", body)
        rig.start_agent("gw")
        bench.pause(5)
        pid = rig.pid("gw")
        before, t0 = bench.cpu_s(pid), time.monotonic()
        bench.pause(seconds)
        share = (bench.cpu_s(pid) - before) / (time.monotonic() - t0)
        rss, heap = bench.rss_bytes(pid) / 2**20, heap_bytes(pid) / 2**20
        rig.stop("gw", 20)
    bench.row("S8 RSS", f"{rss:.1f}", "MiB", "", "", "8 MiB", rss <= 8, command,
              f"{DEVICES} Modbus devices on {DEVICES} connections, {DEVICES * REGISTERS} points")
    bench.row("S8 heap", f"{heap:.1f}", "MiB", "", "", "4 MiB", heap <= 4, command, "private dirty memory of no file")
    bench.row("S8 CPU", f"{share * 100:.1f}", "% of a core", "", "", "2 %", share <= 0.02, command,
              f"{DEVICES * REGISTERS} readings/s read, published and acked")


SPACE = "urn:mtconnect.org:MTConnectDevices:1.7"
MILL = f"""<MTConnectDevices xmlns="{SPACE}"><Devices><Device id="mill" name="Mill" uuid="mill-1"><DataItems>
<DataItem id="avail" category="EVENT" type="AVAILABILITY"/><DataItem id="count" name="count" category="EVENT" type="PART_COUNT"/>
</DataItems></Device></Devices></MTConnectDevices>"""
OTHERS = """
saw:
  modbus:
    connect: tcp://127.0.0.1:{modbus}
    devices:
      saw: {{points: [{{name: volts, address: 1, type: gauge, unit: V, sampling: sampled}}]}}
mill:
  mtconnect:
    url: http://127.0.0.1:{mill}
    interval: 20 ms
    points: [{{name: mill/made, item: count, type: event, unit: piece, decimals: 0}}]
flows:
  mqtt:
    broker: {{url: "{broker}"}}
    rules:
      - topic: plants/{{machine}}/telemetry
        points: [{{name: '{{machine}}/good', value: /good, type: counter, unit: piece, decimals: 0}}]
edges:
  sparkplug:
    broker: {{url: "{broker}", client_id: bench-host}}
    groups: [Plant1]
    host_id: bench
    rules: [{{metric: Good, name: '{{node}}/good', type: counter, unit: piece, decimals: 0}}]
program:
  exec:
    command: [sh, -c, 'i=0; while :; do i=$((i + 1)); echo "program/n=$i"; sleep 0.1; done']
    format: pairs
    points: [{{name: program/n, type: gauge}}]
lathe:
  shdr:
    host: 127.0.0.1
    port: {shdr}
    points: [{{name: lathe/made, key: made, type: event, unit: piece, decimals: 0}}]
"""


def varint(n):
    return bytes([n]) if n < 128 else bytes([n & 127 | 128]) + varint(n >> 7)


def message(number, body):
    """A field of a protocol buffer that has a length."""
    return varint(number << 3 | 2) + varint(len(body)) + body


def metric(name, kind, value):
    return message(2, message(1, name.encode()) + b"\x20" + varint(kind) + b"\x58" + varint(value))


def sparkplug(t_ms, seq, *metrics):
    return b"\x08" + varint(t_ms) + b"".join(metrics) + b"\x18" + varint(seq)


def everything(build):
    """Every kind of source at once, each with something to tell; the heavy libraries are all loaded."""
    command = "tests/bench/run gateway:all"
    mill = mtconnect.Agent(MILL)
    with bench.Rig(build) as rig, socket.create_server(("127.0.0.1", 0)) as adapter:
        rig.database = False
        rig.start_broker()
        rig.conf(bench.plant(1, 1, 4))
        rig.start_aggregator()
        modbus_port, mill_port = bench.rigs.free_port(), mill.start()
        rig.start("device", "/usr/bin/python3", os.path.join(bench.rigs.TOP, "tests", "e2e", "peers", "modbus", "peer.py"),
                  str(modbus_port))
        bench.rigs.wait("the device listens", lambda: bench.rigs.listens(modbus_port))
        rig.write("meter.csv", "time,kwh\n2026-01-01 00:00:00,100\n")
        points = "\n".join(f"      - {{name: m{i}/good, type: counter, unit: piece, decimals: 0}}" for i in range(POINTS))
        body = SOURCES.format(csv=rig.path("meter.csv"), socket=rig.path("lines"), points=points)
        body += OTHERS.format(modbus=modbus_port, mill=mill_port, broker=rig.broker_url("gw"),
                              shdr=adapter.getsockname()[1])
        rig.conf_plain_agent("gw", body)
        rig.start_agent("gw")
        pid = rig.pid("gw")
        bench.rigs.wait("the agent's socket", lambda: os.path.exists(rig.path("lines")))
        adapter.settimeout(20)
        edge, lathe = mqtt.Client(rig.mqtt, "edge"), adapter.accept()[0]
        for source in ("flows", "edges", "mill", "lathe"):
            bench.rigs.wait(f"{source} is connected", lambda: f"source={source} state=connected" in rig.log("gw"))
        t_ms = int(time.time() * 1000)
        edge.publish("spBv1.0/Plant1/NBIRTH/E1", sparkplug(t_ms, 0, metric("bdSeq", 8, 1), metric("Good", 8, 100)))
        for i in range(1, 11):
            edge.publish("spBv1.0/Plant1/NDATA/E1", sparkplug(t_ms + i, i, metric("Good", 8, 100 + i)))
            edge.publish("plants/lathe/telemetry", json.dumps({"good": i}).encode())
            mill.feed(f"|count|{i}")
            lathe.sendall(f"|made|{i}\n".encode())
            bench.pause(0.1)
        feed_lines(rig.path("lines"), 1000, 3)
        want = {"m0/good", "saw/volts", "mill/made", "lathe/good", "E1/good", "program/n", "lathe/made", "meter/energy",
                "press/good"}
        bench.rigs.wait("every kind of source has told something",
                        lambda: want <= {x[0] for x in tape.readings(rig.path("gw"))}, 20)
        rss, heap = bench.rss_bytes(pid) / 2**20, heap_bytes(pid) / 2**20
        lathe.close()
        rig.stop("gw", 20)
    mill.stop()
    bench.row("S8 heap, all", f"{heap:.1f}", "MiB", "", "", "4 MiB", heap <= 4, command,
              f"nine kinds of sources, every library loaded: {rss:.1f} MiB RSS")


def journal(build, seconds):
    folder = tempfile.mkdtemp(prefix="pb-bench-journal-")
    try:
        out = subprocess.run([os.path.join(build, "bin", "bench_journal"), folder, str(seconds)], check=True,
                             stdout=subprocess.PIPE, text=True)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    a = json.loads(out.stdout)
    rate, plain = a["readings"] / a["seconds"], a["readings"] / a["plain_seconds"]
    bench.row("S8 journal", f"{rate / 1e6:.1f}", "M readings/s", f"write + fdatasync of the same bytes {plain / 1e6:.1f} M",
              f"{rate / plain:.2f}", "0.5 M", rate >= 5e5, "tests/bench/run gateway:journal",
              f"1,000 a batch, {a['syncs']} syncs in {a['seconds']:.0f} s, {a['cpu_s'] * 1e9 / a['readings']:.0f} ns CPU a "
              "reading, encoding included")
