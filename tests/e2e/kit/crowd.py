"""Readers of the page's stream, many at once, in one thread: what each was sent, and when. Frames that are equal are
kept once. A reader can be made to take nothing."""
import json
import selectors
import socket
import threading
import time


class Reader:
    def __init__(self, port, query, small=False):
        self.sock = socket.socket()
        if small:  # a window that is soon full, and segments by which the other side's buffer stays small, too
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_MAXSEG, 536)
        self.sock.connect(("127.0.0.1", port))
        self.sock.sendall(f"GET /api/v1/stream?{query} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        self.rest, self.frames, self.headed, self.ended = b"", [], False, False

    def feed(self, got, now, kept):
        self.rest += got
        if not self.headed:
            head, between, rest = self.rest.partition(b"\r\n\r\n")
            if not between:
                return
            if not head.startswith(b"HTTP/1.1 200"):
                raise OSError(head[:80])
            self.headed, self.rest = True, rest
        *whole, self.rest = self.rest.split(b"\n\n")
        for frame in whole:
            self.frames.append((kept.setdefault(frame, frame), now))


class Crowd(threading.Thread):
    def __init__(self):
        super().__init__(daemon=True)
        self.readers, self.kept, self.wanted = [], {}, {}
        self.choose, self.lock, self.done = selectors.DefaultSelector(), threading.Lock(), False

    def join_in(self, reader):
        with self.lock:
            self.readers.append(reader)
            self.choose.register(reader.sock, selectors.EVENT_READ, reader)
        return reader

    def run(self):
        while not self.done:
            for key, _ in self.choose.select(0.2):
                r = key.data
                try:
                    got = r.sock.recv(1 << 18)
                except OSError:
                    got = b""
                if got:
                    r.feed(got, time.monotonic(), self.kept)
                else:
                    with self.lock:
                        self.choose.unregister(r.sock)
                    r.ended = True

    def stop(self):
        self.done = True
        self.join()
        for r in self.readers:
            r.sock.close()


def parsed(frame):
    """(kind, number of the event or None, data)."""
    rows = dict(line.split(": ", 1) for line in frame.decode().split("\n"))
    return rows["event"], int(rows["id"].rpartition("-")[2]) if "id" in rows else None, json.loads(rows["data"])


class Story:
    """Frames of readers, each parsed once. What a reader knows after event n must not depend on the reader."""

    def __init__(self):
        self.known, self.truth = {}, {}

    def of(self, frame):
        if frame not in self.known:
            kind, n, data = parsed(frame)
            parts = {x["id"]: json.dumps(x, sort_keys=True) for x in data.get("tiles", [])}
            if "head" in data:
                parts[""] = json.dumps(data["head"], sort_keys=True)
            self.known[frame] = kind, n, parts
        return self.known[frame]

    def told(self, reader):
        """Goes through what one was told: the events it took, and what is wrong with them."""
        state, last, taken, wrong = {}, None, [], []
        for frame, _ in reader.frames:
            kind, n, parts = self.of(frame)
            if kind == "time":
                continue
            if (kind == "plant") != (last is None):
                wrong.append(f"{kind} behind event {last}")
            if last is not None and n <= last:
                wrong.append(f"event {n} behind {last}")
            state, last = {**({} if kind == "plant" else state), **parts}, n
            taken.append(n)
            if self.truth.setdefault(n, state) != state:
                wrong.append(f"event {n}: another state than others have")
        return taken, wrong

    def missed(self, taken):
        """Events that others took and this reader was told of only by a later one."""
        return sum(1 for n in self.truth if taken[0] < n < taken[-1]) - (len(taken) - 2)
