"""`Architect`, where PaddleSlim 1.1 has it."""

from .search.architect import Architect

__all__ = ["Architect"]
