"""Differentiable architecture search (DARTS)."""

from ... import quiet_paddle  # noqa: F401  (before all others)
from .architect import Architect
from .genotype.published import DARTS_V1, DARTS_V2, PC_DARTS
from .get_genotype import Genotype, get_genotype
from .predict import load_trained
from .train_search import DARTSearch, count_parameters_in_MB
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
    "load_trained",
]
