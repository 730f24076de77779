"""Hand-ins that resemble each other more than right answers to one task do anyway.

Two answers are compared token by token, without comments, docstrings and layout and with the
function's own variables renamed in the order in which they appear (Indel similarity: the share of
tokens in a longest common subsequence, by RapidFuzz). It finds copies with other names and
comments; it doesn't find a copy whose lines were put in another order, and it proves nothing.
"""

import ast
import io
import itertools
import statistics
import tokenize
from dataclasses import dataclass

from rapidfuzz.distance import Indel

ALIKE = 0.9
FEWEST_TOKENS = 60  # two short answers can't help being alike
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


def pairs(answers, wrong, stubs):
    """Return (the pairs at least `ALIKE`, the most alike first, and the median of all pairs).

    Parameters
    ----------
    answers : dict of dict
        Sources by learner and cell.
    wrong : dict of set
        Names of the cells that lost marks, by learner.
    stubs : dict of str
        What the cells said before; who left one untouched wrote nothing there.
    """
    tokens = {
        learner: {
            name: tokens_of(source)
            for name, source in cells.items()
            if source.strip() != stubs.get(name, "").strip()
        }
        for learner, cells in answers.items()
    }
    found, all_similarities = [], []
    for one, other in itertools.combinations(sorted(tokens), 2):
        common = [name for name in tokens[one] if name in tokens[other]]
        sizes = [len(tokens[one][name]) + len(tokens[other][name]) for name in common]
        if sum(sizes) < 2 * FEWEST_TOKENS:
            continue
        each = [Indel.normalized_similarity(tokens[one][n], tokens[other][n]) for n in common]
        similarity = sum(s * size for s, size in zip(each, sizes, strict=True)) / sum(sizes)
        all_similarities.append(similarity)
        if similarity >= ALIKE:
            identical = [n for n in common if answers[one][n].strip() == answers[other][n].strip()]
            both_wrong = [
                name
                for name, s in zip(common, each, strict=True)
                if s >= ALIKE and name in wrong[one] and name in wrong[other]
            ]
            found.append(Pair(one, other, similarity, tuple(identical), tuple(both_wrong)))
    found.sort(key=lambda pair: (-pair.similarity, pair.one, pair.other))
    return found, statistics.median(all_similarities) if all_similarities else None


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
