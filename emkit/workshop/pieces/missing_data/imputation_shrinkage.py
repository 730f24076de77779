"""What filling in means does to a covariance: the derivation piece."""

import numpy as np

from emkit import missing as engine
from emkit.workshop.piece import Case, Piece, Returned, mistake


def imputation_shrinkage(missing):
    """Factor by which filling gaps with the known means multiplies an expected covariance.

    Say that every gap is filled with its feature's true mean, and that the covariance is then
    computed about the true means, with divisor n. Which values are missing has nothing to do with
    the data. Averaged over data sets with these same gaps, each entry of the covariance comes out
    as the true one times a factor.

    Parameters
    ----------
    missing : (n, d) boolean array
        True where a value is missing.

    Returns
    -------
    factors : (d, d) array
        The factor of each entry, the diagonal included.
    """


def shrinkage_cases(rng):
    """Features that drop out together, apart, always, or never."""

    def case(n, d):
        return {"missing": rng.random((n, d)) < rng.uniform(0.2, 0.5, size=d)}

    small = rng.permutation([[True, False], [True, True], [False, False], [False, False]])
    together = np.repeat(rng.permutation([True, False, False, True, False, False])[:, None], 2, 1)
    never = case(8, 4)["missing"]
    never[:, rng.integers(4)] = True
    return [
        Case("4 rows of 2 features", {"missing": small}),
        Case("12 rows of 3 features", case(12, 3)),
        Case("two features that drop out together", {"missing": together}),
        Case("nothing missing", {"missing": np.zeros((3, 2), dtype=bool)}),
        Case("a feature that is always missing", {"missing": never}),
        Case("1 feature", {"missing": rng.permutation([[True], [False], [False]])}),
        Case("a single row", {"missing": rng.permutation([[True, False, False]], axis=1)}),
        Case("1,000 rows of 5 features", case(1000, 5)),
    ]


def no_growth(factors, missing):
    """A gap has no scatter, so filling it can only take scatter away."""
    for i, j in np.argwhere((factors < 0) | (factors > 1 + 1e-12)):
        return (
            f"factors[{i}, {j}] is {factors[i, j]:.4g}: filling with the means neither turns a "
            f"covariance round nor makes it larger"
        )
    return None


def symmetric(factors, missing):
    """The covariance of a with b is that of b with a."""
    for i, j in np.argwhere(np.abs(factors - factors.T) > 1e-9):
        return f"factors[{i}, {j}] and factors[{j}, {i}] differ, but a covariance is symmetric"
    return None


def gives_the_expected_covariance(factors, missing):
    """The exact expectation of the filled rows' covariance, for a covariance of our own.

    A row takes each of 2d values ±√d L e_l with the same probability: mean 0, covariance L Lᵀ.
    """
    n, d = missing.shape
    covariance = 0.5 * np.eye(d) + np.outer(1 + np.arange(d), 1 + np.arange(d)) / d
    columns = np.sqrt(d) * np.linalg.cholesky(covariance).T
    expected = np.zeros((d, d))
    for value in np.vstack([columns, -columns]):
        filled = np.where(missing, 0.0, value)
        expected += filled.T @ filled / (2 * d * n)
    off = factors * covariance - expected
    for i, j in np.argwhere(np.abs(off) > 1e-7):
        what = f"variance of feature {i}" if i == j else f"covariance of features {i} and {j}"
        return (
            f"over many data sets with these gaps, the {what} after filling comes out "
            f"{'lower' if off[i, j] > 0 else 'higher'} than your factor says"
        )
    return None


def shares(missing):
    """The share of rows that have each feature."""
    return 1 - missing.mean(axis=0)


@mistake("Off the diagonal these are products of two shares. Would that be right for two sensors "
         "that always drop out together? Count the rows that have *both*.")  # fmt: skip
def as_if_independent(missing):
    factors = np.outer(shares(missing), shares(missing))
    np.fill_diagonal(factors, shares(missing))
    return factors


@mistake("Everything is a product of two shares, the diagonal as well. A variance is the mean of "
         "*one* feature's squared deviations: in which rows are they not 0?")  # fmt: skip
def products_of_shares(missing):
    return np.outer(shares(missing), shares(missing))


@mistake("These are the shares of rows in which both are *missing*. Which rows still add something "
         "to the sum of products?")  # fmt: skip
def both_missing(missing):
    return missing.astype(float).T @ missing / len(missing)


@mistake("A row counts here as soon as it has one of the two features. A product of two deviations "
         "is 0 as soon as one of them is.")  # fmt: skip
def either_observed(missing):
    return 1 - both_missing(missing)


@mistake("This is the smaller of the two shares. Two features may each be there often and seldom "
         "in the same row.")  # fmt: skip
def smaller_share(missing):
    return np.minimum.outer(shares(missing), shares(missing))


@mistake("This is the share of complete rows. A row needs the two features in question only, not "
         "all of them.")  # fmt: skip
def complete_rows(missing):
    return np.full((missing.shape[1],) * 2, 1.0 - missing.any(axis=1).mean())


@mistake("The diagonal is 1, as if the variances stayed what they are. A gap that holds the mean "
         "has no deviation: variances shrink, too.")  # fmt: skip
def variances_unharmed(missing):
    factors = engine.imputation_shrinkage(missing)
    np.fill_diagonal(factors, 1.0)
    return factors


@mistake("Only the variances shrink here. A product of two deviations is 0 as soon as one of them "
         "is a gap.")  # fmt: skip
def covariances_unharmed(missing):
    factors = np.ones((missing.shape[1],) * 2)
    np.fill_diagonal(factors, shares(missing))
    return factors


@mistake("These are the numbers of rows; the covariance divides by n.")
def not_divided(missing):
    return engine.imputation_shrinkage(missing) * len(missing)


@mistake("The divisor is n − 1; the task says n.")
def one_less(missing):
    with np.errstate(divide="ignore", invalid="ignore"):
        return not_divided(missing) / np.array(len(missing) - 1)


@mistake("NumPy's product of two *boolean* arrays is boolean: it says whether there is such a row, "
         "not how many there are. Turn them into numbers first.")  # fmt: skip
def boolean_product(missing):
    return ~missing.T @ ~missing / len(missing)


@mistake("These are factors of *correlations*: the standard deviations, which shrink as well, were "
         "divided out.")  # fmt: skip
def correlations(missing):
    with np.errstate(divide="ignore", invalid="ignore"):
        root = np.sqrt(shares(missing))
        return np.nan_to_num(engine.imputation_shrinkage(missing) / np.outer(root, root))


@mistake("These are the factors of *standard deviations*. The square root is too much here: "
         "variances and covariances are asked for.")  # fmt: skip
def square_roots(missing):
    return np.sqrt(engine.imputation_shrinkage(missing))


@mistake("This is one share a feature. Pairs of features have factors, too: a (d, d) array.")
def one_share_a_feature(missing):
    return shares(missing)


PIECE = Piece(
    id="06.imputation_shrinkage",
    contract=imputation_shrinkage,
    correct=engine.imputation_shrinkage,
    cases=shrinkage_cases,
    returns=Returned("factors", "(d, d)"),
    properties=(no_growth, symmetric, gives_the_expected_covariance),
    mistakes=(
        as_if_independent,
        products_of_shares,
        both_missing,
        either_observed,
        smaller_share,
        complete_rows,
        variances_unharmed,
        covariances_unharmed,
        not_divided,
        one_less,
        boolean_product,
        correlations,
        square_roots,
        one_share_a_feature,
    ),
    section="It breaks: filling in the mean",
)
