"""Questions that were answered: `Y` holds integers from 0, and -1 where there is no answer."""

from dataclasses import dataclass

import numpy as np

from emkit.datasets.files import read_columns, whole_numbers


@dataclass(frozen=True)
class Answers:
    """Answers to `items`: `Y[i, m]` stands for `categories[Y[i, m]]`, -1 for no answer."""

    Y: np.ndarray
    items: tuple[str, ...]
    categories: tuple[str, ...]


@dataclass(frozen=True)
class CheatingAnswers(Answers):
    """Answers of students, with the class of each one's grades in `grade`, -1 if unknown."""

    grade: np.ndarray


def carcinoma():
    """Seven pathologists say of 118 slides whether they show carcinoma of the uterine cervix.

    Returns
    -------
    Answers
        `Y` (118, 7) integers, 0 for no and 1 for yes, as `categories` says; `items` the
        pathologists, A to G.

    Notes
    -----
    Units: none, yes or no.
    Origin: Agresti (2002), Categorical Data Analysis, table 13.1.
    Licence: bare counts, free to use.
    """
    columns = read_columns("carcinoma.csv")
    return Answers(answers_from_0(columns), tuple(columns), ("no", "yes"))


def cheating():
    """319 students say whether they have ever cheated, in four ways.

    Returns
    -------
    CheatingAnswers
        `Y` (319, 4) integers, 0 for no and 1 for yes, as `categories` says; `items` the questions:
        lied to avoid an exam, lied to avoid handing in a paper on time, bought a paper or had the
        exam beforehand, copied during an exam.
        `grade` (319,) integers, the grade point average in five classes: 0 up to 2.99, then up to
        3.25, 3.50, 3.75 and 4.00, which is 4; -1 for four students whose grades are unknown.

    Notes
    -----
    Units: none, yes or no; grade points on the US scale from 0 to 4.
    Origin: Dayton (1998), Latent Class Scaling Analysis, tables 3.4 and 7.1.
    Licence: bare counts, free to use.
    """
    columns = read_columns("cheating.csv")
    grade = np.array([int(float(cell)) - 1 if cell else -1 for cell in columns.pop("GPA")])
    items = ("lied about an exam", "lied about a paper", "fraud", "copied in an exam")
    return CheatingAnswers(answers_from_0(columns), items, ("no", "yes"), grade)


def values():
    """216 people decide four conflicts between a friend and the rule that holds for everybody.

    Returns
    -------
    Answers
        `Y` (216, 4) integers, 0 for the friend (particularistic) and 1 for the rule
        (universalistic), as `categories` says; `items` the four situations, A to D.

    Notes
    -----
    Units: none, one of two answers.
    Origin: Stouffer and Toby (1951), American Journal of Sociology 56; Goodman (1974), Biometrika
    61.
    Licence: bare counts, free to use.
    """
    columns = read_columns("values.csv")
    return Answers(answers_from_0(columns), tuple(columns), ("friend", "rule"))


def answers_from_0(columns):
    """Columns of answers 1, 2, ... as an (n, m) array of integers 0, 1, ..."""
    return np.column_stack([whole_numbers(column) for column in columns.values()]) - 1
