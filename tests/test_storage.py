"""Files of parameters: the same to the last bit, whole or not there, and safe to open."""

import os
from dataclasses import dataclass, fields, is_dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import emkit
from emkit import datasets, families, storage
from emkit.hmm import HMMParams
from emkit.missing import NormalParams
from emkit.topics import PLSAParams

RNG = np.random.default_rng(0)


def covariance(d):
    a = RNG.normal(size=(d, d))
    return a @ a.T + np.eye(d)


def gaussian(covariance_type):
    shapes = {
        "full": lambda: np.stack([covariance(2) for _ in range(3)]),
        "tied": lambda: covariance(2),
        "diag": lambda: RNG.gamma(1, size=(3, 2)),
        "spherical": lambda: RNG.gamma(1, size=3),
    }
    means = np.array([[-0.0, 5e-324], [1e308, -1e-300], [1 / 3, np.pi]])
    return families.GaussianComponents(means, shapes[covariance_type](), covariance_type)


COMPONENTS = {
    **{name: gaussian(name) for name in ("full", "tied", "diag", "spherical")},
    "poisson": families.PoissonComponents(RNG.gamma(1, size=(3, 2))),
    "binomial": families.BinomialComponents(RNG.random(3)),
    "categorical": families.CategoricalComponents(RNG.dirichlet(np.ones(4), size=(3, 2))),
}
PARAMS = {
    **COMPONENTS,
    **{
        f"mixture of {name}": emkit.MixtureParams(RNG.dirichlet(np.ones(3)), components)
        for name, components in COMPONENTS.items()
    },
    **{
        f"chain of {name}": HMMParams(
            RNG.dirichlet(np.ones(3)), RNG.dirichlet(np.ones(3), size=3), components
        )
        for name, components in COMPONENTS.items()
    },
    "normal": NormalParams(RNG.normal(size=3), covariance(3)),
    "topics": PLSAParams(RNG.dirichlet(np.ones(2), size=4), RNG.dirichlet(np.ones(5), size=2)),
}


def assert_same(a, b):
    """Equal classes, and equal bits in every field."""
    assert type(a) is type(b)
    for part in fields(a):
        one, other = getattr(a, part.name), getattr(b, part.name)
        if is_dataclass(one):
            assert_same(one, other)
        elif isinstance(one, np.ndarray):
            assert (one.dtype, one.shape) == (other.dtype, other.shape)
            assert one.tobytes() == other.tobytes()
        else:
            assert (type(one), one) == (type(other), other)


@pytest.mark.parametrize("params", PARAMS.values(), ids=PARAMS.keys())
def test_what_was_saved_is_loaded_to_the_last_bit(params, tmp_path):
    storage.save(tmp_path / "params.npz", params)
    assert_same(params, storage.load(tmp_path / "params.npz"))


wild = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 1.0, 5e-324, 1e308]),
    st.floats(0, 1),
)


@pytest.mark.parametrize("params", PARAMS.values(), ids=PARAMS.keys())
@given(data=st.data())
@settings(max_examples=30, deadline=None)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_whatever_a_class_accepts_comes_back_to_the_last_bit(params, data):
    name = data.draw(st.sampled_from([n for n, v in vars(params).items() if np.ndim(v)]))
    shape = getattr(params, name).shape
    numbers = hnp.arrays(float, shape, elements=wild)
    shares = hnp.arrays(float, shape, elements=st.floats(0, 1)).filter(np.any)
    values = st.one_of(numbers, shares.map(lambda a: a / np.maximum(a.sum(-1, keepdims=True), 0.1)))
    try:
        params = replace(params, **{name: data.draw(values)})
    except ValueError:
        return
    with TemporaryDirectory() as folder:
        storage.save(Path(folder) / "params.npz", params)
        assert_same(params, storage.load(Path(folder) / "params.npz"))


@given(data=st.data())
@settings(max_examples=150, deadline=None)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_whatever_stands_in_a_file_is_loaded_whole_or_refused(data):
    """A file of the right form, in which one member is exchanged for something else."""
    params = data.draw(st.sampled_from(list(PARAMS.values())))
    members = {storage.MARK: np.array(storage.VERSION)} | dict(storage.taken_apart("", params))
    name = data.draw(st.sampled_from(list(members)))
    others = st.sampled_from(["", "MixtureParams", "HMMParams", "Path", "full", "diag"])
    kinds = st.sampled_from([np.float64, np.int64, np.bool_, np.complex128, "U5", "S5", "M8[s]"])
    anything = hnp.arrays(kinds, hnp.array_shapes(min_dims=0, max_dims=3, max_side=3))
    members[name] = np.array(data.draw(st.one_of(others, anything)))
    with TemporaryDirectory() as folder:
        path = Path(folder) / "params.npz"
        np.savez(path, **members)
        try:
            loaded = storage.load(path)
        except ValueError:
            return
        storage.save(path, loaded, overwrite=True)
        assert_same(loaded, storage.load(path))


def test_every_class_in_the_table_is_tested():
    found = {type(value).__name__ for value in PARAMS.values()}
    assert found == set(storage.CLASSES)


def test_a_fit_goes_on_where_the_file_left_it(tmp_path):
    X = datasets.old_faithful().X
    model = emkit.GaussianMixture(2)
    half = emkit.fit(model, X, rng=np.random.default_rng(0), max_iter=5)
    path = tmp_path / "half.npz"
    storage.save(str(path), half.params)
    here = emkit.fit(model, X, start=half.params, max_iter=5)
    there = emkit.fit(model, X, start=storage.load(str(path)), max_iter=5)
    assert np.array_equal(here.history, there.history)


