"""Reading hand-ins from their folders: links aren't followed, and nothing is read that is huge."""

import functools
from dataclasses import dataclass, field

from nbgrader.utils import parse_utc

from emkit.classroom.rescue import NeedsPerson

LARGEST = 32 * 2**20  # bytes of a hand-in, all its files together


@dataclass(frozen=True)
class HandIn:
    """One learner's hand-in: the notebook's bytes and its other files; or what is wrong with it."""

    learner: str
    timestamp: str
    notebook: bytes = field(default=b"", repr=False)
    files: dict = field(default_factory=dict, repr=False)
    mended: tuple[str, ...] = ()
    problem: str = ""


def read_hand_in(learner, folder, stem):
    """A hand-in from its folder; links aren't followed, wherever they lead."""
    timestamp = timestamp_of(folder)
    refuse = functools.partial(HandIn, learner, timestamp)
    if folder.is_symlink():
        return refuse(problem="The folder is a link to another one; hand in the files themselves.")
    try:
        notebook, said = notebook_in(folder, stem)
        content = notebook.read_bytes() if notebook.stat().st_size <= LARGEST else b""
    except NeedsPerson as error:
        return refuse(problem=str(error))
    except OSError as error:
        return refuse(problem=f"Its notebook can't be read: {error.strerror}.")
    if not timestamp and (folder / "timestamp.txt").exists():
        said.append("The time of handing in couldn't be read.")
    files, size = {}, notebook.stat().st_size
    for path in sorted(folder.rglob("*")):
        if path.is_symlink() or not path.is_file() or path.suffix.lower() == ".ipynb":
            continue
        size += path.stat().st_size
        try:
            if size <= LARGEST:
                files[str(path.relative_to(folder))] = path.read_bytes()
        except OSError as error:
            said.append(f"The file {path.name} can't be read ({error.strerror}); it was left out.")
    if size > LARGEST:
        return refuse(
            problem=f"It has {size / 2**20:.0f} MB of files, more than {LARGEST / 2**20:.0f}."
        )
    return HandIn(learner, timestamp, content, files, tuple(said))


def notebook_in(folder, stem):
    """Return (the path of the notebook that was handed in, what was mended).

    Raises
    ------
    NeedsPerson
        If it can't be told which it is.
    """
    right = folder / f"{stem}.ipynb"
    if right.is_symlink():
        raise NeedsPerson("The notebook is a link to another file; hand in the file itself.")
    others = [
        path
        for path in sorted(folder.rglob("*"))
        if path.suffix.lower() == ".ipynb" and path != right and path.is_file()
        if not path.is_symlink() and ".ipynb_checkpoints" not in path.parts
    ]
    names = ", ".join(str(path.relative_to(folder)) for path in others) or "none"
    if right.is_file():
        return right, [f"Other notebooks weren't looked at: {names}."] if others else []
    if len(others) != 1:
        raise NeedsPerson(f"There is no {stem}.ipynb in it (notebooks there: {names}).")
    return others[0], [f"The notebook's name was {names}; it was taken for {stem}.ipynb."]


def timestamp_of(folder):
    """When it was handed in, as nbgrader wrote it down, or ''."""
    path = folder / "timestamp.txt"
    if path.is_symlink():
        return ""
    try:
        text = path.read_text().strip()
        parse_utc(text)
    except (OSError, ValueError, OverflowError):
        return ""
    return text
