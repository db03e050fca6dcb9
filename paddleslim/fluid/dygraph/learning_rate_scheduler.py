"""`fluid.dygraph.learning_rate_scheduler`: learning rates that fall with the steps or epochs."""

from __future__ import annotations

import math
import warnings

import numpy as np
import paddle

from .._absent import absent
from .base import to_variable

__all__ = [
    "CosineDecay",
    "ExponentialDecay",
    "InverseTimeDecay",
    "LambdaDecay",
    "LinearLrWarmup",
    "MultiStepDecay",
    "NaturalExpDecay",
    "NoamDecay",
    "PiecewiseDecay",
    "PolynomialDecay",
    "ReduceLROnPlateau",
    "StepDecay",
]


class LearningRateDecay:
    """Base of all: `step()` returns the rate at `step_num`; calling the object returns it and counts on.

    Args:
        begin: first value of `step_num`.
        step: what each call adds to it.
        dtype: of the variable a call returns.
    """

    keys: list[str] = ["step_num"]

    def __init__(self, begin=0, step=1, dtype="float32"):
        self.step_num, self.step_size, self.dtype = begin, step, dtype

    def __call__(self):
        rate = self.step()
        self.step_num += self.step_size
        return rate if isinstance(rate, paddle.Tensor) else self.create_lr_var(rate)

    def step(self):
        raise NotImplementedError(f"{type(self).__name__} needs a method `step()` that returns the learning rate")

    def create_lr_var(self, lr):
        """Return the number as a variable [1]."""
        return to_variable(np.array([lr], dtype=self.dtype))

    def _state_keys(self):
        """Fluid's subclasses may set `self.keys` here."""

    def state_dict(self):
        """Return what `set_dict` needs to continue."""
        self._state_keys()
        state = {key: getattr(self, key) for key in self.keys if hasattr(self, key)}
        return {k: float(v) if isinstance(v, paddle.Tensor) else v for k, v in state.items()}

    def set_dict(self, state_dict):
        """Continue from a state dict.

        Raises:
            RuntimeError: a value is missing.
        """
        self._state_keys()
        for key in self.keys:
            if key not in state_dict:
                raise RuntimeError(f"the state dict has no {key!r}; it was saved by another kind of learning rate")
            setattr(self, key, state_dict[key])
        if len(state_dict) > len(self.keys):
            warnings.warn(f"values not used: {sorted(set(state_dict) - set(self.keys))}", stacklevel=2)


class PiecewiseDecay(LearningRateDecay):
    """values[i] while step_num < boundaries[i], the last value after them."""

    def __init__(self, boundaries, values, begin, step=1, dtype="float32"):
        super().__init__(begin, step, dtype)
        if len(values) != len(boundaries) + 1:
            raise ValueError(f"{len(boundaries)} boundaries need {len(boundaries) + 1} values, got {len(values)}")
        self.boundaries, self.values = boundaries, values

    def step(self):
        for boundary, value in zip(self.boundaries, self.values):
            if self.step_num < boundary:
                return value
        return self.values[-1]


class _DecayOverSteps(LearningRateDecay):
    """A decay in step_num / decay_steps, rounded down where `staircase` is True."""

    def __init__(self, learning_rate, decay_steps, decay_rate, staircase=False, begin=0, step=1, dtype="float32"):
        super().__init__(begin, step, dtype)
        self.learning_rate, self.decay_steps, self.decay_rate = learning_rate, decay_steps, decay_rate
        self.staircase = staircase

    @property
    def progress(self):
        steps = self.step_num / self.decay_steps
        return math.floor(steps) if self.staircase else steps


class NaturalExpDecay(_DecayOverSteps):
    """learning_rate * exp(-decay_rate * step_num / decay_steps)."""

    def step(self):
        return self.learning_rate * math.exp(-self.decay_rate * self.progress)


class ExponentialDecay(_DecayOverSteps):
    """learning_rate * decay_rate ^ (step_num / decay_steps)."""

    def step(self):
        return self.learning_rate * self.decay_rate**self.progress


class InverseTimeDecay(_DecayOverSteps):
    """learning_rate / (1 + decay_rate * step_num / decay_steps)."""

    def step(self):
        return self.learning_rate / (1 + self.decay_rate * self.progress)


