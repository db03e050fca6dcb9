"""The parts of PaddleSlim's `common` that a search uses."""

from .log_helper import get_logger
from .meter import AvgrageMeter

__all__ = ["AvgrageMeter", "get_logger"]
