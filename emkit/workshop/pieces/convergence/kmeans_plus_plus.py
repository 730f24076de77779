"""Where to start: k-means++, judged by how often it draws each row."""

import copy

import numpy as np

from emkit import mixture
from emkit.workshop.compare import finite_problem, form_problem, tuple_problem
from emkit.workshop.piece import Case, Piece, Returned, mistake

REPEATED = 20  # starts that are drawn twice, from generators in the same state
STANDARD_ERRORS = 6  # that a frequency may lie off; a right one does so once in 500 million
ALIKE = 0.02  # of 10 or so: two samples of one frequency differ by less than 0.2
FINE = "rows of X, all different"
CENTRES = Returned("centres", "(k, d)")


def kmeans_plus_plus(X, k, rng):
    """Centres to start from: spread-out rows of X, by D² sampling.

    The first centre is a row drawn at random, each as likely as any other. Each further one is
    drawn with a chance in proportion to D², the squared Euclidean distance from the row to the
    nearest of the centres drawn so far.

    Parameters
    ----------
    X : (n, d) array
        Points, one a row. Rows may be equal; at least `k` are different. A row that occurs twice
        has two chances.
    k : int
        Number of centres, at least 1.
    rng : numpy.random.Generator
        Where all chance comes from: in the same state it gives the same centres.

    Returns
    -------
    centres : (k, d) array
        Rows of X, no two equal, in any order.
    """


def kmeans_plus_plus_cases(rng):
    """Few rows, clusters that tell the rules apart, rows that occur again and again."""

    def case(what, X, k, **more):
        given = {"X": rng.permutation(np.array(X, dtype=float)), "k": k}
        return Case(what, {**given, "rng": np.random.default_rng(rng.integers(2**32))},
                    alike=ALIKE, **more)  # fmt: skip

    far = rng.uniform(3.0, 3.4)
    crowd = [[x] for x in np.linspace(0, 1, 50) + rng.uniform(-5, 5)]
    one_far_off = [*crowd, [crowd[25][0] + far]]
    left, right = rng.normal(scale=0.4, size=(2, 9, 2)) + np.array([[[0, 0]], [[20, 0]]])
    scattered = rng.normal(size=(4, 3))
    often = [[0] * 9] * 14 + [[3] + [0] * 8] * 5 + [[2] * 9]
    return [
        case("3 rows and a single centre", [[0, 0], [1, 2], [5, 1]], 1),
        case("3 rows on a line, 2 centres", [[0], [1], [5]], 2),
        case("3 rows as far from each other, 2 centres", 2 * np.eye(3), 2),
        case("50 rows close together and one further off, 2 centres", one_far_off, 2),
        case("two distant groups of 9 rows and one row between, 3 centres",
             [*left, *right, [10, 2.5]], 3),
        case("4 rows and as many centres", scattered, 4),
        case("a single row", [[2.5, -1, 4]], 1),
        case("rows that occur again and again, 2 centres", often, 2, hard=True),
        case("20 rows of which 3 are different, and 3 centres", often, 3, hard=True),
    ]  # fmt: skip


def number_of_draws(X, k):
    """Many where small numbers of rows make it quick, few where every row is drawn for certain."""
    rows = len(np.unique(X, axis=0))
    return 3 * REPEATED if rows == k else 700 if rows == 3 else 250


