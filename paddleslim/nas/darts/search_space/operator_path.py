"""A cell computed with Paddle's operators, state by state: on GPUs, and wherever the kernels cannot run."""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.nn import functional as F

from paddleslim.kernels import avg_pool2d, depthwise_conv2d, max_pool2d

from .cell_shape import SKIPS, CellShape, Convolution
from .mixture_factors import MixtureFactors
from .out_edges import FusedGroup, OutEdges, out_edges_of

__all__ = ["cell_by_operators"]


def cell_by_operators(shape: CellShape, owned: dict, custom: list, s0, s1, weights, edge_weights=None):
    """Return the output `[N, multiplier * channels, H, W]` of a cell.

    Args:
        shape: of the cell.
        owned: the cell's weights and norms, by name.
        custom: the operations that belong to no group, and the layer of each.
        s0, s1: the two inputs, `[N, channels, H, W]`.
        weights: `[edges, operations]`, those of PC-DARTS times their edge's.
        edge_weights: `[edges]`, of PC-DARTS.
    """
    factors = MixtureFactors(shape, weights, edge_weights)
    mixed, passing = Sums(shape.mixed_channels), Sums(shape.channels - shape.mixed_channels)
    x, states = preprocess(shape, owned, s0, s1), []
    for out_edges in out_edges_of(shape):
        operations = OutEdgeOperations(shape, out_edges, owned, factors, x)
        operations.add_fused_groups(mixed)
        operations.add_product(mixed, passing)
        operations.add_custom(mixed, custom, weights)
        x = mixed.total(out_edges.targets[0])
        if shape.parts > 1:
            passed = passing.total(out_edges.targets[0])
            x = shuffle([x, *paddle.split(passed, shape.parts - 1, axis=1)])
        states.append(x)
    return paddle.concat(states[-shape.multiplier :], axis=1)


class Sums:
    """What states receive, added up; what goes to several of them is one tensor until the first of them is due."""

    def __init__(self, channels: int):
        self.channels = channels
        self.waiting: dict[tuple[int, ...], list[paddle.Tensor]] = {}

    def add(self, targets: tuple[int, ...], x) -> None:
        """Add to each of the states its part of x, `[N, targets * channels, H, W]`."""
        self.waiting.setdefault(targets, []).append(x)

    def total(self, state: int):
        """Return the sum `[N, channels, H, W]` of a state; those before it have been taken."""
        found = []
        for targets in [targets for targets in self.waiting if targets[0] == state]:
            x = add_up(self.waiting.pop(targets))
            if len(targets) > 1:
                x, rest = paddle.split(x, [self.channels, (len(targets) - 1) * self.channels], axis=1)
                self.add(targets[1:], rest)
            found.append(x)
        return add_up(found)


def shuffle(parts: list[paddle.Tensor]):
    """Return the parts' channels, the first of each and then the second of each and so on."""
    images, channels, height, width = parts[0].shape
    parts = [alike(part, parts[0]) for part in parts]
    return paddle.stack(parts, axis=2).reshape([images, len(parts) * channels, height, width])


def add_up(parts: list[paddle.Tensor]):
    """Return the sum; under automatic mixed precision some parts may be of lower precision than the first."""
    return parts[0] if len(parts) == 1 else paddle.add_n([alike(part, parts[0]) for part in parts])


def joined(parts: list[paddle.Tensor]):
    """Return the channels of all parts, one after the other."""
    return parts[0] if len(parts) == 1 else paddle.concat([alike(part, parts[0]) for part in parts], axis=1)


def alike(tensor, other):
    """Return the tensor in the type of the other."""
    return tensor if tensor.dtype == other.dtype else tensor.astype(other.dtype)


def norm(layer, x, scale_and_shift=None):
    """Return the batch norm of x, scaled and shifted per channel; Paddle's own norm does so at no cost."""
    if scale_and_shift is None:
        return layer(x)
    scale, shift = scale_and_shift
    if type(layer) is not nn.BatchNorm2D or (layer.training and x.shape[0] * x.shape[2] * x.shape[3] == 1):
        # of one number for each channel Paddle's norm returns that, whatever the scale
        return layer(x) * scale.reshape([1, -1, 1, 1])
    return F.batch_norm(x, layer._mean, layer._variance, weight=scale, bias=shift, training=layer.training)


def preprocess(shape: CellShape, owned: dict, *inputs):
    """Return the first two states, `[N, 2 * channels, H, W]`: the inputs after ReLU, pointwise convolution and norm."""
    found = []
    for k, x in enumerate(inputs):
        x, name = F.relu(x), f"preprocess{k}."
        if name + "conv.weight" in owned:
            found.append(F.conv2d(x, owned[name + "conv.weight"]))
        else:
            even, odd = owned[name + "conv1.weight"], owned[name + "conv2.weight"]
            found += [F.conv2d(x, even, stride=2), F.conv2d(odd_pixels(x), odd)]
    return norm(owned["preprocess.bn"], joined(found))


def odd_pixels(x):
    """Return every second pixel of x from the second one on; odd sizes are rounded up with zeros."""
    height, width = x.shape[2:]
    x = x[:, :, 1::2, 1::2]
    return F.pad(x, [0, width % 2, 0, height % 2]) if height % 2 or width % 2 else x


