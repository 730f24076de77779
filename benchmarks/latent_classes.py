"""Latent classes against stepmix: same start is not to be had, so the same number of iterations."""

import warnings

import numpy as np
from compare import Table

import emkit

try:
    from stepmix.stepmix import StepMix
except ImportError:
    print("left out: stepmix isn't installed; `make bench` installs it where there is a network")
    raise SystemExit from None

N, ITEMS, CATEGORIES, CLASSES, ITERATIONS = 10_000, 12, 3, 4, 50


def never(history):
    return False


def main():
    rng = np.random.default_rng(0)
    probs = rng.dirichlet(np.ones(CATEGORIES), size=(CLASSES, ITEMS))
    model = emkit.LatentClass(CLASSES, CATEGORIES)
    truth = emkit.MixtureParams(
        np.full(CLASSES, 1 / CLASSES), emkit.families.CategoricalComponents(probs)
    )
    Y, _ = model.sample(truth, N, rng)
    start = model.initial(model.prepare(Y), rng)

    def ours():
        emkit.fit(model, Y, start=start, max_iter=ITERATIONS, converged=never)

    def theirs():
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            StepMix(
                CLASSES,
                measurement="categorical",
                max_iter=ITERATIONS,
                abs_tol=0,
                rel_tol=0,
                random_state=0,
                progress_bar=0,
                verbose=0,
            ).fit(Y)

    what = f"latent classes, {N:,} × {ITEMS} items, k={CLASSES}, {ITERATIONS} iterations"
    Table("stepmix").row(what, ours, theirs, 20)


if __name__ == "__main__":
    main()
