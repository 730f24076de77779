"""E-steps over data that come in one piece, or in parts whose statistics are added up."""

import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial, reduce
from typing import Any, NamedTuple

import numpy as np

from emkit.arguments import check_sample_weight, check_whole_number


def arranged(model, data, sample_weight, chunks, map):
    """The data as `fit` reads them, `Whole` or `InParts`."""
    if chunks is None:
        return Whole(model, model.prepare(data, sample_weight))
    return InParts(model, split(model.divisible(data), sample_weight, chunks), map)


@dataclass(frozen=True)
class Whole:
    """Data in one piece, prepared once."""

    model: Any
    prepared: Any

    def first(self):
        """What random starts are made from: all of the data."""
        return self.prepared

    def e_step(self, params):
        """Statistics of the data."""
        return self.model.e_step(params, self.prepared)


@dataclass(frozen=True)
class InParts:
    """Data in parts, each prepared anew when it is its turn, on whatever `map` runs on."""

    model: Any
    parts: Iterable
    map: Callable

    def first(self):
        """What random starts are made from: the first part."""
        return self.model.prepare(*next(iter(self.parts)))

    def e_step(self, params):
        """Statistics of the parts, added up."""
        statistics = self.map(partial(e_step_of_part, self.model, params), self.parts)
        return reduce(operator.add, statistics)


def e_step_of_part(model, params, part):
    """Statistics of one part: rows and their weights."""
    return model.e_step(params, model.prepare(*part))


class Part(NamedTuple):
    """Some of the rows, and their weights or None.

    On the way to another process, rows of a memory map stay on disk: only their place in the file
    is sent, and the process there maps the file itself.
    """

    data: Any
    sample_weight: np.ndarray | None

    def __reduce__(self):
        place = place_in_file(self.data)
        if place is None:
            return Part, tuple(self)
        return part_of_file, (place, self.sample_weight)


class Given:
    """Parts that the caller has divided already, read anew each time they are gone through."""

    def __init__(self, data, sample_weight):
        if iter(data) is data:
            raise ValueError(
                "data can be gone through only once, expected a list, or an object whose __iter__ "
                "starts again: every E-step reads all chunks"
            )
        self.data = data
        self.sample_weight = sample_weight

    def __iter__(self):
        if self.sample_weight is None:
            return (Part(rows, None) for rows in self.data)
        return map(Part, self.data, self.sample_weight)


def split(data, sample_weight, chunks):
    """Parts of `chunks` rows; one in which no row counts is left out."""
    if chunks == "given":
        return Given(data, sample_weight)
    check_whole_number("chunks", chunks, least=1)
    if not len(data):
        raise ValueError("the data have no rows")
    weight = check_sample_weight(sample_weight, len(data))
    slices = [slice(first, first + chunks) for first in range(0, len(data), chunks)]
    if weight is None:
        return [Part(data[rows], None) for rows in slices]
    parts = [Part(data[rows], weight[rows]) for rows in slices if weight[rows].any()]
    if not parts:
        raise ValueError("sample_weight is 0 everywhere")
    return parts


def place_in_file(data):
    """Arguments with which `numpy.memmap` gives these rows again; None where it can't."""
    if not isinstance(data, np.memmap) or data.mode != "r" or not data.flags.c_contiguous:
        return None
    whole = data
    while isinstance(whole.base, np.memmap):
        whole = whole.base
    first = data.__array_interface__["data"][0] - whole.__array_interface__["data"][0]
    return {
        "filename": data.filename,
        "dtype": data.dtype,
        "mode": "r",
        "offset": whole.offset + first,
        "shape": data.shape,
    }


def part_of_file(place, sample_weight):
    """The part whose rows lie at that place."""
    return Part(np.memmap(**place), sample_weight)
