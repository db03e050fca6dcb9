"""What the searches of several methods came to, beside the rules that search nothing: numbers and a picture."""

from __future__ import annotations

import dataclasses

import numpy as np

from ....extras import require_matplotlib
from ..state.atomic_file import write_atomically
from .judgement import Estimate, compare, measure, measure_rule, p_value_between
from .rules import RULES
from .searches import log_weights
from .space import to_code
from .statistics import MOST_PAIRS, bootstrap_interval, holm

__all__ = ["draw_verdict", "judge_searches"]

BASELINE = "darts"
LEVEL = 0.05  # of the p values, corrected
TITLES = {
    "percentile": "Percentile among all cells",
    "percentile_within": "Percentile among cells within the budget",
    "percentile_same_size": "Percentile among cells of the same size",
}


def judge_searches(table, results, budget=None):
    """Return what the searches came to, as JSON holds it.

    Args:
        table: a `TruthTable`.
        results: `{method: [result]}`, what `search_all` returns.
        budget: parameters that a cell may have, for searches under a budget; None for others.

    Returns:
        A dictionary: "methods", for each its estimates `[mean, low, high]` with 95 % bootstrap intervals, among them
        "tau" and "seconds"; "p_values" against chance, one-sided, and "p_against_darts", the exact paired test of the
        accuracies, each corrected by Holm over the methods; "conclusions", see `conclude`; how many searches failed,
        and each search with its measures. "rules": the expected measures of each. "ceiling": of tau. "budget".
    """
    genotypes = {method: [result["genotype"] for result in found] for method, found in results.items()}
    summaries = compare(table, genotypes, budget)
    rules = {rule: dataclasses.asdict(measure_rule(table, rule, budget)) for rule in RULES}
    against = compare_to_baseline(table, genotypes)
    methods = {}
    for method, found in results.items():
        searches = [judge_one(table, result, budget) for result in found]
        estimates = dict(summaries[method].estimates)
        for name, values in {
            "tau": [s["tau"] for s in searches if s["tau"] is not None],
            "seconds": [s["seconds"] for s in searches if not s["resumed"]],
            "processor_seconds": [s["processor_seconds"] for s in searches if not s["resumed"]],
        }.items():
            if values:
                estimates[name] = Estimate(float(np.mean(values)), *bootstrap_interval(values))
        methods[method] = {
            "estimates": {name: list(estimate) for name, estimate in estimates.items()},
            "p_values": summaries[method].p_values,
            "p_against_darts": against.get(method),
            "conclusions": conclude(summaries[method], rules, budget),
            "failed": sum(s["error"] is not None for s in searches),
            "searches": searches,
        }
    return {"methods": methods, "rules": rules, "ceiling": table.ceiling, "budget": budget}


def conclude(summary, rules, budget=None):
    """Return what the rule of the study says of a method, as `{name: bool}`.

    "beats most parameters": its mean accuracy is above that of the rule; within a budget, its mean percentile is.
    "above chance" and "above chance at equal size": the corrected p value of the percentile is below 0.05.
    "counts parameters": above chance, but not at equal size.
    """
    kind = "percentile" if budget is None else "percentile_within"
    measure_of = "accuracy" if budget is None else kind
    above, at_equal_size = (summary.p_values[k] < LEVEL for k in (kind, "percentile_same_size"))
    return {
        "beats most parameters": summary.estimates[measure_of].mean > rules["most parameters"][measure_of] + 1e-9,
        "above chance": above,
        "above chance at equal size": at_equal_size,
        "counts parameters": above and not at_equal_size,
    }


def judge_one(table, result, budget=None):
    """Return the result of a search with the measures of its cell and its tau; None for one that failed."""
    weights = result["weights"]
    tau = None if weights is None else table.tau(log_weights(weights))
    if tau is not None and np.isnan(tau):  # all cells alike: no order
        tau = 0.0
    code = to_code(result["genotype"])
    return {**result, "code": code, **dataclasses.asdict(measure(table, result["genotype"], budget)), "tau": tau}


def compare_to_baseline(table, genotypes):
    """Return `{method: p}` against first-order DARTS, corrected; nothing without it or with too many seeds."""
    others = [method for method in genotypes if method != BASELINE]
    if BASELINE not in genotypes or len(genotypes[BASELINE]) > MOST_PAIRS:
        return {}
    return holm({m: p_value_between(table, genotypes[m], genotypes[BASELINE], "accuracy") for m in others})


def draw_verdict(verdict, path):
    """Draw every search as a dot, means with their intervals, rules as crosses; the ending of `path` is the format."""
    require_matplotlib("A picture of the searches")
    import io

    from matplotlib.figure import Figure

    names = [*verdict["methods"], *verdict["rules"]]
    figure = Figure(figsize=(10, 1.2 + 0.4 * len(names)), layout="constrained")
    panels = ("percentile" if verdict["budget"] is None else "percentile_within", "percentile_same_size")
    for axes, kind in zip(figure.subplots(1, 2, sharey=True), panels):
        for row, (_name, found) in enumerate(verdict["methods"].items()):
            values = [search[kind] for search in found["searches"]]
            shifts = 0.25 * np.linspace(-1, 1, len(values)) if len(values) > 1 else [0.0]
            axes.plot(values, row + np.asarray(shifts), "o", color="tab:blue", alpha=0.35, markersize=4)
            mean, low, high = found["estimates"][kind]
            axes.errorbar(
                mean, row, xerr=[[max(mean - low, 0)], [max(high - mean, 0)]], fmt="s", color="black", capsize=3
            )
        for row, rule in enumerate(verdict["rules"].values(), len(verdict["methods"])):
            axes.plot(rule[kind], row, "x", color="tab:red")
        axes.axvline(0.5, color="grey", linestyle=":")  # chance
        axes.set(xlim=(-0.02, 1.02), xlabel=TITLES[kind], yticks=range(len(names)), yticklabels=names)
    figure.axes[0].invert_yaxis()
    content = io.BytesIO()
    figure.savefig(content, format=path.suffix[1:], dpi=120)
    write_atomically(path, content.getvalue())
