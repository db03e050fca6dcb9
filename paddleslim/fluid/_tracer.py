"""Whether functions such as `fluid.layers.dropout` train or evaluate.

One switch for the whole program, as in Paddle 1.8: `Layer.train` and `Layer.eval` set it, `no_grad` and each guard
hold it for a while.
"""

from __future__ import annotations

import contextlib

from ._operators import run_operator

__all__ = ["Tracer", "dygraph_tracer", "is_training", "mode", "set_training"]

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


class Tracer:
    """What ran the operators of dygraph: the switch between training and evaluation, and operators by name."""

    @property
    def _train_mode(self):
        return is_training()

    @_train_mode.setter
    def _train_mode(self, training):
        set_training(bool(training))

    def train_mode(self):
        """Let functions behave as in training."""
        set_training(True)

    def eval_mode(self):
        """Let functions behave as in evaluation."""
        set_training(False)

    def trace_op(self, type, inputs, outputs, attrs, stop_gradient=False):
        """Run an operator by its name, see `LayerHelper.append_op`."""
        run_operator(type, inputs, outputs, attrs, stop_gradient)


_tracer = Tracer()


def dygraph_tracer():
    """Return the one tracer."""
    return _tracer
