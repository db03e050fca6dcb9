"""`fluid.dygraph.profiler`: gperftools around a script; today's Paddle has `paddle.profiler`."""

from .._absent import absent

__getattr__ = absent(__name__)
