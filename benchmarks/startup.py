"""How long `import emkit` takes beside `import numpy, scipy.special`, each in a new process."""

import statistics
import subprocess
import sys
import time

REPEATS = 15
TARGET = 1.2


def seconds(code):
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.perf_counter() - started


def main():
    sides = {"import emkit": [], "import numpy, scipy.special": []}
    for _ in range(REPEATS):
        for code, times in sides.items():
            times.append(seconds(code))
    ours, theirs = (statistics.median(times) for times in sides.values())
    print(f"import emkit {ours:.3f}s, NumPy and scipy.special {theirs:.3f}s: ", end="")
    print(f"{ours / theirs:.2f} times as long (target: at most {TARGET})")


if __name__ == "__main__":
    main()
