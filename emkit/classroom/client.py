"""Jupyter's client of a kernel, which begins as soon as the kernel answers."""

import contextlib
import time
from queue import Empty

from jupyter_client.asynchronous import AsyncKernelClient


class PromptClient(AsyncKernelClient):
    """A client that doesn't wait 0.2 seconds for more when the kernel has said that it is ready.

    What comes later belongs to no cell, and is passed over by whoever runs cells.
    """

    async def wait_for_ready(self, timeout=60):
        """Wait until the kernel answers and what it shows arrives here.

        Raises
        ------
        RuntimeError
            If it ends, or the time in seconds is up.
        """
        end = time.monotonic() + timeout
        while time.monotonic() < end:
            self.kernel_info()
            with contextlib.suppress(Empty):
                await self.shell_channel.get_msg(timeout=1)
                await self.iopub_channel.get_msg(timeout=0.2)
                return
            if not await self.is_alive():
                raise RuntimeError("The kernel ended before it was ready.")
        raise RuntimeError(f"The kernel wasn't ready after {timeout} seconds.")