def starts(function, X, k, rng):
    """What many draws have in common: what is wrong with one of them, and which rows they hold.

    The second part is 10 for a row that is among the centres as often as it should be, up to
    chance; otherwise the surplus of its frequency is added. (Beside 10 a relative error of the
    surplus is an absolute one, which is what chance makes.)
    """
    rows = np.unique(X, axis=0)
    again = copy.deepcopy(rng)
    number = number_of_draws(X, k)
    draws = [function(X, k, rng) for _ in range(number)]
    repeated = [function(X, k, again) for _ in range(REPEATED)]
    problem = next(filter(None, (problem_of(centres, X[:k]) for centres in draws)), None)
    if problem:
        return problem, np.full(len(rows), 10.0)
    held = (np.array(draws)[:, :, None] == rows).all(axis=3)  # draw, centre, row
    if not held.any(axis=2).all():
        problem = "a centre is no row of X"
    elif held.sum(axis=1).max() > 1:
        problem = "in one of the draws two centres are equal"
    elif not np.array_equal(draws[:REPEATED], repeated):
        problem = "two generators in the same state give different centres"
    if problem:
        return problem, np.full(len(rows), 10.0)
    chance = inclusion(X, k)
    surplus = held.any(axis=1).mean(axis=0) - chance
    error = STANDARD_ERRORS * (np.sqrt(chance * (1 - chance) / number) + 1 / number)
    return FINE, 10 + np.where(np.abs(surplus) <= error, 0, surplus)


def problem_of(centres, like):
    """What is wrong with the form of one draw, in a sentence, or None."""
    problem = tuple_problem(CENTRES, centres) or form_problem(CENTRES, like, centres)
    if not problem and not np.isfinite(centres).all():
        problem = finite_problem(CENTRES, Case("", {}), like, centres)
    return problem and problem.rstrip(".")


def inclusion(X, k):
    """Exact chance of each different row to be among the centres, by enumerating all draws."""
    rows, times = np.unique(X, axis=0, return_counts=True)
    squared = ((rows[:, None] - rows) ** 2).sum(axis=2)
    chance = np.zeros(len(rows))

    def draw(nearest, chosen, probability):
        if len(chosen) == k:
            chance[chosen] += probability
            return
        weight = times * nearest
        for j in np.flatnonzero(weight):
            draw(
                np.minimum(nearest, squared[j]) if chosen else squared[j],
                [*chosen, j],
                probability * weight[j] / weight.sum(),
            )

    draw(np.ones(len(rows)), [], 1.0)
    return np.minimum(chance, 1)  # rounding adds up


def correct_kmeans_plus_plus(X, k, rng):
    """The engine's."""
    return mixture.kmeans_plus_plus(X, k, rng)


def each_draw_is_fine(answer, X, k, rng):
    """Rows of X, no two equal, by the generator that was given."""
    return None if answer[0] == FINE else str(answer[0])


def rows_come_as_often_as_they_should(answer, X, k, rng):
    """The row that is off most, and which way."""
    surplus = answer[1] - 10
    if not surplus.any():
        return None
    worst = np.abs(surplus).argmax()
    number = number_of_draws(X, k)
    often = round(number * (surplus + inclusion(X, k))[worst])
    row = np.array2string(np.unique(X, axis=0)[worst], precision=3, separator=", ")
    return (
        f"among {number} draws, {often} hold the row {row}, which is far too "
        f"{'often' if surplus[worst] > 0 else 'seldom'}"
    )


def squared_distances(X, centres):
    """Of each row to each of the centres."""
    return ((X[:, None] - np.array(centres)) ** 2).sum(axis=2)


def drawn_by(weigh, X, k, rng, first=None):
    """Row after row, each with a chance in proportion to `weigh(squared_distances)`."""
    centres = [X[rng.integers(len(X))] if first is None else first]
    while len(centres) < k:
        weight = weigh(squared_distances(X, centres))
        centres.append(X[rng.choice(len(X), p=weight / weight.sum())])
    return np.array(centres)


@mistake("A far row isn't favoured enough: the chance is in proportion to the distance. D² "
         "sampling takes its *square*.")  # fmt: skip
def distance_not_squared(X, k, rng):
    return drawn_by(lambda squared: np.sqrt(squared.min(axis=1)), X, k, rng)


@mistake("A far row is favoured too much: the squared distance is squared once more. Did you "
         "square the length of a vector whose square you had already summed?")  # fmt: skip
def squared_twice(X, k, rng):
    return drawn_by(lambda squared: squared.min(axis=1) ** 2, X, k, rng)


