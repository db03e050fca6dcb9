"""The mixture of DARTS-: an auxiliary skip connection that fades (Chu et al., 2021)."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import paddle

from .annealing import check_range, linear, make_plain
from .mixture import Softmax

__all__ = ["WithDecayingSkip"]


@dataclasses.dataclass(frozen=True)
class WithDecayingSkip:
    """Mix as another mixture does, and let each edge carry `beta * skip(x)` besides (DARTS-: Chu et al., 2021).

    The auxiliary skip connection takes over what helps the weights to learn, so that the one among the operations has
    to compete for what it is worth as an operation. It is the last column of the weights. Where an edge has stride 1 it
    is the identity, where it has stride 2 a factorised reduction of its own, which a supernet holds that was made with
    `auxiliary_skip=True`. It is no part of the genotype.

    Attributes:
        mixture: of the operations.
        beta: at the start and at the end of the search, linear in the epochs.

    Raises:
        ValueError: a beta is negative.
        TypeError: `mixture` has a fading skip connection of its own.
    """

    mixture: Any = dataclasses.field(default_factory=Softmax)
    beta: tuple = (1.0, 0.0)

    needs_auxiliary_skip: ClassVar[bool] = True

    def __post_init__(self):
        make_plain(self)
        check_range(beta=self.beta)
        if isinstance(self.mixture, WithDecayingSkip):
            raise TypeError("WithDecayingSkip adds one auxiliary skip connection; give it a mixture that has none")

    @property
    def samples(self):
        """Whether the weights are drawn at random."""
        return self.mixture.samples

    @property
    def zeros_have_no_gradient(self):
        """Whether no weight of zero has a gradient."""
        return getattr(self.mixture, "zeros_have_no_gradient", False)

    @property
    def expected_weights(self):
        """The probability of each operation as a function of alphas; None where all are mixed."""
        return getattr(self.mixture, "expected_weights", None)

    @property
    def equation(self):
        """The weights as a formula."""
        return f"{self.mixture.equation}; an edge carries beta * skip(x) besides"

    def curves(self, progress):
        """Return what anneals, by name."""
        return {**self.mixture.curves(progress), "beta": linear(self.beta, progress)}

    def weights(self, alphas, progress, generator):
        """Return the weights of the operations and beta as the last column, `[edges, operations + 1]`."""
        weights = self.mixture.weights(alphas, progress, generator)
        beta = paddle.full([weights.shape[0], 1], linear(self.beta, progress), weights.dtype)
        return paddle.concat([weights, beta], axis=1)

    def strength(self, alphas):
        """Return the strength of the operations, without the auxiliary one, of an array `[edges, operations]`."""
        return self.mixture.strength(alphas)
