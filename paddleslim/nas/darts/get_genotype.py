"""From alphas to the genotype: which operations on which edges the discrete cell keeps."""

from __future__ import annotations

import collections
import json

import numpy as np
import paddle

from .supernet import check_genotype_attributes

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


def get_genotype(model):
    """Return the genotype of a supernet's present alphas (DARTS, section 2.4).

    For each state the two edges whose strongest operation, 'none' aside, is strongest are kept, with that
    operation. In PC-DARTS an edge counts times the softmax of its beta over the edges into its state (Xu et
    al., 2020, section 3.4).

    Args:
        model: a supernet with a method `genotype()`; or with `_method` ('DARTS' or 'PC-DARTS'), `_steps`,
            `_multiplier`, `_primitives`, `alphas_normal` and `alphas_reduce`, `[edges, operations]`, and for
            PC-DARTS `betas_normal` and `betas_reduce`, `[edges]`.

    Returns:
        A `Genotype`, or what `model.genotype()` returns.

    Raises:
        AttributeError: one of these is missing.
        ValueError: a shape does not fit, an alpha is not finite, or 'none' is the only operation.
    """
    if hasattr(model, "genotype"):
        return model.genotype()
    check_genotype_attributes(model)
    steps, primitives = model._steps, list(model._primitives)
    cells = {}
    for cell in ("normal", "reduce"):
        alphas = read(model, f"alphas_{cell}", [edge_count(steps), len(primitives)])
        strengths = softmax(alphas)
        if model._method == "PC-DARTS":
            betas = read(model, f"betas_{cell}", [edge_count(steps)])
            strengths = strengths * np.concatenate([softmax(b) for b in by_state(betas, steps)])[:, None]
        cells[cell] = choose_edges(strengths, steps, primitives)
    concat = range(2 + steps - model._multiplier, steps + 2)
    return Genotype(cells["normal"], concat, cells["reduce"], concat)


def choose_edges(strengths, steps, primitives):
    """Return the two strongest `(operation, source)` of each state, by `strengths`, `[edges, operations]`.

    Of equals the earlier operation and the earlier source win; 'none' is never chosen.
    """
    choices = [o for o, name in enumerate(primitives) if name != "none"]
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
    return np.split(values, [edge_count(s) for s in range(1, steps)])


def read(model, name, shape):
    """Return the alphas or betas called `name` as float64, or raise a ValueError unless finite and of `shape`."""
    parameter = getattr(model, name)
    values = parameter.numpy() if isinstance(parameter, paddle.Tensor) else np.asarray(parameter)
    if list(values.shape) != shape:
        raise ValueError(
            f"{name} must be of shape {shape} for _steps={model._steps} and {len(model._primitives)} operations, "
            f"got {list(values.shape)}"
        )
    if not np.isfinite(values).all():
        edge = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
        raise ValueError(f"{name}{list(edge)} is {values[edge]}; the search diverged, lower arch_learning_rate")
    return values.astype(np.float64)


def softmax(values):
    powers = np.exp(values - values.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
