"""Running a hand-in: its own cells in a sandboxed shell, its marked cells before the judge.

Marks come from a shell without emkit's engine, which has the answers. Cells that need the engine,
such as the last fit of an assignment, then run in a second shell that has it, for the feedback to
show; nothing is marked there.
"""

import ast
import copy
import os
import shutil
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from nbgrader import utils
from nbgrader.preprocessors import NbGraderPreprocessor
from traitlets import Bool, Integer, List, Unicode

from emkit.classroom.judge import Court, error_output
from emkit.classroom.kernel import Gone, Kernel, Unprotected
from emkit.classroom.outputs import MEGABYTE, Outputs
from emkit.classroom.sandbox import Sandboxed


class KernelEnded(Exception):
    """A cell that ended its kernel, or that comes after too many of those."""


class CellTimeoutError(Exception):
    """A cell that took too long; nbgrader calls it so."""


class JudgedExecute(NbGraderPreprocessor):
    """Runs a hand-in in nbgrader's `Execute`'s place: its cells in a sandbox, marked ones here."""

    sandbox = Bool(True, help="Whether learners' code runs in a sandbox.").tag(config=True)
    whole_emkit = List(
        Unicode(), help="Assignments whose pieces may use emkit's engine: it hasn't their answers."
    ).tag(config=True)
    timeout = Integer(60, help="Seconds that a cell may take.").tag(config=True)
    most_seconds = Integer(1800, help="Seconds that a hand-in's cells may take together.").tag(
        config=True
    )
    most_files = Integer(
        64 * MEGABYTE, help="Bytes of a hand-in's other files that its code finds."
    ).tag(config=True)
    most_output = Integer(
        4 * MEGABYTE, help="Bytes that a notebook may show; with four times as many it is stopped."
    ).tag(config=True)

    def preprocess(self, nb, resources):
        self.end = time.monotonic() + self.most_seconds
        if not self.sandbox:
            self.log.warning(
                "WITHOUT A SANDBOX: this hand-in's code runs with your rights on this machine."
            )
        self.court = Court(imports_of(nb))
        assignment = resources.get("nbgrader", {}).get("assignment", "")
        self.run_through(nb, resources, whole=assignment in self.whole_emkit)
        about = {"sandbox": self.sandbox} | ({"unshown": True} if lacks_engine(nb) else {})
        nb.metadata.setdefault("emkit", {}).update(about)
        return nb, resources

    def run_through(self, nb, resources, whole):
        """Run all cells in a shell that has the whole of emkit or only data and pictures.

        A cell that ends the shell, or that nothing but the shell's end can stop, is left out and
        the rest begins anew; after the third such cell no more is run.
        """
        left_out = {}  # what is said of cells that are left out, by their places
        while True:
            try:
                return self.run_once(nb, resources, whole, left_out)
            except Gone as error:
                left_out[self.place] = (
                    f"The kernel {error} in this cell, which was left out then. Does it end the "
                    "program, take all the memory, start many processes or never stop?"
                )
                if len(left_out) == 3:
                    rest = range(self.place + 1, len(nb.cells))
                    said = "Not run: three cells above ended the kernel."
                    left_out |= dict.fromkeys(rest, said)

    def run_once(self, nb, resources, whole, left_out):
        """Run the cells that are not left out in one shell."""
        here = resources.get("metadata", {}).get("path", ".")
        with TemporaryDirectory(prefix="emkit-") as folder:
            home = Path(folder, "home")
            copy_files(here, home, self.most_files)
            process = Sandboxed(home, whole) if self.sandbox else Unprotected(home)
            try:
                self.outputs = Outputs(self.most_output)
                self.kernel = Kernel(process, self.outputs.show)
                code = (cell for cell in enumerate(nb.cells) if cell[1].cell_type == "code")
                for count, (self.place, cell) in enumerate(code, start=1):
                    cell.execution_count, cell.outputs = count, []
                    if self.place in left_out:
                        cell.outputs = [error_output(KernelEnded(left_out[self.place]))]
                    else:
                        self.run_cell(cell)
            finally:
                process.end()

    def run_cell(self, cell):
        """Run a cell, or have it judged; its outputs go into it."""
        if time.monotonic() > self.end:
            minutes = self.most_seconds / 60
            said = f"Not run: the cells above took more than {minutes:g} minutes together."
            cell.outputs = [error_output(KernelEnded(said))]
            return
        self.outputs.begin(cell.outputs)
        if is_test(cell):
            self.kernel.judged_until = time.monotonic() + self.timeout
            judged = self.court.try_cell(cell.source, self.kernel)
            self.kernel.settle()
            # Errors and results decide on marks: none but the judge's count.
            shown = [o for o in cell.outputs if o.output_type in ("stream", "display_data")]
            cell.outputs = shown + judged
        elif cell.source.strip() and not self.kernel.run(
            cell.source, cell.execution_count, self.timeout
        ):
            said = f"This cell took more than {self.timeout} seconds and was stopped."
            cell.outputs.append(error_output(CellTimeoutError(said)))


class ShowWithEngine(JudgedExecute):
    """Runs a graded notebook again where a cell needs emkit's engine, and gives no marks."""

    def preprocess(self, nb, resources):
        if not nb.metadata.get("emkit", {}).pop("unshown", False):
            return nb, resources
        self.end = time.monotonic() + self.most_seconds
        shown = without_tests(nb)
        self.run_through(shown, resources, whole=True)
        for cell, shown_cell in zip(nb.cells, shown.cells, strict=True):
            if cell.cell_type == "code" and not is_test(cell):
                cell.outputs = shown_cell.outputs
        return nb, resources


def is_test(cell):
    """Whether a cell is the instructor's and gives points."""
    return cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)


def lacks_engine(nb):
    """Whether a cell failed because emkit's engine wasn't there."""
    outputs = [output for cell in nb.cells for output in cell.get("outputs", [])]
    return any(output.get("ename") == "NotWhileGrading" for output in outputs)


def without_tests(nb):
    """A copy whose marked cells are empty, and marked no more."""
    nb = copy.deepcopy(nb)
    for cell in filter(is_test, nb.cells):
        cell.source = ""
        del cell.metadata["nbgrader"]
    return nb


def imports_of(nb):
    """The import statements of cells that are the instructor's."""
    return [
        ast.unparse(statement)
        for cell in nb.cells
        if cell.cell_type == "code" and utils.is_locked(cell) and not utils.is_solution(cell)
        for statement in statements(cell.source)
        if isinstance(statement, ast.Import | ast.ImportFrom)
    ]


def statements(source):
    """The statements of a cell; none where it is no plain Python."""
    try:
        return ast.parse(source).body
    except SyntaxError:
        return []


def copy_files(source, target, most):
    """Copy a hand-in's plain files up to a size in all; no notebooks, which hold its tests."""
    target.mkdir()
    room = most
    for folder, _, names in os.walk(source):
        for name in names:
            path = Path(folder, name)
            if path.is_symlink() or not path.is_file() or path.suffix == ".ipynb":
                continue
            room -= path.stat().st_size
            if room < 0:
                return
            copy = target / path.relative_to(source)
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, copy)
