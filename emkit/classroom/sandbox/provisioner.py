"""Jupyter's way to start a kernel, into a sandbox: `emkit-sandbox` in a kernelspec."""

import asyncio
import atexit
import json
import os
import re
import select
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import ClassVar

import psutil
from jupyter_client.provisioning import KernelProvisionerBase

from emkit.classroom.sandbox.box import MEGABYTE, PACKAGE, Box

# One thread, for a process with several can't enter a sandbox; pictures go into the notebook.
SCIENCE = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    "PYDEVD_DISABLE_FILE_VALIDATION": "1",  # a debugger's remark at its import
}
NEEDED = ("LD_LIBRARY_PATH", "MPLCONFIGDIR")  # no more: /proc shows it to the kernels
# What notebooks import of emkit where all of it may be seen.
WHOLE_EMKIT = ("emkit", "emkit.datasets", "emkit.plots", "emkit.workshop")
PORTS = ("shell_port", "iopub_port", "stdin_port", "hb_port", "control_port")
SHARES = ("RssAnon", "RssShmem")
LIMITS = {"AS": 4096 * MEGABYTE, "NPROC": 64, "NOFILE": 256, "FSIZE": 64 * MEGABYTE, "CORE": 0}


class SandboxProvisioner(KernelProvisionerBase):
    """A kernel in a `Box` of its own, forked from a process that has imported what it needs."""

    box = keeper = None

    @property
    def has_process(self):
        return self.box is not None

    async def pre_launch(self, **kwargs):
        """Say where the kernel will listen; nothing of the caller's environment goes in."""
        self.folder = kwargs.get("cwd") or os.getcwd()
        return await super().pre_launch(cmd=["(forked)"], **kwargs)

    async def launch_kernel(self, cmd, **kwargs):
        """Make the sandbox and have the kernel forked into it."""
        session = self.parent.session
        connection = {
            "transport": "ipc",
            "ip": "/run/kernel",
            "key": session.key.decode(),
            "signature_scheme": session.signature_scheme,
            "kernel_name": self.parent.kernel_name,
        } | {name: i + 1 for i, name in enumerate(PORTS)}
        judge = kwargs["env"].get("EMKIT_JUDGE")
        whole = "EMKIT_WHOLE" in kwargs["env"]
        self.box = Box(self.folder, judge, whole)
        pid = Zygote.running(WHOLE_EMKIT if whole else ()).fork(
            {
                "sandbox": self.box.first_process,
                "connection": connection,
                "limits": LIMITS,
                "path": [] if whole else ["/course"],
                "environment": {
                    "PATH": "/usr/bin:/bin",
                    "LANG": "C.UTF-8",
                    "NBGRADER_EXECUTION": "autograde",
                }
                | SCIENCE,
            }
        )
        self.keeper = os.pidfd_open(pid)
        Watch.over(self.box, pid)
        # The kernel's sockets, seen from here through its own root.
        connection["ip"] = f"/proc/{self.box.first_process}/root/run/kernel"
        self.connection_info = connection | {"key": session.key}
        return self.connection_info

    async def poll(self):
        """None while the kernel lives."""
        if self.keeper is None:
            return 0
        return 0 if select.select([self.keeper], [], [], 0)[0] else None

    async def wait(self):
        while await self.poll() is None:
            await asyncio.sleep(0.05)
        self.end()
        return 0

    async def send_signal(self, signum):
        if signum == signal.SIGINT and self.keeper is not None:
            signal.pidfd_send_signal(self.keeper, signum)
        elif signum in (signal.SIGTERM, signal.SIGKILL):
            self.end()

    async def kill(self, restart=False):
        self.end()

    async def terminate(self, restart=False):
        self.end()

    async def cleanup(self, restart=False):
        self.end()

    def end(self):
        """End the sandbox with all that runs in it."""
        if self.box is not None:
            self.box.close()
            self.box = None
        if self.keeper is not None:
            os.close(self.keeper)
            self.keeper = None


class Watch(threading.Thread):
    """Ends a sandbox that has too many threads or too much memory in all.

    The system's own limits are for each process; and for root it has no limit of threads.
    """

    EVERY = 0.25  # seconds
    THREADS, MEMORY = 256, 4096 * MEGABYTE

    @classmethod
    def over(cls, box, keeper):
        """Watch a sandbox, and the keeper of its kernel, until it ends."""
        watch = cls(daemon=True)
        watch.box, watch.keeper = box, keeper
        watch.start()

    def run(self):
        while self.box.process.returncode is None:
            # A process whose parent has ended is the first one's child, all others the keeper's.
            inside = [*children(self.box.first_process), *children(self.keeper)]
            threads, kilobytes = map(sum, zip((0, 0), *map(taken, inside), strict=True))
            if threads > self.THREADS or kilobytes * 1024 > self.MEMORY:
                self.box.process.kill()
            time.sleep(self.EVERY)


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
    """The process that kernels with certain modules are forked from."""

    _running: ClassVar = {}
    _lock = threading.Lock()

    @classmethod
    def running(cls, modules=()):
        """The zygote that has imported these modules, started if there is none (any more)."""
        with cls._lock:
            known = cls._running.get(modules)
            if known is None or known.process.poll() is not None:
                known = cls._running[modules] = cls(modules)
            return known

    def __init__(self, modules):
        script = Path(__file__).parent / "zygote.py"
        self.process = subprocess.Popen(
            [sys.executable, "-I", script, PACKAGE.parent, *modules],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=SCIENCE | {name: os.environ[name] for name in NEEDED if name in os.environ},
            start_new_session=True,  # a Ctrl-C is for the grader, which then ends it
            text=True,
        )
        atexit.register(self.end)

    def fork(self, request):
        """The keeper's process id."""
        with self._lock:
            self.process.stdin.write(json.dumps(request) + "\n")
            self.process.stdin.flush()
            return int(self.process.stdout.readline())

    def end(self):
        """Fork no more."""
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
