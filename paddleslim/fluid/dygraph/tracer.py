"""`fluid.dygraph.tracer`: whether functions such as `fluid.layers.dropout` train or evaluate.

One switch for the whole program, as in Paddle 1.8: `Layer.train` and `Layer.eval` set it, `no_grad` and each guard
hold it for a while.
"""

from __future__ import annotations

import contextlib

__all__ = ["is_training", "mode", "set_training"]

_training = True


def is_training():
    """Return True where functions behave as in training."""
    return _training


def set_training(training):
    """Let functions behave as in training, or as in evaluation."""
    global _training
    _training = training


@contextlib.contextmanager
def mode(training):
    """Let functions behave as in training, or as in evaluation, inside the context."""
    before = _training
    set_training(training)
    try:
        yield
    finally:
        set_training(before)
