"""A course of one's own has the chosen lessons, its own id, and hidden tests on its own seeds."""

import re

import nbformat
import pytest
from tiny_course import STEM, nbgrader, put

from emkit.classroom.cli import main
from emkit.classroom.course import Course
from emkit.classroom.generate import release_is_fresh
from emkit.classroom.new_course import reseeded

OTHER = "02_other"


@pytest.fixture
def here(course, monkeypatch):
    """Two assignments, whose tests have a seed to see and a hidden one."""
    for stem in (STEM, OTHER):
        notebook = nbformat.read(course.source(STEM), as_version=4)
        (test,) = (cell for cell in notebook.cells if cell.id == "double-ordinary")
        test.source = test.source.replace("assert double(1) == 2", "seed=1\nassert double(1) == 2")
        test.source = test.source.replace(
            "assert double(3) == 6", "seed=5801; assert double(seed) == 2 * seed; seed=5802"
        )
        put(notebook, course.source(stem))
        put(nbformat.v4.new_notebook(), course.root / "notebooks" / f"{stem}.ipynb")
    monkeypatch.chdir(course.root)
    return course


def seeds(course, stem=STEM):
    return [int(n) for n in re.findall(r"seed=(\d+)", course.source(stem).read_text())]


def make(name, *more, lessons="01"):
    code = main(["new-course", name, "--lessons", lessons, *more])
    return Course((Course.find().root / name).resolve()), code


def test_it_has_the_chosen_lessons_and_works_by_itself(here):
    made, code = make("../autumn", lessons="02")
    assert code == 0
    files = {p.relative_to(made.root).as_posix() for p in made.root.rglob("*") if p.is_file()}
    assert files == {
        "README.md",
        "nbgrader_config.py",
        f"notebooks/{OTHER}.ipynb",
        f"assignments/source/{OTHER}/{OTHER}.ipynb",
        f"assignments/release/{OTHER}/{OTHER}.ipynb",
    }
    assert made.config().CourseDirectory.course_id == "autumn"
    assert here.config().CourseDirectory.course_id == "emkit"
    assert release_is_fresh(made, OTHER)
    done = nbgrader(made.root, "generate_assignment", OTHER, "--force")
    assert done.returncode == 0, done.stdout
    assert made.source(OTHER).read_bytes() == here.source(OTHER).read_bytes()


def test_seeds_are_the_same_for_the_same_number_and_other_for_another(here):
    first, again, other = (
        seeds(make(name, "--seeds", number)[0])
        for name, number in (("a", "7"), ("b", "7"), ("c", "8"))
    )
    assert first == again
    assert set(first) & set(other) == {1}
    # The lesson that is there beside changes nothing.
    assert seeds(make("d", "--seeds", "7", lessons="01,02")[0]) == first


def test_only_hidden_seeds_are_redrawn_each_for_itself(here):
    visible, *hidden = seeds(make("a", "--seeds", "7")[0])
    assert visible == 1
    assert len({*hidden, 5801, 5802}) == 4
    assert reseeded("seed=1", 7, "x") != reseeded("seed=1", 7, "y")


def test_the_number_is_not_told_to_learners(here):
    made, _ = make("a", "--seeds", "424242")
    assert not any(
        b"424242" in path.read_bytes() for path in made.root.rglob("*.*") if path.is_file()
    )


def test_an_existing_folder_is_refused_and_left_alone(here, capsys):
    (here.root / "mine").mkdir()
    (here.root / "mine/diary.txt").write_text("mine")
    assert make("mine")[1] == 1
    assert "is there already; name a new folder" in capsys.readouterr().err
    assert [path.name for path in (here.root / "mine").iterdir()] == ["diary.txt"]


def test_a_source_that_fails_its_new_tests_makes_no_course(here, capsys):
    source = here.source(STEM)
    source.write_text(source.read_text().replace("double(seed) == 2 * seed", "seed == 5801"))
    before = sorted(here.root.iterdir())
    assert make("a", "--seeds", "7")[1] == 1
    assert "doesn't run" in capsys.readouterr().err
    assert sorted(here.root.iterdir()) == before


def test_a_lesson_that_is_not_there_is_one_sentence(here, capsys):
    assert make("a", lessons="01,99")[1] == 1
    assert "'99' names 0 notebooks" in capsys.readouterr().err
