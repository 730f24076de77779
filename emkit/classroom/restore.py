"""Giving a hand-in its release's cells back: whatever happened to them, the answers count.

The gradebook knows the cells that nbgrader does: tests and other locked ones, and answers. A
hand-in's cell is one of them by its nbgrader metadata or, where they are lost, by its id.
"""

import ast
import functools
import re
from dataclasses import dataclass
from textwrap import shorten

from nbformat.v4 import new_code_cell, new_markdown_cell
from nbgrader.api import Gradebook
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor

from emkit.classroom.rescue import NeedsPerson, mend

SCHEMA = 3  # of nbgrader's metadata
FLAGS = ("grade", "solution", "schema_version")
LONGEST = 50_000  # characters of a source that is looked into


@dataclass(frozen=True)
class Known:
    """A cell of the release, as the gradebook has it."""

    name: str
    type: str
    source: str
    checksum: str
    locked: bool
    solution: bool
    task: bool
    points: float | None

    @property
    def metadata(self):
        """nbgrader's."""
        points = {} if self.points is None else {"points": self.points}
        return points | {
            "grade": self.points is not None and not self.task,
            "grade_id": self.name,
            "locked": self.locked,
            "solution": self.solution,
            "task": self.task,
            "schema_version": SCHEMA,
            "cell_type": self.type,
            "checksum": self.checksum,
        }

    @property
    def released(self):
        """The source that learners got."""
        return without_hidden_tests(self.source)

    @property
    def defines(self):
        """Names of functions and variables that an answer of code is about."""
        return defined(self.source) if self.solution and self.type == "code" else set()

    def new(self):
        """The cell itself."""
        make = new_code_cell if self.type == "code" else new_markdown_cell
        return make(self.source, metadata={"nbgrader": self.metadata})


@functools.lru_cache(maxsize=512)
def without_hidden_tests(source):
    """A test's source as learners get it."""
    cell = new_code_cell(source)
    ClearHiddenTests()._remove_hidden_test_region(cell)
    return cell.source


class RestoreCells(NbGraderPreprocessor):
    """Make the cells that nbgrader knows what they are in the release, but for the answers."""

    def preprocess(self, nb, resources):
        about = resources["nbgrader"]
        with Gradebook(about["db_url"]) as gradebook:
            release = known_cells(gradebook.find_notebook(about["notebook"], about["assignment"]))
        said = Restoring(nb, release).run()
        mend(nb, *said)
        for sentence in said:
            self.log.warning("%s: %s", about["student"], sentence)
        return nb, resources


def known_cells(notebook):
    """Return the cells of a gradebook's notebook by name, in order."""
    points = {cell.name: cell.max_score for cell in [*notebook.grade_cells, *notebook.task_cells]}
    solutions = {cell.name for cell in notebook.solution_cells}
    tasks = {cell.name for cell in notebook.task_cells}
    return {
        cell.name: Known(
            cell.name, cell.cell_type, cell.source, cell.checksum, cell.locked,
            cell.name in solutions, cell.name in tasks, points.get(cell.name),
        )
        for cell in notebook.source_cells
    }  # fmt: skip


