"""pyproject.toml, environment.yml and requirements.lock must tell the same story."""

import re
import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
# Where conda-forge's name differs from the one on PyPI.
CONDA_NAMES = {"playwright-python": "playwright"}


def stated_requirements():
    """Every requirement in pyproject.toml: the package's, the extras', the build's."""
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text())
    project = pyproject["project"]
    stated = project["dependencies"] + pyproject["dependency-groups"]["build"]
    for extra in project["optional-dependencies"].values():
        stated += extra
    return {canonicalize_name((r := Requirement(line)).name): r.specifier for line in stated}


def test_the_conda_environment_has_the_same_bounds():
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    lines = [line for line in environment["dependencies"] if isinstance(line, str)]
    conda = {(r := Requirement(line)).name: r.specifier for line in lines}
    conda = {CONDA_NAMES.get(name, name): bounds for name, bounds in conda.items()}
    del conda["pip"]
    python = conda.pop("python")

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert str(python) == project["requires-python"]
    assert conda == stated_requirements()


def test_the_lock_satisfies_every_requirement():
    locked = {}
    for line in (ROOT / "requirements.lock").read_text().splitlines():
        requirement = Requirement(line)
        (version,) = requirement.specifier
        locked.setdefault(canonicalize_name(requirement.name), []).append(version.version)
    for name, bounds in stated_requirements().items():
        assert name in locked, f"{name} is not in requirements.lock; run: make lock"
        for version in locked[name]:
            assert bounds.contains(version), f"{name} {version} is locked, {bounds} is stated"


def test_the_lock_names_no_address():
    assert not re.search(r"://|--index|--find-links", (ROOT / "requirements.lock").read_text())
