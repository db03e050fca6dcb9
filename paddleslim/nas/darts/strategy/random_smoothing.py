"""The weight step of SDARTS-RS (Chen and Hsieh, 2020)."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import ClassVar

from .annealing import check_range, linear, make_plain
from .perturbing import PerturbedSteps, draw_noise, generator_of_noise, mixing, perturb

__all__ = ["RandomSmoothing"]


@dataclasses.dataclass(frozen=True)
class RandomSmoothing:
    """Train the weights at `p + U(-epsilon, epsilon)`, clamped to [0, 1] and renormalised (Chen and Hsieh, 2020).

    Weights that are good in a neighbourhood of p keep the validation loss from bending sharply in the alphas, which
    themselves are not touched.

    Attributes:
        epsilon: at the start and at the end of the search, linear in the epochs.

    Raises:
        ValueError: an epsilon is not in [0, 1].
    """

    epsilon: tuple = (0.03, 0.3)

    equation: ClassVar[str] = "weights trained at clamp(p + U(-epsilon, epsilon)), renormalised"
    needs_hook: ClassVar[bool] = True

    def __post_init__(self):
        make_plain(self)
        check_range(0.0, 1.0, epsilon=self.epsilon)

    def curves(self, progress):
        """Return what anneals, by name."""
        return {"epsilon": linear(self.epsilon, progress)}

    def start(self, problem):
        """Return what perturbs the weight steps of `problem`."""
        return SmoothedSteps(self, problem)


class SmoothedSteps(PerturbedSteps):
    """Weight steps at randomly perturbed weights of the operations."""

    @contextlib.contextmanager
    def around(self, train_batch, valid_batch, progress, make_generator):
        """Perturb what the supernet mixes by, inside; every pass inside sees the same noise."""
        supernet = self.problem.supernet
        base, epsilon = supernet.mixture, linear(self.settings.epsilon, progress)

        def perturbed(alphas, index=0):
            weights = base(alphas, index)
            generator = generator_of_noise(make_generator, index)
            return perturb(weights, draw_noise(generator, epsilon, alphas.shape, weights.dtype))

        with mixing(supernet, perturbed):
            yield
