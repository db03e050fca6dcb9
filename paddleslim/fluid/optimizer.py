"""`fluid.optimizer`: the rules by which parameters move, as Paddle 1.8 computed them.

g is the gradient, clipped and regularised, p the parameter; every rule changes its tensors in place.
"""

from __future__ import annotations

import numpy as np
import paddle

from . import _random
from ._absent import absent
from ._optimizer import Optimizer

__all__ = [
    "SGD",
    "Adadelta",
    "AdadeltaOptimizer",
    "Adagrad",
    "AdagradOptimizer",
    "Adam",
    "AdamOptimizer",
    "Adamax",
    "AdamaxOptimizer",
    "DecayedAdagrad",
    "DecayedAdagradOptimizer",
    "Dpsgd",
    "DpsgdOptimizer",
    "Ftrl",
    "FtrlOptimizer",
    "LambOptimizer",
    "LarsMomentum",
    "LarsMomentumOptimizer",
    "Momentum",
    "MomentumOptimizer",
    "RMSPropOptimizer",
    "SGDOptimizer",
]


def move_average(average, share, value):
    """average = share * average + (1 - share) * value, in place; the shares are rounded as in 1.8's kernels."""
    kind = np.float64 if average.dtype == paddle.float64 else np.float32
    rounded = kind(np.float32(share))
    average.scale_(float(rounded)).add_(value * float(1 - rounded))


class SGDOptimizer(Optimizer):
    """p -= rate * g."""

    def update(self, parameter, gradient, rate, state):
        parameter.subtract_(gradient * rate)


class MomentumOptimizer(Optimizer):
    """v = momentum * v + g; p -= rate * v, or with Nesterov's look ahead p -= rate * (g + momentum * v)."""

    accumulators = {"velocity": 0.0}

    def __init__(
        self,
        learning_rate,
        momentum,
        parameter_list=None,
        use_nesterov=False,
        regularization=None,
        grad_clip=None,
        name=None,
    ):
        super().__init__(learning_rate, parameter_list, regularization, grad_clip, name)
        self._momentum, self._use_nesterov = momentum, bool(use_nesterov)

    def update(self, parameter, gradient, rate, state):
        velocity = state["velocity"]
        velocity.scale_(self._momentum).add_(gradient)
        step = gradient + self._momentum * velocity if self._use_nesterov else velocity
        parameter.subtract_(step * rate)


class LarsMomentumOptimizer(Optimizer):
    """Momentum with a rate for each layer, rate * coeff * |p| / (|g| + decay * |p|) (You et al., 2017)."""

    accumulators = {"velocity": 0.0}

    def __init__(
        self,
        learning_rate,
        momentum,
        lars_coeff=0.001,
        lars_weight_decay=0.0005,
        parameter_list=None,
        regularization=None,
        grad_clip=None,
        name=None,
    ):
        super().__init__(learning_rate, parameter_list, regularization, grad_clip, name)
        self._momentum, self._lars_coeff, self._lars_weight_decay = momentum, lars_coeff, lars_weight_decay

    def update(self, parameter, gradient, rate, state):
        length, slope = parameter.square().sum().sqrt(), gradient.square().sum().sqrt()
        if float(length) > 0 and float(slope) > 0:
            rate = rate * self._lars_coeff * length / (slope + self._lars_weight_decay * length)
        decayed = gradient + self._lars_weight_decay * parameter
        state["velocity"].scale_(self._momentum).add_(decayed * rate)
        parameter.subtract_(state["velocity"])


class AdagradOptimizer(Optimizer):
    """m += g^2; p -= rate * g / (sqrt(m) + epsilon)."""

    def __init__(
        self,
        learning_rate,
        epsilon=1e-06,
        parameter_list=None,
        regularization=None,
        grad_clip=None,
        name=None,
        initial_accumulator_value=0.0,
    ):
        super().__init__(learning_rate, parameter_list, regularization, grad_clip, name)
        self._epsilon = epsilon
        self.accumulators = {"moment": initial_accumulator_value}

    def update(self, parameter, gradient, rate, state):
        state["moment"].add_(gradient.square())
        parameter.subtract_(rate * gradient / (state["moment"].sqrt() + self._epsilon))


class DecayedAdagradOptimizer(Optimizer):
    """m = decay * m + (1 - decay) * g^2; p -= rate * g / (sqrt(m) + epsilon)."""

    accumulators = {"moment": 0.0}

    def __init__(
        self,
        learning_rate,
        decay=0.95,
        epsilon=1e-06,
        parameter_list=None,
        regularization=None,
        grad_clip=None,
        name=None,
    ):
        super().__init__(learning_rate, parameter_list, regularization, grad_clip, name)
        self._decay, self._epsilon = decay, epsilon

    def update(self, parameter, gradient, rate, state):
        move_average(state["moment"], self._decay, gradient.square())
        parameter.subtract_(rate * gradient / (state["moment"].sqrt() + self._epsilon))


