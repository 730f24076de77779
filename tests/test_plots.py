"""Pictures draw what they are given, say what is wrong with it, and can be read without colour."""

import itertools

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from scipy.special import entr, logsumexp
from scipy.stats import binom

import emkit
from emkit import datasets, plots


@pytest.fixture(autouse=True)
def no_window():
    mpl.use("Agg")
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


# -------------------------------------------------------------------------------------- mixtures


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


RESP = np.array([[0.1, 0.9], [1.0, 0.0], [0.6, 0.4], [0.0, 1.0], [0.4, 0.6]])


def test_responsibilities_are_shown_row_by_component_in_the_order_of_the_points():
    ax = plots.responsibilities(RESP, ordered=False, labels=["long", "short"])
    assert np.array_equal(ax.images[0].get_array(), RESP.T)
    assert [label.get_text() for label in ax.get_yticklabels()] == ["long", "short"]
    assert ax.images[0].get_clim() == (0, 1)


def test_ordered_responsibilities_put_shared_points_at_the_border():
    shown = np.asarray(plots.responsibilities(RESP).images[0].get_array())
    assert shown[0].tolist() == [1.0, 0.6, 0.4, 0.1, 0.0]


def test_ordered_responsibilities_are_the_same_points_in_blocks():
    resp = np.random.default_rng(0).dirichlet([0.3] * 4, size=40)
    shown = np.asarray(plots.responsibilities(resp).images[0].get_array()).T
    assert sorted(shown.tolist()) == sorted(resp.tolist())
    assert np.all(np.diff(shown.argmax(axis=1)) >= 0)


# ----------------------------------------------------------------------------------------- traces


def test_the_trace_shows_every_value_against_the_number_of_m_steps():
    ax = plots.trace([-3.0, -2.0, -1.5])
    assert ax.lines[0].get_xydata().tolist() == [[0, -3.0], [1, -2.0], [2, -1.5]]
    assert ax.get_xlabel()
    assert "nats" in ax.get_ylabel()
    assert ax.get_legend() is None


def test_a_bound_climbs_from_where_it_touches_and_the_gap_closes():
    ax = plots.trace([-3.0, -2.0, -1.5], bounds=[-2.4, -1.6])
    drawn = [line.get_xydata().tolist() for line in ax.lines]
    assert drawn[0] == [[0, -3.0], [1, -2.0], [2, -1.5]]
    assert drawn[1:] == [
        [[0, -3.0], [1, -2.4]],
        [[1, -2.4], [1, -2.0]],
        [[1, -2.0], [2, -1.6]],
        [[2, -1.6], [2, -1.5]],
    ]
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["log-likelihood", "bound climbs (M-step)", "gap closes (E-step)"]
    styles = {line.get_linestyle() for line in ax.lines}
    assert styles == {"-", "--", ":"}  # the picture can be read without colour


def run(objective, degenerate=False):
    return emkit.Run(None, np.array([objective]), "", degenerate)


def test_restarts_are_shown_best_first_and_degenerate_ones_last():
    ax = plots.restarts([run(-5.0), run(-2.0), run(1e9, degenerate=True), run(-5.0)])
    best, sound, failed = ax.lines
    assert set(best.get_ydata()) == {-2.0}
    assert sound.get_xydata().tolist() == [[1, -2.0], [2, -5.0], [3, -5.0]]
    assert failed.get_xdata().tolist() == [4]
    assert failed.get_marker() == "x"
    assert texts(ax) == ["degenerate"]
    low, high = ax.get_ylim()
    assert -9 < low < -5 < -2 < high < 0  # a degenerate objective doesn't set the scale


def test_runs_that_differ_by_rounding_stand_at_one_height():
    low, high = plots.restarts([run(-5.0), run(-5.0 - 1e-9)]).get_ylim()
    assert high - low >= 0.1


def test_only_degenerate_runs_can_be_shown_too():
    ax = plots.restarts([run(np.inf, degenerate=True)] * 3)
    assert ax.lines[0].get_xdata().tolist() == [1, 2, 3]


# ------------------------------------------------------------------------------------------ bounds

HEADS = np.array([5, 9, 8, 4, 7])
GRID = np.linspace(0, 1, 101)


def log_joint(bias):
    """Two coins, one of bias 0.45, each chosen with probability one half, flipped ten times."""
    chances = [binom.logpmf(HEADS, 10, 0.45), binom.logpmf(HEADS, 10, bias)]
    return np.log(0.5) + np.stack(chances, axis=1)


