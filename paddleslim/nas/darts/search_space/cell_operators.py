"""A cell computed state by state with Paddle's operators: on GPUs, and wherever the kernels cannot run."""

from __future__ import annotations

from functools import cache

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
    scales = Scales(shape, weights)
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


class Scales:
    """The mixture's weights in the shapes in which a cell's groups need them, taken apart by a few operators.

    `wide` has for each group with tensors per edge a pair of one number per channel, the scale and a shift of zeros;
    `shared`, for groups that the same edges share, a matrix `[members, groups]`.
    """

    def __init__(self, shape: CellShape, weights):
        index, lengths = indices(shape, weights.shape[1], str(weights.place))
        found = paddle.gather(weights.flatten(), index)
        # Paddle computes the gradient of a norm's scale only together with that of a shift, so this depends on it too
        shifts = paddle.split(found * 0, lengths)
        self.wide, self.shared = {}, {}
        for key, part, shift in zip(keys_of_scales(shape), paddle.split(found, lengths), shifts):
            if isinstance(key, str):
                self.wide[key] = part, shift
            else:
                source, targets = key
                self.shared[source, targets] = part.reshape([len(targets), -1])


@cache
def indices(shape: CellShape, columns: int, device: str):
    """Return where in the flat weights the scales of a cell stand, one after the other, and the length of each."""
    found: list[list[int]] = []
    for source in range(shape.steps + 1):
        for group in shape.groups(source):
            if is_wide(group):
                places = [edge * columns + column for edge, column, _ in group.members]
                found.append([place for place in places for _ in range(shape.mixed_channels)])
        for groups in shared_groups(shape, source).values():
            of_edges = zip(*(group.members for group in groups))
            found.append([edge * columns + column for members in of_edges for edge, column, _ in members])
    return paddle.to_tensor([number for part in found for number in part], "int64"), [len(part) for part in found]


@cache
def keys_of_scales(shape: CellShape) -> list:
    """Return the prefix of each wide group, and (source, targets) of groups that share edges, as in `indices`."""
    found: list = []
    for source in range(shape.steps + 1):
        found += [group.prefix for group in shape.groups(source) if is_wide(group)]
        found += [(source, targets) for targets in shared_groups(shape, source)]
    return found


def is_wide(group: Group) -> bool:
    """Return whether a group has a result of its own for each edge, not one that all share."""
    return bool(group.convolutions()) or (group.name == "skip_connect" and group.stride == 2)


def shared_groups(shape: CellShape, source: int) -> dict[tuple[int, ...], list[Group]]:
    """Return the groups whose result all edges share, by the states that their edges end in."""
    found: dict[tuple[int, ...], list[Group]] = {}
    for group in shape.groups(source):
        if not is_wide(group):
            found.setdefault(tuple(target for _, _, target in group.members), []).append(group)
    return found


def norm(layer, x, scale_and_shift=None):
    """Return the batch norm of x, scaled and shifted per channel; Paddle's own norm does so at no cost."""
    if scale_and_shift is None:
        return layer(x)
    scale, shift = scale_and_shift
    if type(layer) is not nn.BatchNorm2D:
        return layer(x) * scale.reshape([1, -1, 1, 1])
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

    def __init__(self, shape: CellShape, owned: dict, source: int, scales: Scales):
        self.shape, self.source = shape, source
        self.owned, self.scales = owned, scales

    def parts(self, x) -> list[tuple[int, paddle.Tensor]]:
        """Return (target, what it receives) for the edges that leave the state x."""
        # what goes to the same states is summed before it is taken apart
        wide: dict[tuple[int, ...], list[paddle.Tensor]] = {}
        rectified, tiled = F.relu(x), {}
        for group in self.shape.groups(self.source):
            targets = tuple(target for _, _, target in group.members)
            if group.convolutions():
                if len(targets) not in tiled:
                    tiled[len(targets)] = rectified.tile([1, len(targets), 1, 1])
                wide.setdefault(targets, []).append(self.separable(group, tiled[len(targets)]))
            elif is_wide(group):
                wide.setdefault(targets, []).append(self.reduction(group, rectified))
        for targets, groups in shared_groups(self.shape, self.source).items():
            wide.setdefault(targets, []).append(self.mixed(targets, [self.shared(group, x) for group in groups]))
        return [
            (target, part)
            for targets, found in wide.items()
            for target, part in zip(targets, paddle.split(add_up(found), len(targets), axis=1))
        ]

    def separable(self, group: Group, x):
        """Return the weighed separable convolutions, `[N, members * channels, H, W]`; x holds each member's input."""
        convs = group.convolutions()
        for conv in convs:
            if conv is not convs[0]:
                x = F.relu(x)
            scale = self.scales.wide[group.prefix] if conv is convs[-1] else None
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
        return norm(self.owned[group.prefix + "bn"], x, self.scales.wide[group.prefix])

    def shared(self, group: Group, x):
        """Return what all members share: the normalised pool, or x."""
        if group.name == "skip_connect":
            return x
        pool = max_pool2d if group.name == "max_pool_3x3" else avg_pool2d
        return norm(self.owned[group.prefix + "bn"], pool(x, group.stride))

    def mixed(self, targets: tuple[int, ...], found: list):
        """Return the weighed sums of pools and identity, `[N, members * channels, H, W]`, as one product."""
        images, _, height, width = found[0].shape
        # [members, groups] @ [N, groups, channels * H * W]
        values = paddle.concat([alike(x, found[0]) for x in found], axis=1).reshape([images, len(found), -1])
        return paddle.matmul(self.scales.shared[self.source, targets], values).reshape([images, -1, height, width])
