"""The loggers of all runs."""

from __future__ import annotations

from ....common.log_helper import package_logger

__all__ = ["lines_logger", "logger", "signals_logger"]

logger = package_logger("paddleslim")
lines_logger = package_logger("paddleslim.lines")  # of steps and epochs, which a progress bar shows in its own way
signals_logger = package_logger("paddleslim.signals")  # of what is done about a signal, which a command prints too
