"""Hand-ins that resemble each other more than right answers to one task do anyway.

Two answers are compared token by token, without comments, docstrings and layout and with the
function's own variables renamed in the order in which they appear (Indel similarity: the share of
tokens in a longest common subsequence, by RapidFuzz). It finds copies with other names and
comments; it doesn't find a copy whose lines were put in another order, and it proves nothing.
"""

import ast
import io
import sys
import tokenize
from dataclasses import dataclass

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import Indel

ALIKE = 0.9
FEWEST_TOKENS = 60  # two short answers can't help being alike
MOST_TOKENS = 5000  # of an answer
LAYOUT = {
    tokenize.COMMENT,
    tokenize.NL,
    tokenize.NEWLINE,
    tokenize.INDENT,
    tokenize.DEDENT,
    tokenize.ENDMARKER,
}


@dataclass(frozen=True)
class Pair:
    """Two learners whose hand-ins are alike.

    `similarity` is that of all answers that both have written, weighted by length; `identical`
    names those that are the same to the letter, `same_mistake` those that are alike and wrong.
    """

    one: str
    other: str
    similarity: float
    identical: tuple[str, ...]
    same_mistake: tuple[str, ...]


def pairs(answers, wrong, stubs, most):
    """Return (the pairs at least `ALIKE`, how many more there are, the median of all pairs).

    Parameters
    ----------
    answers : dict of dict
        Sources by learner and cell.
    wrong : dict of set
        Names of the cells that lost marks, by learner.
    stubs : dict of str
        What the cells said before; who left one untouched wrote nothing there.
    most : int
        Pairs to return, the most alike first.
    """
    learners = sorted(answers)
    similarity, weight, by_cell = compared(learners, answers, stubs)
    one, other = np.triu_indices(len(learners), k=1)
    enough = weight[one, other] >= 2 * FEWEST_TOKENS
    one, other = one[enough], other[enough]
    if not len(one):
        return [], 0, None
    typical = float(np.median(similarity[one, other]))
    alike = similarity[one, other] >= ALIKE
    one, other = one[alike], other[alike]
    order = np.lexsort((other, one, -similarity[one, other]))[:most]
    found = [
        pair_of(learners[i], learners[j], float(similarity[i, j]), answers, wrong,
                {name: cells[i, j] for name, cells in by_cell.items()})
        for i, j in zip(one[order], other[order], strict=True)
    ]  # fmt: skip
    return found, len(one) - len(found), typical


def compared(learners, answers, stubs):
    """Compare all pairs: (n, n) arrays of similarity, of tokens in both, of similarity by cell.

    A cell's is NaN where one of the two has written nothing.
    """
    similarity, weight = np.zeros((2, len(learners), len(learners)), np.float32)
    by_cell, letters = {}, {}
    for name in dict.fromkeys(name for cells in answers.values() for name in cells):
        stub = stubs.get(name, "").strip()
        texts = {
            i: lettered(tokens_of(answers[learner][name])[:MOST_TOKENS], letters)
            for i, learner in enumerate(learners)
            if name in answers[learner] and answers[learner][name].strip() != stub
        }
        who, written = np.ix_(list(texts), list(texts)), list(texts.values())
        sizes = np.array([len(text) for text in written], np.float32)
        by_cell[name] = np.full_like(similarity, np.nan)
        by_cell[name][who] = process.cdist(
            written, written, scorer=Indel.normalized_similarity, dtype=np.float32, workers=-1
        )
        both = sizes[:, None] + sizes
        similarity[who] += by_cell[name][who] * both
        weight[who] += both
    return similarity / np.maximum(weight, 1), weight, by_cell


def lettered(tokens, letters):
    """A text with a letter for each token, which are many times quicker to compare."""
    return "".join(
        chr(letters.setdefault(token, len(letters) % sys.maxunicode)) for token in tokens
    )


def pair_of(one, other, similarity, answers, wrong, by_cell):
    """What is told of two learners, with how alike their cells are."""
    common = [name for name in by_cell if not np.isnan(by_cell[name])]
    return Pair(
        one,
        other,
        similarity,
        tuple(n for n in common if answers[one][n].strip() == answers[other][n].strip()),
        tuple(n for n in common if by_cell[n] >= ALIKE and n in wrong[one] and n in wrong[other]),
    )


def tokens_of(source):
    """Return a function's tokens, its own names renamed; of what is no Python, the words."""
    try:
        nodes = list(ast.walk(ast.parse(source)))
        own = {node.arg for node in nodes if isinstance(node, ast.arg)}
        own |= {n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
        tokens = [
            token.string
            for token in tokenize.generate_tokens(io.StringIO(source).readline)
            if token.type not in LAYOUT and not token.string.startswith(('"""', "'''"))
        ]
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError):
        return source.split()
    renamed = {}
    return [renamed.setdefault(t, f"name {len(renamed)}") if t in own else t for t in tokens]
