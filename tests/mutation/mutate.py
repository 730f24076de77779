"""Change the right answers by machine; every change must be noticed by the piece's check.

`make mutate` runs this. A change that nothing notices either makes no difference, and is listed in
`equivalent.toml` with the reason, or shows that a case is missing. Word by word: `mutate.py 03.`
looks at the pieces whose id begins so. The capstone is left out: it asks for a good analysis and
not for one answer, so three starts or four, and two segments or three, are both right.
"""

import ast
import difflib
import inspect
import resource
import sys
import textwrap
import tomllib
import warnings
from collections import Counter
from concurrent.futures import ProcessPoolExecutor
from importlib import import_module
from pathlib import Path

from mutants import mutants
from right_answers import RIGHT_ANSWERS
from tqdm import tqdm

from emkit.workshop import CheckFailed, catalogue

SEEDS = (0, 1)  # as an assignment's visible and hidden tests have two
checking = import_module("emkit.workshop.check")  # the module; its name is the function's, too
checking.PATIENCE = 3.0  # seconds; a mutant may never end, but a busy machine is slow
CAPSTONE = "12."
MEMORY = 6 * 2**30  # bytes that a runaway mutant may take


def main(prefix=""):
    """Print a table of the pieces, and what survived."""
    listed = tomllib.loads((Path(__file__).parent / "equivalent.toml").read_text())
    known = {tuple(mutant) for reason in listed["equivalent"] for mutant in reason["mutants"]}
    work = [
        (piece_id, i)
        for piece_id, answers in RIGHT_ANSWERS.items()
        if piece_id.startswith(prefix) and not piece_id.startswith(CAPSTONE)
        for i in range(len(answers))
    ]
    totals, equivalent, survivors, seen = Counter(), Counter(), [], set()
    with ProcessPoolExecutor(initializer=limit_memory) as pool:
        for (piece_id, _), (number, alive) in zip(
            work, tqdm(pool.map(survive, work), total=len(work), desc="answers"), strict=True
        ):
            totals[piece_id] += number
            for survivor in alive:
                seen.add(survivor)
                if survivor in known:
                    equivalent[piece_id] += 1
                else:
                    survivors.append((piece_id, *survivor))
    missed = Counter(piece_id for piece_id, *_ in survivors)
    print(f"{'piece':36}{'mutants':>8}{'refused':>9}{'equivalent':>11}{'missed':>8}")
    for piece_id, number in sorted(totals.items()):
        refused = number - equivalent[piece_id] - missed[piece_id]
        print(f"{piece_id:36}{number:8}{refused:9}{equivalent[piece_id]:11}{missed[piece_id]:8}")
    for survivor in survivors:
        print("\n# {}\n['{}',\n '''{}''',\n '''{}'''],".format(*survivor))
    tried = {full_name(RIGHT_ANSWERS[piece_id][i]) for piece_id, i in work}
    for name, before, after in sorted(known - seen):
        if name in tried:
            print(f"\nlisted as equivalent, but refused or gone: {name}\n  {before}\n  {after}")
    return bool(survivors)


def limit_memory():
    """Let a mutant that wants the world's memory fail instead of taking it."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    warnings.simplefilter("ignore")


def survive(work):
    """How many mutants one right answer has, and those that its check lets pass."""
    piece_id, i = work
    answer = RIGHT_ANSWERS[piece_id][i]
    source = textwrap.dedent(inspect.getsource(answer))
    plain = ast.unparse(ast.parse(source))
    changed = mutants(source)
    alive = [text for text in changed if passes(piece_id, answer, text)]
    return len(changed), [(full_name(answer), *difference(plain, text)) for text in alive]


def full_name(answer):
    """The module of right answers and the function, 'topics.fold_in_dense' for example."""
    return f"{answer.__module__.rpartition('.')[2]}.{answer.__name__}"


def passes(piece_id, answer, text):
    """Whether a changed version of an answer passes on all seeds."""
    names = dict(answer.__globals__)
    try:
        exec(compile(text, "<mutant>", "exec"), names)
        for seed in SEEDS:
            checking.check_piece(catalogue.find(piece_id), names[answer.__name__], seed, None)
    except (CheckFailed, Exception):
        return False
    return True


def difference(before, after):
    """The line that was, and what it is now."""
    lines = list(difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm=""))
    return tuple(
        "\n".join(line[1:].strip() for line in lines[2:] if line.startswith(sign)) for sign in "-+"
    )


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
