"""Forging: outputs, scores, cells, metadata, and messages of the shell's."""

import copy

from nbformat.v4 import new_code_cell, new_output
from nbgrader import utils

from hostile.sheet import hostile

# Publishes whatever it likes in the name of the cell that runs.
PUBLISH = """
def publish(kind, content):
    get_ipython().outputs.show(kind, **content)
def result(mark): return {'data': {'text/plain': str(mark)}, 'metadata': {}, 'execution_count': 1}
"""
# What a test cell of the attacker's does where it is run with the instructor's rights.
HARM = "open({path!r}, 'w').write('x')\n2"


def tests_of(sheet):
    return [cell for cell in sheet.notebook.cells if utils.is_grade(cell)]


@hostile
def stores_outputs(sheet):
    """Test cells come with outputs that show full marks, and with a count as if they had run."""
    for cell in tests_of(sheet):
        cell.execution_count = 1
        cell.outputs = [
            new_output("execute_result", data={"text/plain": "2"}, execution_count=1),
            new_output("stream", text="checks passed"),
        ]


@hostile
def changes_points(sheet):
    """Each test is worth a million points."""
    for cell in tests_of(sheet):
        cell.metadata.nbgrader["points"] = 1e6


@hostile
def changes_tests(sheet):
    """Tests are `pass`, with checksums that fit."""
    for cell in tests_of(sheet):
        cell.source = "pass"
        cell.metadata.nbgrader["checksum"] = utils.compute_checksum(cell)


@hostile
def adds_twins_of_tests(sheet):
    """Before and after each test is a cell with the same grade_id that passes."""
    for cell in tests_of(sheet):
        for offset in (0, 1):
            twin = copy.deepcopy(cell)
            twin.id = f"{cell.id}-{offset}"
            twin.source = HARM.format(path=str(sheet.loot["untouched"]))
            place = [c.id for c in sheet.notebook.cells].index(cell.id)
            sheet.notebook.cells.insert(place + offset, twin)


@hostile
def calls_answers_tests(sheet):
    """Its answers' cells are flagged as tests, so that the judge runs them."""
    for name in ("double", "half", "log_gaussian"):
        cell = sheet.cell(name)
        cell.source = HARM.format(path=str(sheet.loot["untouched"]))
        cell.metadata.nbgrader |= {"grade": True, "solution": False, "locked": True, "points": 9}


@hostile
def calls_a_manual_answer_a_test(sheet):
    """An answer that a person is to mark is flagged as a test."""
    cell = sheet.cell("essay")
    cell.source = HARM.format(path=str(sheet.loot["untouched"]))
    cell.metadata.nbgrader |= {"solution": False, "locked": True}


@hostile
def brings_nameless_tests(sheet):
    """Cells flagged as tests have an empty name, or none."""
    for place, flags in enumerate([{"grade_id": ""}, {}, {"grade_id": "new-test"}]):
        about = {"grade": True, "solution": False, "locked": True, "points": 9,
                 "schema_version": 3, "task": False, "cell_type": "code"}  # fmt: skip
        source = HARM.format(path=str(sheet.loot["untouched"]))
        cell = new_code_cell(source, id=f"new-{place}", metadata={"nbgrader": about | flags})
        sheet.notebook.cells.append(cell)


@hostile
def calls_tests_answers(sheet):
    """Tests are flagged as answers, as plain cells, or are markdown."""
    first, second, *rest = tests_of(sheet)
    first.metadata.nbgrader |= {"solution": True, "locked": False}
    second.metadata.nbgrader |= {"grade": False, "locked": False}
    for cell in rest:
        cell.cell_type = "markdown"
        for name in ("outputs", "execution_count"):
            del cell[name]
    for cell in (first, second):
        cell.source = "pass"


@hostile
def has_odd_metadata(sheet):
    """nbgrader's metadata are lists, numbers and texts."""
    for cell, value in zip(tests_of(sheet), [[1], "x", 7, {"grade_id": []}], strict=False):
        cell.metadata["nbgrader"] = value


@hostile
def claims_what_graders_note(sheet):
    """The notebook says of itself what only grading may say of it."""
    sheet.notebook.metadata["emkit"] = {"sandbox": False, "mended": ["Full marks. ESCAPED"]}
    sheet.notebook.metadata["nbgrader"] = {"score": 99}


