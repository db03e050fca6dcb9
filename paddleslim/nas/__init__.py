"""Neural architecture search."""

from typing import TYPE_CHECKING

from ..lazy import lazy_names

if TYPE_CHECKING:
    from .darts import DARTSearch, count_parameters_in_MB

__all__ = ["DARTSearch", "count_parameters_in_MB"]

__getattr__, __dir__ = lazy_names(__name__)
