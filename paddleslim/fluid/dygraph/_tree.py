"""Convolution over trees."""

from __future__ import annotations

import numpy as np
import paddle

from .._functions.activations import append_activation
from .._functions.elementwise import elementwise_add
from .._variable import fluid_function
from .layers import Layer

__all__ = ["TreeConv"]


class TreeConv(Layer):
    """Tree-based convolution (Mou et al., 2016): each node with its descendants up to `max_depth`.

    The weight is [feature_size, 3, output_size, num_filters]: for the parts left, right and top of a window.
    """

    def __init__(
        self,
        feature_size,
        output_size,
        num_filters=1,
        max_depth=2,
        act="tanh",
        param_attr=None,
        bias_attr=None,
        name=None,
        dtype="float32",
    ):
        super().__init__(dtype=dtype)
        self._max_depth, self._act = max_depth, act
        self.bias = self.create_parameter([num_filters], bias_attr, dtype, is_bias=True) if bias_attr else None
        self.weight = self.create_parameter([feature_size, 3, output_size, num_filters], param_attr, dtype)

    def forward(self, nodes_vector, edge_set):
        """Return [N, nodes, output_size, num_filters].

        Args:
            nodes_vector: [N, nodes, feature_size].
            edge_set: [N, edges, 2], parent and child counted from 1, 0 for no edge.
        """
        out = tree_conv(nodes_vector, edge_set, self.weight, self._max_depth)
        if self.bias is not None:
            out = elementwise_add(out, self.bias, axis=1)
        return append_activation(out, self._act)


@fluid_function
def tree_conv(nodes, edges, weight, max_depth):
    parts = np.stack([window_parts(e, nodes.shape[1], max_depth) for e in edges.numpy()])
    # [N, 3, nodes, nodes] @ [N, 1, nodes, feature] -> the features of each part of each window.
    gathered = paddle.matmul(paddle.to_tensor(parts.astype(str(nodes.numpy().dtype))), nodes.unsqueeze(1))
    return paddle.einsum("npvf,fpok->nvok", gathered, weight)


def window_parts(edges, count, max_depth):
    """Return how much each node belongs to left, right and top of the window of each node, [3, windows, nodes].

    A node at depth d of max_depth that is the i-th of n siblings (from 1) has top = (max_depth - d) / max_depth,
    left = (1 - top) * (i - 1) / (n - 1), one half where n = 1, and right = (1 - top) * (1 - left).
    """
    children: dict[int, list[int]] = {}
    for parent, child in edges:
        if parent and child:
            children.setdefault(int(parent), []).append(int(child))
    nodes = set(children).union(*children.values()) if children else set()
    parts = np.zeros((3, count, count))

    def descend(root, node, place, siblings, depth):
        top = (max_depth - depth) / max_depth
        left = (1 - top) * (0.5 if siblings == 1 else (place - 1) / (siblings - 1))
        parts[:, root - 1, node - 1] += left, (1 - top) * (1 - left), top
        if depth + 1 < max_depth:
            offspring = children.get(node, [])
            for number, child in enumerate(offspring, start=1):
                descend(root, child, number, len(offspring), depth + 1)

    for root in nodes:
        descend(root, root, 1, 1, 0)
    return parts
