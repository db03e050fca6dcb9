"""The one logger of all runs."""

from __future__ import annotations

import logging

from ....common import get_logger

__all__ = ["logger"]

logger = get_logger("paddleslim", logging.INFO)
