"""Work spread over the processes of this machine or of a cluster."""

import contextlib
import os
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, ProcessPoolExecutor, wait
from multiprocessing import get_context

TRIES = 2  # of what is lost with a worker, before it is tried alone
AHEAD = 64  # what is sent to a given executor before the first is done
MEMORY = 16 * 2**30  # bytes of addresses of a process


class Workers:
    """Processes to spread work over, until the end of a `with`.

    Parameters
    ----------
    executor : concurrent.futures.Executor, optional
        Whose workers to use; a pool of processes, as many as there are cores, without one.
    """

    def __init__(self, executor=None):
        self.given = self.executor = executor

    def __enter__(self):
        if self.given is None:
            self.executor = new_pool()
        return self

    def __exit__(self, *error):
        if self.given is None:
            self.executor.shutdown(cancel_futures=True)

    def each(self, do, items, give_up):
        """Yield `do(item)` for each item as they get done; a few at a time are in memory.

        What is lost with a worker is tried again. `give_up(item)` is given for an item that ended
        its worker each time.
        """
        lost = items
        for _ in range(TRIES):
            lost = yield from self.spread(do, lost)
            if not lost:
                return
        for item in lost:  # one at a time: whoever ends its worker ends no other's
            if (yield from self.spread(do, [item])):
                yield give_up(item)

    def spread(self, do, items):
        """Yield `do(item)` for each item; return those that were lost with a worker."""
        ahead = 2 * (os.cpu_count() or 1) if self.given is None else AHEAD
        items, running, lost = iter(items), {}, []
        broken = False
        while True:
            while not broken and len(running) < ahead:
                item = next(items, None)
                if item is None:
                    break
                try:
                    running[self.executor.submit(do, item)] = item
                except BrokenExecutor:
                    broken = True
                    lost.append(item)
            if not running:
                break
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                item = running.pop(future)
                try:
                    yield future.result()
                except BrokenExecutor:
                    broken = True
                    lost.append(item)
        if broken and self.given is None:
            self.executor.shutdown()
            self.executor = new_pool()
        return [*lost, *items]


def new_pool():
    """Processes that begin afresh, without this one's threads and connections."""
    return ProcessPoolExecutor(None, get_context("spawn"), limit_memory)


def limit_memory():
    """Have this process refuse what no honest answer takes, before the machine has none left."""
    with contextlib.suppress(ImportError, ValueError, OSError):  # where there is no such limit
        import resource

        _, most = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, most))
