"""The weight step of OLES: operations whose training no longer helps validation are frozen (Jiang et al., 2023)."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import ClassVar

import numpy as np
import paddle

from ..state.parameters import frozen
from ..state.snapshots import undisturbed
from .annealing import check_numbers, make_plain
from .operation_weights import OperationWeights

__all__ = ["OperationEarlyStopping"]


@dataclasses.dataclass(frozen=True)
class OperationEarlyStopping:
    """Freeze an operation's weights once its training and validation gradients disagree (OLES: Jiang et al., 2023).

    After every `window` steps, the cosine between the gradients of both losses in all weights of an operation is
    averaged over these steps; below `threshold` the operation overfits and its weights rest until the end. The search
    is of first order: the virtual step of the second would move weights that rest. The gradients of the validation loss
    are made along in the pass of the architecture step, before the alphas move; where the alphas rest, in a pass of
    their own.

    The mean is over `window` cosines; the authors' program adds up one more than it divides by.

    Attributes:
        threshold: of the mean cosine.
        window: steps of a mean.

    Raises:
        ValueError: the threshold is not in [-1, 1], or the window is below 1.
    """

    threshold: float = 0.4
    window: int = 20

    equation: ClassVar[str] = "an operation rests once mean cos(dL_train/dw_o, dL_val/dw_o) is below the threshold"
    needs_operation_weights: ClassVar[bool] = True

    def __post_init__(self):
        make_plain(self)
        check_numbers(-1.0, 1.0, threshold=self.threshold)
        if isinstance(self.window, bool) or not isinstance(self.window, int) or self.window < 1:
            raise ValueError(f"window must be an integer of at least 1, got {self.window!r}")

    def curves(self, progress):
        """Return what anneals, by name: nothing."""
        return {}

    def start(self, problem):
        """Return what watches and freezes the operations of `problem`."""
        return StoppedSteps(self, problem)


class StoppedSteps:
    """Weight steps in which the operations that were stopped rest."""

    def __init__(self, settings, problem):
        self.settings, self.problem = settings, problem
        self.operations = OperationWeights(problem.supernet)
        self.resting = np.zeros(len(self.operations.names), bool)
        self._observed = None
        self._begin_window()

    def _begin_window(self):
        self.steps = 0
        self.cosines = paddle.zeros([len(self.operations.names)], "float32")

    @property
    def frozen_operations(self):
        """The names of the operations that rest."""
        return [name for name, resting in zip(self.operations.names, self.resting) if resting]

    def figures(self):
        """Return what an epoch's report shows: how many operations rest."""
        return {"resting operations": int(self.resting.sum())}

    @property
    def parameters(self):
        """The weights whose gradients are compared."""
        return self.operations.parameters

    def observe(self, valid_batch, gradients):
        """Take the gradients of the validation loss, as means over all ranks, that the architecture step has made."""
        self._observed = valid_batch[0], gradients

    @contextlib.contextmanager
    def around(self, train_batch, valid_batch, progress, make_generator):
        """Compare the gradients of the step inside with those of the validation batch; let stopped operations rest."""
        weights, seen = self.operations.parameters, {}
        masks = self.operations.masks(self.resting) if self.resting.any() else {}
        valid = self._valid_gradients(valid_batch)

        def catch(k):
            def hook(gradient):
                seen[k] = gradient.detach().clone()  # Paddle goes on to use the memory of this one
                return gradient * masks[k] if k in masks else None

            return hook

        hooks = [weight.register_hook(catch(k)) for k, weight in enumerate(weights)]
        before = {k: weights[k].clone() for k in masks}
        try:
            yield
        finally:
            for hook in hooks:
                hook.remove()
            with paddle.no_grad():
                for k, mask in masks.items():  # decay and velocity moved them, too
                    moves = mask.astype("bool").expand_as(weights[k])
                    paddle.assign(paddle.where(moves, weights[k], before[k]), weights[k])
        if seen:
            self._record(self.problem.average([seen.get(k) for k in range(len(weights))]), valid)

    def _valid_gradients(self, batch):
        observed, self._observed = self._observed, None
        if observed is not None and observed[0] is batch[0]:
            return observed[1]
        supernet = self.problem.supernet
        with undisturbed(supernet), frozen(self.problem.alphas):
            loss = self.problem.valid_loss(supernet, *batch)
            found = paddle.grad(loss, self.operations.parameters, allow_unused=True)
        return self.problem.average(found)

    @paddle.no_grad()
    def _record(self, train, valid):
        """Add the cosines of one step; after the last of a window, stop the operations whose mean is too small."""
        self.cosines += self.operations.cosines(train, valid)
        self.steps += 1
        if self.steps == self.settings.window:
            means = self.cosines.numpy() / self.settings.window
            self.resting |= means < self.settings.threshold
            self._begin_window()

    def get_state(self):
        """Return what a checkpoint keeps: which operations rest, and the sums of the window."""
        return {"steps": self.steps, "cosines": self.cosines.numpy(), "resting": self.resting.copy()}

    def set_state(self, state):
        """Take back what `get_state` returned."""
        self.steps, self.resting = int(state["steps"]), np.asarray(state["resting"], bool).copy()
        self.cosines = paddle.to_tensor(np.asarray(state["cosines"], "float32"))
