"""Handing in: what is packed, what is said about it first, and what is never overwritten."""

import json
import os
import zipfile
from datetime import UTC, datetime

import nbformat
import pytest
from tiny_course import STEM, put, tiny_source

from emkit.classroom import desk, handin
from emkit.classroom.cli import main
from emkit.classroom.parcel import RECEIPT, sha256

OTHER = "02_other"


@pytest.fixture
def here(course, monkeypatch):
    """The course with a copy to work on and a second assignment, and we are in it."""
    other = nbformat.read(course.release(STEM), as_version=4)
    for cell in other.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id = "other-" + cell.metadata.nbgrader.grade_id
    put(other, course.release(OTHER))
    desk.start(course)
    monkeypatch.chdir(course.root)
    return course


def edit(path, change):
    notebook = nbformat.read(path, as_version=4)
    change(notebook)
    nbformat.write(notebook, path)


def answer(path, text="return 2 * x"):
    path.write_text(path.read_text().replace("raise NotImplementedError", text, 1))


def parcels(course):
    return sorted(course.handins.glob("*.zip"))


def test_the_zip_has_the_notebook_byte_by_byte_and_a_receipt_that_agrees(here, capsys):
    (here.work(STEM).parent / "data").mkdir()
    (here.work(STEM).parent / "data/mine.csv").write_text("1,2\n")
    assert main(["handin", "01", "--quick", "--name", "ada"]) == 0
    (parcel,) = parcels(here)
    assert parcel.name.startswith(f"{STEM}_ada_")
    with zipfile.ZipFile(parcel) as file:
        content = {name: file.read(name) for name in file.namelist()}
    receipt = json.loads(content.pop(RECEIPT))
    assert content == {
        f"{STEM}.ipynb": here.work(STEM).read_bytes(),
        "data/mine.csv": b"1,2\n",
    }
    assert receipt["files"] == {name: sha256(data) for name, data in content.items()}
    assert (receipt["assignment"], receipt["learner"]) == (STEM, "ada")
    age = datetime.now(UTC) - datetime.fromisoformat(receipt["time"])
    assert 0 <= age.total_seconds() < 60
    shown = capsys.readouterr().out
    assert receipt["files"][f"{STEM}.ipynb"] in shown
    assert f"Written: my_work/handins/{parcel.name}" in shown


def test_visible_failures_are_told_and_keep_nobody_from_handing_in(here, capsys):
    answer(here.work(STEM))
    before = here.work(STEM).read_bytes()
    assert main(["handin", "01", "--name", "ada"]) == 0
    shown = capsys.readouterr().out
    assert "These visible checks fail:\n  half-ordinary\n    NotImplementedError\n" in shown
    assert "double-ordinary" not in shown
    assert here.work(STEM).read_bytes() == before
    assert len(parcels(here)) == 1


def test_nothing_hidden_is_run(here, capsys):
    # Right for the visible check of `double`, which tries 1; wrong for the hidden one, which tries
    # 3.
    answer(here.work(STEM), "return 2")
    answer(here.work(STEM), "return 1")
    assert main(["handin", "01", "--name", "ada"]) == 0
    assert "All visible checks pass." in capsys.readouterr().out


def test_the_name_is_remembered_and_can_be_changed(here, capsys):
    assert main(["handin", "01", "--quick"]) == 1
    assert "--name YOUR_NAME" in capsys.readouterr().err
    assert main(["handin", "01", "--quick", "--name", "../Émilie du\nChâtelet"]) == 0
    assert main(["handin", "01", "--quick"]) == 0
    assert main(["handin", "01", "--quick", "--name", "ada"]) == 0
    names = sorted(path.name.removeprefix(f"{STEM}_").rsplit("_20")[0] for path in parcels(here))
    assert names == ["ada", "Émilie_du_Châtelet", "Émilie_du_Châtelet"]


@pytest.mark.parametrize("name", ["", "..", "--", "a" * 65, "\x00", "🙂"])
def test_a_name_that_cannot_be_a_folder_is_refused(here, capsys, name):
    assert main(["handin", "01", "--quick", "--name", name]) == 1
    assert "can't be a learner's id" in capsys.readouterr().err
    assert parcels(here) == []


def test_the_same_second_overwrites_nothing(here):
    now = datetime(2026, 3, 1, 12, tzinfo=UTC)
    path, stem, content = handin.find(here, "01")
    first = handin.write(here, stem, "ada", path, content, now)[0]
    before = first.read_bytes()
    second = handin.write(here, stem, "ada", path, content + b"\n", now)[0]
    assert first != second
    assert first.read_bytes() == before


def test_a_write_that_fails_leaves_nothing_half_done(here, monkeypatch, capsys):
    def fails(path, receipt, files):
        path.write_bytes(b"half")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(handin, "pack", fails)
    assert main(["handin", "01", "--quick", "--name", "ada"]) == 1
    assert "No space left" in capsys.readouterr().err
    assert os.listdir(here.handins) == ["name.txt"]


def test_a_path_is_handed_in_under_the_assignments_name_without_its_neighbours(here, tmp_path):
    elsewhere = tmp_path / "Downloads" / "tiny (1).ipynb"
    elsewhere.parent.mkdir()
    elsewhere.write_bytes(here.work(STEM).read_bytes())
    (elsewhere.parent / "private.txt").write_text("no")
    assert main(["handin", str(elsewhere), "--quick", "--name", "ada"]) == 0
    with zipfile.ZipFile(parcels(here)[0]) as file:
        assert sorted(file.namelist()) == [f"{STEM}.ipynb", RECEIPT]


