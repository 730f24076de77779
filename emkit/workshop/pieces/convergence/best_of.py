"""Which of several runs to keep."""

import numpy as np

from emkit.workshop.bench.contract import describe
from emkit.workshop.piece import Case, Piece, Returned, mistake


def best_of(fits):
    """The fit with the highest final log-likelihood.

    Parameters
    ----------
    fits : list of (params, history, reason)
        What `run_em` returned from several starts. `history` is a list of log-likelihoods, at
        least one. Its last value may be -inf (a number like others, below all of them) or NaN (a
        run that broke).

    Returns
    -------
    best : (params, history, reason)
        One of the fits as it is in the list: the first at a tie. A fit whose last log-likelihood
        is NaN never wins.

    Raises
    ------
    ValueError
        If there are no fits, or all of them end with NaN.
    """


def best_of_cases(rng):
    """Clear winners at every place, ties, NaN first, last and alone, nothing at all."""

    def case(what, ends, **more):
        fits = [
            (rng.normal(size=3).round(2), [-300.0 + float(rng.uniform(0, 9)), *end], reason)
            for *end, reason in ends
        ]
        return Case(what, {"fits": fits}, **more)

    low, middle, high = -np.sort(rng.uniform(100, 290, size=3))[::-1].round(2)
    done, cut, nan = "converged", "max_iter", float("nan")
    two = [(0.3, [-300.0, -120.0], done), (0.7, [-310.0, float(rng.integers(-99, -80))], done)]
    three = [[low, done], [high, done], [middle, done]]
    return [
        Case("two fits", {"fits": two}),
        case("three fits", three),
        case("three fits, the best one last", [[middle, done], [low, cut], [high, done]]),
        case("three fits, the best one first", [[high, done], [low, done], [middle, done]]),
        case("a best fit that used up its steps", [[low, done], [high, cut], [middle, done]]),
        case("a single fit", [[middle, cut]]),
        case("histories of different lengths",
             [[low - 9, low - 5, low - 1, low, done], [middle, done], [low - 8, low, high, done]]),
        case("positive log-likelihoods", [[-low, done], [-high, done], [-middle, done]]),
        case("a history that once was higher", [[high, low, done], [low - 1, middle, done]]),
        case("a tie", [[low, done], [high, cut], [high, done], [middle, done]]),
        case("NaN in the first fit", [[nan, cut], *three], hard=True),
        case("NaN in the last fit", [*three, [nan, cut]], hard=True),
        case("NaN in between", [three[0], [nan, done], *three[1:]], hard=True),
        case("NaN on the way only", [three[0], [nan, high + 1, done], *three[1:]], hard=True),
        case("a fit that ends at -inf", [[high + 1, -np.inf, done], *three], hard=True),
        case("nothing above -inf", [[-np.inf, done], [-np.inf, cut]], hard=True),
        case("-inf and NaN", [[nan, done], [-np.inf, done], [nan, done]], hard=True),
        case("no fits", [], hard=True, raises=ValueError,
             because="there is nothing to choose from"),
        case("only NaN", [[nan, done], [nan, cut]], hard=True, raises=ValueError,
             because="every run broke, and none of them is a result"),
    ]  # fmt: skip


def which(function, fits):
    """The place in the list of the fit that was returned, in words."""
    answer = function(fits)
    for i, fit in enumerate(fits):
        same = isinstance(answer, tuple) and len(answer) == 3
        if same and all(is_it(mine, given) for mine, given in zip(answer, fit, strict=True)):
            return f"fits[{i}]"
    return None if answer is None else describe(answer)


def is_it(mine, given):
    """Whether it is the very thing that was given; of a number or a text an equal one will do."""
    return mine is given or (isinstance(given, float | str) and mine == given)


def correct_best_of(fits):
    """The first of the largest last values that are numbers."""
    sound = [fit for fit in fits if not np.isnan(fit[1][-1])]
    if not sound:
        raise ValueError(f"none of the {len(fits)} fits ends with a number")
    return max(sound, key=lambda fit: fit[1][-1])


def one_of_the_fits(best, fits):
    """The whole fit, not a part of it."""
    if not best.startswith("fits["):
        return f"it returns {best}, expected one of the fits, the whole (params, history, reason)"
    return None


def no_broken_fit(best, fits):
    """NaN is no log-likelihood."""
    if np.isnan(fits[place(best)][1][-1]):
        return f"the log-likelihood of {best} ends with NaN: that run broke"
    return None