def bound_that_touches_at(bias):
    posterior = np.exp(log_joint(bias) - logsumexp(log_joint(bias), axis=1, keepdims=True))
    return [(posterior * log_joint(x)).sum() + entr(posterior).sum() for x in GRID]


def test_lower_bounds_touch_where_they_are_said_to_and_impossible_ends_are_left_out():
    curve = [logsumexp(log_joint(bias), axis=1).sum() for bias in GRID]
    touching = [0.2, 0.5]
    bounds = [bound_that_touches_at(bias) for bias in touching]
    assert np.isneginf(bounds[0][0])  # a bias of 0 makes any head impossible
    ax = plots.lower_bound(GRID, curve, bounds, touching, labels=["first", "second"])
    likelihood, *rest, _ = ax.lines
    assert np.array_equal(likelihood.get_ydata(), curve)
    for i, where in enumerate(touching):
        drawn, touch, top = rest[3 * i : 3 * i + 3]
        assert np.isnan(drawn.get_ydata()[0])
        at = int(where * 100)
        assert touch.get_xdata() == [where]
        assert touch.get_ydata() == pytest.approx([curve[at]])
        assert top.get_ydata() == [np.max(bounds[i])]
        assert touch.get_marker() == top.get_marker()
    assert rest[0].get_linestyle() != rest[3].get_linestyle()
    named = [text.get_text() for text in ax.get_legend().get_texts()]
    assert named == ["log-likelihood", "first", "second", "maximum of a bound"]


# ------------------------------------------------------------------------------------------ chains


def lanes(ax):
    return np.array([np.asarray(mesh.get_array()).ravel() for mesh in ax.collections])


def test_posteriors_are_shown_as_a_lane_a_state():
    gamma = np.array([[0.9, 0.1], [0.5, 0.5], [0.0, 1.0]])
    ax = plots.state_ribbons(gamma, labels=["in", "out"])
    assert np.array_equal(lanes(ax), gamma.T)
    assert texts(ax) == ["in", "out"]
    heights = [text.get_position()[1] for text in ax.texts]
    assert heights[0] > heights[1]  # the picture can be read without colour


def test_a_path_fills_the_lane_of_its_state_and_leaves_the_others_empty():
    ax = plots.state_ribbons([0, 0, 2, 1])
    assert lanes(ax).tolist() == [[1, 1, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0]]
    assert texts(ax) == ["state 0", "state 1", "state 2"]


def test_a_state_that_is_never_visited_keeps_its_lane():
    assert lanes(plots.state_ribbons([0, 0], labels=["a", "b", "c"])).shape == (3, 2)


def test_ribbons_lie_below_the_series_and_change_at_half_time():
    animal = datasets.beavers().beaver2
    ax = plt.subplots()[1]
    ax.plot(animal.hours, animal.temperature)
    series_low, series_high = ax.get_ylim()
    plots.state_ribbons(animal.active.astype(int), ax=ax, times=animal.hours)
    low, high = ax.get_ylim()
    assert high == series_high
    top = max(mesh.get_coordinates()[..., 1].max() for mesh in ax.collections)
    assert low + top * (high - low) < series_low
    edges = np.asarray(ax.collections[0].get_coordinates()[0, :, 0])
    assert edges[1:-1] == pytest.approx((animal.hours[1:] + animal.hours[:-1]) / 2)


def test_one_observation_has_a_ribbon_too():
    assert lanes(plots.state_ribbons([1])).tolist() == [[0], [1]]


