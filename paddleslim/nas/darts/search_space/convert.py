"""State dicts between the per-edge layout, a layer per operation and edge, and the fused one, a tensor per group.

The per-edge layout has the names that PaddleSlim's networks had: `cells.0._ops.3._ops.4.conv1.weight` is the first
convolution of the fifth operation on the fourth edge of the first cell.
"""

from __future__ import annotations

import paddle
from paddle import nn

from .cell_tensors import tensors_of

__all__ = ["from_per_edge", "to_per_edge"]

State = dict[str, "paddle.Tensor"]


def from_per_edge(supernet: nn.Layer, state: State) -> State:
    """Return a state dict in the per-edge layout as one of `supernet`, to be loaded by its `set_state_dict`.

    Raises:
        KeyError: a tensor is missing.
        ValueError: what the fused layout keeps once, the statistics of a pool that several edges share, differs
            between them.
    """
    names = per_edge_names(supernet)
    found = {}
    for name in supernet.state_dict():
        parts = []
        for first, *others in names.get(name, [[name]]):
            parts.append(state[first])
            if not all(paddle.allclose(state[other], parts[-1], rtol=1e-5, atol=1e-6) for other in others):
                raise ValueError(f"the pools behind {name} read the same state, yet their statistics differ")
        found[name] = parts[0] if len(parts) == 1 else paddle.concat(parts)
    return found


def to_per_edge(supernet: nn.Layer, state: State) -> State:
    """Return a state dict of `supernet` in the per-edge layout, where norms have scales, of 1, and shifts, of 0."""
    names = per_edge_names(supernet)
    found = {}
    for name, tensor in state.items():
        parts = names.get(name, [[name]])
        for targets, part in zip(parts, paddle.split(tensor, len(parts)) if len(parts) > 1 else [tensor]):
            for target in targets:
                found[target] = part.clone()
                norm, _, kind = target.rpartition(".")
                if name.startswith("cells.") and kind == "_mean":
                    found.setdefault(f"{norm}.weight", paddle.ones_like(part))
                    found.setdefault(f"{norm}.bias", paddle.zeros_like(part))
    return found


def per_edge_names(supernet: nn.Layer) -> dict[str, list[list[str]]]:
    """Return for each tensor that is another in the per-edge layout what its equal parts are called there.

    A part has several names where edges share what the per-edge layout holds for each.
    """
    found = {}
    for number, cell in enumerate(supernet.cells):
        prefix = f"cells.{number}."
        for name, owned in tensors_of(cell.shape).items():
            for kind in ("",) if name.endswith("weight") else ("._mean", "._variance"):
                found[prefix + name + kind] = [
                    [prefix + edge_name + kind for edge_name in part] for part in owned.parts
                ]
        for edge, column, *_ in cell.shape.custom_operations():
            custom = f"custom_{edge}_{column}"
            for name in getattr(cell, custom).state_dict():
                found[f"{prefix}{custom}.{name}"] = [[f"{prefix}_ops.{edge}._ops.{column}.{name}"]]
    return found
