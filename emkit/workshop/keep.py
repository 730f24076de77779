"""A learner's own package: passed pieces as plain Python in `my_emkit/`, one module an assignment.

What stands there is never lost: a function that is replaced is put by in `my_emkit/earlier/`.
"""

import ast
import linecache
import os
from datetime import datetime
from pathlib import Path

from emkit.workshop import catalogue
from emkit.workshop.bench.contract import look_at, signature_problem
from emkit.workshop.check import check_piece
from emkit.workshop.failure import CheckFailed
from emkit.workshop.piece import Piece
from emkit.workshop.standalone import NeedsMore, standalone

FOLDER = "my_emkit"
COURSE = "nbgrader_config.py"  # lies in the course's folder


def keep(*functions):
    """Write pieces that pass their checks to your own package `my_emkit/`, and say so.

    Parameters
    ----------
    *functions : callable
        Your pieces, of any assignment; which ones they are is seen from names and parameters.

    Raises
    ------
    ValueError
        If something isn't a piece of the course, or a file in `my_emkit/` is no Python.
    """
    pieces = [piece_of(function) for function in functions]
    if nobody_there():
        print("Nothing is kept while a notebook is graded or validated.")
        return
    for piece, function in zip(pieces, functions, strict=True):
        print(f"{piece.id}: {keep_one(piece, function)}")


def keep_one(piece, function):
    """Keep one piece, or say why not."""
    path = path_of(piece)
    before = path.read_text(encoding="utf-8") if path.exists() else heading(piece)
    try:
        after = joined(before, *standalone(function), path)
        check_piece(piece, loaded(after, path)[piece.name], seed=0, part=None)
    except CheckFailed:
        return f'not kept, for it doesn\'t pass yet; check("{piece.id}", {piece.name}) says why.'
    except NeedsMore as error:
        return f"not kept. {error}."
    if after != before or not path.exists():
        write(path, after)
    return f"kept in {shown(path)}."


def kept(*piece_ids):
    """Your kept functions, by name, to hand on to a model: `gaussian_mixture(2, **kept(...))`.

    While a notebook is graded or validated there are none: it must run alike for everybody.

    Parameters
    ----------
    *piece_ids : str
        For example "03.responsibilities". Those that aren't kept yet are left out; it says which.

    Returns
    -------
    functions : dict of callable

    Raises
    ------
    ValueError
        If there is no such piece.
    """
    functions = {}
    for piece_id in piece_ids:
        piece = catalogue.find(piece_id)
        path = path_of(piece)
        is_there = path.exists() and not nobody_there()
        names = loaded(path.read_text(encoding="utf-8"), path) if is_there else {}
        if piece.name in names:
            functions[piece.name] = names[piece.name]
            print(f"{piece_id}: yours, from {shown(path)}.")
        else:
            print(f"{piece_id}: not kept yet; emkit's own will do its work.")
    return functions


def nobody_there():
    """Whether a notebook is graded or validated, and not run by its learner."""
    return bool(os.environ.get("NBGRADER_EXECUTION"))


def folder():
    """`my_emkit/` in the course's folder, or in the current one outside of a course."""
    here = Path.cwd()
    course = next((f for f in (here, *here.parents) if (f / COURSE).is_file()), here)
    return course / FOLDER


def path_of(piece):
    """The module of `my_emkit/` that the pieces of its assignment are kept in."""
    return folder() / f"{catalogue.module_name(piece)}.py"


def shown(path):
    """A module of `my_emkit/` as messages name it."""
    return path.relative_to(path.parents[1])


def piece_of(function):
    """The piece that a function is, by its name and parameters."""
    name = getattr(function, "__name__", repr(function))
    for piece in catalogue.PIECES.values():
        if not (isinstance(piece, Piece) and piece.name == name):
            continue
        if signature_problem(piece.contract, look_at(function)) is None:
            return piece
    raise ValueError(f"{name} isn't a piece of the course by its name and parameters")


def heading(piece):
    """How a module begins."""
    return f'"""My pieces of assignment {piece.id[:2]}."""\n'


def joined(text, imports, definitions, path):
    """The module's text with the definitions in it: replaced where they stood, else at the end."""
    try:
        tree = ast.parse(text)
    except SyntaxError as error:
        raise ValueError(f"{path.name} in {FOLDER}/ is no Python: {error}") from None
    lines = text.splitlines()
    places = {
        node.name: (min([node.lineno, *(d.lineno for d in node.decorator_list)]), node.end_lineno)
        for node in tree.body
        if isinstance(node, ast.FunctionDef)
    }
    for name in sorted(places, key=lambda name: -places[name][0]):
        if name in definitions:
            first, last = places[name]
            lines[first - 1 : last] = definitions[name].rstrip().splitlines()
    missing = [line for line in imports if line not in lines]
    if missing:
        end, has_imports = top_of(tree)
        lines[end:end] = missing if has_imports else ["", *missing]
    for name, source in definitions.items():
        if name not in places:
            lines += ["", "", *source.rstrip().splitlines()]
    return "\n".join(lines) + "\n"


def top_of(tree):
    """The last line of a module's docstring and first imports, and whether it has imports."""
    end, has_imports = 0, False
    for node in tree.body:
        docstring = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not (docstring or isinstance(node, ast.Import | ast.ImportFrom)):
            break
        end, has_imports = node.end_lineno, has_imports or not docstring
    return end, has_imports


def names_in(path):
    """Names of the functions that a module of `my_emkit/` defines; none if it isn't there."""
    if not path.exists():
        return []
    tree = ast.parse(path.read_text(encoding="utf-8"))
    return [node.name for node in tree.body if isinstance(node, ast.FunctionDef)]


def loaded(text, path):
    """The names that a module's text defines."""
    names = {"__name__": f"{FOLDER}.{path.stem}"}
    # Under its own name: a traceback and `inspect` then find the lines.
    lines = text.splitlines(keepends=True)
    linecache.cache[str(path)] = (len(text), None, lines, str(path))
    exec(compile(text, str(path), "exec"), names)
    return names


def write(path, text):
    """Put the file in place whole; if a line is lost by it, the old file goes to `earlier/`."""
    path.parent.mkdir(exist_ok=True)
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if set(old.splitlines()) - set(text.splitlines()):
        earlier = path.parent / "earlier"
        earlier.mkdir(exist_ok=True)
        moment = datetime.now().strftime("%Y-%m-%d_%H%M%S_%f")
        (earlier / f"{path.stem}_{moment}.py").write_bytes(path.read_bytes())
    unfinished = path.with_suffix(".unfinished")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, path)
