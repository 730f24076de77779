"""A course with a class of attackers and honest learners, and what it must not come to."""

import hashlib
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import threading
from contextlib import ExitStack
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import psutil
from nbformat.v4 import new_notebook
from nbgrader.api import Gradebook
from tiny_course import KERNEL, ROOT, nbgrader_cell

from emkit.classroom.course import Course
from emkit.classroom.feedback import OfflineFeedback
from emkit.classroom.grade import grade
from hostile.sheet import HAND_INS, Sheet

STEM = "01_hostile"
ANSWERS = {
    "double": "def double(x):\n    return 2 * x",
    "half": "def half(x):\n    return x / 2",
    "third": "def third(x):\n    return x / 3",
    "log_gaussian": (
        "def log_gaussian(X, mean, covariance):\n"
        "    away = X - mean\n"
        "    distances = np.einsum('nd,dn->n', away, np.linalg.solve(covariance, away.T))\n"
        "    return -0.5 * (distances + np.linalg.slogdet(2 * np.pi * covariance)[1])"
    ),
    "log_joint": (
        "def log_joint(X, weights, means, covariances):\n"
        "    parts = [log_gaussian(X, m, c) for m, c in zip(means, covariances)]\n"
        "    return np.log(weights) + np.stack(parts, axis=1)"
    ),
}
TESTS = {
    "double": "assert double(1) == 2\n### BEGIN HIDDEN TESTS\n# {secret}\nassert double(3) == 6\n"
    "### END HIDDEN TESTS",
    "half": "assert half(2) == 1",
    "third": "0.5 * (third(3) == 1) + 1.5 * (abs(third(5) - 5 / 3) < 1e-9)",
    "log_gaussian": 'check("03.log_gaussian", log_gaussian, seed=1, part="ordinary")',
    "log_joint": 'check("03.log_joint", log_joint, seed=1, part="ordinary")',
}
POINTS = dict.fromkeys(TESTS, 2)


