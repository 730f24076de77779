"""How many numbers a latent class model is free to choose."""

from emkit.selection import n_parameters_latent_class
from emkit.workshop.piece import Case, Piece, Returned, mistake


def n_parameters(k, m, c):
    """Number of free parameters of a latent class model.

    A number that follows from others, because they sum to 1, isn't free.

    Parameters
    ----------
    k : int
        Classes, at least 1.
    m : int
        Items, at least 1.
    c : int
        Categories of each item, at least 2.

    Returns
    -------
    n_parameters : int
    """


def n_parameters_cases(rng):
    """Two categories and more, a single class, a single item."""

    def case(k, m, c):
        return {"k": int(k), "m": int(m), "c": int(c)}

    few, some, many = rng.integers(2, 5), rng.integers(5, 9), rng.integers(9, 14)
    return [
        Case("2 classes, 2 categories", case(2, some, 2)),
        Case("several classes and categories", case(few + 1, many, few)),
        Case("more classes than items", case(many, few, some)),
        Case("a single class", case(1, some, few)),
        Case("a single item", case(few, 1, some)),
    ]


def correct_n_parameters(k, m, c):
    """By the engine's count."""
    return n_parameters_latent_class(k, m, c)


def fewer_than_there_are_numbers(n_parameters, k, m, c):
    """Weights and probabilities are so many numbers, and some of them follow from others."""
    if n_parameters >= k + k * m * c:
        return (
            f"{n_parameters} are as many as there are numbers in `weights` and `probs` together, "
            f"or more: some of these follow from the others"
        )
    if n_parameters < m:
        return (
            f"{n_parameters} is too few: each of the {m} items alone needs at least one number for "
            f"its probabilities"
        )
    return None


@mistake("The weights count as k free numbers. They sum to 1: how many can be chosen?")
def all_weights(k, m, c):
    return k + k * m * (c - 1)


@mistake("The weights aren't counted.")
def no_weights(k, m, c):
    return k * m * (c - 1)


@mistake("All c probabilities of an item count. They sum to 1: how many can be chosen?")
def all_probabilities(k, m, c):
    return k - 1 + k * m * c


@mistake("Everything counts: weights that sum to 1, and probabilities that sum to 1. How many of "
         "each can be chosen?")  # fmt: skip
def all_numbers(k, m, c):
    return k + k * m * c


@mistake("The probabilities are counted for one class. Each class has its own.")
def one_class(k, m, c):
    return k - 1 + m * (c - 1)


@mistake("The probabilities are counted for one item. Each item has its own.")
def one_item(k, m, c):
    return k - 1 + k * (c - 1)


@mistake("One probability a class is taken as given. They sum to 1 for each *item* of each class.")
def one_sum_a_class(k, m, c):
    return k - 1 + k * (m * c - 1)


@mistake("Only one of all probabilities is taken as given. They sum to 1 for each item of each "
         "class.")  # fmt: skip
def one_sum_in_all(k, m, c):
    return k - 1 + k * m * c - 1


@mistake("The probabilities are counted for k − 1 classes. The weights sum to 1 over the classes; "
         "the probabilities don't.")  # fmt: skip
def one_class_less(k, m, c):
    return k - 1 + (k - 1) * m * (c - 1)


@mistake("That is right for 2 categories only: how many of c probabilities can be chosen?")
def always_two_categories(k, m, c):
    return k - 1 + k * m


@mistake("Each class has the shares of all combinations of answers here. Given the class, the "
         "items are independent: each needs only its own probabilities.")  # fmt: skip
def all_combinations(k, m, c):
    return k - 1 + k * (c**m - 1)


PIECE = Piece(
    id="07.n_parameters",
    contract=n_parameters,
    correct=correct_n_parameters,
    cases=n_parameters_cases,
    returns=Returned("n_parameters", "()", "int"),
    properties=(fewer_than_there_are_numbers,),
    mistakes=(
        all_weights,
        no_weights,
        all_probabilities,
        all_numbers,
        one_class,
        one_item,
        one_sum_a_class,
        one_sum_in_all,
        one_class_less,
        always_two_categories,
        all_combinations,
    ),
    section="How many segments?",
)
