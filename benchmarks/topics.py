"""pLSA against scikit-learn's NMF with the Kullback–Leibler loss, which climbs the same likelihood.

Same start, same number of iterations, one process. Run by `make bench`.
"""

import warnings
from functools import partial

import numpy as np
from compare import Table
from scipy import sparse
from sklearn.decomposition import non_negative_factorization
from sklearn.exceptions import ConvergenceWarning

import emkit
from emkit import datasets
from emkit.plsa import PLSA
from emkit.topics import PLSAParams

ITERATIONS = 100


def never(history):
    return False


def ours(counts, model, start):
    emkit.fit(model, counts, start=start, max_iter=ITERATIONS, converged=never)


def theirs(counts, model, start):
    # The peer's factors carry the lengths of the documents; each side gets its own copies.
    lengths = np.asarray(counts.sum(axis=1)).reshape(-1, 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        non_negative_factorization(
            counts,
            W=start.doc_topic * lengths,
            H=start.topic_word.copy(),
            n_components=model.n_topics,
            init="custom",
            beta_loss="kullback-leibler",
            solver="mu",
            tol=0,
            max_iter=ITERATIONS,
        )


def made_up(docs, words, k, length, rng):
    """Random documents of so many topics, each with a preference for a few of the words."""
    truth = PLSAParams(
        rng.dirichlet(np.full(k, 0.2), size=docs), rng.dirichlet(np.full(words, 0.02), size=k)
    )
    return PLSA(k).sample(truth, np.full(docs, length), rng)


def main():
    rng = np.random.default_rng(0)
    table = Table("scikit-learn")
    paragraphs = datasets.inaugural_paragraphs().counts
    problems = [
        ("paragraphs", paragraphs, 10),
        ("paragraphs", paragraphs, 50),
        ("made up", made_up(2_000, 20_000, 20, 100, rng), 20),
    ]
    for name, counts, k in problems:
        counts = sparse.csr_matrix(counts).astype(float)  # the peer wants a matrix
        model = PLSA(k)
        start = model.initial(model.prepare(counts), rng)
        docs, words = counts.shape
        what = f"{name}, {docs} x {words}, {counts.nnz} counts, k={k}"
        table.row(
            what, partial(ours, counts, model, start), partial(theirs, counts, model, start), ""
        )


if __name__ == "__main__":
    main()
