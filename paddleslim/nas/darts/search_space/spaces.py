"""The search spaces by name."""

from __future__ import annotations

from .operations import PRIMITIVES
from .reduced import S2, S3, S4
from .space import CellSpace

__all__ = ["SPACES"]

SPACES = {space.name: space for space in (CellSpace("darts", PRIMITIVES), S2, S3, S4)}
