"""Quick checks of lesson 00."""

from emkit.workshop.piece import Question

QUESTIONS = (
    Question(
        id="00.passed",
        right="c",
        because="The same function is tried again on other inputs when it is graded.",
        reasons={
            "a": "The checks that you see try one set of inputs. Grading tries others, too, and "
            "a function that works on the first set may fail on them.",
            "b": "The check has run your function and judged what came back, so more was looked "
            "at than whether the cell runs.",
        },
        section="Two kinds of checks",
    ),
    Question(
        id="00.restart",
        right="b",
        because="What a deleted or changed cell once made is still in the kernel's memory, until "
        "it is restarted.",
        reasons={
            "a": "Saving writes the cells to the file. It doesn't run them.",
            "c": "The numbers beside the cells do start again at 1, but that is only the sign of "
            "it.",
        },
        section="Write, run, check",
    ),
)
