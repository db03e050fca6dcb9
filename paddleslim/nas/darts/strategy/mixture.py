"""How alphas become the weights that mix the operations of an edge."""

from __future__ import annotations

import dataclasses
from typing import ClassVar

import paddle

from ..genotype.edges import softmax

__all__ = ["Softmax", "mixed_by"]


@dataclasses.dataclass(frozen=True)
class Softmax:
    """p = softmax(a) over the operations of an edge (DARTS, eq. 2)."""

    equation: ClassVar[str] = "p = softmax(a)"
    samples: ClassVar[bool] = False

    def weights(self, alphas, progress, generator):
        """Return the weights of the operations, `[edges, operations]`, of alphas of that shape."""
        return paddle.nn.functional.softmax(alphas)

    def strength(self, alphas):
        """Return softmax(a) of an array `[edges, operations]`: what the genotype is read from."""
        return softmax(alphas)

    def curves(self, progress):
        """Return what anneals, by name: nothing."""
        return {}


class mixed_by:
    """A `with` block inside which a supernet mixes its operations by a mixture.

    Args:
        supernet: its attribute `mixture`, a function of (alphas, index of the cell's kind), is replaced.
        mixture: an object with `weights(alphas, progress, generator)`; `Softmax`, which is what supernets do by
            themselves, leaves the supernet as it is.
        progress: a `Progress`.
        make_generator: function of an index that returns a `numpy.random.Generator`, at the same place each time.

    Raises:
        AttributeError: the supernet mixes its operations itself and has no such attribute.
    """

    def __init__(self, supernet, mixture, progress, make_generator):
        self.supernet, self.mixture = supernet, mixture
        self.progress, self.make_generator = progress, make_generator

    def __enter__(self):
        if isinstance(self.mixture, Softmax):
            return
        check_hook(self.supernet, self.mixture)
        supernet = self.supernet
        self.before = supernet.mixture, getattr(supernet, "zeros_have_no_gradient", False)
        supernet.mixture = self.mix
        supernet.zeros_have_no_gradient = getattr(self.mixture, "zeros_have_no_gradient", False)

    def __exit__(self, *_):
        if not isinstance(self.mixture, Softmax):
            self.supernet.mixture, self.supernet.zeros_have_no_gradient = self.before

    def mix(self, alphas, index=0):
        return self.mixture.weights(alphas, self.progress, self.make_generator(index))


def check_hook(supernet, part):
    """Raise an AttributeError unless `supernet` lets its mixture be replaced, or `part` is the softmax it has."""
    if not isinstance(part, Softmax) and not callable(getattr(supernet, "mixture", None)):
        raise AttributeError(
            f"{type(part).__name__} replaces how operations are mixed, but {type(supernet).__name__} mixes them by "
            "itself; let it call `self.mixture(alphas, index)` where it takes the softmax of its alphas, as the "
            "supernets of paddleslim.nas.darts.search_space do"
        )
