"""A real JupyterLab on a copy of the course, and a real Chromium to look at it."""

import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from emkit.classroom.course import Course

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def lab(tmp_path_factory):
    """Start JupyterLab as `make lab` does; return (course, URL of a file in a workspace)."""
    folder = tmp_path_factory.mktemp("lab")
    course = Course(folder / "emkit")
    course.root.mkdir()
    shutil.copy(ROOT / "nbgrader_config.py", course.root)
    for name in ("notebooks", "assignments/source", "assignments/release"):
        shutil.copytree(ROOT / name, course.root / name)
    environment = {name: text for name, text in os.environ.items() if "JUPYTER" not in name}
    environment |= {"HOME": str(folder), "JUPYTER_RUNTIME_DIR": str(folder / "runtime")}

    def run(*words):
        command = [sys.executable, "-m", *words]
        subprocess.run(command, cwd=course.root, env=environment, check=True, capture_output=True)

    run("emkit.classroom.cli", "start")
    for stem in course.released:
        run("nbgrader", "generate_assignment", stem, "--force")
        run("nbgrader", "release_assignment", stem)

    with (folder / "log").open("wb") as log:
        options = ["--no-browser", "--port=0", "--allow-root"]
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *options],
            cwd=course.root,
            env=environment,
            stdout=log,
            stderr=log,
        )
    try:
        yield course, address(server, folder)
    finally:
        server.terminate()
        server.wait(30)


def address(server, folder, seconds=60):
    """Return the server's URL as soon as it has written it down."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and server.poll() is None:
        for path in (folder / "runtime").glob("jpserver-*.json"):
            text = path.read_text()
            if text.endswith("}"):  # written in full
                known = json.loads(text)
                return f"{known['url']}lab/workspaces/{{}}/tree/{{}}?token={known['token']}"
        time.sleep(0.2)
    raise RuntimeError(f"JupyterLab doesn't start:\n{(folder / 'log').read_text()}")


@pytest.fixture(scope="session")
def chromium():
    """Return a running Chromium; without one the tests are skipped, but on CI they fail."""
    program = shutil.which("chromium")
    if not program:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no `chromium` here")
    from playwright.sync_api import expect, sync_playwright

    expect.set_options(timeout=60_000)  # a busy machine starts a kernel slowly

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def page(chromium, lab):
    """Return a page and a way to open a file of the course in JupyterLab."""
    page = chromium.new_page(viewport={"width": 1400, "height": 1000})
    page.set_default_timeout(60_000)
    yield page
    page.close()
