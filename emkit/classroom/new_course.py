"""A course of one's own: chosen lessons in a folder elsewhere, with hidden tests on other seeds."""

import hashlib
import re
import shutil
from tempfile import TemporaryDirectory

import nbformat

from emkit.classroom import generate
from emkit.classroom.course import CONFIG, Course, CourseError
from emkit.classroom.notebooks import name_of

HIDDEN = re.compile(r"### BEGIN HIDDEN TESTS.*?### END HIDDEN TESTS", flags=re.S)
COURSE_ID = re.compile(r'^c\.CourseDirectory\.course_id = ".*"$', flags=re.M)
README = """# {name}

Lessons in `notebooks/`, assignments in `assignments/`; made from the course emkit with

    emkit new-course {name} --lessons {lessons}

The commands come with emkit: `make lab` in its folder installs them once, and
`. .venv/bin/activate` there makes them known to a terminal. Run them in this folder: `emkit lab`
opens JupyterLab, `emkit --help` lists the rest. The worked solutions are made by `emkit generate`.
Learners need emkit too, and get this folder without `assignments/source/` and `solutions/`.
"""


def new_course(course, folder, stems, seeds=None, watch=iter):
    """Make a course with some of the lessons and assignments of another.

    Parameters
    ----------
    folder : Path
        Where; nothing may be there yet. Its name becomes the course's id.
    seeds : int, optional
        Draws the seeds of the hidden tests anew, the same ones for the same number. Each
        assignment's source, worked answers included, is then run to see that it passes them.
    watch : callable
        Gets the stems and gives them back one by one; a progress bar does.

    Raises
    ------
    CourseError
        If `folder` is there, or an assignment doesn't pass its own tests.
    """
    folder = folder.resolve()
    if folder.exists():
        raise CourseError(f"{folder} is there already; name a new folder.")
    course_id = re.sub(r"[^\w.-]+", "_", folder.name).strip("_.-")
    if not course_id:
        raise CourseError(f"'{folder.name}' can't be a course's name; use letters and digits.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-unfinished-") as unfinished:
        made = Course(folder.parent / unfinished / folder.name)
        made.root.mkdir()
        config = (course.root / CONFIG).read_text(encoding="utf-8")
        line = f'c.CourseDirectory.course_id = "{course_id}"'
        (made.root / CONFIG).write_text(COURSE_ID.sub(line, config), encoding="utf-8")
        for stem in watch(stems):
            copy_lesson(course, made, stem)
            if seeds is not None:
                redraw(made.source(stem), seeds)
            generate.make_release(made, stem, made.release(stem).parents[1])
        lessons = ",".join(stem.partition("_")[0] for stem in stems)
        # Learners read it too, and whoever knows the number knows the seeds.
        text = README.format(name=folder.name, lessons=lessons)
        (made.root / "README.md").write_text(text, encoding="utf-8")
        made.root.rename(folder)
    return Course(folder)


def copy_lesson(course, made, stem):
    """Copy an assignment's source and the lesson that goes with it."""
    shutil.copytree(course.source(stem).parent, made.source(stem).parent)
    notebooks = made.root / "notebooks"
    notebooks.mkdir(exist_ok=True)
    for path in (course.root / "notebooks").glob(f"{stem}.ipynb"):
        shutil.copy(path, notebooks)
    images = course.root / "notebooks/images"
    if images.is_dir():
        shutil.copytree(images, notebooks / "images", dirs_exist_ok=True)


def redraw(path, seeds):
    """Draw the seeds in a source's hidden tests anew, and run it to see that it passes them."""
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        name = f"{path.stem} {name_of(cell)}"
        cell.source = HIDDEN.sub(
            lambda tests, name=name: reseeded(tests[0], seeds, name), cell.source
        )
    text = nbformat.writes(notebook) + "\n"
    generate.run(nbformat.reads(text, as_version=4), path)
    path.write_text(text, encoding="utf-8")


def reseeded(tests, seeds, name):
    """Return the tests with each seed replaced by one that hangs on nothing but these words."""
    count = 0

    def drawn(match):
        nonlocal count
        count += 1
        digest = hashlib.sha256(f"{seeds} {name} {count}".encode()).digest()
        return f"seed={10_000 + int.from_bytes(digest[:8]) % 990_000}"

    return re.sub(r"\bseed=\d+", drawn, tests)
