"""Two groups of customers, decoded and compared with what nobody told the fit."""

import numpy as np

from emkit.mixture import GaussianMixture
from emkit.selection import align_labels
from emkit.workshop.piece import Case, Piece, mistake
from emkit.workshop.pieces.capstone import customers
from emkit.workshop.pieces.capstone.customers import (
    features,
    fitted,
    held_out,
    of_other_numbers,
)
from emkit.workshop.pieces.capstone.verdicts import (
    FINE,
    PATIENCE,
    VERDICT,
    Unusable,
    Verdict,
    mixture_params,
    verdict_is_fine,
    verdict_on,
)

SEEN = 400  # customers that the function is given
MARGIN = 0.02  # share of the customers
LACKS = {
    "all in one group": "That is right for as many customers as the larger channel has",
    "groceries above their mean": "That looks at one product of six",
}


def segment_customers(spend, rng):
    """A mixture of two Gaussians whose components are the two channels of the wholesaler.

    The wholesaler's customers are hotels, restaurants and cafés, or they are shops. The function
    isn't told which is which: it finds two groups. The observations of the mixture are the rows of
    np.log(spend + 100). What shape the covariances have, and how the mixture is fitted: you choose.

    Parameters
    ----------
    spend : (n, d) array
        What each customer spends in a year on each product, in monetary units; none below 0. The
        products are fresh, milk, grocery, frozen, detergents and paper, delicatessen.
    rng : numpy.random.Generator
        Where all chance comes from.

    Returns
    -------
    weights : (k,) array
    means : (k, d) array
        Here k is 2.
    covariances : (k, d, d) array
        Matrices, whatever their shape; symmetric and positive definite.

    Notes
    -----
    The function is called with 400 of the 440 customers. Each of the 440 then goes to the component
    with the higher responsibility, and components are matched with channels in the way that agrees
    better. The share of customers who are in their own channel has to be higher by at least 0.02
    than those of two baselines: 'all in one group', and, in the second check, 'groceries above
    their mean' (a customer whose np.log(grocery + 100) is above the mean is a shop).
    emkit may be used, and so may what you have kept.
    """


def segment_customers_cases(rng):
    """Twice 400 of the customers, against an easy and a harder baseline."""

    def case(what, to_beat, **more):
        order = rng.permutation(len(customers.wholesale().X))
        given = {
            "spend": customers.wholesale().X[order],
            "is_shop": customers.wholesale().channel[order] == "retail",
            "to_beat": to_beat,
        }
        return Case(what, {**given, "rng": np.random.default_rng(rng.integers(2**32))},
                    **more)  # fmt: skip

    return [
        case("400 customers", "all in one group"),
        case("another 400 customers", "all in one group"),
        case("400 customers, groceries to beat", "groceries above their mean", hard=True),
    ]


def judged(function, spend, is_shop, to_beat, rng):
    """Shares of customers in their own channel: the function's, the baseline's; the verdict."""
    answer = function(spend[:SEEN].copy(), rng)
    if answer is None:
        return None

    def judge():
        params = mixture_params(answer)
        if params.components.means.shape != (2, spend.shape[1]):
            raise Unusable(
                f"means has shape {params.components.means.shape}, expected (2, {spend.shape[1]})"
            )
        found = agreement(GaussianMixture(2).responsibilities(params, features(spend)), is_shop)
        theirs = agreement(np.eye(2)[simple(to_beat, spend)], is_shop)
        if found >= theirs + MARGIN:
            return Verdict(FINE)
        return Verdict(to_beat, found, theirs, held_out(answer, features(spend)))

    return verdict_on(judge)


def simple(name, spend):
    """The groups of a baseline, 0 or 1."""
    grocery = features(spend)[:, 2]
    everyone = name == "all in one group"
    return np.zeros(len(spend), dtype=int) if everyone else (grocery > grocery.mean()).astype(int)


def agreement(resp, is_shop):
    """Share of rows whose likelier component is their own channel, the labels matched."""
    hard = np.eye(2)[resp.argmax(axis=1)]
    truth = np.eye(2)[is_shop.astype(int)]
    return float((hard[:, align_labels(hard, truth)] * truth).sum() / len(truth))


def beats_its_baseline(answer, spend, is_shop, to_beat, rng):
    """By how much it doesn't, and what the baseline lacks."""
    if answer[0].sentence not in LACKS:
        return verdict_is_fine(answer)
    yours, theirs, total = answer[0].numbers
    return (
        f"{yours:.1%} of the customers end up in their own channel, and with '{to_beat}' "
        f"{theirs:.1%} do: yours has to be higher by {MARGIN:.0%} at least. {LACKS[to_beat]}"
        f"{of_other_numbers(total / len(spend))}"
    )


def correct_segment_customers(spend, rng):
    """Two clouds along the axes."""
    return fitted(features(spend), GaussianMixture(2, "diag"), rng, n_init=3, max_iter=200)


@mistake("That is what comes out when the mixture is one of the spending itself. Its observations "
         "are the rows of np.log(spend + 100).")  # fmt: skip
def raw_spend(spend, rng):
    return fitted(spend, GaussianMixture(2, "diag"), rng)


@mistake(
    "That is what comes out when the features are standardised before the fit. The parameters "
    "are then those of other numbers: carry them back, or leave the features as they are."
)
def standardised(spend, rng):
    X = features(spend)
    return fitted((X - X.mean(axis=0)) / X.std(axis=0), GaussianMixture(2, "diag"), rng)


@mistake("Both components are the same, so that nobody can be told apart. A fit that starts with "
         "equal components leaves them equal.")  # fmt: skip
def twice_the_same(spend, rng):
    _, means, covariances = fitted(features(spend), GaussianMixture(1), rng)
    return np.full(2, 0.5), np.repeat(means, 2, axis=0), np.repeat(covariances, 2, axis=0)


@mistake("There is one component. The two channels need one each.")
def one_component(spend, rng):
    return fitted(features(spend), GaussianMixture(1), rng)


@mistake("There are three components. The two channels have one each.")
def three_components(spend, rng):
    return fitted(features(spend), GaussianMixture(3, "diag"), rng)


@mistake(
    "The groups are of those who buy much fresh and frozen food and those who buy little. Was "
    "the mixture fitted to some of the products, or are its columns in another order?"
)
def columns_in_another_order(spend, rng):
    return fitted(features(spend[:, ::-1]), GaussianMixture(2, "diag"), rng)


@mistake("Each column was sorted by itself, so that a row is no customer any more but a rank: who "
         "is small in everything and who is large.")  # fmt: skip
def columns_sorted(spend, rng):
    return fitted(features(np.sort(spend, axis=0)), GaussianMixture(2, "diag"), rng)


PIECE = Piece(
    id="12.segment_customers",
    contract=segment_customers,
    correct=correct_segment_customers,
    cases=segment_customers_cases,
    returns=VERDICT,
    properties=(beats_its_baseline,),
    mistakes=(
        raw_spend,
        standardised,
        twice_the_same,
        one_component,
        three_components,
        columns_in_another_order,
        columns_sorted,
    ),
    section="Check: what the model doesn't know",
    observe=judged,
    may_use=("emkit",),
    patience=PATIENCE,
)
