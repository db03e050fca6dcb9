"""Neural architecture search."""

import functools

from ..scope import refuse_attribute
from .darts import DARTSearch, count_parameters_in_MB

__all__ = ["DARTSearch", "count_parameters_in_MB"]

__getattr__ = functools.partial(refuse_attribute, __name__)
