"""Running a hand-in: its own cells in a sandboxed kernel, its marked cells before the judge.

Marks come from a kernel without emkit's engine, which has the answers. Cells that need the engine,
such as the last fit of an assignment, then run in a second kernel that has it, for the feedback to
show; nothing is marked there.
"""

import ast
import contextlib
import copy
import os
import shutil
import socket
import threading
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import zmq
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import ValidationError
from nbformat.v4 import new_code_cell, new_output
from nbgrader import utils
from nbgrader.preprocessors import Execute
from traitlets import Bool, Integer, List, Unicode

from emkit.classroom.client import PromptClient
from emkit.classroom.judge import Court, error_output
from emkit.workshop.bench.line import Line

KERNELS = Path(__file__).parent / "jupyter/kernels"
SERVE = """
__import__("emkit.workshop.bench.agent", fromlist=["serve"]).serve({path!r}, globals())
"""
SHOWS = ("stream", "display_data", "execute_result", "update_display_data", "error")
KINDS = {"text/plain", "text/html", "text/markdown", "text/latex",
         "image/png", "image/jpeg", "image/svg+xml"}  # fmt: skip
MEGABYTE = 2**20
MESSAGE, QUEUE = 16 * MEGABYTE, 200  # bytes of a kernel's message, and messages that may wait


class KernelEnded(Exception):
    """A cell that ended its kernel, or that comes after too many of those."""


