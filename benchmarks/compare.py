"""Time two sides by turns and print the ratio of their medians, with the memory each takes."""

import statistics
import time
import tracemalloc

REPEATS = 5


class Table:
    """A table of ratios, the peer's time over ours, printed row by row."""

    def __init__(self, peer):
        print(f"{'':52}{'ours':>9}{peer:>16}{'ratio':>7}{'target':>8}{'peak MB':>10}{'peer':>7}")

    def row(self, what, ours, theirs, target):
        """Time both, taking turns, and print."""
        times = {ours: [], theirs: []}
        for _ in range(REPEATS):
            for side in times:
                started = time.perf_counter()
                side()
                times[side].append(time.perf_counter() - started)
        mine, peers = (statistics.median(t) for t in times.values())
        megabytes = [peak(side) / 1e6 for side in times]
        print(
            f"{what:52}{mine:8.3f}s{peers:15.3f}s{peers / mine:7.1f}{target:8}"
            f"{megabytes[0]:10.0f}{megabytes[1]:7.0f}",
            flush=True,
        )


def peak(side):
    """Most memory that Python and NumPy had at once during a call, in bytes."""
    tracemalloc.start()
    try:
        side()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