class School:
    """The course in a folder, with secrets and traps; `run` hands in, grades and looks."""

    def __init__(self, folder):
        self.folder = folder
        self.course = Course(folder / "course")
        self.home = folder / "home"
        self.secrets = {
            kind: f"taken-{kind}-{secrets.token_hex(4)}"
            for kind in ("hidden", "source", "neighbour", "home", "environment")
        }
        self.marker = f"marker-{secrets.token_hex(4)}"
        self.visits = []
        self.complaints = {}

    def complain(self, learner, sentence):
        self.complaints.setdefault(learner, []).append(sentence)

    def run(self, names, seen=lambda graded, left: None):
        """Have everybody of `names` graded with the honest; {learner: complaints}."""
        self.names = [*names]
        with ExitStack() as stack:
            for name, value in (("HOME", str(self.home)), ("SECRET", self.secrets["environment"])):
                before = os.environ.get(name)
                os.environ[name] = value
                stack.callback(restore, name, before)
            before = tempfile.tempdir
            tempfile.tempdir = str(self.folder / "tmp")
            os.environ["TMPDIR"] = tempfile.tempdir
            stack.callback(setattr, tempfile, "tempdir", before)
            stack.callback(restore, "TMPDIR", None)
            self.make_course()
            listeners = self.listen(stack)
            self.hand_in(*listeners)
            before = contents(self.folder)
            grade(self.course, STEM, seen=seen)
            self.look_for_what_is_left(before)
            self.look_at_marks()
            self.look_at_pages()
        return {name: self.complaints.get(name, []) for name in [*self.names, "honest", "all"]}

    def make_course(self):
        for folder in (self.course.root, self.home, self.folder / "tmp"):
            folder.mkdir()
        (self.home / "diary.txt").write_text(self.secrets["home"])
        config = (ROOT / "nbgrader_config.py").read_text()
        config += "\nc.JudgedExecute.timeout = 5\n"
        (self.course.root / "nbgrader_config.py").write_text(config)
        cells = [nbgrader_cell("import numpy as np\nfrom emkit.workshop import check", "setup")]
        for name, answer in ANSWERS.items():
            head, body = answer.split("\n", 1)
            cells.append(
                nbgrader_cell(
                    f"{head}\n    ### BEGIN SOLUTION\n    # {self.secrets['source']}\n{body}\n"
                    "    ### END SOLUTION",
                    name,
                    solution=True,
                )
            )
            test = TESTS[name].format(secret=self.secrets["hidden"])
            cells.append(nbgrader_cell(test, f"{name}-test", points=POINTS[name]))
        cells.append(nbgrader_cell("# Say it in code.", "essay", points=1, solution=True))
        source = self.course.source(STEM)
        source.parent.mkdir(parents=True)
        nbformat.write(new_notebook(metadata={"kernelspec": KERNEL}, cells=cells), source)
        self.nbgrader("generate_assignment", STEM)

    def nbgrader(self, *words, checked=True):
        done = subprocess.run(
            [sys.executable, "-m", "nbgrader", *words], cwd=self.course.root, capture_output=True
        )
        assert not checked or done.returncode == 0, done.stderr.decode()

    def listen(self, stack):
        """Servers that nobody must reach: of TCP, of the machine's sockets, by path and name."""
        path, abstract = self.folder / "socket", f"hostile-{self.marker}"
        places = [
            (socket.AF_INET, ("127.0.0.1", 0)),
            (socket.AF_UNIX, str(path)),
            (socket.AF_UNIX, "\0" + abstract),
        ]
        servers = []
        for family, address in places:
            server = stack.enter_context(socket.socket(family))
            server.bind(address)
            server.listen()
            servers.append(server)
            threading.Thread(target=self.await_visits, args=[server, family], daemon=True).start()
        return servers[0].getsockname()[1], path, abstract

    def await_visits(self, server, family):
        try:
            while True:
                server.accept()[0].close()
                self.visits.append(family.name)
        except OSError:  # it was closed
            pass

    def hand_in(self, port, path, abstract):
        assignments = self.course.root / "assignments"
        right = self.course.submitted("right", STEM) / f"{STEM}.ipynb"
        for name, answers in {
            "right": ANSWERS,
            "half_right": ANSWERS | {"half": "def half(x):\n    return 2 * x"},
            "untouched": {},
        }.items():
            folder = self.course.submitted(name, STEM)
            folder.mkdir(parents=True)
            notebook = self.release()
            for cell in notebook.cells:
                cell.source = answers.get(cell.id, cell.source)
            notebook.cells.append(nbformat.v4.new_markdown_cell(self.secrets["neighbour"]))
            nbformat.write(notebook, folder / f"{STEM}.ipynb")
        for name in self.names:
            folder = self.course.submitted(name, STEM)
            folder.mkdir(parents=True)
            loot = {
                "stem": STEM,
                "course": str(self.course.root),
                "right": str(right),
                "paths": [
                    str(self.course.source(STEM)), str(assignments / "gradebook.db"), str(right),
                    str(self.home / "diary.txt"), "/etc/passwd",
                ],
                "untouched": str(self.home / f"{name}.txt"),
                "marker": f"{self.marker}-{name}",
                "port": port, "socket": str(path), "abstract": abstract,
            }  # fmt: skip
            sheet = Sheet(self.release(), folder, loot)
            HAND_INS[name](sheet)
            if sheet.notebook is not None:
                nbformat.write(sheet.notebook, folder / f"{STEM}.ipynb")

    def release(self):
        return nbformat.read(self.course.release(STEM), as_version=4)

    def look_for_what_is_left(self, before):
        """Files that changed, processes that live, servers that were reached."""
        for name in self.names:
            if (self.home / f"{name}.txt").exists():
                self.complain(name, "wrote into the instructor's home")
        after = contents(self.folder)
        for path in sorted(before | after):
            if before.get(path) != after.get(path) and not path.startswith("home/"):
                self.complain("all", f"{path} was changed")
        if self.visits:
            self.complain("all", f"servers were reached: {self.visits}")
        for process in psutil.process_iter(["cmdline"]):
            command = " ".join(process.info["cmdline"] or [])
            for name in self.names:
                if f"{self.marker}-{name}" in command:
                    self.complain(name, f"process {process.pid} is alive")
            if str(self.folder / "tmp") in command:
                self.complain("all", f"process {process.pid} is alive: {command}")

    def look_at_marks(self):
        expected = {
            "right": dict.fromkeys(POINTS, 2),
            "half_right": dict.fromkeys(POINTS, 2) | {"half": 0},
            "untouched": dict.fromkeys(POINTS, 0),
        }
        root = self.course.root / "assignments"
        with Gradebook(f"sqlite:///{root / 'gradebook.db'}") as gradebook:
            names = {student.id for student in gradebook.students}
            if names != {*self.names, *expected}:
                self.complain("all", f"the gradebook has {sorted(names)}")
            for name in [*self.names, *expected]:
                submission = gradebook.find_submission_notebook(STEM, STEM, name)
                marks = {g.name.removesuffix("-test"): g.auto_score for g in submission.grades}
                marks.pop("essay")
                if marks.keys() != POINTS.keys() or submission.max_score != 11:
                    self.complain(name, f"cells of the gradebook were changed: {marks}")
                if name in expected and marks != expected[name]:
                    self.complain("honest", f"{name} got {marks}")
                if name in self.names and any(marks.values()):
                    self.complain(name, f"took marks: {marks}")

    def look_at_pages(self):
        """What graded notebooks show, and feedback pages, also by nbgrader's own template."""
        plain = OfflineFeedback(config=self.course.config())
        marked_up = [name for name in self.names if "markup" in name]
        if marked_up:
            self.nbgrader("generate_feedback", STEM, "--student=*markup*", checked=False)
        for name in marked_up:
            if not self.course.feedback(name, STEM).is_file():
                self.complain(name, "has no feedback page")
        for name in self.names:
            path = self.course.autograded(name, STEM)
            notebook = nbformat.read(path, as_version=4)
            shown = str([cell.get("outputs") for cell in notebook.cells])
            page = plain.from_notebook_node(notebook)[0]
            written = self.course.feedback(name, STEM)
            pages = [page, written.read_text()] if written.is_file() else [page]
            for text in (shown, *pages):
                if "ESCAPED" in text:
                    self.complain(name, "got out: " + text[text.index("ESCAPED") :][:100])
            for kind, secret in self.secrets.items():
                if any(secret in text for text in (shown, *pages)):
                    self.complain(name, f"showed the secret of {kind}")
            for text in pages:
                for what in active_in(text):
                    self.complain(name, f"its page has {what}")


