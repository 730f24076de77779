"""A density of customers' spending of one's own choice, scored on customers that it hasn't seen."""

import numpy as np

from emkit.mixture import GaussianMixture
from emkit.workshop.piece import Case, Piece, mistake
from emkit.workshop.pieces.capstone import customers
from emkit.workshop.pieces.capstone.customers import (
    baseline,
    features,
    fitted,
    held_out,
    of_other_numbers,
)
from emkit.workshop.pieces.capstone.verdicts import (
    FINE,
    PATIENCE,
    VERDICT,
    Verdict,
    verdict_is_fine,
    verdict_on,
)

PARTS = 3
MARGIN = 0.03  # nats a customer
LACKS = {
    "each product on its own": "That baseline knows nothing of products that are bought together",
    "hard clusters": "That baseline knows groups, but no products that are bought together, and "
    "every customer belongs to one group for certain",
    "one Gaussian": "That baseline knows what is bought together, but no groups",
}


def model_customers(spend, rng):
    """A mixture of Gaussians that predicts customers whom it hasn't seen.

    The observations of the mixture are the rows of np.log(spend + 100). How many components it
    has, what shape their covariances, whether there is a prior, and how it is fitted: you choose.

    Parameters
    ----------
    spend : (n, d) array
        What each customer spends in a year on each product, in monetary units; none below 0.
    rng : numpy.random.Generator
        Where all chance comes from.

    Returns
    -------
    weights : (k,) array
    means : (k, d) array
    covariances : (k, d, d) array
        Matrices, whatever their shape; symmetric and positive definite.

    Notes
    -----
    The 440 customers are divided into three parts by chance. The function is called with two of
    them, about 293 customers, and its parameters are scored on the third; so for each of the three.
    The mean log-likelihood of a held-out row, in nats, has to be higher by at least 0.03 than those
    of three baselines, fitted to the same rows: 'each product on its own' (one Gaussian without
    correlations), 'hard clusters' (three clusters of k-means, each a Gaussian without
    correlations), and, in the second check, 'one Gaussian' with a full covariance.
    emkit may be used, and so may what you have kept.
    """


def model_customers_cases(rng):
    """All customers in a random order, and what is to be beaten."""

    def case(what, to_beat, held_out_parts=PARTS, **more):
        spend = rng.permutation(customers.wholesale().X)
        given = {"spend": spend, "held_out_parts": held_out_parts, "to_beat": to_beat}
        return Case(what, {**given, "rng": np.random.default_rng(rng.integers(2**32))},
                    **more)  # fmt: skip

    return [
        case("three parts, held out in turn", ("each product on its own", "hard clusters")),
        case("one part, each product on its own to beat", ("each product on its own",), 1),
        case("three parts, one Gaussian to beat", ("one Gaussian",), hard=True),
    ]


def judged(function, spend, held_out_parts, to_beat, rng):
    """Mean held-out log-likelihoods: the function's, the baseline's, and the verdict."""
    chosen = np.array_split(np.arange(len(spend)), PARTS)[:held_out_parts]
    parts = [(np.delete(spend, rows, axis=0), features(spend[rows])) for rows in chosen]
    answers = [function(seen, rng) for seen, _ in parts]
    if any(answer is None for answer in answers):
        return None

    customers_held_out = sum(map(len, chosen))

    def judge():
        yours = mean_score(answers)
        for name in to_beat:
            theirs = mean_score([baseline(name, features(seen)) for seen, _ in parts])
            if not yours >= theirs + MARGIN:
                return Verdict(name, yours, theirs)
        return Verdict(FINE)

    def mean_score(answers):
        pairs = zip(answers, parts, strict=True)
        return sum(held_out(answer, unseen) for answer, (_, unseen) in pairs) / customers_held_out

    return verdict_on(judge)


def beats_its_baselines(answer, spend, held_out_parts, to_beat, rng):
    """By how much it doesn't, and what the baseline lacks."""
    if answer[0].sentence not in LACKS:
        return verdict_is_fine(answer)
    name, (yours, theirs) = answer[0].sentence, answer[0].numbers
    return (
        f"customers whom it hasn't seen get {yours:.5g} nats on average, and '{name}' "
        f"gives them {theirs:.5g}: yours has to be higher by {MARGIN} at least. {LACKS[name]}"
        f"{of_other_numbers(yours)}"
    )


def correct_model_customers(spend, rng):
    """Two components with full covariances."""
    return fitted(features(spend), GaussianMixture(2), rng, n_init=3, max_iter=200)


@mistake("That is what comes out when the mixture is one of the spending itself. Its observations "
         "are the rows of np.log(spend + 100).")  # fmt: skip
def raw_spend(spend, rng):
    return fitted(spend, GaussianMixture(2), rng)


@mistake("That is what comes out when the logarithm is taken of the spending alone, without the "
         "100 units that are added first.")  # fmt: skip
def without_the_offset(spend, rng):
    return fitted(np.log(spend), GaussianMixture(2), rng)


@mistake(
    "That is what comes out when the features are standardised before the fit. The parameters "
    "are then those of other numbers: carry them back, or leave the features as they are."
)
def standardised(spend, rng):
    X = features(spend)
    return fitted((X - X.mean(axis=0)) / X.std(axis=0), GaussianMixture(2), rng)


@mistake("That is one Gaussian again. How many components does it take until customers who weren't "
         "seen gain nothing more?")  # fmt: skip
def one_component(spend, rng):
    return fitted(features(spend), GaussianMixture(1), rng)


@mistake("Two components without correlations: each would have to be a cloud along the axes. Who "
         "buys more milk buys more groceries, within a group, too.")  # fmt: skip
def without_correlations(spend, rng):
    return fitted(features(spend), GaussianMixture(2, "diag"), rng)


@mistake(
    "So many components with full covariances have more parameters than 293 customers can "
    "tell. On the rows of the fit that looks splendid; look at rows that it hasn't seen."
)
def far_too_many(spend, rng):
    return fitted(features(spend), GaussianMixture(12), rng)


@mistake("The matrices are the inverses of covariances, which some packages call precisions. Here "
         "covariances are asked for.")  # fmt: skip
def precisions(spend, rng):
    weights, means, covariances = correct_model_customers(spend, rng)
    return weights, means, np.linalg.inv(covariances)


@mistake("The fit saw a few customers only. It is given about 293 of them: use them all.")
def of_a_few_rows(spend, rng):
    return fitted(features(spend[:20]), GaussianMixture(1), rng)


PIECE = Piece(
    id="12.model_customers",
    contract=model_customers,
    correct=correct_model_customers,
    cases=model_customers_cases,
    returns=VERDICT,
    properties=(beats_its_baselines,),
    mistakes=(
        raw_spend,
        without_the_offset,
        standardised,
        one_component,
        without_correlations,
        far_too_many,
        precisions,
        of_a_few_rows,
    ),
    section="Choose: by rows that the fit hasn't seen",
    observe=judged,
    may_use=("emkit",),
    patience=PATIENCE,
)
