"""A function with the imports and helpers that it needs, as text that runs on its own."""

import ast
import builtins
import inspect
import linecache
import textwrap
import types

from emkit.workshop.bench.contract import global_names


class NeedsMore(ValueError):
    """A function that can't stand on its own; the message says what it needs."""


def standalone(function):
    """The imports that a function needs, and its definition after those of its helpers.

    Parameters
    ----------
    function : function
        Written in a notebook or in a file.

    Returns
    -------
    imports : list of str
        Import statements, one a line.
    definitions : dict of str
        Source text by function name, helpers first, `function` last.

    Raises
    ------
    NeedsMore
        If it needs something that is neither imported nor a function.
    """
    imports, definitions, waiting = [], {}, [function]
    known = import_statements(function)
    while waiting:
        current = waiting.pop()
        if current.__name__ in definitions:
            continue
        definitions[current.__name__] = textwrap.dedent(inspect.getsource(current)).rstrip() + "\n"
        for name in sorted(global_names(current.__code__)):
            value = current.__globals__.get(name)
            if name in known:
                imports.append(known[name])
            elif isinstance(value, types.FunctionType):
                waiting.append(value)
            elif name not in current.__globals__ and hasattr(builtins, name):
                continue
            else:
                raise NeedsMore(
                    f"{function.__name__} needs {name}, which is neither imported nor a function: "
                    "make it inside"
                )
    imports = sorted(set(imports), key=lambda line: (line.startswith("from"), line))
    return imports, dict(reversed(definitions.items()))


def import_statements(function):
    """The import statement that binds each name, in the notebook's cells or the file."""
    found = {}
    for source in sources(function):
        try:
            tree = ast.parse(source)
        except SyntaxError:  # a cell with a magic, or one that failed
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    single = type(node)(**{**vars(node), "names": [alias]})
                    found[alias.asname or alias.name.partition(".")[0]] = ast.unparse(single)
    return found


def sources(function):
    """The texts that may hold the function's imports: the cells that ran, or its file."""
    if "In" in function.__globals__ and "get_ipython" in function.__globals__:
        return function.__globals__["In"]
    return ["".join(linecache.getlines(function.__code__.co_filename))]
