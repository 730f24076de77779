"""Collecting: every platform's download, whoever it is, and no zip hurts another's hand-in."""

import io
import json
import os
import stat
import struct
import subprocess
import sys
import time
import zipfile
import zlib
from datetime import UTC, datetime, timedelta

import nbformat
import pytest
from nbgrader.coursedir import CourseDirectory
from tiny_course import STEM, put

from emkit.classroom import collect as collecting
from emkit.classroom.cli import main
from emkit.classroom.collect import collect
from emkit.classroom.course import CourseError
from emkit.classroom.download import MOST_INSIDE
from emkit.classroom.owners import mapped, owner_of, read_ids
from emkit.classroom.parcel import (
    LARGEST_FILE,
    LARGEST_WHOLE,
    MOST_FILES,
    RECEIPT,
    Receipt,
    Refused,
    pack,
    sha256,
    unpack,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OTHER = "02_other"


@pytest.fixture
def download(course, monkeypatch):
    """An empty download; we are in the course, which has a second assignment."""
    other = nbformat.read(course.release(STEM), as_version=4)
    for cell in other.cells:
        if "nbgrader" in cell.metadata:
            cell.metadata.nbgrader.grade_id = "other-" + cell.metadata.nbgrader.grade_id
    put(other, course.release(OTHER))
    monkeypatch.chdir(course.root)
    folder = course.root / "download"
    folder.mkdir()
    return folder


def notebook(course, text="return 2 * x", stem=STEM):
    return course.release(stem).read_text().replace("raise NotImplementedError", text, 1).encode()


def handed_in(path, content, learner="ada", when=NOON, stem=STEM, **more):
    """Write what `emkit handin` writes."""
    files = {f"{stem}.ipynb": content, **more}
    path.parent.mkdir(parents=True, exist_ok=True)
    pack(path, Receipt(stem, learner, when, {n: sha256(c) for n, c in files.items()}), files)
    return path


def zipped(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def submitted(course):
    """What lies in nbgrader's folder: the notebook's bytes by learner."""
    paths = (course.root / "assignments/submitted").glob(f"*/{STEM}/{STEM}.ipynb")
    return {path.parts[-3]: path.read_bytes() for path in paths}


def words(outcomes):
    return [one.what for one in outcomes]


# How platforms pack what learners hand in


def test_a_hand_in_arrives_as_nbgrader_wants_it(course, download):
    handed_in(download / "a.zip", notebook(course), **{"data/mine.csv": b"1"})
    (outcome,) = collect(course, STEM, download)
    assert (outcome.what, outcome.learner) == ("new", "ada")
    place = course.submitted("ada", STEM)
    files = {path.relative_to(place).as_posix() for path in place.rglob("*") if path.is_file()}
    assert files == {f"{STEM}.ipynb", "data/mine.csv", "timestamp.txt"}
    when = CourseDirectory().get_existing_timestamp(str(place))
    assert when == NOON.replace(tzinfo=None)


@pytest.mark.parametrize(
    ("path", "learner"),
    [
        ("Jane Doe_123_assignsubmission_file_work.zip", "Jane_Doe"),
        ("Jane Doe_123_assignsubmission_file_/work.zip", "Jane_Doe"),
        ("Jane Doe_123_assignsubmission_file/03.ipynb", "Jane_Doe"),
        ("Zoë O'Brien_7_assignsubmission_file_/x.ipynb", "Zoë_O_Brien"),
        ("Assignment 1_jdoe_attempt_2026-11-20-10-11-12_x.ipynb", "jdoe"),
        ("doejane_12345_67890_x.ipynb", "doejane"),
        ("doejane_LATE_12345_67890_x.zip", "doejane"),
        ("1234-567 - Jane Doe - Nov 20, 2026 1011 AM - x.ipynb", "Jane_Doe"),
        ("Doe, Jane(jdoe)/Submission attachment(s)/x.ipynb", "jdoe"),
        ("jdoe/x.ipynb", "jdoe"),
        ("jdoe/x.zip", "jdoe"),
        ("jdoe.ipynb", "jdoe"),
        (f"{STEM}.ipynb", None),  # nothing says whose
    ],
)
def test_without_a_receipt_the_platforms_name_says_whose_it_is(course, download, path, learner):
    path = download / path
    path.parent.mkdir(parents=True, exist_ok=True)
    content = notebook(course)
    if path.suffix == ".zip":
        zipped(path, {f"work/{STEM}.ipynb": content, "__MACOSX/._x": b"", "work/.DS_Store": b""})
    else:
        path.write_bytes(content)
    (outcome,) = collect(course, STEM, download)
    assert outcome.what == ("new" if learner else "refused")
    assert submitted(course) == ({learner: content} if learner else {})


def test_a_zip_of_zips_a_folder_and_a_zip_in_a_folder_are_the_same(course, download):
    contents = {name: notebook(course, f"return {name!r}") for name in ("ada", "bob", "cyd")}
    folder = download / "class"
    for number, (name, content) in enumerate(contents.items()):
        path = folder / f"{name} B_{number}_assignsubmission_file_/x.zip"
        handed_in(path, content, learner=name)
    whole = zipped(
        download / "in/whole.zip",
        {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*.zip")},
    )
    for place in (folder, whole, whole.parent):
        outcomes = collect(course, STEM, place)
        assert words(outcomes) == ["new" if place == folder else "there already"] * 3
        assert submitted(course) == contents


def test_names_in_a_csv_file_count_more_than_the_platforms(course, download, tmp_path):
    (download / "Jane Doe_123_assignsubmission_file_x.ipynb").write_bytes(notebook(course))
    (tmp_path / "ids.csv").write_text("id,name,group\nj1,JANE  Döe,A\nj2,Jane Doe-Smith,B\n")
    collect(course, STEM, download, read_ids(tmp_path / "ids.csv"))
    assert list(submitted(course)) == ["j1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "must have the columns"),
        ("name\nx\n", "must have the columns"),
        ("name,id\nJane,\n", "no id, or two"),
        ("name,id\nJane,1\njane,2\n", "no id, or two"),
        ("name,id\n\xe9,1\n", "can't be read"),
    ],
)
def test_a_csv_file_that_says_nothing_or_two_things_is_an_error(tmp_path, text, message):
    (tmp_path / "ids.csv").write_bytes(text.encode("latin-1"))
    with pytest.raises(CourseError, match=message):
        read_ids(tmp_path / "ids.csv")


def test_the_longest_name_and_the_outermost_part_say_who():
    ids = {"jane doe": "j1", "jane doe smith": "j2", "max": "m"}
    assert mapped(ids, ("Jane Doe-Smith_1", "max.zip")) == "j2"
    assert mapped(ids, ("Jane Doe and Max",)) is None
    assert mapped(ids, ("Maximilian",)) is None


@pytest.mark.parametrize(
    "inside",
    ["ada_1_assignsubmission_file_x.zip", "doe_1_2_x.zip", "x_ada_attempt_2026-01-01-01-01-01.zip"],
)
def test_a_learners_own_file_name_makes_nobody_else_of_them(inside):
    moodle = f"Mal Lory_9_assignsubmission_file_{inside}"
    assert owner_of([moodle]) in ("Mal Lory", None)
    assert owner_of(["Mal Lory_9_assignsubmission_file_", inside]) == "Mal Lory"


# One learner, several hand-ins


def test_newer_replaces_and_puts_by_older_does_not(course, download):
    first, second, third = (notebook(course, f"return {n}") for n in range(3))
    day = timedelta(days=1)
    handed_in(download / "2/x.zip", second, when=NOON)
    assert words(collect(course, STEM, download)) == ["new"]
    handed_in(download / "1/x.zip", first, when=NOON - day)
    assert sorted(words(collect(course, STEM, download))) == ["older", "there already"]
    assert submitted(course) == {"ada": second}
    handed_in(download / "3/x.zip", third, when=NOON + day)
    assert words(collect(course, STEM, download)) == ["older", "there already", "newer"]
    assert submitted(course) == {"ada": third}
    (by,) = (course.collected / "earlier/ada" / STEM).glob("*/*.ipynb")
    assert by.read_bytes() == second


def test_what_nbgrader_collected_itself_is_put_by_and_not_lost(course, download):
    place = course.submitted("ada", STEM)
    put(nbformat.v4.new_notebook(), place / "by_hand.ipynb")
    handed_in(download / "x.zip", notebook(course))
    assert words(collect(course, STEM, download)) == ["newer"]
    (by,) = (course.collected / "earlier/ada" / STEM).glob("*/by_hand.ipynb")
    assert by.is_file()


def test_a_receipt_from_the_future_does_not_lock_the_door(course, download):
    handed_in(download / "x.zip", notebook(course), when=datetime(2099, 1, 1, tzinfo=UTC))
    (outcome,) = collect(course, STEM, download)
    assert "from the future" in outcome.remarks[0]
    when = collecting.timestamp(course.submitted("ada", STEM))
    assert when <= datetime.now(UTC)


def test_a_stranger_with_somebody_elses_id_replaces_nothing(course, download):
    hers = notebook(course)
    handed_in(download / "Ada Low_1_assignsubmission_file_/x.zip", hers)
    theirs = download / "Mal Lory_2_assignsubmission_file_/x.zip"
    handed_in(theirs, notebook(course, "return 0"), when=NOON + timedelta(days=1))
    refused, new = collect(course, STEM, download)
    assert (refused.what, new.what) == ("refused", "new")
    assert "come from Ada Low and Mal Lory" in refused.remarks[0]
    assert submitted(course) == {"ada": hers}
    # Nor later, in a download of their own.
    later = course.root / "later"
    later.mkdir()
    theirs.parent.rename(later / theirs.parent.name)
    (outcome,) = collect(course, STEM, later)
    assert outcome.what == "refused"
    assert submitted(course) == {"ada": hers}


def test_a_csv_file_unmasks_another_learners_id(course, download):
    handed_in(download / "Mal Lory_2_assignsubmission_file_/x.zip", notebook(course))
    ids = {"ada low": "ada", "mal lory": "mal"}
    (outcome,) = collect(course, STEM, download, ids)
    assert outcome.remarks == ("its receipt says that it is ada's, but it comes from mal.",)
    assert submitted(course) == {}


def test_a_nickname_in_the_receipt_is_taken_and_said(course, download):
    handed_in(download / "Jane Doe_2_assignsubmission_file_/x.zip", notebook(course), "jd7")
    (outcome,) = collect(course, STEM, download)
    assert (outcome.what, outcome.learner) == ("new", "jd7")
    assert outcome.remarks == ("its receipt says jd7, the file's name Jane Doe",)


# Hostile and mangled zips, each beside one that is all right


def raw(name, data=b"x", flags=0, mode=stat.S_IFREG):
    """A zip with one entry, put together by hand: zipfile wouldn't write such names."""
    name = name if isinstance(name, bytes) else name.encode()
    sizes = struct.pack("<LLL", zlib.crc32(data), len(data), len(data))
    head = struct.pack("<HHHHH", 20, flags, 0, 0, 0x21) + sizes + struct.pack("<H", len(name))
    attributes = struct.pack("<HHHHLL", 0, 0, 0, 0, (mode | 0o644) << 16, 0)
    local = b"PK\x03\x04" + head + b"\0\0" + name + data
    central = b"PK\x01\x02" + struct.pack("<H", 0x0314) + head + attributes + name
    end = struct.pack("<HHHHLLH", 0, 0, 1, 1, len(central), len(local), 0)
    return local + central + b"PK\x05\x06" + end


def many(names, content=b"x"):
    buffer = io.BytesIO()
    with (
        zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file,
        pytest.MonkeyPatch.context() as m,
    ):
        m.setattr("warnings.warn", lambda *args, **kwargs: None)  # zipfile remarks on duplicates
        for name in names:
            file.writestr(name, content)
    return buffer.getvalue()


def patched(content, offset_from_signature, signature, new):
    """The zip with bytes put over what follows a signature."""
    at = content.index(signature) + offset_from_signature
    return content[:at] + new + content[at + len(new) :]


def encrypted():
    content = many([f"{STEM}.ipynb"])
    content = patched(content, 6, b"PK\x03\x04", b"\x01\x00")
    return patched(content, 8, b"PK\x01\x02", b"\x01\x00")


def method(number):
    content = many([f"{STEM}.ipynb"])
    content = patched(content, 8, b"PK\x03\x04", struct.pack("<H", number))
    return patched(content, 10, b"PK\x01\x02", struct.pack("<H", number))


def bad_checksum():
    content = raw("answer.txt", b"the content of it")
    return content.replace(b"the content", b"The Content")


def garbled():
    return patched(many(["a.txt"], b"abc" * 99), 35, b"PK\x03\x04", b"\xff" * 4)


def lying_about_its_size():
    """An entry of 5 MB that says it has 10 bytes."""
    content = many(["a.txt"], b"0" * 5_000_000)
    ten = struct.pack("<L", 10)
    return patched(patched(content, 22, b"PK\x03\x04", ten), 24, b"PK\x01\x02", ten)


UTF8 = 0x800  # the flag that says that a name is UTF-8
HOSTILE = {
    "empty file": (b"", "broken, or no zip"),
    "no zip": (b"this is a text", "broken, or no zip"),
    "a web page": (b"<html>Please log in</html>", "broken, or no zip"),
    "cut off": (many(["a.txt"], os.urandom(5000))[:-3000], "broken, or no zip"),
    "only the end": (many(["a.txt"])[-22:], "broken, or no zip"),
    "empty zip": (many([]), "0 notebooks"),
    "no notebook": (many(["essay.docx"]), "0 notebooks"),
    "parent folder": (raw("../../evil.py"), "leads elsewhere"),
    "parent folder inside": (raw("a/../../evil.py"), "leads elsewhere"),
    "parent folder, backslashes": (raw("..\\..\\evil.py"), "leads elsewhere"),
    "parent notebook": (raw(f"../{STEM}.ipynb"), "leads elsewhere"),
    "absolute": (raw("/etc/cron.d/evil"), "absolute file name"),
    "absolute, Windows": (raw("C:\\evil.py"), "absolute file name"),
    "network path": (raw("\\\\host\\share"), "absolute file name"),
    "empty part": (raw("a//b"), "leads elsewhere"),
    "NUL in a name": (raw("a\0b.py"), "control characters"),
    "terminal codes in a name": (raw("\x1b[2Ja.py"), "control characters"),
    "right-to-left override": (raw("a\u202egpj.py".encode(), flags=UTF8), "control characters"),
    "long name": (raw("a" * 300 + ".py"), "too long or too deep"),
    "deep name": (raw("a/" * 100 + "b.py"), "too long or too deep"),
    "name that is no UTF-8, though it says so": (raw(b"\xff\xfe.py", flags=UTF8), "isn't UTF-8"),
    "name in no encoding known": (raw(b"\x81\xff.py"), "isn't UTF-8"),
    "symlink": (raw("link.txt", b"/etc/passwd", mode=stat.S_IFLNK), "a link or a device"),
    "device": (raw("null", mode=stat.S_IFCHR), "a link or a device"),
    "block device": (raw("disk", mode=stat.S_IFBLK), "a link or a device"),
    "pipe": (raw("pipe", mode=stat.S_IFIFO), "a link or a device"),
    "socket": (raw("socket", mode=stat.S_IFSOCK), "a link or a device"),
    "encrypted": (encrypted(), "encrypted"),
    "unknown packing": (method(99), "packed in a way"),
    "LZMA": (method(14), "packed in a way"),
    "bad checksum": (bad_checksum(), "is broken"),
    "garbled data": (garbled(), "is broken"),
    "size that is a lie": (lying_about_its_size(), "is broken"),
    "the same name twice": (many(["a.txt", "a.txt"]), "twice"),
    "the same but for case": (many(["a.txt", "A.TXT"]), "twice"),
    "the same but for accents": (many(["\u00e9", "e\u0301"]), "twice"),
    "a file and a folder at once": (many(["a", "a/b"]), "a file and a folder at once"),
    "too many files": (many(str(n) for n in range(MOST_FILES + 1)), "entries, more than"),
    "bomb": (many(["bomb.txt"], b"\0" * (LARGEST_FILE - 1)), "times its size"),
    "large file": (many(["large.txt"], b"\0" * (LARGEST_FILE + 1)), "MB"),
    "two notebooks": (many(["x/a.ipynb", "x/b.ipynb"]), "can't be read as a notebook"),
    "receipt that is no JSON": (many([RECEIPT, f"{STEM}.ipynb"]), "receipt can't be read"),
    "receipt that is a list": (many([RECEIPT], b"[]"), "receipt can't be read"),
    "receipt with half a field": (many([RECEIPT], b'{"learner": 1}'), "receipt can't be read"),
    "receipt too deep": (many([RECEIPT], b"[" * 200_000), "receipt can't be read"),
    "some notebook that is no JSON": (many(["x.ipynb"]), "can't be read as a notebook"),
    "some notebook too deep": (many(["x.ipynb"], b'{"a":' * 90_000), "can't be read as"),
    "some notebook without cells": (many(["x.ipynb"], b"{}"), "can't be read as a notebook"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_bad_zip_is_refused_with_its_reason_and_hurts_no_other(course, download, name):
    content, reason = HOSTILE[name]
    good = notebook(course)
    handed_in(download / "aaa/x.zip", good, "aaa")
    (download / "mallory").mkdir()
    (download / "mallory/x.zip").write_bytes(content)
    handed_in(download / "zzz/x.zip", good, "zzz")
    before = everything(course.root)
    outcomes = collect(course, STEM, download)
    refused = [one for one in outcomes if one.what == "refused"]
    assert {str(one.item).split("/")[0] for one in refused} == {"mallory"}
    assert all(reason in one.remarks[0] for one in refused), refused
    assert words(outcomes).count("new") == 2
    new = everything(course.root) - before
    assert new == {
        "assignments/collected",
        f"assignments/collected/{STEM}.json",
        "assignments/submitted",
        *(
            f"assignments/submitted/{learner}{rest}"
            for learner in ("aaa", "zzz")
            for rest in ("", f"/{STEM}", f"/{STEM}/{STEM}.ipynb", f"/{STEM}/timestamp.txt")
        ),
    }


def everything(folder):
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*")}


def receipted(course, change):
    """A hand-in whose receipt was changed by hand."""
    content = notebook(course)
    fields = json.loads(Receipt(STEM, "ada", NOON, {f"{STEM}.ipynb": sha256(content)}).to_json())
    return {f"{STEM}.ipynb": content, RECEIPT: json.dumps(fields | change)}


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"learner": "../../etc"}, "can't be a learner's id"),
        ({"learner": "/root"}, "can't be a learner's id"),
        ({"learner": ""}, "can't be a learner's id"),
        ({"learner": "a" * 10_000}, "can't be a learner's id"),
        ({"learner": ["ada"]}, "receipt can't be read"),
        ({"learner": None}, "receipt can't be read"),
        ({"assignment": OTHER}, f"a hand-in of {OTHER}"),
        ({"assignment": "../x"}, "a hand-in of ../x"),
        ({"time": "yesterday"}, "receipt can't be read"),
        ({"time": "0001-01-01T00:00:00+23:59"}, "receipt can't be read"),
        ({"time": 7}, "receipt can't be read"),
        ({"files": {}}, "changed after its receipt"),
        ({"files": {f"{STEM}.ipynb": "0" * 64}}, "changed after its receipt"),
        ({"files": [1]}, "receipt can't be read"),
        ({"sudo": True}, "receipt can't be read"),
    ],
)
def test_a_receipt_that_lies_is_refused(course, download, change, reason):
    zipped(download / "x.zip", receipted(course, change))
    (outcome,) = collect(course, STEM, download)
    assert outcome.what == "refused"
    assert reason in outcome.remarks[0]
    assert submitted(course) == {}


