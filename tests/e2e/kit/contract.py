"""Holds every answer of the daemon that a test reads against aggregator/web/server/openapi.json, with a real validator: status,
type, each member. Objects are taken as closed: a member that is not described is a fault of the description. Of bodies that are
the same but for their digits one is looked at."""
import http.client
import json
import os
import re

HERE = os.path.dirname(os.path.realpath(__file__))
DOCUMENT = os.path.join(HERE, "..", "..", "..", "aggregator", "web", "server", "openapi.json")
TIME = r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z$"
EVERYWHERE = {404, 405, 421}  # of paths that there are none of, methods, names of the host
KEPT = 20


def closed(schema):
    """The same, but that what is not described is wrong, and a time is a text of its form."""
    if isinstance(schema, list):
        return [closed(x) for x in schema]
    if not isinstance(schema, dict):
        return schema
    out = {k: closed(v) for k, v in schema.items()}
    if out.get("type") == "object" and "properties" in out:
        out.setdefault("additionalProperties", False)
    if out.get("format") == "date-time":
        out["pattern"] = TIME
    return out


class Contract:
    def __init__(self, document=None):
        if document is None:
            with open(DOCUMENT, encoding="utf-8") as f:
                document = json.load(f)
        self.document, self.problems, self.seen, self.checked = document, [], set(), 0
        self.validators, self.used = {}, set()
        self.components = closed(document["components"])
        self.patterns = [(re.compile(re.sub(r"\\{id\\}|\{id\}", "[^/]+", p) + "$"), p) for p in document["paths"]]

    def matches(self, described, path):
        """Whether a path with an id is one of those."""
        return any(p == described and "{" in p and pattern.match(path) for pattern, p in self.patterns)

    def path_of(self, path):
        if path in self.document["paths"]:
            return path
        return next((p for pattern, p in self.patterns if "{" in p and pattern.match(path)), None)

    def validator(self, schema):
        key = json.dumps(schema)
        if key not in self.validators:
            import jsonschema  # by what reads an answer only
            self.validators[key] = jsonschema.Draft202012Validator({**closed(schema), "components": self.components})
        return self.validators[key]

    def wrong(self, schema, value):
        """Where it is not as the schema says, the deepest of the first faults."""
        from jsonschema.exceptions import best_match
        e = best_match(self.validator(schema).iter_errors(value))
        return e and f"{'/'.join(map(str, e.absolute_path)) or '(whole)'}: {e.message[:200]}"

    def resolve(self, x):
        while "$ref" in x:
            at = self.document
            for part in x["$ref"][2:].split("/"):
                at = at[part]
            x = at
        return x

    def complain(self, text):
        if text not in self.problems and len(self.problems) < KEPT:
            self.problems.append(text)

    def on_answer(self, method, url, status, kind, body, sent=None):
        path = url.split("?")[0]
        shape = (method, self.path_of(path), status, kind, re.sub(rb"[0-9]+", b"0", body))
        if hash(shape) in self.seen:
            return
        self.seen.add(hash(shape))
        self.checked += 1
        where = f"{method} {url.split('?')[0]} {status}"
        op = (self.document["paths"].get(self.path_of(path)) or {}).get("get" if method == "HEAD" else method.lower())
        answer = op and op["responses"].get(str(status))
        if op and not answer and status not in EVERYWHERE:
            self.complain(f"{where}: openapi.json does not say that it answers so: {body[:200]}")
            return
        if op:
            self.used.add((method, self.path_of(path), status))
        if not body or method == "HEAD" or status in (204, 304):
            return
        answer = self.resolve(answer) if answer else {"content": {"application/problem+json": {
            "schema": {"$ref": "#/components/schemas/Problem"}}}}
        content = answer.get("content", {}).get(kind.split(";")[0])
        if content is None:
            self.complain(f"{where}: {kind} is not described")
        elif "json" in kind and "ndjson" not in kind:
            self.look(where, content["schema"], body)
        if sent and status == 200 and op and "requestBody" in op:
            self.look(where + ", what was sent", op["requestBody"]["content"]["application/json"]["schema"], sent)

    def look(self, where, schema, body):
        try:
            value = json.loads(body)
        except ValueError:
            self.complain(f"{where}: no JSON: {body[:200]}")
            return
        wrong = self.wrong(schema, value)
        if wrong:
            self.complain(f"{where}: {wrong}")


CONTRACT = Contract()


def watch():
    """From now on whatever this process reads over HTTP from the daemon is looked at."""
    put, send, get = http.client.HTTPConnection.putrequest, http.client.HTTPConnection._send_request, http.client.HTTPConnection.getresponse

    def putrequest(self, method, url, *args, **kwargs):
        self.asked = method, url
        return put(self, method, url, *args, **kwargs)

    def send_request(self, method, url, body, *args, **kwargs):
        self.sent = body.encode() if isinstance(body, str) else body
        return send(self, method, url, body, *args, **kwargs)

    def getresponse(self, *args, **kwargs):
        r = get(self, *args, **kwargs)
        asked, sent = getattr(self, "asked", ("GET", "")), getattr(self, "sent", None)
        ours = "manifest-src" in (r.headers.get("Content-Security-Policy") or "")
        if ours and asked[1].startswith(("/api/v1/", "/metrics")) and not r.headers.get("Content-Encoding"):
            read = r.read

            def whole(amt=None):
                body = read() if amt is None else read(amt)
                if amt is None:
                    CONTRACT.on_answer(*asked, r.status, r.headers.get("Content-Type") or "", body, sent)
                return body
            r.read = whole
        return r
    http.client.HTTPConnection.putrequest = putrequest
    http.client.HTTPConnection._send_request = send_request
    http.client.HTTPConnection.getresponse = getresponse


watch()
