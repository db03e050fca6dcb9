"""The weight step of SDARTS-ADV (Chen and Hsieh, 2020)."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import ClassVar

import paddle

from ..state.parameters import frozen
from ..state.snapshots import undisturbed
from .annealing import check_range, linear, make_plain
from .perturbing import PerturbedSteps, draw_noise, generator_of_noise, mixing, perturb

__all__ = ["Adversarial", "find_worst"]


@dataclasses.dataclass(frozen=True)
class Adversarial:
    """Train the weights where the training loss is high, within epsilon of p (SDARTS-ADV: Chen and Hsieh, 2020).

    Projected ascent on the weights p of the operations: from `p + U(-epsilon, epsilon)`, `steps` steps of
    `2 epsilon / steps` along the sign of the gradient of the training loss, each followed by a clamp to within epsilon
    of p and to [0, 1], and a division by the sum. The passes are made in evaluation mode; where the loss did not rise,
    p itself is taken. The alphas are not touched.

    Attributes:
        epsilon: at the start and at the end of the search, linear in the epochs.
        steps: of the ascent.

    Raises:
        ValueError: an epsilon is not in [0, 1], or `steps` is below 1.
    """

    epsilon: tuple = (0.03, 0.3)
    steps: int = 7

    equation: ClassVar[str] = "weights trained at the p within epsilon that raises the training loss most"
    needs_hook: ClassVar[bool] = True

    def __post_init__(self):
        make_plain(self)
        check_range(0.0, 1.0, epsilon=self.epsilon)
        if isinstance(self.steps, bool) or not isinstance(self.steps, int) or self.steps < 1:
            raise ValueError(f"steps must be an integer of at least 1, got {self.steps!r}")

    def curves(self, progress):
        """Return what anneals, by name."""
        return {"epsilon": linear(self.epsilon, progress)}

    def start(self, problem):
        """Return what perturbs the weight steps of `problem`."""
        return AdversarialSteps(self, problem)


class AdversarialSteps(PerturbedSteps):
    """Weight steps at the weights of the operations that an adversary found."""

    @contextlib.contextmanager
    def around(self, train_batch, valid_batch, progress, make_generator):
        """Let the supernet mix, inside, by the worst weights near its own."""
        epsilon = linear(self.settings.epsilon, progress)
        worst = find_worst(self.problem, train_batch, epsilon, self.settings.steps, make_generator)
        with mixing(self.problem.supernet, lambda alphas, index=0: worst[index]):
            yield


def find_worst(problem, batch, epsilon, steps, make_generator):
    """Return the weights of the operations by kind of cell that `Adversarial` trains at.

    The supernet is left as it was, its statistics and the random states among it.

    Args:
        problem: see `Problem`.
        batch: `(image, label)` of the weight step.
        epsilon: how far a weight may move.
        steps: of the ascent.
        make_generator: function of an index that returns a `numpy.random.Generator`, for the start.
    """
    supernet, passes = problem.supernet, Passes(problem, batch)
    training, base = supernet.training, supernet.mixture
    supernet.eval()
    try:
        p, sizes = {}, {}

        def keep(alphas, index=0):
            p[index], sizes[index] = base(alphas, index).detach(), alphas.shape
            return p[index]

        before = passes.loss(keep)
        worst = {}
        for k, table in p.items():
            generator = generator_of_noise(make_generator, k)
            worst[k] = perturb(table, draw_noise(generator, epsilon, sizes[k], table.dtype))
        for _ in range(steps):
            for k, gradient in passes.gradients(worst).items():
                count = sizes[k][1]
                moved = worst[k] + 2 * epsilon / steps * gradient.sign() - p[k]
                worst[k] = perturb(p[k], paddle.clip(moved[:, :count], -epsilon, epsilon))
        after = passes.loss(lambda alphas, index=0: worst[index])
    finally:
        supernet.train() if training else supernet.eval()
    return worst if after > before else p


class Passes:
    """Passes of one batch through a supernet, at weights of the operations that are given."""

    def __init__(self, problem, batch):
        self.problem, self.batch = problem, batch

    def loss(self, mixture):
        """Return the training loss, a number, as a mean over all ranks."""
        with paddle.no_grad(), self._at(mixture) as loss:
            return float(self.problem.average([loss])[0])

    def gradients(self, tables):
        """Return its gradients in the tables that it uses, by their keys."""
        leaves = {k: table.detach() for k, table in tables.items()}
        for leaf in leaves.values():
            leaf.stop_gradient = False
        with self._at(lambda alphas, index=0: leaves[index]) as loss:
            found = self.problem.average(paddle.grad(loss, list(leaves.values()), allow_unused=True))
        return {k: gradient for k, gradient in zip(leaves, found) if gradient is not None}

    @contextlib.contextmanager
    def _at(self, mixture):
        """Yield the training loss; take its gradients inside, before the statistics are restored in place."""
        supernet = self.problem.supernet
        with undisturbed(supernet), frozen(self.problem.weights + self.problem.alphas), mixing(supernet, mixture):
            yield self.problem.train_loss(supernet, *self.batch)
