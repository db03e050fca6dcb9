"""The DARTS supernet edge by edge, each operation a layer of its own: the oracle of the fast one."""

import paddle
from paddle import nn

from paddleslim.nas.darts.search_space.operations import (
    PRIMITIVES,
    FactorizedReduce,
    ReLUConvBN,
    batch_norm,
    build_operation,
    conv,
)


class ExactAveragePool(nn.Layer):
    """3x3 average pooling whose border does not count, as quotients of sums.

    Paddle's operator rounds the shares of its gradient to single precision, also for tensors of double precision.
    """

    def __init__(self, stride):
        super().__init__()
        self.stride = stride

    def forward(self, x):
        return window_sums(x, self.stride) / window_sums(paddle.ones_like(x), self.stride)


def window_sums(x, stride):
    height, width = x.shape[2:]
    padded = nn.functional.pad(x, [1, 1, 1, 1])
    shifted = [padded[:, :, i : i + height : stride, j : j + width : stride] for i in range(3) for j in range(3)]
    return paddle.add_n(shifted)


def build_exactly(name, channels, stride):
    if name == "avg_pool_3x3":
        return ExactAveragePool(stride)
    return build_operation(name, channels, stride, affine=False)


class MixedOp(nn.Layer):
    def __init__(self, channels, stride, primitives):
        super().__init__()
        self._ops = nn.LayerList()
        for name in primitives:
            operation = build_exactly(name, channels, stride)
            if "pool" in name:
                operation = nn.Sequential(operation, batch_norm(channels, affine=False))
            self._ops.append(operation)

    def forward(self, x, weights):
        return paddle.add_n([weight * op(x) for weight, op in zip(weights.unbind(), self._ops)])


class PartialMixedOp(nn.Layer):
    """The mixed operation of PC-DARTS: on a quarter of the channels, the others pass by; then they are shuffled."""

    def __init__(self, channels, stride, primitives, parts):
        super().__init__()
        self.parts, self.channels = parts, channels // parts
        self.pool = nn.MaxPool2D(2, 2, ceil_mode=True) if stride == 2 else nn.Identity()
        mixed = MixedOp(channels // parts, stride, primitives)
        self._ops, self.mix = mixed._ops, mixed.forward

    def forward(self, x, weights):
        mixed = self.mix(x[:, : self.channels], weights)
        x = paddle.concat([mixed, self.pool(x[:, self.channels :])], axis=1)
        images, channels, height, width = x.shape
        x = x.reshape([images, self.parts, channels // self.parts, height, width])
        return x.transpose([0, 2, 1, 3, 4]).reshape([images, channels, height, width])


class Cell(nn.Layer):
    def __init__(self, sizes, channels, reduction, reduction_prev, primitives, mixed):
        super().__init__()
        self.reduction, (self._steps, self._multiplier, c_prev_prev, c_prev) = reduction, sizes
        reduce_input = FactorizedReduce if reduction_prev else ReLUConvBN
        self.preprocess0 = reduce_input(c_prev_prev, channels, affine=False)
        self.preprocess1 = ReLUConvBN(c_prev, channels, affine=False)
        self._ops = nn.LayerList(
            mixed(channels, 2 if reduction and source < 2 else 1, primitives)
            for state in range(self._steps)
            for source in range(2 + state)
        )

    def forward(self, s0, s1, weights, edge_weights):
        states = [self.preprocess0(s0), self.preprocess1(s1)]
        edges = list(zip(self._ops, weights.unbind(), edge_weights.unbind()))
        for step in range(self._steps):
            offset = step * (step + 3) // 2
            states.append(paddle.add_n([b * op(s, w) for s, (op, w, b) in zip(states, edges[offset:])]))
        return paddle.concat(states[-self._multiplier :], axis=1)


class PlainSupernet(nn.Layer):
    """DARTS, or with `parts` above 1 PC-DARTS, with the tensors' names of PaddleSlim's networks."""

    def __init__(self, channels, num_classes, layers, steps=4, multiplier=4, primitives=PRIMITIVES, parts=1):
        super().__init__()
        self._steps, self.parts = steps, parts

        def mixed(*arguments):
            return MixedOp(*arguments) if parts == 1 else PartialMixedOp(*arguments, parts)

        c_stem = 3 * channels
        self.stem = nn.Sequential(conv(3, c_stem, 3, padding=1), batch_norm(c_stem))
        before, reduction_prev = (c_stem, c_stem), False
        self.cells = nn.LayerList()
        for i in range(layers):
            reduction = i in (layers // 3, 2 * layers // 3)
            channels *= 2 if reduction else 1
            sizes = (steps, multiplier, *before)
            self.cells.append(Cell(sizes, channels, reduction, reduction_prev, primitives, mixed))
            reduction_prev, before = reduction, (before[1], multiplier * channels)
        self.classifier = nn.Linear(before[1], num_classes)
        count = steps * (steps + 3) // 2
        for cell in ("normal", "reduce"):
            size = [count, len(primitives)]
            setattr(self, f"alphas_{cell}", self.create_parameter(size, default_initializer=nn.initializer.Normal()))
            if parts > 1:
                betas = self.create_parameter([count], default_initializer=nn.initializer.Normal())
                setattr(self, f"betas_{cell}", betas)

    def edge_weights(self, cell):
        if self.parts == 1:
            return paddle.ones([self._steps * (self._steps + 3) // 2], self.alphas_normal.dtype)
        betas, first = getattr(self, f"betas_{cell}"), 0
        found = []
        for step in range(self._steps):
            found.append(nn.functional.softmax(betas[first : first + 2 + step]))
            first += 2 + step
        return paddle.concat(found)

    def forward(self, image):
        s0 = s1 = self.stem(image)
        for cell in self.cells:
            name = "reduce" if cell.reduction else "normal"
            weights = nn.functional.softmax(getattr(self, f"alphas_{name}"))
            s0, s1 = s1, cell(s0, s1, weights, self.edge_weights(name))
        return self.classifier(s1.mean(axis=[2, 3]))
