"""`DARTSearch`, where PaddleSlim 1.1 has it."""

from .search.dart_search import DARTSearch, count_parameters_in_MB

__all__ = ["DARTSearch", "count_parameters_in_MB"]
