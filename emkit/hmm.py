"""Hidden Markov models over any family of distributions, for one or many sequences."""

from collections.abc import Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from functools import cached_property
from typing import Any

import numpy as np

from emkit import chain, families
from emkit.arguments import check_sample_weight, check_whole_number, finite_array
from emkit.families.priors import Dirichlet, check_dirichlet
from emkit.model import Degeneracy
from emkit.numerics import Impossible
from emkit.schedule import Schedule
from emkit.sweep import best_paths, sweep


@dataclass(frozen=True)
class HMMParams:
    """startprob (k,), transmat (k, k), and the emissions of k states, a value of their family."""

    startprob: np.ndarray = field(metadata={"space": "simplex"})
    transmat: np.ndarray = field(metadata={"space": "simplex"})
    emissions: Any

    def __post_init__(self):
        transmat = chain.check_transmat(self.transmat)
        startprob = chain.check_startprob(self.startprob, len(transmat))
        if len(self.emissions) != len(transmat):
            raise ValueError(
                f"transmat is for {len(transmat)} states, emissions for {len(self.emissions)}"
            )
        object.__setattr__(self, "startprob", startprob)
        object.__setattr__(self, "transmat", transmat)


@dataclass(frozen=True)
class HMMStatistics:
    """Expected counts of sequences that start in each state and of transitions; the family's."""

    log_likelihood: float
    starts: np.ndarray
    transitions: np.ndarray
    emissions: Any

    def __add__(self, other):
        return HMMStatistics(
            *(getattr(self, f.name) + getattr(other, f.name) for f in fields(self))
        )


@dataclass(frozen=True)
class Sequences:
    """Sequences whose rows have been put in the order in which sweeps read them.

    `X` holds the rows that were observed, as the family reads them; `observed` their places, or
    None where nothing is missing. `sample_weight` (n,) says how often each row counts, or is None.
    """

    X: Any
    observed: np.ndarray | None
    schedule: Schedule
    sample_weight: np.ndarray | None

    def __len__(self):
        return len(self.schedule.rows)

    @cached_property
    def seen_weight(self):
        """Weights of the rows that were observed, or None where all count once."""
        if self.sample_weight is None or self.observed is None:
            return self.sample_weight
        return self.sample_weight[self.observed]


