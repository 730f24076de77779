"""Parameters in .npz files: numbers and names, no pickle, so a file from elsewhere is safe to open.

Each array is stored under its field's name, nested ones as `components/means`; beside them stands
the name of the class, which is looked up in a table when the file is read.
"""

import io
import os
import secrets
from dataclasses import fields, is_dataclass
from pathlib import Path

import numpy as np

from emkit.families import (
    BinomialComponents,
    CategoricalComponents,
    GaussianComponents,
    PoissonComponents,
)
from emkit.hmm import HMMParams
from emkit.missing import NormalParams
from emkit.mixture import MixtureParams
from emkit.topics import PLSAParams

MARK = "emkit"  # the member that only our files have; it holds the format's version
VERSION = 1
CLASSES = {
    known.__name__: known
    for known in (
        MixtureParams,
        HMMParams,
        NormalParams,
        PLSAParams,
        BinomialComponents,
        CategoricalComponents,
        GaussianComponents,
        PoissonComponents,
    )
}


def save(path, params, *, overwrite=False):
    """Write parameters to a file, whole or not at all.

    Parameters
    ----------
    path : str or path
        By custom it ends in .npz; it is taken as it is.
    params : parameters
        For example `fit.params`: any of the engine's classes of parameters.
    overwrite : bool
        Whether a file of that name may be replaced.

    Raises
    ------
    ValueError
        If `params` isn't a value of a known class.
    FileExistsError
        If there is a file of that name, and `overwrite` is false.
    """
    path = Path(path)
    members = {MARK: np.array(VERSION)} | dict(taken_apart("", params))
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} is there already: pass overwrite=True to replace it")
    unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with open(unfinished, "xb") as file:
            np.savez(file, **members)
            file.flush()
            os.fsync(file.fileno())
        os.replace(unfinished, path)
    finally:
        unfinished.unlink(missing_ok=True)


def load(path):
    """Parameters from a file that `save` has written, the same to the last bit.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ValueError
        If it isn't one of emkit's, is damaged, or holds a class that this version doesn't know.
    """
    path = Path(path)
    if not path.is_file():
        raise FileNotFoundError(f"there is no file {path}")
    content = path.read_bytes()
    try:
        with np.load(io.BytesIO(content), allow_pickle=False) as file:
            members = {name: file[name] for name in file.files}
    except Exception as error:  # NumPy and zipfile have many ways to say that bytes make no sense
        raise ValueError(f"{path} is not a file of parameters that emkit can read") from error
    if MARK not in members:
        raise ValueError(f"{path} is not a file of parameters that emkit wrote")
    if not np.array_equal(members[MARK], VERSION):
        raise ValueError(f"{path} has format {members[MARK]}, expected {VERSION}: update emkit")
    try:
        return put_together("", members)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} holds no valid parameters: {error}") from error


def taken_apart(prefix, params):
    """Names and arrays of a value of parameters, those of nested values after a slash."""
    name = type(params).__name__
    if CLASSES.get(name) is not type(params):
        raise ValueError(f"params has a {name}, expected one of {', '.join(CLASSES)}")
    yield f"{prefix}class", np.array(name)
    for part in fields(params):
        value = getattr(params, part.name)
        if is_dataclass(value):
            yield from taken_apart(f"{prefix}{part.name}/", value)
        else:
            yield f"{prefix}{part.name}", np.asarray(value)


def put_together(prefix, members):
    """The value of which `taken_apart` gave these members."""
    name = str(members[f"{prefix}class"])
    if name not in CLASSES:
        raise ValueError(f"class {name} is not known, expected one of {', '.join(CLASSES)}")
    values = {}
    for part in fields(CLASSES[name]):
        where = f"{prefix}{part.name}"
        if f"{where}/class" in members:
            values[part.name] = put_together(f"{where}/", members)
        else:
            value = members[where]
            values[part.name] = value.item() if value.dtype.kind == "U" else value
    return CLASSES[name](**values)
