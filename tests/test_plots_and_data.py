"""Pictures draw what they are given; data are what was published."""

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest

from emkit import datasets, plots


@pytest.fixture(autouse=True)
def no_window():
    mpl.use("Agg")
    yield
    plt.close("all")


def test_old_faithful_is_the_published_data():
    """Härdle's figures: 272 eruptions of 1.6 to 5.1 minutes, waits of 43 to 96."""
    geyser = datasets.old_faithful()
    assert geyser.X.shape == (272, 2)
    assert (geyser.eruptions.min(), geyser.eruptions.max()) == (1.6, 5.1)
    assert (geyser.waiting.min(), geyser.waiting.max()) == (43, 96)
    assert geyser.X.mean(axis=0) == pytest.approx([3.4878, 70.8971], abs=1e-4)


def test_a_shared_point_has_a_mixed_colour_and_a_sure_one_its_own():
    first, second = map(np.array, plots.colours(2))
    ax = plots.soft_scatter([[0, 0], [1, 1], [2, 2]], [[1, 0], [0.75, 0.25], [0, 1]])
    shown = np.concatenate([points.get_facecolors()[:, :3] for points in ax.collections])
    assert shown == pytest.approx(np.array([first, 0.75 * first + 0.25 * second, second]))
    markers = [points.get_paths()[0].vertices.shape for points in ax.collections]
    assert markers[0] != markers[1]  # the picture can be read without colour


def test_an_ellipse_has_the_standard_deviations_as_radii():
    ax = plots.ellipses([[1.0, 2.0]], [np.diag([9.0, 4.0])], n_std=(1,))
    (ellipse,) = ax.patches
    assert tuple(ellipse.center) == (1.0, 2.0)
    assert (ellipse.width, ellipse.height) == (6.0, 4.0)
    assert ellipse.angle % 180 == pytest.approx(0)


def test_an_ellipse_points_along_the_correlation():
    ax = plots.ellipses([[0.0, 0.0]], [[[2.0, 1.0], [1.0, 2.0]]], n_std=(1,))
    assert ax.patches[0].angle % 180 == pytest.approx(45)


def test_the_trace_shows_every_value_against_the_number_of_m_steps():
    ax = plots.trace([-3.0, -2.0, -1.5])
    assert ax.lines[0].get_xydata().tolist() == [[0, -3.0], [1, -2.0], [2, -1.5]]
    assert ax.get_xlabel()
    assert "nats" in ax.get_ylabel()


def test_pictures_draw_on_the_axes_that_they_are_given():
    ax = plt.subplots()[1]
    assert plots.trace([0.0], ax=ax) is ax
    assert plots.soft_scatter(np.zeros((1, 2)), np.ones((1, 1)), ax=ax) is ax
    assert plots.ellipses(np.zeros((1, 2)), np.eye(2)[None], ax=ax) is ax


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: plots.soft_scatter(np.zeros((3, 3)), np.ones((3, 1))), r"X has shape \(3, 3\)"),
        (lambda: plots.soft_scatter(np.zeros((3, 2)), np.ones((2, 1))), r"resp has shape \(2, 1\)"),
        (lambda: plots.ellipses(np.zeros((1, 3)), np.eye(3)[None]), r"expected \(k, 2\)"),
        (lambda: plots.trace([]), r"history has shape \(0,\)"),
    ],
)
def test_bad_input_is_named(draw, sentence):
    with pytest.raises(ValueError, match=sentence):
        draw()
