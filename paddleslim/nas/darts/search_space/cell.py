"""A cell of the supernet, computed state by state: all edges that leave a state share what they can."""

from __future__ import annotations

import paddle
from paddle import nn

from paddleslim.kernels import usable

from .cell_shape import CellShape
from .cell_tensors import tensors_of
from .custom_operations import make_operation
from .operator_path import cell_by_operators
from .recompute import recomputed

__all__ = ["Cell"]


class Cell(nn.Layer):
    """A cell: two inputs, inner states that each sum the edges from all earlier ones.

    On the CPU it is one function of the kernels, elsewhere a series of Paddle's operators.

    Args:
        shape: channels, stride, edges and operations.
        recompute: whether the backward pass computes the cell again instead of keeping what it needs.
        builders: mapping from further operations' names to functions of (channels, stride, affine).
    """

    def __init__(self, shape: CellShape, recompute: bool = False, builders=None):
        super().__init__()
        self.shape, self.recompute = shape, recompute
        self._holders = {name: self._own(name, own.shape) for name, own in tensors_of(shape).items()}
        self._custom = []
        for custom in shape.custom_operations():
            layer = make_operation(custom.name, shape.mixed_channels, custom.stride, affine=False, builders=builders)
            self._custom.append((custom, layer))
            self.add_sublayer(f"custom_{custom.edge}_{custom.column}", layer)

    def _own(self, path, size):
        """Make the weight or norm at `path`; return the sublayer that holds it, and its name there."""
        *parents, name = path.split(".")
        holder = self
        for parent in parents:
            if parent not in holder._sub_layers:
                holder.add_sublayer(parent, nn.Layer())
            holder = holder._sub_layers[parent]
        if name == "weight":
            init = nn.initializer.KaimingNormal()
            holder.add_parameter(name, self.create_parameter(size, default_initializer=init))
        else:
            holder.add_sublayer(name, nn.BatchNorm2D(size[0], weight_attr=False, bias_attr=False))
        return holder, name

    def forward(self, s0, s1, weights, edge_weights=None, live=None):
        """Return `[N, multiplier * channels, H, W]`.

        Args:
            s0, s1: the inputs.
            weights: `[edges, operations]`.
            edge_weights: `[edges]`, needed if the shape has several parts; `weights` holds them as factors.
            live: for each edge the columns of the operations that have a weight, of which the kernels compute no other;
                None for all.
        """
        inputs = [s0, s1, weights] + ([] if self.shape.parts == 1 else [edge_weights])
        owned = self._known_tensors()
        if owned and usable(*inputs, owned[0]):
            from paddleslim.kernels.graph.function import apply  # needs numba, and a moment to load it

            from .cell_graph import cell_graph

            return apply(cell_graph(self.shape, live), inputs + owned, self.training, self.recompute)[0]

        def compute(*states_and_weights):
            return cell_by_operators(self.shape, self._owned(), self._custom, *states_and_weights)

        if self.recompute and paddle.is_grad_enabled():
            return recomputed(self, compute, *inputs)
        return compute(*inputs)

    def _owned(self):
        """Return the weights and norms by the names the shape gives them."""
        return {path: getattr(holder, name) for path, (holder, name) in self._holders.items()}

    def _known_tensors(self):
        """Return the weights, and of each norm mean and variance; None where there is what the kernels do not know.

        A norm may have been replaced.
        """
        found = []
        for holder, name in self._holders.values():
            norm = holder._sub_layers.get(name)
            if norm is None:
                found.append(tensor_of(holder, name))
            elif type(norm) is nn.BatchNorm2D:
                found += tensor_of(norm, "_mean"), tensor_of(norm, "_variance")
            else:
                return None
        return None if self._custom else found


def tensor_of(layer, name):
    """Return a tensor of a layer by its name; a parameter, without the search that an attribute of a layer takes."""
    parameter = layer._parameters.get(name)
    return getattr(layer, name) if parameter is None else parameter