def test_a_file_that_the_receipt_does_not_know_is_refused(course, download):
    zipped(download / "x.zip", receipted(course, {}) | {"later.py": b"x"})
    (outcome,) = collect(course, STEM, download)
    assert "changed after its receipt" in outcome.remarks[0]


def test_another_assignments_notebook_is_refused_by_its_cells(course, download):
    zipped(download / "ada.zip", {f"{STEM}.ipynb": notebook(course, stem=OTHER)})
    (outcome,) = collect(course, STEM, download)
    assert f"its cells are those of {OTHER}" in outcome.remarks[0]


@pytest.mark.parametrize(
    ("mangle", "remark"),
    [
        (lambda content: content[:-300], "it needs a person. The notebook's file is damaged"),
        (lambda content: b"", "it needs a person. The notebook's file is empty"),
        (lambda content: b'{"a":' * 90_000, "it needs a person."),
        (lambda content: content.replace(b"grade_id", b"grade"), "lost their names"),
        (lambda content: content.decode().encode("utf-16"), "saved as utf-16"),
    ],
)
def test_a_damaged_notebook_is_taken_as_it_is_where_its_name_says_whose_it_is(
    course, download, mangle, remark
):
    content = mangle(notebook(course))
    for name in ("ada/work.zip", "bob"):
        (download / name).parent.mkdir(exist_ok=True)
    zipped(download / "ada/work.zip", {f"{STEM}.ipynb": content})
    (download / "bob").mkdir()
    (download / f"bob/My {STEM} (1).ipynb").write_bytes(content)
    (download / "eve").mkdir()
    (download / "eve/something.ipynb").write_bytes(b"damaged")
    outcomes = {one.learner: one for one in collect(course, STEM, download)}
    assert submitted(course) == {"ada": content, "bob": content}
    assert all(remark in " ".join(outcomes[name].remarks) for name in ("ada", "bob"))
    assert outcomes[""].what == "refused"


