"""What the virtual step of the second order takes from the weights' optimizer."""

from __future__ import annotations

import paddle

from ..strategy.hypergradient import SecondOrder
from .settings import PLAIN

__all__ = ["read_virtual_rule"]


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
