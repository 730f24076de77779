"""The one look of the course's pictures: its style sheet, its colours, its markers."""

from importlib.resources import as_file, files

import matplotlib.pyplot as plt
from matplotlib.colors import to_rgb

MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")


def use_style():
    """Give all pictures that follow the course's look (a Matplotlib style sheet)."""
    with as_file(files("emkit.plots") / "emkit.mplstyle") as sheet:
        plt.style.use(sheet)


def colours(k):
    """The first `k` colours of the look, a list of RGB triples; they repeat after eight."""
    with as_file(files("emkit.plots") / "emkit.mplstyle") as sheet, plt.style.context(sheet):
        cycle = plt.rcParams["axes.prop_cycle"].by_key()["color"]
    return [to_rgb(cycle[j % len(cycle)]) for j in range(k)]


def axes_or_new(ax):
    """`ax`, or the axes of a new figure where it is None."""
    return plt.subplots()[1] if ax is None else ax
