"""The table: each hostile hand-in, its story, and whether grading contained it.

`make hostile` writes it; names of hand-ins as arguments take only those.
"""

import sys
import time

from hostile import FAMILIES, HAND_INS
from hostile.school import end_school, make_school


def main(chosen):
    school, began = make_school(), time.monotonic()

    def seen(graded, left):
        print(f"{left:4} left, {time.monotonic() - began:4.0f} s: {graded.learner}, "
              f"{graded.seconds:.1f} s {graded.problem[:90]}", file=sys.stderr)  # fmt: skip

    try:
        complaints = school.run(chosen or HAND_INS, seen)
    finally:
        end_school(school)
    for family in FAMILIES:
        print(f"\n{family.__doc__.splitlines()[0]}")
        for name, make in HAND_INS.items():
            if make.__module__ == family.__name__ and name in complaints:
                verdict = "; ".join(complaints[name]) or "contained"
                print(f"  {name:34} {make.__doc__.splitlines()[0]:96} {verdict}")
    for name in ("honest", "all"):
        print(f"\n{name}: {'; '.join(complaints[name]) or 'as it should be'}")
    held = sum(not complaints[name] for name in school.names)
    print(f"\n{held} of {len(school.names)} contained, in {time.monotonic() - began:.0f} s")
    sys.exit(any(complaints.values()))


if __name__ == "__main__":
    main(sys.argv[1:])
