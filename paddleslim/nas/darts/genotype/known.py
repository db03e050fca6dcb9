"""What is a genotype, of the kinds that are known."""

from __future__ import annotations

from ..state.schema import shorten
from .genotype import Genotype
from .nas_bench_201 import NASBench201Genotype
from .written import as_our_type, find_architecture, parse_line

__all__ = ["as_genotype", "is_known"]


def is_known(genotype):
    """Return whether a genotype is of a type of this library: it has `cells()` and `to_json()`."""
    return callable(getattr(genotype, "cells", None)) and callable(getattr(genotype, "to_json", None))


def as_genotype(genotype, any_concat=False):
    """Return `genotype` itself if it is of a known type, and a text as the genotype that it says.

    A text is a cell of NAS-Bench-201, or holds one or `Genotype(normal=...)`, as a line of a log does. A named tuple of
    another library or a dictionary with the fields of `Genotype` is one, and numbers of numpy are numbers.

    Args:
        genotype: what may be one.
        any_concat: whether cells pass whose output no network can be built of, as a supernet gives them whose
            `_multiplier` is 0 or above `_steps`: a report of its search shows the edges all the same.

    Raises:
        ValueError: it is neither, or its cells cannot be built; the message says where.
    """
    genotype = as_our_type(genotype)
    if is_known(genotype):
        return check_genotype(genotype, any_concat) if isinstance(genotype, Genotype) else genotype
    if isinstance(genotype, str) and "Genotype(" in genotype:
        return check_genotype(parse_line(genotype), any_concat)
    wrong = f"expected a Genotype or a cell such as '|op~0|+|op~0|op~1|', got {shorten(genotype)}"
    text = find_architecture(genotype) if isinstance(genotype, str) else ""
    if not text.startswith("|"):
        raise ValueError(wrong)
    try:
        return NASBench201Genotype(text)
    except ValueError as error:
        raise ValueError(f"{wrong}: {error}") from error


def check_genotype(genotype, any_concat=False):
    """Return a `Genotype`, or raise a ValueError that names what makes no cell of it."""
    for cell, gene, concat in (("normal", genotype[0], genotype[1]), ("reduce", genotype[2], genotype[3])):
        if not isinstance(gene, (list, tuple)) or not gene or len(gene) % 2:
            held = len(gene) if isinstance(gene, (list, tuple)) else repr(gene)
            raise ValueError(f"`{cell}` should hold two (operation, source) for each state, it holds {held}")
        for i, edge in enumerate(gene):
            if not isinstance(edge, (list, tuple)) or len(edge) != 2 or not isinstance(edge[0], str):
                raise ValueError(f"`{cell}`[{i}] should be (operation, source), it is {edge!r}")
            if isinstance(edge[1], bool) or not isinstance(edge[1], int):
                raise ValueError(f"`{cell}`[{i}] should be (operation, source) with a whole number, it is {edge!r}")
            if not 0 <= edge[1] < 2 + i // 2:
                raise ValueError(
                    f"`{cell}`[{i}] takes from state {edge[1]!r}, and before state {2 + i // 2} there are 0 to "
                    f"{1 + i // 2}"
                )
        check_concat(f"`{cell}_concat`", concat, len(gene) // 2, any_concat)
    return genotype


def check_concat(name, concat, states, any_concat=False):
    """Raise a ValueError unless a concatenation is of inner states of a cell that has `states` of them: 2, 3, ...

    Args:
        name: what the message calls it.
        concat: the states.
        states: how many inner states there are.
        any_concat: let states before the inner ones pass, and no state at all.
    """
    last = 1 + states
    is_list = isinstance(concat, (list, tuple, range))
    # lazily, for a range may be long
    fits = is_list and all(type(state) is int and state <= last and (any_concat or state >= 2) for state in concat)
    if fits and (any_concat or concat):
        return
    raise ValueError(
        f"{name} should name inner states, which are 2 to {last}, one at least; it is {concat!r}: give the genotype "
        "another concat, or its supernet a `_multiplier` of 1 to `_steps`"
    )
