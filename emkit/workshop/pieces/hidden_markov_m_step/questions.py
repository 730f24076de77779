"""Questions of lesson and assignment 10, with a reason for each wrong answer."""

from emkit.workshop.piece import Question

QUESTIONS = (
    # Graded: in a chain for spoken digits a state can only be kept or left for the next one, never
    # for an earlier one. Taking the likeliest state of each time from gamma, you get 0 0 1 0 1 2.
    # What has happened? (a) The M-step has made a mistake: transmat[1, 0] must have become
    # positive. (b) Nothing is wrong: each of the states is the likeliest at its time, and together
    # they are a path that can't happen. (c) gamma was computed without the later observations.
    # (d) Viterbi would have given the same, for it maximises the same probabilities.
    Question(
        id="10.path_or_posterior",
        right="b",
        because="gamma answers a question for each time by itself. For a path that holds together, "
        "ask for the best path.",
        reasons={
            "a": "A zero in A stays 0: where no step is possible, none is expected. What does the "
            "largest gamma of one time say about its neighbours?",
            "c": "gamma contains all observations, and so does the answer for each single time.",
            "d": "log p(path, x) of a path with the step from 1 to 0 is −inf. Viterbi would never "
            "choose it.",
        },
        section="The best path: Viterbi",
    ),
    # After the fit to the earthquakes a violent year is followed by another one with probability
    # 0.88. How many years does a violent period last on average, its first year included?
    Question(
        id="10.stay",
        right=1 / 0.12,
        because="Each year it ends with probability 0.12: on average after 1 / 0.12 years.",
        reasons={
            0.88 / 0.12: "That is how many years *follow* the first one.",
            1 / 0.88: "That is how long a period would last that *ends* with probability 0.88 each "
            "year.",
            5.42: "After that many years half of the periods are over. The mean is longer, for "
            "some last very long.",
            6.42: "After that many years half of the periods are over. The mean is longer, for "
            "some last very long.",
            0.88: "That is the probability of another year.",
            0.12: "That is the probability that it ends, each year.",
            8.0: "That is right to whole years only: give a digit more.",
            88.0: "Think of the probability that it ends, 0.12 each year.",
        },
        section="Starts and steps: counting what was expected",
    ),
    # A quiet year is followed by a violent one with probability 0.07, a violent one by a quiet one
    # with probability 0.12. Which share of the years is violent in the long run?
    Question(
        id="10.long_run",
        right=0.07 / 0.19,
        because="As many changes go there as back: 0.07 · quiet = 0.12 · violent.",
        reasons={
            0.12 / 0.19: "That is the share of quiet years. What is easily left is rarer.",
            0.07 / 0.12: "That is how many violent years there are for each quiet one. Which share "
            "of *all* years is that?",
            100 * 0.07 / 0.19: "That is in per cent. A share lies between 0 and 1.",
            0.376: "That is the fitted chain's share, from unrounded numbers. Here take 0.07 and "
            "0.12 as they are.",
            0.07: "That is the probability of a change, given a quiet year.",
            0.5: "The changes are equally many both ways, the years in between aren't.",
            0.88: "That is the probability of another violent year after one.",
            0.475: "That is the column's mean: one step from an even start.",
        },
        section="In the long run: the stationary distribution",
    ),
)
