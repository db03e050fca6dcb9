"""Signs that a search collapses into skip connections, and the published rules that stop it."""

from __future__ import annotations

import dataclasses

import numpy as np

from ..genotype.edges import softmax
from ..genotype.known import is_known

__all__ = ["STOPPING_RULES", "Collapse", "Eigenvalue", "SkipCount", "count_skips", "find_collapse", "mean_entropy"]

TOO_MANY_SKIPS = 2  # in the normal cell: DARTS+ (Liang et al., 2019), criterion 1
WINDOW = 5  # epochs, of the mean and of the distance
RATIO = 4 / 3  # 1 / 0.75: Understanding and Robustifying DARTS (Zela et al., 2020), section 4.3


@dataclasses.dataclass
class Collapse:
    """A search that collapsed.

    Attributes:
        epoch: after which it was seen.
        before: the last epoch from before, whose genotype is good.
        reason: a sentence.
    """

    epoch: int
    before: int
    reason: str


def count_skips(genotype):
    """Return how many skip connections the normal and the reduction cell hold; None for a cell that is not there.

    A genotype of a user's own type counts as one normal cell, by its text.
    """
    if not is_known(genotype):
        return str(genotype).count("skip_connect"), None
    counts = [cell.count("skip_connect") for cell in genotype.cells()]
    return counts[0], counts[1] if len(counts) > 1 else None


def mean_entropy(supernet, strength=softmax):
    """Return the entropy of the operations' strengths, in nats, as a mean over all edges; None without any alphas.

    Equal operations, n of them, have ln(n), one operation alone has 0.

    Args:
        supernet: offers `arch_parameters()`.
        strength: function of an array of alphas `[edges, operations]`, see `get_genotype`; an edge's are divided by
            their sum.
    """
    alphas = [
        np.atleast_1d(alpha.numpy().astype("float64")) for alpha in supernet.arch_parameters() if 0 not in alpha.shape
    ]
    # Beside `[edges, operations]` there may be the edge weights of PC-DARTS, `[edges]`.
    tables = [a for a in alphas if a.ndim > 1] or alphas
    rows = [row for table in tables for row in strength(table.reshape(-1, table.shape[-1]))]
    return float(np.mean([entropy(row) for row in rows])) if rows else None


def entropy(strengths):
    """Return - sum p ln p of strengths divided by their sum."""
    p = strengths / strengths.sum()
    return float(-(p * np.log(np.maximum(p, np.finfo(float).tiny))).sum())


@dataclasses.dataclass(frozen=True)
class SkipCount:
    """Two or more skip connections in the normal cell, after an epoch that had fewer (DARTS+, Liang et al., 2019)."""

    needs_eigenvalue = False
    equation = "stops at two skip connections or more in the normal cell"

    def check(self, history):
        """Return the `Collapse` that the last of these `EpochReport` objects shows, None if it shows none."""
        return find_skips(history)


@dataclasses.dataclass(frozen=True)
class Eigenvalue:
    """The dominant eigenvalue, a mean over 5 epochs, above 4/3 of what it was 5 epochs before (RobustDARTS).

    Understanding and Robustifying DARTS (Zela et al., 2020), section 4.3.
    """

    needs_eigenvalue = True
    equation = "stops where the mean eigenvalue of 5 epochs is above 4/3 of that of the 5 before"

    def check(self, history):
        """Return the `Collapse` that the last of these `EpochReport` objects shows, None if it shows none."""
        return find_rise(history)


STOPPING_RULES = {"skips": SkipCount, "eigenvalue": Eigenvalue}


def find_collapse(history, rule, epochs_no_archopt=0):
    """Return the `Collapse` that the latest epoch shows, None if it shows none.

    Args:
        history: `EpochReport` objects, one for each epoch so far.
        rule: 'skips', 'eigenvalue', an object such as `SkipCount()`; None: never.
        epochs_no_archopt: epochs at the start whose alphas rested, which say nothing.
    """
    rule = STOPPING_RULES[rule]() if isinstance(rule, str) else rule
    return rule.check(history[epochs_no_archopt:]) if rule is not None and history[epochs_no_archopt:] else None


def find_skips(history):
    earlier = [report for report in history[:-1] if report.skips_normal < TOO_MANY_SKIPS]
    if not earlier or history[-1].skips_normal < TOO_MANY_SKIPS:
        return None
    epoch, before = history[-1].epoch, earlier[-1].epoch
    reason = f"the normal cell holds {history[-1].skips_normal} skip connections after epoch {epoch}"
    return Collapse(epoch, before, reason)


def find_rise(history):
    if len(history) < 2 * WINDOW:
        return None
    now, then = (mean_eigenvalue(part) for part in (history[-WINDOW:], history[-2 * WINDOW : -WINDOW]))
    if now is None or then is None or then <= 0 or now <= RATIO * then:
        return None
    epoch, before = history[-1].epoch, history[-1 - WINDOW].epoch
    rise = f"rose from {then:.4g} after epoch {before} to {now:.4g} after epoch {epoch}"
    reason = f"the dominant eigenvalue of the validation Hessian in the alphas, a mean over {WINDOW} epochs, {rise}"
    return Collapse(epoch, before, reason)


def mean_eigenvalue(reports):
    """Return the mean of those eigenvalues that were computed, None if none was."""
    values = [report.eigenvalue for report in reports if report.eigenvalue is not None]
    return float(np.mean(values)) if values else None
