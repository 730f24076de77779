"""Learners' code in its sandbox: what it finds there, what ends it, and who decides on marks."""

import copy
import time

import psutil
import pytest
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader import utils
from tiny_course import KERNEL, ROOT, nbgrader_cell

from emkit.classroom.course import Course
from emkit.classroom.execute import JudgedExecute, ShowWithEngine
from emkit.classroom.sandbox import box
from emkit.classroom.sandbox.box import PACKAGE
from emkit.workshop import catalogue

pytestmark = pytest.mark.usefixtures("sandbox")
SETUP = nbgrader_cell("import numpy as np\nfrom emkit.workshop import check", "setup")


class Run:
    """A hand-in that has run: what its cells showed, and its marks."""

    def __init__(self, cells, folder, **options):
        notebook = new_notebook(metadata={"kernelspec": KERNEL}, cells=copy.deepcopy(cells))
        executor = JudgedExecute(**options)
        resources = {"nbgrader": {"assignment": "01_tiny"}, "metadata": {"path": str(folder)}}
        notebook, resources = executor.preprocess(notebook, resources)
        self.notebook, _ = ShowWithEngine(**options).preprocess(notebook, resources)
        self.marks = {
            cell.metadata.nbgrader.grade_id: utils.determine_grade(cell, executor.log)[0]
            for cell in self.notebook.cells
            if cell.metadata.get("nbgrader", {}).get("grade")
        }

    def said(self, place):
        """All that a cell showed, as text."""
        outputs = self.notebook.cells[place].outputs
        return "\n".join(str(o.get("text") or o.get("evalue") or o.get("data")) for o in outputs)


def hand_in(*sources, tests=()):
    """Cells of a learner's, then test cells."""
    cells = [SETUP, *(new_code_cell(source) for source in sources)]
    return cells + [nbgrader_cell(t, f"test-{i}", points=1) for i, t in enumerate(tests)]


def looked(tmp_path, *sources, **options):
    """What the last of a learner's cells showed."""
    return Run(hand_in(*sources), tmp_path, **options).said(len(sources))


def test_right_answers_get_marks_and_wrong_ones_do_not(tmp_path):
    right = hand_in("def double(x):\n    return 2 * x", tests=["assert double(3) == 6"])
    wrong = hand_in("def double(x):\n    return 2 + x", tests=["assert double(3) == 6"])
    missing = hand_in("", tests=["assert double(3) == 6"])
    assert Run(right, tmp_path).marks == {"test-0": 1}
    assert Run(wrong, tmp_path).marks == {"test-0": 0}
    run = Run(missing, tmp_path)
    assert run.marks == {"test-0": 0}
    assert "name 'double' is not defined" in run.said(2)


def test_plain_values_arrays_errors_and_partial_credit_cross_the_line(tmp_path):
    cells = hand_in(
        "letter = 'b'\ntable = {'a': [1, (2.5, None)], 3: np.eye(2)}\n"
        "def mean(X, axis=None):\n    print('called')\n    return np.mean(X, axis=axis)\n"
        "def broken(x):\n    raise KeyError(x)",
        tests=[
            "assert letter == 'b' and table['a'][1] == (2.5, None) and table[3].sum() == 2",
            "np.testing.assert_array_equal(mean(np.eye(3), axis=0), np.full(3, 1 / 3))",
            "import pytest\nwith pytest.raises(KeyError):\n    broken(2)\n0.5",
        ],
    )
    run = Run(cells, tmp_path)
    assert run.marks == {"test-0": 1, "test-1": 1, "test-2": 0.5}
    assert "called" in run.said(3)


def test_an_error_that_pytest_waits_for_in_vain_costs_its_own_test_only(tmp_path):
    wait = "import pytest\nwith pytest.raises(KeyError):\n    double(2)"
    cells = hand_in("def double(x):\n    return 2 * x", tests=[wait, "assert double(1) == 2"])
    run = Run(cells, tmp_path)
    assert run.marks == {"test-0": 0, "test-1": 1}
    assert "DID NOT RAISE" in run.said(2)


def test_what_goes_back_to_standard_output_is_shown_there_and_then(tmp_path):
    away = "import io, sys\nsys.stdout = io.StringIO()\nprint('away')\n"
    assert looked(tmp_path, away + "sys.stdout = sys.__stdout__\nprint('here')") == "here\n"


def test_the_learner_has_a_name(tmp_path):
    assert "learner" in looked(tmp_path, "import getpass\ngetpass.getuser()")


def test_pictures_are_shown_without_being_asked_for(tmp_path):
    plot = "import matplotlib.pyplot as plt\nplt.plot([1, 2]);"
    assert "image/png" in looked(tmp_path, plot)
    assert "image/png" in looked(tmp_path, plot + " plt.show()")


def test_what_a_function_shows_while_it_is_judged_decides_on_nothing(tmp_path):
    show = "    for cell in ('1 / 0', '7', 'display(8)'): get_ipython().run_cell(cell)\n"
    right = hand_in(f"def double(x):\n{show}    return 2 * x", tests=["assert double(3) == 6"])
    wrong = hand_in(f"def double(x):\n{show}    return 7", tests=["assert double(3) == 6"])
    assert Run(right, tmp_path).marks == {"test-0": 1}
    run = Run(wrong, tmp_path)
    assert run.marks == {"test-0": 0}
    assert "'8'" in run.said(2)