def test_links_and_devices_in_the_download_are_refused(course, download):
    (download / "ada.ipynb").symlink_to(course.source(STEM))
    os.mkfifo(download / "bob.zip")
    outcomes = collect(course, STEM, download)
    assert [one.remarks for one in outcomes] == [("it is a link or a device, not a file.",)] * 2


def test_a_learners_own_timestamp_does_not_count(course, download):
    files = {f"{STEM}.ipynb": notebook(course), "timestamp.txt": b"2001-01-01 00:00:00.0 UTC"}
    files["deep/timestamp.txt/x"] = b"x"
    zipped(download / "ada.zip", files)
    zipped(download / "bob.zip", {f"{STEM}.ipynb": notebook(course), "timestamp.txt/x": b"x"})
    assert words(collect(course, STEM, download)) == ["new", "new"]
    assert collecting.timestamp(course.submitted("ada", STEM)).year > 2001


def test_zips_in_a_learners_zip_are_theirs_and_few(course, download):
    inner = zipped(course.root / "inner.zip", {f"{STEM}.ipynb": notebook(course)}).read_bytes()
    names = [f"eve{n}_1_assignsubmission_file_x.zip" for n in range(2)]
    zipped(download / "Mal_1_assignsubmission_file_x.zip", dict.fromkeys(names, inner))
    handed_in(download / "bob_2_assignsubmission_file_x.zip", notebook(course), "bob")
    collect(course, STEM, download)
    assert set(submitted(course)) == {"Mal", "bob"}
    names = {f"{n}.zip": inner for n in range(MOST_INSIDE + 1)}
    zipped(download / "Mal_1_assignsubmission_file_x.zip", names)
    outcomes = collect(course, STEM, download)
    assert "it holds 21 hand-ins" in outcomes[0].remarks[0]


