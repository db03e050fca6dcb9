"""`fluid.dygraph.layer_object_helper`: the `_helper` of a layer."""

from __future__ import annotations

from paddle.nn.layer import layers as today

from .._absent import absent
from .._functions.activations import append_activation
from .._helper import OperatorHelper

__all__ = ["LayerObjectHelper"]


class LayerObjectHelper(OperatorHelper, today.LayerObjectHelper):
    """Operators and activations of a layer."""

    def append_activation(self, input_var, act=None, use_cudnn=None, use_mkl_dnn=None):
        """Return the activation named `act` of a variable; the variable itself for None."""
        return append_activation(input_var, act)


__getattr__ = absent(__name__)
