"""Differentiable architecture search (DARTS)."""

import sys
import types
from typing import TYPE_CHECKING

from ...lazy import lazy_names

if TYPE_CHECKING:
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

__getattr__, __dir__ = lazy_names(__name__)


class Package(types.ModuleType):
    """A package whose `get_genotype` is the function, though a module of it has that name too."""

    def __setattr__(self, name, value):
        if not (name == "get_genotype" and isinstance(value, types.ModuleType)):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = Package
