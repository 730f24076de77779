"""How well the checks know right from wrong: a table, by `make pieces`.

For every piece on 20 seeds: right answers that pass, mistakes that are refused with their own
sentence, and how long a check takes.
"""

import contextlib
import io
import sys
import time
from concurrent.futures import ProcessPoolExecutor

import numpy as np
from right_answers import RIGHT_ANSWERS

from emkit.workshop import CheckFailed, catalogue, check
from emkit.workshop.bench.watch import unwatched
from emkit.workshop.piece import Piece

SEEDS = range(20)
PIECES = [piece.id for piece in catalogue.PIECES.values() if isinstance(piece, Piece)]


def main():
    """Print the table; 1 if anything isn't as it should be."""
    print(
        f"{'':36}{'right answers':>16}{'mistakes refused':>19}{'milliseconds a check':>23}\n"
        f"{'piece':36}{'':>6}{'passed':>10}{'':>6}{'own words':>13}{'median':>14}{'most':>9}"
    )
    fine = True
    with ProcessPoolExecutor() as pool:
        for piece_id, answers, passed, mistakes, own, seconds in pool.map(figures, PIECES):
            fine &= passed == answers * len(SEEDS) and own == mistakes * len(SEEDS)
            print(
                f"{piece_id:36}{answers:6}{passed / answers / len(SEEDS):10.0%}{mistakes:6}"
                f"{own / mistakes / len(SEEDS):13.0%}{1e3 * np.median(seconds):14.0f}"
                f"{1e3 * max(seconds):9.0f}"
            )
    return not fine


def figures(piece_id):
    """Number of right answers, passes, mistakes, refusals in their own words, seconds of checks."""
    seconds = []

    def failure(candidate, seed):
        start = time.perf_counter()
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                check(piece_id, candidate, seed=seed)
        except CheckFailed as failed:
            return failed
        finally:
            seconds.append(time.perf_counter() - start)

    def in_own_words(mistake, seed):
        failed = failure(unwatched(mistake), seed)
        text = " ".join(str(failed).split())
        return failed is not None and " ".join(mistake.sentence.split()) in text

    answers, mistakes = RIGHT_ANSWERS[piece_id], catalogue.find(piece_id).mistakes
    passed = sum(failure(answer, seed) is None for answer in answers for seed in SEEDS)
    own = sum(in_own_words(mistake, seed) for mistake in mistakes for seed in SEEDS)
    return piece_id, len(answers), passed, len(mistakes), own, seconds


if __name__ == "__main__":
    sys.exit(main())
