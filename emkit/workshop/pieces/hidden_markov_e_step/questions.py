"""Questions of lesson and assignment 09, with a reason for each wrong answer."""

from emkit.workshop.piece import Question

QUESTIONS = (
    # Graded: at 15:40 alpha says that the beaver is active with probability 0.39, gamma says 0.92.
    # What has happened? (a) alpha doesn't use the temperature of 15:40 yet, gamma does. (b) What
    # was measured after 15:40 fits an animal that was active then. (c) gamma is an average over
    # the day, and the beaver was active for most of it. (d) There is a mistake somewhere: two
    # probabilities of the same thing can't differ so much.
    Question(
        id="09.hindsight",
        right="b",
        because="alpha knows the temperatures up to 15:40, gamma all of them. Someone who watches "
        "live has alpha only.",
        reasons={
            "a": "alpha uses the temperature of its own time: the likelihood is multiplied in "
            "before the row is scaled. What does gamma know besides?",
            "c": "gamma has a row for each time, and each is about that time alone.",
            "d": "They are probabilities of the same thing given different observations. Which "
            "ones does each of them know?",
        },
        section="State posteriors: past and future together",
    ),
    # One step by hand: alpha is (0.6, 0.4), transmat is ((0.9, 0.1), (0.3, 0.7)), and the next
    # observation has the likelihoods (0.2, 0.5). What is the new alpha of state 0?
    Question(
        id="09.by_hand",
        right=0.132 / 0.302,
        because="Predicted are (0.66, 0.34), times the likelihoods (0.132, 0.17), and 0.132 is 44% "
        "of the sum.",
        reasons={
            0.66: "That is the prediction, before the observation. Multiply with its likelihood.",
            0.132: "That is p(z, x) given the past. Divide by the sum over both states.",
            0.302: "That is the scale, the sum over both states.",
            0.17: "That is p(z, x) given the past for state 1.",
            0.17 / 0.302: "That is the new alpha of state 1.",
            0.116 / 0.346: "The matrix is used the wrong way round: the ways *into* state 0 are in "
            "its first column.",
            0.375: "The step is missing: before the observation the state may change.",
            0.2 / 0.7: "That is the likelihood alone. What was known before?",
        },
        section="Forward: what the past says",
    ),
    # All rows of the likelihood are multiplied by 10. What changes? (a) alpha alone, (b) scale and
    # the log-likelihood, (c) alpha, scale and the log-likelihood, (d) nothing at all.
    Question(
        id="09.constants",
        right="b",
        because="Each scale takes the 10 in, and what is divided by it stays as it was. The "
        "log-likelihood grows by t · log 10.",
        reasons={
            "a": "All states of a row are multiplied by the same 10. What is left of it when the "
            "row is divided by its sum?",
            "c": "scale and the log-likelihood do. But alpha? What is left of the 10 when the row "
            "is divided by its sum?",
            "d": "The posteriors stay, but something has to take the 10 in.",
        },
        section="It breaks: a thousand factors below 1",
    ),
)
