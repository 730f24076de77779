"""emkit as a hand-in sees it while it is graded: data and pictures, but no engine.

What else of emkit is imported is there by name only, so that a notebook's imports go through; using
it says why it isn't there.
"""

import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import sys


class NotWhileGrading(Exception):
    """Your pieces are graded without emkit's engine, which has their answers; no marks are lost."""

    def _render_traceback_(self):
        return [str(self)]


class Absent:
    """Something of emkit's that isn't here."""

    def __init__(self, name):
        self.__name__ = name

    def refuse(self, *args, **kwargs):
        raise NotWhileGrading(
            f"{self.__name__} isn't there while your pieces are graded: emkit's engine knows their "
            "answers. This cell runs in your own JupyterLab; no marks are lost by it."
        )

    __call__ = __getattr__ = __mro_entries__ = refuse


class AbsentModules(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds the modules of emkit that aren't here, as modules of absent things."""

    def find_spec(self, name, path=None, target=None):
        if not name.startswith("emkit."):
            return None
        if importlib.machinery.PathFinder.find_spec(name, path) is not None:
            return None
        return importlib.util.spec_from_loader(name, self, is_package=True)

    def exec_module(self, module):
        module.__getattr__ = absent_in(module.__name__)


def absent_in(module):
    """A module's `__getattr__` that gives its modules that are here, and absent things."""

    def get(name):
        if name.startswith("__"):
            raise AttributeError(name)
        path = getattr(sys.modules[module], "__path__", [])
        if importlib.machinery.PathFinder.find_spec(f"{module}.{name}", path):
            return importlib.import_module(f"{module}.{name}")
        return Absent(f"{module}.{name}")

    return get


__getattr__ = absent_in(__name__)
sys.meta_path.append(AbsentModules())