class AdamOptimizer(Optimizer):
    """p -= rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon) (Kingma and Ba, 2014, section 2).

    Epsilon is added before the bias of v is corrected; today's Paddle adds it after. For a sparse gradient t is one
    more, since 1.8 advanced beta^t before such a step on the CPU; with `lazy_mode` its rows alone move.
    """

    accumulators = {"moment1": 0.0, "moment2": 0.0, "beta1_pow_acc": 0.0, "beta2_pow_acc": 0.0}

    def __init__(
        self,
        learning_rate=0.001,
        beta1=0.9,
        beta2=0.999,
        epsilon=1e-08,
        parameter_list=None,
        regularization=None,
        grad_clip=None,
        name=None,
        lazy_mode=False,
    ):
        super().__init__(learning_rate, parameter_list, regularization, grad_clip, name)
        self._beta1, self._beta2, self._epsilon, self._lazy_mode = beta1, beta2, epsilon, lazy_mode
        self.accumulators = {**self.accumulators, "beta1_pow_acc": beta1, "beta2_pow_acc": beta2}

    def update(self, parameter, gradient, rate, state):
        # The powers are kept for the next step: here they are beta^t.
        self._move(parameter, gradient, rate, state["moment1"], state["moment2"], state)
        self._advance(state)

    def update_rows(self, parameter, gradient, rows, rate, state):
        self._advance(state)
        tables = parameter, gradient, state["moment1"], state["moment2"]
        if not self._lazy_mode:
            self._move(*tables[:2], rate, *tables[2:], state)
            return
        moved, slopes, mean, variance = (table.index_select(rows) for table in tables)
        self._move(moved, slopes, rate, mean, variance, state)
        for table, values in ((parameter, moved), (state["moment1"], mean), (state["moment2"], variance)):
            table.scatter_(rows, values)

    def _move(self, parameter, gradient, rate, mean, variance, state):
        move_average(mean, self._beta1, gradient)
        move_average(variance, self._beta2, gradient.square())
        rate = rate * (1 - state["beta2_pow_acc"]).sqrt() / (1 - state["beta1_pow_acc"])
        parameter.subtract_(rate * mean / (variance.sqrt() + self._epsilon))

    def _advance(self, state):
        state["beta1_pow_acc"].scale_(self._beta1)
        state["beta2_pow_acc"].scale_(self._beta2)


class AdamaxOptimizer(Optimizer):
    """u = max(beta2 * u + epsilon, |g|); p -= rate / (1 - beta1^t) * m / u (Kingma and Ba, 2014, section 7.1)."""

    accumulators = {"moment": 0.0, "inf_norm": 0.0, "beta1_pow_acc": 0.0}

    def __init__(
        self,
        learning_rate=0.001,
        beta1=0.9,
        beta2=0.999,
        epsilon=1e-08,
        parameter_list=None,
        regularization=None,
        grad_clip=None,
        name=None,
    ):
        super().__init__(learning_rate, parameter_list, regularization, grad_clip, name)
        self._beta1, self._beta2, self._epsilon = beta1, beta2, epsilon
        self.accumulators = {**self.accumulators, "beta1_pow_acc": beta1}

    def update(self, parameter, gradient, rate, state):
        move_average(state["moment"], self._beta1, gradient)
        largest = paddle.maximum(state["inf_norm"] * self._beta2 + self._epsilon, gradient.abs())
        paddle.assign(largest, state["inf_norm"])
        parameter.subtract_(rate / (1 - state["beta1_pow_acc"]) * state["moment"] / largest)
        state["beta1_pow_acc"].scale_(self._beta1)


class AdadeltaOptimizer(Optimizer):
    """p -= g * sqrt((E[d^2] + epsilon) / (E[g^2] + epsilon)), d the same with E[d^2] of the step before.

    So Paddle 1.8 computed it: E[d^2] moves before the parameter does. The learning rate is not used.
    """

    accumulators = {"_avg_squared_grad": 0.0, "_avg_squared_update": 0.0}

    def __init__(
        self,
        learning_rate,
        epsilon=1.0e-6,
        rho=0.95,
        parameter_list=None,
        regularization=None,
        grad_clip=None,
        name=None,
    ):
        super().__init__(learning_rate, parameter_list, regularization, grad_clip, name)
        self._epsilon, self._rho = epsilon, rho

    def update(self, parameter, gradient, rate, state):
        squared_grad, squared_update = state["_avg_squared_grad"], state["_avg_squared_update"]
        move_average(squared_grad, self._rho, gradient.square())

        def step():
            return gradient * ((squared_update + self._epsilon) / (squared_grad + self._epsilon)).sqrt()

        move_average(squared_update, self._rho, step().square())
        parameter.subtract_(step())


