"""An agent of MTConnect for tests, written from the standard (Part 1: protocol; Parts 2 and 3: devices and
observations), not from any client: a ring of observations with sequence numbers, probe, current (with at), sample
(with from, count) as a document or, with interval, as multipart/x-mixed-replace with heartbeat, MTConnectError. It is fed
with lines of SHDR."""
import datetime
import http.server
import threading
import time
import urllib.parse
import xml.etree.ElementTree as ET
from xml.sax.saxutils import escape, quoteattr

VERSION = "1.6"


def stamp(t):
    return datetime.datetime.fromtimestamp(t, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_stamp(text):
    text = text.rstrip("Z")
    whole, _, fraction = text.partition(".")
    t = datetime.datetime.fromisoformat(whole).replace(tzinfo=datetime.timezone.utc).timestamp()
    return t + (float("0." + fraction) if fraction else 0)


def pascal(word):
    return "".join(x.capitalize() for x in word.split("_"))


class Item:
    def __init__(self, element, component, device):
        self.__dict__.update({k: element.get(k, "") for k in
                              ("id", "name", "type", "subType", "category", "units", "representation")})
        self.component, self.device, self.active = component, device, {}
        self.latest = None


class Observation:
    def __init__(self, sequence, item, t, element, attributes, text):
        self.sequence, self.item, self.t, self.element = sequence, item, t, element
        self.attributes, self.text = attributes, text

    def xml(self):
        i, more = self.item, "".join(f" {k}={quoteattr(v)}" for k, v in self.attributes.items())
        name = f" name={quoteattr(i.name)}" if i.name else ""
        sub = f" subType={quoteattr(i.subType)}" if i.subType else ""
        return (f'<{self.element} dataItemId={quoteattr(i.id)} timestamp="{stamp(self.t)}"{name} '
                f'sequence="{self.sequence}"{sub}{more}>{escape(self.text)}</{self.element}>')


class Agent:
    """devices: text of an MTConnectDevices document. buffer: how many observations it keeps."""

    def __init__(self, devices, buffer=131072, instance=None):
        self.size, self.instance = buffer, instance or int(time.time() * 1000)
        self.lock, self.news = threading.Lock(), threading.Condition()
        self.ring, self.next = [], 1
        self.silent = False  # it answers, and sends no heartbeat any more
        self.requests = []
        self.load(devices)
        self.server, self.open = None, []

    def load(self, devices):
        root = ET.fromstring(devices)
        space = root.tag[:root.tag.index("}") + 1]
        self.items, self.by_key = [], {}
        for device in root.iter(space + "Device"):
            self.walk(space, device, device, device)
        self.devices = "".join(ET.tostring(d, encoding="unicode") for d in root.iter(space + "Devices"))
        self.space = space[1:-1]
        for i in self.items:
            self.add(i, time.time(), *(("Unavailable", {"type": i.type}, "") if i.category == "CONDITION" else
                                       (self.element(i), {}, "UNAVAILABLE")))

    def walk(self, space, node, component, device):
        for child in node:
            if child.tag == space + "DataItems":
                for d in child.findall(space + "DataItem"):
                    i = Item(d, component, device)
                    self.items.append(i)
                    self.by_key[i.id] = i
                    if i.name:
                        self.by_key[i.name] = i
            elif child.tag == space + "Components":
                for c in child:
                    self.walk(space, c, c, device)

    @staticmethod
    def element(item):
        name = pascal(item.type)
        return name + "TimeSeries" if item.representation == "TIME_SERIES" else name

    def add(self, item, t, element, attributes, text):
        o = Observation(self.next, item, t, element, attributes, text)
        self.next += 1
        self.ring.append(o)
        del self.ring[:-self.size]
        if item.category == "CONDITION":
            code = attributes.get("nativeCode", "")
            if element in ("Normal", "Unavailable") and not code:
                item.active = {"": o}
            elif element == "Normal":
                item.active.pop(code, None)
                item.active = item.active or {"": o}
            else:
                item.active.pop("", None)
                item.active[code] = o
        item.latest = o

    def feed(self, line):
        """A line of SHDR: conditions and messages by the category of their data item."""
        fields = line.rstrip("\n").split("|")
        t = parse_stamp(fields[0].split("@")[0]) if fields[0] else time.time()
        at = 1
        with self.news:
            while at + 1 < len(fields):
                i = self.by_key.get(fields[at])
                if i is None:
                    at += 2
                elif i.category == "CONDITION":
                    level, code, severity, qualifier, text = (fields[at + 1:at + 6] + [""] * 5)[:5]
                    attributes = {"type": i.type}
                    attributes.update({"nativeCode": code} if code else {})
                    attributes.update({"nativeSeverity": severity} if severity else {})
                    self.add(i, t, level.capitalize(), attributes, text)
                    at += 6
                elif i.representation == "TIME_SERIES":
                    self.add(i, t, self.element(i), {"sampleCount": fields[at + 1], "sampleRate": fields[at + 2]},
                             fields[at + 3])
                    at += 4
                else:
                    self.add(i, t, self.element(i), {}, fields[at + 1])
                    at += 2
            self.news.notify_all()

    # --- documents --------------------------------------------------------------------------------

    def first(self):
        return self.ring[0].sequence if self.ring else self.next

    def wrap(self, kind, header, body):
        space = f"urn:mtconnect.org:MTConnect{kind}:{VERSION}"
        return (f'<?xml version="1.0" encoding="UTF-8"?>\n<MTConnect{kind} xmlns:m="{space}" xmlns="{space}" '
                f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="{space} '
                f'/schemas/MTConnect{kind}_{VERSION}.xsd">\n  <Header creationTime="{stamp(time.time())[:19]}Z" '
                f'sender="test" instanceId="{self.instance}" version="{VERSION}.0.0" '
                f'bufferSize="{self.size}"{header}/>{body}</MTConnect{kind}>\n').encode()

    def error(self, code, text):
        return self.wrap("Error", "", f'<Errors><Error errorCode="{code}">{escape(text)}</Error></Errors>')

    def probe(self):
        body = self.devices.replace(self.space, f"urn:mtconnect.org:MTConnectDevices:{VERSION}")
        return self.wrap("Devices", ' assetBufferSize="1" assetCount="0"', body)

    def streams(self, rows, next_sequence):
        """rows by device and component, in the order of the devices file."""
        groups, out = {}, []
        for o in rows:
            groups.setdefault((o.item.device, o.item.component), []).append(o)
        devices = []
        for device, _ in groups:
            devices += [] if device in devices else [device]
        for device in devices:
            out.append(f'<DeviceStream name={quoteattr(device.get("name"))} uuid={quoteattr(device.get("uuid"))}>')
            for (d, component), mine in groups.items():
                if d is not device:
                    continue
                kind = component.tag[component.tag.index("}") + 1:]
                name = f' name={quoteattr(component.get("name"))}' if component.get("name") else ""
                out.append(f'<ComponentStream component="{kind}"{name} componentId={quoteattr(component.get("id"))}>')
                for wrapper, category in (("Samples", "SAMPLE"), ("Events", "EVENT"), ("Condition", "CONDITION")):
                    chosen = [o.xml() for o in mine if o.item.category == category]
                    if chosen:
                        out.append(f"<{wrapper}>{''.join(chosen)}</{wrapper}>")
                out.append("</ComponentStream>")
            out.append("</DeviceStream>")
        header = (f' nextSequence="{next_sequence}" firstSequence="{self.first()}" lastSequence="{self.next - 1}"')
        return self.wrap("Streams", header, f"<Streams>{''.join(out)}</Streams>")

    def current(self, at=None):
        with self.news:
            if at is None:
                rows = [o for i in self.items for o in (i.active.values() if i.category == "CONDITION" else [i.latest])]
                return 200, self.streams(rows, self.next)
            if not self.first() <= at < self.next:
                return 404, self.error("OUT_OF_RANGE", f"'at' must be between {self.first()} and {self.next - 1}")
            # What lay before the buffer is told by an agent's checkpoint; here by the buffer from its begin on.
            latest = {}
            for o in self.ring:
                if o.sequence <= at:
                    key = (o.item.id, o.attributes.get("nativeCode", "") if o.item.category == "CONDITION" else "")
                    if o.item.category == "CONDITION" and not key[1]:
                        for k in [k for k in latest if k[0] == o.item.id]:
                            del latest[k]
                    latest[key] = o
            return 200, self.streams(list(latest.values()), self.next)

    def sample(self, start, count):
        with self.news:
            start = self.first() if start is None else start
            if not self.first() <= start <= self.next:
                return 404, self.error("OUT_OF_RANGE", f"'from' must be between {self.first()} and {self.next}"), start
            if count > self.size:  # as the reference agent has it
                return 404, self.error("OUT_OF_RANGE", f"'count' must be less than {self.size + 1}"), start
            rows = [o for o in self.ring if o.sequence >= start][:count]
            after = rows[-1].sequence + 1 if rows else start
            return 200, self.streams(rows, after), after

    # --- HTTP -------------------------------------------------------------------------------------

    def start(self, port=0):
        agent = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def answer(self, status, body):
                self.send_response(status)
                self.send_header("Content-Type", "text/xml")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def chunk(self, data):
                self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()

            def part(self, body):
                self.chunk(b"--MARK\r\nContent-type: text/xml\r\nContent-length: %d\r\n\r\n%s\r\n" % (len(body), body))

            def stream(self, start, count, interval, heartbeat):
                self.send_response(200)
                self.send_header("Content-Type", "multipart/x-mixed-replace;boundary=MARK")
                self.send_header("Transfer-Encoding", "chunked")
                self.send_header("Connection", "close")
                self.end_headers()
                self.close_connection = True
                while agent.server is not None:
                    status, body, after = agent.sample(start, count)
                    self.part(body)
                    if status != 200:
                        return
                    start, sent = after, time.monotonic()
                    with agent.news:
                        agent.news.wait_for(lambda: agent.next > start or agent.server is None, heartbeat)
                        while agent.silent and agent.server is not None:
                            agent.news.wait(0.1)
                        agent.news.wait_for(lambda: agent.server is None,
                                            max(0, interval - (time.monotonic() - sent)))

            def do_GET(self):
                url = urllib.parse.urlsplit(self.path)
                ask = {k: int(v) for k, v in urllib.parse.parse_qsl(url.query)}
                agent.requests.append(self.path)
                agent.open.append(self.connection)
                what = url.path.rsplit("/", 1)[-1]
                try:
                    if what == "probe":
                        self.answer(200, agent.probe())
                    elif what == "current":
                        self.answer(*agent.current(ask.get("at")))
                    elif what != "sample":
                        self.answer(404, agent.error("UNSUPPORTED", "no such request"))
                    elif "interval" in ask and agent.sample(ask.get("from"), ask.get("count", 100))[0] == 200:
                        self.stream(ask.get("from"), ask.get("count", 100), ask["interval"] / 1000,
                                    ask.get("heartbeat", 10000) / 1000)
                    else:
                        self.answer(*agent.sample(ask.get("from"), ask.get("count", 100))[:2])
                except OSError:
                    pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.server.daemon_threads = True
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self.server.server_address[1]

    def stop(self):
        """It is gone, with all connections; its buffer stays for another start."""
        server, self.server = self.server, None
        with self.news:
            self.news.notify_all()
        server.shutdown()
        server.server_close()
        for c in self.open:
            try:
                c.shutdown(2)
            except OSError:
                pass
        self.open = []
