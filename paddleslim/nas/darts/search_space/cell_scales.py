"""The mixture's weights of a cell in the shapes in which its operators need them."""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import NamedTuple

import paddle

from .cell_fans import FanShape, fans_of
from .cell_shape import CellShape, Member

__all__ = ["Places", "Scales", "gather", "make_places"]


class Places(NamedTuple):
    """Where the numbers of some vectors stand in a flat tensor; `zero` is put behind that."""

    index: paddle.Tensor
    lengths: list[int]
    zero: paddle.Tensor


def make_places(vectors: list[list[int]], dtype) -> Places:
    """Return the places of vectors of numbers from a tensor of type `dtype`."""
    index = paddle.to_tensor(list(chain(*vectors)), "int64")
    return Places(index, [len(vector) for vector in vectors], paddle.zeros([1], dtype))


def gather(values: list[paddle.Tensor], places: Places) -> list[paddle.Tensor]:
    """Return the vectors whose numbers stand at `places` in the values, taken row by row, and the zero."""
    if not places.lengths:
        return []
    flat = [x if x.ndim == 1 else x.reshape([-1]) for x in values]
    return paddle.split(paddle.gather(paddle.concat([*flat, places.zero]), places.index), places.lengths)


class Scales:
    """The mixture's weights, taken apart by a few operators.

    `norms` has, by a bundle's prefix, scale and shift of its norm, `[channels]` each; the shift is zero. `products`
    has, by a fan's sources, a matrix: what the states after it receive is this, times all that the fan's edges share.

    Args:
        shape: of the cell.
        weights: `[edges, operations]`.
        edge_weights: `[edges]`, if the cell has several parts.
    """

    def __init__(self, shape: CellShape, weights, edge_weights=None):
        plan = plan_of(shape, weights.shape[1], str(weights.place), weights.dtype)
        found = gather([weights] if edge_weights is None else [weights, edge_weights], plan.places)
        count = len(plan.prefixes)
        # a norm's scale has a gradient only together with its shift, which therefore is gathered, too
        self.norms = dict(zip(plan.prefixes, zip(found[:count], found[count : 2 * count])))
        matrices = zip(plan.widths.items(), found[2 * count :])
        self.products = {sources: matrix.reshape([-1, width]) for (sources, width), matrix in matrices}


class Plan(NamedTuple):
    """What `Scales` makes: scales by prefix, as many shifts, then matrices so wide by their fan's sources."""

    places: Places
    prefixes: list[str]
    widths: dict[tuple[int, ...], int]


@cache
def plan_of(shape: CellShape, columns: int, device: str, dtype) -> Plan:
    """Return the plan of a cell for weights of so many columns; `device` tells apart where its tensors are."""
    zero = len(shape.edges) * (columns + (shape.parts > 1))
    prefixes, scales, matrices = [], [], {}
    for fan in fans_of(shape):
        for bundle in fan.bundles:
            prefixes.append(bundle.prefix)
            members = [member for group in bundle.groups for member in group.members]
            scales.append([place(member, columns) for member in members for _ in range(shape.mixed_channels)])
        rows = matrix_of(shape, fan, columns, zero)
        if rows:
            matrices[fan.sources] = rows
    shifts = [[zero] * len(scale) for scale in scales]
    places = make_places([*scales, *shifts, *(list(chain(*rows)) for rows in matrices.values())], dtype)
    return Plan(places, prefixes, {sources: len(rows[0]) for sources, rows in matrices.items()})


def matrix_of(shape: CellShape, fan: FanShape, columns: int, zero: int) -> list[list[int]]:
    """Return the places of a fan's matrix.

    Its columns are those of the results that edges share, by operation and source, then the other parts of each source.
    Its rows are those of the mixed part of every state that receives such a result, then the other parts of all states.
    """
    groups = [group for same in fan.shared.values() for group in same]
    further = range(shape.parts - 1)
    rows = []
    for target in fan.shared_targets:
        of_groups = [
            next((place(member, columns) for member in group.members if member.target == target), zero)
            for group in groups
        ]
        rows.append(of_groups + [zero] * (len(fan.sources) * len(further)))
    edges = {(source, target): edge for source in fan.sources for edge, target in shape.edges_from(source)}
    first = len(shape.edges) * columns
    for target in fan.targets:
        for part in further:
            of_parts = [first + edges[source, target] if k == part else zero for source in fan.sources for k in further]
            rows.append([zero] * len(groups) + of_parts)
    return rows


def place(member: Member, columns: int) -> int:
    """Return where an operation's weight stands."""
    return member.edge * columns + member.column
