"""Things that were observed over time: beavers, and people who speak."""

from dataclasses import dataclass

import numpy as np

from emkit.datasets.files import numbers, read_arrays, read_columns, whole_numbers


@dataclass(frozen=True)
class Beaver:
    """One beaver's body temperature over a day, and whether it was active."""

    hours: np.ndarray
    temperature: np.ndarray
    active: np.ndarray


@dataclass(frozen=True)
class Beavers:
    """Two beavers, a day each."""

    beaver1: Beaver
    beaver2: Beaver


def beavers():
    """Body temperature of two beavers in Wisconsin, every 10 minutes for less than a day.

    Returns
    -------
    Beavers
        `beaver1` (December) and `beaver2` (November), with 114 and 100 observations: `hours` since
        the first day's midnight, `temperature`, and `active`, True where the animal was outside
        its lodge. Of the first beaver the observation at 22:20 is missing.

    Notes
    -----
    Units: hours; degrees Celsius.
    Origin: Reynolds (1994), in Lange et al., Case Studies in Biometry, chapter 11.
    Licence: bare measurements, free to use.
    """
    return Beavers(read_beaver("beaver1.csv"), read_beaver("beaver2.csv"))


def read_beaver(name):
    """A beaver from a file in which 22:20 is written 2220."""
    columns = read_columns(name)
    day, time = whole_numbers(columns["day"]), whole_numbers(columns["time"])
    hours = 24 * (day - day[0]) + time // 100 + time % 100 / 60
    return Beaver(hours, numbers(columns["temp"]), whole_numbers(columns["activ"]) == 1)


@dataclass(frozen=True)
class SpokenDigits:
    """Recordings of digits as sequences of features: item i is `digit[i]`, said by `speaker[i]`."""

    sequences: list[np.ndarray]
    digit: np.ndarray
    speaker: np.ndarray
    index: np.ndarray


def spoken_digits():
    """400 recordings of the digits 0 to 9 in English, by four speakers, as MFCC.

    Returns
    -------
    SpokenDigits
        `sequences`: list of 400 (t, 13) float arrays, one row each 10 ms, t from 12 to 85;
        `digit` (400,) integers 0 to 9; `speaker` (400,) strings; `index` (400,) integers 0 to 9:
        the number of the recording of that digit by that speaker.

    Notes
    -----
    Units: mel-frequency cepstral coefficients, no unit; a row stands for a window of 25 ms.
    Origin: Free Spoken Digit Dataset by Zohar Jackson and others; the coefficients were computed
    from its recordings.
    Licence: CC BY-SA 4.0, and so is what you make from it and pass on.
    """
    arrays = read_arrays("spoken_digits.npz")
    return SpokenDigits(
        cut_up(arrays["X"].astype(float), arrays["lengths"]),
        arrays["digit"].astype(int),
        arrays["speaker"],
        arrays["index"].astype(int),
    )


@dataclass(frozen=True)
class SpokenDigitsAudio:
    """Recordings of digits as sound, `rate` samples a second."""

    sounds: list[np.ndarray]
    digit: np.ndarray
    speaker: np.ndarray
    index: np.ndarray
    rate: int = 8000


def spoken_digits_audio():
    """20 of the recordings of `spoken_digits` as sound, each digit by two speakers.

    Returns
    -------
    SpokenDigitsAudio
        `sounds`: list of 20 (samples,) int16 arrays; `digit`, `speaker`, `index` (20,) as in
        `spoken_digits`; `rate` is 8000.

    Notes
    -----
    Units: sound pressure on the 16-bit scale; `rate` in samples a second.
    Origin: Free Spoken Digit Dataset by Zohar Jackson and others.
    Licence: CC BY-SA 4.0, and so is what you make from it and pass on.
    """
    arrays = read_arrays("spoken_digits_audio.npz")
    digit, speaker, index = zip(*(name.split("_") for name in arrays["name"]), strict=True)
    return SpokenDigitsAudio(
        cut_up(arrays["x"], arrays["lengths"]),
        whole_numbers(digit),
        np.array(speaker),
        whole_numbers(index),
    )


def cut_up(rows, lengths):
    """The rows as a list of arrays of the given lengths."""
    return np.split(rows, np.cumsum(lengths, dtype=int)[:-1])