def test_zips_within_zips_within_zips_end(course, download):
    content = many([f"{STEM}.ipynb"])
    for _ in range(50):
        content = many(["a.zip"], content)
    (download / "mal.zip").write_bytes(content)
    handed_in(download / "bob.zip", notebook(course), "bob")
    assert words(collect(course, STEM, download)) == ["refused", "new"]


def test_reading_a_bomb_takes_little_memory_and_time():
    import tracemalloc

    bomb = io.BytesIO(many([f"{n}.txt" for n in range(10)], b"\0" * LARGEST_FILE))
    tracemalloc.start()
    started = time.process_time()
    with pytest.raises(Refused, match="times its size"):
        unpack(bomb)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < LARGEST_WHOLE / 10
    assert time.process_time() - started < 5


# Stopped in the middle


@pytest.mark.skipif(not hasattr(os, "fork"), reason="the runs to be killed are forks")
def test_a_kill_in_the_middle_leaves_nothing_half_written(course, download):
    """Killed before each of its changes to the disk, then run again: all there, nothing lost."""
    old, new = notebook(course, "return 1"), notebook(course, "return 2")
    handed_in(course.root / "old/x.zip", old)
    collect(course, STEM, course.root / "old")
    handed_in(download / "x.zip", new, when=NOON + timedelta(days=1), **{"b.csv": b"1"})
    with subprocess.Popen(
        [sys.executable, "-c", KILLER, str(course.root), STEM, str(download)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as killer:
        killed = 0
        for code in iter(killer.stdout.readline, ""):
            place = course.submitted("ada", STEM)
            files = {path.name for path in place.iterdir()} if place.exists() else set()
            assert files - {"b.csv"} in (set(), {f"{STEM}.ipynb", "timestamp.txt"})
            earlier = [path.read_bytes() for path in course.collected.glob("earlier/**/*.ipynb")]
            assert old in [*earlier, *submitted(course).values()]
            if code == "0\n":
                break
            killed += 1
            killer.stdin.write("on\n")
            killer.stdin.flush()
        killer.stdin.close()
    assert killed > 5
    assert code == "0\n"
    assert submitted(course) == {"ada": new}
    assert not list(course.collected.glob(".unfinished*"))


# Collects in a fork, which ends as a killed process does before its nth change to the disk; says
# how it ended, and waits to be told to go on.
KILLER = """
import os, sys
from pathlib import Path
from emkit.classroom.collect import collect
from emkit.classroom.course import Course
root, stem, download = sys.argv[1:]

def killed_at(step):
    def watch(event, args):
        nonlocal step
        writes = event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
        if root in str(args) and (writes or event in ("os.rename", "os.mkdir", "os.rmdir")):
            step -= 1
            if not step:
                os._exit(9)
    sys.addaudithook(watch)

for step in range(1, 100):
    child = os.fork()
    if not child:
        killed_at(step)
        collect(Course(Path(root)), stem, Path(download))
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
    if not sys.stdin.readline():
        break
"""


# The command


def test_the_command_prints_what_became_of_each(course, download, capsys):
    handed_in(download / "ada.zip", notebook(course))
    assert main(["collect", "download", "--assignment", "01"]) == 0
    shown = capsys.readouterr().out.splitlines()
    assert shown == ["new            ada           ada.zip", f"{STEM}: 1 new"]
    (download / "x.zip").write_bytes(b"")
    assert main(["collect", "download", "--assignment", "01"]) == 1
    captured = capsys.readouterr()
    assert f"{STEM}: 1 refused, 1 there already" in captured.out
    assert captured.err == "emkit: refused: 1 of 2; the reasons are above.\n"


def test_an_empty_download_and_a_missing_one_are_told_apart(download, capsys):
    assert main(["collect", "download", "--assignment", "01"]) == 1
    assert "has neither zips nor notebooks" in capsys.readouterr().err
    assert main(["collect", "nowhere", "--assignment", "01"]) == 2
    assert "does not exist" in capsys.readouterr().err


def test_what_handin_writes_collect_takes(course, download, capsys):
    main(["start"])
    assert main(["handin", "01", "--quick", "--name", "ada"]) == 0
    assert main(["collect", "my_work/handins", "--assignment", "01"]) == 0
    assert submitted(course) == {"ada": course.work(STEM).read_bytes()}
