"""The edges of a cell, how strong they are, and which of them a genotype keeps."""

from __future__ import annotations

import numpy as np

__all__ = ["by_state", "choose_edges", "edge_count", "edge_strengths", "softmax"]


def edge_count(steps):
    """Return 2 + 3 + ... + (steps + 1), the edges of a cell of `steps` inner states and two inputs."""
    return steps * (steps + 3) // 2


def by_state(values, steps):
    """Split `values`, `[edges, ...]`, into the edges that end in each state: 2, 3, ... of them."""
    return [values[edge_count(s) : edge_count(s + 1)] for s in range(steps)]


def softmax(values):
    """Return the softmax of an array over its last axis."""
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def edge_strengths(alphas, betas=None, steps=None, strength=softmax):
    """Return how strong each operation is on each edge, `[edges, operations]`.

    It is softmax(alphas) unless a mixture says otherwise, in PC-DARTS times the softmax of the betas over the edges
    into the same state (Xu et al., 2020, section 3.4).

    Args:
        alphas: `[edges, operations]`.
        betas: `[edges]` or `[edges, 1]`; None for those of DARTS, which has none.
        steps: inner states of the cell, needed with betas.
        strength: function of the array of alphas, see `get_genotype`.
    """
    strengths = strength(alphas)
    if betas is None:
        return strengths
    by_edge = np.concatenate([softmax(of_state) for of_state in by_state(betas, steps)])
    return strengths * by_edge.reshape([len(strengths), -1])


def choose_edges(strengths, steps, operations):
    """Return the two strongest `(operation, source)` of each state (DARTS, section 2.4).

    Of equals the earlier operation and the earlier source win; 'none' is never chosen.

    Args:
        strengths: `[edges, operations]`.
        steps: inner states of the cell.
        operations: their names, the same on all edges; or one sequence of names for each edge.

    Raises:
        ValueError: an edge has no operation but 'none'.
    """
    alike = all(isinstance(name, str) for name in operations)
    gene = []
    for state in range(steps):
        strongest = []
        for source in range(2 + state):
            edge = edge_count(state) + source
            names = operations if alike else operations[edge]
            known = [(s, name) for s, name in zip(strengths[edge], names) if name != "none"]
            if not known:
                raise ValueError(f"the space needs an operation other than 'none', got {list(names)}")
            strongest.append((*max(known, key=lambda pair: pair[0]), source))
        strongest.sort(key=lambda kept: -kept[0])
        gene += [(name, source) for _, name, source in strongest[:2]]
    return gene