class JudgedExecute(Execute):
    """nbgrader's `Execute`, with learners' code in a sandbox and marked cells out of its reach."""

    sandbox = Bool(True, help="Whether learners' kernels run in a sandbox.").tag(config=True)
    whole_emkit = List(
        Unicode(), help="Assignments whose pieces may use emkit's engine: it hasn't their answers."
    ).tag(config=True)
    most_files = Integer(
        64 * MEGABYTE, help="Bytes of a hand-in's other files that its code finds."
    ).tag(config=True)
    most_output = Integer(
        4 * MEGABYTE, help="Bytes that a notebook may show; then its kernel is interrupted."
    ).tag(config=True)

    most_seconds = Integer(1800, help="Seconds that a hand-in's cells may take together.").tag(
        config=True
    )

    shutdown_kernel = "immediate"  # nothing of a kernel's is wanted when its cells have run

    def preprocess(self, nb, resources, retries=None):
        self.end = time.monotonic() + self.most_seconds
        if not self.sandbox:
            self.log.warning(
                "WITHOUT A SANDBOX: this hand-in's code runs with your rights on this machine."
            )
        self.court = Court(imports_of(nb))
        assignment = resources.get("nbgrader", {}).get("assignment", "")
        whole = not self.sandbox or assignment in self.whole_emkit
        nb, resources = self.run_through(nb, resources, retries, whole)
        about = {"sandbox": self.sandbox} | ({"unshown": True} if lacks_engine(nb) else {})
        nb.metadata.setdefault("emkit", {}).update(about)
        return nb, resources

    def run_through(self, nb, resources, retries, whole):
        """Run all cells in a kernel that has the whole of emkit or only data and pictures.

        A cell that ends its kernel, or that nothing but the kernel's end can stop, is left out
        and the rest begins anew; after the third such cell no more is run.
        """
        self.ending = {}  # what is said of cells that are left out, by their places
        while True:
            try:
                return self.run_once(nb, resources, retries, whole)
            except (DeadKernelError, CellTimeoutError) as error:
                what = "ended" if isinstance(error, DeadKernelError) else "didn't answer any more"
                self.ending[self.place] = (
                    f"The kernel {what} in this cell, which was left out then. Does it end the "
                    "program, take all the memory, start many processes or never stop?"
                )
                if len(self.ending) == 3:
                    rest = range(self.place + 1, len(nb.cells))
                    said = "Not run: three cells above ended the kernel."
                    self.ending |= dict.fromkeys(rest, said)

    def run_once(self, nb, resources, retries, whole):
        """Run the cells that are not left out in one kernel."""
        here = resources.get("metadata", {}).get("path", ".")
        self.shown, self.sockets = 0, None
        with TemporaryDirectory(prefix="emkit-") as folder:
            home, address = Path(folder, "home"), Path(folder, "judge")
            copy_files(here, home, self.most_files)
            resources["metadata"]["path"] = str(home)
            with socket.socket(socket.AF_UNIX) as self.door:
                self.door.bind(str(address))
                self.door.listen()
                self.address = "/run/judge" if self.sandbox else str(address)
                self.environment = {"EMKIT_JUDGE": str(address)}
                if whole:
                    self.environment["EMKIT_WHOLE"] = "1"
                try:
                    return super().preprocess(nb, resources, retries)
                finally:
                    resources["metadata"]["path"] = here
                    if self.sockets and not self.sockets.closed:  # no kernel has come to them
                        self.sockets.destroy(linger=0)

    def create_kernel_manager(self):
        if self.sandbox:
            self.kernel_name = "emkit-sandbox"
        manager = super().create_kernel_manager()
        manager.kernel_spec_manager.kernel_dirs.append(str(KERNELS))
        manager.client_factory = PromptClient
        self.sockets = manager.context
        self.sockets.setsockopt(zmq.MAXMSGSIZE, MESSAGE)
        self.sockets.setsockopt(zmq.RCVHWM, QUEUE)
        return manager

    def start_new_kernel(self, **kwargs):
        super().start_new_kernel(env=os.environ | self.environment, **kwargs)

    def preprocess_cell(self, cell, resources, index):
        self.place = index
        if index in self.ending and cell.cell_type == "code":
            cell.outputs = [error_output(KernelEnded(self.ending[index]))]
            return cell, resources
        if time.monotonic() > self.end and cell.cell_type == "code":
            minutes = self.most_seconds / 60
            said = f"Not run: the cells above took more than {minutes:g} minutes together."
            cell.outputs = [error_output(KernelEnded(said))]
            return cell, resources
        if not is_test(cell):
            return super().preprocess_cell(cell, resources, index)
        serving = new_code_cell(SERVE.format(path=self.address))
        outputs, self.visitor = [], None
        judging = threading.Thread(target=lambda: outputs.extend(self.judge(cell.source)))
        judging.start()
        try:
            self.execute_cell(serving, index, store_history=False)
        finally:
            # Nobody comes through the door any more; a judge who still waits goes home.
            with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as last:
                last.settimeout(1)  # it may be full
                last.connect(self.door.getsockname())
            if self.visitor is not None:
                with contextlib.suppress(OSError):
                    self.visitor.shutdown(socket.SHUT_RDWR)
            judging.join()
            self.sweep()
        self.nb.cells[index] = cell  # nbclient has put the served one there
        self.clear_display_id_mapping(index)  # what the judge shows can't be changed later
        cell.outputs = [*serving.outputs, *outputs]
        cell.execution_count = self.code_cells_executed
        return cell, resources

    def judge(self, source):
        """Try a test cell with the kernel that comes to the door."""
        self.visitor, _ = self.door.accept()
        with self.visitor as connection:
            return self.court.try_cell(source, Line(connection))

    def sweep(self):
        """Turn away whoever else stands at the door."""
        self.door.setblocking(False)
        try:
            while True:
                self.door.accept()[0].close()
        except BlockingIOError:
            self.door.setblocking(True)

    def process_message(self, msg, cell, cell_index):
        """Note what a kernel tells; what is malformed, or about widgets, is left out."""
        if msg["msg_type"].startswith("comm"):
            return None
        malformed = (AttributeError, LookupError, RecursionError, TypeError, ValueError)
        with contextlib.suppress(*malformed, ValidationError):
            return self.process_shown(msg, cell, cell_index)

    def process_shown(self, msg, cell, cell_index):
        """Note what a kernel tells, as long as it isn't too much; no scripts and no widgets."""
        content = msg["content"]
        if "data" in content:
            content["data"] = {k: shown for k, shown in content["data"].items() if k in KINDS}
            if not content["data"]:
                return None
        if msg["msg_type"] in SHOWS:
            before, self.shown = self.shown, self.shown + weight(msg["content"])
            if self.shown > self.most_output:
                if before <= self.most_output:
                    text = f"(more than {self.most_output / MEGABYTE:g} MB: the rest is left out)"
                    cell.outputs.append(new_output("stream", name="stdout", text=text))
                if self.shown > 4 * self.most_output:
                    raise CellTimeoutError("the notebook shows too much")
                return None
        return super().process_message(msg, cell, cell_index)


class ShowWithEngine(JudgedExecute):
    """Runs a graded notebook again where a cell needs emkit's engine, and gives no marks."""

    def preprocess(self, nb, resources, retries=None):
        if not nb.metadata.get("emkit", {}).pop("unshown", False):
            return nb, resources
        self.end = time.monotonic() + self.most_seconds
        shown, resources = self.run_through(without_tests(nb), resources, retries, whole=True)
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


def weight(content):
    """About how many bytes a message's content takes."""
    if isinstance(content, dict):
        return sum(map(weight, content.values()))
    if isinstance(content, list):
        return sum(map(weight, content))
    return len(content) if isinstance(content, str) else 8
