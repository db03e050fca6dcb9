"""A cell computed state by state with Paddle's operators: on GPUs, and wherever the kernels cannot run."""

from __future__ import annotations

import paddle
from paddle import nn
from paddle.nn import functional as F

from paddleslim.kernels import avg_pool2d, depthwise_conv2d, max_pool2d

from .cell_shape import CellShape, Convolution, Group

__all__ = ["cell_by_operators"]


def cell_by_operators(shape: CellShape, owned: dict, others: dict, s0, s1, weights, edge_weights=None):
    """Return the output `[N, multiplier * channels, H, W]` of a cell.

    Args:
        shape: of the cell.
        owned: the cell's weights and norms, by name.
        others: layers of the operations that belong to no group, by (edge, column).
        s0, s1: the two inputs, `[N, channels, H, W]`.
        weights: `[edges, operations]`.
        edge_weights: `[edges]`, of PC-DARTS; None for one each.
    """
    if edge_weights is not None:
        weights = weights * edge_weights.unsqueeze(1)
    sums: list[list[paddle.Tensor]] = [[] for _ in range(shape.steps + 2)]
    for k, x in enumerate((s0, s1)):
        sums[k].append(preprocess(shape, owned, k, F.relu(x)))
    states: list[paddle.Tensor] = []
    passing: list[list[paddle.Tensor]] = [[] for _ in sums]  # what passes by the operations
    scales = weights_of_groups(shape, weights)
    for source in range(shape.steps + 2):
        x = state = add_up(sums[source])
        if shape.parts > 1 and source > 1:
            x = state = shuffle(paddle.concat([state, add_up(passing[source])], axis=1), shape.parts)
        states.append(state)
        if source > shape.steps:
            break
        if shape.parts > 1:
            x, rest = paddle.split(state, [shape.mixed_channels, shape.channels - shape.mixed_channels], axis=1)
            if shape.reduction and source < 2:
                rest = F.max_pool2d(rest, 2, 2, ceil_mode=True)
            for edge, target in shape.edges_from(source):
                passing[target].append(rest if edge_weights is None else edge_weights[edge] * rest)
        for target, part in Fan(shape, owned, source, scales).parts(x):
            sums[target].append(part)
        for other in shape.others():
            if other.source == source:
                part = weights[other.edge, other.column] * others[other.edge, other.column](x)
                sums[other.target].append(part)
    return paddle.concat(states[-shape.multiplier :], axis=1)