@dataclass(frozen=True)
class HMM:
    """Hidden Markov model with `n_states` states whose observations come from one family.

    Its data are a list of sequences, each an array (t, d) with t at least 1 and as many rows as it
    likes; or one such array. A row of NaN wasn't observed: it says nothing about its state.
    With `emkit.fit`, `sample_weight` holds one weight a sequence.

    Parameters
    ----------
    family : Family
        For example `families.Gaussian()`.
    n_states : int
    startprob_prior, transmat_prior : Dirichlet
        Priors of `startprob` and of each row of `transmat`; flat by default. A larger diagonal, as
        in `Dirichlet(1 + np.eye(n_states))`, makes states stay.
    frozen : sequence of str
        Names of parameters that keep their starting values: 'startprob', 'transmat', 'emissions',
        or of one part of the emissions such as 'means'.

    Raises
    ------
    ValueError
        If an argument isn't as described.
    """

    family: families.Family
    n_states: int
    startprob_prior: Dirichlet = Dirichlet(1)  # noqa: RUF009 (a prior is an immutable value)
    transmat_prior: Dirichlet = Dirichlet(1)  # noqa: RUF009
    frozen: Sequence[str] = ()

    def __post_init__(self):
        check_whole_number("n_states", self.n_states, least=1)
        k = self.n_states
        for name, shape in (("startprob_prior", (k,)), ("transmat_prior", (k, k))):
            check_dirichlet(name, getattr(self, name))
            getattr(self, name).check_shape(shape)

    # ---------------------------------------------------------------------- what `fit` asks for

    def prepare(self, sequences, sample_weight=None):
        """The sequences, checked and put in the order in which sweeps read them."""
        sequences = as_list(sequences)
        weight = check_sample_weight(sample_weight, len(sequences))
        if weight is not None:
            if not weight.any():
                raise ValueError("sample_weight is 0 everywhere")
            sequences = [sequences[i] for i in np.flatnonzero(weight)]
            weight = weight[weight > 0]
        schedule = Schedule(np.array([len(sequence) for sequence in sequences]))
        rows = np.concatenate(sequences)[schedule.rows]
        missing = np.isnan(rows).all(axis=1)
        observed = np.flatnonzero(~missing) if missing.any() else None
        if missing.all():
            raise ValueError("all rows are missing: there is nothing to learn from")
        X = self.family.prepare(rows if observed is None else rows[observed])
        return Sequences(
            X, observed, schedule, None if weight is None else weight[schedule.sequence]
        )

    def divisible(self, sequences):
        """The sequences: only whole ones can be worked on apart."""
        return sequences if many(sequences) else [sequences]

    def initial(self, data, rng):
        """Emissions from the family, all starts equally likely, random transitions that linger."""
        k = self.n_states
        emissions = self.family.initial(data.X, k, rng, data.seen_weight)
        transmat = (np.eye(k) + rng.dirichlet(np.ones(k), size=k)) / 2
        return HMMParams(np.full(k, 1 / k), transmat, emissions)

    def e_step(self, params, data):
        """Forward and backward (Baum et al. 1970), summed into expected counts."""
        weight = data.sample_weight
        found = self.infer(params, data)
        resp, log_scale = found.gamma, found.log_scale
        if weight is not None:
            resp, log_scale = resp * weight, log_scale * weight
        starts = resp[:, data.schedule.heads].sum(axis=1)
        if data.observed is not None:
            resp = resp[:, data.observed]
        return HMMStatistics(
            float(log_scale.sum()),
            starts,
            found.xi,
            self.family.statistics(params.emissions, data.X, resp.T),
        )

    def m_step(self, statistics, params):
        """Shares of the expected counts, or the modes of the posteriors (Rabiner 1989, eq. 40).

        A state that is never left gets a uniform row of transmat, unless its prior says otherwise.
        """
        startprob, transmat, emissions = params.startprob, params.transmat, params.emissions
        if "startprob" not in self.frozen:
            startprob = self.startprob_prior.mode(statistics.starts)
        if "transmat" not in self.frozen:
            transmat = self.transmat_prior.mode(statistics.transitions)
        if "emissions" not in self.frozen:
            with components_called_states():
                emissions = self.family.estimate(statistics.emissions, emissions, self.frozen)
        return HMMParams(startprob, transmat, emissions)

    def log_prior(self, params):
        """Log-density of the priors of startprob, transmat and emissions at `params`."""
        return (
            self.startprob_prior.log_density(params.startprob)
            + self.transmat_prior.log_density(params.transmat)
            + self.family.log_prior(params.emissions)
        )

    # --------------------------------------------------------------------- what a fit is good for

    def score(self, params, sequences, sample_weight=None):
        """Log-likelihood of all sequences; -inf if one of them is impossible."""
        data = self.prepare(sequences, sample_weight)
        log_scale = sweep_all(self, params, data).log_scale
        if data.sample_weight is not None:
            log_scale = log_scale * data.sample_weight
        return float(log_scale.sum())

    def posteriors(self, params, sequences):
        """γ: p(z_t = j | x), a (t, k) array for each sequence (one array if one was passed)."""
        data = self.prepare(sequences)
        gamma = in_order(data, self.infer(params, data).gamma.T)
        return gamma if many(sequences) else gamma[0]

    def predict(self, params, sequences):
        """The likeliest state of each row, (t,) integers for each sequence; the lower at a tie.

        Row by row, so a path of these states may be impossible as a whole; see `viterbi`.
        """
        gamma = self.posteriors(params, sequences)
        return [g.argmax(axis=1) for g in gamma] if many(sequences) else gamma.argmax(axis=1)

    def viterbi(self, params, sequences):
        """The likeliest path of states, (t,) integers, and its log p(path, x), for each sequence.

        At a tie the lower state wins, at the end and at each step back (`emkit.chain.viterbi`).

        Returns
        -------
        paths, log_probs : list of arrays, (m,) array
            One array and one number, if one sequence was passed.
        """
        data = self.prepare(sequences)
        log_values = self.log_likelihood(params, data)
        path, log_prob = best_paths(params.startprob, params.transmat, log_values, data.schedule)
        paths = in_order(data, path)
        return (paths, log_prob) if many(sequences) else (paths[0], float(log_prob[0]))

    def sample(self, params, length, rng):
        """One sequence of `length` rows drawn from the model, and the states (t,) behind it."""
        check_whole_number("length", length, least=1)
        self.check_params(params)
        below = params.transmat.cumsum(axis=1)[:, :-1]
        draws = rng.random(length)
        states = np.empty(length, dtype=int)
        states[0] = np.searchsorted(params.startprob.cumsum()[:-1], draws[0], side="right")
        for t in range(1, length):
            states[t] = np.searchsorted(below[states[t - 1]], draws[t], side="right")
        return self.family.sample(params.emissions, states, rng), states

    def n_parameters(self, params):
        """Number of free parameters."""
        k = self.n_states
        return k - 1 + k * (k - 1) + self.family.n_parameters(params.emissions)

    # ------------------------------------------------------------------------------- the chain

    def log_likelihood(self, params, data):
        """log p(x_t | z_t = j) in the order of the sweeps, (k, n); 0 where nothing was observed."""
        self.check_params(params)
        with components_called_states():
            values = np.ascontiguousarray(self.family.log_prob(params.emissions, data.X).T)
        if data.observed is None:
            return values
        everywhere = np.zeros((self.n_states, len(data)))
        everywhere[:, data.observed] = values
        return everywhere

    def infer(self, params, data):
        """Posteriors of all sequences; `Impossible`, a ValueError, if one of them is."""
        found = sweep_all(self, params, data)
        if found.log_scale.min() == -np.inf:
            impossible = data.schedule.sequence[found.log_scale == -np.inf].min()
            raise Impossible(
                f"sequence {impossible} has probability 0 under the parameters: no path of states "
                "can make it. Start without zeros where the data need something above 0"
            )
        return found

    def check_params(self, params):
        """Raise `ValueError` unless the parameters are this model's."""
        k = len(params.startprob)
        if k != self.n_states:
            raise ValueError(f"params have {k} states, n_states is {self.n_states}")
        names = [part.name for part in (*fields(params), *fields(params.emissions))]
        for name in self.frozen:
            if name not in names:
                raise ValueError(f"frozen names {name!r}, expected some of {', '.join(names)}")


