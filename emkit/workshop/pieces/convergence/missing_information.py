"""How slow EM is for a mixture's weight: the derivation piece."""

import numpy as np

from emkit.workshop.piece import Case, Piece, Returned, mistake


def missing_information(resp):
    """Fraction of missing information about the weight of one of two known components.

    Of a mixture of two components all is known but the weight w of component 1. One EM step sets
    w to the mean of component 1's responsibilities. At the maximum it leaves w as it is; from
    nearby it multiplies the error of w by the rate of convergence, the derivative of the new w
    with respect to the old one. That is the fraction of missing information.

    Parameters
    ----------
    resp : (n, 2) array
        Responsibilities at the maximum; rows sum to 1. There w is the mean of column 1, and it is
        neither 0 nor 1.

    Returns
    -------
    fraction : float
        The rate, from 0 (every point says where it belongs) to 1 (no point says anything).
    """


def missing_information_cases(rng):
    """From points that all but say where they belong to points that say nothing."""

    def case(what, shares):
        shares = np.array(shares, dtype=float)
        return Case(what, {"resp": np.column_stack([1 - shares, shares])})

    return [
        case("4 points", rng.permutation([0.1, 0.4, 0.2, rng.choice([0.7, 0.8])])),
        case("30 points, most of them clear", rng.beta(0.2, 0.4, size=30)),
        case("30 points, none of them clear", rng.uniform(0.3, 0.45, size=30)),
        case("a light component", rng.beta(0.5, 8, size=40)),
        case("points that say all", [0, 1, 0, 0, 1, 0, 0]),
        case("points that say nothing", [0.3] * 5),
        case("a single point", [rng.uniform(0.2, 0.4)]),
        case("points of both kinds", [0, 1, 0, *rng.uniform(0.1, 0.9, size=6)]),
    ]


def em_step(resp, w):
    """The new weight from the weight w, by what `resp` tells of the two densities."""
    best = resp[:, 1].mean()
    one, other = resp[:, 1] * w / best, resp[:, 0] * (1 - w) / (1 - best)
    return (one / (one + other)).mean()


def correct_missing_information(resp):
    """Mean variance of the latent labels given the points, over their variance without them."""
    w = resp[:, 1].mean()
    return float((resp[:, 0] * resp[:, 1]).mean() / (w * (1 - w)))


def a_fraction(fraction, resp):
    """Between nothing and all."""
    if not -1e-12 <= fraction <= 1 + 1e-12:
        return f"your fraction is {fraction:.4g}, but a fraction of the whole lies between 0 and 1"
    return None


def the_rate_of_em(fraction, resp):
    """What one EM step makes of a small error of the weight."""
    w = resp[:, 1].mean()
    step = 1e-4 * min(w, 1 - w)
    rate = (em_step(resp, w + step) - em_step(resp, w - step)) / (2 * step)
    if abs(fraction - rate) > 1e-5:
        return (
            f"your rate is {fraction:.6g}, but that isn't what EM does: started {step:.1g} beside "
            "the maximum, it comes closer by another factor"
        )
    return None


def spread(resp):
    """Mean of r (1 - r), and the weight."""
    return float((resp[:, 0] * resp[:, 1]).mean()), float(resp[:, 1].mean())


@mistake("This is the fraction that is *there*: 1 where every point says where it belongs. Wanted "
         "is the fraction that is missing.")  # fmt: skip
def what_is_there(resp):
    return 1 - correct_missing_information(resp)


@mistake("The mean of r(1 − r) is there, but compared with what? If the labels were not seen at "
         "all, that mean would be w(1 − w).")  # fmt: skip
def not_compared(resp):
    return spread(resp)[0]


@mistake("It is compared with ¼, as if both components had the same weight.")
def compared_with_a_quarter(resp):
    return 4 * spread(resp)[0]


@mistake("r(1 − r) is summed over the points. A step sets w to the *mean* of the responsibilities, "
         "so the derivative is a mean as well.")  # fmt: skip
def summed_over_points(resp):
    return len(resp) * correct_missing_information(resp)


@mistake("It is divided by w alone. The derivative of r with respect to w has both w and 1 − w "
         "below the line.")  # fmt: skip
def divided_by_w(resp):
    inside, w = spread(resp)
    return inside / w


@mistake("It is divided by 1 − w alone. The derivative of r with respect to w has both w and 1 − w "
         "below the line.")  # fmt: skip
def divided_by_the_other(resp):
    inside, w = spread(resp)
    return inside / (1 - w)


@mistake("Each column is divided by its own weight before the product is taken, and r² stands "
         "where r(1 − r) should.")  # fmt: skip
def squares(resp):
    w = resp[:, 1].mean()
    return float((resp[:, 1] ** 2).mean() / (w * (1 - w)))


@mistake("This is the square root: the ratio of two standard deviations. Information goes with "
         "variances.")  # fmt: skip
def square_root(resp):
    return correct_missing_information(resp) ** 0.5


@mistake("This is the square of the rate: by it the *log-likelihood's* distance from its maximum "
         "shrinks. The question is about the weight.")  # fmt: skip
def rate_of_the_log_likelihood(resp):
    return correct_missing_information(resp) ** 2


@mistake("This is the mean entropy of the responsibilities. It also says how unclear they are, but "
         "it isn't the derivative of an EM step.")  # fmt: skip
def entropy(resp):
    safe = np.where(resp > 0, resp, 1)
    return float(-(safe * np.log(safe)).sum(axis=1).mean() / np.log(2))


@mistake("This is the mean share of the *less* likely component, the errors that one expects. The "
         "rate is a derivative: take r as a function of w and differentiate.")  # fmt: skip
def expected_errors(resp):
    return float(resp.min(axis=1).mean())


PIECE = Piece(
    id="05.missing_information",
    contract=missing_information,
    correct=correct_missing_information,
    cases=missing_information_cases,
    returns=Returned("fraction", "()"),
    properties=(a_fraction, the_rate_of_em),
    mistakes=(
        what_is_there,
        not_compared,
        compared_with_a_quarter,
        summed_over_points,
        divided_by_w,
        divided_by_the_other,
        squares,
        square_root,
        rate_of_the_log_likelihood,
        entropy,
        expected_errors,
    ),
    section="How fast does it climb?",
)
