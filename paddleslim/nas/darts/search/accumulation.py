"""Gradients of several batches that make one weight step."""

from __future__ import annotations

import paddle

from ..state.parameters import name_parameter

__all__ = ["AccumulatedGradients"]


class AccumulatedGradients:
    """Count batches until their mean gradient makes a weight step; what is left of an epoch counts in the next one.

    Args:
        supernet: names the weights.
        weights: whose `.grad` Paddle adds to.
        steps: batches of one weight step.
    """

    def __init__(self, supernet, weights, steps):
        self.supernet, self.weights, self.steps, self.taken = supernet, weights, steps, 0

    def scaled(self, loss):
        """Return the part of a batch in the mean loss of a weight step."""
        return loss if self.steps == 1 else loss / self.steps

    def complete(self):
        """Count a batch; return whether it completes a weight step."""
        self.taken = (self.taken + 1) % self.steps
        return self.taken == 0

    def get_state(self):
        if self.taken == 0:
            return {"taken": 0}
        named = {name_parameter(self.supernet, weight): weight.grad for weight in self.weights}
        return {"taken": self.taken, **{name: grad.numpy() for name, grad in named.items() if grad is not None}}

    def set_state(self, state):
        self.taken = state["taken"]
        for weight in self.weights:
            name = name_parameter(self.supernet, weight)
            if self.taken and name in state:
                weight.grad = paddle.to_tensor(state[name])
