"""`fluid.regularizer`: what is added to a gradient to keep its parameter small."""

from __future__ import annotations

import paddle

from ._absent import absent

__all__ = ["L1Decay", "L1DecayRegularizer", "L2Decay", "L2DecayRegularizer"]


class L2Decay(paddle.regularizer.L2Decay):
    """gradient + coefficient * parameter."""

    def __init__(self, regularization_coeff=0.0):
        super().__init__(regularization_coeff)
        self.coefficient = regularization_coeff

    def penalty(self, parameter):
        """Return the gradient of coefficient / 2 * ||parameter||^2."""
        return parameter * self.coefficient


class L1Decay(paddle.regularizer.L1Decay):
    """gradient + coefficient * sign(parameter)."""

    def __init__(self, regularization_coeff=0.0):
        super().__init__(regularization_coeff)
        self.coefficient = regularization_coeff

    def penalty(self, parameter):
        """Return the gradient of coefficient * ||parameter||_1."""
        return parameter.sign() * self.coefficient


L1DecayRegularizer = L1Decay
L2DecayRegularizer = L2Decay


__getattr__ = absent(__name__)
