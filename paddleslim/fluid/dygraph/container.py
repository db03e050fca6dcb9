"""`fluid.dygraph.container`: layers and parameters in order."""

from __future__ import annotations

import paddle

from .._absent import absent
from .._variable import Parameter
from .layers import Layer

__all__ = ["LayerList", "ParameterList", "Sequential"]


class Sequential(Layer, paddle.nn.Sequential):
    """Layers one after the other; given as they are, or as `(name, layer)` pairs."""

    def __init__(self, *layers):
        Layer.__init__(self)
        named = layers if layers and isinstance(layers[0], tuple) else enumerate(layers)
        for name, layer in named:
            self.add_sublayer(str(name), layer)

    def __getitem__(self, name):
        return self._sub_layers[str(name)]

    def __setitem__(self, name, layer):
        setattr(self, str(name), layer)

    def __delitem__(self, name):
        del self._sub_layers[str(name)]


class LayerList(Layer, paddle.nn.LayerList):
    """A list of layers whose parameters are found."""

    def __init__(self, sublayers=None):
        Layer.__init__(self)
        for layer in sublayers or ():
            self.append(layer)


class ParameterList(Layer, paddle.nn.ParameterList):
    """A list of parameters that are found."""

    def __init__(self, parameters=None):
        Layer.__init__(self)
        for parameter in parameters or ():
            if not isinstance(parameter, Parameter):
                raise TypeError(f"ParameterList holds parameters, got {type(parameter).__name__}")
            self.append(parameter)


__getattr__ = absent(__name__)
