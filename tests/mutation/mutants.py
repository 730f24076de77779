"""Small changes to a function's source: by cosmic-ray, and of keywords and calls by ours."""

import ast
import re
from contextlib import suppress

# Bits aren't the course's business; a variable put in at random is nobody's slip.
LEFT_OUT = ("Bit", "Shift", "VariableInserter", "VariableReplacer", "Decorator", "Exception")
# Whether two equal numbers or texts are one object is up to Python; only None is asked for by `is`.
IDENTITY = re.compile(r"ComparisonOperator_(?!Is).*_Is")
# Calls that are taken for one another.
SWAPPED = {
    "sum": "mean",
    "mean": "sum",
    "max": "min",
    "min": "max",
    "argmax": "argmin",
    "argmin": "argmax",
    "maximum": "minimum",
    "minimum": "maximum",
    "zeros": "ones",
    "ones": "zeros",
    "log": "log1p",
    "exp": "expm1",
    "cumsum": "cumprod",
    "xlogy": "xlog1py",
    "lower": "upper",
}


def mutants(source):
    """Every changed version of `source`, which holds one function."""
    same = without_guards(source)
    found = dict.fromkeys([*by_cosmic_ray(source), *by_ours(source)])
    return [text for text in found if without_guards(text) != same]


def by_cosmic_ray(source):
    """Other numbers, operators, comparisons and conditions; loops that end early or never begin."""
    # Needed here only; the tests do without it.
    from cosmic_ray.mutating import mutate_code
    from cosmic_ray.plugins import get_operator, operator_names

    for name in sorted(operator_names()):
        if any(word in name for word in LEFT_OUT) or IDENTITY.search(name):
            continue
        operator, occurrence = get_operator(name)(), 0
        while (changed := mutate_code(source, operator, occurrence)) is not None:
            occurrence += 1
            with suppress(SyntaxError):  # 'x != not 1', for example
                yield ast.unparse(ast.parse(changed))


def by_ours(source):
    """Keywords left out, calls taken for one another, matrices not transposed."""
    for change in (without_keyword, with_other_call, transposed):
        occurrence = 0
        while (changed := change(ast.parse(source), occurrence)) is not None:
            occurrence += 1
            yield ast.unparse(changed)


def without_guards(source):
    """The source without what changes no result: `zip`'s strict, what an error says, warnings."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call):
            node.exc.args = []
        if isinstance(node, ast.Call):
            silences = ast.unparse(node.func).endswith("errstate")
            node.keywords = [k for k in node.keywords if not (silences or k.arg == "strict")]
    return ast.unparse(tree)


def without_keyword(tree, occurrence):
    """The tree without its n-th keyword argument, or None."""
    places = [(node, k) for node in ast.walk(tree) if isinstance(node, ast.Call)
              for k in node.keywords]  # fmt: skip
    if occurrence >= len(places):
        return None
    node, keyword = places[occurrence]
    node.keywords.remove(keyword)
    return tree


def with_other_call(tree, occurrence):
    """The tree with its n-th call of a name in `SWAPPED` made to the other one, or None."""
    places = [
        node
        for node in ast.walk(tree)
        if (isinstance(node, ast.Attribute) and node.attr in SWAPPED)
    ]
    if occurrence >= len(places):
        return None
    places[occurrence].attr = SWAPPED[places[occurrence].attr]
    return tree


def transposed(tree, occurrence):
    """The tree with its n-th `.T` taken away, or None."""

    class Transposer(ast.NodeTransformer):
        seen = -1

        def visit_Attribute(self, node):
            self.generic_visit(node)
            if node.attr != "T":
                return node
            self.seen += 1
            return node.value if self.seen == occurrence else node

    transposer = Transposer()
    tree = transposer.visit(tree)
    return tree if transposer.seen >= occurrence else None
