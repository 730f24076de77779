"""Plain values as bytes and back: what may cross between a judge and a sandbox.

Numbers, text, None, lists, tuples, dicts, numeric arrays, CSR arrays, random generators, and
functions as something that can be called back. Never pickle. Anything else that a learner's
function returns arrives as its description, a `Foreign`.
"""

import json
import struct

import numpy as np
from scipy import sparse

from emkit.workshop.bench.contract import describe

LONGEST = 2**23  # bytes of JSON; as objects they take some fifty times as many
DEEP = 20  # containers in containers
NUMERIC = "biuf"
CONTAINERS = (list, tuple, dict)


class Unreadable(ValueError):
    """Bytes that no `pack` wrote."""


class Foreign:
    """What was no plain value on the other side: its description."""

    def __init__(self, described):
        self.described = described

    def __repr__(self):
        return self.described


def pack(value, made=None, given=None):
    """Bytes of a value.

    Parameters
    ----------
    made : list, optional
        Every container, array and function in the value is added, in the order that `unpack` makes
        them, so that both sides can speak of the same object.
    given : list, optional
        Such a list of the other side's: what is in it is sent as its place there, so that an object
        that comes back is the one that went.
    """
    buffers = []
    known = {id(thing): i for i, thing in enumerate(given or ())}
    text = json.dumps(written(value, buffers, made if made is not None else [], known)).encode()
    return b"".join([struct.pack("<I", len(text)), text, *buffers])


def written(value, buffers, made, known, depth=0):
    """A value as JSON has it, the content of its arrays put into `buffers`."""

    def inner(item):
        return written(item, buffers, made, known, depth + 1)

    kind = type(value)
    if value is None or kind in (bool, float) or (kind is int and abs(value) < 2**63):
        return value
    if isinstance(value, str):
        return str(value)
    if id(value) in known:
        return {"same": known[id(value)]}
    if isinstance(value, np.generic) and value.dtype.kind in NUMERIC:
        return {"scalar": array_written(np.asarray(value), buffers)}
    if isinstance(value, np.ndarray) and value.dtype.kind in NUMERIC:
        made.append(value)
        return {"array": array_written(np.asarray(value), buffers)}
    if kind in CONTAINERS and depth < DEEP:
        made.append(value)
        items = value.items() if kind is dict else value
        return {kind.__name__: [inner(item) for item in items]}
    if sparse.issparse(value) and value.format == "csr" and value.ndim == 2:
        made.append(value)
        parts = [inner(part) for part in (value.data, value.indices, value.indptr)]
        return {"csr": [isinstance(value, sparse.sparray), list(value.shape), *parts]}
    if isinstance(value, np.random.Generator):
        return {"generator": value.bit_generator.state}
    if callable(value) and kind.__name__ == "function":
        made.append(value)
        return {"function": len(made) - 1}
    return {"foreign": describe(value)}


def array_written(array, buffers):
    """An array's type and shape; its content goes to `buffers`."""
    dtype = array.dtype if array.dtype.itemsize <= 8 else float
    array = np.asarray(array, dtype=dtype)
    buffers.append(array.tobytes())
    return [array.dtype.str, list(array.shape)]


def unpack(message, made=None, given=None, callable_by=None):
    """The value that `pack` made bytes of.

    Parameters
    ----------
    made, given : list, optional
        As for `pack`, from the other side.
    callable_by : callable, optional
        `callable_by(place)` is what stands for the other side's function of that place.

    Raises
    ------
    Unreadable
        If the bytes aren't `pack`'s.
    """
    made = made if made is not None else []
    try:
        (length,) = struct.unpack_from("<I", message)
        if length > LONGEST:
            raise ValueError("too many small values")
        text = json.loads(bytes(message[4 : 4 + length]))
        reader = Reader(memoryview(message)[4 + length :], made, given or (), callable_by)
        return reader.read(text)
    except (KeyError, IndexError, TypeError, ValueError, OverflowError, RecursionError) as error:
        raise Unreadable(f"not a plain value: {type(error).__name__}") from None


class Reader:
    """Makes values of what `written` made."""

    def __init__(self, content, made, given, callable_by):
        self.content, self.made, self.given = content, made, given
        self.callable_by = callable_by

    def read(self, text):
        """The value that a JSON value stands for."""
        if not isinstance(text, dict):
            if isinstance(text, list):
                raise ValueError("a list must say what it is")
            return text
        ((kind, what),) = text.items()
        return KINDS[kind](self, what)

    def read_same(self, place):
        return self.given[place]

    def read_scalar(self, what):
        return self.array(what)[()]

    def read_array(self, what):
        return self.kept(self.array(what))

    def read_list(self, items):
        made = self.kept([])
        made.extend(self.read(item) for item in items)
        return made

    def read_tuple(self, items):
        place = len(self.made)
        self.made.append(None)  # its own place is before its items'
        self.made[place] = tuple(self.read(item) for item in items)
        return self.made[place]

    def read_dict(self, items):
        made = self.kept({})
        made.update(self.read(item) for item in items)
        return made

    def read_csr(self, what):
        is_array, shape, *parts = what
        place = len(self.made)
        self.made.append(None)
        data, indices, indptr = map(self.read, parts)
        make = sparse.csr_array if is_array else sparse.csr_matrix
        made = make((data, indices, indptr), shape=tuple(shape))
        made.check_format(full_check=True)  # a wrong index would read outside of the arrays
        self.made[place] = made
        return made

    def read_generator(self, state):
        generator = np.random.default_rng()
        generator.bit_generator.state = state
        return generator

    def read_function(self, place):
        return self.kept(self.callable_by(place))

    def read_foreign(self, text):
        return Foreign(str(text))

    def kept(self, value):
        self.made.append(value)
        return value

    def array(self, what):
        """The next array of the content."""
        dtype, shape = np.dtype(what[0]), tuple(map(int, what[1]))
        if dtype.kind not in NUMERIC or min(shape, default=0) < 0:
            raise ValueError("no numbers")
        size = int(np.prod(shape, dtype=object)) * dtype.itemsize
        if size > len(self.content):
            raise ValueError("more content was promised")
        block, self.content = self.content[:size], self.content[size:]
        if dtype.kind == "b":
            return (np.frombuffer(block, np.uint8) != 0).reshape(shape)
        return np.frombuffer(block, dtype).reshape(shape).copy()


KINDS = {
    name.removeprefix("read_"): method
    for name, method in vars(Reader).items()
    if name.startswith("read_")
}