class PolynomialDecay(LearningRateDecay):
    """From learning_rate to end_learning_rate along (1 - step_num / decay_steps) ^ power; `cycle` starts anew."""

    def __init__(
        self,
        learning_rate,
        decay_steps,
        end_learning_rate=0.0001,
        power=1.0,
        cycle=False,
        begin=0,
        step=1,
        dtype="float32",
    ):
        super().__init__(begin, step, dtype)
        self.learning_rate, self.decay_steps, self.end_learning_rate = learning_rate, decay_steps, end_learning_rate
        self.power, self.cycle = power, cycle

    def step(self):
        if self.cycle:
            period = self.decay_steps * max(1, math.ceil(self.step_num / self.decay_steps))
        else:
            period = self.decay_steps
        left = 1 - min(self.step_num, period) / period
        return (self.learning_rate - self.end_learning_rate) * left**self.power + self.end_learning_rate


class CosineDecay(LearningRateDecay):
    """learning_rate / 2 * (cos(pi * epoch / epochs) + 1), constant inside an epoch of `step_each_epoch` steps."""

    def __init__(self, learning_rate, step_each_epoch, epochs, begin=0, step=1, dtype="float32"):
        super().__init__(begin, step, dtype)
        self.learning_rate, self.step_each_epoch, self.epochs = learning_rate, step_each_epoch, epochs

    def step(self):
        epoch = math.floor(self.step_num / self.step_each_epoch)
        return self.learning_rate * 0.5 * (math.cos(epoch * math.pi / self.epochs) + 1)


class NoamDecay(LearningRateDecay):
    """learning_rate * d_model^-0.5 * min(step_num^-0.5, step_num * warmup_steps^-1.5)."""

    def __init__(self, d_model, warmup_steps, begin=1, step=1, dtype="float32", learning_rate=1.0):
        super().__init__(begin, step, dtype)
        self.d_model, self.warmup_steps, self.learning_rate = d_model, warmup_steps, learning_rate

    def step(self):
        rising = self.step_num * self.warmup_steps**-1.5
        return self.learning_rate * self.d_model**-0.5 * min(self.step_num**-0.5, rising)


class LinearLrWarmup(LearningRateDecay):
    """(end_lr - start_lr) * step_num / warmup_steps, then `learning_rate`, a number or a decay of its own.

    As in Paddle 1.8 the rise starts at 0, not at `start_lr`, and a decay counts its steps from the beginning.
    """

    def __init__(self, learning_rate, warmup_steps, start_lr, end_lr, begin=1, step=1, dtype="float32"):
        super().__init__(begin, step, dtype)
        if not isinstance(learning_rate, (float, int, LearningRateDecay)):
            raise TypeError(f"learning_rate must be a number or a decay, got {type(learning_rate).__name__}")
        if end_lr <= start_lr:
            raise ValueError(f"end_lr must be above start_lr, got start_lr={start_lr} and end_lr={end_lr}")
        self.learning_rate, self.warmup_steps = learning_rate, warmup_steps
        self.lr_ratio_before_warmup = (float(end_lr) - float(start_lr)) / float(warmup_steps)

    def step(self):
        rate = self.learning_rate() if isinstance(self.learning_rate, LearningRateDecay) else self.learning_rate
        return self.lr_ratio_before_warmup * self.step_num if self.step_num < self.warmup_steps else rate


