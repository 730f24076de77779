"""A corpus too large for a dense array, with the memory that there is for it."""

import numpy as np
from scipy import sparse

from emkit.workshop.piece import Case
from emkit.workshop.pieces.topics.corpora import CORPUS

DOCS, WORDS, ENTRIES, K = 1_000, 6_000, 4_000, 3
ROOM = DOCS * WORDS  # bytes: a dense array of float64 takes eight times that
WHY = (
    f"Of {DOCS * WORDS:,} pairs of a document and a word only {ENTRIES:,} occur. Does an array "
    "(also one in between, such as a product of matrices) have a place for every pair? Work on "
    "those that occur"
)


def large_corpus(rng):
    """A case whose dense counts would be 48 MB; what occurs in it is a hundredth of that."""
    place = rng.choice(DOCS * WORDS, size=ENTRIES, replace=False)
    counts = sparse.coo_array(
        (rng.integers(1, 4, size=ENTRIES), np.divmod(place, WORDS)), shape=(DOCS, WORDS)
    ).tocsr()
    doc_topic = rng.dirichlet(np.full(K, 3.0), size=DOCS)
    topic_word = rng.dirichlet(np.full(WORDS, 3.0), size=K)
    inputs = dict(zip(CORPUS, (counts, doc_topic, topic_word), strict=True))
    return Case(f"{DOCS:,} documents, {WORDS:,} words, {ENTRIES:,} pairs that occur",
                inputs, hard=True, room=ROOM, because=WHY)  # fmt: skip
