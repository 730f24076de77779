"""One sandbox: the namespaces and mounts that bubblewrap makes, held open by a sleeping process."""

import json
import os
import select
import shutil
import subprocess
import sys
import sysconfig
from functools import cache
from pathlib import Path

import emkit

PACKAGE = Path(emkit.__file__).parent
INSIDE = Path(__file__).parent / "inside/emkit"
# What a learner's function may use of emkit while it is graded: no engine, no right answers.
VISIBLE = ("arguments.py", "data", "datasets", "plots", "workshop/bench")
# Packages that do the course's exercises, and those that know its sources.
HIDDEN = ("emkit", "sklearn", "hmmlearn", "pomegranate", "stepmix", "statsmodels", "nbgrader")
MEGABYTE = 2**20
LONGEST_END = 5.0  # seconds that the end of a sandbox is waited for
SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64", "/etc/alternatives", "/etc/fonts",
          "/etc/ld.so.cache", "/etc/localtime")  # fmt: skip
REMEDY = (
    "Hand-ins are graded in a sandbox that needs bubblewrap and user namespaces (Linux): "
    "on Debian or Ubuntu run `sudo apt-get install bubblewrap`; where the kernel forbids user "
    "namespaces, `sudo sysctl -w kernel.unprivileged_userns_clone=1 "
    "kernel.apparmor_restrict_unprivileged_userns=0`. To grade people whom you trust without it, "
    "set EMKIT_SANDBOX=off."
)


class SandboxMissing(RuntimeError):
    """There is no sandbox on this machine; the message says how to get one."""


class Box:
    """A sandbox around a hand-in's folder, until `close`.

    Parameters
    ----------
    folder : path
        What the learner's code finds in its home, as a copy.
    whole_emkit : bool
        Whether it may import all of emkit (in the capstone, emkit is a tool and not the answer).
    room : int
        Bytes that it may write, in its home and in `/tmp` each.

    Raises
    ------
    SandboxMissing
        If bubblewrap isn't there or may not make namespaces.
    """

    def __init__(self, folder, whole_emkit=False, room=64 * MEGABYTE):
        program = shutil.which("bwrap")
        if not program:
            raise SandboxMissing(f"There is no bubblewrap here. {REMEDY}")
        read, write = os.pipe()
        words = [program, *mounts(folder, whole_emkit, room), "--info-fd", str(write)]
        self.process = subprocess.Popen(
            [*words, "--", "/bin/sh", "-c", "echo ready; exec /bin/sleep infinity"],
            pass_fds=[write],
            env={},  # what a process was started with can be read in /proc
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        os.close(write)
        with os.fdopen(read) as told:
            text = told.read()
        if not self.process.stdout.readline():  # its mounts come after its number
            said = self.process.communicate()[1].decode(errors="replace").strip()
            raise SandboxMissing(f"bubblewrap doesn't work here ({said}). {REMEDY}")
        self.first_process = json.loads(text)["child-pid"]
        self.ended = os.pidfd_open(self.first_process)

    def close(self):
        """End it, and every process in it, of which the first one ends last."""
        self.process.kill()
        self.process.wait()
        select.select([self.ended], [], [], LONGEST_END)
        os.close(self.ended)
        self.process.stdout.close()
        self.process.stderr.close()


def mounts(folder, whole_emkit, room):
    """bubblewrap's options: what is there, and what may be written."""
    options = ["--unshare-all", "--unshare-user", "--uid", "1000", "--gid", "1000"]
    options += ["--hostname", "sandbox", "--die-with-parent", "--new-session"]
    options += ["--as-pid-1"]  # so that nothing inside can end what holds the sandbox open
    options += ["--cap-drop", "ALL", "--clearenv"]
    # Folders of their own come first: the course or its Python may lie in the machine's /tmp.
    for path in ("/tmp", "/home/learner", "/run"):
        options += ["--size", str(room), "--tmpfs", path]
    for path in (*SYSTEM, *pythons()):
        options += ["--ro-bind-try", path, path]
    for path in hidden():
        options += ["--tmpfs", path, "--remount-ro", path]
    # Where root grades, the learner's code has root's number, and some settings ask no more.
    options += ["--proc", "/proc", "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev"]
    # The first process has no filter and isn't watched: nobody is to write into its memory.
    options += ["--tmpfs", "/proc/1", "--remount-ro", "/proc/1"]
    options += ["--size", str(room), "--tmpfs", "/dev/shm"]
    options += ["--ro-bind", str(folder), "/handin"]
    # emkit is where it is outside, for shells have imported it there.
    if whole_emkit:
        options += ["--ro-bind", str(PACKAGE), str(PACKAGE)]
        options += ["--tmpfs", str(PACKAGE / "classroom")]
    else:
        options += ["--tmpfs", str(PACKAGE)]
        for name in VISIBLE:
            options += ["--ro-bind", str(PACKAGE / name), str(PACKAGE / name)]
        for name in ("__init__.py", "workshop/__init__.py"):
            options += ["--ro-bind", str(INSIDE / name), str(PACKAGE / name)]
        options += ["--remount-ro", str(PACKAGE)]
    return [*options, "--remount-ro", "/dev", "--remount-ro", "/"]


@cache
def pythons():
    """Folders that this Python consists of, besides the system's."""
    folders = {Path(prefix).resolve() for prefix in (sys.prefix, sys.base_prefix)}
    folders = {path for path in folders if not path.is_relative_to("/usr")}
    # A prefix of links (a virtual environment's `python`) leads to where the links lead.
    return tuple(sorted(map(str, folders | {Path(sys.prefix)})))


@cache
def hidden():
    """Installed packages that aren't to be seen."""
    places = {sysconfig.get_path(name) for name in ("purelib", "platlib")}
    return tuple(str(Path(p, name)) for p in places for name in HIDDEN if Path(p, name).is_dir())