class Restoring:
    """The restoring of one hand-in.

    Raises
    ------
    NeedsPerson
        Where an answer can be seen, but only a person can say what it is.
    """

    def __init__(self, nb, release):
        self.nb, self.release = nb, release
        self.found = {}  # the release's cells in the hand-in, by name
        self.mended = {}  # the names of cells, by what happened to them

    def run(self):
        """Restore it; return sentences that tell what was mended."""
        self.find()
        self.restore()
        self.cut_tests_out()
        self.replace_stubs()
        self.bring_back()
        self.sort()
        return [f"{', '.join(names)}: {what}." for what, names in self.mended.items()]

    def find(self):
        """Find the release's cells; all others become plain ones."""
        claims = {name: [] for name in self.release}
        for cell in self.nb.cells:
            about = cell.metadata.get("nbgrader")
            name = about and about.get("grade_id")
            if isinstance(name, str) and name in claims:
                claims[name].append(cell)
            elif about:
                self.say("not of this assignment, and so a plain cell", shorten(str(name), 40))
        taken = [id(cell) for cells in claims.values() for cell in cells]
        by_id = {cell.id: cell for cell in self.nb.cells if id(cell) not in taken}
        for name, cells in claims.items():
            if not cells and (name in by_id or (cells := self.like(self.release[name], by_id))):
                cells = cells or [by_id[name]]
                del by_id[cells[0].id]
                self.say("had lost nbgrader's metadata, and has them again", name)
            if cells:
                self.found[name] = self.choose(self.release[name], cells)
        answers = set().union(*(known.defines for known in self.release.values()))
        texts = [cell.source for cell in self.nb.cells]
        if not self.found and not any(mentions(text, name) for text in texts for name in answers):
            raise NeedsPerson(
                "There is no cell of this assignment in it. Was another notebook handed in?"
            )

    def like(self, known, cells):
        """The first of some cells by id that has a known one's source, in a list."""
        sources = (known.source, known.released)
        alike = (cell for cell in cells.values() if any(same(cell.source, s) for s in sources))
        return [cell for cell in alike if cell.cell_type == known.type][:1]

    def choose(self, known, cells):
        """The one of several cells of the same name that counts."""
        if len(cells) == 1:
            return cells[0]
        whole = "\n".join(cell.source for cell in cells)
        if known.solution and not all(parses(cell.source) for cell in cells) and parses(whole):
            self.say("split in the middle; its parts are one cell again", known.name)
            cells[0].source = whole
            self.drop(cells[1:])
            return cells[0]
        if known.locked:
            self.say("there more than once; one of them counts", known.name)
            return cells[-1]
        stubs = [cell for cell in cells if same(cell.source, known.source)]
        written = [cell for cell in cells if not same(cell.source, known.source)]
        self.say("there more than once; the last that you wrote counts", known.name)
        if written:
            self.drop(stubs)
        return (written or stubs)[-1]

    def restore(self):
        """Give the cells their type and metadata back, and the locked ones their source."""
        before = {name: cell.metadata.get("nbgrader", {}) for name, cell in self.found.items()}
        for cell in self.nb.cells:
            cell.metadata.pop("nbgrader", None)
        for name, cell in self.found.items():
            known = self.release[name]
            if before[name] and any(before[name].get(k) != known.metadata[k] for k in FLAGS):
                self.say("nbgrader's metadata were changed; they are the release's again", name)
            if cell.cell_type != known.type:
                self.say(f"had become {cell.cell_type}; it is {known.type} again", name)
                become(cell, known.type)
            cell.metadata["nbgrader"] = known.metadata
        for name, cell in self.found.items():
            known = self.release[name]
            if not known.locked or same(cell.source, known.source):
                continue
            if not same(cell.source, known.released):
                self.keep_answers_in(cell, name)
            cell.source = known.source

    def keep_answers_in(self, cell, name):
        """Keep what a locked cell has of answers that are nowhere else, in a cell before it."""
        lacking = set().union(*(k.defines for k in self.release.values() if self.lacks(k)))
        lacking -= self.defined_elsewhere()
        if defined(cell.source) & lacking:
            behind = not self.gives_points(name)
            self.nb.cells.insert(self.place(cell) + behind, new_code_cell(cell.source))
            self.say("held an answer, which is in a cell of its own now", name)
        elif any(mentions(cell.source, one) for one in lacking):
            self.for_a_person(f"in the locked cell `{name}`, in a way that can't be read")
        else:
            self.say("changed, though it was locked; it is the release's again", name)

    def cut_tests_out(self):
        """Cut tests out of cells with answers that they were merged with.

        A test that fails would keep the answers below it from being run.
        """
        answers = set().union(*(known.defines for known in self.release.values()))
        for cell in self.own_cells():
            if not defined(cell.source) & answers:
                continue
            for name in filter(self.gives_points, self.release):
                test = self.release[name].released.strip()
                if f"\n{test}\n" in f"\n{cell.source}\n":
                    cell.source = f"\n{cell.source}\n".replace(f"\n{test}\n", "\n").strip("\n")
                    self.say("stood in a cell with answers; it is one of its own again", name)

    def replace_stubs(self):
        """Where an answer is written in another cell, leave its stub out; say what is missing."""
        for name, known in self.release.items():
            if not known.defines or not self.lacks(known):
                continue
            if known.defines <= self.defined_elsewhere(name):
                if name in self.found:
                    self.drop([self.found.pop(name)])
                    self.say("answered in another cell; the empty one was left out", name)
                else:
                    self.say("missing, but its answer was found in another cell", name)
            elif name not in self.found and not self.make_code_of(known):
                self.say("missing, and its answer is in no other cell", name)

    def make_code_of(self, known):
        """Make code of a text that is an answer; whether there was one."""
        for cell in self.nb.cells:
            if cell.cell_type == "code" and parses(cell.source):
                continue
            if any(mentions(cell.source, name) for name in known.defines):
                if cell.cell_type == "code" or not known.defines <= defined(cell.source):
                    kind = "cell of code" if cell.cell_type == "code" else "text cell"
                    self.for_a_person(f"in a {kind} that can't be read as Python")
                become(cell, "code")
                self.say("answered in a text cell; it is code again", known.name)
                return True
        return False

    def bring_back(self):
        """Bring missing locked cells back, and those that a person marks."""
        place = 0
        for name, known in self.release.items():
            if name in self.found:
                place = self.place(self.found[name]) + 1
            elif known.locked or known.points is not None:
                cell = known.new()
                if known.solution:  # so that it doesn't count as an answer left empty
                    mark = "# " if known.type == "code" else ""
                    cell.source = f"{mark}This cell was missing.\n\n{cell.source}"
                self.nb.cells.insert(place, cell)
                self.found[name] = cell
                self.say("missing, and brought back", name)
                place += 1

    def sort(self):
        """Have each test after the answers that come before it in the release.

        A locked cell that gives no points, such as the imports, comes before what follows it.
        """
        names = list(self.release)
        for number, name in reversed(list(enumerate(names))):
            cell = self.found.get(name)
            if cell is None or self.gives_points(name) is not False:
                continue
            later = [self.place(self.found[n]) for n in names[number + 1 :] if n in self.found]
            if later and min(later) < self.place(cell):
                self.move(cell, min(later))
                self.say("stood too late; it was moved up to where it belongs", name)
        last = None
        for number, name in enumerate(names):
            if not self.gives_points(name):
                continue
            cell, answers = self.found[name], [self.release[n] for n in names[:number]]
            homes = [self.place(home) for home in map(self.home, answers) if home is not None]
            if max(homes, default=-1) > self.place(cell):
                after = max(homes) if last is None else max(*homes, self.place(last))
                self.move(cell, after + 1)
                last = cell
                self.say("stood before the answers that it tests; it was moved after them", name)

    def gives_points(self, name):
        """Whether a locked cell does; None where it isn't locked."""
        known = self.release[name]
        return known.points is not None if known.locked else None

    def home(self, known):
        """The cell in which an answer stands, None where there is none."""
        if not known.defines or not self.lacks(known):
            return self.found.get(known.name) if known.solution else None
        cells = [cell for cell in self.own_cells() if defined(cell.source) & known.defines]
        return cells[-1] if cells else None

    def own_cells(self, but=None):
        """The learner's cells of code, but for the answer of that name and empty ones."""
        others = [
            cell
            for name, cell in self.found.items()
            if name == but or self.release[name].locked or self.lacks(self.release[name])
        ]
        return [
            cell
            for cell in self.nb.cells
            if cell.cell_type == "code" and not any(cell is other for other in others)
        ]

    def defined_elsewhere(self, name=None):
        """What the learner's cells define, but for the answer of that name."""
        return set().union(*(defined(cell.source) for cell in self.own_cells(but=name)))

    def lacks(self, known):
        """Whether an answer's cell is missing, or as it was released."""
        cell = self.found.get(known.name)
        return known.solution and (cell is None or same(cell.source, known.source))

    def for_a_person(self, where):
        raise NeedsPerson(
            f"An answer is {where}. Somebody has to look at it; paste it into its own cell in a "
            "fresh copy of the release, and hand in again."
        )

    def place(self, cell):
        return next(i for i, other in enumerate(self.nb.cells) if other is cell)

    def move(self, cell, place):
        """Move a cell to before the one at that place."""
        old = self.place(cell)
        del self.nb.cells[old]
        self.nb.cells.insert(place - (old < place), cell)

    def drop(self, cells):
        for cell in cells:
            del self.nb.cells[self.place(cell)]

    def say(self, what, name):
        """Note what happened to a cell."""
        self.mended.setdefault(what, []).append(f"`{name}`")


