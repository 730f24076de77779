"""Questions of lesson and assignment 05, with a reason for each wrong answer."""

from emkit.workshop.piece import Question

QUESTIONS = (
    Question(
        id="05.units",
        right="c",
        because="The gains stay what they were, and so does the absolute rule. The size of the "
        "log-likelihood nearly quadruples, and the relative threshold with it: not even the "
        "relative rule is free of units.",
        reasons={
            "a": "The absolute rule looks at a difference of two values that moved by the same "
            "number.",
            "b": "Other way round: the difference of two values that moved by the same number is "
            "what it was. What happens to their size?",
        },
        section="When to stop",
    ),
    Question(
        id="05.iterations",
        right=22,
        because="ln 0.1 / ln 0.9 is 21.9. At a rate of 0.99 it would be 229.",
        reasons={
            10: "The error doesn't shrink by 0.1 of what it was at first, but of what it is now.",
            9: "The error doesn't shrink by 0.1 of what it was at first, but of what it is now.",
            11: "That is for the gains of the log-likelihood, which shrink by 0.9². The question "
            "is about the error of the parameter.",
            229: "That is for a rate of 0.99.",
            44: "That is for a hundredth of the error.",
        },
        section="How fast does it climb?",
    ),
    Question(
        id="05.worth",
        right=6.61,
        because="3 · ln 82 is 13.2, and twice the rise has to pay it: 2.2 nats a parameter. From "
        "three to four components the table's rise is a little less.",
        reasons={
            13.22: "That is by how much the second term grows. The log-likelihood counts twice.",
            2.2: "That is the price of one parameter; there are three.",
            4.41: "That is what one parameter adds to BIC. There are three, and the log-likelihood "
            "counts twice.",
            3: "That would be Akaike's price, one nat a parameter, whatever n is.",
        },
        section="How many components?",
    ),
    Question(
        id="05.report",
        right="d",
        because="Likelihood alone can't tell a cluster from a needle: the height of a needle says "
        "how close together a few points happen to lie. What it holds, and what a prior and "
        "held-out data make of it, can tell.",
        reasons={
            "a": "The highest likelihood there is would be infinite: a component on a single "
            "galaxy. This one is on the way there, on two galaxies less than 0.1 apart.",
            "b": "How often starts find a top says how wide its slope is, not how well it fits. A "
            "good top with a narrow slope is found seldom.",
            "c": "A climb that is cut short depends on the start and on the day. It would hide the "
            "needle, not mend it: a prior says openly what is wanted.",
        },
        section="It breaks: a component on one point",
    ),
)
