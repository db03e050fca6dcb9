"""The PC-DARTS supernet: operations on a part of the channels, and weights of the edges besides (Xu et al., 2020)."""

from __future__ import annotations

from typing import Any

import paddle
from paddle import nn

from .darts import DARTSSupernet

__all__ = ["PCDARTSSupernet"]


class PCDARTSSupernet(DARTSSupernet):
    """The supernet of PC-DARTS: a quarter of a state's channels passes through the operations, the rest passes by.

    What an edge e carries from a state x to another is `β_e * shuffle(concat(sum_o α_eo o(x[: C / 4]), x[C / 4 :]))`
    (Xu et al., 2020, section 3), α a softmax over the operations of the edge and β one over the edges that end in a
    state. Where an edge has stride 2, the rest passes a 2x2 max pooling.

    Args:
        args, kwargs: those of `DARTSSupernet`; `channels` must be a multiple of 4.

    Raises:
        ValueError: `channels` is no multiple of 4, or another argument is refused by `DARTSSupernet`.
    """

    _method, _parts = "PC-DARTS", 4
    # for normal and for reduction cells zeros and ones `[edges]`, where a selection leaves out whole edges
    present_edges: tuple[Any, ...] = (None, None)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        near_uniform, size = nn.initializer.Normal(0.0, 1e-3), self.alphas_normal.shape[:1]
        self.betas_normal = self.create_parameter(size, default_initializer=near_uniform)
        self.betas_reduce = self.create_parameter(size, default_initializer=near_uniform)

    def mixtures(self) -> list[tuple[paddle.Tensor, ...]]:
        """Return for normal and for reduction cells the weights of operations, `[edges, operations]`, and edges."""
        pairs = ((self.alphas_normal, self.betas_normal), (self.alphas_reduce, self.betas_reduce))
        found = [(self._mix(alphas, k), self._edge_weights(betas)) for k, (alphas, betas) in enumerate(pairs)]
        found = [
            (weights, of_edges if present is None else of_edges * paddle.to_tensor(present, dtype=of_edges.dtype))
            for (weights, of_edges), present in zip(found, self.present_edges)
        ]
        return [(weights * of_edges.unsqueeze(1), of_edges) for weights, of_edges in found]

    def _edge_weights(self, betas: paddle.Tensor) -> paddle.Tensor:
        """Return the softmax of the betas of every state's edges, `[edges]`."""
        of_states = paddle.split(betas, [2 + step for step in range(self._steps)])
        return paddle.concat([nn.functional.softmax(own) for own in of_states])

    def arch_parameters(self) -> list[paddle.Tensor]:
        """Return the alphas, each `[edges, operations]`, and the betas, each `[edges]`."""
        return [self.alphas_normal, self.alphas_reduce, self.betas_normal, self.betas_reduce]
