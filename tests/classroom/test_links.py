"""What links in a hand-in lead to stays where it is, in `nbgrader autograde` too."""

import shutil

import pytest
from tiny_course import STEM, nbgrader


@pytest.fixture
def graded(course):
    """Grade someone with links, someone whose notebook is one, and someone honest."""
    for name in ("linked", "other", "honest"):
        folder = course.submitted(name, STEM)
        folder.mkdir(parents=True)
        shutil.copy(course.source(STEM), folder)
    folder = course.submitted("linked", STEM)
    (folder / "data.csv").symlink_to(course.root / "assignments/gradebook.db")
    (folder / "course").symlink_to(course.root)
    notebook = course.submitted("other", STEM) / f"{STEM}.ipynb"
    notebook.unlink()
    notebook.symlink_to(course.source(STEM))
    nbgrader(course.root, "autograde", STEM)
    return course


def test_links_are_taken_out_before_anything_is_copied(graded):
    copies = [path.name for path in graded.autograded("linked", STEM).parent.iterdir()]
    assert copies == [f"{STEM}.ipynb"]
    assert not graded.autograded("other", STEM).exists()
    assert graded.autograded("honest", STEM).is_file()


def test_what_they_led_to_is_still_there(graded):
    assert (graded.root / "assignments/gradebook.db").is_file()
    assert graded.source(STEM).is_file()


def test_collecting_from_the_exchange_takes_no_links(course, tmp_path):
    exchange = tmp_path / "class_exchange"
    folder = exchange / f"emkit/inbound/ada+{STEM}+2026-01-01 10:00:00 UTC+0"
    folder.mkdir(parents=True)
    shutil.copy(course.source(STEM), folder)
    (folder / "timestamp.txt").write_text("2026-01-01 10:00:00 UTC")
    (folder / "data.csv").symlink_to(course.root / "assignments/gradebook.db")
    (folder / "gone.csv").symlink_to("nowhere")
    exchange.chmod(0o777)
    done = nbgrader(course.root, "collect", STEM, EMKIT_EXCHANGE=str(exchange))
    assert "Left a link out" in done.stdout
    names = {path.name for path in course.submitted("ada", STEM).iterdir()}
    assert names == {f"{STEM}.ipynb", "timestamp.txt"}
