"""An MQTT 3.1.1 client that says whatever it is told to, and reads nothing but what it must: for tests of what
others may publish. Bytes as in the standard, written with nothing but the standard library."""
import socket
import struct

import journal


def _text(s):
    raw = s.encode()
    return struct.pack(">H", len(raw)) + raw


def _packet(kind, body):
    n, size = len(body), b""
    while True:
        size += bytes([n % 128 | (128 if n > 127 else 0)])
        n //= 128
        if not n:
            return bytes([kind]) + size + body


class Client:
    def __init__(self, port, name):
        self.sock = socket.create_connection(("127.0.0.1", port), 10)
        self.sock.sendall(_packet(0x10, _text("MQTT") + bytes([4, 2, 0, 0]) + _text(name)))
        if self._read() != b"\x20\x02\x00\x00":
            raise OSError("the broker refuses")

    def _read(self, n=4):
        out = b""
        while len(out) < n:
            part = self.sock.recv(n - len(out))
            if not part:
                raise OSError("the broker hangs up")
            out += part
        return out

    def publish(self, topic, payload, retain=False):
        self.sock.sendall(_packet(0x30 | retain, _text(topic) + payload))

    def subscribe(self, pattern):
        self.sock.sendall(_packet(0x82, b"\x00\x01" + _text(pattern) + b"\x01"))
        if self._read(5)[:2] != b"\x90\x03":
            raise OSError("no answer to a subscription")

    def receive(self, seconds=10):
        """(topic, payload) of the next message, which is acknowledged; None: there was none in that time."""
        self.sock.settimeout(seconds)
        try:
            kind, n, shift = self._read(1)[0], 0, 0
            while True:
                byte = self._read(1)[0]
                n |= (byte & 127) << shift
                shift += 7
                if byte < 128:
                    break
            body = self._read(n)
        except TimeoutError:
            return None
        end = 2 + struct.unpack(">H", body[:2])[0]
        at = body[2:end].decode()
        if kind & 6:
            self.sock.sendall(b"\x40\x02" + body[end:end + 2])
            end += 2
        return at, body[end:]

    def sync(self):
        """Everything said so far has reached the broker: it answers a ping after it."""
        self.sock.sendall(b"\xc0\x00")
        if self._read(2) != b"\xd0\x00":
            raise OSError("no answer to a ping")

    def close(self):
        self.sock.sendall(b"\xe0\x00")
        self.sock.close()


def partition(agent):
    h = 0x811C9DC5
    for b in agent.encode():
        h = (h ^ b) * 0x01000193 & 0xFFFFFFFF
    return h % 64


def topic(agent, kind, part=None):
    return f"pb1/{partition(agent) if part is None else part}/{agent}/{kind}"


def seal(at, payload):
    """0xC1, CRC-32C of topic and payload, payload (proto/wire/seal.c)."""
    return b"\xc1" + struct.pack("<I", journal.crc32c(at.encode() + payload)) + payload
