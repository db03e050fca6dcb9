"""Losses and gradients that are not finite: found before they reach the weights, and reported by name."""

from __future__ import annotations

import contextlib

import numpy as np
import paddle

from ....common.sparse_rows import as_dense
from ....kernels.foreach import sum_of_squares
from ..state.parameters import name_parameter
from ..state.snapshots import PassState
from ..state.statistics import Statistics

__all__ = ["FiniteGuard", "NonFiniteError"]


class NonFiniteError(FloatingPointError):
    """A loss or gradient is infinite or not a number; the message says where."""


class FiniteGuard:
    """Watches losses and gradients of a search.

    On the CPU, and wherever batches may be skipped, each step is checked before it changes anything. Elsewhere
    looking at a number would wait for the device in each step; there the first bad step is remembered on the
    device, and `check_deferred` raises, before anything is saved.

    Args:
        supernet: whose parameters are named.
        skips_left: how many batches may be passed over before it raises.
        deferred: True to remember instead of looking at once.
        average: function of a list of tensors, returns their means over all ranks.
    """

    def __init__(self, supernet, skips_left=0, deferred=False, average=lambda tensors: tensors):
        self.supernet, self.skips_left, self.average = supernet, skips_left, average
        self.deferred = deferred and not skips_left
        self.can_skip = bool(skips_left)
        self.place = 0, 0
        self.bad_place = None
        self._statistics: Statistics | None = None  # of the supernet, found when they are needed

    @contextlib.contextmanager
    def step(self, epoch, step, warn):
        """Watch a step; inside, a `NonFiniteError` ends it, and also the search unless a skip is left.

        A skipped step leaves no trace in the statistics of batch norm, nor in gradients that earlier batches left.
        """
        self.place = epoch, step
        self._statistics = self._statistics or (Statistics(self.supernet) if self.can_skip else None)
        before = PassState(self.supernet, self._statistics) if self.can_skip else None
        gradients = copy_gradients(self.supernet) if self.can_skip else []
        try:
            yield
        except NonFiniteError as error:
            if not self.skips_left or before is None:
                raise
            self.skips_left -= 1
            before.restore()
            for parameter in self.supernet.parameters():
                parameter.clear_gradient(False)  # not to zero, to which Paddle would not add again
            for parameter, gradient in gradients:
                parameter.grad = gradient
            warn(f"{error}. This batch is skipped, {self.skips_left} more may be")

    @paddle.no_grad()
    def check(self, what, tensors, parameters):
        """Look at the loss and gradients of a pass.

        Args:
            what: 'training' or 'validation', whose loss it is.
            tensors: the loss, if it is known, and gradients; None for none.
            parameters: those of the gradients, to be named; as many of the last `tensors`.
        """
        known = [tensor for tensor in tensors if tensor is not None]
        if not known:
            return
        # A sum is finite only if all it adds are.
        (total,) = self.average([sum_of_squares(known).reshape([1])])
        if self.deferred:
            self._remember(total)
        elif not np.isfinite(total.item()):
            self._raise(what, tensors, parameters)

    def _remember(self, total):
        """Keep the first place where `total` was not finite, as a tensor on the device."""
        here = paddle.to_tensor([float(self.place[1])])
        nowhere = paddle.full([1], float("inf"))
        bad = paddle.where(paddle.isfinite(total), nowhere, here)
        self.bad_place = bad if self.bad_place is None else paddle.minimum(self.bad_place, bad)

    def get_state(self):
        return {"skips_left": self.skips_left}

    def set_state(self, state):
        self.skips_left = state["skips_left"]

    def check_deferred(self):
        """Raise a NonFiniteError if a remembered step was bad; waits for the device."""
        if self.bad_place is None:
            return
        step = float(self.bad_place.item())
        self.bad_place = None
        if np.isfinite(step):
            self.place = self.place[0], int(step)
            self._raise("search's", [], self.supernet.parameters())

    def _raise(self, what, tensors, parameters):
        epoch, step = self.place
        gradients = tensors[len(tensors) - len(parameters) :] if tensors else parameters
        losses = tensors[: len(tensors) - len(parameters)] if tensors else []
        bad = [p for p, gradient in zip(parameters, gradients) if gradient is not None and not is_finite(gradient)]
        found = [f"the {what} loss is {loss.item()}" for loss in losses if not is_finite(loss)]
        if bad:
            name = name_parameter(self.supernet, bad[0])
            found.append(
                f"{'the gradient of ' if tensors else ''}`{name}` is not finite ({len(bad)} parameters are not)"
            )
        raise NonFiniteError(
            f"epoch {epoch}, step {step}: {', and '.join(found) or f'the {what} gradients overflow'}; look for values "
            "that are not finite in the images, lower the learning rates, or pass skip_nonfinite to skip such batches"
        )


def copy_gradients(layer):
    """Return pairs of parameter and gradient, of those that have one, as while batches are accumulated."""
    found = [(parameter, parameter.grad) for parameter in layer.parameters() if parameter.grad is not None]
    return [(parameter, as_dense(gradient, parameter)[0].clone()) for parameter, gradient in found]


def is_finite(tensor):
    return bool(paddle.isfinite(tensor).all())
