"""Layers as graphs of operators, which the kernels for the CPU compute as one program."""

from __future__ import annotations

import weakref

import paddle
from paddle import nn

from paddleslim.kernels import usable

__all__ = ["LayerGraph", "Unsupported", "compute", "mean_of_pixels", "run"]

GRAPHS: weakref.WeakKeyDictionary = weakref.WeakKeyDictionary()  # by layer, then by what a graph depends on

MOST_GRAPHS = 32  # of one layer


class Unsupported(Exception):
    """A layer has no graph."""


def compute(layer, images, factors=(), options=(), recompute=False):
    """Return what a layer puts out, computed by the kernels; None where Paddle's operators have to.

    These have to on other devices, without numba, where a sublayer is of an unknown kind or has hooks, and where norms
    are not all in the mode of the layer.

    Args:
        layer: has a method `describe(graph, images, factors, *options)`, which returns the numbers of the outputs, or
            is a layer of Paddle's of one input.
        images: tensors `[N, channels, H, W]`.
        factors: further tensors: weights of a mixture, masks.
        options: plain values, on which the graph depends.
        recompute: whether the backward pass computes the layer again instead of keeping what it needs.
    """
    if not usable(*images, *factors):
        return None
    layers = layer.sublayers(include_self=True)
    if any(part._forward_pre_hooks or part._forward_post_hooks for part in layers):
        return None
    if any(isinstance(part, nn.BatchNorm2D) and part.training != layer.training for part in layers):
        return None
    key = (tuple(map(id, layers)), tuple(image.shape[1] for image in images), len(factors), options)
    known = GRAPHS.setdefault(layer, {})
    if key not in known:
        while len(known) >= MOST_GRAPHS:  # of a search that draws operations there is no end of them
            del known[next(iter(known))]
        try:
            known[key] = LayerGraph(layer, key[1], len(factors), options)
        except Unsupported:
            known[key] = None
    if known[key] is None:
        return None
    tensors = [*images, *factors, *known[key].tensors()]
    if not usable(*tensors):
        return None
    from paddleslim.kernels.graph.function import apply  # needs numba, and a moment to load it

    return apply(known[key].graph, tensors, layer.training, recompute)


def run(layer, x):
    """Return what a layer of one input puts out, computed by the kernels where they can."""
    if isinstance(layer, nn.Identity):
        return layer(x)
    found = compute(layer, [x])
    return layer(x) if found is None else found[0]


def mean_of_pixels(images):
    """Return the mean over all pixels, `[N, channels]`.

    It is over one axis, since on the CPU the gradient of a mean over two takes Paddle seventeen times as long.
    """
    return images.flatten(2).mean(axis=-1)


