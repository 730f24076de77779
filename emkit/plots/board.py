"""A board of what is done: one row a topic, one box a thing to do."""

import textwrap

from matplotlib.patches import FancyBboxPatch

from emkit.plots.look import axes_or_new, colours

STATES = ("kept", "passed", "to do")
SIGNS = {"kept": "●", "passed": "◐", "to do": "○"}


def board(rows, ax=None):
    """Boxes in rows, filled where something is done, so that the picture can be read in grey too.

    Parameters
    ----------
    rows : dict of dict
        For each row's title the names of its boxes with 'kept', 'passed' or 'to do'.
    ax : matplotlib axes, optional

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If a state is none of the three.
    """
    for title, boxes in rows.items():
        for name, state in boxes.items():
            if state not in STATES:
                raise ValueError(
                    f"{name} in {title} is {state!r}, expected one of {', '.join(STATES)}"
                )
    ax = axes_or_new(ax, figsize=(11, 0.45 * len(rows) + 0.8))
    dark = colours(1)[0]
    fills = {"kept": (*dark, 1), "passed": (*dark, 0.3), "to do": (1, 1, 1, 1)}
    for row, (title, boxes) in enumerate(rows.items()):
        ax.text(-0.1, row, title, ha="right", va="center", weight="bold")
        for column, (name, state) in enumerate(boxes.items()):
            ax.add_patch(
                FancyBboxPatch(
                    (column + 0.03, row - 0.38), 0.94, 0.76,
                    boxstyle="round,pad=0,rounding_size=0.08",
                    facecolor=fills[state], edgecolor=dark,
                )
            )  # fmt: skip
            ax.text(
                column + 0.5,
                row,
                textwrap.fill(f"{SIGNS[state]} {name.replace('_', ' ')}", 20),
                ha="center",
                va="center",
                fontsize=7,
                color="white" if state == "kept" else "black",
            )
    widest = max((len(boxes) for boxes in rows.values()), default=1)
    done = sum(state == "kept" for boxes in rows.values() for state in boxes.values())
    every = sum(len(boxes) for boxes in rows.values())
    ax.set(xlim=(0, widest), ylim=(len(rows) - 0.5, -0.5))
    ax.set_title(f"{done} of {every} pieces kept    (● kept, ◐ passed, ○ to do)")
    ax.set_axis_off()
    return ax
