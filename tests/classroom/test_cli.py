"""The command line: what it prints, and how it fails."""

import errno
import subprocess
import sys

import nbformat
import pytest
from tiny_course import STEM, put

from emkit.classroom import desk
from emkit.classroom.cli import SECTIONS, main
from emkit.classroom.cli.learner import what_went_wrong


@pytest.fixture
def here(course, monkeypatch):
    monkeypatch.chdir(course.root / "assignments")
    return course


def test_start_says_what_it_did(here, capsys):
    assert main(["start"]) == 0
    assert capsys.readouterr().out == f"my_work/{STEM}: new, ready to work on\n"
    assert main(["start"]) == 0
    assert capsys.readouterr().out == f"my_work/{STEM}: yours, left as it is\n"


def test_check_prints_pieces_points_and_reasons(here, capsys):
    main(["start"])
    path = here.work(STEM)
    path.write_text(path.read_text().replace("raise NotImplementedError", "return 2 * x"))
    capsys.readouterr()
    assert main(["check", "01"]) == 0
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
            ["check", "07"],
            "emkit: '07' names 0 notebooks; expected a number or a name of: 01_tiny.",
        ),
        (["check", "01"], f"emkit: my_work/{STEM}/{STEM}.ipynb is missing; run: emkit start."),
        (["check", "1"], f"emkit: my_work/{STEM}/{STEM}.ipynb is missing; run: emkit start."),
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


def test_no_command_is_an_error_with_the_help(capsys):
    assert main([]) == 2
    assert "Usage: emkit" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["chekc", "03"], ["check"], ["check", "--fast", "03"], ["run"]])
def test_mistyped_commands_are_told_from_failures(capsys, words):
    assert main(words) == 2
    error = capsys.readouterr().err
    assert "Error: " in error
    assert "Traceback" not in error


def test_the_help_lists_every_command_under_those_who_need_it(capsys):
    assert main(["--help"]) == 0
    text = capsys.readouterr().out
    for title, commands in SECTIONS.items():
        section = text[text.index(title) :]
        for command in commands:
            assert f"\n  {command.name} " in section


@pytest.mark.parametrize(
    "command", [command for commands in SECTIONS.values() for command in commands]
)
def test_every_command_explains_itself_outside_a_course_too(tmp_path, monkeypatch, capsys, command):
    monkeypatch.chdir(tmp_path)
    assert main([command.name, "--help"]) == 0
    text = capsys.readouterr().out
    assert f"Usage: emkit {command.name}" in text
    assert command.help.splitlines()[0] in text


def test_a_full_disk_is_one_sentence(here, monkeypatch, capsys):
    def full(course):
        raise OSError(errno.ENOSPC, "No space left on device", "my_work")

    monkeypatch.setattr(desk, "start", full)
    assert main(["start"]) == 1
    assert capsys.readouterr().err == "emkit: No space left on device: my_work\n"


def test_ctrl_c_stops_without_a_traceback(here, monkeypatch, capsys):
    def stopped(course):
        raise KeyboardInterrupt

    monkeypatch.setattr(desk, "start", stopped)
    assert main(["start"]) == 130
    assert capsys.readouterr().err.strip() == "emkit: stopped."


def test_lab_starts_what_is_new_and_hands_options_on_to_jupyterlab(here):
    done = subprocess.run(
        [sys.executable, "-m", "emkit.classroom.cli", "lab", "--version"],
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"my_work/{STEM}: new, ready to work on\n4.")


def test_the_board_counts_what_my_emkit_has(here, capsys):
    assert main(["board"]) == 0
    assert capsys.readouterr().out.splitlines()[-1].startswith("0 of ")
    mine = here.root / "my_emkit/gaussian_mixtures_e_step.py"
    mine.parent.mkdir()
    mine.write_text("def hard_assign(resp):\n    return resp.argmax(axis=1)\n")
    assert main(["board"]) == 0
    table = capsys.readouterr().out
    assert "● hard_assign" in table
    assert "○ responsibilities" in table
    assert table.splitlines()[-1].startswith("1 of ")


def test_the_board_says_when_my_emkit_cannot_be_read(here, capsys):
    mine = here.root / "my_emkit/start_here.py"
    mine.parent.mkdir()
    mine.write_text("def double(")
    assert main(["board"]) == 1
    assert "is no Python" in capsys.readouterr().err


def test_a_message_is_shown_up_to_its_inputs():
    message = "04.m_step: too narrow.\nDivide by N_j.\nTried on 5 points:\n    X = [[1.]]\n(Lesson)"
    assert what_went_wrong(message) == ["04.m_step: too narrow.", "Divide by N_j."]
    assert what_went_wrong("") == []
    assert len(what_went_wrong("line\n" * 50)) == 8