def shuffle(x, parts: int):
    """Return x with its channels `[parts, channels / parts]` in the order `[channels / parts, parts]`."""
    images, channels, height, width = x.shape
    x = x.reshape([images, parts, channels // parts, height, width]).transpose([0, 2, 1, 3, 4])
    return x.reshape([images, channels, height, width])


def add_up(parts: list[paddle.Tensor]):
    """Return the sum; under automatic mixed precision some parts may be of lower precision than the first."""
    return paddle.add_n([alike(part, parts[0]) for part in parts])


def alike(tensor, other):
    """Return the tensor in the type of the other."""
    return tensor if tensor.dtype == other.dtype else tensor.astype(other.dtype)


def weights_of_groups(shape: CellShape, weights) -> dict[str, paddle.Tensor]:
    """Return for each group, by its prefix, the mixture's weights of its members."""
    groups = [group for source in range(shape.steps + 1) for group in shape.groups(source)]
    columns = weights.shape[1]
    index = [edge * columns + column for group in groups for edge, column, _ in group.members]
    if not groups:
        return {}
    found = paddle.gather(weights.flatten(), paddle.to_tensor(index, place=weights.place))
    parts = paddle.split(found, [len(group.members) for group in groups])
    return {group.prefix: part for group, part in zip(groups, parts)}


def norm(layer, x, scale=None):
    """Return the batch norm of x, times `scale`, one number per channel; Paddle's own norm weighs at no cost."""
    if scale is None:
        return layer(x)
    if type(layer) is not nn.BatchNorm2D:
        return layer(x) * scale.reshape([1, -1, 1, 1])
    shift = scale * 0  # Paddle computes the gradient of a scale only together with that of a shift
    return F.batch_norm(x, layer._mean, layer._variance, weight=scale, bias=shift, training=layer.training)


def preprocess(shape: CellShape, owned: dict, k: int, rectified):
    """Return an input after ReLU, pointwise convolution and norm."""
    name = f"preprocess{k}."
    if name + "conv.weight" in owned:
        x = F.conv2d(rectified, owned[name + "conv.weight"])
    else:
        x = paddle.concat(factorized(rectified, owned[name + "conv1.weight"], owned[name + "conv2.weight"]), axis=1)
    return norm(owned[name + "bn"], x)


def factorized(x, even, odd) -> list[paddle.Tensor]:
    """Return two pointwise convolutions of every second pixel, from the first and from the second one on."""
    height, width = x.shape[2:]
    shifted = F.pad(x, [0, width % 2, 0, height % 2])[:, :, 1:, 1:]
    return [F.conv2d(x, even, stride=2), F.conv2d(shifted, odd, stride=2)]


class Fan:
    """The operations that read one state."""

    def __init__(self, shape: CellShape, owned: dict, source: int, scales: dict):
        self.groups, self.channels = shape.groups(source), shape.mixed_channels
        self.owned, self.scales = owned, scales

    def parts(self, x) -> list[tuple[int, paddle.Tensor]]:
        """Return (target, what it receives) for the edges that leave the state x."""
        rectified = F.relu(x)
        # groups on the same edges are summed before they are taken apart again
        wide: dict[tuple[int, ...], list[paddle.Tensor]] = {}
        plain: dict[tuple[int, ...], list[tuple[Group, paddle.Tensor]]] = {}
        for group in self.groups:
            targets = tuple(target for _, _, target in group.members)
            if group.convolutions():
                wide.setdefault(targets, []).append(self.separable(group, rectified))
            elif group.name == "skip_connect" and group.stride == 2:
                wide.setdefault(targets, []).append(self.reduction(group, rectified))
            else:
                plain.setdefault(targets, []).append((group, self.pool(group, x)))
        for targets, found in plain.items():
            wide.setdefault(targets, []).append(self.mixed(found))
        return [
            (target, part)
            for targets, found in wide.items()
            for target, part in zip(targets, paddle.split(add_up(found), len(targets), axis=1))
        ]

    def scale(self, group: Group):
        """Return the mixture's weight of each channel of a group."""
        scales = self.scales[group.prefix]
        return scales.unsqueeze(1).expand([len(group.members), self.channels]).flatten()

    def separable(self, group: Group, rectified):
        """Return the weighed separable convolutions, `[N, members * channels, H, W]`."""
        x, convs = rectified.tile([1, len(group.members), 1, 1]), group.convolutions()
        for conv in convs:
            if conv is not convs[0]:
                x = F.relu(x)
            scale = self.scale(group) if conv is convs[-1] else None
            x = norm(self.owned[group.prefix + conv.norm], self.convolve(group, conv, x), scale)
        return x

    def convolve(self, group: Group, conv: Convolution, x):
        """Return depthwise and pointwise convolution of all members at once."""
        depthwise, pointwise = (self.owned[group.prefix + name] for name in (conv.depthwise, conv.pointwise))
        padding = conv.dilation * (conv.size // 2)
        x = depthwise_conv2d(x, depthwise, conv.stride, padding, conv.dilation)
        return F.conv2d(x, pointwise, groups=len(group.members))

    def reduction(self, group: Group, rectified):
        """Return the weighed factorised reductions, `[N, members * channels, H, W]`."""
        halves = factorized(rectified, *(self.owned[f"{group.prefix}{conv}.weight"] for conv in ("conv1", "conv2")))
        images, _, height, width = halves[0].shape
        halves = [half.reshape([images, len(group.members), -1, height, width]) for half in halves]
        x = paddle.concat(halves, axis=2).reshape([images, -1, height, width])
        return norm(self.owned[group.prefix + "bn"], x, self.scale(group))

    def pool(self, group: Group, x):
        """Return what all members share: the normalised pool, or x."""
        if group.name == "skip_connect":
            return x
        pool = max_pool2d if group.name == "max_pool_3x3" else avg_pool2d
        return norm(self.owned[group.prefix + "bn"], pool(x, group.stride))

    def mixed(self, found: list[tuple[Group, paddle.Tensor]]):
        """Return the weighed sums of pools and identity, `[N, members * channels, H, W]`, as one product."""
        images, _, height, width = found[0][1].shape
        weights = paddle.stack([self.scales[group.prefix] for group, _ in found], axis=1)  # [members, operations]
        values = paddle.stack(
            [alike(x, found[0][1]).flatten(1) for _, x in found], axis=1
        )  # [N, operations, channels * H * W]
        return paddle.matmul(weights, values).reshape([images, -1, height, width])
