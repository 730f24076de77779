"""Fits in parts: from a memory map against in memory, and on two processes against one.

Each process has one BLAS thread, so that two processes are two threads.
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before NumPy is loaded; new processes inherit it

import multiprocessing
import tempfile
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from compare import Table, peak

import emkit

ITERATIONS = 5
AT_ONCE = 100_000


def write_rows(path, n, d, k):
    """A file of rows from overlapping clouds, written a piece at a time; a map of it."""
    rng = np.random.default_rng(0)
    means = rng.normal(scale=2, size=(k, d))
    rows = np.lib.format.open_memmap(path, mode="w+", dtype=float, shape=(n, d))
    for first in range(0, n, AT_ONCE):
        labels = rng.integers(k, size=min(AT_ONCE, n - first))
        rows[first : first + AT_ONCE] = means[labels] + rng.normal(size=(len(labels), d))
    rows.flush()
    return np.load(path, mmap_mode="r")


def never(history):
    return False


def fit(model, start, X, **options):
    """A fit of so many iterations."""
    return emkit.fit(model, X, start=start, max_iter=ITERATIONS, converged=never, **options)


def streaming(folder):
    """Ten million rows from the disk, and in memory."""
    d, k = 2, 3
    model = emkit.GaussianMixture(k)
    table = Table("in memory")
    for n, target in ((10_000_000, 1 / 1.3),):
        on_disk = write_rows(folder / "rows.npy", n, d, k)
        start = model.initial(model.prepare(on_disk[:AT_ONCE]), np.random.default_rng(0))
        in_memory = np.array(on_disk)
        table.row(
            f"memory map, n={n:,} d={d} k={k}, {ITERATIONS} iterations",
            partial(fit, model, start, on_disk, chunks=AT_ONCE),
            partial(fit, model, start, in_memory),
            round(target, 2),
        )
        for share in (1, 2, 4):
            some = on_disk[: n // share]
            megabytes = peak(partial(fit, model, start, some, chunks=AT_ONCE)) / 1e6
            print(f"{f'   peak memory with {len(some):,} rows':52}{megabytes:8.1f} MB", flush=True)


def processes(folder):
    """A million rows on two processes, and on one."""
    n, d, k = 1_000_000, 10, 10
    X = write_rows(folder / "more.npy", n, d, k)
    model = emkit.GaussianMixture(k)
    start = model.initial(model.prepare(X[:AT_ONCE]), np.random.default_rng(0))
    table = Table("one process")
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(2, mp_context=context) as executor:
        fit(model, start, X[:1000], chunks=500, map=executor.map)  # both have loaded emkit
        table.row(
            f"two processes, n={n:,} d={d} k={k}, {ITERATIONS} iterations",
            partial(fit, model, start, X, chunks=AT_ONCE, map=executor.map),
            partial(fit, model, start, X, chunks=AT_ONCE),
            1.6,
        )


def main():
    with tempfile.TemporaryDirectory() as folder:
        streaming(Path(folder))
        processes(Path(folder))


if __name__ == "__main__":
    main()
