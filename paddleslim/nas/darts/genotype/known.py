"""What is a genotype, of the kinds that are known."""

from __future__ import annotations

from .nas_bench_201 import NASBench201Genotype

__all__ = ["as_genotype", "is_known"]


def is_known(genotype):
    """Return whether a genotype is of a type of this library: it has `cells()` and `to_json()`."""
    return hasattr(genotype, "cells")


def as_genotype(genotype):
    """Return `genotype` itself if it is of a known type, and a text of NAS-Bench-201 as a `NASBench201Genotype`.

    Raises:
        ValueError: it is neither.
    """
    if is_known(genotype):
        return genotype
    wrong = f"expected a Genotype or a cell such as '|op~0|+|op~0|op~1|', got {genotype!r}"
    if not isinstance(genotype, str) or not genotype.startswith("|"):
        raise ValueError(wrong)
    try:
        return NASBench201Genotype(genotype)
    except ValueError as error:
        raise ValueError(f"{wrong}: {error}") from error
