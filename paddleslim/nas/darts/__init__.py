"""Differentiable architecture search (DARTS)."""

from ... import quiet_paddle  # noqa: F401  (before all others)
from .genotype.derivation import Genotype, get_genotype
from .genotype.published import DARTS_V1, DARTS_V2, PC_DARTS
from .search.architect import Architect
from .search.dart_search import DARTSearch, count_parameters_in_MB
from .training.callbacks import Callback

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
