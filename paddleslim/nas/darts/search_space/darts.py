"""The DARTS supernet: every edge of every cell a softmax mixture of all operations (DARTS, eq. 2)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

import numpy as np
import paddle
from paddle import nn

from ....common.checks import Count
from ..genotype.edges import edge_count
from .auxiliary_skip import fit_columns, with_auxiliary_skip
from .cell import Cell
from .cell_shape import CellShape
from .layer_graph import mean_of_pixels, run
from .loss_hook import LossByCriterion
from .mixture_hook import softmax_mixture
from .operation_weights import operation_weights_of_cells
from .operations import PRIMITIVES, batch_norm, conv
from .pruning import PRUNED, all_columns, kept_columns
from .reshaping import reshape_cells
from .sampled import live_operations

__all__ = ["DARTSSupernet", "check_sizes", "operations_of_edges"]


class DARTSSupernet(LossByCriterion):
    """The supernet of DARTS (Liu et al., 2019): `[N, in_channels, H, W]` images to `[N, classes]` logits.

    Args:
        channels: channels of the first cells; doubled at each reduction.
        num_classes: how many classes there are.
        layers: how many cells; those at 1/3 and 2/3 of the depth are reduction cells.
        in_channels: channels of the images, which may have any height and width.
        steps: inner states of a cell.
        multiplier: how many of the last states a cell puts out, concatenated.
        stem_multiplier: channels after the stem, in multiples of `channels`.
        primitives: names of the operations on every edge, or one sequence of names for each edge.
        recompute: whether the backward pass computes each cell again: less memory, the same numbers.
        builders: mapping from names in `primitives` that are not operations of DARTS to functions of
            (channels, stride, affine) that return a `paddle.nn.Layer`.
        auxiliary_skip: whether every edge has a skip connection besides, for a mixture that weighs it (DARTS-); the
            alphas have no column for it, and where the mixture has none, its weight is zero.

    Raises:
        ValueError: a size is below 1, `multiplier` above `steps`, an operation is unknown, or there are operations
            for another number of edges.
    """

    _method, _parts = "DARTS", 1
    mixture = staticmethod(softmax_mixture)
    zeros_have_no_gradient = False  # a search sets it where its mixture draws one operation an edge
    # for both kinds of cells the columns of the operations that were not pruned
    kept: tuple[tuple[tuple[int, ...], ...] | None, ...] = (None, None)

    def __init__(
        self,
        channels: int = 16,
        num_classes: int = 10,
        layers: int = 8,
        in_channels: int = 3,
        steps: int = 4,
        multiplier: int = 4,
        stem_multiplier: int = 3,
        primitives: Sequence[str] | Sequence[Sequence[str]] = PRIMITIVES,
        recompute: bool = False,
        builders: Mapping[str, Callable[..., Any]] | None = None,
        auxiliary_skip: bool = False,
    ) -> None:
        super().__init__()
        check_sizes(channels=channels, num_classes=num_classes, layers=layers, in_channels=in_channels)
        check_sizes(steps=steps, multiplier=multiplier, stem_multiplier=stem_multiplier)
        if multiplier > steps:
            raise ValueError(f"multiplier must be at most steps ({steps}), got {multiplier}")
        self._steps, self._multiplier, self._primitives = steps, multiplier, tuple(primitives)
        edges = operations_of_edges(primitives, edge_count(steps))
        self.auxiliary_skip = auxiliary_skip
        of_cells = with_auxiliary_skip(edges) if auxiliary_skip else edges

        c_stem = stem_multiplier * channels
        self.stem = nn.Sequential(conv(in_channels, c_stem, 3, padding=1), batch_norm(c_stem))
        c_prev_prev, c_prev, reduction_prev = c_stem, c_stem, False
        self.cells = nn.LayerList()
        for i in range(layers):
            reduction = i in (layers // 3, 2 * layers // 3)
            channels *= 2 if reduction else 1
            before, reductions = (c_prev_prev, c_prev), (reduction, reduction_prev)
            shape = CellShape(before, channels, *reductions, steps, multiplier, of_cells, self._parts)
            self.cells.append(Cell(shape, recompute, builders))
            reduction_prev, c_prev_prev, c_prev = reduction, c_prev, multiplier * channels
        self.classifier = nn.Linear(c_prev, num_classes)

        near_uniform, size = nn.initializer.Normal(0.0, 1e-3), [len(edges), len(edges[0])]
        self.alphas_normal = self.create_parameter(size, default_initializer=near_uniform)
        self.alphas_reduce = self.create_parameter(size, default_initializer=near_uniform)

    def forward(self, image: paddle.Tensor) -> paddle.Tensor:
        """Return the logits `[N, num_classes]` of images `[N, in_channels, height, width]`."""
        s0 = s1 = run(self.stem, image)
        normal, reduce = self.mixtures()
        live = [self._live(kind[0]) for kind in (normal, reduce)]
        for cell in self.cells:
            mixed = reduce if cell.shape.reduction else normal
            s0, s1 = s1, cell(s0, s1, *mixed, live=live[cell.shape.reduction])
        return self.classifier(mean_of_pixels(s1))

    def mixtures(self) -> list[tuple[paddle.Tensor, ...]]:
        """Return for normal and for reduction cells the weights of their operations, `([edges, operations],)`."""
        return [(self._mix(alphas, index),) for index, alphas in enumerate((self.alphas_normal, self.alphas_reduce))]

    def _live(self, weights: paddle.Tensor) -> Any:
        """Return which operations are to be computed, see `live_operations`."""
        return live_operations(weights, weights.shape[1] - self.auxiliary_skip, self.zeros_have_no_gradient)

    def _mix(self, alphas: paddle.Tensor, index: int) -> paddle.Tensor:
        """Return the weights of the operations and, if there is one, of the auxiliary skip connection."""
        kept = kept_columns(alphas, self.kept[index])
        return fit_columns(self.mixture(kept, index), kept.shape[1] + self.auxiliary_skip)

    def edge_operations(self) -> tuple[tuple[tuple[str, ...], ...], ...]:
        """Return for normal and for reduction cells the names of the operations of each edge, pruned ones too."""
        return (operations_of_edges(self._primitives, self.alphas_normal.shape[0]),) * 2

    def check_parts(self, parts: int) -> None:
        """Raise a ValueError unless the cells can be made anew with so many parts of the channels, see `reshape`."""
        if parts > 1 and type(self)._parts == 1:
            raise ValueError(
                f"{type(self).__name__} has no weights of edges, which a search on 1/{parts} of the channels needs; "
                "use the supernet of PC-DARTS (space pc-darts)"
            )
        for cell in self.cells:
            if cell.shape.channels % parts:
                raise ValueError(f"channels must be a multiple of {parts} for a stage, got {cell.shape.channels}")
            for custom in cell.shape.custom_operations():
                raise ValueError(
                    f"a stage cannot make {custom.name!r} anew, an operation of your own; search with those of DARTS"
                )

    def reshape(self, parts: int, kept: Sequence[Any], generator: np.random.Generator) -> Any:
        """Make the cells anew with these parts of the channels and these operations; alphas of pruned ones end.

        Args:
            parts: only one of so many equal parts of the channels passes through the operations.
            kept: for normal and for reduction cells the columns of each edge's operations, equally many; see
                `strongest_columns`. The mixture sees the alphas of these alone.
            generator: a `numpy.random.Generator`, see `reshape_cells`.

        Returns:
            What carries tensors of the old cells over to the new ones, see `reshape_cells`.

        Raises:
            ValueError: the channels cannot be divided so, or the supernet has no weights of edges for parts of them.
        """
        self.check_parts(parts)
        names = self.edge_operations()
        edges = tuple(
            tuple(tuple(of_edge[c] for c in columns) for of_edge, columns in zip(of_cells, of_kind))
            for of_cells, of_kind in zip(names, kept)
        )
        carry = reshape_cells(
            self.cells, tuple(map(with_auxiliary_skip, edges)) if self.auxiliary_skip else edges, parts, generator
        )
        self._parts, self.kept = parts, tuple(kept)
        for alphas, columns, of_cells in zip((self.alphas_normal, self.alphas_reduce), kept, names):
            values = alphas.numpy()
            values[values < PRUNED / 2] = 0.0  # of operations that come back
            for edge, (own, of_edge) in enumerate(zip(columns, all_columns(of_cells))):
                values[edge, [c for c in of_edge if c not in own]] = PRUNED
            alphas.set_value(values)
        return carry

    def operation_weights(self) -> Any:
        """Return the parameters of every operation by its name, see `OperationWeights`."""
        return operation_weights_of_cells(self)

    def arch_parameters(self) -> list[paddle.Tensor]:
        """Return `[alphas_normal, alphas_reduce]`, each `[edges, operations]`."""
        return [self.alphas_normal, self.alphas_reduce]


def operations_of_edges(primitives: Sequence[str] | Sequence[Sequence[str]], count: int) -> tuple[tuple[str, ...], ...]:
    """Return the operations of each of `count` edges as a tuple of tuples of names.

    Raises:
        ValueError: there are operations for another number of edges, or more of them on one edge than on another.
    """
    if all(isinstance(name, str) for name in primitives):
        return (tuple(map(str, primitives)),) * count
    edges = tuple(tuple(names) for names in primitives)
    if len(edges) != count:
        raise ValueError(f"primitives must name the operations of {count} edges, got {len(edges)}")
    lengths = {len(names) for names in edges}
    if len(lengths) > 1:
        raise ValueError(f"every edge must have as many operations, got {sorted(lengths)}; fill up with 'none'")
    return edges


def check_sizes(**sizes: int) -> dict[str, int]:
    """Return the named sizes as plain numbers, or raise a ValueError for the first that is no whole one above 0."""
    return {name: Count()(name, size) for name, size in sizes.items()}
