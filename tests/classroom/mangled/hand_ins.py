"""Hand-ins that something happened to, made from the worked notebook, and what must come of each.

A story about cells changes the notebook; one about files gets the hand-in's folder and writes what
it wants of the notebook's text. Without `loses` and `person` all marks must be there.
"""

import copy
import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell

from mangled.course import STEM, TESTS

NAME = f"{STEM}.ipynb"


@dataclass(frozen=True)
class HandIn:
    """One story: what happened, the marks that it costs, and words that the learner must read."""

    name: str
    story: str
    write: Callable
    loses: frozenset
    person: str
    says: str


HAND_INS = {}


def cells(*loses, says="", person="", name=None):
    """A story that changes the notebook's cells."""

    def register(change):
        def write(folder, text):
            notebook = nbformat.reads(text, as_version=4)
            Path(folder, NAME).write_text(json.dumps(change(notebook) or notebook))

        add(name or change.__name__, change.__doc__, write, loses, person, says)
        return change

    return register


def files(*loses, says="", person="", name=None):
    """A story that writes the hand-in's files."""

    def register(write):
        add(name or write.__name__, write.__doc__, write, loses, person, says)
        return write

    return register


def add(name, story, write, loses, person, says):
    assert set(loses) <= set(TESTS)
    HAND_INS[name] = HandIn(name, story, write, frozenset(loses), person, says)


def cell(notebook, name):
    (found,) = (cell for cell in notebook.cells if cell.get("id") == name)
    return found


def twin(notebook, name, place, source=None):
    """Put a copy of a cell, with its metadata, to a place; return it."""
    new = copy.deepcopy(cell(notebook, name))
    new.id = f"{name}-copy"
    new.source = new.source if source is None else source
    notebook.cells.insert(place, new)
    return new


def remove(notebook, *names):
    notebook.cells = [cell for cell in notebook.cells if cell.id not in names]


def place(notebook, name):
    return notebook.cells.index(cell(notebook, name))


def move(notebook, name, to):
    moved = cell(notebook, name)
    remove(notebook, name)
    notebook.cells.insert(to, moved)


def merge(notebook, first, *others):
    """Merge cells as JupyterLab does: the first one's type and metadata stay."""
    for name in others:
        cell(notebook, first).source += "\n\n" + cell(notebook, name).source
    remove(notebook, *others)


def add_before(notebook, name, source):
    notebook.cells.insert(place(notebook, name), new_code_cell(source))


STUB = "def {}(x):\n    # Your code here\n    raise NotImplementedError"
MEAN_STUB = "def mean(values):\n    # Your code here\n    raise NotImplementedError"

# --- Healthy ones, between which the others must do no harm.


@cells()
def healthy(notebook):
    """Nothing happened."""


@cells("half-test")
def wrong_answer(notebook):
    """One answer is wrong; nothing happened to the notebook."""
    cell(notebook, "half").source = "def half(x):\n    return x"


@files(*TESTS)
def untouched(folder, text):
    """The release, as it was fetched."""
    course = folder.parents[3]
    release = course / "assignments/release" / STEM / NAME
    Path(folder, NAME).write_bytes(release.read_bytes())


# --- Cells that were copied, deleted, moved, split, merged.


@cells(says="there more than once")
def copied_test(notebook):
    """A test was copied above its answer."""
    twin(notebook, "half-test", 2)


@cells(says="the last that you wrote")
def copied_answer_tried_first(notebook):
    """An answer was copied, and the first copy has an old try in it."""
    twin(notebook, "double", 2, "def double(x):\n    return 3 * x")


@cells(says="the last that you wrote")
def copied_stub_below(notebook):
    """The answer stands in a copy; the untouched stub comes after it."""
    twin(notebook, "double", 3, STUB.format("double"))


@cells(says="there more than once")
def everything_twice(notebook):
    """All cells were selected, copied and pasted below."""
    for one in list(notebook.cells):
        twin(notebook, one.id, len(notebook.cells))


@cells(says="`half-test`, `letter-test`: missing")
def deleted_tests(notebook):
    """Several tests were deleted, with the cells before them."""
    remove(notebook, "third", "half-test", "double-test", "letter-test")
    cell(notebook, "both").source = ""


