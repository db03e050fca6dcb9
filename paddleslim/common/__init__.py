"""The parts of PaddleSlim's `common` that a search uses."""

import functools

from ..scope import refuse_attribute
from .log_helper import get_logger
from .meter import AvgrageMeter

__all__ = ["AvgrageMeter", "get_logger"]

__getattr__ = functools.partial(refuse_attribute, __name__)
