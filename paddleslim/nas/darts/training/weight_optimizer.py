"""The optimizer of the weights: SGD with momentum on a cosine, or what the user makes of them."""

from __future__ import annotations

import paddle

from .clipping import ClipByGlobalNorm
from .log import logger

__all__ = ["find_schedule", "make_weight_optimizer"]


def make_weight_optimizer(make, settings, schedule, weights, what):
    """Return the optimizer of the weights.

    Args:
        make: the setting `weight_optimizer`, a function of the weights; None for SGD with momentum.
        settings: has `momentum`, `nesterov`, `weight_decay` and `grad_clip` of SGD.
        schedule: of its learning rate, unless the optimizer is the user's.
        weights: all parameters that are trained and no alphas.
        what: whose they are, for messages: 'supernet' or 'network'.

    Raises:
        ValueError: there is no weight.
        TypeError: `make` returns no optimizer.
    """
    if not weights:
        but = " but the alphas" if what == "supernet" else ""
        raise ValueError(
            f"the {what} has no weight that is trained, for all of its parameters{but} are frozen "
            "(stop_gradient=True); leave at least one of them trained"
        )
    if make is None:
        return paddle.optimizer.Momentum(
            schedule,
            settings.momentum,
            parameters=weights,
            use_nesterov=settings.nesterov,
            weight_decay=paddle.regularizer.L2Decay(settings.weight_decay),
            grad_clip=settings.grad_clip and ClipByGlobalNorm(settings.grad_clip),
        )
    optimizer = make(weights)
    if not isinstance(optimizer, paddle.optimizer.Optimizer):
        raise TypeError(
            f"weight_optimizer must be a function of the parameters that returns a paddle.optimizer, such as "
            f"lambda weights: paddle.optimizer.AdamW(1e-3, parameters=weights); it returned {optimizer!r}"
            f"{name_of_today(optimizer)}"
        )
    if isinstance(optimizer, paddle.optimizer.LBFGS):
        raise ValueError("weight_optimizer is an LBFGS, whose step takes many passes; give one that steps by gradients")
    check_parameters(optimizer, weights, what)
    rate = optimizer._learning_rate
    while isinstance(getattr(rate, "learning_rate", None), paddle.optimizer.lr.LRScheduler):  # as in a warm-up
        rate = rate.learning_rate
    if isinstance(rate, paddle.optimizer.lr.ReduceOnPlateau):
        raise ValueError(
            "weight_optimizer has a ReduceOnPlateau, whose step needs a loss; a schedule steps after every weight step "
            "here, so give another LRScheduler, such as CosineAnnealingDecay or LinearWarmup"
        )
    return optimizer


def name_of_today(optimizer):
    """Return what to write for an optimizer of fluid; nothing for anything else."""
    name = type(optimizer).__name__
    if "fluid" not in type(optimizer).__module__.split("."):
        return ""
    today = name[: -len("Optimizer")] if name.endswith("Optimizer") else name
    if not hasattr(paddle.optimizer, today):
        return f"; {name} of fluid has no paddle.optimizer today"
    return (
        f"; {name} of fluid is paddle.optimizer.{today} today, with parameters= for parameter_list= and weight_decay= "
        "for regularization="
    )


def check_parameters(optimizer, weights, what):
    """Raise a ValueError where an optimizer holds none of the weights, and warn where it lacks some."""
    held = {id(part) for group in optimizer._parameter_list or () for part in parts_of(group)}
    absent = [weight for weight in weights if id(weight) not in held]
    if not held or not absent:
        return
    if len(absent) == len(weights):
        raise ValueError(
            f"weight_optimizer holds other parameters than the weights of the {what}; make it of those it is given, "
            "lambda weights: paddle.optimizer.AdamW(1e-3, parameters=weights)"
        )
    logger.warning(
        "weight_optimizer leaves out %d of the %d weights, `%s` first, which stay as they are",
        len(absent),
        len(weights),
        absent[0].name,
    )


def parts_of(group):
    return group["params"] if isinstance(group, dict) else [group]


def find_schedule(optimizer):
    """Return the `LRScheduler` of an optimizer, None where its learning rate is a number."""
    rate = optimizer._learning_rate
    return rate if isinstance(rate, paddle.optimizer.lr.LRScheduler) else None
