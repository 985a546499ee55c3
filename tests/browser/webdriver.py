"""A browser driven over WebDriver (w3.org/TR/webdriver2) with nothing but the standard library: one session,
real key presses, waiting for conditions. Chromium's own commands where the standard has none."""
import base64
import http.client
import json
import os
import re
import shutil
import signal
import subprocess

from rig import Failed, die_with_us, wait

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"]
KEYS = {"Tab": "\ue004", "Enter": "\ue007", "Escape": "\ue00c", "Backspace": "\ue003", "Shift": "\ue008",
        "ArrowLeft": "\ue012", "ArrowUp": "\ue013", "ArrowRight": "\ue014", "ArrowDown": "\ue015",
        "Home": "\ue011", "End": "\ue010"}


class Browser:
    """folder: where the profile and the driver's log go. Everything ends with close()."""

    def __init__(self, folder):
        self.log = os.path.join(folder, "chromedriver.log")
        with open(self.log, "wb") as log:
            self.driver = subprocess.Popen([shutil.which("chromedriver"), "--port=0"], stdout=log, stderr=log,
                                           preexec_fn=die_with_us, start_new_session=True)
        self.port = int(wait("chromedriver tells its port", self._port))
        chromium = {"binary": shutil.which("chromium"), "args": FLAGS + [f"--user-data-dir={folder}/profile"]}
        wanted = {"goog:chromeOptions": chromium, "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
                  "timeouts": {"script": 60000}}
        self.session = self._call("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})["sessionId"]

    def _port(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            found = re.search(r"successfully on port (\d+)", f.read())
        return found and found.group(1)

    def _call(self, method, path, body=None):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            c.request(method, path, json.dumps(body) if body is not None else None, {"Content-Type": "application/json"})
            answer = json.loads(c.getresponse().read())["value"]
        except TimeoutError:
            raise Failed(f"{path}: the browser does not answer") from None
        finally:
            c.close()
        if isinstance(answer, dict) and "error" in answer:
            raise Failed(f"{path}: {answer['error']}: {answer['message'].splitlines()[0]}")
        return answer

    def _post(self, what, body):
        return self._call("POST", f"/session/{self.session}/{what}", body)

    def close(self):
        try:
            self._call("DELETE", f"/session/{self.session}")
        finally:
            os.killpg(self.driver.pid, signal.SIGKILL)
            self.driver.wait()

    def window(self):
        return self._call("GET", f"/session/{self.session}/window")

    def open_window(self):
        """A new one, which is gone to; without a screen every one of them is seen."""
        handle = self._post("window/new", {"type": "window"})["handle"]
        self.to_window(handle)
        return handle

    def to_window(self, handle):
        self._post("window", {"handle": handle})

    def close_window(self):
        self._call("DELETE", f"/session/{self.session}/window")

    def open(self, url):
        self._post("url", {"url": url})

    def js(self, script, *args):
        """The script's return value; promises are waited for."""
        return self._post("execute/sync", {"script": script, "args": list(args)})

    def until(self, what, script, *args, seconds=10):
        """The first true value of an expression in the page."""
        return wait(what, lambda: self.js("return " + script, *args), seconds)

    def devtools(self, command, **params):
        return self._post("goog/cdp/execute", {"cmd": command, "params": params})

    def press(self, *keys, held=None):
        """Key after key as from a keyboard; `held` stays down meanwhile."""
        strokes = [{"type": kind, "value": KEYS.get(k, k)} for k in keys for kind in ("keyDown", "keyUp")]
        if held:
            strokes = [{"type": "keyDown", "value": KEYS[held]}, *strokes, {"type": "keyUp", "value": KEYS[held]}]
        self._post("actions", {"actions": [{"type": "key", "id": "keyboard", "actions": strokes}]})

    def click(self, selector):
        element = self._post("element", {"using": "css selector", "value": selector})
        self._post(f"element/{next(iter(element.values()))}/click", {})

    def size(self, width, height):
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1,
                      mobile=width < 500)

    def prefer(self, **features):
        """CSS media features, such as prefers_color_scheme="dark"."""
        named = [{"name": k.replace("_", "-"), "value": v} for k, v in features.items()]
        self.devtools("Emulation.setEmulatedMedia", features=named)

    def picture(self, path, whole=False):
        shot = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        with open(path, "wb") as f:
            f.write(base64.b64decode(shot["data"]))

    def printed(self):
        """The page on A4 as PDF, in base64."""
        return self._post("print", {"background": True, "page": {"width": 21.0, "height": 29.7}})

    def logged(self, kind):
        """What was written since it was last asked: "browser" (console) or "performance" (the network)."""
        return self._post("se/log", {"type": kind})

    def requests(self):
        """Addresses the page asked for since this was last asked."""
        events = (json.loads(x["message"])["message"] for x in self.logged("performance"))
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]