def test_a_learners_files_are_there_and_can_be_changed_without_changing_anything(tmp_path):
    (tmp_path / "notes.txt").write_text("mine")
    (tmp_path / "tests.ipynb").write_text("the hidden tests")
    said = looked(
        tmp_path,
        "import os\nprint(open('notes.txt').read(), os.listdir())\n"
        "open('notes.txt', 'w').write('yours'); open('new.txt', 'w').write('x')",
    )
    assert "mine" in said
    assert "tests.ipynb" not in said
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert not (tmp_path / "new.txt").exists()


def test_the_system_is_not_the_learners(tmp_path, monkeypatch):
    monkeypatch.setenv("SECRET", "the instructor's")
    said = looked(
        tmp_path,
        "import os\n"
        "print(len([p for p in os.listdir('/proc') if p.isdigit()]) < 6, os.environ)\n"
        f"print(os.path.exists({str(ROOT / 'assignments')!r}), os.path.exists({__file__!r}))",
    )
    assert said.startswith("True")
    assert said.endswith("False False\n")
    assert "SECRET" not in said


@pytest.mark.parametrize(
    "path",
    ["/x", "/usr/x", "/etc/x", f"{PACKAGE}/x", f"{PACKAGE}/workshop/x", "/handin/x", "/dev/x"],
)
def test_nothing_else_can_be_written(tmp_path, path):
    assert "Read-only file system" in looked(tmp_path, f"open({path!r}, 'w')")


def test_there_is_no_network(tmp_path):
    said = looked(
        tmp_path,
        "import socket\n"
        "for place in [('127.0.0.1', 22), ('192.0.2.1', 80)]:\n"
        "    try: socket.create_connection(place, 1); print('connected')\n"
        "    except OSError as error: print(error)",
    )
    assert "connected" not in said


@pytest.mark.parametrize("package", ["sklearn", "hmmlearn", "nbgrader"])
def test_packages_with_the_answers_are_not_there(tmp_path, package):
    assert "cannot import" in looked(tmp_path, f"from {package} import __version__")


@pytest.mark.parametrize("module", ["emkit.workshop.pieces", "emkit.workshop.catalogue"])
def test_right_answers_are_not_there_and_the_engine_only_for_show(tmp_path, module):
    said = looked(tmp_path, f"import emkit, {module} as m\nprint(m.__path__, m.__loader__)")
    assert "AbsentModules" in said


def test_a_cell_that_needs_the_engine_is_shown_and_marks_come_without_it(tmp_path):
    cells = hand_in(
        "import emkit\nengine = hasattr(emkit.GaussianMixture, 'e_step')\n"
        "def has_engine():\n    return engine",
        "print(emkit.GaussianMixture(2))",
        tests=["assert has_engine()"],
    )
    run = Run(cells, tmp_path)
    assert "Mixture(family=Gaussian(" in run.said(2)
    assert run.marks == {"test-0": 0}


def test_an_endless_loop_costs_its_own_cell_only(tmp_path):
    cells = hand_in(
        "def double(x):\n    while True: pass", "while True: pass", "print('here')",
        tests=["assert double(1) == 2", "assert 1 + 1 == 2"],
    )  # fmt: skip
    began = time.monotonic()
    run = Run(cells, tmp_path, timeout=2)
    assert run.marks == {"test-0": 0, "test-1": 1}
    assert "here" in run.said(3)
    assert time.monotonic() - began < 60


@pytest.mark.parametrize(
    "bomb",
    [
        "import os\nwhile True: os.fork()",
        "x = [bytearray(10**8) for _ in range(100)]",
        "open('x', 'wb').write(bytes(10**9))",
        "while True: print('x' * 10**5)",
        "import os\nos.kill(os.getpid(), 9)",
        "[open('/dev/null') for _ in range(10**4)]",
    ],
)
def test_bombs_end_in_their_sandbox(tmp_path, bomb):
    right, wrong = "def double(x):\n    return 2 * x", "def half(x):\n    return 2 * x"
    cells = hand_in(right, bomb, wrong, tests=["assert double(1) == 2", "assert half(2) == 1"])
    run = Run(cells, tmp_path, timeout=5)
    assert run.marks == {"test-0": 1, "test-1": 0}
    assert run.said(2)


def test_nothing_inside_ends_the_sandbox(tmp_path):
    """A learner's code may end all that it can reach: that is its own."""
    cells = hand_in("def double(x):\n    return 2 * x", "import os\nos.kill(-1, 9); os.kill(1, 9)",
                    tests=["assert double(1) == 2"])  # fmt: skip
    for _ in range(3):
        assert Run(cells, tmp_path).marks == {"test-0": 1}


def test_what_survives_a_cell_ends_with_the_hand_in(tmp_path):
    marker = f"marker{time.monotonic_ns()}"
    looked(
        tmp_path,
        f"import subprocess\nsubprocess.Popen(['sh', '-c', 'sleep 1000; echo {marker}'],"
        " start_new_session=True)",
    )
    assert not [p for p in psutil.process_iter(["cmdline"]) if marker in str(p.info["cmdline"])]


def test_a_missing_bubblewrap_is_told_with_its_remedy(tmp_path, monkeypatch):
    monkeypatch.setattr(box.shutil, "which", lambda program: None)
    with pytest.raises(box.SandboxMissing, match="apt-get install bubblewrap"):
        box.Box(tmp_path)


def test_the_engine_is_there_just_where_pieces_may_use_it():
    course = Course(ROOT)
    numbers = {piece.id[:2] for piece in catalogue.PIECES.values() if hasattr(piece, "may_use")
               and "emkit" in piece.may_use}  # fmt: skip
    whole = {stem[:2] for stem in course.config().JudgedExecute.whole_emkit}
    assert numbers <= whole <= numbers | {"12"}
