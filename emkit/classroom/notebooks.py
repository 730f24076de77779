"""Notebooks that anybody may have written: read with care, and told apart by nbgrader's cells."""

import functools
import warnings

import nbformat

from emkit.classroom.course import CourseError


def read(content):
    """Return the notebook in some bytes; raises `ValueError` if they hold none."""
    try:
        with warnings.catch_warnings(action="ignore"):  # a missing or double cell id hurts nobody
            notebook = nbformat.reads(content.decode("utf-8-sig"), as_version=4)
        for cell in notebook.cells:
            metadata = cell.metadata.get("nbgrader", {})
            if not (isinstance(cell.source, str) and isinstance(metadata.get("grade_id", ""), str)):
                raise ValueError("no notebook: a cell's source or name isn't a text")
    except (AttributeError, KeyError, TypeError, RecursionError, nbformat.ValidationError) as error:
        raise ValueError(f"no notebook: {type(error).__name__}") from None
    return notebook


def readable(path):
    """Return the notebook in a file; raises `CourseError` if there is none."""
    try:
        return read(path.read_bytes())
    except ValueError:
        raise CourseError(
            f"{path} can't be read as a notebook; open it in JupyterLab and save it, or paste your "
            "answers into a fresh copy."
        ) from None


def name_of(cell):
    """Return the name that nbgrader has for a cell, None for a plain cell."""
    return cell.metadata.get("nbgrader", {}).get("grade_id")


def names_in(notebook):
    """Return the names of nbgrader's cells, in order, with repetitions."""
    names = map(name_of, notebook.cells)
    return [name for name in names if name and isinstance(name, str)]


def assignment_of(course, notebook):
    """Return the stem of the release with whose cells the notebook agrees best; None with none."""
    mine = set(names_in(notebook))

    def share(stem):
        release = course.release(stem)
        theirs = names_of_file(release, release.stat().st_mtime_ns)
        return len(theirs & mine) / len(theirs | mine)

    shares = {stem: share(stem) for stem in course.released} if mine else {}
    best = max(shares, key=shares.get, default=None)
    return best if best and shares[best] > 0 else None


@functools.cache
def names_of_file(path, changed):
    """Return the set of the names in a notebook's file that was last changed at that time."""
    return frozenset(names_in(readable(path)))


def complaint(cell):
    """Return what a cell's first error says; '' if there is none."""
    errors = (out for out in cell.get("outputs", []) if out.output_type == "error")
    return next((error.evalue or error.ename for error in errors), "")
