"""How many numbers a Gaussian mixture is free to choose."""

from emkit import selection
from emkit.workshop.piece import Case, Piece, Returned, mistake


def n_parameters(k, d, covariance_type):
    """Number of free parameters of a Gaussian mixture.

    Parameters
    ----------
    k : int
        Components, at least 1.
    d : int
        Features, at least 1.
    covariance_type : {'full', 'tied', 'diag', 'spherical'}
        Each component has a covariance of its own ('full'), all share one ('tied'), each has its
        own variance of each feature ('diag'), or its own variance, one for all features
        ('spherical').

    Returns
    -------
    n_parameters : int
        Of weights, means and covariances together; what follows from the others isn't free.
    """


def n_parameters_cases(rng):
    """All four types; one feature, one component, many of both."""
    types = ["full", "tied", "diag", "spherical"]
    k, d = (int(number) for number in rng.integers([3, 4], [7, 10]))
    few = int(rng.integers(2, 6))
    sizes = {
        "3 components, 2 features": (3, 2),
        "1 feature": (few, 1),
        "1 component": (1, few),
        "1 component, 1 feature": (1, 1),
        f"{k} components, {d} features": (k, d),
        "2 components, 20 features": (2, 20),
    }
    return [
        Case(f"{what}, {kind}", {"k": k, "d": d, "covariance_type": kind})
        for what, (k, d) in sizes.items()
        for kind in types
    ]


def correct_n_parameters(k, d, covariance_type):
    """The engine's count."""
    return selection.n_parameters_gaussian(k, d, covariance_type)


def more_than_the_means(n, k, d, covariance_type):
    """The means alone are k · d, and there is at least one variance."""
    if n <= k * d:
        return (
            f"it is {n}, but the {k} means alone are {k * d} numbers, and there is more to choose"
        )
    return None


def covariances(k, d, covariance_type):
    """The covariances' share of the count."""
    return correct_n_parameters(k, d, covariance_type) - (k - 1) - k * d


@mistake("All k weights are counted. They sum to 1: how many of them are free?")
def all_weights(k, d, covariance_type):
    return correct_n_parameters(k, d, covariance_type) + 1


@mistake("The weights are missing.")
def no_weights(k, d, covariance_type):
    return correct_n_parameters(k, d, covariance_type) - (k - 1)


@mistake("Each mean is counted as one number. It is a vector: how many features has it?")
def scalar_means(k, d, covariance_type):
    return correct_n_parameters(k, d, covariance_type) - k * d + k


@mistake("A covariance matrix is counted with all its d² entries. It is symmetric: what stands "
         "below the diagonal follows from what stands above.")  # fmt: skip
def all_entries(k, d, covariance_type):
    matrices = {"full": k, "tied": 1}.get(covariance_type, 0)
    return correct_n_parameters(k, d, covariance_type) + matrices * d * (d - 1) // 2


@mistake("Of a covariance matrix only the entries off the diagonal are counted, d(d − 1)/2. The d "
         "variances are free as well.")  # fmt: skip
def no_variances(k, d, covariance_type):
    matrices = {"full": k, "tied": 1}.get(covariance_type, 0)
    return correct_n_parameters(k, d, covariance_type) - matrices * d


@mistake("Tied components *share* one covariance matrix; yours counts one for each.")
def tied_for_each(k, d, covariance_type):
    return correct_n_parameters(k, d, "full" if covariance_type == "tied" else covariance_type)


@mistake("'diag' is one set of d variances *for each component*; yours counts one for all.")
def diag_shared(k, d, covariance_type):
    extra = (k - 1) * d if covariance_type == "diag" else 0
    return correct_n_parameters(k, d, covariance_type) - extra


@mistake("'spherical' is one variance *for each component*; yours counts one for all.")
def spherical_shared(k, d, covariance_type):
    extra = k - 1 if covariance_type == "spherical" else 0
    return correct_n_parameters(k, d, covariance_type) - extra


@mistake("'spherical' and 'diag' are mixed up: a sphere has one variance, whatever the feature.")
def spherical_as_diag(k, d, covariance_type):
    swapped = {"spherical": "diag", "diag": "spherical"}
    return correct_n_parameters(k, d, swapped.get(covariance_type, covariance_type))


@mistake("Every type is counted as 'full'.")
def always_full(k, d, covariance_type):
    return correct_n_parameters(k, d, "full")


@mistake("Only the covariances are counted: the means and the weights are free too.")
def covariances_only(k, d, covariance_type):
    return covariances(k, d, covariance_type)


PIECE = Piece(
    id="05.n_parameters",
    contract=n_parameters,
    correct=correct_n_parameters,
    cases=n_parameters_cases,
    returns=Returned("n_parameters", "()", "int"),
    properties=(more_than_the_means,),
    mistakes=(
        all_weights,
        no_weights,
        scalar_means,
        all_entries,
        no_variances,
        tied_for_each,
        diag_shared,
        spherical_shared,
        spherical_as_diag,
        always_full,
        covariances_only,
    ),
    section="How many components?",
)
