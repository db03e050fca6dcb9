"""The cells of NAS-Bench-201: their operations and their strings."""

from __future__ import annotations

import json
import re

from ..state.schema import shorten
from .cells import Cell
from .shown import ShownAsPicture

__all__ = ["NODES", "OPERATIONS", "NASBench201Genotype", "parse_architecture"]

OPERATIONS = ("none", "skip_connect", "nor_conv_1x1", "nor_conv_3x3", "avg_pool_3x3")
NODES = 4
MOST_NODES = 11  # a source is one digit
LEAST_NODES = 3  # with two a cell would be one operation


class NASBench201Genotype(ShownAsPicture, str):
    """A cell of NAS-Bench-201 as the benchmark writes it: a text such as `|none~0|+|none~0|skip_connect~1|+...`.

    It equals the plain text and is one; beside that it has what every genotype has.

    Raises:
        ValueError: the text is no such cell.

    Attributes:
        nodes: how many nodes the cell has, the input among them; 4 in the benchmark.
    """

    nodes: int

    def __new__(cls, text):
        self = super().__new__(cls, text)
        self.nodes = max(str(text).count("+") + 2, LEAST_NODES)
        parse_architecture(text, self.nodes)
        return self

    def __getnewargs__(self):
        return (str(self),)

    @classmethod
    def of(cls, nodes):
        """Return the genotype of the operations of each node, as `operations()` returns them."""
        return cls("+".join("|" + "".join(f"{op}~{source}|" for source, op in enumerate(node)) for node in nodes))

    def operations(self):
        """Return the operations as one list for each node but the first, `[[op], [op, op], ...]`."""
        return parse_architecture(self, self.nodes)

    def cells(self):
        """Return the one cell, a `Cell`."""
        nodes = enumerate(self.operations(), start=1)
        return [Cell("cell", 1, [(op, source, target) for target, node in nodes for source, op in enumerate(node)], [])]

    def to_json(self):
        """Return the text as JSON writes it."""
        return json.dumps(str(self))


def parse_architecture(text, nodes=NODES):
    """Return the operations of a NAS-Bench-201 string as one list for each node, `[[op], [op, op], [op, op, op]]`.

    Args:
        text: the string.
        nodes: how many nodes the cell has, the input among them; 4 in the benchmark.

    Raises:
        ValueError: the string is malformed or names another operation.

    Example:
        >>> parse_architecture("|none~0|+|none~0|skip_connect~1|+|none~0|none~1|nor_conv_3x3~2|")
        [['none'], ['none', 'skip_connect'], ['none', 'none', 'nor_conv_3x3']]
    """
    if nodes > MOST_NODES:
        raise ValueError(f"a NAS-Bench-201 genotype has at most {MOST_NODES} nodes, got {nodes}")
    found = [re.findall(r"\|(\w+)~(\d)(?=\|)", node) for node in text.split("+")]
    expected = [[str(source) for source in range(node)] for node in range(1, nodes)]
    plain = "+".join("".join(f"|{op}~{source}" for op, source in node) + "|" for node in found)
    if plain != text or [[source for _, source in node] for node in found] != expected:
        example = "+".join("|" + "".join(f"none~{source}|" for source in node) for node in expected)
        raise ValueError(f"a NAS-Bench-201 genotype reads like {example!r} for {nodes} nodes, got {shorten(text)}")
    for name in (op for node in found for op, _ in node):
        if name not in OPERATIONS:
            raise ValueError(f"operation {name!r} is not of NAS-Bench-201; it has {', '.join(OPERATIONS)}")
    return [[op for op, _ in node] for node in found]
