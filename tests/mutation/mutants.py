"""Small changes to a function's source: by cosmic-ray, and of keywords and calls by two of ours."""

import ast
from contextlib import suppress

from cosmic_ray.mutating import mutate_code
from cosmic_ray.plugins import get_operator, operator_names

# Bits aren't the course's business; a variable put in at random is nobody's slip.
LEFT_OUT = ("Bit", "Shift", "VariableInserter", "VariableReplacer", "Decorator", "Exception")
OPERATORS = [n for n in sorted(operator_names()) if not any(word in n for word in LEFT_OUT)]
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
    found = {}
    for name in OPERATORS:
        operator, occurrence = get_operator(name)(), 0
        while (changed := mutate_code(source, operator, occurrence)) is not None:
            occurrence += 1
            with suppress(SyntaxError):  # 'x != not 1', for example
                found.setdefault(ast.unparse(ast.parse(changed)), name)
    for change in (without_keyword, with_other_call, transposed):
        occurrence = 0
        while (changed := change(ast.parse(source), occurrence)) is not None:
            found.setdefault(ast.unparse(changed), change.__name__)
            occurrence += 1
    same = without_guards(source)
    return {text: name for text, name in found.items() if without_guards(text) != same}


def without_guards(source):
    """The source without what changes no result: `zip`'s strict and `errstate`'s arguments."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
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
