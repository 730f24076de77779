"""What customers bought."""

from dataclasses import dataclass

import numpy as np

from emkit.datasets.files import numbers, read_columns, whole_numbers


@dataclass(frozen=True)
class Purchases:
    """The brand of each purchase, in order, and the household that bought it.

    Purchase i is of `brands[brand[i]]` by household `household[i]`; both count from 0.
    """

    household: np.ndarray
    brand: np.ndarray
    brands: tuple[str, ...]

    @property
    def counts(self):
        """(households, brands) integers: how often each household bought each brand."""
        table = np.zeros((self.household.max() + 1, len(self.brands)), dtype=int)
        np.add.at(table, (self.household, self.brand), 1)
        return table

    @property
    def Y(self):
        """(households, most purchases) integers: each one's brands in order, then -1."""
        sequences = self.sequences
        table = np.full((len(sequences), max(map(len, sequences))), -1)
        for row, sequence in zip(table, sequences, strict=True):
            row[: len(sequence)] = sequence
        return table

    @property
    def sequences(self):
        """List of one integer array a household: the brands that it bought, in order."""
        return [self.brand[self.household == i] for i in range(self.household.max() + 1)]


def cracker_purchases():
    """3,292 purchases of crackers by 136 households, each of one of four brands.

    Returns
    -------
    Purchases
        `household` and `brand` (3292,) integers from 0, `brands` the 4 names. `counts` (136, 4),
        `Y` and `sequences` say the same by household.

    Notes
    -----
    Units: purchases.
    Origin: Jain, Vilcassim and Chintagunta (1994), Journal of Business and Economic Statistics 12,
    from optical scanners in shops.
    Licence: bare records, free to use.
    """
    return read_purchases("cracker_purchases.csv")


def yogurt_purchases():
    """2,412 purchases of yogurt by 100 households, each of one of four brands.

    Returns
    -------
    Purchases
        `household` and `brand` (2412,) integers from 0, `brands` the 4 names. `counts` (100, 4),
        `Y` and `sequences` say the same by household.

    Notes
    -----
    Units: purchases.
    Origin: Jain, Vilcassim and Chintagunta (1994), Journal of Business and Economic Statistics 12,
    from optical scanners in shops.
    Licence: bare records, free to use.
    """
    return read_purchases("yogurt_purchases.csv")


def catsup_purchases():
    """2,798 purchases of ketchup by 300 households, each of one of four kinds (brand and ounces).

    Returns
    -------
    Purchases
        `household` and `brand` (2798,) integers from 0, `brands` the 4 names. `counts` (300, 4),
        `Y` and `sequences` say the same by household.

    Notes
    -----
    Units: purchases.
    Origin: Jain, Vilcassim and Chintagunta (1994), Journal of Business and Economic Statistics 12,
    from optical scanners in shops.
    Licence: bare records, free to use.
    """
    return read_purchases("catsup_purchases.csv")


def read_purchases(name):
    """Purchases from a file with the columns household (from 1) and brand."""
    columns = read_columns(name)
    brands, brand = np.unique(columns["brand"], return_inverse=True)
    return Purchases(whole_numbers(columns["household"]) - 1, brand, tuple(brands.tolist()))


@dataclass(frozen=True)
class WholesaleCustomers:
    """What each customer of a wholesaler spends in a year on each of `products`."""

    X: np.ndarray
    products: tuple[str, ...]
    channel: np.ndarray
    region: np.ndarray


def wholesale_customers():
    """A year's spending of 440 customers of a Portuguese wholesaler, on six kinds of products.

    Returns
    -------
    WholesaleCustomers
        `X` (440, 6) spending on each of `products`; `channel` (440,) strings, 'hotel' (hotels,
        restaurants, cafés) or 'retail'; `region` (440,) strings, 'Lisbon', 'Porto' or 'other'.

    Notes
    -----
    Units: monetary units a year, which currency is not recorded.
    Origin: Cardoso (2014), UCI Machine Learning Repository.
    Licence: CC BY 4.0, by the general terms of the repository.
    """
    columns = read_columns("wholesale_customers.csv")
    channel = np.array(["hotel", "retail"])[whole_numbers(columns.pop("Channel")) - 1]
    region = np.array(["Lisbon", "Porto", "other"])[whole_numbers(columns.pop("Region")) - 1]
    names = {
        "Fresh": "fresh",
        "Milk": "milk",
        "Grocery": "grocery",
        "Frozen": "frozen",
        "Detergents_Paper": "detergents and paper",
        "Delicassen": "delicatessen",
    }
    X = np.column_stack([numbers(columns[name]) for name in names])
    return WholesaleCustomers(X, tuple(names.values()), channel, region)