@cells(says="`setup`: missing")
def deleted_setup(notebook):
    """The cell with the imports was deleted."""
    remove(notebook, "setup")


@cells("half-test", says="`half`: missing")
def deleted_answer(notebook):
    """An answer was deleted, its test is there."""
    remove(notebook, "half")


@cells(says="`why`: missing")
def deleted_text_answer(notebook):
    """The text that a person marks was deleted."""
    remove(notebook, "why")


@cells(says="stood before the answers")
def tests_first(notebook):
    """All tests were moved to the top."""
    for name in reversed(TESTS):
        move(notebook, name, 0)


@cells(says="stood before the answers")
def backwards(notebook):
    """All cells stand in the opposite order."""
    notebook.cells.reverse()


@cells(says="`setup`: stood too late")
def imports_last(notebook):
    """The imports were moved to the end."""
    move(notebook, "setup", len(notebook.cells))


@cells(says="stood before the answers")
def answers_below_in_one_cell(notebook):
    """All answers were written in one new cell at the end; the stubs are untouched."""
    names = ["double", "half", "mean", "letter"]
    together = "\n\n".join(cell(notebook, name).source for name in names)
    for name, stub in zip(
        names,
        [STUB.format("double"), STUB.format("half"), MEAN_STUB,
         "letter = None\n# Your code here\nraise NotImplementedError"],
        strict=True,
    ):  # fmt: skip
        cell(notebook, name).source = stub
    notebook.cells.append(new_code_cell(together))


@cells(says="answered in another cell")
def answer_above_its_stub(notebook):
    """The answer stands in a new cell above the untouched stub."""
    add_before(notebook, "half", cell(notebook, "half").source)
    cell(notebook, "half").source = STUB.format("half")


@cells(says="split in the middle")
def split_in_a_function(notebook):
    """An answer was split into two cells between its head and its body."""
    head, body = cell(notebook, "double").source.split("\n", 1)
    cell(notebook, "double").source = head
    twin(notebook, "double", place(notebook, "double") + 1, body)


@cells(says="there more than once")
def split_between_functions(notebook):
    """An answer with a helper was split between the two."""
    cell(notebook, "double").source = "def double(x):\n    return twice_of(x)"
    twin(notebook, "double", place(notebook, "double"), "def twice_of(x):\n    return 2 * x")


@cells()
def merged_answers(notebook):
    """Two answers were merged into one cell."""
    merge(notebook, "double", "half")


@cells(says="`double-test`: missing")
def merged_answer_and_test(notebook):
    """An answer was merged with the test below it."""
    merge(notebook, "double", "double-test")


@cells(says="`double-test`: held an answer")
def merged_test_and_answer(notebook):
    """A test was merged with the answer below it; the result counts as the test."""
    merge(notebook, "double-test", "half")


@cells(says="stood in a cell with answers")
def merged_all_code(notebook):
    """All code was merged into one cell, tests included, in an order of its own."""
    merge(notebook, "setup", "half-test", "mean", "half", "mean-test", "double", "letter",
          "double-test", "letter-test")  # fmt: skip


@cells(person="text cell")
def merged_into_text(notebook):
    """Everything was merged into the first cell, which is a text."""
    merge(notebook, *(one.id for one in notebook.cells))


# --- Cells that were edited, or are of another type.


@cells(says="`half-test`: changed")
def edited_test(notebook):
    """A test was edited."""
    cell(notebook, "half-test").source = "assert half(2) == 7"


@cells(says="`setup`: changed")
def emptied_setup(notebook):
    """The imports were deleted from their cell."""
    cell(notebook, "setup").source = ""


@cells(says="`double`: had become markdown")
def answer_made_text(notebook):
    """An answer was turned into a text cell by pressing M."""
    one = cell(notebook, "double")
    notebook.cells[place(notebook, "double")] = new_markdown_cell(
        one.source, id="double", metadata=one.metadata
    )


@cells(says="it is code again")
def stripped_answer_made_text(notebook):
    """An answer was pasted into a text cell of its own."""
    text = cell(notebook, "double").source
    notebook.cells[place(notebook, "double")] = new_markdown_cell(text)


@cells(says="`half-test`: had become raw")
def test_made_raw(notebook):
    """A test was turned into a raw cell."""
    one = cell(notebook, "half-test")
    one.cell_type = "raw"
    del one["outputs"], one["execution_count"]


