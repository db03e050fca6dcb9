"""What the columns of a supernet's tables of alphas are called."""

from __future__ import annotations

__all__ = ["operation_names"]


def operation_names(supernet, kind, edges):
    """Return the names of the operations on each of the edges of a kind of cell, 0 normal and 1 reduction.

    They are `_primitives`: names for all edges, or a list of them for each edge. A supernet whose reduction cells have
    other operations has them in `table["reduce"]`.
    """
    names = supernet._primitives
    if kind and hasattr(supernet, "table"):
        names = supernet.table["reduce"]
    if all(isinstance(name, str) for name in names):
        return [list(names)] * edges
    return [list(of_edge) for of_edge in names][:edges]
