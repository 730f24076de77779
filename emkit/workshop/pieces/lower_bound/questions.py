"""Questions of lesson and assignment 02, with a reason for each wrong answer."""

import math

from emkit.workshop.piece import Question

QUESTIONS = (
    Question(
        id="02.jensen",
        right=math.log(5 / 3),
        because="log 5 − log 3: the logarithm of the average is above the average of the "
        "logarithms.",
        reasons={
            math.log(5): "That is the logarithm of the average, log 5. By how much is the average "
            "of the logarithms below it?",
            math.log(3): "That is the average of the logarithms, (log 1 + log 9) / 2. By how much "
            "is it below the logarithm of the average?",
            math.log(3 / 5): "The size is right. Which of the two is the larger one?",
            2: "That is 5 − 3. Take the logarithms first, then the difference.",
        },
        section="The average of a logarithm",
    ),
    Question(
        id="02.e_step",
        right="c",
        because="The E-step changes q and nothing else. The curve stays; the bound rises to it.",
        reasons={
            "a": "The log-likelihood depends on the parameters alone, and an E-step leaves them "
            "as they are.",
            "b": "The log-likelihood depends on the parameters alone, and an E-step leaves them "
            "as they are. It is q that is chosen anew.",
        },
        section="Up two stairs: E-step and M-step",
    ),
    Question(
        id="02.part_way",
        right="a",
        because="The proof uses of the M-step only that the bound doesn't fall.",
        reasons={
            "b": "Read line 2 of the proof: what does it ask of the new parameters?",
            "c": "Whether the gap closes is the E-step's matter, and the E-step is as before.",
        },
        section="Climbing part of the way",
    ),
    Question(
        id="02.fell",
        right="d",
        because="A log-likelihood that falls by more than rounding contradicts the proof, so one "
        "of the steps isn't what it says it is.",
        reasons={
            "a": "Methods with a step length can overshoot. EM has none: its new parameters are "
            "the top of a bound that touched the log-likelihood at the old ones.",
            "b": "Whatever hill EM is on, each step ends at least as high as it began: it never "
            "goes down to look for another one.",
            "c": "Rounding moves such a number by some 0.0000000001. This fell by 0.8.",
        },
        section="Why the likelihood can never fall",
    ),
)
