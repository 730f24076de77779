"""Running a hand-in: its own cells in a sandboxed kernel, its marked cells before the judge."""

import ast
import os
import shutil
import socket
import threading
from pathlib import Path
from tempfile import TemporaryDirectory

import zmq.asyncio
from nbformat.v4 import new_code_cell, new_output
from nbgrader import utils
from nbgrader.preprocessors import Execute
from traitlets import Bool, Integer

from emkit.classroom.judge import Court
from emkit.workshop import catalogue
from emkit.workshop.bench.line import Line

KERNELS = Path(__file__).parent / "jupyter/kernels"
SERVE = """
__import__("emkit.workshop.bench.agent", fromlist=["serve"]).serve({path!r}, globals())
"""
SHOWS = ("stream", "display_data", "execute_result", "update_display_data", "error")
MEGABYTE = 2**20


class JudgedExecute(Execute):
    """nbgrader's `Execute`, with learners' code in a sandbox and marked cells out of its reach."""

    sandbox = Bool(True, help="Whether learners' kernels run in a sandbox.").tag(config=True)
    most_files = Integer(
        64 * MEGABYTE, help="Bytes of a hand-in's other files that its code finds."
    ).tag(config=True)
    most_output = Integer(
        4 * MEGABYTE, help="Bytes that a notebook may show; then its kernel is interrupted."
    ).tag(config=True)

    def preprocess(self, nb, resources, retries=None):
        self.court = Court(imports_of(nb))
        self.assignment = resources.get("nbgrader", {}).get("assignment", "")
        self.shown = 0
        here = resources.get("metadata", {}).get("path", ".")
        with TemporaryDirectory(prefix="emkit-") as folder:
            home, address = Path(folder, "home"), Path(folder, "judge")
            copy_files(here, home, self.most_files)
            resources["metadata"]["path"] = str(home)
            with socket.socket(socket.AF_UNIX) as self.door:
                self.door.bind(str(address))
                self.door.listen()
                self.address = "/run/judge" if self.sandbox else str(address)
                self.environment = {"EMKIT_JUDGE": str(address)}
                if catalogue.tools_allowed(self.assignment[:2]):
                    self.environment["EMKIT_WHOLE"] = "1"
                try:
                    return super().preprocess(nb, resources, retries)
                finally:
                    resources["metadata"]["path"] = here

    def create_kernel_manager(self):
        if self.sandbox:
            self.kernel_name = "emkit-sandbox"
        manager = super().create_kernel_manager()
        manager.kernel_spec_manager.kernel_dirs.append(str(KERNELS))
        manager.context = zmq.asyncio.Context()
        manager.context.setsockopt(zmq.MAXMSGSIZE, 64 * MEGABYTE)
        return manager

    def start_new_kernel(self, **kwargs):
        super().start_new_kernel(env=os.environ | self.environment, **kwargs)

    def preprocess_cell(self, cell, resources, index):
        if not (cell.cell_type == "code" and utils.is_grade(cell) and not utils.is_solution(cell)):
            return super().preprocess_cell(cell, resources, index)
        serving = new_code_cell(SERVE.format(path=self.address))
        outputs = []
        judging = threading.Thread(target=lambda: outputs.extend(self.judge(cell.source)))
        judging.start()
        try:
            self.execute_cell(serving, index, store_history=False)
        finally:
            # Nobody comes through the door any more; a judge who still waits at it goes home.
            with socket.socket(socket.AF_UNIX) as last:
                last.connect(self.door.getsockname())
            judging.join()
            self.sweep()
        self.nb.cells[index] = cell  # nbclient has put the served one there
        cell.outputs = [*serving.outputs, *outputs]
        cell.execution_count = self.code_cells_executed
        return cell, resources

    def judge(self, source):
        """Try a test cell with the kernel that comes to the door."""
        connection, _ = self.door.accept()
        with connection:
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
        if msg["msg_type"] in SHOWS:
            before, self.shown = self.shown, self.shown + weight(msg["content"])
            if self.shown > self.most_output:
                if before <= self.most_output:
                    text = f"(more than {self.most_output / MEGABYTE:g} MB: the rest is left out)"
                    cell.outputs.append(new_output("stream", name="stdout", text=text))
                return None
        return super().process_message(msg, cell, cell_index)


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