def no_better_fit(best, fits):
    """What it is all about."""
    reached = fits[place(best)][1][-1]
    if any(fit[1][-1] > reached for fit in fits):
        return f"{best} ends at {reached:.6g}, and there is a fit that ends higher"
    return None


def place(best):
    """The number in 'fits[2]'."""
    return int(best[5:-1])


@mistake("A fit that ends with NaN wins. Comparisons with NaN are always False and np.argmax takes "
         "NaN for the largest: leave such fits out first.")  # fmt: skip
def nan_wins(fits):
    return fits[int(np.argmax([fit[1][-1] for fit in fits]))]


@mistake("Where the first fit ends with NaN, none of the others gets past it: x > NaN is False "
         "for every x. Leave such fits out first.")  # fmt: skip
def nan_first_stays(fits):
    correct_best_of(fits)
    return max(fits, key=lambda fit: fit[1][-1])


@mistake("np.nanargmax puts −inf where NaN is. Where nothing is above −inf, a broken run then ties "
         "with one that isn't: leave such fits out first.")  # fmt: skip
def nan_taken_for_minus_infinity(fits):
    correct_best_of(fits)
    return fits[int(np.nanargmax([fit[1][-1] for fit in fits]))]


@mistake("This is the fit with the *lowest* log-likelihood. A log-likelihood is better the larger "
         "it is: −100 is better than −200.")  # fmt: skip
def lowest(fits):
    correct_best_of(fits)
    return min(fits, key=lambda fit: fit[1][-1])


@mistake("The largest *size* is taken. Log-likelihoods are mostly negative, and −100 is better "
         "than −200.")  # fmt: skip
def largest_size(fits):
    correct_best_of(fits)
    return max(fits, key=lambda fit: abs(fit[1][-1]))


@mistake("The first values of the histories are compared: they say how good the starts were.")
def best_start(fits):
    correct_best_of(fits)
    return max(fits, key=lambda fit: fit[1][0])


@mistake("The highest value anywhere in a history is compared. The params belong to the last "
         "one.")  # fmt: skip
def highest_on_the_way(fits):
    correct_best_of(fits)
    return max(fits, key=lambda fit: max(fit[1]))


@mistake("The longest history wins, whatever it reached.")
def longest(fits):
    correct_best_of(fits)
    return max(fits, key=lambda fit: len(fit[1]))


@mistake("Fits that used up their steps are left out. They may well be the best: their "
         "log-likelihood counts like any other.")  # fmt: skip
def converged_only(fits):
    correct_best_of(fits)
    done = [fit for fit in fits if fit[2] == "converged"]
    return max(done or fits, key=lambda fit: fit[1][-1])


@mistake("At a tie the first fit wins; yours takes the last.")
def last_at_a_tie(fits):
    return correct_best_of(fits[::-1])


@mistake("Every fit with NaN anywhere in its history is left out. Only the last value says what a "
         "run reached.")  # fmt: skip
def nan_anywhere_left_out(fits):
    correct_best_of(fits)
    sound = [fit for fit in fits if not np.isnan(fit[1]).any()]
    return max(sound or fits, key=lambda fit: fit[1][-1])


@mistake("This is the winner's params alone. Return the whole fit: its history and its reason are "
         "what one looks at next.")  # fmt: skip
def params_alone(fits):
    return correct_best_of(fits)[0]


@mistake("This is the number of the winner in the list. Return the fit.")
def number_in_the_list(fits):
    return [fit is correct_best_of(fits) for fit in fits].index(True)


@mistake("This is the winner's log-likelihood. Return the fit that reached it.")
def log_likelihood_alone(fits):
    return correct_best_of(fits)[1][-1]


PIECE = Piece(
    id="05.best_of",
    contract=best_of,
    correct=correct_best_of,
    cases=best_of_cases,
    returns=Returned("the result", "()", "text"),
    properties=(one_of_the_fits, no_broken_fit, no_better_fit),
    # Where all that a case has is NaN, every slip looks alike: the sentences on NaN come first.
    mistakes=(
        nan_wins,
        nan_first_stays,
        nan_taken_for_minus_infinity,
        lowest,
        largest_size,
        best_start,
        highest_on_the_way,
        longest,
        converged_only,
        last_at_a_tie,
        nan_anywhere_left_out,
        params_alone,
        number_in_the_list,
        log_likelihood_alone,
    ),
    section="Ten starts",
    observe=which,
)
