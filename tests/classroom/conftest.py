"""The tiny course, made once a session and copied for each test."""

import os
import shutil
import subprocess
import sys

import pytest
from tiny_course import ROOT, STEM, put, tiny_source

from emkit.classroom.course import Course
from emkit.classroom.sandbox import Box, SandboxMissing


@pytest.fixture(scope="session", autouse=True)
def has_sandbox(tmp_path_factory):
    """Whether there is a sandbox here; on CI there must be, and elsewhere grading goes without."""
    with pytest.MonkeyPatch.context() as patch:
        try:
            Box(tmp_path_factory.mktemp("hand_in")).close()
        except SandboxMissing:
            if os.environ.get("CI"):
                raise
            patch.setenv("EMKIT_SANDBOX", "off")
            yield False
        else:
            yield True


@pytest.fixture(autouse=True)
def whoever_runs_it(monkeypatch):
    """nbgrader leaves in the environment what it ran for when something is raised; not here."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "")
    monkeypatch.delenv("NBGRADER_EXECUTION")


@pytest.fixture
def sandbox(has_sandbox):
    """Skip where there is no sandbox."""
    if not has_sandbox:
        pytest.skip("there is no bubblewrap here")


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """The tiny course with its release, its solution and a gradebook; to be copied only."""
    root = tmp_path_factory.mktemp("made")
    shutil.copy(ROOT / "nbgrader_config.py", root)
    put(tiny_source(), root / "assignments/source" / STEM / f"{STEM}.ipynb")
    for command in (["emkit.classroom.cli", "generate"], ["nbgrader", "generate_assignment", STEM]):
        force = ["--force"] if "nbgrader" in command else []
        subprocess.run(
            [sys.executable, "-m", *command, *force], cwd=root, check=True, capture_output=True
        )
    return root


@pytest.fixture
def course(made, tmp_path, monkeypatch):
    """The tiny course, released and solved, in a folder of its own."""
    # The config sets these two; here they are given back when the test is over.
    monkeypatch.setenv("JUPYTER_CONFIG_PATH", "")
    monkeypatch.setenv("PATH", os.environ["PATH"])
    shutil.copytree(made, tmp_path, dirs_exist_ok=True)
    return Course(tmp_path)
