"""State dicts between the plain form, one layer per operation and edge, and the fast form, one tensor per group.

The plain form has the names that PaddleSlim's networks had: `cells.0._ops.3._ops.4.conv1.weight` is the first
convolution of the fifth operation on the fourth edge of the first cell.
"""

from __future__ import annotations

import paddle

from .cell_shape import CellShape, Group

__all__ = ["from_plain", "to_plain"]


def from_plain(supernet, state):
    """Return a plain state dict as one of `supernet`, to be loaded by its `set_state_dict`.

    Raises:
        KeyError: a tensor is missing.
        ValueError: what the fast form keeps once, the statistics of a pool that several edges share, differs
            between them.
    """
    found = {}
    for name in supernet.state_dict():
        parts = [state[plain] for plain in plain_names(supernet, name)]
        if shares_pool(name):
            for part in parts[1:]:
                if not paddle.allclose(part, parts[0], rtol=1e-5, atol=1e-6):
                    raise ValueError(f"the pools behind {name} read the same state, yet their statistics differ")
            parts = parts[:1]
        found[name] = parts[0] if len(parts) == 1 else paddle.concat(parts)
    return found


def to_plain(supernet, state):
    """Return a state dict of `supernet` in the plain form, with the scales 1 and shifts 0 that its norms have there."""
    found = {}
    for name, tensor in state.items():
        plain = plain_names(supernet, name)
        parts = [tensor] * len(plain) if shares_pool(name) else paddle.split(tensor, len(plain))
        for target, part in zip(plain, parts):
            found[target] = part.clone()
            norm, _, kind = target.rpartition(".")
            if name.startswith("cells.") and kind == "_mean":
                found.setdefault(f"{norm}.weight", paddle.ones_like(part))
                found.setdefault(f"{norm}.bias", paddle.zeros_like(part))
    return found


def shares_pool(name):
    """Return whether a tensor of the fast form belongs to a pool, which all edges from a state share."""
    return ".fans." in name and "pool" in name


def plain_names(supernet, name):
    """Return the names of a tensor's parts in the plain form, in their order."""
    kind, _, rest = name.partition(".")
    if kind != "cells":
        return [name]
    number, _, rest = rest.partition(".")
    prefix = f"cells.{number}."
    if rest.startswith("fans."):
        group = group_of(supernet.cells[int(number)].shape, rest)
        tail = rest[len(group.prefix) :]
        tail = tail.replace("bn.", "1.", 1) if "pool" in group.name else tail
        return [f"{prefix}_ops.{edge}._ops.{column}.{tail}" for edge, column, _ in group.members]
    if rest.startswith("other_"):
        place, _, tail = rest.partition(".")
        _, edge, column = place.split("_")
        return [f"{prefix}_ops.{edge}._ops.{column}.{tail}"]
    return [name]


def group_of(shape: CellShape, name: str) -> Group:
    """Return the group that a tensor of a cell belongs to."""
    source = int(name.split(".")[1])
    return next(group for group in shape.groups(source) if name.startswith(group.prefix))
