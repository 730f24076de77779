"""nbgrader's settings for this course, read by its command line and by JupyterLab."""

import os
import shutil
import sys
import warnings
from pathlib import Path

from emkit.classroom.feedback import OfflineFeedback
from emkit.classroom.generate import RELEASE
from emkit.classroom.links import CollectWithoutLinks
from emkit.classroom.mends import AUTOGRADE, SANITIZE
from emkit.classroom.reference import ReferenceFirst

c = get_config()  # noqa: F821 (traitlets provides it)
root = Path(__file__).resolve().parent
assignments = root / "assignments"

c.CourseDirectory.course_id = "emkit"
c.CourseDirectory.root = str(assignments)
# A large class may want PostgreSQL: EMKIT_GRADEBOOK=postgresql+psycopg://user@host/name
own_gradebook = f"sqlite:///{assignments / 'gradebook.db'}"
c.CourseDirectory.db_url = os.environ.get("EMKIT_GRADEBOOK", own_gradebook)

# Learners fetch to my_work/ and submit from there. A class shares one exchange folder
# (EMKIT_EXCHANGE, writable by all); without one, the course tries things out with its own.
own_exchange = assignments / "exchange"
c.Exchange.root = os.environ.get("EMKIT_EXCHANGE", str(own_exchange))
c.Exchange.assignment_dir = str(root / "my_work")
c.Exchange.path_includes_course = False
c.ExchangeFactory.collect = CollectWithoutLinks
for folder, mode in ((own_exchange, 0o777), (root / "my_work", 0o755)):
    if not folder.exists():
        folder.mkdir(parents=True)
        folder.chmod(mode)  # past the umask: nbgrader wants its exchange writable by all
# The Assignment List looks for this file from inside my_work/.
os.environ.setdefault("JUPYTER_CONFIG_PATH", str(root))
# nbgrader makes a gradebook with the command `alembic`, which it looks for on the PATH.
if not shutil.which("alembic"):
    os.environ["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])

c.GenerateAssignment.preprocessors = RELEASE
c.ClearSolutions.code_stub = {"python": "# Your code here\nraise NotImplementedError"}
c.ClearSolutions.text_stub = "*Your answer here.*"

c.Autograde.exporter_class = ReferenceFirst
c.Autograde.sanitize_preprocessors = SANITIZE
c.Autograde.autograde_preprocessors = AUTOGRADE
c.GenerateFeedback.exporter_class = OfflineFeedback
# Formgrader's pages, for which there is no class of our own to name.
c.HTMLExporter.sanitize_html = True
c.HTMLExporter.filters = {
    "markdown2html": "emkit.classroom.feedback.markdown",
    "clean_html": "emkit.classroom.feedback.clean",
}
c.OfflineFeedback.sanitize_html = False  # it cleans its whole page
# Hand-ins run behind bubblewrap. EMKIT_SANDBOX=off is for people whom you trust.
c.JudgedExecute.sandbox = os.environ.get("EMKIT_SANDBOX") != "off"
c.JudgedExecute.whole_emkit = ["12_capstone"]  # there the engine is a tool, not the answer
c.JudgedExecute.timeout = 60  # seconds a cell
# The graded notebook says whether there was a sandbox.
c.ClearMetadataPreprocessor.preserve_nb_metadata_mask = {("language_info", "name"), "emkit"}

# nbgrader adds to its gradebook in an order that SQLAlchemy remarks on, three times a hand-in.
warnings.filterwarnings("ignore", r"Object of type <\w+> not in session")
