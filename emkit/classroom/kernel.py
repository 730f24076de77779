"""A notebook's shell in another process, as grading sees it: it runs cells and answers a judge."""

import contextlib
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time

from emkit.workshop.bench.line import ASK, READY, RUN, SHOW, Closed, Hung, Line

START = 60.0  # seconds that a process may take to its first cell
PATIENCE = 4.0  # seconds that what was interrupted may take to its end


class Gone(Exception):
    """The shell can't be used any more; the message says what it did."""


class Kernel:
    """A shell that runs cells and answers a judge, for whom it is a `Line`.

    Parameters
    ----------
    process : Sandboxed or Unprotected
    show : callable
        `show(output)` is told what cells show, in the bytes that came; it may raise `Gone`.

    Raises
    ------
    RuntimeError
        If the process doesn't get as far as to run cells.
    """

    def __init__(self, process, show):
        self.process, self.show = process, show
        self.line = Line(process.connection)
        self.number, self.judged_until = 0, 0.0
        try:
            self.run(None, 0, START)
        except Gone as error:
            raise RuntimeError(f"A notebook's process {error} before the first cell.") from None

    def run(self, source, count, seconds):
        """Run a cell for at most so many seconds; return whether it wasn't interrupted.

        Raises
        ------
        Gone
            If the process ended, or nothing but its end can stop the cell.
        """
        self.number += 1
        request = RUN + json.dumps([self.number, source, count]).encode()
        end = time.monotonic() + seconds
        try:
            self.line.send(request, seconds)
            with contextlib.suppress(Hung):
                self.wait_until_ready(end)
                return True
            self.process.interrupt()
            self.wait_until_ready(time.monotonic() + PATIENCE)
            return False
        except Hung:
            raise Gone("didn't answer any more") from None
        except (Closed, ProcessLookupError):
            raise Gone("ended") from None

    def wait_until_ready(self, end):
        """Wait until the shell is, or a moment; an answer for the judge comes too late now."""
        ready = READY + json.dumps(self.number).encode()
        while self.next(end) != ready:
            pass

    def settle(self):
        """Have the shell end what the judge left, and show its pictures; see `run`.

        Drawing them may take as long as judging.
        """
        left = max(self.judged_until - time.monotonic(), PATIENCE)
        self.run(None, 0, left if self.judged_until else 0.1)

    def send(self, message):
        """Say something as the judge.

        Raises
        ------
        Closed, Hung
        """
        self.line.send(ASK + message, self.judged_until - time.monotonic())

    def receive(self, seconds):
        """What the judge is told next, within so many seconds and before `judged_until`.

        Raises
        ------
        Closed, Hung
        """
        try:
            message = self.next(min(self.judged_until, time.monotonic() + seconds))
        except (Gone, Hung) as error:
            self.judged_until = 0.0  # what comes now would answer another question
            raise error if isinstance(error, Hung) else Closed(str(error)) from None
        if message[:1] != ASK:
            raise Closed("no answer")
        return message[1:]

    def next(self, end):
        """The next message that is no output; outputs are shown."""
        while True:
            left = end - time.monotonic()
            connection = self.process.connection
            ready, _, _ = select.select([connection, *self.process.ended], [], [], max(left, 0))
            if not ready or left <= 0:
                raise Hung
            if connection not in ready:
                raise Closed("the process ended")
            # What has begun to come is read to its end, or what comes next would be no message.
            message = self.line.receive(max(left, PATIENCE))
            if message[:1] != SHOW:
                return message
            self.show(message[1:])


class Unprotected:
    """A process that runs `shell.serve` with one's own rights, until `end`; as `Sandboxed`."""

    ended = ()  # then the connection ends

    def __init__(self, folder):
        with contextlib.ExitStack() as failing:
            self.connection, theirs = map(failing.enter_context, socket.socketpair())
            self.process = subprocess.Popen(
                [sys.executable, "-P", "-m", "emkit.workshop.bench.shell", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                cwd=folder,
                env=os.environ | {"MPLBACKEND": "module://matplotlib_inline.backend_inline"},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
            )
            failing.pop_all()
            theirs.close()

    def interrupt(self):
        """Stop what runs, as Ctrl-C does."""
        self.process.send_signal(signal.SIGINT)

    def end(self):
        """End the process and what it has started."""
        self.connection.close()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
