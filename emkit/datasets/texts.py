"""Texts and their words: the addresses of US presidents at their inauguration."""

import re
from dataclasses import dataclass

import numpy as np
from scipy.sparse import csr_array

from emkit.datasets.files import read_arrays, read_columns, whole_numbers


@dataclass(frozen=True)
class InauguralAddresses:
    """How often each address uses each word: `counts[i, w]` is of word `vocabulary[w]`."""

    counts: csr_array
    vocabulary: np.ndarray
    year: np.ndarray
    president: np.ndarray


def inaugural_addresses():
    """Words of the 60 inaugural addresses of US presidents, 1789 to 2025.

    Returns
    -------
    InauguralAddresses
        `counts` (60, 2217) sparse CSR integers; `vocabulary` (2217,) strings in alphabetical
        order; `year` (60,) integers; `president` (60,) strings, the family name.

    Notes
    -----
    Units: occurrences of a word. The vocabulary leaves out words of one or two letters, the most
    common English words, and words that are used in fewer than five addresses.
    Origin: inaugural addresses of the presidents of the United States.
    Licence: public domain.
    """
    arrays = read_arrays("inaugural_addresses.npz")
    counts = csr_array(
        (arrays["data"].astype(int), arrays["indices"].astype(np.int32), arrays["indptr"]),
        shape=tuple(arrays["shape"].tolist()),
    )
    counts.sort_indices()
    return InauguralAddresses(
        counts, arrays["vocab"], arrays["year"].astype(int), arrays["president"]
    )


@dataclass(frozen=True)
class InauguralParagraphs:
    """The addresses by paragraph: `texts[i]` uses word `vocabulary[w]` `counts[i, w]` times."""

    texts: tuple[str, ...]
    counts: csr_array
    vocabulary: np.ndarray
    year: np.ndarray
    president: np.ndarray
    paragraph: np.ndarray


def inaugural_paragraphs():
    """1,264 paragraphs of the inaugural addresses, for topics of short documents.

    Returns
    -------
    InauguralParagraphs
        `texts` 1,264 strings; `counts` (1264, 2217) sparse CSR integers over the `vocabulary` of
        `inaugural_addresses`; `year` (1264,) integers; `president` (1264,) strings; `paragraph`
        (1264,) integers, the number of the paragraph in its address.

    Notes
    -----
    Units: occurrences of a word. Paragraphs of fewer than 30 words are left out, so the counts of
    an address's paragraphs add up to no more than those of the address.
    Origin: inaugural addresses of the presidents of the United States.
    Licence: public domain.
    """
    columns = read_columns("inaugural_paragraphs.csv.gz")
    vocabulary = read_arrays("inaugural_addresses.npz")["vocab"]
    return InauguralParagraphs(
        tuple(columns["text"]),
        count_words(columns["text"], vocabulary),
        vocabulary,
        whole_numbers(columns["year"]),
        np.array(columns["president"]),
        whole_numbers(columns["para"]),
    )


def count_words(texts, vocabulary):
    """How often each text uses each word, a (texts, words) sparse array.

    A word is a run of the letters a to z, capitals made small.
    """
    position = {word: w for w, word in enumerate(vocabulary.tolist())}
    rows, columns = [], []
    for row, text in enumerate(texts):
        found = [position[word] for word in re.findall("[a-z]+", text.lower()) if word in position]
        rows += [row] * len(found)
        columns += found
    counts = csr_array(
        (np.ones(len(rows), dtype=int), (rows, columns)), shape=(len(texts), len(vocabulary))
    )
    counts.sum_duplicates()
    return counts
