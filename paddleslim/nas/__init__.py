"""Neural architecture search."""

from .darts import DARTSearch, count_parameters_in_MB

__all__ = ["DARTSearch", "count_parameters_in_MB"]
