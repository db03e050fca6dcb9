"""`fluid.layer_helper`: what functions and layers of a script's own were made with."""

from __future__ import annotations

from paddle.base import layer_helper as today

from ._absent import absent
from ._functions.activations import append_activation
from ._helper import OperatorHelper
from .dygraph.layers import start_parameter

__all__ = ["LayerHelper"]


class LayerHelper(OperatorHelper, today.LayerHelper):
    """Names, parameters, operators and activations of a function of the script's own.

    Args:
        layer_type: prefix of the names it makes.
        kwargs: arguments of the function, such as `name`, `act`, `param_attr`, `bias_attr`.
    """

    def append_activation(self, input_var):
        """Return the activation named by the keyword `act` of a variable; the variable itself without one."""
        act = self.kwargs.get("act")
        if act is not None and not isinstance(act, str):
            raise TypeError(f"act must be the name of an activation, got {type(act).__name__}")
        return append_activation(input_var, act)

    def create_parameter(self, attr, shape, dtype=None, is_bias=False, default_initializer=None, **kwargs):
        """Return a new Parameter, None for attr=False; see `Layer.create_parameter`."""
        return start_parameter(super().create_parameter, shape, attr, dtype or "float32", is_bias, default_initializer)


__getattr__ = absent(__name__)
