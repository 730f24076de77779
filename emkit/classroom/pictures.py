"""The report's pictures, as images that a page can hold: SVG in a data address, with a text."""

import base64
import io
import statistics
from dataclasses import dataclass
from datetime import timedelta

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure

from emkit.plots.look import colours, style

HATCHES = {"ordinary": "", "hard": "///"}


@dataclass(frozen=True)
class Picture:
    """An image for a page: its address, and what it shows for those who don't see it."""

    address: str
    text: str


def drawn(draw, text, width=6.4, height=3.2):
    """Return the picture that `draw(ax)` makes in the course's look."""
    with style(), mpl.rc_context({"svg.hashsalt": "emkit"}):
        figure = Figure(figsize=(width, height))
        draw(figure.subplots())
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", metadata={"Date": None})
    encoded = base64.b64encode(buffer.getvalue()).decode()
    return Picture(f"data:image/svg+xml;base64,{encoded}", text)


def marks(scores, points):
    """How many learners got which mark."""
    median = statistics.median(scores)
    title = f"Half of the {len(scores)} learners have {median:g} of {points:g} points or more"

    def draw(ax):
        width = 1 if points <= 40 else points / 20
        edges = np.arange(-width / 2, points + width, width)
        ax.hist(scores, edges, color=colours(1)[0], edgecolor="white")
        ax.axvline(median, color="black", linestyle="--", label="median")
        ax.set(title=title, xlabel="points", ylabel="learners", xlim=(-width, points + width))
        ax.yaxis.get_major_locator().set_params(integer=True)
        ax.legend()

    values = ", ".join(f"{score:g}" for score in sorted(scores))
    return drawn(draw, f"Histogram of the marks. {title}. The marks: {values}.")


def pieces(shares):
    """Which share of the learners got each piece right, ordinary and hard cases apart."""
    (hardest, _) = min(
        (
            (f"{piece}, {part}", share)
            for piece, parts in shares.items()
            for part, share in parts.items()
        ),
        key=lambda one: one[1],
        default=("nothing", 1),
    )
    title = f"Hardest: {hardest.replace('_', ' ')}"

    def draw(ax):
        names = list(shares)
        for number, (part, hatch) in enumerate(HATCHES.items()):
            rows = [row for row, name in enumerate(names) if part in shares[name]]
            values = [100 * shares[names[row]][part] for row in rows]
            places = [row + 0.4 * number - 0.2 for row in rows]
            bars = ax.barh(
                places, values, 0.36, color=colours(2)[number], hatch=hatch, edgecolor="white",
                label=f"{part} cases",
            )  # fmt: skip
            ax.bar_label(bars, fmt="%.0f", padding=3, fontsize=8)
        ax.set_yticks(range(len(names)), [name.replace("_", " ") for name in names])
        ax.set(title=title, xlabel="% of the learners with full marks", xlim=(0, 108))
        ax.invert_yaxis()
        ax.legend(loc="upper left", bbox_to_anchor=(1, 1))

    values = "; ".join(
        f"{name}: " + ", ".join(f"{part} {share:.0%}" for part, share in parts.items())
        for name, parts in shares.items()
    )
    text = f"Share of the learners with full marks for each piece. {values}."
    return drawn(draw, text, height=1.2 + 0.42 * len(shares))


def times(moments, start, due=None):
    """How the hand-ins came in, since the release or else since the first of them."""
    if not moments:
        return None
    if start and start > min(moments):  # released again since, or a learner's clock is wrong
        start = None
    since = "the release" if start else "the first hand-in"
    start = start or min(moments)
    hours = sorted((moment - start) / timedelta(hours=1) for moment in moments)
    unit, long = ("days", 24) if hours[-1] > 48 else ("hours", 1)
    values = [hour / long for hour in hours]
    middle = statistics.median(values)
    title = f"Half of them within {middle:.1f} {unit} of {since}"

    def draw(ax):
        counts = range(1, len(values) + 1)
        ax.step([min(0, values[0]), *values], [0, *counts], where="post")
        ax.plot(values, counts, "o", color=colours(1)[0])
        ax.axvline(middle, color="black", linestyle="--", label="median")
        if due:
            ax.axvline((due - start) / timedelta(hours=long), color=colours(2)[1], label="due")
        ax.legend(loc="upper left")
        ax.set(title=title, xlabel=f"{unit} since {since}", ylabel="hand-ins so far")
        ax.yaxis.get_major_locator().set_params(integer=True)

    return drawn(draw, f"Hand-ins over time. {title}; the last after {values[-1]:.1f} {unit}.")
