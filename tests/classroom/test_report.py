"""The class at a glance, for ten learners who go through collect and the real nbgrader."""

import base64
import csv
import html
import re
import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import nbformat
import pytest
from nbgrader.api import Gradebook
from test_loop import SLIPS, cell
from tiny_course import ROOT, nbgrader

from emkit.classroom import pictures, report
from emkit.classroom.cli import main
from emkit.classroom.cli.instructor import mistakes
from emkit.classroom.collect import collect
from emkit.classroom.course import Course
from emkit.classroom.parcel import Receipt, pack, sha256
from emkit.classroom.records import Mark
from emkit.classroom.similar import pairs, tokens_of
from emkit.workshop.catalogue import PIECES, find
from emkit.workshop.failure import CheckFailed

STEM = "03_gaussian_mixtures_e_step"
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.xdist_group("report")  # the fixture is costly

RENAMED = {"values": "logs", "value": "each", "factor": "root", "resp": "shares"}
ATTACK = "<script>alert('ada')</script>"


def slip(*names):
    """An edit that makes the mistakes of `test_loop` in these answers."""

    def edit(notebook):
        for name, (old, new), *_ in SLIPS:
            if name in names:
                cell(notebook, name).source = cell(notebook, name).source.replace(old, new)

    return edit


def copied_from_bob(notebook):
    """Bob's answers under other names, with comments."""
    slip("log_gaussian", "log_likelihood")(notebook)
    for one in notebook.cells:
        if one.id in ("log_gaussian", "log_joint", "responsibilities", "log_likelihood"):
            for old, new in RENAMED.items():
                one.source = re.sub(rf"\b{old}\b", new, one.source)
            one.source = one.source.replace("\n    return ", "\n    # my own idea\n    return ")


def attack(notebook):
    cell(
        notebook, "hard_assign"
    ).source = f'def hard_assign(resp):\n    raise ValueError("{ATTACK}")\n'


def unwritten(notebook):
    for one in notebook.cells:
        if one.metadata.get("nbgrader", {}).get("solution") and "def " in one.source:
            one.source = one.source.split('"""')[0] + '"""\n    raise NotImplementedError'
            one.source = one.source.replace('"""', "", 1)


def own_way(notebook):
    """Right answers that were written by somebody else."""
    cell(notebook, "hard_assign").source = (
        "def hard_assign(resp):\n"
        "    winners = np.zeros(len(resp), dtype=int)\n"
        "    for i in range(len(resp)):\n"
        "        winners[i] = list(resp[i]).index(max(resp[i]))\n"
        "    return winners\n"
    )
    cell(notebook, "log_joint").source = (
        "def log_joint(X, weights, means, covariances):\n"
        "    columns = []\n"
        "    for j, share in enumerate(weights):\n"
        "        columns.append(np.log(share) + log_gaussian(X, means[j], covariances[j]))\n"
        "    return np.stack(columns, axis=1)\n"
    )
    cell(notebook, "log_likelihood").source = (
        "def log_likelihood(X, weights, means, covariances):\n"
        "    joint, total = log_joint(X, weights, means, covariances), 0.0\n"
        "    for row in joint:\n"
        "        top = max(row)\n"
        "        total += top + np.log(sum(np.exp(entry - top) for entry in row))\n"
        "    return total\n"
    )


CLASS = {
    "ada": lambda notebook: None,
    "bob": slip("log_gaussian", "log_likelihood"),
    "cyd": slip("log_likelihood"),
    "dan": copied_from_bob,
    "eve": slip("responsibilities", "meaning"),
    "fay": attack,
    "gus": own_way,
    "hal": slip("log_likelihood", "responsibilities"),
    "ivy": unwritten,
    "joe": slip("log_gaussian", "responsibilities", "log_likelihood", "meaning"),
}


