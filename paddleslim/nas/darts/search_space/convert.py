"""State dicts between the plain form, one layer per operation and edge, and the fast form, one tensor per group.

The plain form has the names that PaddleSlim's networks had: `cells.0._ops.3._ops.4.conv1.weight` is the first
convolution of the fifth operation on the fourth edge of the first cell.
"""

from __future__ import annotations

import paddle

from .cell_tensors import tensors_of

__all__ = ["from_plain", "to_plain"]


def from_plain(supernet, state):
    """Return a plain state dict as one of `supernet`, to be loaded by its `set_state_dict`.

    Raises:
        KeyError: a tensor is missing.
        ValueError: what the fast form keeps once, the statistics of a pool that several edges share, differs
            between them.
    """
    names = plain_names(supernet)
    found = {}
    for name in supernet.state_dict():
        parts = []
        for first, *others in names.get(name, [[name]]):
            parts.append(state[first])
            if not all(paddle.allclose(state[other], parts[-1], rtol=1e-5, atol=1e-6) for other in others):
                raise ValueError(f"the pools behind {name} read the same state, yet their statistics differ")
        found[name] = parts[0] if len(parts) == 1 else paddle.concat(parts)
    return found


def to_plain(supernet, state):
    """Return a state dict of `supernet` in the plain form, with the scales 1 and shifts 0 that its norms have there."""
    names = plain_names(supernet)
    found = {}
    for name, tensor in state.items():
        plain = names.get(name, [[name]])
        for targets, part in zip(plain, paddle.split(tensor, len(plain)) if len(plain) > 1 else [tensor]):
            for target in targets:
                found[target] = part.clone()
                norm, _, kind = target.rpartition(".")
                if name.startswith("cells.") and kind == "_mean":
                    found.setdefault(f"{norm}.weight", paddle.ones_like(part))
                    found.setdefault(f"{norm}.bias", paddle.zeros_like(part))
    return found


def plain_names(supernet):
    """Return for each tensor of the fast form that is another in the plain one what its equal parts are called there.

    A part has several names where edges share what the plain form holds for each.
    """
    found = {}
    for number, cell in enumerate(supernet.cells):
        prefix = f"cells.{number}."
        for name, owned in tensors_of(cell.shape).items():
            for kind in ("",) if name.endswith("weight") else ("._mean", "._variance"):
                found[prefix + name + kind] = [[prefix + plain + kind for plain in part] for part in owned.parts]
        for edge, column, *_ in cell.shape.others():
            place = f"other_{edge}_{column}"
            for name in getattr(cell, place).state_dict():
                found[f"{prefix}{place}.{name}"] = [[f"{prefix}_ops.{edge}._ops.{column}.{name}"]]
    return found
