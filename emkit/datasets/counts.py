"""Things that were counted: boys in families, deaths in days, earthquakes in years."""

from dataclasses import dataclass

import numpy as np

from emkit.datasets.files import read_columns, whole_numbers


@dataclass(frozen=True)
class Families:
    """How many families of twelve children have each number of boys."""

    boys: np.ndarray
    families: np.ndarray
    children: int = 12

    @property
    def heads(self):
        """(6115,) integers: the boys of each family, as if each child were a flip of a coin."""
        return np.repeat(self.boys, self.families)

    @property
    def flips(self):
        """(6115,) integers: the children of each family, 12."""
        return np.full(self.families.sum(), self.children)


def geissler():
    """Boys among the twelve children of 6,115 families in Saxony, 1876 to 1885.

    Returns
    -------
    Families
        `boys` (13,) is 0 to 12, `families` (13,) how many families have that many boys,
        `children` is 12. `heads` and `flips` (6115,) say the same family by family.

    Notes
    -----
    Units: children; families.
    Origin: Geissler (1889), Zeitschrift des K. Sächsischen Statistischen Bureaus 35.
    Licence: bare counts, free to use.
    """
    columns = read_columns("geissler.csv")
    return Families(whole_numbers(columns["boys"]), whole_numbers(columns["families"]))


@dataclass(frozen=True)
class DeathNotices:
    """On how many days each number of deaths was in the paper."""

    deaths: np.ndarray
    days: np.ndarray

    @property
    def per_day(self):
        """(1096,) integers: the deaths of each day; the order of the days is not recorded."""
        return np.repeat(self.deaths, self.days)


def death_notices():
    """Deaths of women of 80 and over in The Times of London, day by day, 1910 to 1912.

    Returns
    -------
    DeathNotices
        `deaths` (10,) is 0 to 9, `days` (10,) on how many days so many were announced. `per_day`
        (1096,) says the same day by day.

    Notes
    -----
    Units: deaths a day; days.
    Origin: Hasselblad (1969), JASA 64.
    Licence: bare counts, free to use.
    """
    columns = read_columns("death_notices.csv")
    return DeathNotices(whole_numbers(columns["deaths"]), whole_numbers(columns["days"]))


@dataclass(frozen=True)
class Earthquakes:
    """Large earthquakes of the world, year by year."""

    year: np.ndarray
    count: np.ndarray


def earthquakes():
    """Earthquakes of magnitude 7 and more, in the whole world, in each year from 1900 to 2006.

    Returns
    -------
    Earthquakes
        `year` and `count` (107,) integers.

    Notes
    -----
    Units: earthquakes a year.
    Origin: US Geological Survey; Zucchini and MacDonald (2009), Hidden Markov Models for Time
    Series, table 1.1.
    Licence: public domain.
    """
    columns = read_columns("earthquakes.csv")
    return Earthquakes(whole_numbers(columns["year"]), whole_numbers(columns["count"]))
