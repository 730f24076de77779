"""Where hand-ins lie in a learning platform's download: files in folders, zips, zips in zips."""

import os
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path, PurePosixPath

from emkit.classroom.course import CourseError
from emkit.classroom.parcel import (
    LARGEST_WHOLE,
    MEGABYTE,
    RECEIPT,
    Refused,
    checked,
    opened,
    read,
    shortened,
)

MOST_INSIDE = 20  # hand-ins in one zip, unless it is the class's whole download
JUNK = {"__MACOSX", "__pycache__"}


@dataclass(frozen=True)
class Item:
    """A zip or a notebook somewhere in a download.

    `parts` are folders, zips and its own name, the outermost first. `load` returns its bytes or
    raises `Refused`.
    """

    parts: tuple[str, ...]
    load: Callable
    time: datetime

    def __str__(self):
        return shortened("/".join(self.parts))


def items_in(download):
    """Yield the zips and notebooks of a download: those below a folder, or those in a zip."""
    if download.is_file():
        yield from items_in_zip(whole_download(download), ())
        return
    if not download.is_dir():
        raise CourseError(f"{download} is neither a folder nor a zip.")
    found = []
    for here, folders, files in os.walk(download):
        folders[:] = sorted(f for f in folders if not is_junk(f))
        found += [Path(here, name) for name in sorted(files) if is_handin(name)]
    if len(found) == 1 and zipfile.is_zipfile(found[0]):
        parcel = whole_download(found[0])
        inner = list(items_in_zip(parcel, ()))
        if len(inner) > 1 and RECEIPT not in parcel.namelist():
            yield from inner
            return
    for path in found:
        # A name that isn't UTF-8 has surrogates, which can't be printed.
        parts = [os.fsencode(p).decode(errors="replace") for p in path.relative_to(download).parts]
        time = datetime.fromtimestamp(path.lstat().st_mtime, UTC)
        yield Item(tuple(parts), lambda path=path: from_disk(path), time)


def from_disk(path):
    if path.is_symlink() or not path.is_file():
        raise Refused("it is a link or a device, not a file")
    if path.stat().st_size > LARGEST_WHOLE:
        raise Refused(f"it has more than {LARGEST_WHOLE // MEGABYTE} MB")
    return path.read_bytes()


def whole_download(path):
    try:
        return opened(path)
    except Refused as error:
        raise CourseError(f"{path} can't be opened: {error}.") from None


def items_in_zip(parcel, parts):
    """Yield the zips and notebooks in an open zip."""

    def load(info):
        checked(info, LARGEST_WHOLE)
        return read(parcel, info)

    for info in parcel.infolist():
        if not info.is_dir() and is_handin(info.filename):
            inner = PurePosixPath(info.filename.replace("\\", "/")).parts
            try:
                time = datetime(*info.date_time).astimezone(UTC)  # a zip knows no time zones
            except (ValueError, OverflowError):
                time = datetime.fromtimestamp(0, UTC)
            yield Item((*parts, *inner), lambda info=info: load(info), time)


def is_handin(name, suffixes=(".zip", ".ipynb")):
    parts = PurePosixPath(name).parts
    return name.lower().endswith(suffixes) and not any(map(is_junk, parts))


def is_junk(name):
    return (name.startswith(".") and name not in (".", "..")) or name in JUNK


def without_common_folder(items):
    """Return the items without a folder that all of them lie in; it is nobody's name."""
    while len(items) > 1 and len({item.parts[0] for item in items}) == 1:
        if any(len(item.parts) == 1 for item in items):
            break
        items = [replace(item, parts=item.parts[1:]) for item in items]
    return items


def inside(item, stem):
    """Return the hand-ins that an item is: itself, or those in a zip that holds several."""
    if not item.parts[-1].lower().endswith(".zip"):
        return [item]
    try:
        content = item.load()
        parcel = opened(BytesIO(content))
    except Refused:
        return [item]  # taking it says why
    found = list(items_in_zip(parcel, item.parts))
    names = [inner.parts[-1] for inner in found]
    one = len(found) == 1 or names.count(f"{stem}.ipynb") == 1
    has_zips = any(name.lower().endswith(".zip") for name in names)
    if RECEIPT in parcel.namelist() or not found or (one and not has_zips):
        return [replace(item, load=lambda: content)]
    if len(found) > MOST_INSIDE:
        return [replace(item, load=lambda: too_many(len(found)))]
    return found


def too_many(number):
    raise Refused(f"it holds {number} hand-ins; if it is the whole class's, collect it by itself")
