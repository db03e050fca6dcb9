"""Where a layer holds its statistics, found again only when something in it has been added, replaced or frozen."""

from __future__ import annotations

import operator
from itertools import chain

import paddle

from ....kernels.foreach import TensorLists
from .parameters import places_of_statistics

__all__ = ["Statistics"]

HOLDERS = operator.itemgetter("_sub_layers", "_parameters", "_buffers")
is_constant = paddle.Tensor.stop_gradient.__get__  # also of classes with a slower attribute of that name


class Statistics:
    """The places of statistics of a layer and of those in it.

    A large network has thousands of layers: to look at all of them takes as long as many a kernel, and to compare what
    they hold with what they held a tenth of that.

    Args:
        layer: the layer.
    """

    _lists: TensorLists

    def __init__(self, layer):
        self._layer = layer
        self._find()

    def places(self):
        """Return what `places_of_statistics` does."""
        if not self._is_current():
            self._find()
        return self._places

    def lists(self) -> TensorLists:
        """Return the tensors of the places as lists that the kernels can work on."""
        if not self._lists.is_current():
            self._lists = TensorLists([tensor for _, _, tensor in self._places])
        return self._lists

    def _find(self):
        self._parts = self._layer.sublayers(include_self=True)
        self._attributes = [vars(part) for part in self._parts]
        self._holders = list(self._read_holders())
        self._lengths = list(map(len, self._holders))
        self._full = [holder for holder in self._holders if holder]
        self._names = list(contents(dict.keys, self._full))
        self._held = list(contents(dict.values, self._full))
        self._tensors = [value for value in self._held if isinstance(value, paddle.Tensor)]
        self._flags = self._read_flags()
        self._places = places_of_statistics(self._layer)
        self._lists = TensorLists([tensor for _, _, tensor in self._places])

    def _read_holders(self):
        return chain.from_iterable(map(HOLDERS, self._attributes))

    def _read_flags(self):
        return [*map(is_constant, self._tensors), *map(paddle.Tensor._is_initialized, self._tensors)]

    def _is_current(self):
        """Return whether all layers hold the very objects that they held, of which the same have gradients."""
        return (
            all(map(operator.is_, self._read_holders(), self._holders))
            and list(map(len, self._holders)) == self._lengths
            and all(map(operator.is_, contents(dict.keys, self._full), self._names))
            and all(map(operator.is_, contents(dict.values, self._full), self._held))
            and self._read_flags() == self._flags
        )


def contents(of, dictionaries):
    """Return an iterator of all keys or values of dictionaries, also of ordered ones, whose own iterators are slow."""
    return chain.from_iterable(map(of, dictionaries))
