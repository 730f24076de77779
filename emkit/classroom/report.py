"""The class at a glance: one page on an assignment, with pictures, and the marks as CSV.

The page is complete in itself and needs no script and no network; what learners wrote is escaped.
"""

import csv
import re
import statistics
from collections import defaultdict
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files

import jinja2
from markupsafe import Markup, escape

from emkit.classroom import pictures, similar
from emkit.classroom.course import CourseError
from emkit.classroom.exchange import outbound
from emkit.classroom.generate import replace
from emkit.classroom.notebooks import name_of, readable
from emkit.classroom.records import answers_in, read_records

PARTS = ("ordinary", "hard")
SHOWN_PAIRS = 20
SOLUTION = "(the worked solution)"  # compared too: it is the easiest thing to copy


@dataclass(frozen=True)
class Stumble:
    """Something that several learners got wrong in a piece: a known mistake, or what was said."""

    piece: str
    sentence: str
    mistake: str  # its name, '' if none was recognised
    learners: tuple[str, ...]


def report(course, stem, known, watch=iter):
    """Write the page `assignments/reports/STEM.html`; return (its path, the records).

    Parameters
    ----------
    known : dict of dict
        Names of mistakes by their sentences, for each piece's id.
    watch : callable
        Gets the hand-ins and gives them back one by one; a progress bar does.

    Raises
    ------
    CourseError
        If nothing of the assignment is graded.
    """
    records, troubles = read_records(course, stem, watch)
    release = readable(course.release(stem))
    stubs = {name_of(cell): cell.source for cell in release.cells if name_of(cell)}
    wrong = {r.learner: {piece_of(m.cell) for m in r.marks if lost(m)} for r in records}
    answers = {record.learner: record.answers for record in records}
    if course.solution(stem).is_file():
        answers[SOLUTION], wrong[SOLUTION] = answers_in(readable(course.solution(stem))), set()
    alike, further, typical = similar.pairs(answers, wrong, stubs, SHOWN_PAIRS)
    start = released_at(course, stem)
    title = next(iter(re.findall(r"^# (.+)", release.cells[0].source, flags=re.M)), stem)
    points = max(record.points for record in records)
    scores = [record.score for record in records if not record.for_a_person]
    late = [record for record in records if record.when and record.seconds_late]
    # Who was given more time has a later due date than the class.
    due = min((r.when - timedelta(seconds=r.seconds_late) for r in late), default=None)
    page = template().render(
        title=title,
        stem=stem,
        now=datetime.now(UTC),
        records=records,
        points=points,
        median=statistics.median(scores) if scores else None,
        marks=pictures.marks(scores, points) if scores else None,
        pieces=pictures.pieces(shares(records)),
        times=pictures.times([record.when for record in records if record.when], start, due),
        late=late,
        stumbles=stumbles(records, known),
        troubles=troubles,
        for_a_person=[record for record in records if record.for_a_person],
        alike=alike,
        further=further,
        typical=typical,
    )
    path = course.root / "assignments/reports" / f"{stem}.html"
    replace(path, page.encode())
    return path, records


def template():
    text = (files("emkit.classroom") / "report.html").read_text(encoding="utf-8")
    # Everything is escaped unless the template says otherwise, which it doesn't.
    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["emphasised"] = emphasised
    return environment.from_string(text)


def emphasised(text):
    """Return a text as HTML, with what stands between asterisks in italics."""
    return Markup(re.sub(r"(?<!\w)\*(\w[^*]*)\*(?!\w)", r"<em>\1</em>", str(escape(text))))


def piece_of(cell):
    """Return the answer that a graded cell is about, 'm_step' for 'm_step-hard'."""
    name, dash, part = cell.rpartition("-")
    return name if dash and part in PARTS else cell


def lost(mark):
    return mark.score is not None and mark.score < mark.points


def shares(records):
    """Return by piece and part the share of the learners' points; parts that aren't marked yet
    count for nothing."""
    found = defaultdict(dict)
    for cell in dict.fromkeys(mark.cell for record in records for mark in record.marks):
        marks = [m for r in records for m in r.marks if m.cell == cell and m.score is not None]
        if marks:
            part = cell.rpartition("-")[2] if piece_of(cell) != cell else "ordinary"
            found[piece_of(cell)][part] = sum(not lost(mark) for mark in marks) / len(marks)
    return dict(found)


def stumbles(records, known):
    """Return what learners got wrong, piece by piece in the notebook's order, the most frequent
    first; of each learner the first thing in a piece."""
    learners = defaultdict(list)
    for record in records:
        seen = set()
        for mark in record.marks:
            piece = piece_of(mark.cell)
            if lost(mark) and piece not in seen:
                seen.add(piece)
                learners[piece, *diagnosed(mark.message, known)].append(record.learner)
    order = list(dict.fromkeys(piece_of(m.cell) for record in records for m in record.marks))
    found = [Stumble(*key, tuple(names)) for key, names in learners.items()]
    return sorted(found, key=lambda s: (order.index(s.piece), -len(s.learners), s.sentence))


def diagnosed(message, known):
    """Return (sentence, mistake's name) for what a failed check said; '' where no mistake is known.

    A message's sentences are wrapped, so they are compared without white space.
    """
    if "NotImplementedError" in message or "Your answer is None" in message:
        return "Not written yet.", ""
    text = "".join(message.split())
    sentences = known.get(message.partition(":")[0], {})
    found = [sentence for sentence in sentences if "".join(sentence.split()) in text]
    if found:
        sentence = max(found, key=len)
        return sentence, sentences[sentence]
    first = message.strip().split("\n\n")[0].split("Tried on")[0].partition(": ")[2] or message
    first = first.split("\n(Lesson ")[0]
    first = re.sub(
        r"-?\d+(\.\d+)?(e[-+]?\d+)?", "…", " ".join(first.split())
    )  # alike but for values
    return first[:200] or "No message.", ""


def released_at(course, stem):
    """Return when nbgrader put the assignment into the exchange, None if it isn't there."""
    folder = outbound(course, stem)
    # Its time of change: the other times are copied along with the files.
    return datetime.fromtimestamp(folder.stat().st_ctime, UTC) if folder.exists() else None


def write_marks(path, records):
    """Write the marks as CSV, one row a learner; an existing file is an error.

    A mark stays empty as long as something of it waits for a person.

    Raises
    ------
    CourseError
        If there is a file of that name.
    """
    cells = list(dict.fromkeys(mark.cell for record in records for mark in record.marks))
    try:
        with path.open("x", encoding="utf-8", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["id", "mark", "of", "handed_in_utc", "hours_late", "to_mark", *cells])
            for record in records:
                scores = {mark.cell: mark.score for mark in record.marks}
                rows.writerow(
                    [
                        harmless(record.learner),
                        # Half a mark would be taken for the whole by whoever imports it.
                        "" if record.for_a_person else f"{record.score:g}",
                        f"{record.points:g}",
                        f"{record.when:%Y-%m-%d %H:%M:%S}" if record.when else "",
                        f"{record.seconds_late / 3600:.3f}",
                        len(record.for_a_person),
                        *("" if scores.get(c) is None else f"{scores[c]:g}" for c in cells),
                    ]
                )
    except FileExistsError:
        raise there_already(path) from None


def there_already(path):
    """The error on a file that would be overwritten."""
    return CourseError(f"{path} is there already; name a new file.")


def harmless(text):
    """Return a text that a spreadsheet doesn't take for a formula."""
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t")) else text