class ReduceLROnPlateau(LearningRateDecay):
    """Multiply the rate by `decay_rate` once `step(loss)` has seen no better loss for more than `patience` calls."""

    keys = ["cooldown_counter", "best_loss", "num_bad_epochs", "epoch_num", "learning_rate"]

    def __init__(
        self,
        learning_rate,
        mode="min",
        decay_rate=0.1,
        patience=10,
        verbose=False,
        threshold=1e-4,
        threshold_mode="rel",
        cooldown=0,
        min_lr=0,
        eps=1e-8,
        dtype="float32",
    ):
        super().__init__(dtype=dtype)
        self.mode, self.threshold_mode = mode.lower(), threshold_mode.lower()
        if self.mode not in ("min", "max"):
            raise ValueError(f"mode must be 'min' or 'max', got {mode!r}")
        if self.threshold_mode not in ("rel", "abs"):
            raise ValueError(f"threshold_mode must be 'rel' or 'abs', got {threshold_mode!r}")
        check_decay_rate(decay_rate)
        self.learning_rate, self.decay_rate, self.patience, self.verbose = learning_rate, decay_rate, patience, verbose
        self.threshold, self.cooldown, self.min_lr, self.eps = threshold, cooldown, min_lr, eps
        self.cooldown_counter = self.num_bad_epochs = self.epoch_num = 0
        self.best_loss = None

    def __call__(self):
        return self.create_lr_var(float(self.learning_rate))

    def step(self, loss=None):
        """Take note of a loss, a variable [1]; without one, return the rate."""
        if loss is None:
            return float(self.learning_rate)
        loss = float(loss)
        self.epoch_num += 1
        if self.cooldown_counter > 0:
            self.cooldown_counter -= 1
            return None
        if self.best_loss is None or self.is_better(loss):
            self.best_loss, self.num_bad_epochs = loss, 0
        else:
            self.num_bad_epochs += 1
        if self.num_bad_epochs > self.patience:
            self.cooldown_counter, self.num_bad_epochs = self.cooldown, 0
            self.reduce()
        return None

    def reduce(self):
        old, new = float(self.learning_rate), max(float(self.learning_rate) * self.decay_rate, self.min_lr)
        if old - new > self.eps:
            if self.verbose:
                print(f"Epoch {self.epoch_num}: reducing learning rate from {old} to {new}.")
            self.learning_rate = new

    def is_better(self, loss):
        best = float(self.best_loss or 0.0)
        margin = best * self.threshold if self.threshold_mode == "rel" else self.threshold
        return loss < best - margin if self.mode == "min" else loss > best + margin


class _DecayByEpoch(LearningRateDecay):
    """A decay that the script moves on by `epoch()`."""

    keys = ["epoch_num", "learning_rate"]

    def __init__(self, learning_rate, dtype=None):
        if not isinstance(learning_rate, (float, int)):
            raise TypeError(f"learning_rate must be a number, got {type(learning_rate).__name__}")
        if learning_rate < 0:
            raise ValueError(f"learning_rate must not be negative, got {learning_rate}")
        super().__init__(dtype=dtype or "float32")
        self.base_lr, self.epoch_num = float(learning_rate), -1
        self.epoch()

    def __call__(self):
        return self.create_lr_var(float(self.learning_rate))

    def step(self):
        return float(self.learning_rate)

    def epoch(self, epoch=None):
        """Move on to the next epoch, or to the given one."""
        self.epoch_num = self.epoch_num + 1 if epoch is None else epoch
        self.learning_rate = self.get_lr()

    def get_lr(self):
        raise NotImplementedError(f"{type(self).__name__} needs a method `get_lr()`")


class StepDecay(_DecayByEpoch):
    """learning_rate * decay_rate ^ (epoch // step_size)."""

    def __init__(self, learning_rate, step_size, decay_rate=0.1):
        if not isinstance(step_size, int):
            raise TypeError(f"step_size must be an integer, got {type(step_size).__name__}")
        check_decay_rate(decay_rate)
        self.epochs_per_step, self.decay_rate = step_size, decay_rate
        super().__init__(learning_rate)

    def get_lr(self):
        return self.base_lr * self.decay_rate ** (self.epoch_num // self.epochs_per_step)


class MultiStepDecay(_DecayByEpoch):
    """learning_rate * decay_rate ^ (number of milestones reached)."""

    def __init__(self, learning_rate, milestones, decay_rate=0.1):
        if not isinstance(milestones, (tuple, list)):
            raise TypeError(f"milestones must be a list, got {type(milestones).__name__}")
        if any(later <= earlier for earlier, later in zip(milestones, milestones[1:])):
            raise ValueError(f"milestones must increase, got {milestones}")
        check_decay_rate(decay_rate)
        self.milestones, self.decay_rate = milestones, decay_rate
        super().__init__(learning_rate)

    def get_lr(self):
        return self.base_lr * self.decay_rate ** sum(self.epoch_num >= milestone for milestone in self.milestones)


class LambdaDecay(_DecayByEpoch):
    """learning_rate * lr_lambda(epoch)."""

    def __init__(self, learning_rate, lr_lambda):
        if not callable(lr_lambda):
            raise TypeError(f"lr_lambda must be a function of the epoch, got {type(lr_lambda).__name__}")
        self.lr_lambda = lr_lambda
        super().__init__(learning_rate)

    def get_lr(self):
        return self.base_lr * self.lr_lambda(self.epoch_num)


def check_decay_rate(decay_rate):
    if decay_rate >= 1.0:
        raise ValueError(f"decay_rate must be below 1, got {decay_rate}")


__getattr__ = absent(__name__)
