"""Release and feedback with the real nbgrader: by the exchange for some, by zip for the others."""

import os
import shutil
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tiny_course import ROOT, STEM, nbgrader

from emkit.classroom import desk
from emkit.classroom.cli import main
from emkit.classroom.collect import collect
from emkit.classroom.course import Course
from emkit.classroom.parcel import Receipt, pack, sha256

HALF_RIGHT = ("raise NotImplementedError", "return 2 * x")


@pytest.fixture
def here(course, monkeypatch):
    monkeypatch.chdir(course.root)
    return course


def fetched(course, learner):
    """Fetch as a learner with a folder of their own; return it and how to run nbgrader there."""
    home = Course(course.root / "homes" / learner)
    home.root.mkdir(parents=True)
    shutil.copy(ROOT / "nbgrader_config.py", home.root)
    environment = {
        "HOME": str(home.root),
        "EMKIT_EXCHANGE": str(course.root / "assignments/exchange"),
    }

    def run(command):
        done = nbgrader(home.root, command, STEM, "--student", learner, **environment)
        assert done.returncode == 0, done.stdout

    run("fetch_assignment")
    return home, run


# nbgrader leaves a file open.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_from_release_to_feedback_for_both_ways_of_handing_in(here, capsys):
    assert main(["release", "01"]) == 0
    ada, run = fetched(here, "ada")
    assert ada.work(STEM).read_bytes() == here.release(STEM).read_bytes()
    ada.work(STEM).write_text(ada.work(STEM).read_text().replace(*HALF_RIGHT, 1))
    run("submit")
    assert nbgrader(here.root, "collect", STEM).returncode == 0

    content = ada.work(STEM).read_bytes()
    receipt = Receipt(STEM, "bob", datetime.now(UTC), {f"{STEM}.ipynb": sha256(content)})
    moodle = "Bob_12_assignsubmission_file_"
    (here.root / "download" / moodle).mkdir(parents=True)
    pack(here.root / "download" / moodle / "x.zip", receipt, {f"{STEM}.ipynb": content})
    pack(here.root / "download/cy.zip", replace(receipt, learner="cy"), {f"{STEM}.ipynb": content})
    collect(here, STEM, here.root / "download")
    assert main(["grade", "01"]) == 0

    capsys.readouterr()
    assert main(["feedback", "01"]) == 0
    shown = capsys.readouterr().out
    (parcel,) = here.collected.glob("*.zip")
    assert shown.splitlines() == [
        f"{STEM}: pages in the exchange: 1",
        f"{STEM}: pages in assignments/collected/{parcel.name}: 2",
    ]
    with zipfile.ZipFile(parcel) as file:
        assert file.namelist() == [f"{moodle}/{STEM}.html", f"cy/{STEM}.html"]
        assert b"NotImplementedError" in file.read(f"cy/{STEM}.html")
    run("fetch_feedback")
    (page,) = ada.work(STEM).parent.glob(f"feedback/*/{STEM}.html")
    assert "NotImplementedError" in page.read_text()

    # Again: new pages and another zip, nothing overwritten.
    assert main(["feedback", "01"]) == 0
    assert len(list(here.collected.glob("*.zip"))) == 2


def test_a_second_release_asks_for_force(here, capsys):
    assert main(["release", "01"]) == 0
    place = here.root / "assignments/exchange/emkit/outbound" / STEM / f"{STEM}.ipynb"
    before = place.read_bytes()
    os.chmod(place, 0o644)
    place.write_text("old")
    assert main(["release", "01"]) == 1
    assert "--force replaces it" in capsys.readouterr().err
    assert place.read_text() == "old"
    assert main(["release", "01", "--force"]) == 0
    assert place.read_bytes() == before


def test_feedback_before_grading_says_what_to_do(here, capsys):
    assert main(["feedback", "01"]) == 1
    assert "first run: emkit grade 01_tiny" in capsys.readouterr().err


def test_what_nbgrader_cannot_do_is_said_with_its_reason(here, capsys):
    here.source(STEM).write_text(here.source(STEM).read_text().replace("### END SOLUTION", "", 1))
    assert main(["release", "01"]) == 1
    error = capsys.readouterr().err
    assert "nbgrader couldn't release it" in error
    assert "Traceback" not in error.splitlines()[0]
    assert not (here.root / "assignments/exchange/emkit/outbound" / STEM).exists()


def test_starting_still_works_after_a_release(here):
    main(["release", "01"])
    assert desk.start(here) == ([STEM], [])
