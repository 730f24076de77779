"""The learner's side of handing in: look the notebook over, and pack it as one zip file."""

import os
import stat
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from nbgrader import utils
from nbgrader.preprocessors import ClearOutput

from emkit.classroom.course import CourseError, resolve
from emkit.classroom.execute import JudgedExecute
from emkit.classroom.mends import FairOutputs
from emkit.classroom.notebooks import assignment_of, complaint, name_of, names_in, read, readable
from emkit.classroom.parcel import (
    LARGEST_FILE,
    LARGEST_WHOLE,
    MEGABYTE,
    MOST_FILES,
    RECEIPT,
    Receipt,
    learner_id,
    pack,
    sha256,
    shortened,
)
from emkit.classroom.steps import nobody_there

NAME = "name.txt"  # in my_work/handins/: who hands in here
NOT_HANDED_IN = {"feedback", "__pycache__"}


def who(course, name=None):
    """Return the learner's id, remembering a new one.

    Raises
    ------
    CourseError
        If no name is given and none is remembered, or it can't be an id.
    """
    remembered = course.handins / NAME
    if name is None:
        if not remembered.is_file():
            raise CourseError("whose hand-in is it? Add --name YOUR_NAME; it is remembered.")
        return learner_id(remembered.read_text(encoding="utf-8"))
    learner = learner_id(name)
    course.handins.mkdir(parents=True, exist_ok=True)
    remembered.write_text(learner + "\n", encoding="utf-8")
    return learner


def find(course, name):
    """Return (path of the notebook, stem of its assignment, the notebook's bytes).

    Parameters
    ----------
    name : str
        An assignment's number or name, for the copy in `my_work/`, or the path of a notebook.

    Raises
    ------
    CourseError
        If there is no such notebook, it can't be read, or it is another assignment's.
    """
    expected, path = None, Path(name)
    if path.suffix != ".ipynb":
        expected = resolve(name, course.released)
        path = course.work(expected)
    if not path.is_file():
        remedy = "; run: emkit start" if expected else ""
        raise CourseError(f"{path} is missing{remedy}.")
    if path.stat().st_size > LARGEST_FILE:
        raise CourseError(
            f"{path} has more than {LARGEST_FILE // MEGABYTE} MB; clear its outputs in JupyterLab "
            "and save it."
        )
    stem = assignment_of(course, readable(path))
    if stem is None or expected not in (None, stem):
        raise CourseError(
            f"{path} isn't the notebook of {expected or 'any assignment released here'}: "
            f"{f'its cells are those of {stem}' if stem else 'it has none of its cells'}."
        )
    return path, stem, path.read_bytes()


def look_over(course, stem, content):
    """Return (answers that are missing, sentences on what grading will put right)."""
    ours, mine = readable(course.release(stem)), read(content)
    names = names_in(mine)
    answers = [name_of(cell) for cell in ours.cells if utils.is_solution(cell)]
    tests = {name_of(cell): cell.source for cell in ours.cells if utils.is_locked(cell)}
    remarks = [
        f"the check {name} is missing; grading brings it back"
        for name in tests
        if name not in names
    ]
    remarks += [
        f"the cell {name} is there {names.count(name)} times; the last one counts"
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    remarks += [
        f"the check {name_of(cell)} was changed; grading puts the original in its place"
        for cell in mine.cells
        if name_of(cell) in tests and cell.source.strip() != tests[name_of(cell)].strip()
    ]
    return [name for name in answers if name not in names], remarks


@dataclass(frozen=True)
class Failure:
    """A visible check that fails: its cell and what it says."""

    cell: str
    message: str


def try_out(course, path, content):
    """Run the notebook in a copy of its folder, as grading does; return the visible `Failure`s.

    Raises
    ------
    CourseError
        If it can't be run through, because the machine has no room for it for example.
    """
    config, notebook = course.config(), read(content)
    config.JudgedExecute.sandbox = False  # one's own code on one's own machine
    with TemporaryDirectory() as folder, nobody_there("validate"):
        for name, extra in others(course, path)[0].items():
            Path(folder, name).parent.mkdir(parents=True, exist_ok=True)
            Path(folder, name).write_bytes(extra)
        resources = {"metadata": {"path": folder}}
        try:
            for step in (ClearOutput, JudgedExecute, FairOutputs):
                notebook, _ = step(config=config).preprocess(notebook, resources)
        except Exception as error:  # whatever it is, the notebook can be handed in
            raise CourseError(
                f"the notebook can't be run through; --quick hands it in all the same. {error}"
            ) from None
    return [
        Failure(name_of(cell), complaint(cell))
        for cell in notebook.cells
        if utils.is_grade(cell) and not utils.is_solution(cell) and utils.has_failed(cell)
    ]


def others(course, path):
    """Return (the assignment's other files by name, sentences on those that stay behind).

    Only for a notebook in its place in `my_work/`; elsewhere, who knows what lies beside it.
    """
    folder = path.resolve().parent
    if folder.parent != (course.root / "my_work").resolve() or folder == course.handins.resolve():
        return {}, []
    found, left, whole = {}, [], path.stat().st_size
    for file in sorted(walk(folder)):
        name, about = file.relative_to(folder).as_posix(), file.lstat()
        if file == path.resolve():
            continue
        if name == RECEIPT or not name.isprintable():
            left.append(f"{shortened(name)} stays behind: a hand-in can't have that name")
        elif not stat.S_ISREG(about.st_mode):
            left.append(f"{shortened(name)} stays behind: it is a link or a device")
        elif about.st_size > LARGEST_FILE or whole + about.st_size > LARGEST_WHOLE:
            left.append(f"{shortened(name)} stays behind: it is too large")
        elif len(found) + 2 >= MOST_FILES:
            left.append(f"{shortened(name)} stays behind: more than {MOST_FILES} files")
        else:
            found[name] = file.read_bytes()
            whole += about.st_size
    return found, left


def walk(folder):
    """Yield the files below `folder`, without hidden and made ones; links aren't followed."""
    for here, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if f not in NOT_HANDED_IN and not f.startswith(".")]
        yield from (Path(here, file) for file in files if not file.startswith("."))


def write(course, stem, learner, path, content, now=None):
    """Write the zip to `my_work/handins/`; return (its path, its receipt, what stays behind)."""
    now = now or datetime.now(UTC)
    extra, left = others(course, path)
    files = {f"{stem}.ipynb": content, **extra}
    receipt = Receipt(stem, learner, now, {name: sha256(data) for name, data in files.items()})
    course.handins.mkdir(parents=True, exist_ok=True)
    name = f"{stem}_{learner}_{now:%Y-%m-%d_%H%M%S}"
    parcel, number = course.handins / f"{name}.zip", 1
    while parcel.exists():
        number += 1
        parcel = course.handins / f"{name}-{number}.zip"
    unfinished = course.handins / f".{name}.unfinished"
    unfinished.unlink(missing_ok=True)
    try:
        pack(unfinished, receipt, files)
        unfinished.rename(parcel)
    finally:
        unfinished.unlink(missing_ok=True)
    return parcel, receipt, left