@pytest.fixture(scope="module")
def graded(tmp_path_factory):
    """A course with ten graded hand-ins and one that came later."""
    folder = tmp_path_factory.mktemp("report")
    course = Course(folder / "course")
    for name in ("source", "release"):
        shutil.copytree(
            ROOT / "assignments" / name / STEM, course.root / "assignments" / name / STEM
        )
    shutil.copy(ROOT / "nbgrader_config.py", course.root)
    done = nbgrader(course.root, "generate_assignment", STEM, "--force")
    assert done.returncode == 0, done.stdout
    for number, (learner, edit) in enumerate(CLASS.items()):
        notebook = nbformat.read(ROOT / "solutions" / f"{STEM}.ipynb", as_version=4)
        edit(notebook)
        hand_in(folder / "download", learner, notebook, NOON + number**2 * timedelta(hours=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JUPYTER_CONFIG_PATH", "")
        assert {one.what for one in collect(course, STEM, folder / "download")} == {"new"}
        # Without a notebook of that name: nbgrader would end the whole run.
        lou = course.submitted("lou", STEM)
        lou.mkdir(parents=True)
        (lou / "mine.ipynb").write_text("{}")
        patch.chdir(course.root)
        assert main(["grade", "03"]) == 1
        hand_in(folder / "later", "kim", notebook, NOON)
        hand_in(folder / "later", "ada", notebook, NOON + timedelta(days=9))
        collect(course, STEM, folder / "later")
    return course


def hand_in(folder, learner, notebook, when):
    folder.mkdir(exist_ok=True)
    content = {f"{STEM}.ipynb": nbformat.writes(notebook).encode()}
    hashes = {name: sha256(data) for name, data in content.items()}
    pack(folder / f"{learner}.zip", Receipt(STEM, learner, when, hashes), content)


@pytest.fixture
def page(graded, monkeypatch):
    """The page as it is, and as one reads it."""
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")
    monkeypatch.chdir(graded.root)
    assert main(["report", "03"]) == 0
    text = (graded.root / f"assignments/reports/{STEM}.html").read_text()
    return text, html.unescape(re.sub(r"<[^>]*>", " ", text))


def row(page, sentence):
    """The table row with this sentence, read."""
    (found,) = (
        one for one in re.findall(r"<tr>.*?</tr>", page[0], flags=re.S)
        if squeezed(sentence.replace("*", "")) in squeezed(html.unescape(re.sub("</?em>", "", one)))
    )  # fmt: skip
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", found)).split())


def squeezed(text):
    return "".join(text.split())


@pytest.mark.parametrize(
    ("piece", "mistake", "learners"),
    [
        ("log_likelihood", "mean_over_points", "bob, cyd, dan, hal, joe"),
        ("log_gaussian", "one_dimension_of_constant", "bob, dan, joe"),
        ("responsibilities", "no_shift_before_exp", "eve, hal, joe"),
    ],
)
def test_mistakes_are_counted_by_their_own_sentence(page, piece, mistake, learners):
    (sentence,) = (m.sentence for m in find(f"03.{piece}").mistakes if m.__name__ == mistake)
    shown = row(page, sentence)
    assert shown.startswith(f"{piece.replace('_', ' ')} {len(learners.split(', '))} ")
    assert shown.endswith(f"{mistake} who {learners}")


def test_wrong_answers_to_questions_are_counted_too(page):
    assert "answer c who eve, joe" in row(page, find("03.meaning").reasons["c"])


def test_unwritten_pieces_are_called_so(page):
    assert "Not written yet. who ivy" in " ".join(page[1].split())


def test_hand_ins_that_wait_for_somebody_are_named(page):
    waits = " ".join(page[1].split())
    assert "lou: to be marked by hand: log_gaussian-ordinary, " in waits
    assert "The file is no Jupyter notebook: there are no cells in it." in waits
    assert "kim: handed in, but not graded." in page[1]
    assert "ada: handed in again since it was graded." in page[1]


def test_who_is_in_the_class_and_has_handed_in_nothing_is_named(graded, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")
    database = graded.config().CourseDirectory.db_url
    with Gradebook(database) as gradebook:
        assert not any("Nothing handed in" in said for said in report.read_records(graded, STEM)[1])
        gradebook.add_student("zoe")
    try:
        assert report.read_records(graded, STEM)[1][-1] == "Nothing handed in: zoe."
    finally:
        with Gradebook(database) as gradebook:
            gradebook.remove_student("zoe")


def test_a_copy_with_other_names_is_found_and_honest_work_is_not(page):
    section = page[0][page[0].index("resemble each other</h2>") : page[0].index("When they came")]
    alike = re.findall(r"<tr><td>(\w+, \w+)</td>", section)
    assert "bob, dan" in alike
    assert not any("gus" in pair for pair in alike)
    assert "log_gaussian, log_likelihood" in row((section, ""), "bob, dan")


def test_the_page_is_complete_in_itself(page):
    assert not re.search(r"<script|<link|<iframe|\bsrc=[\"'](?!data:)|@import|url\(", page[0])
    assert not re.search(r"https?://", page[0])
    for picture in re.findall(r'src="data:image/svg\+xml;base64,([^"]*)"', page[0]):
        picture = base64.b64decode(picture).decode()
        assert picture.rstrip().endswith("</svg>")
        assert not re.search(r"<script|href=\"http", picture)
    assert page[0].count("<img ") == 3
    assert len(re.findall(r'<img [^>]*alt="[^"]{40,}"', page[0])) == 3


def test_what_learners_wrote_is_escaped(page):
    assert ATTACK in page[1]
    assert "<script" not in page[0]


def test_marks_agree_with_the_gradebook_and_a_file_is_never_overwritten(
    graded, page, tmp_path, capsys
):
    assert main(["report", "03", "--csv", str(tmp_path / "marks.csv")]) == 0
    with (tmp_path / "marks.csv").open(newline="") as file:
        rows = {one["id"]: one for one in csv.DictReader(file)}
    assert list(rows) == sorted([*CLASS, "lou"])
    assert (rows["lou"]["mark"], rows["lou"]["log_likelihood-ordinary"]) == ("", "")
    assert int(rows["lou"]["to_mark"]) > 0
    assert {rows[name]["mark"] for name in ("ada", "gus")} == {rows["ada"]["of"]}
    assert rows["cyd"]["log_likelihood-ordinary"] == "0"
    done = nbgrader(graded.root, "export", f"--to={tmp_path / 'nbgrader.csv'}")
    assert done.returncode == 0, done.stdout
    with (tmp_path / "nbgrader.csv").open(newline="") as file:
        scores = {one["student_id"]: float(one["score"]) for one in csv.DictReader(file)}
    assert {name: float(rows[name]["mark"]) for name in CLASS} == {
        name: scores[name] for name in CLASS
    }
    before = (tmp_path / "marks.csv").read_bytes()
    assert main(["report", "03", "--csv", str(tmp_path / "marks.csv")]) == 1
    assert "is there already; name a new file" in capsys.readouterr().err
    assert (tmp_path / "marks.csv").read_bytes() == before


def test_what_waits_for_a_person_and_when_it_was_released_is_said(graded, monkeypatch):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")
    outbound = graded.root / "assignments/exchange/emkit/outbound" / STEM
    outbound.mkdir(parents=True)
    original = report.read_records

    def with_prose(*args):
        records, troubles = original(*args)
        waiting = Mark("reasoning", None, 5, "")
        return [replace(one, marks=(*one.marks, waiting)) for one in records[:1]], troubles

    monkeypatch.setattr(report, "read_records", with_prose)
    path, (record,) = report.report(graded, STEM, mistakes())
    assert record.for_a_person == ["reasoning"]
    assert (record.score, record.points) == (26, 31)
    page = html.unescape(path.read_text())
    assert "ada: to be marked by hand: reasoning." in page
    # The hand-ins are from before it: it was released again since.
    assert "of the first hand-in" in page
    assert abs(report.released_at(graded, STEM) - datetime.now(UTC)) < timedelta(minutes=10)


def test_who_was_late_is_said_and_how_much(graded, monkeypatch, tmp_path):
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")
    drawn, original = [], pictures.times
    monkeypatch.setattr(pictures, "times", lambda *args: drawn.append(args) or original(*args))
    records, troubles = report.read_records(graded, STEM)
    seconds = {"ada": 9, "cyd": 5400}
    records = [replace(one, seconds_late=seconds.get(one.learner, 0)) for one in records]
    monkeypatch.setattr(report, "read_records", lambda *args: (records, troubles))
    path, _ = report.report(graded, STEM, mistakes())
    assert "Late, in hours: ada under 0.1, cyd 1.5." in path.read_text()
    due = min(one.when - timedelta(seconds=seconds[one.learner]) for one in records if
              one.learner in seconds)  # fmt: skip
    assert drawn[0][2] == due
    report.write_marks(tmp_path / "marks.csv", records)
    with (tmp_path / "marks.csv").open(newline="") as file:
        late = {one["id"]: float(one["hours_late"]) for one in csv.DictReader(file)}
    assert {name for name, hours in late.items() if hours > 0} == set(seconds)


def test_time_counts_from_the_release_if_the_hand_ins_came_after_it():
    moments = [NOON + timedelta(hours=hours) for hours in (5, 7, 30)]
    assert "within 7.0 hours of the release" in pictures.times(moments, NOON).text
    late = NOON + timedelta(hours=6)
    assert "within 2.0 hours of the first hand-in" in pictures.times(moments, late).text
    assert pictures.times([], NOON) is None


def test_before_anything_is_graded_it_says_what_to_do(course, monkeypatch, capsys):
    monkeypatch.chdir(course.root)
    assert main(["report", "01"]) == 1
    assert "first run: emkit grade 01_tiny" in capsys.readouterr().err


@pytest.mark.parametrize("piece_id", PIECES)
def test_every_mistake_is_known_by_what_its_message_says(piece_id):
    known = mistakes()
    assert known[piece_id]
    for sentence, name in known[piece_id].items():
        message = f"a problem.\n{sentence}\nTried on two points:\n    X = [[1.]]"
        assert report.diagnosed(str(CheckFailed(piece_id, message)), known) == (sentence, name)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("NotImplementedError", "Not written yet."),
        ("03.meaning: Your answer is None, expected one of 'a', 'b'.", "Not written yet."),
        ("03.x: result is of shape (3,), expected (3, 2).\nTried on", "result is of shape"),
        ("", "No message."),
        ("KeyError", "KeyError"),
    ],
)
def test_other_failures_are_told_by_what_was_said(message, said):
    sentence, mistake = report.diagnosed(message, mistakes())
    assert sentence.startswith(said)
    assert mistake == ""


def test_where_to_read_is_for_the_learner_alone():
    assert report.diagnosed("03.x: it is odd.\n(Lesson 03, 'Even'.)", {}) == ("it is odd.", "")


def test_emphasis_is_shown_and_nothing_else_is_markup():
    assert report.emphasised("the *columns* <b>") == "the <em>columns</em> &lt;b&gt;"
    assert report.emphasised("2*x*y and a * b * c") == "2*x*y and a * b * c"


def test_messages_that_differ_in_numbers_alone_are_one():
    one, other = (f"03.x: 1.5e-3 is {n}, expected {2 * n}.\nTried on" for n in (-1, 2.5))
    assert report.diagnosed(one, {}) == report.diagnosed(other, {})


FUNCTION = """def f(X, means):
    \"\"\"What it does.\"\"\"
    total = 0
    for row in X:
        for mean in means:
            total += (row - mean) ** 2 / 7 + np.log(row.size) - scale(row, mean)
    return total / len(X)
"""


def test_names_comments_and_layout_make_no_other_answer():
    disguised = FUNCTION.replace("total", "acc").replace("row", "point").replace("mean", "mu")
    disguised = disguised.replace("    return", "    # at last\n\n    return")
    assert tokens_of(disguised) == tokens_of(FUNCTION)
    assert tokens_of(FUNCTION.replace("np.log", "np.exp")) != tokens_of(FUNCTION)
    assert tokens_of(FUNCTION.replace("+=", "-=")) != tokens_of(FUNCTION)


def test_pairs_are_compared_in_what_both_have_written():
    long = FUNCTION + FUNCTION.replace("def f", "def helper")
    answers = {
        "a": {"f": long, "g": "stub"},
        "b": {"f": long.replace("total", "sum_"), "g": "stub"},
        "c": {"f": "def f(X, means):\n    return [x @ means for x in X].pop() * 3"},
        "d": {"f": "def f(:", "g": "stub"},
    }
    wrong = {"a": {"f"}, "b": {"f"}, "c": set(), "d": set()}
    (pair,), further, typical = pairs(answers, wrong, {"g": "stub"}, 20)
    assert further == 0
    assert (pair.one, pair.other, pair.similarity) == ("a", "b", 1)
    assert (pair.identical, pair.same_mistake) == ((), ("f",))
    assert typical < 0.9


def test_short_answers_and_untouched_stubs_prove_nothing():
    nothing = ([], 0, None)
    short = {"f": "x = 1"}
    assert pairs({"a": short, "b": short}, {"a": {}, "b": {}}, {}, 20) == nothing
    stubs = {"f": FUNCTION}
    assert pairs({"a": stubs, "b": stubs}, {"a": {}, "b": {}}, stubs, 20) == nothing
    assert pairs({}, {}, {}, 20) == pairs({"a": stubs}, {"a": {}}, {}, 20) == nothing


def test_of_many_pairs_the_most_alike_are_told_and_the_rest_counted():
    ours = {"a": FUNCTION, "b": FUNCTION.replace("/ 7", "/ 8"), "c": FUNCTION, "d": FUNCTION + "\n"}
    answers = {learner: {"f": source, "g": source} for learner, source in ours.items()}
    found, further, _ = pairs(answers, dict.fromkeys(answers, ()), {}, 4)
    assert [(p.one, p.other) for p in found] == [("a", "c"), ("a", "d"), ("c", "d"), ("a", "b")]
    assert [p.similarity == 1 for p in found] == [True, True, True, False]
    assert [p.identical for p in found] == [("f", "g")] * 3 + [()]
    assert further == 2


def test_a_marks_file_has_no_formulas():
    assert report.harmless("=cmd()") == "'=cmd()"
    assert report.harmless("ada") == "ada"
