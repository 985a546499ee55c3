"""Test peers that are npm packages: installed below the build folder as their lock file says, run by node."""
import json
import os
import queue
import shutil
import subprocess
import threading

from rig import TOP, die_with_us


def folder_of(peer):
    return os.path.join(TOP, "tests", "e2e", "peers", peer)


def install(t, build, peer, package, seconds=300):
    """The folder of modules of a peer whose main package is that; None if they cannot be had, which counts as failed."""
    folder = os.path.join(os.path.abspath(build), "peers", peer)
    modules, lock = os.path.join(folder, "node_modules"), os.path.join(folder, "package-lock.json")
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder_of(peer), "package-lock.json"), encoding="utf-8") as f:
        wanted = f.read()
    if os.path.isdir(os.path.join(modules, package)) and os.path.exists(lock):
        with open(lock, encoding="utf-8") as f:
            if f.read() == wanted:
                return modules
    for name in ("package.json", "package-lock.json"):
        shutil.copy(os.path.join(folder_of(peer), name), folder)
    try:
        done = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"], cwd=folder, capture_output=True,
                              text=True, timeout=seconds, check=False)
        said, ok = done.stdout + done.stderr, done.returncode == 0
    except (OSError, subprocess.TimeoutExpired) as why:
        said, ok = str(why), False
    if t.check(f"the peer, npm's {package}, is there", ok, said[-500:]):
        return modules
    os.remove(lock)
    return None


class Script:
    """A script of a peer's folder that takes commands and answers with JSON lines."""

    def __init__(self, modules, peer, script, *words):
        self.p = subprocess.Popen(["node", os.path.join(folder_of(peer), script), *words], stdin=subprocess.PIPE,
                                  stdout=subprocess.PIPE, text=True, preexec_fn=die_with_us,
                                  env={**os.environ, "NODE_PATH": modules})
        self.said, self.lines = [], queue.Queue()
        threading.Thread(target=lambda: [self.lines.put(x) for x in self.p.stdout], daemon=True).start()

    def tell(self, **command):
        self.p.stdin.write(json.dumps(command) + "\n")
        self.p.stdin.flush()

    def count(self, what):
        """How often it has said so."""
        while not self.lines.empty():
            self.said.append(json.loads(self.lines.get()))
        return self.said.count(what)

    def end(self):
        self.p.kill()
        self.p.wait()
