"""A time-series database by its contract: /write and /query of InfluxDB 1, with every answer that a real one may
give, drawn by a seed. Reads line protocol by the published grammar, knowing nothing of our writer."""
import gzip
import http.server
import json
import random
import re
import socket
import struct
import threading
import time
import urllib.parse

from deck import Deck

ABORT = struct.pack("ii", 1, 0)
WEATHER = ("ok", "busy_429", "down_503", "error_500", "reset_before", "reset_mid_body", "reset_after", "slow_kept",
           "slow_lost", "refused_401", "gone_404")
WEIGHTS = (10, 2, 2, 1, 1, 1, 2, 1, 1, 1, 1)
LINES_MAX = 60  # more in one request: 413
RETRY_AFTER_S = 1


def split(text, mark, most=0, quotes=False):
    """Parts between unescaped marks; a backslash takes the next character with it. quotes: none within them counts."""
    out, part, at, inside = [], "", 0, False
    while at < len(text):
        c = text[at]
        inside ^= quotes and c == '"'
        if c == "\\" and at + 1 < len(text):
            part += text[at:at + 2]
            at += 1
        elif c == mark and not inside and (not most or len(out) < most):
            out.append(part)
            part = ""
        else:
            part += c
        at += 1
    return out + [part]


def bare(text):
    return re.sub(r"\\([,= \\])", r"\1", text)


def value(text):
    if text[0] == '"':
        return re.sub(r'\\(["\\])', r"\1", text[1:-1])
    if text[-1] == "i":
        return int(text[:-1])
    return {"t": True, "f": False, "true": True, "false": False}[text.lower()] if text[0] in "tfTF" else float(text)


def parse(line):
    """(measurement, tags, ms), fields of one point."""
    head, rest = split(line, " ", 1)
    fields, stamp = split(rest, " ", quotes=True)
    measurement, *tags = split(head, ",")
    tags = tuple(sorted(tuple(map(bare, split(x, "=", 1))) for x in tags))
    fields = dict(split(x, "=", 1) for x in split(fields, ",", quotes=True))
    return (bare(measurement), tags, int(stamp)), {bare(k): value(v) for k, v in fields.items()}


class Database:
    def __init__(self, seed, poisoned):
        self.rng, self.poisoned = random.Random(f"{seed}/db"), poisoned
        self.deck = Deck(self.rng, WEATHER, WEIGHTS)
        self.lock = threading.Lock()
        self.points, self.refused, self.answers = {}, set(), {}
        self.made = self.weather = False
        self.not_before, self.early, self.wrong = 0.0, 0, []
        db = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                db.serve(self)

            def log_message(self, *_):
                pass

        class Server(http.server.ThreadingHTTPServer):
            daemon_threads, block_on_close = True, False

            def handle_error(self, *_):
                pass  # the other side was killed

        self.server = Server(("127.0.0.1", 0), Handler)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()

    # --- one request ------------------------------------------------------------------------------

    def draw(self):
        with self.lock:
            self.early += time.monotonic() < self.not_before
            kind = self.deck.draw() if self.weather else "ok"
            if kind != "ok":
                self.count(kind)
            return kind, self.rng.random() < 0.5

    def count(self, kind):
        self.answers[kind] = self.answers.get(kind, 0) + 1

    def serve(self, h):
        kind, coin = self.draw()
        if kind == "reset_before":
            return self.reset(h)
        length = int(h.headers.get("Content-Length", 0))
        if kind == "reset_mid_body":
            h.rfile.read(length // 2)
            return self.reset(h)
        body = h.rfile.read(length)
        if kind == "slow_lost":
            time.sleep(1.2)  # longer than the client waits
            return self.reset(h)
        plain = {"busy_429": (429, "too many requests"), "down_503": (503, "try later"), "error_500": (500, "oops"),
                 "refused_401": (401, "unable to parse authentication credentials")}.get(kind)
        if plain:
            return self.answer(h, *plain)
        if kind == "gone_404":
            self.made = False
        status, words = self.take(h, body, coin)
        if kind == "reset_after":
            return self.reset(h)
        if kind == "slow_kept":
            time.sleep(1.2)
        return self.answer(h, status, words)

    def take(self, h, body, coin):
        url = urllib.parse.urlsplit(h.path)
        args = dict(urllib.parse.parse_qsl(url.query))
        if h.headers.get("Content-Encoding") == "gzip":
            body = gzip.decompress(body)
        with self.lock:
            return self.query(args["q"]) if url.path == "/query" else self.write(args, body.decode(), coin)

    def query(self, q):
        if q.startswith("CREATE DATABASE"):
            self.made = True
            return 200, None
        found = re.fullmatch(r'DELETE FROM "(\w+)" WHERE (.*) AND time = (\d+)', q)
        if not found:
            self.wrong.append(q)
            return 400, "error parsing query"
        tags = tuple(sorted((k, v) for k, v in re.findall(r"\"(\w+)\"='((?:[^'\\]|\\.)*)'", found[2]) if v))
        self.points.pop((found[1], tags, int(found[3]) // 1000000), None)
        return 200, None

    def write(self, args, text, coin):
        if not self.made:
            return 404, "database not found: \"plantbus\""
        lines = text.splitlines()
        if args.get("precision") != "ms" or args.get("db") != "plantbus":
            self.wrong.append(str(args))
        if len(lines) > LINES_MAX:
            return 413, "Request Entity Too Large"
        points = [parse(x) for x in lines]
        bad = [key for key, _ in points if self.poisoned(key)]
        if bad and coin and len(points) > 1:
            return 400, "field type conflict: nothing was written"
        for key, fields in points:  # as InfluxDB does: what can be kept is kept, fields merge
            if key not in bad:
                self.points.setdefault(key, {}).update(fields)
        self.refused.update(bad)
        return (400, f"partial write: points beyond retention policy dropped={len(bad)}") if bad else (204, None)

    def answer(self, h, status, words):
        if status in (200, 204, 400, 413):
            self.count(f"answered_{status}")
        body = b"" if status == 204 else json.dumps({"error": words} if words else {"results": [{}]}).encode()
        h.send_response(status)
        h.send_header("Content-Length", str(len(body)))
        if status == 429:
            h.send_header("Retry-After", str(RETRY_AFTER_S))
        h.end_headers()
        if status == 429:
            self.not_before = time.monotonic() + RETRY_AFTER_S
        h.wfile.write(body)

    def reset(self, h):
        h.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
        h.close_connection = True
        h.connection.close()