def become(cell, kind):
    """Change a cell's type."""
    cell.cell_type = kind
    for name in ("outputs", "execution_count", "attachments"):
        cell.pop(name, None)
    if kind == "code":
        cell.outputs, cell.execution_count = [], None


def same(source, other):
    """Whether two sources are the same but for white space at the ends of lines."""
    one, other = ([line.rstrip() for line in text.strip().splitlines()] for text in (source, other))
    return one == other


@functools.lru_cache(maxsize=512)
def defined(source):
    """Names that a cell's statements define; none where it can't be read."""
    names = set()
    for statement in statements(source) or ():
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names.add(statement.name)
        elif isinstance(statement, ast.Assign):
            nodes = (node for target in statement.targets for node in ast.walk(target))
            names |= {node.id for node in nodes if isinstance(node, ast.Name)}
    return frozenset(names)


def parses(source):
    """Whether a source is Python, but for IPython's own commands."""
    return statements(source) is not None


def statements(source):
    """The statements of a cell without IPython's own commands; None where it can't be read."""
    for text in (source, re.sub(r"^[ \t]*[%!].*", "", source, flags=re.M)):
        try:
            return ast.parse(text if len(text) <= LONGEST else "(").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            pass
    return None


def mentions(source, name):
    """Whether a text has the head of a function, or a line that sets a variable."""
    return re.search(rf"^[ \t]*(def {name}\b|{name} *=(?!=))", source, flags=re.M) is not None
