"""How many E-steps plain EM and SQUAREM need to come within 1e-8 of the optimum."""

import numpy as np

import emkit
from emkit import datasets
from emkit.convergence import relative_gain
from emkit.families import GaussianComponents, PoissonComponents

WITHIN = 1e-8
TARGET = 10


class Counted:
    """A model that counts its E-steps and notes the objective after each."""

    def __init__(self, model):
        self.model = model
        self.values = []

    def __getattr__(self, name):
        return getattr(self.model, name)

    def e_step(self, params, data):
        statistics = self.model.e_step(params, data)
        self.values.append(statistics.log_likelihood)
        return statistics


def e_steps(model, data, start, accelerate, **options):
    """The objective after each E-step, rejected leaps included."""
    counted = Counted(model)
    emkit.fit(
        counted,
        data,
        start=start,
        accelerate=accelerate,
        converged=relative_gain(1e-16),
        max_iter=20_000,
        **options,
    )
    return np.array(counted.values)


def main():
    notices = datasets.death_notices()
    rng = np.random.default_rng(0)
    overlapping = np.concatenate([rng.normal(0, 1, 500), rng.normal(1.5, 1, 500)])[:, None]
    halves = [0.5, 0.5]
    problems = {
        "death notices, two Poissons": (
            emkit.PoissonMixture(2),
            notices.deaths[:, None],
            emkit.MixtureParams([0.3, 0.7], PoissonComponents([[1.0], [2.5]])),
            {"sample_weight": notices.days},
        ),
        "two overlapping Gaussians, n=1,000": (
            emkit.GaussianMixture(2),
            overlapping,
            emkit.MixtureParams(halves, GaussianComponents([[-1.0], [2.0]], [[[1.0]], [[1.0]]])),
            {},
        ),
    }
    print(f"{'E-steps to within 1e-8 of the optimum':44}{'EM':>8}{'SQUAREM':>10}{'ratio':>8}")
    for what, (model, data, start, options) in problems.items():
        plain, leaps = (e_steps(model, data, start, a, **options) for a in (None, emkit.squarem))
        best = max(plain.max(), leaps.max())
        steps = [int(np.argmax(values > best - WITHIN)) + 1 for values in (plain, leaps)]
        print(f"{what:44}{steps[0]:8}{steps[1]:10}{steps[0] / steps[1]:8.1f}  (target {TARGET})")


if __name__ == "__main__":
    main()
