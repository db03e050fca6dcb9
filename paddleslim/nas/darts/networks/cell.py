"""The discrete cell of a genotype."""

from __future__ import annotations

import paddle
from paddle import nn

from paddleslim.kernels import usable

from ..genotype.known import check_concat
from ..search_space.custom_operations import make_operation
from ..search_space.layer_graph import compute, run
from ..search_space.operations import FactorizedReduce, ReLUConvBN

__all__ = ["DiscreteCell", "draw_masks", "drop_path"]


class DiscreteCell(nn.Layer):
    """A cell that holds the operations of a genotype alone: two inputs, states of two operations each.

    Args:
        gene: list of `(operation, source)`, two for each state.
        concat: the states whose concatenation is put out.
        c_prev_prev, c_prev: channels of the two inputs.
        channels: channels of each state.
        reduction: True to halve height and width.
        reduction_prev: whether the cell before did, so that the first input is larger than the second.
        builders: operations of one's own, see `make_operation`.

    Raises:
        ValueError: `concat` names what is no inner state of the cell.
    """

    def __init__(self, gene, concat, c_prev_prev, c_prev, channels, reduction, reduction_prev, builders=None):
        super().__init__()
        check_concat("the concat of the cell", concat, len(gene) // 2)
        reduce_input = FactorizedReduce if reduction_prev else ReLUConvBN
        self.preprocess0 = reduce_input(c_prev_prev, channels)
        self.preprocess1 = ReLUConvBN(c_prev, channels)
        self.concat, self.reduction = list(concat), reduction
        self.sources = [source for _, source in gene]
        self.operations = nn.LayerList(
            make_operation(name, channels, 2 if reduction and source < 2 else 1, True, builders)
            for name, source in gene
        )

    def forward(self, s0, s1, drop_probability=0.0):
        """Return `[N, len(concat) * channels, H, W]`."""
        masks, drops = [], drop_probability > 0 and self.training and self.droppable > 0
        if drops and usable(s0, s1):
            masks = [draw_masks([s0.shape[0], self.droppable], drop_probability, s0.dtype)]
        found = compute(self, [s0, s1], masks, (0, self.droppable))
        if found is not None:
            return found[0]
        # what the kernels do not know, an operation of one's own or one with a hook, leaves the others to them
        states = [run(self.preprocess0, s0), run(self.preprocess1, s1)]
        branches = []
        for operation, source in zip(self.operations, self.sources):
            branch = run(operation, states[source])
            if drops and not isinstance(operation, nn.Identity):
                branch = drop_path(branch, drop_probability)
            branches.append(branch)
            if len(branches) == 2:
                states.append(branches[0] + branches[1])
                branches = []
        return paddle.concat([states[state] for state in self.concat], axis=1)

    @property
    def droppable(self):
        """How many operations drop path may leave out: all but the identities."""
        return sum(not isinstance(operation, nn.Identity) for operation in self.operations)

    def describe(self, graph, images, factors, masked=0, masks_per_image=0):
        """Return the value of the cell in a graph.

        Droppable operations are multiplied with masks if the one factor `[N, masks_per_image]` is given; those of the
        cell begin at `masked`.
        """
        states, terms, masks = [graph(self.preprocess0, images[0]), graph(self.preprocess1, images[1])], [], []
        for operation, source in zip(self.operations, self.sources):
            terms.append(graph(operation, states[source]))
            drops = bool(factors) and not isinstance(operation, nn.Identity)
            masks.append(graph.factor(factors[0], masked, masks_per_image) if drops else None)
            masked += drops
            if len(terms) == 2:
                states.append(graph.sum(terms, masks))
                terms, masks = [], []
        return graph.concat([states[state] for state in self.concat])


def drop_path(x, probability):
    """Set each sample of `x`, `[N, ...]`, to zero with this probability and scale the others, so the mean stays.

    FractalNet (Larsson et al., 2017), as DARTS uses it in retraining.
    """
    return x * draw_masks([x.shape[0]] + [1] * (x.ndim - 1), probability, x.dtype)


def draw_masks(shape, probability, dtype):
    """Return a tensor of zeros, with this probability, and of numbers that make its mean one."""
    kept = 1 - probability
    return paddle.bernoulli(paddle.full(shape, kept, dtype)) / kept
