"""Adam as Paddle 1.8 computed it, for the alphas."""

from __future__ import annotations

import math

import paddle

__all__ = ["Adam"]


class Adam(paddle.optimizer.Adam):
    """p -= rate * sqrt(1 - beta2^t) / (1 - beta1^t) * m / (sqrt(v) + epsilon) (Kingma and Ba, 2014, section 2).

    Epsilon is added before the bias of v is corrected, as in Paddle 1.8; today's Paddle adds it after, to
    sqrt(v / (1 - beta2^t)), which shortens the first steps where gradients are about as small as epsilon.
    Arguments, state and state dict are those of `paddle.optimizer.Adam`.
    """

    def __init__(self, learning_rate=0.001, beta1=0.9, beta2=0.999, epsilon=1e-8, **arguments):
        super().__init__(learning_rate, beta1=beta1, beta2=beta2, epsilon=epsilon, **arguments)
        self.epsilon = epsilon

    def _append_optimize_op(self, block, param_and_grad):
        power = self._get_accumulator_master(self._beta2_pow_acc_str, param_and_grad[0])
        # epsilon / sqrt(1 - beta2^t) beside sqrt(v / (1 - beta2^t)) is epsilon beside sqrt(v). The power is kept on
        # the CPU, so that reading it waits for no device; t is the parameter's own number of steps.
        self._epsilon = self.epsilon / math.sqrt(1 - power.item())
        return super()._append_optimize_op(block, param_and_grad)
