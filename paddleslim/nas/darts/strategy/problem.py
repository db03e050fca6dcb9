"""The two-level problem whose gradient in the alphas is sought."""

from __future__ import annotations

import dataclasses
from typing import Any, Callable

from ..data.batch import call_with
from ..search_space.contract import split_parameters
from ..training.loss import check_loss

__all__ = ["Problem", "supernet_loss"]


def supernet_loss(supernet, image, label):
    """Return L_val, the loss by which a supernet trains its alphas."""
    # PaddleSlim 1.1 searched with a `_loss` of one number for each sample
    return check_loss(call_with(supernet._loss, image, label), f"{type(supernet).__name__}._loss", each_sample=True)


def as_it_is(tensors):
    return tensors


def no_velocity():
    return None


@dataclasses.dataclass(frozen=True)
class Problem:
    """A supernet, its parameters and losses, and the virtual step w' = w - xi (momentum v + grad + weight_decay w).

    Attributes:
        supernet: offers `_loss(image, label)` and `arch_parameters()`.
        train_loss, valid_loss: functions of (supernet, image, label): L_train and L_val.
        average: function of a list of tensors that returns their means over all ranks.
        xi: rate of the virtual step.
        momentum: factor of the velocity in the virtual step; a number, or one for each trainable weight.
        velocity: function that returns one tensor per trainable weight, in their order, None for zero.
        weight_decay: factor of the weights in the virtual step (L2); a number, or one for each trainable weight.
        observer: has `parameters`, weights whose gradients of the validation loss it is shown by
            `observe(valid_batch, gradients)` where a hypergradient makes them along; or None.
    """

    supernet: Any
    train_loss: Callable = supernet_loss
    valid_loss: Callable = supernet_loss
    average: Callable = as_it_is
    xi: Any = 0.0
    momentum: float | list[float] = 0.0
    velocity: Callable = no_velocity
    weight_decay: float | list[float] = 0.0
    observer: Any = None

    @property
    def weights(self):
        """The trainable weights."""
        return split_parameters(self.supernet)[0]

    @property
    def alphas(self):
        """The trainable alphas."""
        return split_parameters(self.supernet)[1]
