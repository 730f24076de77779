"""A notebook's shell: runs cells for whoever is at the other end of a line, and calls functions.

It is IPython's shell, as in the kernel of any notebook, with one connection in the place of
Jupyter's channels, whose messages take longer than the cells of most hand-ins.
"""

import base64
import contextlib
import fcntl
import io
import json
import numbers
import os
import signal
import socket
import sys
import tempfile
import threading

from IPython.core import page
from IPython.core.async_helpers import get_asyncio_loop
from IPython.core.displayhook import DisplayHook
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell
from traitlets import Any, Type
from traitlets.config import Config

from emkit.workshop.bench.agent import Agent
from emkit.workshop.bench.line import ASK, READY, SHOW, Closed, Line

AT_ONCE = 8192  # characters of text that don't wait for more
MOST_FROM_PROGRAMS = 2**22  # bytes that a cell shows of what other programs print
STOPPING = {signal.SIGINT, signal.SIGALRM, signal.SIGTERM}
# Magics of Jupyter's that a screen would show; the rest of their cells must run.
WITHOUT_SCREEN = ("autosave", "clear", "connect_info", "less", "man", "more", "qtconsole")
IN_MEMORY = Config({"HistoryManager": {"hist_file": ":memory:"}})


def serve(connection):
    """Run cells and call functions as asked over a connection, until it ends.

    A message begins with its kind. `RUN` has a number, a cell and its count; meanwhile `SHOW` tells
    what the cell shows, and `READY` with the number comes last. `ASK` has what `Agent` answers;
    `READY` without a number says that it has no answer.
    """
    with tempfile.TemporaryFile() as printed, contextlib.suppress(Closed):
        line = Line(connection)
        outputs = Outputs(line, turn=printed)
        shell = Shell.instance(outputs=outputs, config=IN_MEMORY)
        judges = JudgesEnd(line, outputs)
        agent = Agent(judges, shell.user_ns)
        sys.stdout = sys.__stdout__ = Text("stdout", outputs)
        sys.stderr = sys.__stderr__ = Text("stderr", outputs)
        sys.path.insert(0, "")
        os.dup2(printed.fileno(), 1)
        os.dup2(printed.fileno(), 2)
        process = os.getpid()
        while True:
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            message, judges.kept = judges.kept or line.receive(), None
            number = None
            with contextlib.suppress(BaseException):  # a cell's own are shown
                signal.signal(signal.SIGINT, signal.default_int_handler)
                if message[:1] == ASK:
                    agent.answer(message[1:])
                    continue
                number, source, count = json.loads(message[1:])
                shell.run(source, count)
            signal.signal(signal.SIGINT, signal.SIG_IGN)
            if os.getpid() != process:  # a cell has forked it, and ended
                outputs.flush()
                os._exit(0)
            outputs.write("stdout", taken_from(printed))
            outputs.send(READY, json.dumps(number).encode())


def taken_from(printed):
    """What other programs have printed into a file, which is empty then."""
    printed.seek(0)
    text = printed.read(MOST_FROM_PROGRAMS).decode(errors="replace")
    printed.seek(0)
    printed.truncate()
    return text


