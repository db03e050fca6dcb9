"""The space of the table: the 125 cells of NAS-Bench-201 with three nodes."""

from __future__ import annotations

from itertools import product

from ..genotype.nas_bench_201 import OPERATIONS, parse_architecture
from ..networks.nas_bench_201 import NASBench201Network
from ..search_space.nas_bench_201_space import NASBench201Space

__all__ = ["CELLS", "SPACE", "build_network", "canonical", "chains", "from_code", "to_code"]

SPACE = NASBench201Space("nas-bench-201-three-nodes", nodes=3, reduction="pool")
LETTERS = dict(zip(OPERATIONS, "ns13a"))


def from_code(code: str) -> str:
    """Return the genotype of three letters, the operations of the edges 0→1, 0→2 and 1→2.

    The letters: n none, s skip_connect, 1 nor_conv_1x1, 3 nor_conv_3x3, a avg_pool_3x3.

    Raises:
        ValueError: these are not three such letters.

    Example:
        >>> from_code("3sa")
        '|nor_conv_3x3~0|+|skip_connect~0|avg_pool_3x3~1|'
    """
    names = {letter: name for name, letter in LETTERS.items()}
    if len(code) != 3 or not set(code) <= set(names):
        raise ValueError(f"the code of a cell is three of the letters {', '.join(names)}, such as '3sa', got {code!r}")
    return "|{}~0|+|{}~0|{}~1|".format(*(names[letter] for letter in code))


def to_code(genotype: str) -> str:
    """Return the three letters of a genotype, see `from_code`.

    Raises:
        ValueError: the genotype is no cell of this space.
    """
    (first,), (second, third) = parse_architecture(genotype, SPACE.nodes)
    return LETTERS[first] + LETTERS[second] + LETTERS[third]


CELLS = tuple(from_code("".join(code)) for code in product(LETTERS.values(), repeat=3))


def chains(genotype: str) -> tuple[tuple[str, ...], ...]:
    """Return what a cell computes: the sum of at most two chains of operations on its input.

    A chain that holds 'none' is zero and left out; so is a convolution behind it, whose norm adds a constant to each
    channel, which the next norm of the network takes away again. A skip connection in a chain is left out of it.

    Returns:
        The chains in a fixed order, each a tuple of letters; `()` is the input itself.

    Example:
        >>> chains("|skip_connect~0|+|none~0|nor_conv_3x3~1|")
        (('3',),)
    """
    first, second, third = tuple(to_code(genotype))
    paths = [path for path in ((second,), (first, third)) if "n" not in path]
    return tuple(sorted(tuple(letter for letter in path if letter != "s") for path in paths))


def canonical(genotype: str) -> str:
    """Return the cell that stands for all that compute the same: the first with as few convolutions as any."""
    return REPRESENTATIVES[chains(genotype)]


def weight_of(genotype: str) -> int:
    """Return a number that grows with the parameters of a cell."""
    code = to_code(genotype)
    return code.count("1") + 9 * code.count("3")


REPRESENTATIVES: dict[tuple[tuple[str, ...], ...], str] = {}
for genotype in sorted(CELLS, key=weight_of):  # ties stay in the order of the cells
    REPRESENTATIVES.setdefault(chains(genotype), genotype)


def build_network(genotype: str, channels: int, num_classes: int, in_channels: int) -> NASBench201Network:
    """Return the network of a cell, one in each of its three stages."""
    return NASBench201Network(genotype, channels, num_classes, 1, in_channels, SPACE.nodes, SPACE.reduction)
