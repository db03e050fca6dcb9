"""One architecture step: the alphas' hypergradient and their optimizer."""

from __future__ import annotations

from typing import Callable

import paddle
from paddle import nn

from ....common.checks import Rate
from ....common.dygraph_mode import check_dygraph_mode
from ..search_space.contract import list_alphas, split_parameters
from ..search_space.pruning import kept_columns, restored_columns
from ..state.parameters import name_parameter
from ..strategy.problem import Problem, supernet_loss
from ..strategy.progress import Progress
from ..strategy.strategy import Strategy, complete
from .adam import Adam

__all__ = ["Architect"]

Batch = tuple["paddle.Tensor", "paddle.Tensor"]
Gradients = list["paddle.Tensor | None"]


class Architect:
    """Update the alphas of a supernet by Adam on the validation loss (DARTS, algorithm 1, line 1).

    Args:
        model: the supernet, or a `paddle.DataParallel` around it.
        eta: rate xi of the virtual step: a number, or a `paddle.optimizer.lr.LRScheduler` whose present value
            is taken. Used in second order only.
        arch_learning_rate: rate of Adam.
        unrolled: True for second order, False for first.
        parallel: accepted for PaddleSlim's signature; a `DataParallel` model tells by itself.
        optimizer: the weights' optimizer; its velocity enters the virtual step, zero where None.
        momentum, weight_decay: of the virtual step, those of the weights' optimizer; each a number, or one by the
            name of each weight.
        arch_betas, arch_weight_decay: of Adam.
        train_loss: function of (supernet, image, label), the loss of the virtual step; `model._loss` if None.
        strategy: a `Strategy`; `unrolled` decides on its hypergradient where it has none.
        average: function of a list of gradients that returns their means over all ranks; the identity if None.
        check: function of ('validation', gradients, alphas) that raises where a gradient is not finite.
        warn: called with one sentence for each alpha that the loss does not use, once.

    Raises:
        AttributeError: the model has no `arch_parameters()`.
        ValueError: a rate is no number above 0.

    Example:
        >>> architect = Architect(supernet, eta=0.025, arch_learning_rate=3e-4, unrolled=False)
        >>> architect.step(image, label, valid_image, valid_label)
        >>> get_genotype(supernet)
    """

    def __init__(
        self,
        model: nn.Layer,
        eta: float | paddle.optimizer.lr.LRScheduler,
        arch_learning_rate: float,
        unrolled: bool,
        parallel: bool = False,
        *,
        optimizer: paddle.optimizer.Optimizer | None = None,
        momentum: float | dict[str, float] = 0.9,
        weight_decay: float | dict[str, float] = 3e-4,
        arch_betas: tuple[float, float] = (0.5, 0.999),
        arch_weight_decay: float = 1e-3,
        train_loss: Callable[..., paddle.Tensor] | None = None,
        average: Callable[[Gradients], Gradients] | None = None,
        strategy: Strategy | None = None,
        check: Callable[[str, Gradients, list[paddle.Tensor]], None] | None = None,
        warn: Callable[[str], None] | None = None,
    ) -> None:
        check_dygraph_mode()
        self.network, self.eta, self.unrolled, self.parallel = model, eta, unrolled, parallel
        self.weight_optimizer = optimizer
        self.momentum, self.weight_decay = momentum, weight_decay
        self.train_loss = train_loss or supernet_loss
        self.strategy = strategy if strategy and strategy.hypergradient else complete(strategy or Strategy(), unrolled)
        self.average = average or (lambda gradients: gradients)
        self.check = check or (lambda what, gradients, alphas: None)
        self.warn = warn
        self.warned = False
        if not hasattr(self.get_model(), "arch_parameters"):
            raise AttributeError(
                f"{type(model).__name__} lacks `arch_parameters()`, which should return the alphas of a supernet"
            )
        is_scheduler = isinstance(arch_learning_rate, paddle.optimizer.lr.LRScheduler)
        rate = arch_learning_rate if is_scheduler else float(Rate()("arch_learning_rate", arch_learning_rate))
        self.observer = None  # see `Problem`
        self.alphas = list_alphas(self.get_model())  # a callback may freeze some, or let them go
        self.optimizer = Adam(
            rate,
            beta1=arch_betas[0],
            beta2=arch_betas[1],
            parameters=self.alphas,
            weight_decay=paddle.regularizer.L2Decay(arch_weight_decay) if self.alphas else None,
        )

    def get_model(self) -> nn.Layer:
        """Return the supernet itself, without a `DataParallel` around it."""
        if isinstance(self.network, paddle.DataParallel):
            return next(self.network.children())
        return self.network

    def step(
        self,
        input_train: paddle.Tensor,
        target_train: paddle.Tensor,
        input_valid: paddle.Tensor,
        target_valid: paddle.Tensor,
        *,
        progress: Progress | None = None,
    ) -> None:
        """Update the alphas once; the gradients of the weights are neither made nor touched.

        Args:
            input_train, target_train: the batch of the virtual step, image `[N, ...]` and label `[N, 1]`.
            input_valid, target_valid: the batch of the validation loss.
            progress: where the search is, for penalties that anneal.
        """
        gradients = self.hypergradient((input_train, target_train), (input_valid, target_valid), progress)
        alphas = self.moving()
        self._warn_of_unused(alphas, gradients)
        self.check("validation", gradients, alphas)
        for alpha, gradient in zip(alphas, gradients):
            if gradient is not None:
                alpha.grad = gradient
        if alphas:
            self.optimizer.step()
            self.optimizer.clear_grad(set_to_zero=False)

    def moving(self) -> list[paddle.Tensor]:
        """Return the alphas that are trained at present: a callback may have frozen some by `stop_gradient`."""
        return [alpha for alpha in list_alphas(self.get_model()) if not alpha.stop_gradient]

    def problem(self) -> Problem:
        """Return the `Problem` of the present moment: its velocity and xi are those of the weights' optimizer now."""
        return Problem(
            self.get_model(),
            train_loss=self.train_loss,
            average=self.average,
            xi=self.eta() if callable(self.eta) else self.eta,
            momentum=self._for_weights(self.momentum),
            velocity=self._velocity,
            weight_decay=self._for_weights(self.weight_decay),
            observer=self.observer,
        )

    def hypergradient(self, train_batch: Batch, valid_batch: Batch, progress: Progress | None = None) -> Gradients:
        """Return the gradients of the alphas, one for each, those of the strategy's penalties included."""
        gradients = self.strategy.hypergradient.gradients(self.problem(), train_batch, valid_batch)
        if not self.strategy.penalties or not self.moving():
            return gradients
        # A penalty R(α) does not depend on the weights: d(L_val + R)/dα is dL_val/dα + dR/dα, in either order.
        added = penalty_gradients(self.strategy, self.get_model(), self.moving(), progress)
        return [g if a is None else a if g is None else g + a for g, a in zip(gradients, added)]

    def _for_weights(self, value: float | dict[str, float]) -> float | list[float]:
        """Return a factor of the virtual step, one for each weight where it is given by their names."""
        if not isinstance(value, dict):
            return value
        return [value.get(weight.name, 0.0) for weight in split_parameters(self.get_model())[0]]

    def _velocity(self) -> Gradients:
        """Return the velocity of each weight in its optimizer, None where it has none yet."""
        weights, _ = split_parameters(self.get_model())
        if self.weight_optimizer is None:
            return [None] * len(weights)
        # The optimizer's state is keyed '<parameter>_velocity_<number>', with the optimizer's name if it has one.
        name = getattr(self.weight_optimizer, "_name", None)
        what = f"_{name}_velocity_" if name else "_velocity_"
        state = self.weight_optimizer.state_dict()
        velocities = {key.rpartition(what)[0]: value for key, value in state.items() if what in key}
        return [velocities.get(weight.name) for weight in weights]

    def _warn_of_unused(self, alphas: list[paddle.Tensor], gradients: Gradients) -> None:
        if self.warned or self.warn is None:
            return
        self.warned = True
        for alpha, gradient in zip(alphas, gradients):
            if gradient is None:
                name = name_parameter(self.get_model(), alpha)
                self.warn(f"the loss does not use the architecture parameter `{name}`; it will stay as it is")


