"""The tabular benchmark: the accuracy and the size of every cell."""

from __future__ import annotations

import dataclasses
import math
import pathlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache, cached_property
from itertools import combinations
from typing import Any

import numpy as np

from ....common.paths import own_path
from ....common.types import FilePath
from ..state.schema import NUMBER, Each
from ..state.sealed_json import read_object
from .space import CELLS, chains, from_code, to_code
from .statistics import kendall_tau, mid_ranks

__all__ = ["Cell", "TruthTable", "load_table"]

ROW = {"accuracies": [NUMBER], "parameters": int, "flops": int, "latency": NUMBER, "scores": Each(NUMBER)}
SHAPE = {"protocol": dict, "versions": dict, "latency": str, "cells": Each(ROW)}


@dataclasses.dataclass(frozen=True)
class Cell:
    """A cell of the table.

    Attributes:
        genotype: its string.
        code: its three letters, see `from_code`.
        accuracies: on the test images, one for each seed of its training.
        accuracy: their mean.
        rank: 1 for the most accurate of all cells; equal ones share the mean of their ranks.
        parameters: how many numbers the trainable parameters of its network hold.
        flops: multiplications of convolutions and linear layers for one image.
        latency: milliseconds for one image in one thread, see `TruthTable.latency_note`.
        scores: of zero-cost proxies, by name; higher is said to be better.
    """

    genotype: str
    code: str
    accuracies: tuple[float, ...]
    accuracy: float
    rank: float
    parameters: int
    flops: int
    latency: float
    scores: dict[str, float]

    @property
    def skips(self) -> int:
        """How many of the three edges hold a skip connection."""
        return self.code.count("s")


