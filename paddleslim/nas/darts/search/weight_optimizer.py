"""The optimizer of the weights: SGD with momentum on a cosine, or what the user makes of them."""

from __future__ import annotations

import paddle

from ..strategy.hypergradient import SecondOrder
from ..training.clipping import ClipByGlobalNorm
from .settings import PLAIN

__all__ = ["find_schedule", "make_weight_optimizer", "read_virtual_rule"]


def make_weight_optimizer(settings, schedule, weights):
    """Return the optimizer of the weights.

    Args:
        settings: a `SearchSettings`.
        schedule: of its learning rate, unless the optimizer is the user's.
        weights: all parameters that are trained and no alphas.

    Raises:
        ValueError: there is no weight.
        TypeError: `weight_optimizer` returns no optimizer.
    """
    if not weights:
        raise ValueError(
            "the supernet has no weight that is trained, for all of its parameters but the alphas are frozen "
            "(stop_gradient=True); leave at least one of them trained"
        )
    if settings.weight_optimizer is None:
        return paddle.optimizer.Momentum(
            schedule,
            settings.momentum,
            parameters=weights,
            weight_decay=paddle.regularizer.L2Decay(settings.weight_decay),
            grad_clip=settings.grad_clip and ClipByGlobalNorm(settings.grad_clip),
        )
    optimizer = settings.weight_optimizer(weights)
    if not isinstance(optimizer, paddle.optimizer.Optimizer):
        raise TypeError(
            f"weight_optimizer must be a function of the parameters that returns a paddle.optimizer, such as "
            f"lambda weights: paddle.optimizer.AdamW(1e-3, parameters=weights); it returned {optimizer!r}"
        )
    if isinstance(optimizer._learning_rate, paddle.optimizer.lr.ReduceOnPlateau):
        raise ValueError(
            "weight_optimizer has a ReduceOnPlateau, whose step needs a loss; a schedule steps after every weight step "
            "here, so give another LRScheduler, such as CosineAnnealingDecay or LinearWarmup"
        )
    return optimizer


def find_schedule(optimizer):
    """Return the `LRScheduler` of an optimizer, None where its learning rate is a number."""
    rate = optimizer._learning_rate
    return rate if isinstance(rate, paddle.optimizer.lr.LRScheduler) else None


def read_virtual_rule(optimizer, strategy, virtual_step):
    """Return momentum and L2 decay of the virtual step w' = w - xi (momentum v + grad + decay w) of the second order.

    Args:
        optimizer: of the weights.
        strategy: a complete `Strategy`; where its hypergradient has no virtual step the values mean nothing.
        virtual_step: 'optimizer' for the step that the optimizer takes, 'plain' for w' = w - xi grad.

    Raises:
        ValueError: the optimizer takes no such step, and `virtual_step` is 'optimizer'.
    """
    if virtual_step == PLAIN:
        return 0.0, 0.0
    reason = None
    decay = getattr(optimizer, "regularization", None)
    if not isinstance(optimizer, (paddle.optimizer.Momentum, paddle.optimizer.SGD)):
        reason = f"{type(optimizer).__name__} takes a step that is not linear in the gradient"
    elif getattr(optimizer, "_use_nesterov", False):
        reason = "its momentum is Nesterov's"
    elif decay is not None and not isinstance(decay, paddle.regularizer.L2Decay):
        reason = f"its weight decay is {type(decay).__name__}"
    if reason is None:
        own = getattr(optimizer, "_regularization_method", "")  # Momentum keeps its decay for its kernel
        coefficient = optimizer._regularization_coeff if own == "l2_decay" else getattr(decay, "_coeff", 0.0)
        return float(getattr(optimizer, "_momentum", 0.0)), float(coefficient)
    if not isinstance(strategy.hypergradient, SecondOrder):
        return 0.0, 0.0
    raise ValueError(
        f"the second order takes a virtual step of SGD with momentum, w - xi (momentum v + grad + decay w), and "
        f"{reason}; give paddle.optimizer.Momentum, or virtual_step='plain' for w - xi grad, or unrolled=False"
    )