def test_a_transition_matrix_is_written_into_its_cells():
    transmat = np.array([[0.94, 0.06], [0.2, 0.8]])
    ax = plots.transition_matrix(transmat, labels=["quiet", "violent"])
    assert np.array_equal(ax.images[0].get_array(), transmat)
    assert texts(ax) == ["0.94", "0.06", "0.20", "0.80"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["quiet", "violent"]
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("from", "to")


def test_numbers_stand_out_from_their_cells_in_grey():
    ax = plots.transition_matrix(np.array([[0.58, 0.42], [0.38, 0.62]]))
    grey = np.array([0.299, 0.587, 0.114])
    image = ax.images[0]
    for text, value in zip(ax.texts, image.get_array().ravel(), strict=True):
        cell = np.array(image.cmap(image.norm(value))[:3]) @ grey
        assert abs(np.array(to_rgb(text.get_color())) @ grey - cell) > 0.4


TRELLIS = np.array([[0.9, 0.1], [0.55, 0.45], [np.nan, np.nan]])


def test_a_trellis_has_a_circle_for_each_state_at_each_time_and_numbers_in_the_known_ones():
    ax = plots.trellis(
        TRELLIS, np.full((2, 2), 0.5), times=["1 h", "2 h", "3 h"], labels=["a", "b"]
    )
    circles = [line for line in ax.lines if line.get_marker() == "o"]
    assert {(line.get_xdata()[0], line.get_ydata()[0]) for line in circles} == set(
        itertools.product(range(3), range(2))
    )
    assert texts(ax) == ["0.90", "0.10", "0.55", "0.45"]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["1 h", "2 h", "3 h"]


def test_only_possible_steps_of_a_trellis_have_lines_and_likely_ones_are_wide():
    ax = plots.trellis(TRELLIS, np.array([[0.9, 0.1], [0.0, 1.0]]), path=[0, 0, 1])
    widths = {
        tuple(line.get_ydata()): line.get_linewidth() for line in ax.lines if line.get_zorder() == 1
    }
    assert sorted(widths) == [(0, 0), (0, 1), (1, 1)]
    assert widths[0, 1] < widths[0, 0] < widths[1, 1]
    assert [line.get_ydata().tolist() for line in ax.lines if line.get_zorder() == 2] == [[0, 0, 1]]


# ------------------------------------------------------------------------------------------ topics

TOPIC_WORD = np.array([[0.5, 0.3, 0.2, 0.0], [0.1, 0.1, 0.2, 0.6]])
VOCABULARY = np.array(["union", "states", "peace", "world"])


def test_each_topic_shows_its_likeliest_words_on_one_scale():
    ax = plots.topics(TOPIC_WORD, VOCABULARY, top=2, labels=["then", "now"])
    assert texts(ax) == ["then", "union", "states", "now", "world", "peace"]
    widths = np.array([bar.get_width() for bar in ax.patches])
    assert widths / widths.max() == pytest.approx(np.array([0.5, 0.3, 0.6, 0.2]) / 0.6)
    assert widths.max() < 1  # topics side by side don't overlap
    assert "60.0%" in ax.get_xlabel()


def test_topics_beyond_the_columns_follow_below():
    ax = plots.topics(np.full((5, 4), 0.25), VOCABULARY, top=3, columns=2)
    heads = {text.get_text(): text.get_position() for text in ax.texts if "topic" in str(text)}
    assert [heads[f"topic {j}"] for j in range(5)] == [(0, 0), (1, 0), (0, 5), (1, 5), (0, 10)]


BOARD = {"01 coins": {"update": "kept", "log_joint": "to do"}, "02 bound": {"gap": "passed"}}


def test_a_board_names_every_piece_and_counts_what_is_kept():
    ax = plots.board(BOARD)
    assert {"● update", "○ log joint", "◐ gap", "01 coins", "02 bound"} <= set(texts(ax))
    assert ax.get_title().startswith("1 of 3 pieces kept")
    fills = [patch.get_facecolor() for patch in ax.patches]
    assert len(set(fills)) == 3


def test_a_board_with_an_unknown_state_is_refused():
    with pytest.raises(
        ValueError, match="gap in 02 is 'lost', expected one of kept, passed, to do"
    ):
        plots.board({"02": {"gap": "lost"}})


def test_topics_over_time_are_averaged_over_the_documents_of_a_time():
    doc_topic = np.array([[1.0, 0.0], [0.5, 0.5], [0.0, 1.0]])
    ax = plots.topics_over_time(doc_topic, [1789, 1793, 1793], labels=["then", "now"])
    curves = [line.get_xydata() for line in ax.lines if len(set(line.get_ydata())) > 1]
    first, second = curves
    assert first[:, 0].tolist() == [1789, 1793]
    assert first[:, 1] - 1 == pytest.approx(0.9 * np.array([1.0, 0.25]))
    assert second[:, 1] == pytest.approx(0.9 * np.array([0.0, 0.75]))
    assert [label.get_text() for label in ax.get_yticklabels()] == ["then", "now"]


# ------------------------------------------------------------------------------------- segments


def test_a_profile_has_a_row_a_class_and_says_its_percentages():
    shares = np.array([[0.94, 0.0, 0.06], [0.1, 0.25, 0.65]])
    ax = plots.profiles(shares, ["nabisco", "private", "others"], labels=["loyal", "mixed"])
    heights = np.array([bar.get_height() for bar in ax.patches]).reshape(2, 3)
    assert heights / heights[0, 0] == pytest.approx(shares / 0.94)
    feet = np.array([bar.get_y() for bar in ax.patches]).reshape(2, 3)
    assert np.all(feet[0] > feet[1] + heights[1])  # the first class above the second
    assert texts(ax) == ["94%", "0%", "6%", "10%", "25%", "65%"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["loyal", "mixed"]


# -------------------------------------------------------------------------------------- all of them


def test_pictures_draw_on_the_axes_that_they_are_given():
    draws = [
        lambda ax: plots.trace([0.0], ax=ax),
        lambda ax: plots.soft_scatter(np.zeros((1, 2)), np.ones((1, 1)), ax=ax),
        lambda ax: plots.ellipses(np.zeros((1, 2)), np.eye(2)[None], ax=ax),
        lambda ax: plots.responsibilities(RESP, ax=ax),
        lambda ax: plots.restarts([run(-1.0)], ax=ax),
        lambda ax: plots.lower_bound([0, 1], [0, 1], [[0, 0]], [0], ax=ax),
        lambda ax: plots.state_ribbons([0, 1], ax=ax),
        lambda ax: plots.transition_matrix(np.eye(2), ax=ax),
        lambda ax: plots.trellis(TRELLIS, np.eye(2), ax=ax),
        lambda ax: plots.topics(TOPIC_WORD, VOCABULARY, ax=ax, top=2),
        lambda ax: plots.topics_over_time(RESP, np.arange(5), ax=ax),
        lambda ax: plots.board(BOARD, ax=ax),
        lambda ax: plots.profiles(RESP, ["a", "b"], ax=ax),
    ]
    assert len(draws) == len(set(plots.__all__) - {"colours", "stepper", "use_style"})
    for draw in draws:
        ax = plt.subplots()[1]
        assert draw(ax) is ax
        ax.figure.canvas.draw()  # and Matplotlib can paint it without a warning


def test_arguments_are_left_as_they_were():
    resp, transmat = RESP.copy(), np.eye(2)
    plots.responsibilities(resp)
    plots.topics_over_time(resp, np.arange(5))
    plots.state_ribbons(resp)
    plots.transition_matrix(transmat)
    assert np.array_equal(resp, RESP)
    assert np.array_equal(transmat, np.eye(2))


@pytest.mark.parametrize(
    ("draw", "sentence"),
    [
        (lambda: plots.soft_scatter(np.zeros((3, 3)), np.ones((3, 1))), r"X has shape \(3, 3\)"),
        (lambda: plots.soft_scatter(np.zeros((3, 2)), np.ones((2, 1))), r"resp has shape \(2, 1\)"),
        (lambda: plots.ellipses(np.zeros((1, 3)), np.eye(3)[None]), r"expected \(k, 2\)"),
        (lambda: plots.responsibilities([0.5, 0.5]), r"resp has shape \(2,\), expected \(n, k\)"),
        (lambda: plots.responsibilities([[0.5, 0.6]]), r"resp\[0\] is \[0.5 0.6\], expected none"),
        (lambda: plots.responsibilities(RESP, labels=["a"]), r"labels are \['a'\], expected 2"),
        (lambda: plots.responsibilities(RESP, labels="ab"), "labels are 'ab', expected 2 of them"),
        (lambda: plots.trace([]), r"history has shape \(0,\)"),
        (lambda: plots.trace([1.0, 2.0], bounds=[1.0, 2.0]), "bounds has 2 values, expected 1"),
        (lambda: plots.trace([1.0, 2.0], bounds=[2.5]), r"bounds\[0\] is 2.5, above the log-like"),
        (lambda: plots.restarts([]), "runs is empty, expected Fit.runs"),
        (lambda: plots.restarts([-1.0]), "runs holds -1.0, expected the Run objects of Fit.runs"),
        (lambda: plots.lower_bound([1, 0], [0, 1], [[0, 0]], [0]), "parameter is not ascending"),
        (
            lambda: plots.lower_bound([0, 1], [0, 1, 2], [[0, 0]], [0]),
            r"log_likelihood has shape \(3,\), expected \(2,\)",
        ),
        (
            lambda: plots.lower_bound([0, 1], [0, 1], [[0, 0]], [0, 1]),
            r"bounds has shape \(1, 2\), expected \(2, 2\)",
        ),
        (lambda: plots.lower_bound([0, 1], [0, 1], [[0, 0]], [3]), "touching holds 3.0, outside"),
        (
            lambda: plots.lower_bound([0, 1], [0, 1], [[0, 2]], [0]),
            r"bounds\[0\] is above the log-likelihood",
        ),
        (
            lambda: plots.lower_bound([0, 1], [0, 1], [[0, 0]], [0], labels=[]),
            r"labels are \[\], expected 1 of them",
        ),
        (lambda: plots.state_ribbons([0, 1.5]), r"states\[1\] is 1.5, expected a whole number"),
        (lambda: plots.state_ribbons([0, -1]), r"states\[1\] is -1.0, expected a whole number"),
        (lambda: plots.state_ribbons([]), "states is empty, expected at least one"),
        (lambda: plots.state_ribbons([[0.5, 0.4]]), r"states\[0\] is \[0.5 0.4\], expected none"),
        (lambda: plots.state_ribbons([0, 1], times=[0]), "times has 1 values, states 2"),
        (lambda: plots.state_ribbons([0, 1], times=[1, 0]), "times are not ascending"),
        (lambda: plots.state_ribbons([0, 1, 2], labels=["a"]), r"labels are \['a'\], expected 3"),
        (lambda: plots.transition_matrix(np.ones((1, 2))), r"transmat has shape \(1, 2\)"),
        (
            lambda: plots.transition_matrix([[1, 0], [1, 1]]),
            r"transmat\[1\] is \[1. 1.\], expected",
        ),
        (lambda: plots.trellis([0.5], np.eye(1)), r"values has shape \(1,\), expected \(t, k\)"),
        (lambda: plots.trellis([[2, 0]], np.eye(2)), r"values\[0, 0\] is 2.0, expected 0 to 1"),
        (
            lambda: plots.trellis(TRELLIS, np.eye(3)),
            r"transmat has shape \(3, 3\), values are for 2",
        ),
        (lambda: plots.trellis(TRELLIS, np.eye(2), path=[0, 1]), r"path is \[0, 1\], expected 3"),
        (lambda: plots.trellis(TRELLIS, np.eye(2), path=[0, 1, 2]), "states from 0 to 1"),
        (
            lambda: plots.trellis(TRELLIS, np.eye(2), times="ab"),
            "times has 2 values, values 3 rows",
        ),
        (lambda: plots.topics(TOPIC_WORD, ["union"]), "vocabulary has 1 words, topic_word 4"),
        (lambda: plots.topics(TOPIC_WORD, VOCABULARY, top=0), "top is 0, expected a whole number"),
        (lambda: plots.topics(TOPIC_WORD, VOCABULARY, top=5), "top is 5, expected at most 4"),
        (lambda: plots.topics(TOPIC_WORD, VOCABULARY, top=1, columns=0), "columns is 0, expected"),
        (lambda: plots.topics_over_time(RESP, [1]), "times has 1 values, doc_topic 5 rows"),
        (lambda: plots.profiles([[0.5, 1.5]], "ab"), r"shares\[0, 1\] is 1.5, expected 0 to 1"),
        (lambda: plots.profiles([[0.5, 0.5]], ["a"]), r"items are \['a'\], expected 2 of them"),
        (lambda: plots.profiles([[0.5]], ["a"], labels=[]), r"labels are \[\], expected 1 of them"),
    ],
)
def test_bad_input_is_named(draw, sentence):
    with pytest.raises(ValueError, match=sentence):
        draw()


# --------------------------------------------------------------------------------- what moves


def draw_level(ax, level):
    ax.plot([0, 1], [0, level])
    ax.set(title=f"level {level}", xlabel="share", ylabel="height (m)")


def test_a_strip_shows_every_frame_within_the_same_limits():
    axes = plots.stepper(draw_level, range(1, 6))
    assert [ax.get_title() for ax in axes] == [f"level {level}" for level in range(1, 6)]
    assert len({ax.get_ylim() for ax in axes}) == 1
    assert axes[0].get_ylim()[1] >= 5


def test_of_many_frames_the_strip_shows_eight_with_the_first_and_the_last():
    axes = plots.stepper(draw_level, range(50))
    titles = [ax.get_title() for ax in axes]
    assert len(titles) == 8
    assert (titles[0], titles[-1]) == ("level 0", "level 49")
    assert len(axes[0].figure.axes) == 8


def test_a_stepper_without_frames_is_refused():
    with pytest.raises(ValueError, match="frames is empty, expected at least one"):
        plots.stepper(draw_level, [])
