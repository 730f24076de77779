"""E-steps over data that come in one piece, or in parts whose statistics are added up."""

import operator
from functools import partial, reduce

from emkit.arguments import check_sample_weight


def e_step_of_whole(model, data, params):
    """Statistics of data that are prepared already."""
    return model.e_step(params, data)


def e_step_of_parts(model, parts, map, params):
    """Statistics of parts of the data, added up; each part is prepared when it is its turn."""
    return reduce(operator.add, map(partial(e_step_of_part, model, params), parts))


def e_step_of_part(model, params, part):
    """Statistics of one part: rows and their weights."""
    return model.e_step(params, model.prepare(*part))


def split(data, sample_weight, chunks):
    """Pairs of `chunks` rows and their weights; slices of a memory map stay on disk.

    A part in which no row counts is left out.
    """
    if not len(data):
        raise ValueError("the data have no rows")
    weight = check_sample_weight(sample_weight, len(data))
    slices = [slice(first, first + chunks) for first in range(0, len(data), chunks)]
    if weight is None:
        return [(data[rows], None) for rows in slices]
    parts = [(data[rows], weight[rows]) for rows in slices if weight[rows].any()]
    if not parts:
        raise ValueError("sample_weight is 0 everywhere")
    return parts
