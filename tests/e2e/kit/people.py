"""People of the tests: browsers with their cookies and proofs, the owner of the machine at its socket, and all that must never be
written down."""
import http.client
import json
import os
import re
import socket
import subprocess
import time

from rig import Failed, UnixHttp, wait

SECRETS = []  # whatever must never be written down
PASSWORD = {"admin": "first administrator 1", "anna": "anna's long password", "bert": "bert's long password",
            "eve": "eve does not matter 3"}


class Browser:
    """Keeps a cookie as a browser does, and sends the page's proof beside it."""

    def __init__(self, port, context=None, at="127.0.0.1"):
        self.port, self.context, self.cookie, self.csrf, self.at = port, context, None, None, (at, 0)
        self.head = {}

    def ask(self, method, path, body=None, **more):
        if self.context:
            c = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=10, context=self.context, source_address=self.at)
        else:
            c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10, source_address=self.at)
        head = {**self.head, **more}
        if self.cookie:
            head.setdefault("Cookie", self.cookie)
        if self.csrf and method == "POST":
            head.setdefault("X-Plantbus-CSRF", self.csrf)
        if method == "POST":
            head.setdefault("Content-Type", "application/json")
        c.request(method, path, None if body is None else json.dumps(body), {k: v for k, v in head.items() if v})
        r = c.getresponse()
        text = r.read()
        self.answer, self.status = r, r.status
        for line in r.headers.get_all("Set-Cookie") or []:
            name, value = line.split(";")[0].split("=", 1)
            self.cookie = f"{name}={value}" if value else None
            if value:
                SECRETS.append(value)
        c.close()
        try:
            told = json.loads(text)
        except ValueError:
            return text
        if isinstance(told, dict) and told.get("csrf"):
            self.csrf = told["csrf"]
            SECRETS.append(self.csrf)
        return told

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, noun, body, **more):
        return self.ask("POST", "/api/v1/" + noun, body, **more)

    def login(self, user, password=None):
        self.cookie = self.csrf = None
        told = self.post("login", {"user": user, "password": password or PASSWORD[user]})
        if self.status != 200:
            raise Failed(f"{user} cannot log in: {self.status} {told}")
        return told


def owner(rig, noun, body=None):
    """Over the machine's own socket; status and answer."""
    c = UnixHttp(rig.path("sock"))
    head = {"Content-Type": "application/json"} if body is not None else {}
    c.request("POST" if body is not None else "GET", "/api/v1/" + noun, None if body is None else json.dumps(body), head)
    r = c.getresponse()
    text = r.read()
    c.close()
    try:
        return r.status, json.loads(text)
    except ValueError:
        return r.status, text


def made(rig, noun, body):
    status, told = owner(rig, noun, body)
    if status != 200:
        raise Failed(f"{noun} {body}: {status} {told}")
    SECRETS.extend(told[k] for k in ("token", "link") if k in told)
    return told


def tool(rig, *args, **env):
    return subprocess.run([rig.program("plantbus"), *args], capture_output=True, text=True, check=False, timeout=30,
                          env={**os.environ, **env}, stdin=subprocess.DEVNULL)


def page(rig):
    found = wait("the page's port is told", lambda: re.findall(r"page=(https?)://[^ ]*:(\d+)/", rig.log("aggregator")))
    return int(found[-1][1])


def first_link(rig):
    return wait("the link is shown", lambda: re.findall(r"/#welcome=([0-9a-f]{64})", rig.log("aggregator")))[-1]


T0, T1 = "2026-01-05T06:00:00Z", "2026-01-05T07:00:00Z"


def live(port, cookie):
    s = socket.create_connection(("127.0.0.1", port), 10)
    s.sendall(f"GET /api/v1/stream HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode())
    text = b""
    while b"event: plant" not in text:
        got = s.recv(65536)
        if not got:
            raise Failed(f"no stream: {text[:200]}")
        text += got
    return s


def ended(s, seconds):
    s.settimeout(seconds)
    end = time.monotonic() + seconds
    try:
        while time.monotonic() < end:
            if not s.recv(65536):
                return True
    except ConnectionError:
        return True
    except OSError:
        return False
    return False


def let_in(rig, user, roles, password=None, **more):
    """Somebody with a password, whoever set it."""
    made(rig, "users", {"act": "add", "user": user, "roles": roles, **more})
    made(rig, "users", {"act": "password", "user": user, "password": password or PASSWORD[user]})
