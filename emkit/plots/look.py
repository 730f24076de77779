"""The one look of the course's pictures: its style sheet, its colours, its markers."""

from contextlib import contextmanager
from importlib.resources import as_file, files

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgb

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
DASHES = ("-", "--", "-.", ":")
SHADES = "Blues"  # from white for 0 to dark for 1, in grey too


def use_style():
    """Give all pictures that follow the course's look (a Matplotlib style sheet)."""
    with as_file(files("emkit.plots") / "emkit.mplstyle") as sheet:
        plt.style.use(sheet)


@contextmanager
def style():
    """A context in which pictures have the course's look, and after which nothing is changed."""
    with as_file(files("emkit.plots") / "emkit.mplstyle") as sheet, plt.style.context(sheet):
        yield


def colours(k):
    """The first `k` colours of the look, a list of RGB triples; they repeat after eight."""
    with style():
        cycle = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    return [to_rgb(cycle[j % len(cycle)]) for j in range(k)]


def axes_or_new(ax, figsize=None):
    """`ax`, or the axes of a new figure (width and height in inches) where it is None."""
    return plt.subplots(figsize=figsize)[1] if ax is None else ax


def check_labels(labels, k, default):
    """`k` labels as strings: those given, or `default` with the numbers from 0."""
    if labels is None:
        return [f"{default} {j}" for j in range(k)]
    if isinstance(labels, str) or len(labels) != k:
        raise ValueError(f"labels are {labels!r}, expected {k} of them")
    return [str(label) for label in labels]


def make_room_below(ax, share):
    """Lower the axes' bottom so that what is drawn leaves `share` of the height free."""
    low, high = ax.get_ylim()
    ticks = [tick for tick in ax.get_yticks() if low <= tick <= high]
    ax.set_ylim(high - (high - low) / (1 - share), high)
    ax.set_yticks(ticks)
