"""A search space: the operations an edge may hold, the supernet that mixes them, a cell drawn at random.

Supernets are imported when one is built: a space is named, and a cell drawn, without Paddle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Callable

import numpy as np

from ..genotype.edges import edge_count
from ..genotype.genotype import Genotype

__all__ = ["CellSpace"]


class CellSpace:
    """A space of normal and reduction cells.

    Args:
        name: what runs and messages call it.
        operations: names of the operations on every edge; or a mapping from names to functions of
            (channels, stride, affine) that return a `paddle.nn.Layer`, None for an operation of DARTS.
        edges: `{"normal": edges, "reduce": edges}` where edges differ: a list of names for each edge, ordered by
            the state it ends in and then by its source.
        supernet: class of a supernet, or a function that returns one, called with (channels, num_classes, layers,
            in_channels, steps, multiplier, primitives=..., builders=...); None for `DARTSSupernet`.

    Attributes:
        builders: the functions of `operations`, by name; `build_network` takes them.

    Raises:
        TypeError: `operations` is one name alone.
        ValueError: there is no operation other than 'none'. Unknown names and wrong `edges` are refused when a supernet
            is built or a cell drawn.

    Example:
        >>> space = CellSpace("no pooling", ["skip_connect", "sep_conv_3x3", "dil_conv_3x3"])
        >>> supernet = space.build_supernet(channels=8, num_classes=10, layers=5, in_channels=3)
    """

    def __init__(
        self,
        name: str,
        operations: Sequence[str] | Mapping[str, Callable[..., Any] | None],
        edges: Any = None,
        supernet: Any = None,
    ) -> None:
        if isinstance(operations, str):
            raise TypeError(f"operations must be a list of names such as ['skip_connect'], got {operations!r}")
        self.name, self.operations = name, tuple(operations)
        if not set(self.operations) - {"none"}:
            raise ValueError(f"space {name!r} needs an operation other than 'none', got {list(operations)}")
        mapping = operations if isinstance(operations, dict) else {}
        self.builders = {op: builder for op, builder in mapping.items() if builder is not None}
        self.edges, self.supernet = edges, supernet

    def __repr__(self) -> str:
        return f"CellSpace({self.name!r}: {', '.join(self.operations)})"

    def table(self, steps: int) -> Any:
        """Return `{"normal": edges, "reduce": edges}` for cells of `steps` inner states."""
        from .table_supernet import check_table

        if self.edges is None:
            return dict.fromkeys(("normal", "reduce"), (self.operations,) * edge_count(steps))
        try:
            return check_table(self.edges, steps)
        except ValueError as error:
            raise ValueError(f"space {self.name}: {error}") from error

    def build_supernet(
        self,
        channels: int,
        num_classes: int,
        layers: int,
        in_channels: int,
        steps: int = 4,
        auxiliary_skip: bool = False,
    ) -> Any:
        """Return a supernet of this space; see `DARTSSupernet` for the sizes and the auxiliary skip connection."""
        from .darts import DARTSSupernet
        from .table_supernet import TableSupernet

        further = {"auxiliary_skip": True} if auxiliary_skip else {}
        if self.edges is not None:
            table = self.table(steps)
            return TableSupernet(table, channels, num_classes, layers, in_channels, steps, self.builders, **further)
        sizes = (channels, num_classes, layers, in_channels, steps, steps)
        return (self.supernet or DARTSSupernet)(*sizes, primitives=self.operations, builders=self.builders, **further)

    def draw_genotype(self, seed: int, steps: int = 4) -> Genotype:
        """Return a random `Genotype`: for each state two sources, and on each an operation other than 'none'.

        Each choice is uniform; it depends on `seed` alone. This is the random cell of DARTS's baseline.
        """
        rng = np.random.default_rng(seed)
        cells: dict[str, list[tuple[str, int]]] = {}
        for cell, edges in self.table(steps).items():
            cells[cell] = []
            for step in range(steps):
                first = edge_count(step)
                for source in sorted(rng.choice(2 + step, 2, replace=False).tolist()):
                    names = [name for name in edges[first + source] if name != "none"]
                    cells[cell].append((names[rng.integers(len(names))], source))
        concat = range(2, 2 + steps)
        return Genotype(cells["normal"], concat, cells["reduce"], concat)