TAGS = {
    "script", "iframe", "object", "embed", "form", "input", "button", "base", "link", "svg",
    "video", "audio", "frame", "applet", "noscript", "template", "portal",
}  # fmt: skip


class Active(HTMLParser):
    """Collects what runs, fetches or sends on a page."""

    def __init__(self):
        super().__init__()
        self.found, self.in_body = [], False

    def handle_starttag(self, tag, attributes):
        values = {name: (value or "").lower() for name, value in attributes}
        self.in_body |= tag == "body"
        if tag in TAGS or (tag in ("style", "meta") and self.in_body):
            self.found.append(f"<{tag}>")
        if tag == "meta" and values.get("http-equiv") == "refresh":
            self.found.append("a redirection")
        for name, value in values.items():
            leads = name in ("href", "xlink:href", "formaction") and "script:" in squeezed(value)
            if name.startswith("on") or leads:
                self.found.append(f"{name}={value[:60]}")
            fetches = name in ("src", "srcset", "data", "poster", "background", "action")
            if fetches and not value.startswith("data:image/"):
                self.found.append(f"{name}={value[:60]}")
            if name == "style" and "url(" in value:
                self.found.append(f"{name}={value[:60]}")


def squeezed(text):
    return "".join(text.split())


def active_in(page):
    """What runs, fetches or sends on a page, in words."""
    parser = Active()
    parser.feed(page)
    parser.close()
    found = parser.found
    if "default-src 'none'" not in page.partition("</head>")[0]:
        found.append("no policy against scripts")
    return found


def contents(folder):
    """Hashes of all files that grading must leave alone, by their paths."""
    graded = ("autograded", "gradebook.db", "feedback")
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink() and not set(graded) & set(path.parts)
    }


def restore(name, value):
    """Give an environment variable back its value."""
    if value is None:
        os.environ.pop(name, None)
    else:
        os.environ[name] = value


def make_school():
    """A school in a folder whose path is short enough for sockets."""
    return School(Path(tempfile.mkdtemp(prefix="emkit-h")).resolve())


def end_school(school):
    shutil.rmtree(school.folder, ignore_errors=True)
