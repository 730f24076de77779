"""Reading the files in `emkit/data`, which come with the package: nothing is downloaded."""

import csv
import gzip
import io
from importlib.resources import files

import numpy as np


def read_columns(name):
    """The columns of a csv file (gzipped if its name ends so), each a list of strings."""
    content = files("emkit.data").joinpath(name).read_bytes()
    if name.endswith(".gz"):
        content = gzip.decompress(content)
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8"), newline=""))
    return dict(zip(header, map(list, zip(*rows, strict=True)), strict=True))


def numbers(column):
    """A column as float64, NaN where the file has nothing."""
    return np.array([float(cell) if cell else np.nan for cell in column])


def whole_numbers(column):
    """A column as integers."""
    return np.array([int(cell) for cell in column])


def read_arrays(name):
    """The arrays of an .npz file, by name."""
    content = files("emkit.data").joinpath(name).read_bytes()
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return dict(arrays)
