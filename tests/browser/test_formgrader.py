"""Formgrader shows an instructor what a learner wrote, and nothing of it runs."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_output
from nbgrader.api import Gradebook

pytestmark = pytest.mark.browser
STEM = "03_gaussian_mixtures_e_step"
EVIL = (
    "<script>window.stolen = 1</script><img src=x onerror='window.stolen = 1'>"
    "<svg onload='window.stolen = 1'></svg>"
)


def test_markup_of_a_hand_in_does_not_run_there(page, lab):
    course, url = lab
    with Gradebook(course.config().CourseDirectory.db_url) as gradebook:
        gradebook.add_student("eve")
        (notebook,) = gradebook.add_submission(STEM, "eve").notebooks
        number = notebook.id
    graded = nbformat.read(course.release(STEM), as_version=4)
    kinds = ("text/html", "image/svg+xml", "text/markdown", "application/javascript")
    shown = [new_output("display_data", data={kind: EVIL}) for kind in kinds]
    graded.cells[:0] = [
        new_markdown_cell(f"# Eve's answer\n\n{EVIL}\n\nThe mean is $\\mu$."),
        new_code_cell("'shown'", outputs=shown),
    ]
    folder = course.root / "assignments/autograded/eve" / STEM
    folder.mkdir(parents=True)
    nbformat.write(graded, folder / f"{STEM}.ipynb")

    server, token = url.split("lab/")[0], url.partition("?")[2]
    page.goto(f"{server}formgrader/submissions/{number}/?{token}")
    page.get_by_role("heading", name="Eve's answer").wait_for()
    assert page.locator("math").first.text_content() == "μ"
    assert page.locator("input.score").count() > 0
    assert page.evaluate("window.stolen") is None
