"""What keeps a notebook readable in git and on a page; every rule of it gives its complaints."""

import re

import nbformat

MEGABYTE = 1_000_000
LESSON_LINES = 15
LINE_LENGTH = 100

# What differs from one machine, run or day to the next.
TRACES = {
    "an absolute path": r"(?<!\S)[('\"<]?((?:/(?:home|Users|root|tmp|usr|opt|var)/|[A-Z]:\\)\S*)",
    "a memory address": r"\b(0x[0-9a-f]{6,})\b",
    "a timestamp": r"\b(\d{4}-\d\d-\d\d[T ]\d\d:\d\d\S*)",
}


def complaints(path, kind):
    """Return what is wrong with a notebook, one line each, the cell named.

    Parameters
    ----------
    path : Path
        The notebook.
    kind : {'lesson', 'solution', 'source', 'release'}
        Lessons and solutions are run, sources and releases are not; only lessons limit their
        cells' length.
    """
    # nbformat.read would quietly mend the ids.
    notebook = nbformat.v4.reads(path.read_text(encoding="utf-8"))
    found = [*whole(path, notebook), *headings(notebook)]
    for number, cell in enumerate(notebook.cells, 1):
        found += [f"cell {number} ({cell.get('id', 'no id')}): {line}" for line in of_cell(cell)]
        if kind == "lesson" and cell.cell_type == "code":
            lines = len(cell.source.splitlines())
            if lines > LESSON_LINES:
                found.append(f"cell {number} ({cell.id}): {lines} lines, more than {LESSON_LINES}")
    return found + (run_through(notebook) if kind in ("lesson", "solution") else empty(notebook))


def whole(path, notebook):
    size = path.stat().st_size
    if size >= MEGABYTE:
        yield f"the file has {size / 1e6:.1f} MB, 1 MB is the limit"
    kernel = notebook.metadata.get("kernelspec", {}).get("name")
    if kernel != "python3":
        yield f"the kernelspec is {kernel!r}, expected 'python3'"
    ids = [cell.get("id") for cell in notebook.cells]
    if None in ids:
        yield f"cell {ids.index(None) + 1} has no id"
    for twice in sorted({name for name in ids if name and ids.count(name) > 1}):
        yield f"the cell id {twice!r} occurs {ids.count(twice)} times"
    for what, pattern in TRACES.items():
        for trace in re.findall(pattern, str(dict(notebook.metadata))):
            yield f"the notebook's metadata hold {what}: {trace}"


def headings(notebook):
    """Yield what is wrong with the headings, read as one document."""
    before = 0
    for number, cell in enumerate(notebook.cells, 1):
        if cell.cell_type != "markdown":
            continue
        for marks, title in re.findall(r"^(#{1,6})\s+(.*)", without_code(cell.source), flags=re.M):
            level = len(marks)
            where = f"cell {number} ({cell.get('id', 'no id')}): the heading '{title.strip()}'"
            if before == 0 and (level > 1 or number > 1):
                yield f"{where} comes first, expected one H1 in the first cell"
            elif before and level == 1:
                yield f"{where} is another H1"
            elif level > before + 1:
                yield f"{where} skips from level {before} to {level}"
            before = level
    if before == 0:
        yield "there is no heading, expected one H1 in the first cell"


def of_cell(cell):
    """Yield what is wrong with one cell, whatever the notebook is for."""
    if cell.cell_type == "markdown":
        for picture in re.findall(r"!\[\s*\]\([^)]*\)", without_code(cell.source)):
            yield f"a picture without alt text: {shortened(picture)}"
        for tag in re.findall(r"<img\b[^>]*>", without_code(cell.source)):
            if not re.search(r"\balt=[\"'][^\"']", tag):
                yield f"a picture without alt text: {shortened(tag)}"
    if cell.cell_type != "code":
        return
    for line in cell.source.splitlines():
        if len(line) > LINE_LENGTH:
            yield f"a line of {len(line)} characters, more than {LINE_LENGTH}: {shortened(line)}"
    if cell.source.rstrip().endswith(";"):
        # nbval runs cells without history, which is where IPython looks for the semicolon.
        yield "ends with ';', which silences nothing under nbval; end a picture with plt.show()"
    if "execution" in cell.metadata:
        yield "its metadata hold the times of a run ('execution')"
    for output in cell.outputs:
        if output.output_type == "error" and "raises-exception" not in cell.metadata.get(
            "tags", []
        ):
            yield f"an error: {output.ename}: {shortened(output.evalue)}"
        if output.get("name") == "stderr":
            yield f"output on stderr: {shortened(output.text)}"
        for what, pattern in TRACES.items():
            for trace in re.findall(pattern, shown(output), flags=re.M):
                yield f"{what} in its output: {trace}"


def run_through(notebook):
    """Return what says that the notebook wasn't run from top to bottom, once."""
    code = [c for c in notebook.cells if c.cell_type == "code" and c.source.strip()]
    counts = [cell.execution_count for cell in code]
    if counts == list(range(1, len(code) + 1)):
        return []
    return [f"not run once from top to bottom: the counts are {shortened(str(counts))}"]


def empty(notebook):
    return [
        f"cell {number} ({cell.get('id', 'no id')}): has outputs or a count, expected none"
        for number, cell in enumerate(notebook.cells, 1)
        if cell.cell_type == "code" and (cell.outputs or cell.execution_count)
    ]


def shown(output):
    """Return the text that an output shows; an error's frames aren't shown by our errors."""
    if output.output_type == "error":
        return output.evalue
    data = {kind: text for kind, text in output.get("data", {}).items() if "image/" not in kind}
    return "\n".join([output.get("text", ""), *map(str, data.values())])


def without_code(markdown):
    return re.sub(r"^(```|~~~).*?^\1", "", markdown, flags=re.M | re.S)


def shortened(text):
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "..."
