"""The command line: what it prints, and how it fails."""

import nbformat
import pytest
from tiny_course import STEM, put

from emkit.classroom.cli import main, what_went_wrong


@pytest.fixture
def here(course, monkeypatch):
    monkeypatch.chdir(course.root / "assignments")
    return course


def test_start_says_what_it_did(here, capsys):
    assert main(["start"]) == 0
    assert capsys.readouterr().out == f"my_work/{STEM}: new, ready to work on\n"
    assert main(["start"]) == 0
    assert capsys.readouterr().out == f"my_work/{STEM}: yours, left as it is\n"


def test_mark_prints_pieces_points_and_reasons(here, capsys):
    main(["start"])
    path = here.work(STEM)
    path.write_text(path.read_text().replace("raise NotImplementedError", "return 2 * x"))
    capsys.readouterr()
    assert main(["mark", "01"]) == 0
    table = capsys.readouterr().out.splitlines()
    assert table[1:5] == [
        "double-ordinary     2 of 2",
        "half-ordinary       0 of 3",
        "                 half(2) should be 1",
        "total               2 of 5",
    ]
    assert table[5].startswith(f"Feedback: my_work/{STEM}/feedback/")


def test_generate_says_what_is_fresh(here, capsys):
    assert main(["generate", "01"]) == 0
    assert capsys.readouterr().out == f"{STEM}: fresh\n"


def test_run_runs_a_lesson_in_its_place_without_times(here, capsys):
    path = here.root / "notebooks" / f"{STEM}.ipynb"
    notebook = nbformat.read(here.solution(STEM), as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.metadata["execution"] = [], {"shell.execute_reply": "today"}
    put(notebook, path)
    assert main(["run", "01"]) == 0
    assert nbformat.read(path, as_version=4) == nbformat.read(here.solution(STEM), as_version=4)


def test_run_keeps_a_lesson_that_fails(here, capsys):
    path = here.root / "notebooks" / f"{STEM}.ipynb"
    put(nbformat.read(here.release(STEM), as_version=4), path)
    before = path.read_bytes()
    assert main(["run", "01"]) == 1
    assert "doesn't run" in capsys.readouterr().err
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["mark", "07"],
            "emkit: '07' names 0 notebooks; expected a number or a name of: 01_tiny.",
        ),
        (["mark", "01"], f"emkit: my_work/{STEM}/{STEM}.ipynb is missing; run: emkit start."),
        (["generate", "x"], "emkit: 'x' names 0 notebooks"),
    ],
)
def test_an_error_is_one_clear_line(here, capsys, words, message):
    assert main(words) == 1
    error = capsys.readouterr().err
    assert error.startswith(message)
    assert error.count("\n") == 1


def test_outside_a_course_it_says_so(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["start"]) == 1
    assert "go to the course's folder first" in capsys.readouterr().err


def test_no_command_is_an_error_with_usage(capsys):
    with pytest.raises(SystemExit) as stop:
        main([])
    assert stop.value.code == 2
    assert "usage: emkit" in capsys.readouterr().err


def test_a_message_is_shown_up_to_its_inputs():
    message = "04.m_step: too narrow.\nDivide by N_j.\nTried on 5 points:\n    X = [[1.]]\n(Lesson)"
    assert what_went_wrong(message) == ["04.m_step: too narrow.", "Divide by N_j."]
    assert what_went_wrong("") == []
    assert len(what_went_wrong("line\n" * 50)) == 8
