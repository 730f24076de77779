"""The instructor's side of handing in: from a learning platform's download to `submitted/`.

Each hand-in is read into a folder of its own first, and moved to its place in one go. What it
replaces is moved to `assignments/collected/earlier/`.
"""

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory

from nbgrader.utils import parse_utc

from emkit.classroom import generate
from emkit.classroom.download import (
    Item,
    inside,
    is_handin,
    is_junk,
    items_in,
    without_common_folder,
)
from emkit.classroom.notebooks import assignment_of
from emkit.classroom.owners import (
    mapped,
    owner_of,
    remember_senders,
    same_person,
    senders,
)
from emkit.classroom.parcel import (
    LARGEST_FILE,
    MEGABYTE,
    RECEIPT,
    Receipt,
    Refused,
    learner_id,
    sha256,
    shortened,
    unpack,
)
from emkit.classroom.rescue import NeedsPerson, rescue

TIMESTAMP = "%Y-%m-%d %H:%M:%S.%f UTC"  # nbgrader's
NBGRADERS = ("timestamp.txt", "submission_secret.txt")  # what a learner can't hand in
FAST_CLOCK = timedelta(minutes=10)


@dataclass(frozen=True)
class Handin:
    """A hand-in that was taken: whose, from when, who sent it (None if nothing says so)."""

    item: Item
    learner: str
    time: datetime
    owner: str | None
    folder: Path
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What became of an item: 'new', 'newer', 'there already', 'older' or 'refused'."""

    item: Item
    what: str
    learner: str = ""
    remarks: tuple[str, ...] = ()


def collect(course, stem, download, ids=None, watch=iter):
    """Take the hand-ins of one assignment from a download; return an `Outcome` for each item.

    Parameters
    ----------
    download : Path
        A folder or a zip, as a learning platform gives it.
    ids : dict, optional
        Learners' ids by their names in the download, as `owners.read_ids` reads them.
    watch : callable
        Gets the items and gives them back one by one; a progress bar does.

    Raises
    ------
    CourseError
        If the download itself can't be read. What is wrong with one hand-in is its outcome.
    """
    course.collected.mkdir(parents=True, exist_ok=True)
    for left in course.collected.glob(".unfinished-*"):  # by a run that was killed
        shutil.rmtree(left)
    outcomes, taken = [], []
    with TemporaryDirectory(dir=course.collected, prefix=".unfinished-") as folder:
        for item in watch(without_common_folder(list(items_in(download)))):
            for inner in inside(item, stem):
                here = Path(folder, str(len(taken)))
                try:
                    taken.append(take(course, stem, inner, ids or {}, here))
                except Refused as error:
                    outcomes.append(Outcome(inner, "refused", remarks=(f"{error}.",)))
        known = senders(course, stem)
        owners = {learner: sender["owner"] for learner, sender in known.items()}
        taken, refused = without_impostors(taken, owners)
        outcomes += refused
        new = {h.learner: {"owner": h.owner, "folder": folder_of(h.item)} for h in taken if h.owner}
        remember_senders(course, stem, known | new)
        for handin in sorted(taken, key=lambda handin: handin.time):
            what = deliver(course, stem, handin)
            outcomes.append(Outcome(handin.item, what, handin.learner, handin.remarks))
    return outcomes


def take(course, stem, item, ids, here):
    """Read a hand-in into the new folder `here`; return it, or raise `Refused`."""
    files, receipt = contents(stem, item)
    name, said = notebook_in(course, stem, files)
    learner, owner, remarks = whose(item, receipt, ids, stem)
    remarks += said
    time = item.time
    if receipt and receipt.time < datetime.now(UTC) + FAST_CLOCK:
        time = receipt.time
    elif receipt:
        remarks.append("its receipt is from the future; the file's time counts")

    base = PurePosixPath(name).parent
    beside = {
        str(PurePosixPath(path).relative_to(base)): content
        for path, content in files.items()
        if PurePosixPath(path).is_relative_to(base) and not path.lower().endswith(".ipynb")
    }
    for path, content in beside.items():
        parts = PurePosixPath(path).parts
        if parts[0] not in NBGRADERS and not any(map(is_junk, parts)):
            here.joinpath(path).parent.mkdir(parents=True, exist_ok=True)
            here.joinpath(path).write_bytes(content)
    here.mkdir(exist_ok=True)
    here.joinpath(f"{stem}.ipynb").write_bytes(files[name])
    here.joinpath("timestamp.txt").write_text(time.strftime(TIMESTAMP))
    return Handin(item, learner, time, owner, here, tuple(remarks))


def contents(stem, item):
    """Return (the files of a hand-in by name, its receipt or None)."""
    if item.parts[-1].lower().endswith(".ipynb"):
        content = item.load()
        if len(content) > LARGEST_FILE:
            raise Refused(f"it has more than {LARGEST_FILE // MEGABYTE} MB")
        return {item.parts[-1]: content}, None
    files = unpack(BytesIO(item.load()))
    if RECEIPT not in files:
        return files, None
    receipt = Receipt.from_json(files.pop(RECEIPT))
    if receipt.assignment != stem:
        raise Refused(f"its receipt says that it is a hand-in of {shortened(receipt.assignment)}")
    if receipt.files != {name: sha256(content) for name, content in files.items()}:
        raise Refused("it was changed after its receipt was written")
    return files, receipt


def notebook_in(course, stem, files):
    """Return (the name of the one file that is a notebook of the assignment, remarks).

    One that is called like the assignment may be damaged; grading mends what can be mended.

    Raises
    ------
    Refused
        If there is none, or nothing says which one.
    """
    notebooks = [name for name in files if is_handin(name, (".ipynb",))]
    best = [name for name in notebooks if PurePosixPath(name).name == f"{stem}.ipynb"] or notebooks
    if len(best) != 1:
        raise Refused(f"it has {len(best)} notebooks that could be the one, expected 1")
    called_like_it = stem in PurePosixPath(best[0]).name
    try:
        notebook, said = rescue(files[best[0]])
    except NeedsPerson as error:
        if called_like_it:
            return best[0], [f"it needs a person. {str(error).removesuffix('.')}"]
        raise Refused(f"{shortened(best[0])} can't be read as a notebook") from None
    found = assignment_of(course, notebook)
    if found is None and called_like_it:
        said = [*said, "its cells have lost their names; grading looks for them"]
    elif found != stem:
        theirs = f"those of {found}" if found else "of no assignment that is released"
        raise Refused(f"{shortened(best[0])} isn't of {stem}: its cells are {theirs}")
    return best[0], [sentence.removesuffix(".") for sentence in said]


def whose(item, receipt, ids, stem):
    """Return (learner's id, who sent it or None, remarks); raise `Refused` if nothing says."""
    mapping = mapped(ids, item.parts)
    owner = mapping or owner_of(item.parts)
    if receipt is None:
        # No platform's name: the folder in the download, or else the file, is called like them.
        name = owner or item.parts[0].removesuffix(".zip").removesuffix(".ipynb")
        if name == stem:
            raise Refused("nothing says whose it is; put it into a folder of the learner's name")
        return learner_id(name), owner, ["without a receipt: its owner and time are the file's"]
    if mapping and mapping != receipt.learner:
        raise Refused(
            f"its receipt says that it is {receipt.learner}'s, but it comes from {mapping}"
        )
    if owner and not same_person(owner, receipt.learner):
        remark = f"its receipt says {receipt.learner}, the file's name {shortened(owner)}"
        return receipt.learner, owner, [remark]
    return receipt.learner, owner, []


def without_impostors(taken, known):
    """Part hand-ins under one id from several senders; return (those to keep, refused outcomes).

    The sender that the id came from before is right, or else the one who is called like it. With
    none or several of those, nobody's is taken. A hand-in whose sender nothing tells is.
    """
    kept, refused, sent = [], [], {}
    for handin in taken:
        before = [known[handin.learner]] if handin.learner in known else []
        sent.setdefault(handin.learner, {*before}).update([handin.owner] if handin.owner else [])
    for handin in taken:
        theirs = sent[handin.learner]
        namesakes = [owner for owner in theirs if same_person(owner, handin.learner)]
        right = [known[handin.learner]] if handin.learner in known else namesakes
        if handin.owner is None or len(theirs) == 1 or right == [handin.owner]:
            kept.append(handin)
        else:
            names = " and ".join(sorted(map(shortened, theirs)))
            reason = f"hand-ins of {handin.learner} come from {names}; say who is who with --ids."
            refused.append(Outcome(handin.item, "refused", remarks=(reason,)))
    return kept, refused


def folder_of(item):
    """The platform's folder that a hand-in lay in, None if it lay in none."""
    first, *rest = item.parts
    return first if rest and not first.lower().endswith(".zip") else None


def deliver(course, stem, handin):
    """Move a hand-in to its place if it is newer than what is there; return what became of it."""
    place = course.submitted(handin.learner, stem)
    place.parent.mkdir(parents=True, exist_ok=True)
    if not place.exists():
        handin.folder.rename(place)
        return "new"
    there = timestamp(place)
    if generate.contents(place) == generate.contents(handin.folder):
        return "there already"
    if there is not None and there >= handin.time:
        return "older"
    put_by(course, place)
    handin.folder.rename(place)
    return "newer"


def put_by(course, place):
    """Move what is in a hand-in's place to `collected/earlier/`, under its time."""
    when = timestamp(place)
    name = f"{when:%Y-%m-%d_%H%M%S_%f}" if when else "without_time"
    earlier = course.collected / "earlier" / place.parent.name / place.name
    earlier.mkdir(parents=True, exist_ok=True)
    target, number = earlier / name, 1
    while target.exists():
        number += 1
        target = earlier / f"{name}-{number}"
    place.rename(target)


def timestamp(folder):
    """Return when what is in a folder of `submitted/` was handed in, None if that is unknown."""
    try:
        when = parse_utc((folder / "timestamp.txt").read_text().strip())
    except (OSError, ValueError, OverflowError):
        return None
    return when.replace(tzinfo=UTC)