def penalty_gradients(
    strategy: Strategy, supernet: nn.Layer, alphas: list[paddle.Tensor], progress: Progress | None
) -> Gradients:
    """Return the gradients of the sum of all penalties in the alphas, None where none uses them.

    Penalties see those alphas that hold a row for each edge, `[edges, operations]`, and the weights they become. Where
    operations were pruned, they see the alphas of those that are left, and weights of zero for the others. Where one
    operation is drawn, they see the probability of each instead of a sample.
    """
    tables = [alpha for alpha in supernet.arch_parameters() if len(alpha.shape) == 2]
    mix = getattr(supernet, "mixture", None) or (lambda table, index: paddle.nn.functional.softmax(table))
    columns = getattr(supernet, "kept", (None,) * len(tables))
    kept = [kept_columns(table, own) for table, own in zip(tables, columns)]
    expected = getattr(strategy.mixture, "expected_weights", None)
    mixed = [mix(own, index) if expected is None else expected(own) for index, own in enumerate(kept)]
    weights = [restored_columns(own, columns[index], tables[index].shape[1]) for index, own in enumerate(mixed)]
    total = paddle.add_n([penalty(kept, weights, progress).reshape([]) for penalty in strategy.penalties])
    return paddle.grad(total, alphas, allow_unused=True)
