"""Print what comes of every mangled hand-in: `make mangled`."""

import sys
import tempfile
from pathlib import Path

from emkit.classroom.sandbox import Box
from mangled.course import TESTS, make
from mangled.grading import grade_all, submit
from mangled.hand_ins import HAND_INS


def main():
    with tempfile.TemporaryDirectory(prefix="mangled-") as folder:
        Box(folder).close()  # says what to do where there is no sandbox
        course = make(Path(folder))
        submit(course)
        came = grade_all(course)
    wrong = 0
    for name, hand_in in HAND_INS.items():
        line, right = summary(hand_in, came[name])
        wrong += not right
        print(f"{'  ' if right else '! '}{hand_in.story}\n      {line}")
    print(f"\n{len(HAND_INS)} hand-ins, {wrong} with another outcome than expected (!).")
    return wrong > 0


def summary(hand_in, came):
    """Return (what came of a hand-in in a line, whether that is what was expected)."""
    said = f" · {' '.join(came.mended)}" if came.mended else ""
    if came.problem:
        return f"needs a person · {came.problem}", bool(
            hand_in.person
        ) and hand_in.person in came.problem
    lost = {name for name, points in TESTS.items() if came.marks[name] != points}
    marks = f"loses {', '.join(sorted(lost))}" if lost else "full marks"
    right = lost == hand_in.loses and hand_in.says in said and not hand_in.person
    return marks + said, right


if __name__ == "__main__":
    sys.exit(main())
