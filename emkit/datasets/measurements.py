"""Things that were measured: a geyser, galaxies, oils, penguins, air, a head."""

from dataclasses import dataclass

import numpy as np

from emkit.datasets.files import numbers, read_columns, whole_numbers


@dataclass(frozen=True)
class OldFaithful:
    """Eruptions of the Old Faithful geyser; `X` has both columns."""

    eruptions: np.ndarray
    waiting: np.ndarray

    @property
    def X(self):
        """(272, 2) array: length of an eruption and the wait for the next, in minutes."""
        return np.column_stack([self.eruptions, self.waiting])


def old_faithful():
    """272 eruptions of the Old Faithful geyser, Yellowstone National Park, August 1985.

    Returns
    -------
    OldFaithful
        `eruptions` (272,) length of the eruption and `waiting` (272,) time to the next one;
        `X` (272, 2) is the two as columns.

    Notes
    -----
    Units: minutes.
    Origin: Azzalini and Bowman (1990), Applied Statistics 39; Härdle (1991), Smoothing Techniques.
    Licence: bare measurements, free to use.
    """
    columns = read_columns("old_faithful.csv")
    return OldFaithful(numbers(columns["eruptions"]), numbers(columns["waiting"]))


@dataclass(frozen=True)
class Galaxies:
    """Velocities of galaxies; `X` is the same as one column."""

    velocity: np.ndarray

    @property
    def X(self):
        """(82, 1) array of velocities, in km/s."""
        return self.velocity[:, None]


def galaxies():
    """How fast 82 galaxies of the Corona Borealis region recede from us.

    Returns
    -------
    Galaxies
        `velocity` (82,), in ascending order; `X` (82, 1) is the same as a column.

    Notes
    -----
    Units: km/s.
    Origin: Postman, Huchra and Geller (1986), Astronomical Journal 92; Roeder (1990), JASA 85.
    Licence: bare measurements, free to use.

    The 78th value is 26690, as in the table that is usually passed on; the manual of R's MASS says
    that it should be 26960. Of published fits, see which one they used: three components of
    unequal variance reach -203.1792 with 26690 and -203.4820 with 26960 (velocities in 1000 km/s).
    """
    return Galaxies(numbers(read_columns("galaxies.csv")["velocity_km_s"]))


@dataclass(frozen=True)
class OliveOils:
    """Fatty acids of olive oils, named in `acids`, and where each oil was pressed."""

    X: np.ndarray
    acids: tuple[str, ...]
    region: np.ndarray
    area: np.ndarray


def olive_oils():
    """Fatty acids of 572 Italian olive oils from nine areas in three regions.

    Returns
    -------
    OliveOils
        `X` (572, 8) the share of each fatty acid, `acids` their 8 names; `region` and `area`
        (572,) strings: the 3 regions and 9 areas that the oils come from.

    Notes
    -----
    Units: per cent of all fatty acids, so a row sums to about 100.
    Origin: Forina, Armanino, Lanteri and Tiscornia (1983), in Food Research and Data Analysis.
    Licence: Artistic-2.0.
    """
    columns = read_columns("olive_oils.csv")
    region, area = np.array(columns.pop("region")), np.array(columns.pop("area"))
    X = np.column_stack([numbers(column) for column in columns.values()])
    return OliveOils(X, tuple(columns), region, area)


@dataclass(frozen=True)
class Penguins:
    """Penguins of three species: four measurements, and what is known of each bird."""

    bill_length: np.ndarray
    bill_depth: np.ndarray
    flipper_length: np.ndarray
    body_mass: np.ndarray
    species: np.ndarray
    island: np.ndarray
    sex: np.ndarray
    year: np.ndarray

    @property
    def X(self):
        """(344, 4) array: bill length, bill depth, flipper length (mm), body mass (g)."""
        return np.column_stack(
            [self.bill_length, self.bill_depth, self.flipper_length, self.body_mass]
        )


