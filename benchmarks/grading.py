"""Sixty hand-ins of assignment 03, graded by stock `nbgrader autograde` and by `emkit grade`.

A third of them is wrong, each in another way. Both sides must give the same marks. `emkit grade`
saves all marks first; cells that need emkit's engine, which give none, run afterwards.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import nbformat
from nbclient import NotebookClient
from nbgrader.api import Gradebook

from emkit.classroom.course import Course
from emkit.classroom.grade import grade
from emkit.workshop.piece import Piece
from emkit.workshop.pieces.gaussian_mixtures_e_step import PIECES

ROOT = Path(__file__).parents[1]
STEM = "03_gaussian_mixtures_e_step"
HAND_INS, WRONG = 60, 20
STOCK = """
import os
from pathlib import Path
c = get_config()
root = Path(__file__).resolve().parent
c.CourseDirectory.course_id = "emkit"
c.CourseDirectory.root = str(root / "assignments")
c.CourseDirectory.db_url = f"sqlite:///{root / 'assignments/gradebook.db'}"
c.ClearSolutions.code_stub = {"python": "raise NotImplementedError"}
c.Execute.timeout = 60
"""


def main():
    """Print the table; 1 if marks differ."""
    with TemporaryDirectory() as folder:
        theirs, ours = (course(Path(folder, name)) for name in ("stock", "emkit"))
        (theirs.root / "nbgrader_config.py").write_text(STOCK)
        for each in (theirs, ours):
            nbgrader(each, "generate_assignment", STEM, "--force")
            hand_in(each)
        their_seconds = timed(lambda: nbgrader(theirs, "autograde", STEM))
        began, saved = time.perf_counter(), []
        grade(ours, STEM, seen=lambda *told: saved.append(time.perf_counter()))
        our_seconds, in_all = saved[-1] - began, time.perf_counter() - began
        same = marks(theirs) == marks(ours)
        own = own_seconds(ours)
    print(f"{HAND_INS} hand-ins of {STEM}, {WRONG} of them wrong; seconds in all, a hand-in")
    for name, seconds in (
        ("nbgrader autograde", their_seconds),
        ("emkit grade: marks", our_seconds),
        ("emkit grade: all cells", in_all),
    ):
        print(f"{name:28}{seconds:8.1f}{seconds / HAND_INS:8.2f}")
    ratio, cores = their_seconds / our_seconds, os.cpu_count() or 1
    each = our_seconds * cores / HAND_INS  # the time of one core
    print(f"throughput                  {ratio:8.1f} times  (target 10)")
    print(f"one hand-in's own cells     {own:8.2f} s; graded in {each:.2f} s of a core "
          f"(target at most {1.5 * own + 0.15:.2f})")  # fmt: skip
    print(f"marks                       {'the same' if same else 'DIFFERENT'}")
    return not same


def course(root):
    """A course with assignment 03 alone."""
    (root / "assignments/source").mkdir(parents=True)
    shutil.copytree(ROOT / "assignments/source" / STEM, root / "assignments/source" / STEM)
    shutil.copy(ROOT / "nbgrader_config.py", root)
    return Course(root)


def nbgrader(course, *words):
    """Run nbgrader's command."""
    command = [sys.executable, "-m", "nbgrader", *words]
    tools = Path(sys.executable).parent  # nbgrader calls alembic by its name
    environment = os.environ | {"PATH": os.pathsep.join([str(tools), os.environ["PATH"]])}
    done = subprocess.run(command, cwd=course.root, env=environment, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])


def hand_in(course):
    """Sixty learners' hand-ins: the worked solution, in a third of them with a mistake."""
    solution = nbformat.read(ROOT / "solutions" / f"{STEM}.ipynb", as_version=4)
    for cell in solution.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    slips = wrong_endings()
    for i in range(HAND_INS):
        notebook = nbformat.from_dict(solution)
        if i % (HAND_INS // WRONG) == 0:
            name, ending = slips[i // (HAND_INS // WRONG) % len(slips)]
            notebook = nbformat.reads(nbformat.writes(solution), as_version=4)
            (cell,) = (cell for cell in notebook.cells if cell.id == name)
            cell.source += ending
        folder = course.root / "assignments/submitted" / f"learner{i:02}" / STEM
        folder.mkdir(parents=True)
        nbformat.write(notebook, folder / f"{STEM}.ipynb")


def wrong_endings():
    """Ways to make a piece wrong: (the cell, what is added to it)."""
    ways = ("1.1 * right", "right.T", "right + 0.01", "right[::-1]", "abs(right)", "None")
    names = [piece.name for piece in PIECES if isinstance(piece, Piece)]
    return [
        (name, f"\n\n{name}_right = {name}\n\ndef {name}{signature(name)}:\n"
               f"    right = np.asarray({name}_right{signature(name)})\n    return {way}")
        for way in ways for name in names
    ]  # fmt: skip


def signature(name):
    """A piece's parameters in brackets."""
    (piece,) = (piece for piece in PIECES if isinstance(piece, Piece) and piece.name == name)
    code = piece.contract.__code__
    return f"({', '.join(code.co_varnames[: code.co_argcount])})"


def timed(do):
    """Seconds that something takes."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def marks(course):
    """Each learner's marks, cell by cell."""
    with Gradebook(f"sqlite:///{course.root / 'assignments/gradebook.db'}") as gradebook:
        return {
            (submission.student.id, one.name): one.score
            for submission in gradebook.assignment_submissions(STEM)
            for notebook in submission.notebooks
            for one in notebook.grades
        }


def own_seconds(course):
    """What the cells of a right hand-in take in a kernel that has its packages imported."""
    notebook = nbformat.read(ROOT / "solutions" / f"{STEM}.ipynb", as_version=4)
    client = NotebookClient(notebook, kernel_name="python3")
    with client.setup_kernel():
        client.execute_cell(nbformat.v4.new_code_cell(
            "import numpy, scipy.stats, scipy.linalg, matplotlib.pyplot"), 0)  # fmt: skip
        return timed(lambda: [
            client.execute_cell(cell, i) for i, cell in enumerate(notebook.cells)
        ])  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
