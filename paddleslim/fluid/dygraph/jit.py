"""`fluid.dygraph.jit`: functions once traced into static graphs run as they are written; layers can be deployed."""

from __future__ import annotations

import contextlib
import os

import paddle

from .._absent import absent
from .._tracer import is_training, mode
from .._variable import as_variable, plain
from .layers import Layer

__all__ = ["TracedLayer", "declarative", "dygraph_to_static_func"]


def declarative(func):
    """Return `func` itself: its result is the same without a graph. To deploy a layer, see `save`."""
    with contextlib.suppress(AttributeError):
        func._declarative = True
    return func


dygraph_to_static_func = declarative


class SaveLoadConfig:
    """Settings of `save` and `load`.

    Attributes:
        output_spec: the outputs to keep, all if None.
        model_filename, params_filename, separate_params, keep_name_table: accepted; today's files have fixed names.
    """

    def __init__(self):
        self.output_spec = None
        self.model_filename = self.params_filename = None
        self.separate_params = self.keep_name_table = False


def save(layer, model_path, input_spec=None, configs=None):
    """Write a layer, as it evaluates, for deployment: `model_path`.pdmodel or .json, and its parameters.

    Args:
        layer: its evaluation is written.
        model_path: the files' common prefix.
        input_spec: for each input a variable of its shape and type, or a `paddle.static.InputSpec`; None for those of
            the last call of a layer whose forward is `declarative`.
        configs: a `SaveLoadConfig`.

    Raises:
        ValueError: the inputs are not known.
    """
    inputs = input_spec if input_spec is not None else layer._last_inputs
    if inputs is None:
        raise ValueError(
            f"the inputs of {type(layer).__name__} are not known: give input_spec=, a variable like each input, or "
            "decorate its forward with fluid.dygraph.declarative and call it once"
        )
    write(layer, model_path, inputs, getattr(configs, "output_spec", None))


def write(layer, path, inputs, output_spec=None):
    """Write a layer with today's `paddle.jit.save`; the layer trains or evaluates afterwards as before."""
    specs = [describe_input(value) for value in inputs]
    options = {} if output_spec is None else {"output_spec": output_spec}
    training = [sub for sub in layer.sublayers(include_self=True) if sub.training]
    with mode(training=False):
        layer.eval()
        try:
            paddle.jit.save(_Deployed(layer), str(path), input_spec=[specs], **options)
        finally:
            for sub in training:
                sub.training = True


def describe_input(value):
    """Return the `InputSpec` of an input; one passes through."""
    if isinstance(value, paddle.static.InputSpec):
        return value
    shape, dtype = value if isinstance(value, tuple) else (list(value.shape), value.dtype)
    return paddle.static.InputSpec(shape, dtype)


class _Deployed(paddle.nn.Layer):
    """A layer on its way to a file: traced as it is, since Paddle 2.6 cannot rewrite fluid's functions."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer
        self.eval()

    def forward(self, inputs):
        return self.run(inputs)

    @paddle.jit.not_to_static
    def run(self, inputs):
        return self.layer(*inputs)


class TranslatedLayer(Layer):
    """A layer read from files, to evaluate: Paddle 2.6 gives no gradients to one that was saved as it evaluates."""

    def __init__(self, translated):
        super().__init__("translated_layer")
        self._translated = translated

    def forward(self, *inputs):
        outputs = self._translated(*plain(inputs))
        return list(map(as_variable, outputs)) if isinstance(outputs, (list, tuple)) else as_variable(outputs)


def load(model_path, configs=None):
    """Return the layer that `save` wrote to `model_path`.

    Paddle itself reads the files; load those of somebody whom you trust.

    Raises:
        ValueError: there are none, or Paddle cannot read them.
    """
    try:
        return TranslatedLayer(paddle.jit.load(str(model_path)))
    except (RuntimeError, ValueError, SystemError) as error:
        raise ValueError(f"{model_path} holds no layer that Paddle {paddle.__version__} can read") from error


class TracedLayer:
    """A layer with the inputs it was traced with; `trace` makes one."""

    def __init__(self, layer, inputs):
        self._layer, self._inputs, self._training = layer, inputs, is_training()

    @staticmethod
    def trace(layer, inputs):
        """Return what the layer gives for a list of inputs, and the traced layer."""
        inputs = list(inputs) if isinstance(inputs, (list, tuple)) else [inputs]
        return layer(*inputs), TracedLayer(layer, [(list(x.shape), x.dtype) for x in inputs])

    def set_strategy(self, build_strategy=None, exec_strategy=None):
        """Accept the strategies: the layer itself is run."""

    def __call__(self, inputs):
        """Return the outputs for a list of inputs, as a list of arrays."""
        if not isinstance(inputs, (list, tuple)) or len(inputs) != len(self._inputs):
            raise ValueError(f"inputs must be a list of {len(self._inputs)} variables, as at trace()")
        with paddle.no_grad(), mode(self._training):
            outputs = self._layer(*inputs)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        return [output.numpy() for output in outputs]

    def save_inference_model(self, dirname, feed=None, fetch=None):
        """Write the layer for deployment to `dirname`/model.pdmodel or .json, and its parameters.

        Args:
            dirname: a folder, made where it is missing.
            feed: numbers of the inputs; all of them must be there.
            fetch: numbers of the outputs to keep, all if None.

        Raises:
            ValueError: an input is left out.
        """
        if feed is not None and sorted(feed) != list(range(len(self._inputs))):
            raise ValueError(f"feed must be None or name all {len(self._inputs)} inputs, got {feed}")
        os.makedirs(dirname, exist_ok=True)
        layer = self._layer if fetch is None else _Outputs(self._layer, fetch)
        write(layer, os.path.join(dirname, "model"), self._inputs)


class _Outputs(Layer):
    """Some outputs of a layer, by number."""

    def __init__(self, layer, numbers):
        super().__init__()
        self._layer, self._numbers = layer, list(numbers)

    def forward(self, *inputs):
        outputs = self._layer(*inputs)
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        return [outputs[number] for number in self._numbers]


__getattr__ = absent(__name__)
