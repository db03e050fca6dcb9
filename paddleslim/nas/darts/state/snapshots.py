"""What a pass may move, held and put back bit-for-bit: parameters, buffers, random states."""

from __future__ import annotations

import contextlib

import paddle

from ....kernels.foreach import Snapshot
from .parameters import places_of_statistics
from .random_states import read_random_states, write_random_states

__all__ = ["PassState", "kept", "shifted", "undisturbed"]


@contextlib.contextmanager
def kept(tensors):
    """Yield a `Snapshot` of the tensors; on leaving they are again what they were, bit-for-bit."""
    before = Snapshot(tensors)
    try:
        yield before
    finally:
        before.restore()


@contextlib.contextmanager
def shifted(weights, directions, scale):
    """Hold every weight at w + scale * direction; on leaving it is w again, bit-for-bit.

    Args:
        weights: parameters, changed in place.
        directions: tensors of the same shapes; None leaves its weight alone.
        scale: a number or a tensor of one element.
    """
    with kept(weights) as originals:
        originals.move(directions, scale)
        yield


@contextlib.contextmanager
def undisturbed(supernet):
    """Yield the present `PassState` of `supernet`; on leaving, it is restored."""
    state = PassState(supernet)
    try:
        yield state
    finally:
        state.restore()


class PassState:
    """What a pass may move: the buffers of a supernet, and the random states of Paddle, numpy and Python.

    Args:
        supernet: the layer.
        statistics: its `Statistics`, where states are taken again and again.
    """

    def __init__(self, supernet, statistics=None):
        self._places = statistics.places() if statistics else places_of_statistics(supernet)
        lists = statistics.lists() if statistics else None
        self._before = Snapshot([tensor for _, _, tensor in self._places], lists)
        self._random = read_random_states()

    def restore(self):
        """Make everything what it was, bit-for-bit."""
        write_random_states(self._random)
        self._before.restore()
        now = [holder.get(name) for holder, name, _ in self._places]
        replaced = [k for k, (_, _, tensor) in enumerate(self._places) if now[k] is not tensor and now[k] is not None]
        if replaced:  # a pass has put other tensors in their place
            copies = self._before.copies()
            with paddle.no_grad():
                for k in replaced:
                    paddle.assign(copies[k], now[k])
