"""The mixture's weights of a cell in the shapes in which its operators need them."""

from __future__ import annotations

from functools import cache
from itertools import chain
from typing import NamedTuple

import paddle

from .cell_shape import CellShape, EdgeOperation
from .out_edges import OutEdges, out_edges_of

__all__ = ["GatherIndices", "MixtureFactors", "gather", "make_indices"]


class GatherIndices(NamedTuple):
    """The indices of the numbers of some vectors in a flat tensor; `zero` is put behind that."""

    index: paddle.Tensor
    lengths: list[int]
    zero: paddle.Tensor


def make_indices(vectors: list[list[int]], dtype) -> GatherIndices:
    """Return the indices of vectors of numbers from a tensor of type `dtype`."""
    index = paddle.to_tensor(list(chain(*vectors)), "int64")
    return GatherIndices(index, [len(vector) for vector in vectors], paddle.zeros([1], dtype))


def gather(values: list[paddle.Tensor], indices: GatherIndices) -> list[paddle.Tensor]:
    """Return the vectors of numbers at `indices` of the values, taken row by row, and of the zero behind them."""
    if not indices.lengths:
        return []
    flat = [x if x.ndim == 1 else x.reshape([-1]) for x in values]
    return paddle.split(paddle.gather(paddle.concat([*flat, indices.zero]), indices.index), indices.lengths)


class MixtureFactors:
    """The mixture's weights, taken apart by a few operators.

    `norms` has, by the prefix of a fused group, scale and shift of its norm, `[channels]` each; the shift is zero.
    `products` has, by the sources of some edges, a matrix: what the states after them receive is this, times all that
    these edges share.

    Args:
        shape: of the cell.
        weights: `[edges, operations]`.
        edge_weights: `[edges]`, if the cell has several parts.
    """

    def __init__(self, shape: CellShape, weights, edge_weights=None):
        plan = plan_of(shape, weights.shape[1], str(weights.place), weights.dtype)
        found = gather([weights] if edge_weights is None else [weights, edge_weights], plan.indices)
        count = len(plan.prefixes)
        # a norm's scale has a gradient only together with its shift, which therefore is gathered, too
        self.norms = dict(zip(plan.prefixes, zip(found[:count], found[count : 2 * count])))
        matrices = zip(plan.widths.items(), found[2 * count :])
        self.products = {sources: matrix.reshape([-1, width]) for (sources, width), matrix in matrices}


class Plan(NamedTuple):
    """What `MixtureFactors` makes: scales by prefix, as many shifts, then matrices so wide by their sources."""

    indices: GatherIndices
    prefixes: list[str]
    widths: dict[tuple[int, ...], int]


@cache
def plan_of(shape: CellShape, columns: int, device: str, dtype) -> Plan:
    """Return the plan of a cell for weights of so many columns; `device` is where its tensors are."""
    zero = len(shape.edges) * (columns + (shape.parts > 1))
    prefixes, scales, matrices = [], [], {}
    for out_edges in out_edges_of(shape):
        for fused in out_edges.fused_groups:
            prefixes.append(fused.prefix)
            operations = [operation for group in fused.groups for operation in group.edge_operations]
            scales.append(
                [flat_index(operation, columns) for operation in operations for _ in range(shape.mixed_channels)]
            )
        rows = matrix_of(shape, out_edges, columns, zero)
        if rows:
            matrices[out_edges.sources] = rows
    shifts = [[zero] * len(scale) for scale in scales]
    indices = make_indices([*scales, *shifts, *(list(chain(*rows)) for rows in matrices.values())], dtype)
    return Plan(indices, prefixes, {sources: len(rows[0]) for sources, rows in matrices.items()})


def matrix_of(shape: CellShape, out_edges: OutEdges, columns: int, zero: int) -> list[list[int]]:
    """Return the indices of the matrix of some edges.

    Its columns are those of the results that edges share, by operation and source, then the other parts of each source.
    Its rows are those of the mixed part of every state that receives such a result, then the other parts of all states.
    """
    groups = [group for same in out_edges.shared.values() for group in same]
    further = range(shape.parts - 1)
    rows = []
    for target in out_edges.shared_targets:
        of_groups = [
            next((flat_index(o, columns) for o in group.edge_operations if o.target == target), zero)
            for group in groups
        ]
        rows.append(of_groups + [zero] * (len(out_edges.sources) * len(further)))
    edges = {(source, target): edge for source in out_edges.sources for edge, target in shape.edges_from(source)}
    first = len(shape.edges) * columns
    for target in out_edges.targets:
        for part in further:
            of_parts = [
                first + edges[source, target] if k == part else zero for source in out_edges.sources for k in further
            ]
            rows.append([zero] * len(groups) + of_parts)
    return rows


def flat_index(operation: EdgeOperation, columns: int) -> int:
    """Return the index of an operation's weight among all, taken row by row."""
    return operation.edge * columns + operation.column
