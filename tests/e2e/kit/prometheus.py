"""A strict reader of the Prometheus text format, version 0.0.4, and the naming rules that promtool's lint holds
(Debian's `prometheus` would bring it with 96 MB, a server and a dozen JavaScript packages)."""
import math
import re

NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"')
VALUE = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?|[-+]?Inf|NaN")
TYPES = ("counter", "gauge", "histogram", "summary", "untyped")
SUFFIXES = ("_bucket", "_sum", "_count")
# Units that are no base units, and abbreviations: seconds and bytes it must be.
NOT_BASE = {"milliseconds", "microseconds", "nanoseconds", "minutes", "hours", "days", "weeks", "kilobytes",
            "megabytes", "gigabytes", "bits", "percent", "ms", "us", "ns", "s", "sec", "b", "kb", "mb", "kwh", "kw"}


class Wrong(Exception):
    pass


def _labels(text, line):
    out, at = {}, 0
    while at < len(text):
        m = LABEL.match(text, at)
        if not m or m.group(1) in out:
            raise Wrong(f"labels: {line}")
        out[m.group(1)] = m.group(2)
        at = m.end()
        if at < len(text):
            if text[at] != ",":
                raise Wrong(f"labels: {line}")
            at += 1
    return out


def _sample(line):
    m = re.fullmatch(r"([^{ ]+)(?:\{(.*)\})? (\S+)", line)
    if not m or not NAME.fullmatch(m.group(1)) or not VALUE.fullmatch(m.group(3)):
        raise Wrong(f"sample: {line}")
    return m.group(1), _labels(m.group(2) or "", line), float(m.group(3).replace("Inf", "inf"))


class Family:
    def __init__(self, name, text):
        self.name, self.help, self.type, self.samples = name, text, None, []

    def value(self, **labels):
        found = [v for n, have, v in self.samples if have == labels and n == self.name]
        return found[0] if found else None


def parse(text):
    """name -> Family; every family HELP, TYPE, samples, once and in this order."""
    if not text.endswith("\n") or "\r" in text:
        raise Wrong("the text must be lines")
    out, now = {}, None
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            name, _, said = line[7:].partition(" ")
            if not NAME.fullmatch(name) or name in out or not said.strip():
                raise Wrong(line)
            now = out[name] = Family(name, said)
        elif line.startswith("# TYPE "):
            name, _, kind = line[7:].partition(" ")
            if not now or now.name != name or now.type or now.samples or kind not in TYPES:
                raise Wrong(line)
            now.type = kind
        else:
            name, labels, value = _sample(line)
            ours = [now.name + s for s in SUFFIXES] if now and now.type == "histogram" else [now.name if now else ""]
            if not now or not now.type or name not in ours:
                raise Wrong(f"not of its family: {line}")
            if any(n == name and have == labels for n, have, _ in now.samples):
                raise Wrong(f"twice: {line}")
            now.samples.append((name, labels, value))
    for f in out.values():
        if not f.type:
            raise Wrong(f"{f.name} has no type")
        _check(f)
    return out


def _check(f):
    """What lint says, and what a histogram or counter must keep."""
    words = f.name.lower().split("_")
    if NOT_BASE & set(words) or f.type in words or f.name != f.name.lower() or ":" in f.name:
        raise Wrong(f"name: {f.name}")
    if (f.type == "counter") != f.name.endswith("_total") or f.name.endswith(SUFFIXES):
        raise Wrong(f"{f.type} named {f.name}")
    if f.type == "counter" and any(v < 0 or math.isnan(v) for _, _, v in f.samples):
        raise Wrong(f"{f.name} below zero")
    if f.type == "histogram":
        _histogram(f)


def _histogram(f):
    buckets = [(float(have["le"].replace("Inf", "inf")), v) for n, have, v in f.samples if n.endswith("_bucket")]
    count = [v for n, _, v in f.samples if n.endswith("_count")]
    total = [v for n, _, v in f.samples if n.endswith("_sum")]
    if not buckets or buckets[-1][0] != math.inf or count != [buckets[-1][1]] or len(total) != 1:
        raise Wrong(f"{f.name} is not whole")
    if any(a[0] >= b[0] or a[1] > b[1] for a, b in zip(buckets, buckets[1:])):
        raise Wrong(f"{f.name} falls")
