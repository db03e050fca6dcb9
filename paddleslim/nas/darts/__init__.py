"""Differentiable architecture search (DARTS)."""

from . import quiet_paddle  # noqa: F401  (before all others)
from .architect import Architect
from .callbacks import Callback
from .get_genotype import Genotype, get_genotype
from .published import DARTS_V1, DARTS_V2, PC_DARTS
from .train_search import DARTSearch, count_parameters_in_MB

__all__ = [
    "DARTS_V1",
    "DARTS_V2",
    "PC_DARTS",
    "Architect",
    "Callback",
    "DARTSearch",
    "Genotype",
    "count_parameters_in_MB",
    "get_genotype",
]
