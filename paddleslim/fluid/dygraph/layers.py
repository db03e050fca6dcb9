"""`fluid.dygraph.layers`: the base of all layers."""

from __future__ import annotations

import copy
import re
import warnings

import numpy as np
import paddle
from paddle.base.framework import EagerParamBase

from ...common.dygraph_mode import check_dygraph_mode
from .._absent import absent
from .._tracer import set_training
from .._variable import as_parameter, as_variable
from ..initializer import Constant, Initializer, Xavier
from .layer_object_helper import LayerObjectHelper

__all__ = ["Layer"]


def snake_case(name):
    """Return a class name as fluid named its parameters: 'MyLeNet' -> 'my_le_net', 'Conv2D' -> 'conv2d'."""
    split = re.sub("(.)([A-Z][a-z]+)", r"\1_\2", name)
    return re.sub("([a-z])([A-Z])", r"\1_\2", split).lower()


class Layer(paddle.nn.Layer):
    """A part of a network: parameters, other layers and a `forward`.

    It is a `paddle.nn.Layer`, so whatever takes those takes this. What differs is fluid's: variables as input and
    output, batch-norm statistics among `parameters()`, `sublayers(include_sublayers)`, a strict `set_dict`, and
    parameters that start as fluid's did.

    Args:
        name_scope: prefix of the parameters' names; the class name in snake case if None.
        dtype: of the parameters.
    """

    completed_before_training = True  # attributes may be set between `DARTSearch(...)` and `train()`, as in 1.8
    _declared = False

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        # `fluid.dygraph.jit.save` wants to know the inputs of a layer whose forward is declarative.
        cls._declared = getattr(cls.forward, "_declarative", False)

    def __init__(self, name_scope=None, dtype="float32"):
        check_dygraph_mode()
        # By name: the containers inherit from Paddle's containers, too, whose arguments are others.
        paddle.nn.Layer.__init__(self, name_scope or snake_case(type(self).__name__), dtype)
        self._helper = LayerObjectHelper(self._full_name)
        self._last_inputs = None

    def __call__(self, *inputs, **kwargs):
        inputs = tuple(map(as_variable, inputs))
        kwargs = {name: as_variable(value) for name, value in kwargs.items()}
        if self._declared:
            self._last_inputs = [(list(x.shape), x.dtype) for x in inputs]
        if not self._built:
            self._build_once(*inputs, **kwargs)
            self._built: bool = True
        if self._forward_pre_hooks or self._forward_post_hooks:
            return super().__call__(*inputs, **kwargs)
        return self.forward(*inputs, **kwargs)

    def create_parameter(self, shape, attr=None, dtype="float32", is_bias=False, default_initializer=None):
        """Return a new Parameter, None for attr=False.

        Without an initializer a bias starts at 0 and a weight as Xavier's uniform says.
        """

        def create(attr, shape, dtype, is_bias, initializer):
            return paddle.nn.Layer.create_parameter(self, shape, attr, dtype, is_bias, initializer)

        return start_parameter(create, shape, attr, dtype, is_bias, default_initializer)

    def create_variable(self, name=None, persistable=None, dtype=None, type=None):
        """Return an empty Variable of the layer."""
        return as_variable(super().create_tensor(name, persistable, dtype))

    def train(self):
        """Let this layer, those in it and all functions behave as in training."""
        set_training(True)
        super().train()

    def eval(self):
        """Let this layer, those in it and all functions behave as in evaluation."""
        set_training(False)
        super().eval()

    def named_parameters(self, prefix="", include_sublayers=True, **kwargs):
        """Yield `(name, parameter)`; batch-norm statistics are parameters that are not trainable."""
        seen = set()
        layers = self.named_sublayers(prefix, include_sublayers, include_self=True)
        for layer_prefix, layer in layers:
            for name, parameter in [*layer._parameters.items(), *layer._buffers.items()]:
                if isinstance(parameter, EagerParamBase) and id(parameter) not in seen:
                    seen.add(id(parameter))
                    yield f"{layer_prefix}.{name}" if layer_prefix else name, parameter

    def parameters(self, include_sublayers=True):
        """Return all parameters, with those of the layers in it."""
        return [parameter for _, parameter in self.named_parameters(include_sublayers=include_sublayers)]

    def named_sublayers(self, prefix="", include_sublayers=True, include_self=False, layers_set=None, **kwargs):
        """Yield `(name, layer)` of all layers in this one."""
        if include_sublayers:
            yield from super().named_sublayers(prefix, include_self, layers_set, **kwargs)
        elif include_self:
            yield prefix, self

    def sublayers(self, include_sublayers=True, include_self=False):
        """Return all layers in this one."""
        named = self.named_sublayers(include_sublayers=include_sublayers, include_self=include_self)
        return [layer for _, layer in named]

    def clear_gradients(self, set_to_zero=True):
        """Set the gradients of all trainable parameters to zero."""
        for parameter in self.parameters():
            if parameter.trainable:
                parameter.clear_gradient(set_to_zero)

    def set_dict(self, stat_dict, include_sublayers=True, use_structured_name=True):
        """Copy the values of a state dict, arrays or variables, into the parameters.

        Args:
            stat_dict: by structured name, or by the parameters' own names.
            include_sublayers: accepted; it had no effect.
            use_structured_name: False for the parameters' own names.

        Raises:
            RuntimeError: a parameter is not in the state dict.
            ValueError: a shape differs.
        """
        unused = set(stat_dict)
        for name, parameter in self.state_dict().items():
            key = name if use_structured_name else parameter.name
            if key not in stat_dict:
                raise RuntimeError(f"the state dict has no value for parameter {key}; its names: {list(stat_dict)[:8]}")
            unused.discard(key)
            copy_value(key, parameter, stat_dict[key])
        if unused:
            warnings.warn(f"the layer has no parameters {sorted(unused)}; these values are not used", stacklevel=2)

    load_dict = set_dict


def start_parameter(create, shape, attr, dtype, is_bias, default_initializer):
    """Return a new Parameter that starts as fluid's did, None for attr=False.

    Args:
        create: Paddle's function of (attr, shape, dtype, is_bias, initializer).
        shape, attr, dtype, is_bias, default_initializer: see `Layer.create_parameter`.
    """
    shape = [int(length) for length in shape]
    start = default_initializer or (Constant(0.0) if is_bias else Xavier())
    attr = copy.copy(paddle.ParamAttr._to_attr(attr))  # one attribute may serve several parameters
    if attr is False:
        return None
    if isinstance(attr.initializer or start, Initializer):
        # Paddle fills the parameter with zeros, then fluid's initializer draws.
        start, attr.initializer = attr.initializer or start, None
        parameter = create(attr, shape, dtype, is_bias, paddle.nn.initializer.Constant(0.0))
        start(parameter)
    else:
        parameter = create(attr, shape, dtype, is_bias, start)
    return as_parameter(parameter)


def copy_value(name, parameter, value):
    """Set `parameter` to `value`, an array or tensor of its shape."""
    if list(np.shape(value)) != list(parameter.shape):
        raise ValueError(f"parameter {name} has shape {list(parameter.shape)}, its value {list(np.shape(value))}")
    with paddle.no_grad():
        value = value if isinstance(value, paddle.Tensor) else paddle.to_tensor(np.asarray(value))
        paddle.assign(value.cast(parameter.dtype), parameter)


__getattr__ = absent(__name__)