class TruthTable:
    """The tabular benchmark: all 125 cells of the space, with their accuracies and costs.

    Args:
        content: what `load_table` reads: "protocol", "versions", "latency" and "cells".

    Attributes:
        cells: `{genotype: Cell}`.
        protocol, versions: how and with what the cells were trained.
        latency_note: how the latency was measured.

    Raises:
        ValueError: `content` lacks one of these, or a cell.

    Example:
        >>> table = load_table()
        >>> table["|nor_conv_3x3~0|+|skip_connect~0|nor_conv_3x3~1|"].parameters
        25634
    """

    def __init__(self, content: Mapping[str, Any]) -> None:
        absent = [name for name in ("protocol", "versions", "latency", "cells") if name not in content]
        if absent:
            raise ValueError(f"the table lacks {', '.join(absent)}; load_table reads a whole one")
        self.protocol, self.versions = content["protocol"], content["versions"]
        self.latency_note = content["latency"]
        rows = {code: content["cells"].get(code) for code in map(to_code, CELLS)}
        missing = [code for code, row in rows.items() if row is None]
        if missing:
            raise ValueError(f"the table lacks the cells {', '.join(missing)}; generate it until it is complete")
        means = [math.fsum(row["accuracies"]) / len(row["accuracies"]) for row in rows.values()]
        ranks = mid_ranks(np.negative(means))
        self.cells = {}
        for (code, row), accuracy, rank in zip(rows.items(), means, ranks):
            fields = {**row, "accuracies": tuple(row["accuracies"])}
            genotype = from_code(code)
            self.cells[genotype] = Cell(genotype, code, accuracy=accuracy, rank=float(rank), **fields)
        self.ascending = sorted(means)

    def __getitem__(self, genotype: str) -> Cell:
        """Return the `Cell` of a genotype, or raise a ValueError if it is none of this space."""
        return self.cells.get(genotype) or self.cells[from_code(to_code(genotype))]

    def __repr__(self) -> str:
        return f"TruthTable({len(self)} cells, the best has {self.best.accuracy:.2%})"

    def __iter__(self) -> Iterator[Cell]:
        """Iterate over the cells."""
        return iter(self.cells.values())

    def __len__(self) -> int:
        return len(self.cells)

    @property
    def best(self) -> Cell:
        """The most accurate cell; the first in the order of the cells if there are several."""
        return max(self, key=lambda cell: cell.accuracy)

    def regret(self, genotype: str) -> float:
        """Return how much less accurate a cell is than the best one."""
        return self.best.accuracy - self[genotype].accuracy

    def same_size(self, genotype: str) -> list[Cell]:
        """Return the cells with as many parameters as this one, itself among them."""
        parameters = self[genotype].parameters
        return [cell for cell in self if cell.parameters == parameters]

    def within(self, budget: float) -> list[Cell]:
        """Return the cells with at most `budget` parameters.

        Raises:
            ValueError: there is none.
        """
        found = [cell for cell in self if cell.parameters <= budget]
        if not found:
            smallest = min(cell.parameters for cell in self)
            raise ValueError(
                f"budget {budget} is too small: no cell has at most {budget} parameters; the smallest has {smallest}"
            )
        return found

    def percentile(self, genotype: str, among: Iterable[Cell] | None = None) -> float:
        """Return the share of cells that are less accurate than this one, half of its equals counted in.

        A cell drawn at random has a percentile of 0.5 on the average, whatever ties there are.

        Args:
            genotype: of a cell.
            among: the cells to compare with, such as `same_size(genotype)` or `within(budget)`; all if None.

        Raises:
            ValueError: the cell is not one of them.
        """
        cells = list(self if among is None else among)
        if self[genotype] not in cells:
            raise ValueError(
                f"cell {self[genotype].code} is not among those to compare with, such as those of a budget"
            )
        accuracy = self[genotype].accuracy
        below = sum(cell.accuracy < accuracy for cell in cells)
        equal = sum(cell.accuracy == accuracy for cell in cells)
        return (below + equal / 2) / len(cells)

    def expected_best_of(self, k: int) -> float:
        """Return the expected accuracy of the best of `k` different cells drawn at random.

        Raises:
            ValueError: `k` is not between 1 and the number of cells.
        """
        total = len(self)
        if not 1 <= k <= total:
            raise ValueError(f"k must be between 1 and the {total} cells there are, got {k!r}")
        # the i-th smallest is the best in C(i - 1, k - 1) of the C(n, k) draws
        shares = (math.comb(i, k - 1) / math.comb(total, k) for i in range(total))
        return math.fsum(share * accuracy for share, accuracy in zip(shares, self.ascending))

    def worth(self, accuracy: float) -> float:
        """Return how many random trainings are worth a cell of this accuracy: the k of `expected_best_of`.

        Between two whole numbers it is interpolated; 0 is below what one random cell has on the average, and what is
        above the best cell is worth all of them.
        """
        curve = self.best_of
        if accuracy < curve[0]:
            return 0.0
        return float(np.interp(accuracy, curve, np.arange(1, len(self) + 1)))

    @cached_property
    def best_of(self) -> list[float]:
        """`expected_best_of(k)` for k from 1 to the number of cells."""
        return [self.expected_best_of(k) for k in range(1, len(self) + 1)]

    @cached_property
    def computing(self) -> list[Cell]:
        """The cells whose output is not zero for every image."""
        return [cell for cell in self if chains(cell.genotype)]

    def tau(self, scores: Mapping[str, float]) -> float:
        """Return Kendall's tau of scores with the accuracies, over the cells whose output is not always zero.

        Args:
            scores: `{genotype: number}`, for instance the summed logarithms of the mixture's weights of its operations.
        """
        return kendall_tau(
            [scores[cell.genotype] for cell in self.computing], [cell.accuracy for cell in self.computing]
        )

    @property
    def ceiling(self) -> float:
        """Kendall's tau between the accuracies of two seeds, the mean over all pairs of seeds.

        It says how far the order of the cells is that of the cells and not of their seeds.
        """
        columns = zip(*(cell.accuracies for cell in self.computing))
        taus = [kendall_tau(first, second) for first, second in combinations(list(columns), 2)]
        return sum(taus) / len(taus)

    @property
    def seed_deviation(self) -> float:
        """Standard deviation of the accuracy of a training over seeds, pooled over the cells that are not zero."""
        variances = {chains(cell.genotype): np.var(cell.accuracies, ddof=1) for cell in self.computing}
        return math.sqrt(sum(variances.values()) / len(variances))


def load_table(path: FilePath | None = None) -> TruthTable:
    """Return the `TruthTable` that comes with this package, or the one in a file.

    Raises:
        OSError: the file cannot be read.
        ValueError: it is no such table, or not complete.
    """
    return load_own_table() if path is None else read_table(own_path(path))


@cache
def load_own_table() -> TruthTable:
    return read_table(pathlib.Path(__file__).with_name("table.json"))


def read_table(path: pathlib.Path) -> TruthTable:
    content = read_object(path, SHAPE)
    try:
        check_rows(content["cells"])
        return TruthTable(content)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{path} is no tabular benchmark: {error}") from error


def check_rows(rows: Mapping[str, Any]) -> None:
    """Raise a ValueError unless all cells have as many accuracies, and all their numbers are finite."""
    counts = {code: len(row["accuracies"]) for code, row in rows.items()}
    if len(set(counts.values())) > 1 or 0 in counts.values():
        raise ValueError(f"cells should have as many accuracies each, got {sorted(set(counts.values()))}")
    for code, row in rows.items():
        numbers = [*row["accuracies"], row["parameters"], row["flops"], row["latency"], *row["scores"].values()]
        if not all(math.isfinite(number) for number in numbers):
            raise ValueError(f"cell {code} has a number that is not finite")
