"""The one logger of all runs."""

from __future__ import annotations

from ....common.log_helper import package_logger

__all__ = ["logger"]

logger = package_logger("paddleslim")
