"""The statistics of the study: intervals, exact tests, their correction, rank correlation."""

from __future__ import annotations

import math
from fractions import Fraction

import numpy as np

__all__ = ["bootstrap_interval", "chance_p_value", "holm", "kendall_tau", "mid_ranks", "permutation_p_value"]

MOST_PAIRS = 22  # 2^22 signs are 4 million sums


def mid_ranks(values):
    """Return the rank of each number from 1, the smallest, on; equal numbers share the mean of their ranks."""
    values = np.asarray(values, float)
    below = (values[None, :] < values[:, None]).sum(axis=1)
    equal = (values[None, :] == values[:, None]).sum(axis=1)
    return below + (equal + 1) / 2


def kendall_tau(first, second):
    """Return Kendall's tau-b of two lists of numbers: 1 for the same order, 0 for none, ties accounted for."""
    from scipy.stats import kendalltau

    return float(kendalltau(first, second).statistic)


def bootstrap_interval(values, level=0.95, resamples=10_000, seed=0):
    """Return the interval (low, high) of the mean by the percentile bootstrap (Efron, 1979).

    Args:
        values: one number for each search.
        level: share of the resampled means inside the interval.
        resamples: how often as many numbers are drawn from the values with replacement.
        seed: of the draws.

    Raises:
        ValueError: there are no values, or the level is not between 0 and 1.
    """
    values = np.asarray(values, float)
    if not len(values) or not 0 < level < 1:
        raise ValueError(f"an interval needs values and a level between 0 and 1, got {len(values)} and {level!r}")
    means = np.random.default_rng(seed).choice(values, [resamples, len(values)]).mean(axis=1)
    low, high = np.quantile(means, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def permutation_p_value(first, second):
    """Return the two-sided p value of the exact paired permutation test of equal means.

    If two methods are alike, each difference might as well have the other sign: the p value is the share of all
    2^n choices of signs whose mean difference is at least as far from 0 as the one seen (Fisher, 1935).

    Args:
        first, second: one number for each seed, of two methods.

    Raises:
        ValueError: the lists are empty, of different length, or too long for all choices of signs.
    """
    if len(first) != len(second) or not 1 <= len(first) <= MOST_PAIRS:
        raise ValueError(f"the test needs 1 to {MOST_PAIRS} pairs of numbers, got {len(first)} and {len(second)}")
    sums = np.zeros(1)
    differences = np.subtract(first, second, dtype=float)
    for difference in differences:
        sums = np.concatenate([sums + difference, sums - difference])
    tolerance = 1e-9 * max(np.abs(differences).sum(), 1e-300)  # sums that are equal but for rounding
    return float((np.abs(sums) >= abs(differences.sum()) - tolerance).mean())


def chance_p_value(values, choices):
    """Return the probability that chance does as well: the exact one-sided p value of percentiles.

    Args:
        values: the percentile of the cell that each search found, multiples of 1/d with d at most 1000.
        choices: for each search the percentiles among which a random choice would have been, all equally likely.

    Returns:
        P(mean of one draw from each of the choices >= mean of the values), by adding the distributions exactly.

    Raises:
        ValueError: there is not one list of choices for each value, or one is empty.
    """
    if len(values) != len(choices) or not len(values) or not all(len(choice) for choice in choices):
        raise ValueError(f"{len(values)} values need as many lists of choices, none of them empty, got {len(choices)}")
    exact = [[Fraction(float(v)).limit_denominator(1000) for v in choice] for choice in choices]
    found = [Fraction(float(v)).limit_denominator(1000) for v in values]
    scale = math.lcm(*(v.denominator for numbers in [*exact, found] for v in numbers))
    distribution = np.ones(1)
    for choice in exact:
        share = np.bincount([int(v * scale) for v in choice]) / len(choice)
        distribution = np.convolve(distribution, share)
    return float(min(distribution[int(sum(found) * scale) :].sum(), 1.0))


def holm(p_values):
    """Return `{name: p}` corrected for the number of tests by Holm (1979).

    The k-th smallest of m p values is multiplied by m - k + 1; none becomes smaller than one before it, or above 1.

    Args:
        p_values: `{name: p}`.
    """
    corrected, largest = {}, 0.0
    for k, name in enumerate(sorted(p_values, key=lambda name: p_values[name])):
        largest = min(max(largest, (len(p_values) - k) * p_values[name]), 1.0)
        corrected[name] = largest
    return {name: corrected[name] for name in p_values}
