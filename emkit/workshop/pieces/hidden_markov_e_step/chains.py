"""Chains that the cases are drawn from, and steps that mistakes share."""

import numpy as np

from emkit import chain
from emkit.workshop.piece import Case


def random_transmat(rng, k):
    """Every step is possible, none as likely as its reverse."""
    return rng.dirichlet(np.full(k, 2.0), size=k)


def random_chain(rng, t, k):
    """Likelihoods of which each row is multiplied by a constant of its own."""
    constants = 10 ** rng.uniform(-2, 2, size=(t, 1))
    return {
        "startprob": rng.dirichlet(np.full(k, 2.0)),
        "transmat": random_transmat(rng, k),
        "likelihood": rng.uniform(0.05, 1, size=(t, k)) * constants,
    }


def small_chain(rng):
    """Three times and two states in numbers that can be typed."""
    share, leave, back = rng.choice([0.2, 0.3]), rng.choice([0.1, 0.2]), rng.choice([0.3, 0.4])
    return {
        "startprob": np.array([share, 1 - share]),
        "transmat": np.array([[1 - leave, leave], [back, 1 - back]]),
        "likelihood": rng.permutation(np.arange(1, 10))[:6].reshape(3, 2) / 10,
    }


def left_to_right(rng):
    """Three states that can only stay or move on, the last one never left; the start is known."""
    stay = rng.uniform(0.4, 0.7, size=2)
    return {
        **random_chain(rng, 6, 3),
        "startprob": np.array([1.0, 0.0, 0.0]),
        "transmat": np.array([[stay[0], 1 - stay[0], 0], [0, stay[1], 1 - stay[1]], [0, 0, 1]]),
    }


def impossible_states(rng):
    """Some observations can't come from one of the states."""
    case = random_chain(rng, 7, 3)
    rows = rng.permutation(7)[:4]
    case["likelihood"][rows, rng.integers(3, size=4)] = 0
    return case


def long_chain(rng):
    """Four hundred times: the product of the likelihoods is far below the smallest float."""
    case = random_chain(rng, 400, 2)
    case["likelihood"] = 10 ** rng.uniform(-4, -1, size=(400, 2))
    return case


def wild_constants(rng):
    """Rows multiplied by constants from 1e-250 to 1e250."""
    case = random_chain(rng, 6, 3)
    constants = rng.permutation([1e-250, 1e-200, 1e-150, 1.0, 1e150, 1e250])
    case["likelihood"] = rng.uniform(0.05, 1, size=(6, 3)) * constants[:, None]
    return case


def out_of_reach(rng):
    """From left to right; at first the states that can't be reached are by far the likeliest."""
    case = left_to_right(rng)
    case["likelihood"][0] = [1e-250, rng.uniform(0.5, 1), rng.uniform(0.5, 1)]
    case["likelihood"][1] = [1e-250, 1e-250, rng.uniform(0.5, 1)]
    return case


def second_thoughts(rng):
    """No state is ever left; what the first time says by 200 digits the second one takes back."""
    a, b, c, d = rng.uniform(0.2, 0.9, size=4)
    return {
        "startprob": np.array([0.4, 0.6]),
        "transmat": np.eye(2),
        "likelihood": np.array([[a, b * 1e-200], [c * 1e-200, d], [0.3, 0.5]]),
    }


def chain_cases(rng, inputs=dict):
    """Cases of forward–backward; `inputs` makes a piece's own inputs out of those of `forward`."""
    ordinary = {
        "3 times, 2 states": small_chain(rng),
        "8 times, 3 states, rows multiplied by constants": random_chain(rng, 8, 3),
        "5 times, 4 states": random_chain(rng, 5, 4),
        "a single time": random_chain(rng, 1, 3),
        "a single state": random_chain(rng, 4, 1),
        "states that can only stay or move on": left_to_right(rng),
        "observations that some states can't make": impossible_states(rng),
    }
    hard = {
        "400 times": long_chain(rng),
        "rows multiplied by constants from 1e-250 to 1e250": wild_constants(rng),
        "largest likelihoods in states that can't be reached": out_of_reach(rng),
        "a second time that takes back what the first one said": second_thoughts(rng),
    }
    return [
        *(Case(what, inputs(**given)) for what, given in ordinary.items()),
        *(Case(what, inputs(**given), hard=True) for what, given in hard.items()),
    ]


def for_backward(startprob, transmat, likelihood):
    """What `backward` is given."""
    _, scale = chain.forward(startprob, transmat, likelihood)
    return {"transmat": transmat, "likelihood": likelihood, "scale": scale}


def for_state_posteriors(startprob, transmat, likelihood):
    """What `state_posteriors` is given."""
    alpha, scale = chain.forward(startprob, transmat, likelihood)
    return {"alpha": alpha, "beta": chain.backward(transmat, likelihood, scale)}


def for_transition_posteriors(startprob, transmat, likelihood):
    """What `transition_posteriors` is given."""
    return {
        **for_state_posteriors(startprob, transmat, likelihood),
        **for_backward(startprob, transmat, likelihood),
    }


def for_expected_visits(startprob, transmat, likelihood):
    """What `expected_visits` is given."""
    given = for_transition_posteriors(startprob, transmat, likelihood)
    gamma = chain.state_posteriors(given["alpha"], given["beta"])
    return {"gamma": gamma, "xi": chain.transition_posteriors(**given)}


def rows_sum_to_one(name, rows):
    """A sentence where a row doesn't, and None where all do."""
    sums = rows.sum(axis=1)
    for t in np.flatnonzero(~(np.abs(sums - 1) < 1e-9)):
        columns = ", but its columns do" if np.allclose(rows.sum(axis=0), 1) else ""
        return f"the rows of {name} don't sum to 1 (row {t} sums to {sums[t]:.4g}){columns}"
    return None


def probabilities(name, values):
    """A sentence where a value is no probability, and None where all are."""
    for index in np.argwhere(~((values >= 0) & (values <= 1 + 1e-9))):
        at = ", ".join(str(i) for i in index)
        return f"{name}[{at}] is {values[tuple(index)]:.4g}, which is no probability"
    return None
