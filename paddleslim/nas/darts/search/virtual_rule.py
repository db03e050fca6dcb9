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

    Returns:
        Momentum and decay; each a number, or where the optimizer has groups of parameters a number by the name of each
        parameter. Rates and decays that a parameter itself has are not in it, see `hypergradient.virtual_step`.

    Raises:
        ValueError: the optimizer takes no such step, and `virtual_step` is 'optimizer'.
    """
    if virtual_step == PLAIN:
        return 0.0, 0.0
    groups = read_groups(optimizer)
    reason = None
    decay = getattr(optimizer, "regularization", None)
    if not isinstance(optimizer, (paddle.optimizer.Momentum, paddle.optimizer.SGD)):
        reason = f"{type(optimizer).__name__} takes a step that is not linear in the gradient"
    elif any(group["use_nesterov"] for group in groups):
        reason = "its momentum is Nesterov's"
    elif any(group["rescale_grad"] != 1.0 for group in groups):
        reason = "it rescales the gradient"
    elif decay is not None and not isinstance(decay, paddle.regularizer.L2Decay):
        reason = f"its weight decay is {type(decay).__name__}"
    if reason is None:
        decays = [read_decay(group, decay) for group in groups]
        momenta = [float(group["momentum"]) for group in groups]
        if len(groups) == 1:
            return momenta[0], decays[0]
        names = [[parameter.name for parameter in group["params"]] for group in groups]
        return tuple({name: v for own, v in zip(names, values) for name in own} for values in (momenta, decays))
    if not isinstance(strategy.hypergradient, SecondOrder):
        return 0.0, 0.0
    raise ValueError(
        f"the second order takes a virtual step of SGD with momentum, w - xi (momentum v + grad + decay w), and "
        f"{reason}; give paddle.optimizer.Momentum, or virtual_step='plain' for w - xi grad, or unrolled=False"
    )


def read_groups(optimizer):
    """Return what holds for each group of parameters, for all as one if there are none; what is absent is plain SGD."""
    plain = {"momentum": 0.0, "use_nesterov": False, "rescale_grad": 1.0, "regularization_method": ""}
    default = {**plain, **getattr(optimizer, "_default_dict", {})}
    groups = [group for group in optimizer._param_groups if isinstance(group, dict)]
    return [{**default, **group} for group in groups] or [default]


def read_decay(group, decay):
    """Return the L2 decay of a group; Momentum keeps its own for its kernel, other optimizers have one for all."""
    own = group["regularization_method"] == "l2_decay"
    return float(group["regularization_coeff"] if own else getattr(decay, "_coeff", 0.0))