# ---------------------------------------------------------------------------- whole or not at all


def test_a_file_is_replaced_only_when_asked(tmp_path):
    path = tmp_path / "params.npz"
    storage.save(path, PARAMS["normal"])
    with pytest.raises(FileExistsError, match="is there already: pass overwrite=True"):
        storage.save(path, PARAMS["topics"])
    assert_same(storage.load(path), PARAMS["normal"])
    storage.save(path, PARAMS["topics"], overwrite=True)
    assert_same(storage.load(path), PARAMS["topics"])
    assert os.listdir(tmp_path) == ["params.npz"]


def test_a_disk_that_fills_up_leaves_the_old_file_and_no_other(tmp_path, monkeypatch):
    path = tmp_path / "params.npz"
    storage.save(path, PARAMS["normal"])

    def full(file, **members):
        file.write(b"PK half of a file")
        raise OSError("no space left on device")

    monkeypatch.setattr(np, "savez", full)
    with pytest.raises(OSError, match="no space left"):
        storage.save(path, PARAMS["topics"], overwrite=True)
    assert_same(storage.load(path), PARAMS["normal"])
    assert os.listdir(tmp_path) == ["params.npz"]


def test_a_file_can_be_read_by_whoever_may_read_other_files(tmp_path):
    (tmp_path / "other").touch()
    storage.save(tmp_path / "params.npz", PARAMS["normal"])
    assert (tmp_path / "params.npz").stat().st_mode == (tmp_path / "other").stat().st_mode


# ------------------------------------------------------------------------------- what goes wrong


@dataclass(frozen=True)
class Stranger:
    numbers: np.ndarray


@dataclass(frozen=True)
class Lookalike:
    def __len__(self):
        return 1


@pytest.mark.parametrize(
    ("params", "name"),
    [
        (Stranger(np.ones(2)), "Stranger"),
        (np.ones(2), "ndarray"),
        (None, "NoneType"),
        (emkit.MixtureParams(np.ones(1), Lookalike()), "Lookalike"),
    ],
)
def test_classes_that_are_not_in_the_table_are_named(params, name, tmp_path):
    with pytest.raises(ValueError, match=f"params has a {name}, expected one of MixtureParams"):
        storage.save(tmp_path / "params.npz", params)
    assert not os.listdir(tmp_path)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no file .*params\.npz"):
        storage.load(tmp_path / "params.npz")
    with pytest.raises(FileNotFoundError):
        storage.save(tmp_path / "no such folder" / "params.npz", PARAMS["normal"])


def plain_array(path):
    with path.open("wb") as file:
        np.save(file, np.ones(3))


def stored(**members):
    return lambda path: np.savez(path, **members)


@pytest.mark.parametrize(
    ("write", "sentence"),
    [
        (lambda path: path.write_bytes(b""), "is not a file of parameters that emkit can read"),
        (lambda path: path.write_text("weights: 0.5"), "is not a file of parameters that emkit"),
        (plain_array, "is not a file of parameters that"),
        (stored(weights=np.ones(1)), "is not a file of parameters that emkit wrote"),
        (stored(emkit=np.array(2)), "has format 2, expected 1: update emkit"),
        (stored(emkit=np.array([1, 2])), r"has format \[1 2\], expected 1"),
        (stored(emkit=np.array(1)), "holds no valid parameters"),
        (
            stored(**{"emkit": np.array(1), "class": "os.system"}),
            "holds no valid parameters: class os.system is not known",
        ),
        (stored(**{"emkit": np.array(1), "class": "NormalParams"}), "holds no valid .*'mean'"),
        (
            stored(**{"emkit": 1, "class": "PoissonComponents", "rates": -np.ones((1, 1))}),
            "holds no valid parameters: rates are .*, expected none below 0",
        ),
    ],
)
def test_other_files_are_refused_by_name(write, sentence, tmp_path):
    path = tmp_path / "params.npz"
    write(path)
    with pytest.raises(ValueError, match=f"params.npz {sentence}"):
        storage.load(path)


def test_a_pickle_in_a_file_is_never_opened(tmp_path):
    path = tmp_path / "params.npz"
    np.savez(path, emkit=np.array(1), weights=np.array([print], dtype=object))
    with pytest.raises(ValueError, match="is not a file of parameters that emkit can read"):
        storage.load(path)


def test_a_file_cut_short_anywhere_is_refused(tmp_path):
    path = tmp_path / "params.npz"
    storage.save(path, PARAMS["mixture of full"])
    whole = path.read_bytes()
    for length in range(0, len(whole), 97):
        path.write_bytes(whole[:length])
        with pytest.raises(ValueError, match=r"params.npz (is not a file|holds no valid)"):
            storage.load(path)


def test_a_byte_changed_on_the_disk_is_noticed_or_does_no_harm(tmp_path):
    path = tmp_path / "params.npz"
    storage.save(path, PARAMS["mixture of full"])
    whole = path.read_bytes()
    for place in RNG.integers(len(whole), size=200):
        changed = bytearray(whole)
        changed[place] ^= 0x20
        path.write_bytes(changed)
        try:
            params = storage.load(path)
        except ValueError:
            continue
        assert_same(params, PARAMS["mixture of full"])