@cells(says="`why`: had become code")
def text_made_code(notebook):
    """All texts were turned into code."""
    for number, one in enumerate(notebook.cells):
        if one.cell_type == "markdown":
            notebook.cells[number] = new_code_cell(one.source, id=one.id, metadata=one.metadata)


# --- Metadata.


@cells(says="had lost nbgrader's metadata")
def no_nbgrader_metadata(notebook):
    """A tool took nbgrader's metadata out of all cells."""
    for one in notebook.cells:
        one.metadata = {}


@cells(says="had lost nbgrader's metadata")
def no_metadata_no_ids(notebook):
    """A tool kept types and sources only."""
    for one in notebook.cells:
        one.metadata = {}
        del one["id"]
    notebook.metadata = {}
    notebook.nbformat_minor = 4


@cells(says="metadata were changed")
def half_stripped_metadata(notebook):
    """Of nbgrader's metadata only the names are left."""
    for one in notebook.cells:
        if "nbgrader" in one.metadata:
            one.metadata.nbgrader = {"grade_id": one.metadata.nbgrader.grade_id}


@cells(says="metadata were changed")
def other_metadata(notebook):
    """Points, flags and versions in nbgrader's metadata are others."""
    for one in notebook.cells:
        if "nbgrader" in one.metadata:
            one.metadata.nbgrader |= {"points": -3, "schema_version": 99, "solution": "yes"}


@cells(says="had lost nbgrader's metadata")
def metadata_of_other_types(notebook):
    """Metadata that are lists and texts instead of tables."""
    cell(notebook, "double").metadata["nbgrader"] = [1, 2]
    cell(notebook, "half").metadata = "none"
    cell(notebook, "mean").metadata["nbgrader"] = {"grade_id": {"a": 1}}


@cells()
def no_kernelspec(notebook):
    """Neither kernel nor language is named."""
    notebook.metadata = {}


@cells()
def other_kernel(notebook):
    """The kernel is one that isn't installed, of another language."""
    notebook.metadata = {
        "kernelspec": {"name": "julia-1.9", "display_name": "Julia", "language": "julia"},
        "language_info": {"name": "julia"},
    }


@cells(says="not of this assignment")
def pasted_from_elsewhere(notebook):
    """A test of another assignment was pasted in."""
    twin(notebook, "half-test", 3).metadata.nbgrader.grade_id = "02-test"


@cells(says="an id that isn't one")
def double_ids(notebook):
    """All cells have the same id."""
    for one in notebook.cells:
        one.id = "same"


@cells(says="had lost their ids")
def missing_ids(notebook):
    """Some cells have no id."""
    for name in ("double", "half-test", "title"):
        del cell(notebook, name)["id"]


# --- Formats.


@files(says="old format 3")
def old_format(folder, text):
    """Saved in notebook format 3."""
    old = nbformat.convert(nbformat.reads(text, as_version=4), 3)
    Path(folder, NAME).write_text(nbformat.writes(old, version=nbformat.NO_CONVERT))


@cells(says="is newer")
def future_minor_format(notebook):
    """Saved by a program of the future: 4.99, with fields that nobody knows."""
    notebook.nbformat_minor = 99
    for one in notebook.cells:
        one["colour"] = {"of": "the future"}


@cells(says="is newer")
def future_format(notebook):
    """It says that its format is 5, but it has the cells of 4."""
    notebook.nbformat = 5


@cells()
def sources_as_lists(notebook):
    """Sources are lists of lines, and code has neither outputs nor counts."""
    for one in notebook.cells:
        one["source"] = one.source.splitlines(keepends=True)
        one.pop("outputs", None)
        one.pop("execution_count", None)


