"""What all optimizers of fluid share: gradients, clipping, decay, accumulators and their state dict."""

from __future__ import annotations

import logging

import numpy as np
import paddle
from paddle.utils import unique_name

from ..common.sparse_rows import as_dense
from ._variable import as_variable, plain
from .clip import GradientClipBase
from .dygraph.base import no_grad
from .dygraph.learning_rate_scheduler import LearningRateDecay, _DecayByEpoch

__all__ = ["Optimizer"]

logger = logging.getLogger(__name__)


class Optimizer:
    """Base of all: `minimize(loss)` takes one step along the gradients that `loss.backward()` has left.

    A rule says which accumulators a parameter has (`accumulators`, name -> value at the start) and updates a
    parameter in place (`update`). Gradients are clipped first and regularised then.

    Args:
        learning_rate: a float, or a decay of `fluid.dygraph`.
        parameter_list: the parameters to train.
        regularization: `fluid.regularizer.L2Decay` or `L1Decay`, for parameters without one of their own.
        grad_clip: one of `fluid.clip`.
        name: prefix in the names of the accumulators.
    """

    accumulators: dict[str, float] = {}

    def __init__(self, learning_rate, parameter_list=None, regularization=None, grad_clip=None, name=None):
        if not isinstance(learning_rate, (float, LearningRateDecay)):
            raise TypeError(f"learning_rate must be a float or a decay, got {type(learning_rate).__name__}")
        if parameter_list is None:
            raise AttributeError("parameter_list must be given: for a whole network, model.parameters()")
        if grad_clip is not None and not isinstance(grad_clip, GradientClipBase):
            raise TypeError(f"grad_clip must be one of fluid.clip, got {type(grad_clip).__name__}")
        self._parameter_list = list(parameter_list)
        self._learning_rate, self.regularization, self._grad_clip = learning_rate, regularization, grad_clip
        self._name = name
        self._rate_now = None
        self._state: dict[str, dict] = {}
        self._loaded: dict = {}

    def update(self, parameter, gradient, rate, state):
        """Move `parameter`, in place.

        Args:
            parameter, gradient: tensors of one shape.
            rate: a float, that of the optimizer times that of the parameter.
            state: the parameter's accumulators by name, updated in place.
        """
        raise NotImplementedError(f"{type(self).__name__} needs a method `update`")

    def update_rows(self, parameter, gradient, rows, rate, state):
        """Move `parameter` along a sparse gradient, given as a dense one; `rows` are the numbers of those it held."""
        self.update(parameter, gradient, rate, state)

    def backward(self, loss, startup_program=None, parameter_list=None, no_grad_set=None, callbacks=None):
        """Return `[(parameter, gradient), ...]` of all trainable parameters that have a gradient."""
        return [(p, as_variable(p.grad)) for p in self._parameter_list if p.trainable and p.grad is not None]

    @no_grad
    def apply_gradients(self, params_grads, grad_clip=None):
        """Clip and regularise the gradients, and move the parameters along them; `grad_clip` clips them first."""
        sparse = {}
        dense = []
        for parameter, gradient in params_grads:
            whole, rows = as_dense(plain(gradient), plain(parameter))
            dense.append((parameter, whole))
            if rows is not None:
                sparse[id(parameter)] = rows
        params_grads = dense
        for clip in (grad_clip, self._grad_clip):
            params_grads = params_grads if clip is None else clip(params_grads)
        rate = self._rate_now = self._next_rate()
        for parameter, gradient in params_grads:
            own_rate = rate * parameter.optimize_attr["learning_rate"]
            decayed, state = self._regularise(parameter, gradient), self._accumulators_of(parameter)
            if id(parameter) in sparse and decayed is gradient:
                self.update_rows(plain(parameter), gradient, sparse[id(parameter)], own_rate, state)
            else:
                self.update(plain(parameter), decayed, own_rate, state)

    def apply_optimize(self, loss, startup_program, params_grads):
        """Do as `apply_gradients`."""
        return self.apply_gradients(params_grads)

    def minimize(self, loss, startup_program=None, parameter_list=None, no_grad_set=None, grad_clip=None):
        """Take one step, with `grad_clip` as in Paddle 1.7; return `(None, [(parameter, gradient), ...])`."""
        params_grads = self.backward(loss)
        self.apply_gradients(params_grads, grad_clip)
        return None, params_grads

    def clear_gradients(self):
        """Set the gradients of all trainable parameters to zero."""
        for parameter in self._parameter_list:
            if parameter.trainable:
                parameter.clear_gradient()

    def current_step_lr(self):
        """Return the learning rate of the last step, a float; before the first one, that of the step to come."""
        if isinstance(self._learning_rate, float):
            return self._learning_rate
        rate = self._learning_rate.step() if self._rate_now is None else self._rate_now
        # A decay gives its rate in float32: 0.1, not 0.10000000149.
        return float(str(np.float32(float(rate))))

    def state_dict(self):
        """Return the accumulators by name, and the place of a decaying learning rate."""
        state = {name: as_variable(t) for own in self._state.values() for name, t in own["by_full_name"].items()}
        if isinstance(self._learning_rate, LearningRateDecay):
            state["LR_Scheduler"] = self._learning_rate.state_dict()
            if not isinstance(self._learning_rate, _DecayByEpoch):
                state["global_step"] = as_variable(paddle.to_tensor([self._learning_rate.step_num], dtype="int32"))
        return state

    def set_dict(self, state_dict):
        """Continue from a state dict, such as the second one that `load_dygraph` returns.

        Raises:
            KeyError: the state dict lacks an accumulator.
        """
        if isinstance(self._learning_rate, LearningRateDecay):
            self._learning_rate.set_dict(state_dict["LR_Scheduler"])
            if not isinstance(self._learning_rate, _DecayByEpoch):
                self._learning_rate.step_num = int(np.asarray(state_dict["global_step"]).reshape(-1)[0])
        self._loaded = dict(state_dict)
        for own in self._state.values():
            for name, tensor in own["by_full_name"].items():
                tensor.set_value(self._loaded_value(name))

    def _next_rate(self):
        if isinstance(self._learning_rate, float):
            return self._learning_rate
        return float(self._learning_rate())

    def _regularise(self, parameter, gradient):
        regularizer = getattr(parameter, "regularizer", None) or self.regularization
        return gradient if regularizer is None else gradient + regularizer.penalty(plain(parameter))

    def _accumulators_of(self, parameter):
        """Return the parameter's accumulators, made on first use, from a loaded state where there is one."""
        own = self._state.get(parameter.name)
        if own is None:
            own = self._state[parameter.name] = {"by_full_name": {}}
            for name, start in self.accumulators.items():
                shape = [1] if name.endswith("_pow_acc") else parameter.shape
                own[name] = paddle.full(shape, start, parameter.dtype)
                full_name = unique_name.generate("_".join(filter(None, (parameter.name, self._name, name))))
                own[name].name = full_name
                own["by_full_name"][full_name] = own[name]
                if self._loaded:
                    own[name].set_value(self._loaded_value(full_name))
        return own

    def _loaded_value(self, name):
        if name not in self._loaded:
            raise KeyError(f"the state dict lacks {name}; it holds {sorted(self._loaded)[:8]}")
        value = self._loaded[name]
        return value.numpy() if isinstance(value, paddle.Tensor) else np.asarray(value)
