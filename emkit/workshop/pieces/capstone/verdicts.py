"""What the capstone's functions are judged by: parameters that came back, at work on other data."""

import numpy as np

from emkit.families import GaussianComponents
from emkit.hmm import HMMParams
from emkit.mixture import MixtureParams
from emkit.model import Degeneracy
from emkit.workshop.bench.contract import describe
from emkit.workshop.piece import Returned

FINE = "fine"
PATIENCE = 20.0  # seconds a case: some take many starts, and grading may share its cores
VERDICT = (Returned("verdict", "()", "text", shown=False),)


class Verdict(str):
    """What is to be said of an answer, with the numbers that it rests on.

    Two verdicts are the same if their sentences and the first four digits of their numbers are: so
    a mistake is recognised by what it scores, and not by being wrong in the same respect.
    """

    def __new__(cls, sentence, *numbers):
        numbers = [float(number) for number in numbers]
        score = "" if sentence == FINE else " ".join(f"{number:.4g}" for number in numbers)
        verdict = super().__new__(cls, f"{sentence} {score}".strip())
        verdict.sentence, verdict.numbers = sentence, numbers
        return verdict


class Unusable(ValueError):
    """What a learner's function returned can't be what it should be; the message says why."""


class Collapsed(Unusable):
    """A covariance among the parameters isn't positive definite."""


def mixture_params(answer):
    """A (weights, means, covariances) as the engine's parameters."""
    weights, means, covariances = parted(answer, "weights, means, covariances")
    return usable(lambda: MixtureParams(weights, components(means, covariances)))


def chain_params(answer):
    """A (startprob, transmat, means, covariances) as the engine's parameters."""
    startprob, transmat, *emissions = parted(answer, "startprob, transmat, means, covariances")
    return usable(lambda: HMMParams(startprob, transmat, components(*emissions)))


def components(means, covariances):
    """Gaussians of any covariances, after checking that these are positive definite."""
    gaussians = GaussianComponents(means, covariances)
    if not np.allclose(gaussians.covariances, gaussians.covariances.swapaxes(1, 2)):
        raise ValueError("a covariance is not symmetric")
    _ = gaussians.inverse_factors
    return gaussians


def parted(answer, names):
    """The parts of a tuple of parameters."""
    if isinstance(answer, MixtureParams | HMMParams):
        maker = "mixture_tuple" if isinstance(answer, MixtureParams) else "chain_tuple"
        raise Unusable(
            f"the parameters are a {type(answer).__name__}, expected a tuple ({names}): what "
            f"{maker} makes of them"
        )
    number = len(names.split(", "))
    if not isinstance(answer, tuple) or len(answer) != number:
        came = f"a tuple of {len(answer)}" if isinstance(answer, tuple) else describe(answer)
        raise Unusable(f"the parameters are {came}, expected a tuple ({names})")
    return answer


def usable(make):
    """What `make` makes of a learner's arrays; `Unusable` where they can't be parameters."""
    try:
        return make()
    except Degeneracy as error:
        raise Collapsed(str(error)) from None
    except (ValueError, TypeError) as error:
        raise Unusable(str(error)) from None


def verdict_on(judge):
    """The `Verdict` that `judge()` comes to, in a tuple; what is unusable is a verdict, too."""
    try:
        return (judge(),)
    except Unusable as error:
        return (Verdict(str(error).rstrip(".")),)


def verdict_is_fine(answer, **inputs):
    """Where the verdict itself is the sentence."""
    return None if answer[0] == FINE else answer[0].sentence
