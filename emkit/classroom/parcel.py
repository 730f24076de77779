"""A hand-in as one zip file with a receipt: written with care, read with suspicion."""

import hashlib
import json
import re
import stat
import unicodedata
import zipfile
import zlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import PurePosixPath

from emkit.classroom.course import CourseError

RECEIPT = "emkit-receipt.json"
MEGABYTE = 1_000_000
LARGEST_FILE = 20 * MEGABYTE
LARGEST_WHOLE = 50 * MEGABYTE
MOST_FILES = 200
DEEPEST = 8  # folders
LONGEST_NAME = 150  # characters
# Deflate reaches 1000; a notebook with pictures 2, one whose outputs are a single number over and
# over some 100.
STEEPEST = 300
LEARNER = re.compile(r"\w[\w.@-]{0,63}")


class Refused(CourseError):
    """A hand-in that can't be taken; the message says why."""


@dataclass(frozen=True)
class Receipt:
    """What lies in the parcel, and whose it is. It isn't signed: it guards against accidents."""

    assignment: str
    learner: str
    time: datetime  # by the learner's clock
    files: dict[str, str]  # SHA-256 in hexadecimal, by name
    emkit: str = version("emkit")

    def to_json(self):
        return json.dumps(asdict(self) | {"time": self.time.isoformat()}, indent=2) + "\n"

    @classmethod
    def from_json(cls, content):
        """Read a receipt; raises `Refused` if it is none, or names an impossible learner."""
        try:
            known = json.loads(content)
            receipt = cls(**known | {"time": datetime.fromisoformat(known["time"])})
            receipt = Receipt(**vars(receipt) | {"time": receipt.time.astimezone(UTC)})
            texts = [receipt.assignment, receipt.learner, receipt.emkit]
            texts += [*receipt.files.keys(), *receipt.files.values()]
            if not all(isinstance(text, str) for text in texts):
                raise TypeError
        except (ValueError, TypeError, KeyError, AttributeError, OverflowError, RecursionError):
            raise Refused("its receipt can't be read") from None
        if learner_id(receipt.learner) != receipt.learner:
            raise Refused(f"'{shortened(receipt.learner)}' can't be a learner's id")
        return receipt


def learner_id(name):
    """Return a name as an id that can be a folder's name: what can't be in one becomes '_'.

    Raises
    ------
    Refused
        If that leaves nothing, or more than 64 characters.
    """
    found = re.sub(r"[^\w.@-]+", "_", unicodedata.normalize("NFC", name)).strip("_.@-")
    if not LEARNER.fullmatch(found):
        raise Refused(
            f"'{shortened(name)}' can't be a learner's id; expected 1 to 64 letters, digits and "
            "_ . @ -"
        )
    return found


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def pack(path, receipt, files):
    """Write a new zip of `files` (contents by name) with the receipt; `path` must not be there."""
    with zipfile.ZipFile(path, "x", zipfile.ZIP_DEFLATED) as parcel:
        parcel.writestr(RECEIPT, receipt.to_json())
        for name, content in files.items():
            parcel.writestr(name, content)


def unpack(file):
    """Return the contents of a zip by name, nothing written anywhere.

    Parameters
    ----------
    file : path or file object

    Raises
    ------
    Refused
        If anything about the zip is broken, dangerous or beyond the limits above.
    """
    with opened(file) as parcel:
        return {name: read(parcel, info) for name, info in entries(parcel).items()}


def opened(file):
    """Open a zip for reading, or raise `Refused`."""
    try:
        return zipfile.ZipFile(file)
    except UnicodeDecodeError:
        raise Refused("it has a file name that isn't UTF-8") from None
    except (zipfile.BadZipFile, NotImplementedError, ValueError, EOFError, OverflowError):
        raise Refused("it is broken, or no zip file at all") from None


def entries(parcel, most=MOST_FILES):
    """Return the files in an open zip by their names, or raise `Refused`."""
    if len(parcel.infolist()) > most:
        raise Refused(f"it has {len(parcel.infolist())} entries, more than {most}")
    found, seen = {}, set()
    for info in parcel.infolist():
        name = checked(info)
        # What this machine's disk may take for the same file.
        same = unicodedata.normalize("NFC", name).casefold().rstrip("/")
        if same in seen:
            raise Refused(f"it has the name {shortened(name)} twice")
        seen.add(same)
        if not name.endswith("/"):
            found[name] = info
    if sum(info.file_size for info in found.values()) > LARGEST_WHOLE:
        raise Refused(f"it unpacks to more than {LARGEST_WHOLE // MEGABYTE} MB")
    folders = {str(parent).casefold() for name in found for parent in PurePosixPath(name).parents}
    for name in found:
        if name.casefold() in folders:
            raise Refused(f"{shortened(name)} is a file and a folder at once")
    return found


def checked(info, largest=LARGEST_FILE):
    """Return the name of an entry that is safe to read, with '/' between folders and after one.

    Raises
    ------
    Refused
        If the entry by itself is dangerous or too large.
    """
    name = safe_name(info)
    shown = shortened(name)
    if stat.S_IFMT(info.external_attr >> 16) not in (0, stat.S_IFREG, stat.S_IFDIR):
        raise Refused(f"{shown} is a link or a device, not a file")
    if info.flag_bits & 0x1:
        raise Refused(f"{shown} is encrypted")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(f"{shown} is packed in a way that isn't known")
    if info.file_size > largest:
        raise Refused(f"{shown} has more than {largest // MEGABYTE} MB")
    if info.file_size > MEGABYTE and info.file_size > STEEPEST * info.compress_size:
        raise Refused(f"{shown} unpacks to more than {STEEPEST} times its size")
    return name


def safe_name(info):
    """Return an entry's name, with '/' between folders, or raise `Refused`."""
    name = info.orig_filename
    if not info.flag_bits & 0x800 and not name.isascii():
        # The standard says cp437, which zipfile believes; many programs write UTF-8 all the same.
        try:
            name = name.encode("cp437").decode()
        except UnicodeError:
            raise Refused("it has a file name that isn't UTF-8") from None
    name = name.replace("\\", "/")
    shown = shortened(name)
    parts = name.removesuffix("/").split("/")
    if name.startswith("/") or re.match(r"[A-Za-z]:", name):
        raise Refused(f"it has an absolute file name, {shown}")
    if any(part in ("", ".", "..") for part in parts):
        raise Refused(f"it has a file name that leads elsewhere, {shown}")
    if not name.isprintable():
        raise Refused(f"it has a file name with control characters, {shown}")
    if len(parts) > DEEPEST or max(len(part.encode()) for part in parts) > LONGEST_NAME:
        raise Refused(f"it has a file name that is too long or too deep, {shown}")
    return name


def read(parcel, info):
    """Return the content of an entry, or raise `Refused`; never more than it says it has."""
    try:
        with parcel.open(info) as file:
            return file.read(info.file_size)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError):
        raise Refused(f"{shortened(info.filename)} in it is broken") from None


def shortened(text):
    """A name as a message shows it: on one line, harmless in a terminal, not too long."""
    text = text if text.isprintable() else ascii(text)[1:-1]
    return text if len(text) <= 60 else f"{text[:40]}...{text[-17:]}"
