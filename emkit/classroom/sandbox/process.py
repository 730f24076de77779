"""A notebook's shell in a sandbox: forked from a process that has imported what it needs."""

import atexit
import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import ClassVar

import psutil

from emkit.classroom.sandbox.box import INSIDE, MEGABYTE, PACKAGE, Box

# One thread, for a process with several can't enter a sandbox; pictures go into the notebook.
SCIENCE = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
}
NEEDED = ("LD_LIBRARY_PATH", "MPLCONFIGDIR")  # no more: /proc shows it to the shells
IMPORTED = ("emkit.datasets", "emkit.plots", "emkit.workshop", "emkit.workshop.bench.shell")
ENVIRONMENT = SCIENCE | {
    "PATH": "/usr/bin:/bin",
    "LANG": "C.UTF-8",
    "USER": "learner",
    "NBGRADER_EXECUTION": "autograde",
}
SHARES = ("RssAnon", "RssShmem")
LIMITS = {"AS": 4096 * MEGABYTE, "NPROC": 64, "NOFILE": 256, "FSIZE": 64 * MEGABYTE, "CORE": 0}


class Sandboxed:
    """A process that runs `shell.serve` in a `Box` of its own, until `end`.

    Parameters
    ----------
    folder : path
        What the learner's code finds in its home, as a copy.
    whole : bool
        Whether all of emkit is there, or only data and pictures.

    Attributes
    ----------
    connection : socket
        To the shell.
    ended : tuple of int
        A file descriptor that can be read from when the process has ended.
    """

    def __init__(self, folder, whole):
        with contextlib.ExitStack() as failing:
            self.connection, theirs = map(failing.enter_context, socket.socketpair())
            self.box = failing.enter_context(contextlib.closing(Box(folder, whole)))
            request = {"sandbox": self.box.first_process, "limits": LIMITS}
            request["environment"] = ENVIRONMENT
            keeper = Zygote.running(whole).fork(request, theirs)
            self.ended = (os.pidfd_open(keeper),)
            failing.pop_all()
            theirs.close()
        Watch.over(self.box, keeper)

    def interrupt(self):
        """Stop what runs, as Ctrl-C does."""
        signal.pidfd_send_signal(*self.ended, signal.SIGINT)

    def end(self):
        """End the sandbox with all that runs in it."""
        self.connection.close()
        self.box.close()
        os.close(*self.ended)


class Watch(threading.Thread):
    """Ends a sandbox that has too many threads or too much memory in all.

    The system's own limits are for each process; and for root it has no limit of threads.
    """

    EVERY = 0.25  # seconds
    THREADS, MEMORY = 256, 4096 * MEGABYTE

    @classmethod
    def over(cls, box, keeper):
        """Watch a sandbox, and the keeper of its shell, until it ends."""
        watch = cls(daemon=True)
        watch.box, watch.keeper = box, keeper
        watch.start()

    def run(self):
        while True:
            time.sleep(self.EVERY)
            if self.box.process.returncode is not None:
                return
            # A process whose parent has ended is the first one's child, all others the keeper's.
            inside = [*children(self.box.first_process), *children(self.keeper)]
            threads, kilobytes = map(sum, zip((0, 0), *map(taken, inside), strict=True))
            if threads > self.THREADS or kilobytes * 1024 > self.MEMORY:
                self.box.process.kill()


def children(number):
    """A process's children and theirs; none where it has ended."""
    try:
        return psutil.Process(number).children(recursive=True)
    except psutil.Error:
        return []


def taken(process):
    """A process's threads, and the kilobytes that it has made, shared ones too; not files'."""
    try:
        told = Path(f"/proc/{process.pid}/status").read_text()
    except OSError:  # it has just ended
        return 0, 0
    numbers = dict(re.findall(r"^(Threads|RssAnon|RssShmem):\s*(\d+)", told, flags=re.M))
    return int(numbers.get("Threads", 0)), sum(int(numbers.get(k, 0)) for k in SHARES)


class Zygote:
    """The process that shells are forked from, those with the whole of emkit or the others."""

    _running: ClassVar = {}
    _lock = threading.Lock()

    @classmethod
    def running(cls, whole):
        """The zygote of these shells, started if there is none (any more)."""
        with cls._lock:
            known = cls._running.get(whole)
            if known is None or known.process.poll() is not None:
                known = cls._running[whole] = cls(whole)
            return known

    def __init__(self, whole):
        script = Path(__file__).parent / "zygote.py"
        self.requests, theirs = socket.socketpair(type=socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-I", script, PACKAGE, "" if whole else INSIDE, *IMPORTED],
                stdin=theirs,
                stdout=subprocess.DEVNULL,
                env=SCIENCE | {name: os.environ[name] for name in NEEDED if name in os.environ},
                start_new_session=True,  # a Ctrl-C is for the grader, which then ends it
            )
        atexit.register(self.end)

    def fork(self, request, connection):
        """Have a shell serve a connection; the process id of its keeper."""
        with self._lock:
            socket.send_fds(self.requests, [json.dumps(request).encode()], [connection.fileno()])
            keeper = self.requests.recv(32)
        if not keeper:
            raise RuntimeError("The process that sandboxed shells are forked from has ended.")
        return int(keeper)

    def end(self):
        """Fork no more."""
        self.requests.close()
        self.process.wait()
