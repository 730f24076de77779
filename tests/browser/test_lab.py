"""What a learner sees in JupyterLab: the lesson, the assignment and its checks, the list."""

import re

import nbformat
import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.browser
STEM = "03_gaussian_mixtures_e_step"


@pytest.fixture
def open_file(page, lab, request):
    def open_file(name):
        # In a workspace of its own: JupyterLab would open the tabs of the test before, too.
        page.goto(lab[1].format(request.node.name, name))
        expect(page.locator("#jupyterlab-splash")).to_have_count(0)
        return page

    return open_file


def run_all(page):
    expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible()
    page.locator(".jp-Notebook .jp-Cell").first.click()  # the menu acts on what has the focus
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.locator("[data-command='runmenu:run-all']").click()


def test_the_lesson_opens_with_its_pictures(open_file):
    page = open_file(f"notebooks/{STEM}.ipynb")
    expect(page.locator(".jp-Notebook h1").first).to_be_visible()
    expect(page.locator(".jp-Notebook .jp-OutputArea img").first).to_be_visible()


def test_a_check_says_what_is_missing_and_then_that_it_passed(open_file, lab):
    course, _ = lab
    work = course.work(STEM)
    page = open_file(work.relative_to(course.root))
    run_all(page)
    notebook = page.locator(".jp-Notebook")
    expect(notebook.get_by_text("it isn't written yet").first).to_be_visible()

    answer = notebook.locator(".jp-CodeCell").filter(has_text="def hard_assign(resp)")
    answer.scroll_into_view_if_needed()
    answer.locator(".cm-content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text("def hard_assign(resp):\n    return resp.argmax(axis=1)")
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("Shift+Enter")
    check = notebook.locator(".jp-CodeCell").filter(has_text='check("03.hard_assign"')
    expect(check.locator(".jp-OutputArea")).to_contain_text(re.compile("visible checks passed"))


def test_the_assignment_list_knows_the_learners_copy(open_file):
    page = open_file(f"my_work/{STEM}")
    page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
    page.get_by_text("Assignment List", exact=True).click()
    fetched = page.locator("#fetched_assignments_list")
    expect(fetched).to_contain_text(STEM)
    expect(fetched.get_by_role("button", name="Submit").first).to_be_visible()


def test_a_stepper_moves(open_file, lab):
    course, _ = lab
    source = """
from emkit import plots
def draw(ax, step):
    ax.plot([0, 1], [0, step])
    ax.set(title=f"step {step}", xlabel="share", ylabel="height")
axes = plots.stepper(draw, range(1, 6))
"""
    notebook = nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source.strip())],
        metadata={"kernelspec": {"name": "python3", "display_name": "Python 3 (ipykernel)"}},
    )
    nbformat.write(notebook, course.root / "notebooks" / "moves.ipynb")
    page = open_file("notebooks/moves.ipynb")
    run_all(page)
    frame = page.locator(".jp-OutputArea .widget-image")
    expect(frame).to_be_visible()
    expect(page.locator(".jp-OutputArea .jp-RenderedImage img")).to_be_visible()  # the strip
    before = frame.get_attribute("src")
    page.locator(".jp-OutputArea .widget-slider .noUi-handle").press("ArrowRight")
    expect(frame).not_to_have_attribute("src", before)