def drop(*names):
    def change(notebook):
        notebook.cells = [cell for cell in notebook.cells if cell.id not in names]

    return change


def test_a_missing_answer_is_an_error_with_a_way_out(here, capsys):
    edit(here.work(STEM), drop("half"))
    assert main(["handin", "01", "--quick", "--name", "ada"]) == 1
    error = capsys.readouterr().err
    assert "lacks the cells for half" in error
    assert parcels(here) == []
    assert main(["handin", "01", "--quick", "--anyway"]) == 0
    assert len(parcels(here)) == 1


def test_what_grading_will_mend_is_only_said(here, capsys):
    def change(notebook):
        drop("half-ordinary")(notebook)
        (test,) = (cell for cell in notebook.cells if cell.id == "double-ordinary")
        (mine,) = (cell for cell in notebook.cells if cell.id == "double")
        test.source = "assert True"
        notebook.cells.append(nbformat.from_dict(mine | {"id": "twin"}))

    edit(here.work(STEM), change)
    assert main(["handin", "01", "--quick", "--name", "ada"]) == 0
    shown = capsys.readouterr().out
    assert "Note: the check half-ordinary is missing; grading brings it back" in shown
    assert "Note: the cell double is there 2 times; the last one counts" in shown
    assert "Note: the check double-ordinary was changed; grading puts the original" in shown


def test_what_must_not_travel_stays_behind(here, capsys, monkeypatch):
    folder = here.work(STEM).parent
    for name in ("feedback/old.html", "__pycache__/x.pyc", ".ipynb_checkpoints/x.ipynb"):
        (folder / name).parent.mkdir()
        (folder / name).write_text("x")
    (folder / "link.csv").symlink_to("/etc/passwd")
    os.mkfifo(folder / "pipe")
    (folder / RECEIPT).write_text("{}")
    (folder / "large.csv").write_bytes(b"0" * 2000)
    (folder / "small.csv").write_bytes(b"0")
    size = here.work(STEM).stat().st_size
    monkeypatch.setattr(handin, "LARGEST_FILE", size + 10)
    monkeypatch.setattr(handin, "LARGEST_WHOLE", size + 1000)
    assert main(["handin", "01", "--quick", "--name", "ada"]) == 0
    with zipfile.ZipFile(parcels(here)[0]) as file:
        assert sorted(file.namelist()) == [f"{STEM}.ipynb", RECEIPT, "small.csv"]
    shown = capsys.readouterr().out
    assert "large.csv stays behind: it is too large" in shown
    assert "link.csv stays behind: it is a link or a device" in shown
    assert "pipe stays behind: it is a link or a device" in shown
    assert f"{RECEIPT} stays behind: a hand-in can't have that name" in shown


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "can't be read as a notebook"),
        ("{", "can't be read as a notebook"),
        ("[]", "can't be read as a notebook"),
        ("null", "can't be read as a notebook"),
        ("[" * 100_000, "can't be read as a notebook"),
        ('{"cells": 3, "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "can't be read"),
        ('{"cells": [], "nbformat": 4, "nbformat_minor": 5, "metadata": {}}', "isn't the notebook"),
    ],
)
def test_a_notebook_that_cannot_be_read_is_one_sentence(here, capsys, text, message):
    here.work(STEM).write_text(text)
    assert main(["handin", "01", "--quick", "--name", "ada"]) == 1
    error = capsys.readouterr().err
    assert message in error
    assert "Traceback" not in error
    assert parcels(here) == []


def test_another_assignments_notebook_in_this_ones_place_is_found_out(here, capsys):
    here.work(STEM).write_bytes(here.release(OTHER).read_bytes())
    assert main(["handin", "01", "--quick", "--name", "ada"]) == 1
    assert (
        f"isn't the notebook of {STEM}: its cells are those of {OTHER}" in capsys.readouterr().err
    )


def test_a_notebook_without_any_of_the_courses_cells_is_refused(here, tmp_path, capsys):
    put(nbformat.v4.new_notebook(cells=tiny_source().cells[:1]), tmp_path / "mine.ipynb")
    assert main(["handin", str(tmp_path / "mine.ipynb"), "--quick", "--name", "ada"]) == 1
    assert "has none of its cells" in capsys.readouterr().err


def test_a_kernel_that_dies_fails_its_check(here, capsys):
    answer(here.work(STEM), "import os; os._exit(1)")
    assert main(["handin", "01", "--name", "ada"]) == 0
    assert "double-ordinary\n    The kernel ended in this cell" in capsys.readouterr().out
    assert len(parcels(here)) == 1


def test_whatever_kernel_a_notebook_names_it_is_run_as_in_grading(here, capsys):
    edit(here.work(STEM), lambda notebook: notebook.metadata.kernelspec.update(name="nowhere"))
    assert main(["handin", "01", "--name", "ada"]) == 0
    assert "double-ordinary\n    NotImplementedError" in capsys.readouterr().out


def test_a_notebook_that_cannot_be_run_is_said_with_a_way_out(here, capsys, monkeypatch):
    def no_more(*words, **options):
        raise BlockingIOError("Resource temporarily unavailable")

    monkeypatch.setattr("emkit.classroom.kernel.subprocess.Popen", no_more)
    assert main(["handin", "01", "--name", "ada"]) == 1
    error = capsys.readouterr().err
    assert "--quick hands it in all the same" in error
    assert error.count("\n") == 1
    assert main(["handin", "01", "--quick"]) == 0
