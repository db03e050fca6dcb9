"""A budget: the expected cost of the cell, as a part of the loss (ProxylessNAS: Cai et al., 2019; FBNet: Wu et al.)."""

from __future__ import annotations

import dataclasses
from typing import Any, ClassVar

import numpy as np
import paddle
from paddle.nn import functional as F

from .annealing import check_numbers, make_plain

__all__ = ["ExpectedCost"]


@dataclasses.dataclass(frozen=True)
class ExpectedCost:
    """Add `weight * max(0, C(p) / target - 1)` to the validation loss, with `C(p) = fixed + sum of s_e p_o c_o`.

    The sum is over all edges e and operations o of the normal and of the reduction cell; s_e is the share of the edges
    into the same state that a genotype keeps, such as 2/5. It is differentiable in the weights p, so the alphas learn
    what an operation costs as soon as the cell is above the target. Where a mixture draws one operation an edge (GDAS),
    p is the probability of each, softmax(a): C(p) is then the mean cost of what is drawn, and every alpha learns its
    part of it, not that of the drawn operation alone.

    Attributes:
        costs: one table for each table of weights: tuples of numbers `[edges, operations]`, in the unit of `target`,
            the shares multiplied in. `Costs.penalty` makes them of what was counted or measured.
        target: the largest expected cost that is free.
        weight: of the part above the target.
        fixed: cost of all that the search does not choose.
        unit: of the costs, for messages.
        cost_of: function of a genotype that returns its cost, for the report; or None.

    Raises:
        ValueError: a number is negative, the target is not positive, or a table is no table of costs.
    """

    costs: Any = dataclasses.field(repr=False)
    target: float
    weight: float = 1.0
    fixed: float = 0.0
    unit: str = ""
    cost_of: Any = dataclasses.field(default=None, repr=False)

    equation: ClassVar[str] = "L_val + weight * max(0, C(p) / target - 1), C(p) = fixed + sum of s_e p_o c_o"

    def __post_init__(self):
        make_plain(self)
        check_numbers(np.finfo("float32").tiny, target=self.target)
        check_numbers(weight=self.weight, fixed=self.fixed)
        tables = tuple(tuple(tuple(float(cost) for cost in row) for row in table) for table in self.costs)
        if not tables or not all(table and len({len(row) for row in table}) == 1 for table in tables):
            raise ValueError("costs must be tables [edges, operations], one for each kind of cell")
        check_numbers(
            **{
                f"costs[{k}][{e}][{o}]": c
                for k, t in enumerate(tables)
                for e, r in enumerate(t)
                for o, c in enumerate(r)
            }
        )
        object.__setattr__(self, "costs", tables)

    def curves(self, progress):
        """Return what anneals, by name: nothing."""
        return {}

    def expected(self, weights):
        """Return C(p), a scalar, of a list of `[edges, operations]`; further columns are not counted.

        Raises:
            ValueError: the costs are of another number of cells, edges or operations.
        """
        shapes = [[len(table), len(table[0])] for table in self.costs]
        found = [list(w.shape) for w in weights]
        if len(shapes) != len(found) or any(s[0] != f[0] or s[1] > f[1] for s, f in zip(shapes, found)):
            raise ValueError(f"the costs are of tables of {shapes}, the weights of the supernet {found}")
        tables = [paddle.to_tensor(table, dtype=w.dtype) for table, w in zip(self.costs, weights)]
        return self.fixed + paddle.add_n([(w[:, : t.shape[1]] * t).sum() for t, w in zip(tables, weights)])

    def __call__(self, alphas, weights, progress):
        """Return what is added to the validation loss, a scalar; see `BetaDecay`."""
        return self.weight * F.relu(self.expected(weights) / self.target - 1)

    def figures(self, weights, genotype):
        """Return what an epoch's report shows: C(p) of these weights, the cost of the genotype, and the target."""
        found = {"expected cost": float(self.expected(weights)), "target cost": float(self.target)}
        if self.cost_of is not None:
            found["cost of the genotype"] = float(self.cost_of(genotype))
        return found

    def verdict(self, genotype):
        """Return a sentence: whether the genotype found keeps to the target; None where its cost is not known."""
        if self.cost_of is None:
            return None
        cost = self.cost_of(genotype)
        place = "within" if cost <= self.target else "above"
        return f"the genotype costs {cost:.6g} {self.unit}, {place} the target of {self.target:.6g}"
