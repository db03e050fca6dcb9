"""The DARTS supernet: every edge of every cell a softmax mixture of all operations (DARTS, eq. 2)."""

from __future__ import annotations

import paddle
from paddle import nn

from .operations import PRIMITIVES, FactorizedReduce, ReLUConvBN, batch_norm, build_operation, conv

__all__ = ["Cell", "DARTSSupernet", "MixedOp"]


class MixedOp(nn.Layer):
    """One edge: the sum of all its operations, weighed."""

    def __init__(self, channels, stride, primitives):
        super().__init__()
        self._ops = nn.LayerList()
        for name in primitives:
            operation = build_operation(name, channels, stride, affine=False)
            if "pool" in name:
                operation = nn.Sequential(operation, batch_norm(channels, affine=False))
            self._ops.append(operation)

    def forward(self, x, weights):
        """Return `sum_o weights[o] * o(x)`; `weights` is `[operations]`."""
        return paddle.add_n([weight * op(x) for weight, op in zip(weights.unbind(), self._ops)])


class Cell(nn.Layer):
    """A cell: two inputs, `steps` states that each sum the edges from all earlier ones."""

    def __init__(
        self, steps, multiplier, c_prev_prev, c_prev, channels, reduction, reduction_prev, primitives
    ):
        super().__init__()
        self.reduction, self._steps, self._multiplier = reduction, steps, multiplier
        reduce_input = FactorizedReduce if reduction_prev else ReLUConvBN
        self.preprocess0 = reduce_input(c_prev_prev, channels, affine=False)
        self.preprocess1 = ReLUConvBN(c_prev, channels, affine=False)
        self._ops = nn.LayerList(
            MixedOp(channels, 2 if reduction and source < 2 else 1, primitives)
            for state in range(steps)
            for source in range(2 + state)
        )

    def forward(self, s0, s1, weights):
        """Return `[N, multiplier * channels, H, W]`; `weights` is `[edges, operations]`."""
        states = [self.preprocess0(s0), self.preprocess1(s1)]
        edges = list(zip(self._ops, weights.unbind()))
        for step in range(self._steps):
            offset = step * (step + 3) // 2  # 2 + 3 + ... edges end in earlier states
            mixed = [op(s, w) for s, (op, w) in zip(states, edges[offset:])]
            states.append(paddle.add_n(mixed))
        return paddle.concat(states[-self._multiplier :], axis=1)


class DARTSSupernet(nn.Layer):
    """The supernet of DARTS (Liu et al., 2019): `[N, in_channels, H, W]` images to `[N, classes]` logits.

    Args:
        channels: channels of the first cells; doubled at each reduction.
        num_classes: how many classes there are.
        layers: how many cells; those at 1/3 and 2/3 of the depth are reduction cells.
        in_channels: channels of the images, which may have any height and width.
        steps: inner states of a cell.
        multiplier: how many of the last states a cell puts out, concatenated.
        stem_multiplier: channels after the stem, in multiples of `channels`.
        primitives: names of the operations on every edge.

    Raises:
        ValueError: a size is below 1, `multiplier` above `steps`, or an operation is unknown.
    """

    _method = "DARTS"

    def __init__(
        self,
        channels=16,
        num_classes=10,
        layers=8,
        in_channels=3,
        steps=4,
        multiplier=4,
        stem_multiplier=3,
        primitives=PRIMITIVES,
    ):
        super().__init__()
        check_sizes(channels=channels, num_classes=num_classes, layers=layers, in_channels=in_channels)
        check_sizes(steps=steps, multiplier=multiplier, stem_multiplier=stem_multiplier)
        if multiplier > steps:
            raise ValueError(f"multiplier must be at most steps ({steps}), got {multiplier}")
        self._steps, self._multiplier, self._primitives = steps, multiplier, tuple(primitives)

        c_stem = stem_multiplier * channels
        self.stem = nn.Sequential(conv(in_channels, c_stem, 3, padding=1), batch_norm(c_stem))
        c_prev_prev, c_prev, reduction_prev = c_stem, c_stem, False
        self.cells = nn.LayerList()
        for i in range(layers):
            reduction = i in (layers // 3, 2 * layers // 3)
            channels *= 2 if reduction else 1
            self.cells.append(
                Cell(steps, multiplier, c_prev_prev, c_prev, channels, reduction, reduction_prev, primitives)
            )
            reduction_prev, c_prev_prev, c_prev = reduction, c_prev, multiplier * channels
        self.classifier = nn.Linear(c_prev, num_classes)

        edges = steps * (steps + 3) // 2
        near_uniform = nn.initializer.Normal(0.0, 1e-3)
        self.alphas_normal = self.create_parameter([edges, len(primitives)], default_initializer=near_uniform)
        self.alphas_reduce = self.create_parameter([edges, len(primitives)], default_initializer=near_uniform)

    def forward(self, image):
        s0 = s1 = self.stem(image)
        normal = nn.functional.softmax(self.alphas_normal)
        reduce = nn.functional.softmax(self.alphas_reduce)
        for cell in self.cells:
            s0, s1 = s1, cell(s0, s1, reduce if cell.reduction else normal)
        return self.classifier(s1.mean(axis=[2, 3]))

    def _loss(self, image, label):
        return nn.functional.cross_entropy(self(image), label)

    def arch_parameters(self):
        """Return `[alphas_normal, alphas_reduce]`, each `[edges, operations]`."""
        return [self.alphas_normal, self.alphas_reduce]


def check_sizes(**sizes):
    """Raise a ValueError for the first of the named sizes that is not a positive integer."""
    for name, size in sizes.items():
        if not isinstance(size, int) or size < 1:
            raise ValueError(f"{name} must be an integer of at least 1, got {size!r}")
