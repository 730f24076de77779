"""Whose file it is: what the names that learning platforms give to downloads say about it."""

import csv
import json
import re
import unicodedata

from emkit.classroom import generate
from emkit.classroom.course import CourseError

# How platforms name what they let instructors download; `who` is a name or a login.
PLATFORMS = (
    r"(?P<who>.+?)_\d+_assignsubmission_(?:file|onlinetext)(?:_.*)?",  # Moodle
    r".+?_(?P<who>[^_]+)_attempt_\d{4}-\d\d-\d\d-\d\d-\d\d-\d\d.*",  # Blackboard
    r"\d+-\d+ - (?P<who>.+?) - .+",  # Brightspace
    r".+, .+\((?P<who>[^()]+)\)",  # Sakai
    r"(?P<who>[^_\W]+)_(?:LATE_)?\d+_\d+_.+",  # Canvas
)


def owner_of(parts):
    """Return who a file belongs to by its path, None if that doesn't say.

    Parameters
    ----------
    parts : sequence of str
        Folders, zips and the file itself, the outermost first: its name is the platform's, and
        those inside may be the learner's own invention.
    """
    for part in parts:
        found = {match["who"] for p in PLATFORMS if (match := re.fullmatch(p, part))}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def read_ids(path):
    """Return the rows of a CSV file with the columns `name` and `id`, as a dict.

    Raises
    ------
    CourseError
        If it can't be read, lacks a column or has a name twice.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file, strict=True))
    except (UnicodeDecodeError, csv.Error) as error:
        raise CourseError(f"{path} can't be read as CSV in UTF-8: {error}") from None
    if not rows or not {"name", "id"} <= set(rows[0]):
        raise CourseError(f"{path} must have the columns name and id, and rows below them.")
    ids = {}
    for row in rows:
        name = plain(row["name"] or "")
        if not name or not row["id"] or ids.get(name, row["id"]) != row["id"]:
            raise CourseError(f"{path} has no id, or two, for the name {row['name']!r}.")
        ids[name] = row["id"].strip()
    return ids


def mapped(ids, parts):
    """Return the id whose name occurs in a path, outermost part first; None if none or several do.

    Of names that occur the longest counts: 'Ann Lee-Smith' is not 'Ann Lee'.
    """
    for part in parts:
        words = f" {plain(part)} "
        found = [name for name in ids if f" {name} " in words]
        found = [name for name in found if not any(name in n and name != n for n in found)]
        if found:
            return ids[found[0]] if len({ids[name] for name in found}) == 1 else None
    return None


def plain(text):
    """Return a name's words in lower case, without accents, parted by single blanks."""
    letters = unicodedata.normalize("NFKD", text.casefold())
    letters = "".join(c for c in letters if not unicodedata.combining(c))
    return " ".join(re.findall(r"[^\W_]+", letters))


def same_person(one, other):
    """Return whether two names may be one person's: the same words, or one a part of the other."""
    first, second = plain(one).split(), plain(other).split()
    if not first or not second:
        return False
    return set(first) <= set(second) or set(second) <= set(first)


def senders(course, stem):
    """Who sent the hand-ins that were collected so far, by the learner's id.

    Each is a dict of the `owner` that the platform named and the `folder` of the download that it
    lay in, None if it lay in none.
    """
    path = course.collected / f"{stem}.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


def remember_senders(course, stem, known):
    """Write down what `senders` reads."""
    text = json.dumps(known, indent=2, ensure_ascii=False, sort_keys=True) + "\n"
    generate.replace(course.collected / f"{stem}.json", text.encode())
