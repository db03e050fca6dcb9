"""Genotypes as people find them: in a line of a log, in a type of another library, with the numbers of numpy."""

from __future__ import annotations

import ast
import re

import numpy as np

from ..state.schema import shorten
from .genotype import Genotype, as_range

__all__ = ["as_our_type", "find_architecture", "parse_line"]

MOST_STATES = 1000  # of a cell in a text
LINE = "Genotype(normal=[('skip_connect', 0), ...], normal_concat=range(2, 6), reduce=[...], reduce_concat=...)"
# it begins at no bar that ends an operation: a text of many would be searched again from each
ARCHITECTURE = re.compile(r"(?<!\d)(?:\|(?:\w+~\d+\|)+)(?:\+\|(?:\w+~\d+\|)+)+")


def as_our_type(genotype):
    """Return a genotype whose fields have the names of ours as a `Genotype`, with numbers of Python; others as is."""
    if isinstance(genotype, dict) and set(genotype) == set(Genotype._fields):
        genotype = Genotype(**genotype)
    if getattr(genotype, "_fields", None) != Genotype._fields:
        return genotype
    plain = [plain_edges(field) if i % 2 == 0 else plain_states(field) for i, field in enumerate(genotype)]
    unchanged = type(genotype) is Genotype and all(new is old for new, old in zip(plain, genotype))
    return genotype if unchanged else Genotype(*plain)


def plain_edges(edges):
    if not isinstance(edges, (list, tuple)):
        return edges
    plain = [plain_edge(edge) for edge in edges]
    return edges if all(new is old for new, old in zip(plain, edges)) else plain


def plain_edge(edge):
    if not isinstance(edge, (list, tuple)) or len(edge) != 2:
        return edge
    name, source = str(edge[0]) if isinstance(edge[0], np.str_) else edge[0], plain_number(edge[1])
    return edge if name is edge[0] and source is edge[1] else (name, source)


def plain_states(states):
    if hasattr(states, "tolist") and len(states.shape) == 1:
        return as_range(states.tolist())
    if isinstance(states, (list, tuple)) and any(isinstance(state, np.integer) for state in states):
        return as_range([plain_number(state) for state in states])
    return states


def plain_number(number):
    return int(number) if isinstance(number, np.integer) else number


def parse_line(text):
    """Return the `Genotype` that a line of a log says; nothing of it is run.

    Raises:
        ValueError: it says none.
    """
    found = re.search(r"Genotype\(.*\)", text, re.S)
    try:
        call = ast.parse(found[0] if found else text, mode="eval").body
        values = [read_field(argument) for argument in call.args]  # type: ignore[attr-defined]
        named = {keyword.arg: read_field(keyword.value) for keyword in call.keywords}  # type: ignore[attr-defined]
        return Genotype(*values, **named)
    except (AttributeError, IndexError, MemoryError, RecursionError, SyntaxError, TypeError, ValueError) as error:
        raise ValueError(f"a genotype in a line reads like {LINE}, got {shorten(text)} ({error})") from error


def read_field(node):
    value = read_value(node)
    return as_range(value) if isinstance(value, list) and value and all(type(v) is int for v in value) else value


def read_value(node):
    """Return a literal, with what `range`, `list` and the types and arrays of numpy say, which are not called."""
    if isinstance(node, (ast.List, ast.Tuple)):
        parts = [read_value(part) for part in node.elts]
        return parts if isinstance(node, ast.List) else tuple(parts)
    if not isinstance(node, ast.Call):
        return ast.literal_eval(node)
    name, values = getattr(node.func, "id", getattr(node.func, "attr", "")), [read_value(a) for a in node.args]
    if name == "range":
        states = range(*values)
        if not -MOST_STATES <= states.start <= states.stop <= MOST_STATES:
            raise ValueError(f"{states} is none of states")
        return states
    if name in ("list", "array"):
        return list(values[0])
    if re.fullmatch(r"u?int\d*|str_?", name) and len(values) == 1:
        return values[0]
    raise ValueError(f"{name}(...) is not read")


def find_architecture(text):
    """Return the one cell of NAS-Bench-201 that a text holds, such as `Structure(4 nodes with |none~0|+...)`."""
    found = set(ARCHITECTURE.findall(text))
    return found.pop() if len(found) == 1 else text.strip()