class OutEdgeOperations:
    """The operations of edges on the states they leave, `[N, sources * channels, H, W]` one after the other."""

    def __init__(self, cell_shape: CellShape, shape: OutEdges, owned: dict, factors: MixtureFactors, x):
        self.shape, self.owned, self.factors = shape, owned, factors
        self.channels = cell_shape.mixed_channels
        self.rest: list[paddle.Tensor] = []  # the channels that pass by the operations
        if cell_shape.parts > 1:
            sections = [self.channels, cell_shape.channels - self.channels] * len(shape.sources)
            parts = paddle.split(x, sections, axis=1)
            x, self.rest = joined(parts[::2]), parts[1::2]
        self.x = x

    def take(self, sources: list[int]):
        """Return the operations' channels of some of the states."""
        return choose(self.x, self.shape.sources, sources)

    def add_fused_groups(self, mixed: Sums) -> None:
        """Add the results of the operations whose weights differ from edge to edge."""
        rectified = F.relu(self.x) if self.shape.fused_groups else None
        for fused in self.shape.fused_groups:
            x = self.reductions(fused, rectified) if fused.is_reduction else self.separables(fused, rectified)
            x = norm(self.owned[fused.prefix + "bn"], x, self.factors.norms[fused.prefix])
            if len(fused.groups) > 1:
                images, _, height, width = x.shape
                x = x.reshape([images, len(fused.groups), -1, height, width]).sum(axis=1)
            mixed.add(fused.targets, x)

    def separables(self, fused: FusedGroup, rectified):
        """Return the separable convolutions before the last norm, `[N, operations * channels, H, W]`."""
        owned, found, inputs = self.owned, [], {}
        for name, groups in fused.by_name().items():
            sources, prefix = tuple(group.source for group in groups), f"{fused.prefix}{name}."
            if sources not in inputs:
                inputs[sources] = repeated(
                    choose(rectified, self.shape.sources, sources), len(sources), len(fused.targets)
                )
            x, count = inputs[sources], len(sources) * len(fused.targets)
            *first, last = groups[0].convolutions()
            for conv in first:
                x = F.conv2d(convolved(x, owned, prefix, conv), owned[prefix + conv.pointwise], groups=count)
                x = F.relu(norm(owned[prefix + conv.norm], x))
            found.append(convolved(x, owned, prefix, last))
        count = len(fused.groups) * len(fused.targets)
        return F.conv2d(joined(found), owned[fused.prefix + "conv.weight"], groups=count)

    def reductions(self, fused: FusedGroup, rectified):
        """Return the factorised reductions before their norm, `[N, operations * channels, H, W]`."""
        even, odd = (self.owned[f"{fused.prefix}{conv}.weight"] for conv in ("conv1", "conv2"))
        sources = [group.source for group in fused.groups]
        x, count = choose(rectified, self.shape.sources, sources), len(sources)
        halves = [F.conv2d(x, even, stride=2, groups=count), F.conv2d(odd_pixels(x), odd, groups=count)]
        images, _, height, width = halves[0].shape
        halves = [half.reshape([images, count * len(fused.targets), -1, height, width]) for half in halves]
        return paddle.concat(halves, axis=2).reshape([images, -1, height, width])

    def add_product(self, mixed: Sums, passing: Sums) -> None:
        """Add pools and identity, which all edges share, and the channels that pass by, as one product."""
        shape, matrix = self.shape, self.factors.products.get(self.shape.sources)
        if matrix is None:
            return
        found = [self.shared(name, [group.source for group in same]) for name, same in shape.shared.items()]
        found += self.rest if shape.stride == 1 else [F.max_pool2d(part, 2, 2, ceil_mode=True) for part in self.rest]
        values = joined(found)
        images, _, height, width = values.shape
        # [rows, columns] @ [N, columns, channels * H * W]
        x = paddle.matmul(matrix, values.reshape([images, matrix.shape[1], -1])).reshape([images, -1, height, width])
        count = len(shape.shared_targets) * self.channels
        if self.rest and count:
            part, x = paddle.split(x, [count, x.shape[1] - count], axis=1)
            mixed.add(shape.shared_targets, part)
        elif count:
            mixed.add(shape.shared_targets, x)
        if self.rest:
            passing.add(shape.targets, x)

    def shared(self, name: str, sources: list[int]):
        """Return what all edges from some states share: the normalised pool, or the states."""
        x = self.take(sources)
        if name in SKIPS:
            return x
        pool = max_pool2d if name == "max_pool_3x3" else avg_pool2d
        return norm(self.owned[f"out_edges.{self.shape.sources[0]}.{name}.bn"], pool(x, self.shape.stride))

    def add_custom(self, mixed: Sums, custom: list, weights) -> None:
        """Add the operations that belong to no group, one by one."""
        for operation, layer in custom:
            if operation.source in self.shape.sources:
                weight = weights[operation.edge, operation.column]
                mixed.add((operation.target,), weight * layer(self.take([operation.source])))


def convolved(x, owned: dict, prefix: str, conv: Convolution):
    """Return a depthwise convolution."""
    padding = conv.dilation * (conv.size // 2)
    return depthwise_conv2d(x, owned[prefix + conv.depthwise], conv.stride, padding, conv.dilation)


def choose(x, sources, chosen):
    """Return the states `chosen` from x, which holds the states `sources` one after the other."""
    if list(chosen) == list(sources):
        return x
    states = dict(zip(sources, paddle.split(x, len(sources), axis=1)))
    return joined([states[source] for source in chosen])


def repeated(x, states: int, times: int):
    """Return each of the states in x so many times before the next."""
    if times == 1:
        return x
    if states == 1:
        return x.tile([1, times, 1, 1])
    images, channels, height, width = x.shape
    return x.reshape([images, states, -1]).tile([1, 1, times]).reshape([images, times * channels, height, width])
