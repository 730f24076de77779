"""Messages between a judge and a sandbox: frames of bytes over a socket."""

import struct
import time

LARGEST = 2**28  # bytes of a message
# How messages between a grader and a notebook's shell begin (see `shell.serve`).
RUN, READY, SHOW, ASK = b"r", b"d", b"s", b"a"


class Hung(Exception):
    """The other side doesn't answer in time."""


class Closed(Exception):
    """The other side is gone, or sends what no message is."""


class Line:
    """One end of a connection.

    Parameters
    ----------
    connection : socket
        Of the stream kind; `close` closes it.
    """

    def __init__(self, connection):
        self.connection = connection

    def send(self, message, seconds=None):
        """Send bytes, however long the other side takes to read them, or so many seconds.

        Raises
        ------
        Closed, Hung
        """
        try:
            self.connection.settimeout(seconds and max(seconds, 1e-3))
            self.connection.sendall(struct.pack("<Q", len(message)) + message)
        except TimeoutError:
            raise Hung from None
        except OSError as error:
            raise Closed(str(error)) from None

    def receive(self, seconds=None):
        """The next message, waiting for it as long as it takes, or so many seconds.

        Raises
        ------
        Closed, Hung
        """
        end = None if seconds is None else time.monotonic() + seconds
        (length,) = struct.unpack("<Q", self.exactly(8, end))
        if length > LARGEST:
            raise Closed(f"a message of {length} bytes")
        return self.exactly(length, end)

    def exactly(self, length, end):
        """That many bytes, until a moment of the monotonic clock."""
        content = bytearray()
        try:
            while len(content) < length:
                self.connection.settimeout(end and max(end - time.monotonic(), 1e-3))
                block = self.connection.recv(min(length - len(content), 2**20))
                if not block:
                    raise Closed("the connection ended")
                content += block
        except TimeoutError:
            raise Hung from None
        except OSError as error:
            raise Closed(str(error)) from None
        return bytes(content)

    def close(self):
        """End it for both sides."""
        self.connection.close()
