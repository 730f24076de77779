"""A picture that moves: a slider in JupyterLab, and a strip of the same frames on any page."""

import io
import os

import matplotlib.pyplot as plt
import numpy as np

IN_THE_STRIP = 8  # frames at most; of more, evenly many are shown


def stepper(draw, frames, ax_size=(3.4, 2.8), columns=4):
    """Draw one picture a frame: all of them side by side, and one at a time behind a slider.

    The strip is what a stored notebook shows. The slider comes on top of it when the cell is run
    in JupyterLab (by ipywidgets). All frames share their axes' limits, so that what moves is seen.

    Parameters
    ----------
    draw : callable
        `draw(ax, frame)` draws one frame, with its title and labels.
    frames : sequence
        What `draw` is given, in order; the iterations of a fit, for example.
    ax_size : (float, float)
        Width and height of one frame in the strip, in inches.
    columns : int
        Frames in a row of the strip.

    Returns
    -------
    axes : list of matplotlib axes
        Those of the strip, at most eight, the first and the last frame among them.

    Raises
    ------
    ValueError
        If there are no frames.
    """
    frames = list(frames)
    if not frames:
        raise ValueError("frames is empty, expected at least one")
    chosen = np.unique(np.linspace(0, len(frames) - 1, IN_THE_STRIP).round().astype(int))
    columns = min(columns, len(chosen))
    rows = -(-len(chosen) // columns)
    _, grid = plt.subplots(
        rows,
        columns,
        figsize=(ax_size[0] * columns, ax_size[1] * rows),
        sharex=True,
        sharey=True,
        squeeze=False,
        layout="constrained",
    )
    axes = list(grid.flat)[: len(chosen)]
    for unused in list(grid.flat)[len(chosen) :]:
        unused.remove()
    for place, (ax, i) in enumerate(zip(axes, chosen, strict=True)):
        draw(ax, frames[i])
        lowest, leftmost = place + columns >= len(axes), place % columns == 0
        ax.tick_params(labelbottom=lowest, labelleft=leftmost)
        ax.xaxis.label.set_visible(lowest)
        ax.yaxis.label.set_visible(leftmost)
    if in_jupyterlab():
        show_slider([picture(draw, frame, axes[0]) for frame in frames])
    return axes


def in_jupyterlab():
    """Whether a person sees the output now: a notebook server names the notebook to its kernel."""
    return "JPY_SESSION_NAME" in os.environ


def picture(draw, frame, like):
    """One frame as a PNG, within the limits of the axes `like`."""
    figure, ax = plt.subplots(layout="constrained")
    draw(ax, frame)
    ax.set(xlim=like.get_xlim(), ylim=like.get_ylim())
    png = io.BytesIO()
    figure.savefig(png, format="png")
    plt.close(figure)
    return png.getvalue()


def show_slider(pictures):
    """Pictures behind a slider, with a button that plays them."""
    import ipywidgets  # only a notebook has it
    from IPython.display import display

    image = ipywidgets.Image(value=pictures[0], format="png")
    slider = ipywidgets.IntSlider(max=len(pictures) - 1, description="step")
    play = ipywidgets.Play(max=len(pictures) - 1, interval=700)
    ipywidgets.link((play, "value"), (slider, "value"))

    def move(change):
        image.value = pictures[change["new"]]

    slider.observe(move, names="value")
    display(ipywidgets.VBox([ipywidgets.HBox([play, slider]), image]))
