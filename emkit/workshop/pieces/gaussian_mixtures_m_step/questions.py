"""Questions of lesson and assignment 04, with a reason for each wrong answer."""

from emkit.workshop.piece import Question

QUESTIONS = (
    Question(
        id="04.tied_or_full",
        right="b",
        because="A tied fit is a full fit whose covariances happen to be equal, so the best full "
        "one can't be lower.",
        reasons={
            "a": "Both were scored on the birds that they were fitted to, and there more freedom "
            "always scores higher. Whether it pays on new birds has to be tried on new birds.",
            "c": "A lower top isn't a failed climb: each M-step is the best for its own kind of "
            "model, and both fits converged.",
            "d": "That both sort the birds equally well says that the borders lie in the same "
            "places. The shapes may still differ; only a comparison that counts the price of the "
            "extra numbers can say.",
        },
        section="Covariance types, and what they cost",
    ),
    Question(
        id="04.by_hand",
        right=56.25,
        because="The shares add up to 1.6 waits, and share times wait to 90 minutes.",
        reasons={
            200 / 3: "That is the plain mean of the three waits: the shares aren't in it.",
            30: "You divided by the number of waits. How much of the three waits is of the short "
            "kind?",
            90: "That is the weighted sum. A mean divides by the total weight.",
            55: "That is the mean of the two waits with more than half of their share. The third "
            "one counts too, by a tenth.",
            1.6: "That is the effective count, the sum of the shares: divide by it.",
        },
        section="The means: where the gradient of Q is zero",
    ),
    Question(
        id="04.wider",
        right="c",
        because="Σ⁻¹ is halved, and so is every pull; where the pulls cancel, they still cancel.",
        reasons={
            "a": "Look at step 3: where in the formula of the best mean is Σ?",
            "b": "Σ⁻¹ stands in the gradient. A wider component feels the same pull less.",
        },
        section="The means: where the gradient of Q is zero",
    ),
    Question(
        id="04.parameters",
        right=44,
        because="2 for the weights, 12 for the means, and 10 for each covariance.",
        reasons={
            45: "Three weights that sum to 1: how many of them can you choose freely?",
            62: "A covariance is symmetric: what is above the diagonal comes again below it.",
            42: "The weights are missing.",
            30: "These are the covariances alone.",
            32: "The means are missing.",
            24: "That is the tied type, with one covariance for all components.",
            26: "That is the diagonal type.",
        },
        section="Covariance types, and what they cost",
    ),
)
