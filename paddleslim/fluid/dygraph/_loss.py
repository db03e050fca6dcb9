"""Losses of `fluid.dygraph.nn`, one number each as [1] unless reduction='none'."""

from __future__ import annotations

from paddle.nn import functional as F

from .._variable import fluid_function
from .layers import Layer

__all__ = ["BCELoss", "L1Loss", "MSELoss", "NLLLoss"]

mse_loss = fluid_function(F.mse_loss)
l1_loss = fluid_function(F.l1_loss)
nll_loss = fluid_function(F.nll_loss)
binary_cross_entropy = fluid_function(F.binary_cross_entropy)


class _Loss(Layer):
    def __init__(self, reduction="mean"):
        super().__init__()
        if reduction not in ("mean", "sum", "none"):
            raise ValueError(f"reduction must be 'mean', 'sum' or 'none', got {reduction!r}")
        self.reduction = reduction


class MSELoss(_Loss):
    """(input - label)^2, reduced."""

    def forward(self, input, label):
        return mse_loss(input, label, self.reduction)


class L1Loss(_Loss):
    """|input - label|, reduced."""

    def forward(self, input, label):
        return l1_loss(input, label, self.reduction)


class BCELoss(_Loss):
    """Binary cross entropy of probabilities, times `weight`, reduced."""

    def __init__(self, weight=None, reduction="mean"):
        super().__init__(reduction)
        self.weight = weight

    def forward(self, input, label):
        return binary_cross_entropy(input, label, self.weight, self.reduction)


class NLLLoss(_Loss):
    """Minus the log probability of the label, weighted by class, reduced; 'mean' divides by the weights."""

    def __init__(self, weight=None, reduction="mean", ignore_index=-100):
        super().__init__(reduction)
        self.weight, self.ignore_index = weight, ignore_index

    def forward(self, input, label):
        return nll_loss(input, label, self.weight, self.ignore_index, self.reduction)
