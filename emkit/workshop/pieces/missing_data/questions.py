"""Questions of lesson and assignment 06, with a reason for each wrong answer."""

from emkit.workshop.piece import Question

QUESTIONS = (
    # Graded: two sensors drop out a third of the time each, independently of one another and of
    # what they measure; their true correlation is 0.6. All gaps are filled with the means. About
    # what correlation will be seen in a long record?
    Question(
        id="06.faded",
        right=0.4,
        because="The covariance keeps 4/9 of itself, each variance 2/3, and 0.6 · (4/9) / (2/3) "
        "is 0.4.",
        reasons={
            0.6: "Then covariance and variances would fade alike. A product of deviations is 0 "
            "where *either* sensor was filled in, which is more often than one of them was.",
            0.6 * 4 / 9: "That is how the covariance fades. The variances in the denominator fade "
            "as well, though not as much.",
            0.6 * 2 / 3 * 2 / 3 * 2 / 3: "The standard deviations are divided out of a "
            "correlation: they don't shrink it further.",
            0.6 / 9: "Both sensors work on (2/3)² of the days. 1/9 is the share of days without "
            "either.",
            0.2: "A third is the share that is missing: how much is left?",
            0.9: "Filled values add nothing to the sum of products. How could the correlation "
            "grow?",
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
