"""Which parameters of a supernet belong to which operation on which edge."""

from __future__ import annotations

from .convert import per_edge_names

__all__ = ["operation_weights_of_cells", "operation_weights_of_nas_bench_201"]


def operation_weights_of_cells(supernet):
    """Return the weights of the operations of a `DARTSSupernet` by the names of its cells, edges and operations.

    A cell holds the weights of equal operations on several edges as one parameter. What belongs to an operation is
    therefore given as `(parameter, part, parts)`: one of so many equal parts of the first axis.
    """
    parameters = {name: p for name, p in supernet.named_parameters() if not p.stop_gradient}
    found: dict[str, list] = {}
    for name, parts in per_edge_names(supernet).items():
        if name in parameters and "._ops." in parts[0][0]:
            for part, (first, *_) in enumerate(parts):
                _, cell, _, edge, _, column, *_ = first.split(".")
                operation = supernet.cells[int(cell)].shape.edges[int(edge)][int(column)]
                key = f"cell {cell}, edge {edge}, {operation}"
                found.setdefault(key, []).append((parameters[name], part, len(parts)))
    return found


def operation_weights_of_nas_bench_201(supernet, edges_from):
    """Return the same of a `NASBench201Supernet`; `edges_from(source)` are the rows of the edges that leave a node."""
    found = {}
    for number, cell in enumerate(supernet.cells):
        for source, out_edges in enumerate(getattr(cell, "out_edges", ())):
            rows = edges_from(source)
            for name, layer in zip(("nor_conv_1x1", "nor_conv_3x3"), (out_edges.conv1, out_edges.conv3)):
                for part, row in enumerate(rows):
                    found[f"cell {number}, edge {row}, {name}"] = [(layer.weight, part, len(rows))]
    return found
