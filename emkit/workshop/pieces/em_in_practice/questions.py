"""Questions of lesson and assignment 11, with a reason for each wrong answer."""

from emkit.workshop.piece import Question

QUESTIONS = (
    Question(
        id="11.meaning",
        right="b",
        because="A leap is taken only where the objective is no lower, and what stops the run is "
        "the same map. Acceleration changes the way, not the places where EM rests.",
        reasons={
            "a": "Both climb the same likelihood from the same start. Acceleration doesn't change "
            "the model.",
            "c": "Both runs began at the same start. That they agree says nothing about other "
            "starts: local maxima remain.",
            "d": "A proposal may overshoot and be refused. What was kept never lowers the "
            "objective; each leap by itself carries no such promise.",
        },
        section="It breaks: a leap too far",
    ),
    Question(
        id="11.by_hand",
        right=2.0,
        because="r = 1, v = 0.5 − 1 = −0.5, the step is −1 / 0.5 = −2, and 0 + 4 · 1 + 4 · (−0.5) "
        "= 2: where the steps 1, 0.5, 0.25, ... add up to in the end.",
        reasons={
            -2.0: "That is the step. Where does the leap go with it?",
            1.5: "That is θ₂, where a step of −1 would go.",
            1.75: "That is one more step of EM; the leap goes further.",
            0.0: "The first term of the leap is −2 · step · r; a 2 is missing.",
            5.0: "The step stands before v squared.",
            4.0: "That is the leap without v, which bends it back.",
            6.0: "v is the second step minus the first, 0.5 − 1, so it is negative.",
            -6.0: "s is negative, so −2 s r goes forward.",
            10.0: "v is the *change* of the steps, 0.5 − 1.",
        },
        section="Three steps, one leap",
    ),
    Question(
        id="11.centres",
        right="c",
        because="A sum of x − c is about its c. With the counts it can be moved to another centre "
        "first, and then added.",
        reasons={
            "a": "Try it with one row on each machine: x = 3 about 1 and x = 3 about 2 add up to a "
            "deviation of 3. From what?",
            "b": "The counts and the log-likelihood don't depend on the centres and add as they "
            "are, but the sums and products do depend on them.",
            "d": "Nothing is lost: counts and sums say how the products change with the centre.",
        },
        section="Two halves make the whole",
    ),
)