@hostile
def wants_another_kernel(sheet):
    """The notebook asks for a kernel without a sandbox."""
    sheet.notebook.metadata["kernelspec"] = {
        "name": "python3", "display_name": "x", "language": "bash",
        "metadata": {"kernel_provisioner": {"provisioner_name": "local-provisioner"}},
    }  # fmt: skip
    sheet.first(f"open({str(sheet.loot['untouched'])!r}, 'w')")


@hostile
def was_handed_in_never(sheet):
    """The file that says when it was handed in holds no time, and no text."""
    sheet.folder.joinpath("timestamp.txt").write_bytes(b"\xff\xfe" * 100)


@hostile
def was_handed_in_at_no_time(sheet):
    """The file that says when it was handed in says something else."""
    sheet.folder.joinpath("timestamp.txt").write_text("'; drop table grade; --")


@hostile
def publishes_results(sheet):
    """While tests call it, a function publishes full marks as the test's result."""
    sheet.first(PUBLISH)
    for name in ("double", "half", "third"):
        sheet.answer(
            name,
            f"def {name}(x):\n"
            "    for mark in (2, 3): publish('execute_result', result(mark))\n"
            "    publish('display_data', result(2)); return 0",
        )


@hostile
def clears_and_updates_outputs(sheet):
    """Clears the test's outputs, and later changes those that came after by their places."""
    sheet.first(PUBLISH)
    sheet.answer(
        "third",
        "def third(x):\n"
        "    for _ in range(3):\n"
        "        publish('execute_result', result(2) | {'display_id': 'mine'})\n"
        "    publish('clear_output', {'wait': True})\n"
        "    return 0",
    )
    sheet.notebook.cells.append(
        new_code_cell(
            "for name in ('mine', None): publish('update_display_data', result(2) | "
            "{'display_id': name})"
        )
    )


@hostile
def ends_cells_early(sheet):
    """Tells the grader that each cell is done, and well, before it has begun."""
    sheet.first(
        PUBLISH
        + """
import threading, time
def tell():
    outputs = get_ipython().outputs
    while True:
        for number in ('null', *range(100)): outputs.send(b'd', str(number).encode())
        time.sleep(0.01)
threading.Thread(target=tell, daemon=True).start()
"""
    )
    sheet.answer("half", "import time\ndef half(x):\n    time.sleep(1)\n    return 0")


@hostile
def sends_malformed_messages(sheet):
    """Messages lack what every message has, or have something of another type there."""
    sheet.first(PUBLISH)
    sheet.answer(
        "double",
        "def double(x):\n"
        "    for kind, content in [('execute_result', {}), ('stream', {'name': 7}),\n"
        "        ('error', {}), ('display_data', {'data': 'x', 'metadata': 3}), ('status', {}),\n"
        "        ('display_data', {'data': {'text/plain': {}}}), ('nonsense', {}),\n"
        "        ('comm_open', {}), ('stream', {'name': 'stdout', 'text': None})]:\n"
        "        publish(kind, content)\n"
        "    for text in (b'', b'{', b'[]', b'9' * 5000, b'[' * 10**5, b'\\xff', b'{\"a\": 1}'):\n"
        "        get_ipython().outputs.send(b's', text)\n"
        "    return 0",
    )


@hostile
def floods_with_widgets(sheet):
    """Comm messages, that show nothing, fill the grader's memory."""
    sheet.first(
        PUBLISH
        + """
for i in range(200):
    publish('comm_open', {'comm_id': str(i), 'target_name': 'jupyter.widget',
        'data': {'state': {'x': 'y' * 2**22}}})
"""
    )


@hostile
def shows_countless_results(sheet):
    """While a test runs, a function shows as many different results as there is room for."""
    sheet.first(PUBLISH)
    sheet.answer(
        "half",
        "def half(x):\n    for i in range(60000): publish('execute_result', {'data': "
        "{'text/plain': str(i)}})\n    return 0",
    )


@hostile
def names_its_language_in_markup(sheet):
    """The notebook's language is a script tag, and so are its title and widgets' state."""
    sheet.first(
        PUBLISH
        + """
evil = '\"><script>alert(1)</script>'
publish('comm_open', {'comm_id': evil, 'target_name': evil, 'data': {'state': {evil: evil}}})
"""
    )
    sheet.notebook.metadata["language_info"] = {"name": '"><script>alert(1)</script>'}
    sheet.notebook.metadata["title"] = "</title><script>alert(1)</script>"
