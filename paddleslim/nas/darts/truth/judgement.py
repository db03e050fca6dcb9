"""What the cells that a method found are worth, with intervals and p values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from .rules import follow
from .statistics import bootstrap_interval, chance_p_value, holm, permutation_p_value
from .table import TruthTable

__all__ = ["Estimate", "Measures", "Summary", "compare", "measure", "measure_rule", "p_value_between", "summarise"]


@dataclasses.dataclass(frozen=True)
class Measures:
    """All that is reported of the cell that one search returned.

    Attributes:
        accuracy: on the test images, the mean of its trainings.
        percentile: among all cells, see `TruthTable.percentile`.
        percentile_same_size: among the cells with as many parameters.
        percentile_within: among the cells within the budget; None without a budget, 0 for a cell above it.
        regret: accuracy of the best cell less its own.
        worth: in random trainings, see `TruthTable.worth`.
        same_size_accuracy: of a random cell with as many parameters, its expected value.
        rank, parameters, flops, latency, skips: as of `Cell`.
    """

    accuracy: float
    percentile: float
    percentile_same_size: float
    percentile_within: float | None
    regret: float
    worth: float
    same_size_accuracy: float
    rank: float
    parameters: float
    flops: float
    latency: float
    skips: float


class Estimate(NamedTuple):
    """A mean over searches and its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Summary:
    """What a method's searches came to.

    Attributes:
        searches: how many.
        estimates: `{name of a measure: Estimate}`.
        p_values: `{name of a percentile: p}` of the exact test against a random choice, one-sided, not corrected.
    """

    searches: int
    estimates: dict[str, Estimate]
    p_values: dict[str, float]


def measure(table: TruthTable, genotype: str, budget: float | None = None) -> Measures:
    """Return the `Measures` of a cell.

    Args:
        table: a `TruthTable`.
        genotype: the string of the cell.
        budget: parameters that the cell may have, for a search under a budget.

    Raises:
        ValueError: the string is of no cell of the table.
    """
    cell, same = table[genotype], table.same_size(genotype)
    within = None
    if budget is not None:
        allowed = table.within(budget)
        within = table.percentile(genotype, allowed) if cell in allowed else 0.0
    return Measures(
        accuracy=cell.accuracy,
        percentile=table.percentile(genotype),
        percentile_same_size=table.percentile(genotype, same),
        percentile_within=within,
        regret=table.regret(genotype),
        worth=table.worth(cell.accuracy),
        same_size_accuracy=sum(other.accuracy for other in same) / len(same),
        **{name: getattr(cell, name) for name in ("rank", "parameters", "flops", "latency", "skips")},
    )


def measure_rule(table: TruthTable, rule: str, budget: float | None = None) -> Measures:
    """Return the expected `Measures` of a rule of `RULES`, over the cells it may return."""
    return Measures(**means([measure(table, cell.genotype, budget) for cell in follow(rule, table, budget)]))


def summarise(table: TruthTable, genotypes: Sequence[str], budget: float | None = None) -> Summary:
    """Return the `Summary` of the cells that a method's searches returned, one for each seed.

    Raises:
        ValueError: there are none, or one is no cell of the table.
    """
    found = [measure(table, genotype, budget) for genotype in genotypes]
    estimates = {}
    for name, mean in means(found).items():
        if mean is not None:
            estimates[name] = Estimate(mean, *bootstrap_interval([getattr(m, name) for m in found]))
    groups = {"percentile": [list(table)] * len(found), "percentile_same_size": list(map(table.same_size, genotypes))}
    if budget is not None:
        groups["percentile_within"] = [table.within(budget)] * len(found)
    p_values = {}
    for name, cells in groups.items():
        choices = [[table.percentile(cell.genotype, group) for cell in group] for group in cells]
        p_values[name] = chance_p_value([getattr(m, name) for m in found], choices)
    return Summary(len(found), estimates, p_values)


def means(found: Sequence[Measures]) -> dict[str, Any]:
    """Return `{name: mean}` of a list of `Measures`; None where it is not measured.

    Raises:
        ValueError: the list is empty.
    """
    if not found:
        raise ValueError("there are no cells to judge; give the genotype of at least one search")
    columns = {field.name: [getattr(m, field.name) for m in found] for field in dataclasses.fields(Measures)}
    return {name: None if None in values else float(np.mean(values)) for name, values in columns.items()}


def p_value_between(
    table: TruthTable,
    first: Sequence[str],
    second: Sequence[str],
    name: str = "percentile",
    budget: float | None = None,
) -> float:
    """Return the two-sided p value of the exact paired permutation test between two methods.

    Args:
        table: a `TruthTable`.
        first, second: the genotypes that two methods found, one for each seed, the same seeds in the same order.
        name: of the measure that is compared.
        budget: as of `measure`.

    Raises:
        ValueError: the numbers of searches differ, or there are too many for an exact test.
    """
    values = [[getattr(measure(table, g, budget), name) for g in genotypes] for genotypes in (first, second)]
    return permutation_p_value(*values)


def compare(table: TruthTable, methods: Mapping[str, Sequence[str]], budget: float | None = None) -> dict[str, Summary]:
    """Return `{method: Summary}` with p values corrected by Holm over the methods, for each percentile.

    Args:
        table: a `TruthTable`.
        methods: `{name: genotypes}`, one genotype for each seed.
        budget: as of `measure`.
    """
    summaries = {name: summarise(table, genotypes, budget) for name, genotypes in methods.items()}
    kinds = {kind for summary in summaries.values() for kind in summary.p_values}
    corrected = {kind: holm({name: summary.p_values[kind] for name, summary in summaries.items()}) for kind in kinds}
    return {
        name: dataclasses.replace(summary, p_values={kind: corrected[kind][name] for kind in summary.p_values})
        for name, summary in summaries.items()
    }
