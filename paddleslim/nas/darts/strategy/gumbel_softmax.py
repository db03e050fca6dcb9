"""The mixture of GDAS: operations drawn by the Gumbel softmax (Dong and Yang, 2019)."""

from __future__ import annotations

import dataclasses

import paddle
from paddle.nn import functional as F

from ....common.checks import Flag
from ..genotype.edges import softmax
from .annealing import check_range, linear_to_last, make_plain

__all__ = ["GumbelSoftmax"]


@dataclasses.dataclass(frozen=True)
class GumbelSoftmax:
    """Mix by a sample of the Gumbel softmax, `p = softmax((log softmax(a) + G) / tau)` with `G = -log(-log U)`.

    With `hard` an edge computes the strongest operation of p alone, with a weight of one: GDAS (Dong and
    Yang, 2019). The weight has the gradient of its p. Of the two variants the authors published it is the later one,
    in which the operations that were not drawn take no part in the gradient of p; in the earlier one each of them
    was added as its bare weight, so that its p received the gradient of the edge's sum.

    Attributes:
        tau: temperature in the first and in the last epoch, linear in between.
        hard: whether one operation an edge is computed.

    Raises:
        ValueError: a temperature is not positive.
    """

    tau: tuple = (10.0, 0.1)
    hard: bool = False

    def __post_init__(self):
        make_plain(self)
        check_range(1e-6, tau=self.tau)
        Flag()("hard", self.hard)

    @property
    def samples(self):
        """Whether the weights are drawn at random."""
        return True

    @property
    def zeros_have_no_gradient(self):
        """Whether no weight of zero has a gradient, so that its operation need not be computed."""
        return self.hard

    @property
    def equation(self):
        """The weights as a formula."""
        soft = "p = softmax((log softmax(a) + Gumbel) / tau)"
        return f"{soft}, forward its one-hot, backward the p of the operation drawn" if self.hard else soft

    @property
    def expected_weights(self):
        """With `hard`, the function of alphas that returns the probability of each operation; None without.

        The strongest of log softmax(a) + G is o with probability softmax(a)_o, whatever the temperature.
        """
        return F.softmax if self.hard else None

    def curves(self, progress):
        """Return what anneals, by name."""
        return {"temperature": linear_to_last(self.tau, progress)}

    def weights(self, alphas, progress, generator):
        """Return the weights of the operations, `[edges, operations]`.

        Args:
            alphas: `[edges, operations]`.
            progress: a `Progress`.
            generator: a `numpy.random.Generator`.
        """
        noise = paddle.to_tensor(generator.gumbel(size=alphas.shape), dtype=alphas.dtype)
        p = F.softmax((F.log_softmax(alphas) + noise) / linear_to_last(self.tau, progress))
        if not self.hard:
            return p
        one_hot = F.one_hot(p.argmax(axis=-1), p.shape[-1]).astype(p.dtype)
        # p - p is exactly zero, so that a weight is exactly zero or one
        return one_hot * (1 + (p - p.detach()))

    def strength(self, alphas):
        """Return softmax(a) of an array `[edges, operations]`."""
        return softmax(alphas)