class Outputs:
    """The way out: what cells show, in its order, and everything else.

    Processes that a cell forks have it too: they take turns at the line, and show each line of text
    at once, for nobody tells them before they end.

    Parameters
    ----------
    line : Line
    turn : file
        Locked by the process that says something.
    """

    def __init__(self, line, turn):
        self.line, self.lock = line, threading.RLock()
        self.name, self.texts, self.size = "stdout", [], 0
        self.process, self.turn = os.getpid(), turn
        free = self.lock.release
        os.register_at_fork(before=self.hold, after_in_parent=free, after_in_child=free)

    def hold(self):
        """Show the text that waits, or both processes would; let no thread hold the lock."""
        self.lock.acquire()
        self.flush()

    def write(self, name, text):
        """Show text soon: when there is much, or something else comes."""
        with self.lock:
            if name != self.name:
                self.flush()
                self.name = name
            self.texts.append(text)
            self.size += len(text)
            if self.size > AT_ONCE or (text.endswith("\n") and os.getpid() != self.process):
                self.flush()

    def flush(self):
        """Show the text that waits."""
        with self.lock:
            text, self.texts, self.size = "".join(self.texts), [], 0
            if text:
                self.send_whole(SHOW + written("stream", name=self.name, text=text))

    def show(self, kind, **content):
        """Show anything that Jupyter's messages know."""
        self.send(SHOW, written(kind, **content))

    def send(self, kind, content):
        """Send a message after all that was shown before."""
        with self.lock:
            self.flush()
            self.send_whole(kind + content)

    def send_whole(self, message):
        """Send a message and let no signal leave half of it, and no process come between."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
        try:
            fcntl.lockf(self.turn, fcntl.LOCK_EX)
            self.line.send(message)
        finally:
            fcntl.lockf(self.turn, fcntl.LOCK_UN)
            signal.pthread_sigmask(signal.SIG_UNBLOCK, STOPPING)


def written(kind, **content):
    """An output, to be sent."""
    return json.dumps({"output_type": kind} | content, default=plain).encode()


def plain(value):
    """What JSON has no word for, as Jupyter writes it: the bytes of a picture, for example."""
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return int(value) if isinstance(value, numbers.Integral) else repr(value)


class JudgesEnd:
    """A line's part that has what a judge asks and is told."""

    def __init__(self, line, outputs):
        self.line, self.outputs = line, outputs
        self.kept = None  # a message that came while an answer of the judge's was waited for

    def send(self, message):
        self.outputs.send(ASK, message)

    def receive(self):
        """What the judge answers.

        Raises
        ------
        Closed
            If the judge has gone, and a cell is next.
        """
        message = self.line.receive()
        if message[:1] != ASK:
            self.kept = message
            raise Closed("the judge has gone")
        return message[1:]


class Text(io.TextIOBase):
    """Standard output, or standard error."""

    encoding = "utf-8"

    def __init__(self, name, outputs):
        self.name, self.outputs = name, outputs

    def write(self, text):
        self.outputs.write(self.name, str(text))
        return len(text)

    def flush(self):
        self.outputs.flush()

    def writable(self):
        return True

    def fileno(self):
        """Where other programs print to."""
        return 1 if self.name == "stdout" else 2


class Results(DisplayHook):
    """Shows the value of an expression at a cell's end."""

    def write_output_prompt(self):
        pass

    def write_format_data(self, format_dict, md_dict=None):
        self.shell.outputs.show("execute_result", data=format_dict, metadata=md_dict)

    def finish_displayhook(self):
        self._is_active = False


class Displays(DisplayPublisher):
    """Shows pictures and what else is displayed."""

    def publish(self, data, metadata=None, *, transient=None, update=False, **kwargs):
        kind = "update_display_data" if update else "display_data"
        display_id = (transient or {}).get("display_id")
        self.shell.outputs.show(kind, data=data, metadata=metadata, display_id=display_id)

    def clear_output(self, wait=False):
        self.shell.outputs.show("clear_output", wait=wait)


class Shell(InteractiveShell):
    """IPython's shell without a terminal."""

    displayhook_class = Type(Results)
    display_pub_class = Type(Displays)
    outputs = Any()

    def run(self, source, count):
        """Run a cell with a count; without one, show the pictures that functions have left."""
        if source is None:
            self.events.trigger("post_execute")
        else:
            self.execution_count = count
            self.run_cell(source, store_history=True)

    def should_run_async(self, raw_cell, **more):
        """Run each cell in an event loop, as Jupyter does; what a cell runs itself is in it."""
        return not get_asyncio_loop().is_running()

    def _showtraceback(self, etype, evalue, stb):
        said = {"ename": etype.__name__, "evalue": str(evalue), "traceback": stb}
        self.outputs.show("error", **said)

    def init_magics(self):
        super().init_magics()
        for name in WITHOUT_SCREEN:
            self.register_magic_function(lambda line: None, magic_name=name)

    def init_extension_manager(self):
        super().init_extension_manager()
        self.extension_manager.load_extension("storemagic")

    def init_hooks(self):
        super().init_hooks()
        self.set_hook("show_in_pager", page.as_hook(lambda *text, **more: None), 99)

    def enable_gui(self, gui=None):
        """There is none; `%matplotlib inline` asks for it."""

    def ask_exit(self):
        os._exit(0)


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
