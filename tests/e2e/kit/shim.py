"""A wrong clock and a failing or full disk for one process of a rig."""
import ctypes
import mmap
import os
import struct
import subprocess

CLONE_NEWNS, CLONE_NEWUSER = 0x00020000, 0x10000000
LIBC = ctypes.CDLL(None, use_errno=True)


class Shim:
    """tests/e2e/chaos/fault_shim.c in a process that is started after this."""

    def __init__(self, rig, name, folder):
        path = rig.write(name + ".shim", "\0" * 32)
        with open(path, "r+b") as f:
            self.map = mmap.mmap(f.fileno(), 32)
        rig.env[name] = {"LD_PRELOAD": os.path.join(rig.build, "tests", "fault_shim.so"), "PLANTBUS_SHIM": path,
                         "PLANTBUS_SHIM_FOLDER": folder}

    def disk(self, errno=0, reading=False):
        self.map[8:16] = struct.pack("<ii", errno, reading)

    def die(self, number, after):
        """At the so many-th change of the disk from now on: instead of it, or when it is done."""
        self.map[16:32] = struct.pack("<qii", number, after, 0)

    def clock(self, ms):
        """Added to the true time from now on."""
        self.map[0:8] = struct.pack("<q", ms)


def private_mounts():
    """What this process mounts from now on is seen by its children and by nobody else, and is gone with it.
    False where the kernel does not allow that."""
    uid, gid = os.getuid(), os.getgid()
    if LIBC.unshare(CLONE_NEWNS) != 0:
        if LIBC.unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0:
            return False
        for name, text in (("setgroups", "deny"), ("uid_map", f"0 {uid} 1"), ("gid_map", f"0 {gid} 1")):
            with open(f"/proc/self/{name}", "w", encoding="ascii") as f:
                f.write(text)
    return subprocess.run(["mount", "--make-rprivate", "/"], stderr=subprocess.DEVNULL).returncode == 0


class SmallDisk:
    """A file system of so many bytes; ballast takes from them what a neighbour on the disk would."""

    def __init__(self, folder, size):
        os.makedirs(folder, exist_ok=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder], check=True)
        self.folder, self.ballast = folder, os.path.join(folder, "ballast")

    def free(self):
        s = os.statvfs(self.folder)
        return s.f_bavail * s.f_bsize

    def fill(self):
        """Leaves nothing."""
        with open(self.ballast, "ab", buffering=0) as f:
            try:
                while True:
                    f.write(bytes(65536))
            except OSError:
                pass

    def clear(self):
        os.unlink(self.ballast)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        subprocess.run(["umount", "-l", self.folder], check=False)
