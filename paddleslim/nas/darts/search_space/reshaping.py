"""Cells of a supernet made anew with fewer operations or more channels, their weights carried over.

New channels are copies of random ones, as in Net2WiderNet (Chen et al., 2016): what reads a channel that is there n
times has an n-th of its weight for each, so that an operation has the results it had, n times.
"""

from __future__ import annotations

import dataclasses
import math

import numpy as np

from .cell import Cell
from .cell_shape import SKIPS, CellShape
from .cell_tensors import tensors_of

__all__ = ["reshape_cells"]


def reshape_cells(cells, edges, parts, generator):
    """Replace the cells of a supernet; return what carries its tensors over.

    Args:
        cells: the `LayerList`, of `Cell` objects.
        edges: for normal and for reduction cells the names of the operations of each edge.
        parts: only one of so many equal parts of the channels passes through the operations.
        generator: a `numpy.random.Generator`, for the channels that are copied.

    Returns:
        A function of a mapping from names in the supernet's state dict to arrays, which returns one for the new cells:
        what is not of a cell is the same, what a cell had not is left out. With `split=False` no weight is divided,
        with `fill=True` there is a newly drawn one for what a cell had not.
    """
    moves = []
    for number, cell in enumerate(cells):
        shape = dataclasses.replace(cell.shape, edges=edges[cell.shape.reduction], parts=parts)
        if shape == cell.shape:
            continue
        moves.append(CellMove(number, cell.shape, shape, generator))
        cells[number] = Cell(shape, cell.recompute)

    def carry(arrays, split=True, fill=False):
        names = {f"cells.{move.number}." for move in moves}
        found = {name: array for name, array in arrays.items() if not name.startswith(tuple(names))}
        for move in moves:
            found.update(move.carry(arrays, split, fill))
        return found

    return carry


class CellMove:
    """From the tensors of a cell of one shape to those of one of another.

    Args:
        number: of the cell.
        before, after: its shapes.
        generator: draws the channels that are copied, and weights where there was none.
    """

    def __init__(self, number, before: CellShape, after: CellShape, generator):
        self.number, self.before, self.after = number, before, after
        self.generator = generator
        c, d = before.mixed_channels, after.mixed_channels
        sizes = ((c, d), (c // 2, d // 2), (c - c // 2, d - d // 2))
        self.maps = {size: channel_map(*size, generator) for size in sizes}

    def carry(self, arrays, split, fill):
        """Return the arrays of the new cell by their names, from those of the old one."""
        had: dict[tuple, np.ndarray] = {}
        for name, keys in list_parts(self.number, self.before):
            if name in arrays:
                for key, array in zip(keys, np.split(arrays[name], len(keys))):
                    had.update((alias, array) for alias in key)
        found = {}
        for name, keys in list_parts(self.number, self.after):
            pieces = [self._move(key, had, split, fill and self._size(name, len(keys))) for key in keys]
            if all(piece is not None for piece in pieces):
                found[name] = np.concatenate(pieces)
        return found

    def _size(self, name, count):
        """Return the shape of one of the `count` parts of a new tensor."""
        own = name[len(f"cells.{self.number}.") :]
        kind = own.rpartition(".")[0] if own.endswith(("._mean", "._variance")) else own
        first, *rest = tensors_of(self.after)[kind].shape
        return [first // count, *rest]

    def _move(self, key, had, split, size):
        """Return a part of a tensor for the new cell, None if there is none."""
        array = next((had[alias] for alias in key if alias in had), None)
        if array is None or not array.size:
            return self._draw(key[0], size) if size else None
        edge, name, rest = key[0]
        if edge is None or self.before.mixed_channels == self.after.mixed_channels:
            return array
        if array.shape[2:] == (1, 1):  # a pointwise convolution reads channels, too
            columns = self._map(array.shape[1])
            array = array[:, columns]
            if split:
                array = array / np.bincount(columns)[columns].reshape([1, -1, 1, 1]).astype(array.dtype)
        rows = self._halved() if name in SKIPS and rest.startswith("bn") else self._map(len(array), rest)
        return array[rows]

    def _map(self, size, rest=""):
        """Return which old channel each new one is, of tensors of so many channels."""
        c = self.before.mixed_channels
        if size == c:
            return self.maps[(c, self.after.mixed_channels)]
        first = rest.startswith("conv1")  # of a factorised reduction, whose halves may differ by one
        d = self.after.mixed_channels
        return self.maps[(c // 2, d // 2) if first else (c - c // 2, d - d // 2)]

    def _halved(self):
        """Return the map of what a factorised reduction puts side by side."""
        c, d = self.before.mixed_channels, self.after.mixed_channels
        return np.concatenate([self.maps[(c // 2, d // 2)], c // 2 + self.maps[(c - c // 2, d - d // 2)]])

    def _draw(self, key, size):
        """Return new weights of a shape, or the statistics with which a norm begins."""
        if key[2].endswith("._mean"):
            return np.zeros(size, "float32")
        if key[2].endswith("._variance"):
            return np.ones(size, "float32")
        # He et al. (2015)
        return (self.generator.standard_normal(size) * math.sqrt(2 / np.prod(size[1:]))).astype("float32")


def channel_map(old, new, generator):
    """Return for each of the new channels the old one it is: the first ones themselves, further ones drawn."""
    further = generator.integers(0, max(old, 1), max(new - old, 0))
    return np.concatenate([np.arange(min(old, new)), further]).astype(int)


def list_parts(number, shape):
    """Return pairs of a tensor's name in the supernet, and of what each of its parts is.

    A part has several keys (edge, operation, name of its own) where edges share it; of what belongs to no operation
    the edge is None.
    """
    found = []
    for name, owned in tensors_of(shape).items():
        for kind in ("",) if name.endswith("weight") else ("._mean", "._variance"):
            keys = [[find_key(shape, path + kind) for path in part] for part in owned.parts]
            found.append((f"cells.{number}.{name}{kind}", keys))
    return found


def find_key(shape, path):
    """Return (edge, operation, name of its own) of what the per-edge layout calls `path`."""
    if not path.startswith("_ops."):
        return None, None, path
    _, edge, _, column, rest = path.split(".", 4)
    return int(edge), shape.edges[int(edge)][int(column)], rest