class LayerGraph:
    """A graph under construction, which numbers the tensors of layers as it meets them.

    Args:
        layer: what to describe.
        channels: of its images.
        factors: how many further tensors it has.
        options: of its `describe`.

    Raises:
        Unsupported: it holds what the kernels do not know.
    """

    def __init__(self, layer, channels, factors, options):
        from paddleslim.kernels.graph import parts
        from paddleslim.kernels.graph.graph import Graph
        from paddleslim.kernels.graph.operators.basic import Image

        self.graph, self.parts = Graph(), parts
        self._places: list[tuple[weakref.ref, str]] = []
        self._numbers: dict[tuple[int, str], int] = {}
        images = [self.graph.add(Image(self.graph.tensor(), c)) for c in channels]
        numbers = [self.graph.tensor() for _ in range(factors)]
        describe = getattr(layer, "describe", None)
        outputs = describe(self, images, numbers, *options) if describe else self(layer, *images)
        self.graph.outputs += outputs if isinstance(outputs, list) else [outputs]

    def tensors(self) -> list[paddle.Tensor]:
        """Return the tensors of the layers, behind the images and factors."""
        return [getattr(layer(), name) for layer, name in self._places]

    def parameter(self, layer, name, offset=0):
        """Return a tensor of a layer, from a number on, as an operator's parameter."""
        from paddleslim.kernels.graph.graph import Parameter

        key = id(layer), name
        if key not in self._numbers:
            self._numbers[key] = self.graph.tensor()
            self._places.append((weakref.ref(layer), name))
        return Parameter(self._numbers[key], offset)

    def factor(self, tensor, offset=0, per_image=0):
        """Return a factor of a sum: a number of a tensor, or one for each image, so far apart."""
        from paddleslim.kernels.graph.graph import Parameter

        return Parameter(tensor, offset, per_image)

    def __call__(self, layer, x):
        """Return the value of a layer of one input."""
        kind = type(layer)
        if hasattr(layer, "describe"):
            return layer.describe(self, [x], [])
        if kind in (nn.Sequential, nn.LayerList):
            for part in layer:
                x = self(part, x)
            return x
        if isinstance(layer, nn.Conv2D) and kind.__name__ in ("Conv2D", "Convolution"):
            return self.conv(layer, x)
        handlers = {
            nn.BatchNorm2D: self.norm,
            nn.ReLU: lambda layer, x: self.relu(x),
            nn.Identity: lambda layer, x: x,
            nn.AvgPool2D: self.average_pool,
        }
        if kind not in handlers:
            raise Unsupported(kind.__name__)
        return handlers[kind](layer, x)

    def relu(self, x):
        """Return max(x, 0)."""
        return self.parts.relu(self.graph, x)

    def conv(self, layer, x, first=0, outputs=None):
        """Return a convolution without bias, of one group or depthwise; of a wide one so many outputs.

        Their weights begin with the number `first`.
        """
        around, channels = layer._padding, layer._in_channels
        lengths = [*layer.weight.shape[2:], *pair(layer._stride), *pair(layer._dilation)]
        height, width, *steps = lengths
        depthwise = 1 < layer._groups == channels == layer._out_channels
        plain = layer.bias is None and layer._padding_mode == "zeros" and layer._data_format == "NCHW"
        if not (plain and (layer._groups == 1 or depthwise) and height == width and steps[0] == steps[1]):
            raise Unsupported("convolution")
        if steps[2] != steps[3] or not isinstance(around, int) or around > steps[2] * (height - 1):
            raise Unsupported("convolution")
        weight = self.parameter(layer, "weight", first)
        options = (outputs or layer._out_channels, height, steps[0], (around,) * 4, steps[2], layer._groups)
        return self.parts.conv2d(self.graph, x, weight, *options)

    def factorized(self, even, odd, x):
        """Return two convolutions of every second pixel, side by side, the second from the next pixel on."""
        weights = self.parameter(even, "weight"), self.parameter(odd, "weight")
        return self.parts.factorized_reduction(self.graph, x, *weights, even._out_channels + odd._out_channels)

    def norm(self, layer, x, first=0):
        """Return a batch norm; of a wide one the channels from `first` on."""
        from paddleslim.kernels.graph.operators.norm import Norm

        if (layer._epsilon, layer._momentum) != (1e-5, 0.9) or layer._use_global_stats:
            raise Unsupported("norm")
        names = ["_mean", "_variance"]
        if layer.weight is not None and layer.bias is not None:
            names += ["weight", "bias"]
        elif layer.weight is not None or layer.bias is not None:
            raise Unsupported("norm")
        return self.graph.add(Norm(*(self.parameter(layer, name, first) for name in names)), x)

    def average_pool(self, layer, x):
        """Return an average pooling of square windows."""
        lengths = layer.ksize, layer.stride or layer.ksize, layer.padding
        if not all(isinstance(length, int) for length in lengths) or layer.divisor or layer.data_format != "NCHW":
            raise Unsupported("pool")
        return self.pool("average", *lengths, x, not layer.exclusive, layer.ceil_mode)

    def pool(self, kind, size, stride, border, x, inclusive=False, ceil=False):
        """Return a pooling, 'max' or 'average'."""
        from paddleslim.kernels.graph.operators.pooling import Pool

        return self.parts.pool(self.graph, Pool(kind, size, stride, border, inclusive, ceil), x)

    def sum(self, terms, factors=None):
        """Return the weighted sum of values; a factor of None is 1."""
        from paddleslim.kernels.graph.operators.sums import Sum

        return self.graph.add(Sum(tuple(factors or (None,) * len(terms))), *terms)

    def zeros(self, x, stride=1):
        """Return zeros of the shape of x, or of every `stride`-th pixel of it."""
        from paddleslim.kernels.graph.operators.sums import Zeros

        return self.graph.add(Zeros(stride), x)

    def concat(self, values):
        """Return the channels of all values, one after the other."""
        return self.parts.concat(self.graph, values)

    def mean(self, x):
        """Return the mean over all pixels."""
        from paddleslim.kernels.graph.operators.pooling import Mean

        return self.parts.pool(self.graph, Mean(), x)


def pair(lengths):
    """Return two lengths, of one or two."""
    return (lengths, lengths) if isinstance(lengths, int) else tuple(lengths)