def sweep_all(model, params, data):
    """Posteriors of all sequences, in the order of the sweeps."""
    log_values = model.log_likelihood(params, data)
    return sweep(params.startprob, params.transmat, log_values, data.schedule, data.sample_weight)


@contextmanager
def components_called_states():
    """Let a family's Degeneracy speak of states."""
    try:
        yield
    except Degeneracy as degeneracy:
        raise Degeneracy(str(degeneracy).replace("component", "state")) from None


# ------------------------------------------------------------------- sequences in, sequences out


def many(sequences):
    """Whether these are several sequences, and not one array."""
    return not isinstance(sequences, np.ndarray)


def as_list(sequences):
    """The sequences as float64 arrays (t, d), after checking that they fit together."""
    if not many(sequences):
        return [with_rows("X", sequences)]
    if not isinstance(sequences, list | tuple):
        raise ValueError(
            f"sequences is a {type(sequences).__name__}, expected an array (t, d) or a list of them"
        )
    if not len(sequences):
        raise ValueError("sequences is empty, expected at least one")
    arrays = []
    for i, sequence in enumerate(sequences):
        name = f"sequences[{i}]"
        array = with_rows(name, sequence)
        if arrays and array.shape[1] != arrays[0].shape[1]:
            raise ValueError(
                f"{name} has {array.shape[1]} columns, those before it have {arrays[0].shape[1]}"
            )
        arrays.append(array)
    return arrays


def with_rows(name, sequence):
    """A float64 array (t, d), t at least 1, of finite numbers but for rows that are all NaN."""
    try:
        array = np.asarray(sequence, dtype=float)
    except (TypeError, ValueError):
        return finite_array(name, sequence, 2, "(t, d)")  # says what is wrong
    gaps = np.isnan(array).all(axis=1, keepdims=True) if array.ndim == 2 else False
    array = finite_array(name, np.where(gaps, 0, array), 2, "(t, d)")
    if not array.size:
        raise ValueError(f"{name} has shape {array.shape}, expected (t, d) with at least one row")
    return np.where(gaps, np.nan, array)


def in_order(data, values):
    """Values (n, …) in the order of the sweeps, as one array for each sequence."""
    restored = np.empty_like(values, order="C")
    restored[data.schedule.rows] = values
    return np.split(restored, np.cumsum(data.schedule.lengths)[:-1])
