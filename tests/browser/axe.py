"""axe-core over a page: what it calls a violation, each with its rule and the first elements it names."""
import os
import shutil
import subprocess

from rig import TOP, Failed

HERE = os.path.dirname(os.path.realpath(__file__))
RUN = """return axe.run(document, { resultTypes: ["violations"] }).then((r) => r.violations.map((v) =>
  `${v.id} (${v.impact}): ${v.nodes.length} of ${v.nodes.slice(0, 3).map((n) => n.html.slice(0, 140)).join(" ; ")}`))"""


def source():
    """Its text, of the version that the lock file names; fetched once a tree."""
    folder = os.path.join(TOP, "build", "browser-npm")
    text = os.path.join(folder, "node_modules", "axe-core", "axe.min.js")
    lock = os.path.join(HERE, "npm", "package-lock.json")
    have = os.path.join(folder, "package-lock.json")
    if not os.path.exists(text) or not os.path.exists(have) or open(have, "rb").read() != open(lock, "rb").read():
        os.makedirs(folder, exist_ok=True)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(os.path.join(HERE, "npm", name), folder)
        got = subprocess.run(["npm", "ci", "--prefix", folder, "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120, check=False)
        if got.returncode:
            raise Failed(f"npm ci: {got.stdout[-500:]}")
    with open(text, encoding="utf-8") as f:
        return f.read()


class Axe:
    def __init__(self):
        self.text = source()

    def violations(self, b):
        """Of what is shown now. The document keeps the library: a page that was loaded anew has none."""
        if not b.js("return !!window.axe"):
            b.js(self.text)
        return b.js(RUN)
