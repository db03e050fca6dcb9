"""From alphas to the genotype: which operations on which edges the discrete cell keeps."""

from __future__ import annotations

import collections
import inspect
import json

import numpy as np
import paddle

from .supernet_attributes import check_genotype_attributes, has_own_genotype

__all__ = ["Genotype", "get_genotype"]


class Genotype(collections.namedtuple("Genotype", "normal normal_concat reduce reduce_concat")):
    """The two cells of a network.

    Attributes:
        normal: list of `(operation, source)`; two entries for each inner state, in order. Sources 0 and 1 are the
            outputs of the two cells before, 2 the first inner state.
        normal_concat: the states whose concatenation the cell puts out.
        reduce, reduce_concat: the same for the reduction cell.
    """

    __slots__ = ()

    def to_json(self):
        """Return the genotype as a JSON object; `from_json` reads it back, equal and printed the same."""
        fields = {name: list(value) for name, value in self._asdict().items()}
        return json.dumps(fields, indent=2)

    @classmethod
    def from_json(cls, text):
        """Return the genotype that `to_json` wrote.

        Raises:
            ValueError: the text is no JSON object with the four fields, or one of them is malformed.
        """
        try:
            fields = json.loads(text)
            cells = {cell: [(str(op), int(source)) for op, source in fields[cell]] for cell in ("normal", "reduce")}
            concats = {name: as_range([int(s) for s in fields[name]]) for name in ("normal_concat", "reduce_concat")}
        except (KeyError, TypeError, ValueError) as error:
            raise ValueError(
                "a genotype in JSON is an object with `normal` and `reduce`, lists of [operation, source], and "
                f"`normal_concat` and `reduce_concat`, lists of states; {type(error).__name__}: {error}"
            ) from error
        return cls(**cells, **concats)


def as_range(states):
    """Return consecutive states as a range, as genotypes are printed; other ones as the list they are."""
    consecutive = range(states[0], states[0] + len(states)) if states else range(0)
    return consecutive if list(consecutive) == states else states


def get_genotype(model, *, strength=None):
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


def weigh_edges(model, cell, strength=None):
    """Return the strength of the operations on the edges of a cell that the genotype is read from, `[edges, columns]`.

    It is softmax(alphas) unless a mixture says otherwise, in PC-DARTS times the softmax of the betas over the edges
    into the same state.

    Args:
        model: a supernet, see `get_genotype`.
        cell: 'normal' or 'reduce'.
        strength: see `get_genotype`.
    """
    strengths = (strength or softmax)(read(model, f"alphas_{cell}", 2))
    if model._method == "PC-DARTS":
        betas = read(model, f"betas_{cell}", 1)
        by_edge = np.concatenate([softmax(b) for b in by_state(betas, model._steps)])
        strengths = strengths * by_edge.reshape([len(strengths), -1])
    return strengths


def choose_edges(strengths, steps, primitives):
    """Return the two strongest `(operation, source)` of each state, by `strengths`, `[edges, operations]`.

    Of equals the earlier operation and the earlier source win; 'none' is never chosen.
    """
    choices = [o for o, name in enumerate(primitives[: strengths.shape[1]]) if name != "none"]
    if not choices:
        raise ValueError(f"the space needs an operation other than 'none', got {primitives}")
    gene = []
    for edges in by_state(strengths[:, choices], steps):
        strongest = edges.max(axis=1)
        for source in sorted(range(len(edges)), key=lambda s: -strongest[s])[:2]:
            gene.append((primitives[choices[int(edges[source].argmax())]], source))
    return gene


def edge_count(steps):
    """Return 2 + 3 + ... + (steps + 1), the edges of a cell."""
    return steps * (steps + 3) // 2


def by_state(values, steps):
    """Split `values`, `[edges, ...]`, into the edges that end in each state: 2, 3, ... of them."""
    return [values[edge_count(s) : edge_count(s + 1)] for s in range(steps)]


def read(model, name, least_dimensions):
    """Return the rows of `name`, alphas or betas, that the edges of `_steps` need, as float64 `[edges, ...]`.

    Raises:
        ValueError: there are fewer rows or dimensions, or one of these values is not finite.
    """
    parameter = getattr(model, name)
    values = parameter.numpy() if isinstance(parameter, paddle.Tensor) else np.asarray(parameter)
    edges = edge_count(model._steps)
    if not least_dimensions <= values.ndim <= 2 or len(values) < edges:
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


def softmax(values):
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