@files(person="damaged or breaks off")
def truncated(folder, text):
    """The file breaks off in the middle."""
    Path(folder, NAME).write_text(text[: len(text) // 2])


@files(person="both sides of a merge conflict")
def conflict_of_answers(folder, text):
    """Markers of a merge conflict around two answers."""
    line = next(line for line in text.splitlines() if "return 2 * x" in line)
    both = f"<<<<<<< HEAD\n{line}\n=======\n{line.replace('2', '3')}\n>>>>>>> main"
    Path(folder, NAME).write_text(text.replace(line, both))


@files(says="both sides of a merge conflict")
def conflict_of_counts(folder, text):
    """Markers of a merge conflict around a cell's number."""
    line = next(line for line in text.splitlines() if '"execution_count": ' in line)
    other = '   "execution_count": 17,'
    both = f"<<<<<<< HEAD\n{line}\n=======\n{other}\n>>>>>>> main"
    Path(folder, NAME).write_text(text.replace(line, both, 1))


@files(says="utf-16")
def utf_16(folder, text):
    """Saved as UTF-16."""
    Path(folder, NAME).write_bytes(text.encode("utf-16"))


@files(says="cp1252")
def latin_1(folder, text):
    """Saved as Latin-1, with letters that UTF-8 writes otherwise."""
    text = text.replace("Twice is more.", "Zweimal zählt für Größe.")
    Path(folder, NAME).write_bytes(text.encode("latin-1"))


@files()
def byte_order_mark(folder, text):
    """Saved with a byte order mark."""
    Path(folder, NAME).write_text(text, encoding="utf-8-sig")


@files()
def windows_line_ends(folder, text):
    """Line ends of Windows, in the file and within sources."""
    text = text.replace("\\n", "\\r\\n").replace("\n", "\r\n")
    Path(folder, NAME).write_bytes(text.encode())


@files(person="is empty")
def empty_file(folder, text):
    """The file is empty."""
    Path(folder, NAME).write_bytes(b"")


@files(person="damaged or breaks off")
def no_notebook(folder, text):
    """A program was handed in as a notebook."""
    Path(folder, NAME).write_text("def double(x):\n    return 2 * x\n")


@files(person="no Jupyter notebook")
def other_json(folder, text):
    """The file is JSON, but no notebook."""
    Path(folder, NAME).write_text('{"cells": {"double": "2 * x"}}')


@files(person="no Jupyter notebook")
def deep_json(folder, text):
    """The file is JSON that is nested a hundred thousand times."""
    Path(folder, NAME).write_text("[" * 10**5 + "]" * 10**5)


@files(person="damaged or breaks off")
def binary(folder, text):
    """The file is a picture."""
    Path(folder, NAME).write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(range(256)))


@cells(person="no cell of this assignment")
def other_notebook(notebook):
    """Another notebook was saved under this one's name."""
    notebook.cells = [new_markdown_cell("# My shopping"), new_code_cell("print('milk')")]


@cells(person="no cell of this assignment")
def no_cells(notebook):
    """All cells were deleted."""
    notebook.cells = []


# --- Files.


@files(says="name was")
def downloaded_twice(folder, text):
    """The notebook is called as browsers call a second download."""
    Path(folder, f"{STEM} (1).ipynb").write_text(text)


@files(says="name was")
def final_version(folder, text):
    """The notebook was renamed by the learner."""
    Path(folder, f"{STEM}_final_FINAL.ipynb").write_text(text)


@files(says="name was")
def upper_case(folder, text):
    """The extension is in capitals."""
    Path(folder, f"{STEM}.IPYNB").write_text(text)


@files(says="name was")
def in_a_subfolder(folder, text):
    """The notebook is in a folder of its own."""
    Path(folder, STEM).mkdir()
    Path(folder, STEM, NAME).write_text(text)


@files(says="weren't looked at")
def two_notebooks(folder, text):
    """An old version lies beside the notebook."""
    Path(folder, NAME).write_text(text)
    Path(folder, f"{STEM}_old.ipynb").write_text("{}")


@files(person="There is no")
def two_renamed(folder, text):
    """Two versions, and neither has the right name."""
    for name in ("mine.ipynb", "yours.ipynb"):
        Path(folder, name).write_text(text)


@files(person="notebooks there: none")
def nothing(folder, text):
    """No notebook, but a program."""
    Path(folder, "double.py").write_text("def double(x):\n    return 2 * x\n")


@files(person="link")
def dangling_link(folder, text):
    """The notebook is a link to a file on the learner's own disk."""
    Path(folder, NAME).symlink_to("/home/somebody/Desktop/notebook.ipynb")


@files()
def dangling_link_beside(folder, text):
    """A link that leads nowhere lies beside the notebook."""
    Path(folder, NAME).write_text(text)
    Path(folder, "data").symlink_to("/home/somebody/Desktop/data")


@files(person="There is no")
def folder_for_notebook(folder, text):
    """A folder has the notebook's name."""
    Path(folder, NAME).mkdir()


@files(person="can't be read")
def unreadable(folder, text):
    """The notebook can't be read (the test has its reading fail)."""
    Path(folder, NAME).write_text(text)


@files(says="left out")
def unreadable_beside(folder, text):
    """A file beside the notebook can't be read (the test has its reading fail)."""
    Path(folder, NAME).write_text(text)
    Path(folder, "secret.csv").write_text("1,2")


@files()
def pipe_beside(folder, text):
    """A named pipe beside the notebook, from which nothing ever comes."""
    Path(folder, NAME).write_text(text)
    os.mkfifo(Path(folder, "pipe"))


@files(says="time of handing in")
def timestamp_of_nonsense(folder, text):
    """The time of handing in is no time."""
    Path(folder, NAME).write_text(text)
    Path(folder, "timestamp.txt").write_bytes(b"yesterday\xff")


@files(name="Zoë O'Neil-李 & [sons] (2) 50% +x.y;*$HOME")
def odd_name(folder, text):
    """The learner's id has odd characters."""
    Path(folder, NAME).write_text(text)


# --- What cells do when they run.


@cells()
def endless_loop(notebook):
    """A plain cell never ends."""
    add_before(notebook, "half", "while True: pass")


@cells("half-test")
def endless_function(notebook):
    """A function never ends."""
    cell(notebook, "half").source = "def half(x):\n    while True: pass"


@cells()
def dead_kernel(notebook):
    """A plain cell kills its kernel."""
    add_before(notebook, "half", "import os\nos.kill(os.getpid(), 9)")


@cells("half-test")
def dead_kernel_in_a_function(notebook):
    """A function kills its kernel."""
    cell(notebook, "half").source = "def half(x):\n    import os\n    os.kill(os.getpid(), 9)"


@cells()
def gigabyte_of_output(notebook):
    """A plain cell prints a gigabyte."""
    add_before(notebook, "half", "for _ in range(10**4): print('x' * 10**5)")


@cells()
def asks(notebook):
    """A plain cell asks for input."""
    add_before(notebook, "half", "name = input('Your name? ')")


@cells("half-test")
def asks_in_a_function(notebook):
    """A function asks for input."""
    cell(notebook, "half").source = "def half(x):\n    return float(input('Half of it? '))"


@cells()
def raises_system_exit(notebook):
    """A plain cell raises SystemExit."""
    add_before(notebook, "half", "raise SystemExit")


@cells()
def exits(notebook):
    """A plain cell says exit()."""
    add_before(notebook, "half", "exit()")


@cells("half-test")
def exits_in_a_function(notebook):
    """A function ends the program."""
    cell(notebook, "half").source = "import sys\ndef half(x):\n    sys.exit(0)"


@cells()
def resets(notebook):
    """The learner's variables are deleted at the end."""
    notebook.cells.append(new_code_cell("%reset -f"))


@cells("double-test")
def syntax_error_in_an_answer(notebook):
    """An answer is no Python."""
    cell(notebook, "double").source = "def double(x)\n    return 2 * x"


@cells()
def syntax_error_in_a_helper(notebook):
    """A plain cell is no Python."""
    cell(notebook, "third").source = "def third(x):\n  return x / /"


@cells()
def magics_in_an_answer(notebook):
    """IPython's own commands stand in a cell of answers, which is not the stub's."""
    text = "%precision 3\n" + cell(notebook, "double").source
    cell(notebook, "double").source = STUB.format("double")
    notebook.cells.append(new_code_cell(text))


@cells()
def warns(notebook):
    """A function warns, and writes to stderr."""
    cell(notebook, "double").source = (
        "import sys, warnings\n\ndef double(x):\n    warnings.warn('careful')\n"
        "    print('!', file=sys.stderr)\n    return 2 * x"
    )


@cells()
def writes_everywhere(notebook):
    """A plain cell changes what others use: the folder, NumPy's ways, a built-in function."""
    add_before(
        notebook,
        "half",
        "import os\nos.chdir('/')\nnp.seterr(all='raise')\nprint = sum = None",
    )