class RMSPropOptimizer(Optimizer):
    """v = momentum * v + rate * g / sqrt(E[g^2] - E[g]^2 + epsilon), E[g] = 0 unless centered; p -= v."""

    accumulators = {"momentum": 0.0, "mean_square": 0.0, "mean_grad": 0.0}

    def __init__(
        self,
        learning_rate,
        rho=0.95,
        epsilon=1.0e-6,
        momentum=0.0,
        centered=False,
        parameter_list=None,
        regularization=None,
        grad_clip=None,
        name=None,
    ):
        super().__init__(learning_rate, parameter_list, regularization, grad_clip, name)
        self._rho, self._epsilon, self._momentum, self._centered = rho, epsilon, momentum, centered

    def update(self, parameter, gradient, rate, state):
        move_average(state["mean_square"], self._rho, gradient.square())
        spread = state["mean_square"] + self._epsilon
        if self._centered:
            move_average(state["mean_grad"], self._rho, gradient)
            spread = spread - state["mean_grad"].square()
        state["momentum"].scale_(self._momentum).add_(rate * gradient / spread.sqrt())
        parameter.subtract_(state["momentum"])


class FtrlOptimizer(Optimizer):
    """Follow the regularised leader (McMahan et al., 2013). As in 1.8, `l1` serves as l2 too, and `l2` is not used."""

    accumulators = {"squared": 0.0, "linear": 0.0}

    def __init__(
        self,
        learning_rate,
        l1=0.0,
        l2=0.0,
        lr_power=-0.5,
        parameter_list=None,
        regularization=None,
        grad_clip=None,
        name=None,
    ):
        super().__init__(learning_rate, parameter_list, regularization, grad_clip, name)
        self._l1, self._l2, self._lr_power = l1, l1, lr_power

    def update(self, parameter, gradient, rate, state):
        squared, linear = state["squared"], state["linear"]
        accumulated = squared + gradient.square()
        now, before = accumulated**-self._lr_power, squared**-self._lr_power
        # linear += g - (n^-power - n_old^-power) / rate * p
        linear.add_(gradient - (now - before) / rate * parameter)
        shrunk = linear.sign() * self._l1 - linear
        moved = shrunk / (now / rate + 2 * self._l2)
        paddle.assign(paddle.where(linear.abs() > self._l1, moved, paddle.zeros_like(moved)), parameter)
        paddle.assign(accumulated, squared)


class LambOptimizer(AdamOptimizer):
    """Adam's step plus weight decay, times rate * |p| / |step| (You et al., 2019); 1.8 did not correct the bias."""

    def __init__(
        self,
        learning_rate=0.001,
        lamb_weight_decay=0.01,
        beta1=0.9,
        beta2=0.999,
        epsilon=1e-6,
        parameter_list=None,
        regularization=None,
        grad_clip=None,
        exclude_from_weight_decay_fn=None,
        name=None,
    ):
        super().__init__(learning_rate, beta1, beta2, epsilon, parameter_list, regularization, grad_clip, name)
        self._weight_decay, self._exclude = lamb_weight_decay, exclude_from_weight_decay_fn

    update_rows = Optimizer.update_rows

    def update(self, parameter, gradient, rate, state):
        mean, variance = state["moment1"], state["moment2"]
        move_average(mean, self._beta1, gradient)
        move_average(variance, self._beta2, gradient.square())
        decay = 0.0 if self._exclude is not None and self._exclude(parameter) else self._weight_decay
        step = mean / (variance.sqrt() + self._epsilon) + decay * parameter
        length, stride = float(parameter.square().sum().sqrt()), float(step.square().sum().sqrt())
        trust = length / stride if length > 0 and stride > 0 else 1.0
        parameter.subtract_(step * (rate * trust))


class DpsgdOptimizer(Optimizer):
    """p -= rate * (g / max(1, |g| / clip) + noise / batch_size), noise normal with deviation clip * sigma.

    The noise comes from Paddle's generator; Paddle 1.8 drew it from the clock.
    """

    def __init__(self, learning_rate=0.001, clip=0.9, batch_size=0.999, sigma=1e-8, parameter_list=None):
        super().__init__(learning_rate, parameter_list)
        self._clip, self._batch_size, self._sigma = clip, batch_size, sigma

    def update(self, parameter, gradient, rate, state):
        norm = float(gradient.square().sum().sqrt())
        # One number of noise for the whole parameter, as 1.8 added it.
        noise = float(_random.normal([1], 0.0, self._clip * self._sigma)[0])
        parameter.subtract_(rate * (gradient / max(1.0, norm / self._clip) + noise / self._batch_size))


SGD = SGDOptimizer
Momentum = MomentumOptimizer
Adagrad = AdagradOptimizer
Adam = AdamOptimizer
Adamax = AdamaxOptimizer
Dpsgd = DpsgdOptimizer
DecayedAdagrad = DecayedAdagradOptimizer
Adadelta = AdadeltaOptimizer
RMSProp = RMSPropOptimizer
Ftrl = FtrlOptimizer
Lamb = LambOptimizer
LarsMomentum = LarsMomentumOptimizer
__getattr__ = absent(__name__)
