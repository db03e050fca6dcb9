"""`fluid.layers.learning_rate_scheduler`: functions that return the decays of `fluid.dygraph`."""

from __future__ import annotations

from .._absent import absent
from ..dygraph import learning_rate_scheduler as decays
from .tensor import fill_constant

__all__ = [
    "cosine_decay",
    "exponential_decay",
    "inverse_time_decay",
    "linear_lr_warmup",
    "natural_exp_decay",
    "noam_decay",
    "piecewise_decay",
    "polynomial_decay",
]


def _decay_step_counter(begin=0):
    """Return `begin` as a float32 variable [1]: in dygraph 1.8 counted no steps here; its decays count their own."""
    return fill_constant([1], "float32", begin)


def cosine_decay(learning_rate, step_each_epoch, epochs):
    """Return `CosineDecay`."""
    return decays.CosineDecay(learning_rate, step_each_epoch, epochs)


def exponential_decay(learning_rate, decay_steps, decay_rate, staircase=False):
    """Return `ExponentialDecay`."""
    return decays.ExponentialDecay(learning_rate, decay_steps, decay_rate, staircase)


def natural_exp_decay(learning_rate, decay_steps, decay_rate, staircase=False):
    """Return `NaturalExpDecay`."""
    return decays.NaturalExpDecay(learning_rate, decay_steps, decay_rate, staircase)


def inverse_time_decay(learning_rate, decay_steps, decay_rate, staircase=False):
    """Return `InverseTimeDecay`."""
    return decays.InverseTimeDecay(learning_rate, decay_steps, decay_rate, staircase)


def noam_decay(d_model, warmup_steps, learning_rate=1.0):
    """Return `NoamDecay`."""
    return decays.NoamDecay(d_model, warmup_steps, learning_rate=learning_rate)


def piecewise_decay(boundaries, values):
    """Return `PiecewiseDecay` from step 0."""
    return decays.PiecewiseDecay(boundaries, values, 0)


def polynomial_decay(learning_rate, decay_steps, end_learning_rate=0.0001, power=1.0, cycle=False):
    """Return `PolynomialDecay`."""
    return decays.PolynomialDecay(learning_rate, decay_steps, end_learning_rate, power, cycle)


def linear_lr_warmup(learning_rate, warmup_steps, start_lr, end_lr):
    """Return `LinearLrWarmup`."""
    return decays.LinearLrWarmup(learning_rate, warmup_steps, start_lr, end_lr)


__getattr__ = absent(__name__)
