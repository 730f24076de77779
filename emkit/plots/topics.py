"""Pictures of a topic model: what each topic is about, and when."""

import numpy as np

from emkit.arguments import check_whole_number, finite_array
from emkit.plots.look import axes_or_new, check_labels, colours


def topics(topic_word, vocabulary, ax=None, top=8, labels=None, columns=3):
    """The likeliest words of each topic as bars, all on one scale.

    Parameters
    ----------
    topic_word : (k, words) array
        p(word | topic); rows sum to 1.
    vocabulary : (words,) array of strings
    ax : matplotlib axes, optional
    top : int
        Number of words a topic.
    labels : sequence of k strings, optional
        Names of the topics.
    columns : int
        Topics side by side; more follow below.

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If the shapes don't fit, or `top` is no whole number from 1 to the number of words.
    """
    topic_word = finite_array("topic_word", topic_word, 2, "(k, words)")
    k, words = topic_word.shape
    if len(vocabulary) != words:
        raise ValueError(f"vocabulary has {len(vocabulary)} words, topic_word {words}")
    check_whole_number("top", top, least=1)
    if top > words:
        raise ValueError(f"top is {top}, expected at most {words}, the number of words")
    check_whole_number("columns", columns, least=1)
    names = check_labels(labels, k, "topic")
    columns = min(columns, k)
    bands = -(-k // columns)
    ax = axes_or_new(ax, figsize=(6.4, 0.25 * (top + 2) * bands + 0.8))
    longest = topic_word.max()
    for j, (shares, colour) in enumerate(zip(topic_word, colours(k), strict=True)):
        left, head = j % columns, (j // columns) * (top + 2)
        best = np.argsort(-shares, kind="stable")[:top]
        rows = head + 1 + np.arange(top)
        ax.barh(rows, 0.92 * shares[best] / longest, left=left, color=colour, alpha=0.45)
        ax.text(left, head, names[j], va="center", weight="bold")
        for row, word in zip(rows, best, strict=True):
            ax.text(left + 0.02, row, str(vocabulary[word]), va="center")
    ax.tick_params(length=0)
    ax.set(xticks=[], yticks=[], xlim=(-0.02, columns), ylim=(bands * (top + 2) - 1, -0.8))
    ax.spines[:].set_visible(False)
    ax.set_xlabel(f"bars: p(word | topic), the longest is {longest:.1%}", loc="left")
    return ax


def topics_over_time(doc_topic, times, ax=None, labels=None):
    """How much of the documents each topic is, over time: a lane a topic, from 0 to 100%.

    Parameters
    ----------
    doc_topic : (docs, k) array
        p(topic | document); rows sum to 1. Documents of one time are averaged.
    times : (docs,) array
        Time of each document, for example its year.
    ax : matplotlib axes, optional
    labels : sequence of k strings, optional
        Names of the topics.

    Returns
    -------
    ax : matplotlib axes

    Raises
    ------
    ValueError
        If the shapes don't fit.
    """
    doc_topic = finite_array("doc_topic", doc_topic, 2, "(docs, k)")
    times = finite_array("times", times, 1, "(docs,)")
    docs, k = doc_topic.shape
    if len(times) != docs:
        raise ValueError(f"times has {len(times)} values, doc_topic {docs} rows")
    names = check_labels(labels, k, "topic")
    moments, which = np.unique(times, return_inverse=True)
    shares = np.stack([doc_topic[which == i].mean(axis=0) for i in range(len(moments))])
    ax = axes_or_new(ax, figsize=(6.4, 0.7 * k + 0.9))
    for j, colour in enumerate(colours(k)):
        foot = k - 1 - j
        ax.fill_between(moments, foot, foot + 0.9 * shares[:, j], color=colour, alpha=0.6, lw=0)
        ax.plot(moments, foot + 0.9 * shares[:, j], color=colour, lw=1.2)
        ax.axhline(foot, color="0.5", lw=0.8)
    ax.set_yticks(np.arange(k)[::-1] + 0.45, names)
    ax.tick_params(axis="y", length=0)
    ax.spines["left"].set_visible(False)
    ax.set(ylim=(-0.05, k), xlabel="time (height of a lane: 0 to 100% of the documents' words)")
    ax.margins(x=0)
    return ax
