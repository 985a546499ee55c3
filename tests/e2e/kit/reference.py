"""The reference agent of the MTConnect institute beside ours, when somebody has built it: its configuration, its start and
end, and what it says itself of what it holds."""
import calendar
import re
import time
import urllib.request
import xml.etree.ElementTree as ET

from rig import free_port, listens, wait

CONF = """Devices = {devices}
Port = {port}
ServerIp = 127.0.0.1
BufferSize = {power}
CheckpointFrequency = 10
MaxAssets = 64
MonitorConfigFiles = false
ReconnectInterval = 100ms
Pretty = true
Adapters {{
  {device} {{
    Host = 127.0.0.1
    Port = {adapter}
    Device = {device}
  }}
}}
logger_config {{
  level = info
  output = cout
}}
"""
NAME = "reference"


class Agent:
    """power: its buffer keeps 2^power observations. adapter: port of what it reads."""

    def __init__(self, rig, program, devices, device, adapter, power):
        self.rig, self.program, self.port = rig, program, free_port()
        self.conf = rig.write(NAME + ".cfg", CONF.format(devices=rig.write(NAME + ".xml", devices), port=self.port,
                                                         power=power, device=device, adapter=adapter))

    def start(self):
        self.rig.start(NAME, self.program, "run", self.conf)
        wait("the reference agent listens", lambda: self.rig.running[NAME].poll() is not None or listens(self.port))
        return self

    def stop(self):
        self.rig.kill(NAME)

    def freeze(self, number):
        """SIGSTOP, and SIGCONT."""
        self.rig.running[NAME].send_signal(number)

    def ask(self, what):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/{what}", timeout=20) as r:
            return ET.fromstring(r.read())

    @staticmethod
    def header(root):
        return next(x for x in root if x.tag.endswith("}Header")).attrib

    def instance(self):
        return int(self.header(self.ask("probe"))["instanceId"])

    def values(self, root, item):
        """[(sequence, time in ms, text)] of a data item; of a condition its level."""
        out = []
        for x in root.iter():
            if x.get("dataItemId") == item and x.get("sequence"):
                level = x.tag[x.tag.index("}") + 1:]
                out.append((int(x.get("sequence")), to_ms(x.get("timestamp")), (x.text or level).strip(), level))
        return sorted(out)

    def has(self, item, text):
        """Whether it has come as far: the newest of a data item."""
        return [v[2] for v in self.values(self.ask("current"), item)] == [str(text)]


def id_of(devices, name):
    """Of the data item with this name in a document of devices."""
    return next(x.get("id") for x in ET.fromstring(devices.encode()).iter() if x.tag.endswith("}DataItem") and x.get("name") == name)


def to_ms(stamp):
    """Cut to milliseconds, as our agent does."""
    whole, _, fraction = stamp.rstrip("Z").partition(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) * 1000 + int((re.sub(r"\D", "", fraction) + "000")[:3])
