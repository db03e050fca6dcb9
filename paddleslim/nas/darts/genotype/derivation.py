"""From alphas to the genotype: which operations on which edges the discrete cell keeps."""

from __future__ import annotations

import inspect
from typing import Any, Callable

import numpy as np
import paddle
from paddle import nn

from ....common.types import Array
from .edges import choose_edges, edge_count, edge_strengths, softmax
from .genotype import Genotype
from .supernet_attributes import check_genotype_attributes, has_own_genotype

__all__ = ["get_genotype", "weigh_edges"]


def get_genotype(model: nn.Layer, *, strength: Callable[[Array], Array] | None = None) -> Any:
    """Return the genotype of a supernet's present alphas (DARTS, section 2.4).

    For each state the two edges whose strongest operation, 'none' aside, is strongest are kept, with that
    operation. In PC-DARTS an edge counts times the softmax of its beta over the edges into its state (Xu et
    al., 2020, section 3.4).

    Args:
        model: a supernet with a method `genotype()`; or with `_method` ('DARTS' or 'PC-DARTS'), `_steps`,
            `_multiplier`, `_primitives`, `alphas_normal` and `alphas_reduce`, `[edges, operations]`, and for
            PC-DARTS `betas_normal` and `betas_reduce`, `[edges]`. Of more rows than the edges of `_steps` the first
            are read. Of more columns than `_primitives` all enter the softmax and the named ones are chosen from.
        strength: function of an array of alphas `[edges, operations]` that returns how strong each operation is; a
            search hands on that of its mixture. Their softmax if None.

    Returns:
        A `Genotype`, or what `model.genotype()` returns.

    Raises:
        AttributeError: one of these is missing.
        ValueError: a shape does not fit, an alpha is not finite, or 'none' is the only operation.
    """
    if has_own_genotype(model):
        own = model.genotype
        return own(strength) if strength and "strength" in inspect.signature(own).parameters else own()
    check_genotype_attributes(model)
    steps, primitives = model._steps, list(model._primitives)
    normal, reduce = (
        choose_edges(weigh_edges(model, cell, strength), steps, primitives) for cell in ("normal", "reduce")
    )
    concat = range(2 + steps - model._multiplier, steps + 2)
    return Genotype(normal, concat, reduce, concat)


def weigh_edges(model: nn.Layer, cell: str, strength: Callable[[Array], Array] | None = None) -> Array:
    """Return the strength of the operations on the edges of a cell that the genotype is read from, `[edges, columns]`.

    It is softmax(alphas) unless a mixture says otherwise; see `edge_strengths`.

    Args:
        model: a supernet, see `get_genotype`.
        cell: 'normal' or 'reduce'.
        strength: see `get_genotype`.
    """
    betas = read(model, f"betas_{cell}", 1) if model._method == "PC-DARTS" else None
    alphas = read(model, f"alphas_{cell}", 2)
    if alphas.ndim == 3:  # as in 1.1: a softmax over a last dimension of 1 makes all operations equal
        alphas = np.zeros(alphas.shape[:2])
    return edge_strengths(alphas, betas, model._steps, strength or softmax)


def read(model: nn.Layer, name: str, least_dimensions: int) -> Array:
    """Return the rows of `name`, alphas or betas, that the edges of `_steps` need, as float64 `[edges, ...]`.

    Raises:
        ValueError: there are fewer rows or dimensions, or one of these values is not finite.
    """
    parameter = getattr(model, name)
    values = parameter.numpy() if isinstance(parameter, paddle.Tensor) else np.asarray(parameter)
    edges = edge_count(model._steps)
    flat = values.ndim == 3 and values.shape[2] == 1
    if not (least_dimensions <= values.ndim <= 2 or flat) or len(values) < edges:
        columns = f", {len(model._primitives)}" if least_dimensions == 2 else ""
        raise ValueError(
            f"{name} must be of shape [{edges}{columns}], or of more rows, for _steps={model._steps} and "
            f"{len(model._primitives)} operations, got {list(values.shape)}"
        )
    values = values[:edges]
    if not np.isfinite(values).all():
        edge = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise ValueError(f"{name}{list(edge)} is {values[edge]}; the search diverged, lower arch_learning_rate")
    return values.astype(np.float64)
