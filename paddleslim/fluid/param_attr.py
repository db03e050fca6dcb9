"""`fluid.param_attr`: name, first values, learning rate and decay of a parameter."""

from __future__ import annotations

import paddle

from ._absent import absent

__all__ = ["ParamAttr"]


class ParamAttr(paddle.ParamAttr):
    """What a layer is told about one of its parameters.

    Args:
        name: of the parameter; None for a name made from that of the layer.
        initializer: one of `fluid.initializer`; None for the layer's own.
        learning_rate: factor on the learning rate of the optimizer.
        regularizer: takes the place of the optimizer's regularization.
        trainable: False keeps the parameter as it is.
        do_model_average: accepted; no averaging optimizer worked in dygraph.
    """

    def __init__(
        self,
        name=None,
        initializer=None,
        learning_rate=1.0,
        regularizer=None,
        trainable=True,
        do_model_average=True,
    ):
        super().__init__(name, initializer, learning_rate, regularizer, trainable, bool(do_model_average))


__getattr__ = absent(__name__)
