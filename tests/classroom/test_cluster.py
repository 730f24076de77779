"""A class graded by a real cluster into a real PostgreSQL: marks as on one machine."""

import os
import shutil
import socket
import subprocess
import tempfile
from pathlib import Path

import pytest
from test_grade import a_class, marks
from tiny_course import STEM, nbgrader

from emkit.classroom.grade import grade

SIZE = 200 if os.environ.get("CI") else 12
# PostgreSQL refuses to run as root.
AS_ANOTHER = ["runuser", "-u", "postgres", "--"] if os.geteuid() == 0 else []


def program(name):
    """Where a program of PostgreSQL is; without it tests are skipped, but on CI they fail."""
    places = [shutil.which(name), *sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))]
    found = [str(place) for place in places if place]
    if not found:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("there is no PostgreSQL here")
    return found[-1]


@pytest.fixture(scope="module")
def postgresql():
    """The address of an empty database on loopback."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="emkit-postgresql-"))
    if AS_ANOTHER:
        shutil.chown(folder, "postgres")
    run = {"check": True, "cwd": folder, "capture_output": True}
    data, user = folder / "data", "postgres" if AS_ANOTHER else os.environ.get("USER", "emkit")
    control = [*AS_ANOTHER, program("pg_ctl"), "-D", data, "-w"]
    initialise = [program("initdb"), "-D", data, "-A", "trust", "-U", user]
    subprocess.run([*AS_ANOTHER, *initialise], **run)
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder}"
    subprocess.run([*control, "-o", options, "-l", folder / "log", "start"], **run)
    try:
        yield f"postgresql+psycopg://{user}@127.0.0.1:{port}/postgres"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **run)
        shutil.rmtree(folder)


def test_a_cluster_and_postgresql_give_the_marks_of_one_machine(course, postgresql, monkeypatch):
    distributed = pytest.importorskip("distributed")
    expected = a_class(course, SIZE)
    assert grade(course, STEM) == SIZE
    here = marks(course)
    assert here == expected

    monkeypatch.setenv("EMKIT_GRADEBOOK", postgresql)
    shutil.rmtree(course.root / "assignments/autograded")
    done = nbgrader(course.root, "generate_assignment", STEM, "--force")
    assert done.returncode == 0, done.stdout
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, dashboard_address=None
        ) as cluster,
        distributed.Client(cluster, set_as_default=False) as client,
    ):
        assert grade(course, STEM, executor=client.get_executor()) == SIZE
    assert marks(course) == here
