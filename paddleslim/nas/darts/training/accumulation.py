"""Gradients of several batches that make one weight step."""

from __future__ import annotations

import paddle

from ....common.sparse_rows import as_dense
from ..state.parameters import name_parameter

__all__ = ["AccumulatedGradients"]


class AccumulatedGradients:
    """Count batches until their mean gradient makes a weight step; what is left of an epoch counts in the next one.

    Args:
        model: names the weights.
        weights: whose `.grad` Paddle adds to.
        steps: batches of one weight step.
    """

    def __init__(self, model, weights, steps):
        self.model, self.weights, self.steps, self.taken = model, weights, steps, 0

    def scaled(self, loss):
        """Return the part of a batch in the mean loss of a weight step."""
        return loss if self.steps == 1 else loss / self.steps

    def describe_excess(self, batches):
        """Return a sentence where so many batches, those of a whole run, make no weight step; None if they make one."""
        if batches >= self.steps:
            return None
        return (
            f"accumulate_steps is {self.steps}, and all epochs have {batches} batches together, which make no weight "
            f"step; give {batches} or less"
        )

    def complete(self):
        """Count a batch; return whether it completes a weight step."""
        self.taken = (self.taken + 1) % self.steps
        return self.taken == 0

    def get_state(self):
        if self.taken == 0:
            return {"taken": 0}
        found = [(name_parameter(self.model, weight), weight, weight.grad) for weight in self.weights]
        arrays = {name: as_dense(grad, weight)[0].numpy() for name, weight, grad in found if grad is not None}
        return {"taken": self.taken, **arrays}

    def set_state(self, state):
        self.taken = state["taken"]
        for weight in self.weights:
            name = name_parameter(self.model, weight)
            if self.taken and name in state:
                weight.grad = paddle.to_tensor(state[name])