def penguins():
    """344 penguins of the Palmer Archipelago, Antarctica, 2007 to 2009.

    Returns
    -------
    Penguins
        `bill_length`, `bill_depth`, `flipper_length`, `body_mass` (344,), NaN for two birds that
        were not measured; `X` (344, 4) is the four as columns. `species` (Adelie, Chinstrap,
        Gentoo), `island`, `sex` (344,) strings, '' where the sex is unknown (11 birds); `year`
        (344,) integers.

    Notes
    -----
    Units: mm for lengths and depth, g for the mass.
    Origin: Gorman, Williams and Fraser (2014), PLoS ONE 9.
    Licence: CC0.
    """
    columns = read_columns("penguins.csv")
    return Penguins(
        bill_length=numbers(columns["bill_length_mm"]),
        bill_depth=numbers(columns["bill_depth_mm"]),
        flipper_length=numbers(columns["flipper_length_mm"]),
        body_mass=numbers(columns["body_mass_g"]),
        species=np.array(columns["species"]),
        island=np.array(columns["island"]),
        sex=np.array(columns["sex"]),
        year=whole_numbers(columns["year"]),
    )


@dataclass(frozen=True)
class AirQuality:
    """Air over New York, day by day, with its natural gaps."""

    ozone: np.ndarray
    radiation: np.ndarray
    wind: np.ndarray
    temp: np.ndarray
    month: np.ndarray
    day: np.ndarray

    @property
    def X(self):
        """(153, 4) array: ozone (ppb), radiation (Ly), wind (mph), temperature (°F)."""
        return np.column_stack([self.ozone, self.radiation, self.wind, self.temp])


def air_quality():
    """Air in New York on each of the 153 days from May to September 1973.

    Returns
    -------
    AirQuality
        `ozone`, `radiation`, `wind`, `temp` (153,), NaN where a value is missing (37 of ozone, 7
        of radiation); `X` (153, 4) is the four as columns; `month` (5 to 9) and `day` (1 to 31)
        (153,) integers.

    Notes
    -----
    Units: ozone parts per billion, solar radiation langleys, wind miles an hour, temperature
    degrees Fahrenheit.
    Origin: New York State Department of Conservation and National Weather Service, in Chambers,
    Cleveland, Kleiner and Tukey (1983), Graphical Methods for Data Analysis.
    Licence: bare measurements, free to use.
    """
    columns = read_columns("air_quality.csv")
    return AirQuality(
        ozone=numbers(columns["Ozone"]),
        radiation=numbers(columns["Solar.R"]),
        wind=numbers(columns["Wind"]),
        temp=numbers(columns["Temp"]),
        month=whole_numbers(columns["Month"]),
        day=whole_numbers(columns["Day"]),
    )


@dataclass(frozen=True)
class MRISlice:
    """A picture of a head; `X` is its pixels as one column."""

    image: np.ndarray

    @property
    def X(self):
        """(65536, 1) float array: the brightness of each pixel, row by row."""
        return self.image.reshape(-1, 1).astype(float)


def mri_slice():
    """A slice through a head, as magnetic resonance shows it: face to the left, crown at the top.

    Returns
    -------
    MRISlice
        `image` (256, 256) uint16, brightness from 0 to 215; `X` (65536, 1) its pixels as floats.

    Notes
    -----
    Units: brightness in steps of the scanner's grey scale, no physical unit.
    Origin: `s1045.ima.gz` of Matplotlib's sample data, who took the picture is not recorded.
    Licence: Matplotlib's; the file comes with Matplotlib and is not copied here.

    Each pixel has two bytes, the more significant one first. Read the other way round the picture
    looks the same, but each brightness is 256 times as large.
    """
    from matplotlib.cbook import get_sample_data  # not before somebody wants the picture

    with get_sample_data("s1045.ima.gz") as file:
        pixels = np.frombuffer(file.read(), dtype=">u2")
    return MRISlice(pixels.reshape(256, 256).astype(np.uint16))
