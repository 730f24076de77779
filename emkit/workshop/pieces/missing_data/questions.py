"""Questions of lesson and assignment 06, with a reason for each wrong answer."""

from emkit.workshop.piece import Question

QUESTIONS = (
    # Graded: of two sensors one never fails. The other is missing on three days of four, whatever
    # it would have measured. Their true correlation is 0.6, and all gaps are filled with the mean.
    # About what correlation will be seen in a long record?
    Question(
        id="06.faded",
        right=0.3,
        because="The covariance keeps 1/4 of itself. Of the standard deviations one stays what it "
        "is, the other keeps √(1/4) = 1/2. And 0.6 · (1/4) / (1/2) is 0.3.",
        reasons={
            0.6: "Then covariance and standard deviations would fade alike. The covariance fades "
            "by the share of days on which both are there; what happens to each of the two "
            "standard deviations?",
            0.15: "That is how the covariance fades. One of the standard deviations that it is "
            "divided by fades as well, though not as much.",
            0.5: "That is the factor by which the correlation fades. What does it multiply?",
            0.25: "That is the factor of the covariance. Which ones do the two standard deviations "
            "have, and what is faded by them all?",
            0.6 * 3 / 4: "Three quarters is the share that is missing: on how many days do "
            "deviations survive?",
            0.6 * 9 / 16: "Only one of the two sensors fails, and three quarters is the share that "
            "is missing.",
            0.6 * (3 / 4) ** 0.5: "The square root is a good thought, but of the share that is "
            "*there*.",
            0.6 * 2 / 3: "That was right for two sensors that each miss a third. Here one of them "
            "never fails: go through the steps again.",
            0.6 / 16: "The share of days with both counts once in the covariance. Which standard "
            "deviations is it divided by?",
            1.2: "Filled days add nothing to the sum of products. How could the correlation grow?",
        },
        section="It breaks: filling in the mean",
    ),
    # Two features with mean 0 and variance 1 have the correlation 0.8. One of them is missing.
    # What is its conditional variance?
    Question(
        id="06.by_hand",
        right=0.36,
        because="Of the variance 1 the observed feature explains 0.8² = 0.64.",
        reasons={
            0.64: "That is the part that the observed feature explains. What is left?",
            0.6: "That is the conditional standard deviation.",
            0.8: "That is the slope. How much variance does it explain?",
            0.2: "What is explained goes with the *square* of the correlation.",
            1.0: "That would be right for uncorrelated features, where the other one says nothing.",
            0.0: "The other feature says much, but not everything: the correlation isn't 1.",
        },
        section="What one row tells about its gaps",
    ),
    # One of the days has nothing observed at all. What does that row do to EM's estimates in the
    # end? (a) It pulls the means towards the starting guess. (b) Nothing; it only makes the steps
    # shorter. (c) It makes the variances too large, as it brings doubt and no data.
    Question(
        id="06.empty_row",
        right="b",
        because="It is filled with whatever mean and covariance there are, so each step stays a "
        "little nearer to where it came from; where EM comes to rest, it agrees with the rest.",
        reasons={
            "a": "In the first steps, yes. But the guess changes, and the filling with it: what is "
            "the row filled with in the end?",
            "c": "Its doubt is the covariance as it is. Averaged with others that say the same, "
            "does it make the result larger?",
        },
        section="The M-step: what the doubt is for",
    ),
    # When does EM's estimate go wrong, however many days there are? An ozone sensor fails (a) on
    # days that have nothing to do with the weather, (b) on hot days, and the temperature is always
    # recorded, (c) on days with very much ozone.
    Question(
        id="06.ignorable",
        right="c",
        because="There the gap itself says something about the value, and neither the model nor "
        "the other features know of it.",
        reasons={
            "a": "Then the days that were recorded are a fair sample. EM only makes more of the "
            "incomplete ones than leaving them out would.",
            "b": "Hot days have other ozone than cool ones, but the temperature that was recorded "
            "says so, and the regression on it is the same on days with a gap.",
        },
        section="Which gaps may be ignored?",
    ),
)
