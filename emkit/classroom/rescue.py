"""Reading a hand-in's notebook however it was saved, and keeping what was mended in it.

What was mended is a list of sentences for the learner, in the notebook's metadata.
"""

import codecs
import json
import re
import warnings

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import from_dict, v4
from nbformat.v4.nbbase import random_cell_id

KINDS = ("code", "markdown", "raw")
PICTURES = ("image/png", "image/jpeg", "image/gif")
ID = re.compile(r"[a-zA-Z0-9_-]{1,64}")
CONFLICT = {"<<<<<<<": "ours", "|||||||": "before", "=======": "theirs", ">>>>>>>": "both"}


class NeedsPerson(ValueError):
    """Nobody but a person can say what a hand-in is; the message is for the learner."""


class RescuingExporter(NotebookExporter):
    """nbconvert's exporter of notebooks, for files that anything may have happened to."""

    def from_file(self, file_stream, resources=None, **kwargs):
        notebook, said = rescue(file_stream.buffer.read())
        mend(notebook, *(resources or {}).get("nbgrader", {}).get("mended", []), *said)
        return self.from_notebook_node(notebook, resources=resources, **kwargs)


def mend(notebook, *sentences):
    """Add what was mended to a notebook's metadata."""
    notebook.metadata.setdefault("emkit", {}).setdefault("mended", []).extend(sentences)


def mended(notebook):
    """What was mended in a notebook."""
    return list(notebook.metadata.get("emkit", {}).get("mended", []))


def rescue(content):
    """Return (a new notebook of the cells in some bytes, sentences on what was mended).

    The cells keep their type, source, id, pasted pictures and nbgrader's metadata; outputs and all
    else are left.

    Raises
    ------
    NeedsPerson
        If nobody but a person can say what the notebook is.
    """
    text, said = decoded(content)
    if not text.strip("\0 \t\r\n"):
        raise NeedsPerson("The notebook's file is empty. Hand it in again.")
    data = parsed(text, said)
    if not (isinstance(data, dict) and isinstance(data.get("cells", data.get("worksheets")), list)):
        raise NeedsPerson("The file is no Jupyter notebook: there are no cells in it.")
    version = data.get("nbformat")
    newest = (nbformat.current_nbformat, nbformat.current_nbformat_minor)
    if "cells" not in data:
        data = upgraded(data, version)
        said.append(f"The notebook was in the old format {version}; it was brought to the new one.")
    elif numbers(version, data.get("nbformat_minor")) > newest:
        said.append("The notebook's format is newer than this program; what it knows was read.")
    cells = [cell for cell in data["cells"] if isinstance(cell, dict)]
    ids = [cell.get("id") for cell in cells if "id" in cell]
    if len(ids) > len({str(name) for name in ids if ID.fullmatch(str(name))}):
        said.append("Some cells had an id that isn't one, or another cell's; they got new ones.")
    if ids and len(ids) < len(cells):
        said.append("Some cells had lost their ids; they got new ones.")
    return new_notebook(cells), said


def numbers(*values):
    """Values as numbers; 0 for what is none."""
    return tuple(value if isinstance(value, int) else 0 for value in values)


def decoded(content):
    """Return (the text of a file, what was mended)."""
    encoding = json.detect_encoding(content)
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        encoding = "cp1252"
        text = content.decode(encoding, errors="replace")
    # The name is Python's own, without the byte order mark's.
    name = codecs.lookup(encoding.removesuffix("-sig")).name
    text = text.removeprefix("\ufeff")
    if name == "utf-8":
        return text, []
    return text, [f"The file was saved as {name}, not as UTF-8; are all letters what they were?"]


def parsed(text, said):
    """Return what a JSON text holds, where both sides of a merge conflict have the same cells."""
    try:
        return json.loads(text)
    except RecursionError:
        raise NeedsPerson("The file is no Jupyter notebook: it is nested too deep.") from None
    except ValueError as error:  # of JSON, or a number without end
        line = getattr(error, "lineno", 1)
        where = f"in line {line} of {len(text.splitlines())}"
    if not re.search(r"^<{7}", text, flags=re.M):
        raise NeedsPerson(
            f"The notebook's file is damaged or breaks off ({where}). Open it in JupyterLab; if "
            "that fails, paste your answers into a fresh copy of the release, and hand in again."
        )
    try:
        one, other = (json.loads(side_of(text, side)) for side in ("ours", "theirs"))
        same = sources(one) == sources(other)
    except (ValueError, AttributeError, KeyError, TypeError, RecursionError):
        same = False
    if not same:
        raise NeedsPerson(
            "The notebook's file holds both sides of a merge conflict of git (lines that begin "
            "with <<<<<<<). Choose between them, and hand in again."
        )
    said.append("The file held both sides of a merge conflict; their cells are the same.")
    return one


def side_of(text, side):
    """One side of the merge conflicts in a text."""
    lines, here = [], "both"
    for line in text.splitlines(keepends=True):
        if line[:7] in CONFLICT:
            here = CONFLICT[line[:7]]
        elif here in ("both", side):
            lines.append(line)
    return "".join(lines)


def sources(data):
    """All cells' types and sources."""
    return [(cell["cell_type"], source_of(cell)) for cell in data["cells"]]


def upgraded(data, version):
    """Return an old notebook in format 4."""
    try:
        with warnings.catch_warnings(action="ignore"):
            return nbformat.reads(json.dumps(data), as_version=4)
    except Exception as error:  # whatever those old converters stumble over
        raise NeedsPerson(
            f"The notebook is in the old format {version!r}, and can't be brought to the new one "
            f"({type(error).__name__}). Paste your answers into a fresh copy of the release."
        ) from None


def new_notebook(cells):
    """A valid notebook with what counts of these cells."""
    used, new_cells = set(), []
    for cell in cells:
        metadata, kind, name = cell.get("metadata"), cell.get("cell_type"), str(cell.get("id"))
        about = metadata.get("nbgrader") if isinstance(metadata, dict) else None
        new = {
            "cell_type": kind if kind in KINDS else "raw",
            "id": name if ID.fullmatch(name) and "id" in cell else random_cell_id(),
            "metadata": {"nbgrader": about} if isinstance(about, dict) else {},
            "source": source_of(cell),
        }
        while new["id"] in used:
            new["id"] = random_cell_id()
        used.add(new["id"])
        if kind == "code":
            new |= {"execution_count": None, "outputs": []}
        elif kind == "markdown" and (pictures := pictures_of(cell)):
            new["attachments"] = pictures
        new_cells.append(new)
    return v4.new_notebook(
        metadata=from_dict({"language_info": {"name": "python"}}), cells=from_dict(new_cells)
    )


def pictures_of(cell):
    """Pictures that were pasted into a cell of text, by name."""
    pasted = cell.get("attachments")
    return {
        str(name): {kind: data for kind, data in bundle.items() if kind in PICTURES}
        for name, bundle in (pasted.items() if isinstance(pasted, dict) else ())
        if isinstance(bundle, dict) and all(isinstance(data, str) for data in bundle.values())
    }


def source_of(cell):
    """A cell's source as one text with plain line ends."""
    source = cell.get("source", "")
    source = source if isinstance(source, list) else [source]
    text = "".join(line for line in source if isinstance(line, str))
    # A lone half of a surrogate pair can be in JSON, but in no file.
    text = text.encode("utf-8", errors="replace").decode("utf-8")
    return text.replace("\r\n", "\n").replace("\r", "\n")