@mistake("The farthest row is taken every time. That isn't a draw: one wild outlier, and it is "
         "a centre for certain. Draw, with a chance in proportion to D².")  # fmt: skip
def farthest_row(X, k, rng):
    return drawn_by(lambda squared: np.eye(len(X))[squared.min(axis=1).argmax()], X, k, rng)


@mistake("All rows are drawn with the same chance. Only the first one is; the others are the "
         "more likely the farther they are from what you have.")  # fmt: skip
def uniform(X, k, rng):
    return X[rng.choice(len(X), size=k, replace=False)]


@mistake("All rows are drawn with the same chance, and one may come twice. Only the first one is "
         "drawn so; after it a row on top of a centre has no chance at all.")  # fmt: skip
def uniform_with_replacement(X, k, rng):
    return X[rng.integers(len(X), size=k)]


@mistake("The distance isn't the one to the *nearest* of all centres drawn so far: a row right "
         "beside an early centre, or that centre itself, can be drawn again. Is yours the "
         "distance to a single centre, or a sum or maximum over them?")  # fmt: skip
def distance_to_the_last(X, k, rng):
    return drawn_by(lambda squared: squared[:, -1], X, k, rng)


@mistake("The first centre is always the same row. It too is drawn at random, each row as likely "
         "as any other.")  # fmt: skip
def first_row_first(X, k, rng):
    return drawn_by(lambda squared: squared.min(axis=1), X, k, rng, first=X[0])


@mistake("The first centre is the row nearest the mean of all. It is drawn at random, each row as "
         "likely as any other.")  # fmt: skip
def nearest_the_mean_first(X, k, rng):
    first = X[((X - X.mean(axis=0)) ** 2).sum(axis=1).argmin()]
    return drawn_by(lambda squared: squared.min(axis=1), X, k, rng, first)


@mistake("Several rows are drawn at each turn and the best of them kept. Some libraries do that "
         "(greedy k-means++); D² sampling draws one.")  # fmt: skip
def best_of_several(X, k, rng):
    centres = [X[rng.integers(len(X))]]
    while len(centres) < k:
        weight = squared_distances(X, centres).min(axis=1)
        tries = X[rng.choice(len(X), size=3, p=weight / weight.sum())]
        centres.append(
            min(tries, key=lambda row: squared_distances(X, [*centres, row]).min(axis=1).sum())
        )
    return np.array(centres)


@mistake("Equal rows are merged before the draw. A row that occurs twice has two chances.")
def equal_rows_merged(X, k, rng):
    return correct_kmeans_plus_plus(np.unique(X, axis=0), k, rng)


@mistake("The result hardly depends on chance: `rng` isn't what draws. A generator made inside, "
         "from a fixed seed, gives every run the same start.")  # fmt: skip
def generator_of_its_own(X, k, rng):
    return correct_kmeans_plus_plus(X, k, np.random.default_rng(0))


@mistake("Chance comes from somewhere else than `rng`, so that nobody can repeat your result. "
         "Call the methods of `rng`, not the functions of np.random.")  # fmt: skip
def global_chance(X, k, rng):
    return correct_kmeans_plus_plus(X, k, np.random.default_rng())


PIECE = Piece(
    id="05.kmeans_plus_plus",
    contract=kmeans_plus_plus,
    correct=correct_kmeans_plus_plus,
    cases=kmeans_plus_plus_cases,
    returns=(
        Returned("draws", "()", "text"),
        Returned("surplus of each row", "(different rows,)", shown=False),
    ),
    properties=(each_draw_is_fine, rows_come_as_often_as_they_should),
    mistakes=(
        distance_not_squared,
        squared_twice,
        farthest_row,
        uniform,
        uniform_with_replacement,
        distance_to_the_last,
        first_row_first,
        nearest_the_mean_first,
        best_of_several,
        equal_rows_merged,
        generator_of_its_own,
        global_chance,
    ),
    section="Where to start",
    observe=starts,
)
