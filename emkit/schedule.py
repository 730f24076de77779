"""In which order the rows of many sequences are read, so that all take their steps together."""

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np


@dataclass(frozen=True)
class Schedule:
    """The order in which sweeps read the rows of sequences of the given lengths.

    Sequences longer than `block` rows are cut into equal pieces. The pieces stand side by side, the
    longest first, and are read step by step: the first row of each piece, the second, and so on.

    Parameters
    ----------
    lengths : (m,) array of integers
        Rows of each sequence, at least 1.
    block : int, optional
        Longest piece; by default √n for n rows in all, but at least 256.
    """

    lengths: np.ndarray
    block: int | None = None

    @cached_property
    def pieces(self):
        """Sequence, first row, length and predecessor (or -1) of each piece, the longest first."""
        lengths = self.lengths
        block = self.block or max(256, int(np.sqrt(lengths.sum())))
        parts = -(-lengths // block)
        sequence = np.repeat(np.arange(len(lengths)), parts)
        part = np.arange(parts.sum()) - np.repeat(np.cumsum(parts) - parts, parts)
        begin = part * lengths[sequence] // parts[sequence]
        end = (part + 1) * lengths[sequence] // parts[sequence]
        first = np.repeat(np.cumsum(lengths) - lengths, parts) + begin
        order = np.argsort(begin - end, kind="stable")
        predecessor = np.where(part > 0, np.roll(np.argsort(order), 1), -1)
        return sequence[order], first[order], (end - begin)[order], predecessor[order]

    @cached_property
    def steps(self):
        """For each step the slice of its rows, and the slice of the rows just before them."""
        lengths = self.pieces[2]
        widths = np.searchsorted(-lengths, -np.arange(lengths[0]))
        starts = np.append(0, np.cumsum(widths)).tolist()
        now = [slice(a, b) for a, b in pairwise(starts)]
        before = [slice(a, a + w) for a, w in zip(starts, widths[1:].tolist(), strict=False)]
        return list(zip(now, [None, *before], strict=True))

    @cached_property
    def rows(self):
        """(n,) which row of the sequences, one after the other, has which place in the order."""
        first = self.pieces[1]
        return np.concatenate([first[: now.stop - now.start] + s for s, now in self.numbered])

    @cached_property
    def sequence(self):
        """(n,) the sequence that each place belongs to."""
        return np.concatenate([self.pieces[0][: now.stop - now.start] for _, now in self.numbered])

    @property
    def numbered(self):
        """Number and slice of each step."""
        return ((s, now) for s, (now, _) in enumerate(self.steps))

    @property
    def width(self):
        """Number of pieces."""
        return len(self.pieces[0])

    @cached_property
    def heads(self):
        """Places where sequences begin, in the order of the sequences."""
        sequence, _, _, predecessor = self.pieces
        heads = np.flatnonzero(predecessor < 0)
        return heads[np.argsort(sequence[heads])]

    @cached_property
    def last(self):
        """The place of each piece's last row."""
        starts = np.array([now.start for _, now in self.numbered])
        return starts[self.pieces[2] - 1] + np.arange(self.width)

    @cached_property
    def joints(self):
        """Places where a piece begins that has a predecessor, and where that one ends."""
        predecessor = self.pieces[3]
        later = np.flatnonzero(predecessor >= 0)
        return later, self.last[predecessor[later]]

    @cached_property
    def runs(self):
        """The pairs of slices from step 1 on, neighbours that continue each other joined."""
        runs = []
        for now, before in self.steps[1:]:
            if runs and (runs[-1][0].stop, runs[-1][1].stop) == (now.start, before.start):
                first_now, first_before = runs.pop()
                now = slice(first_now.start, now.stop)
                before = slice(first_before.start, before.stop)
            runs.append((now, before))
        return runs

    def part(self, sequences):
        """The places of some sequences, in the order of a schedule of their own; and that one."""
        chosen = np.isin(np.repeat(np.arange(len(self.lengths)), self.lengths), sequences)
        own = Schedule(self.lengths[sequences], self.block)
        place = np.empty_like(self.rows)
        place[self.rows] = np.arange(len(place))
        return place[chosen][own.rows], own
