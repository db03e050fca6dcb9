# ruff: noqa: F401, F403 - what the modules hold, under this name too
"""`fluid.dygraph`: layers, guards and learning rates of the dynamic graph."""

from .. import core, framework
from .._absent import absent
from . import (
    backward_strategy,
    base,
    checkpoint,
    container,
    jit,
    layers,
    learning_rate_scheduler,
    nn,
    parallel,
    profiler,
    tracer,
)
from .backward_strategy import *
from .base import *
from .checkpoint import *
from .container import *
from .jit import *
from .layers import *
from .learning_rate_scheduler import *
from .nn import *
from .parallel import *

MODULES = (
    backward_strategy,
    base,
    checkpoint,
    container,
    jit,
    layers,
    learning_rate_scheduler,
    nn,
    parallel,
)
__all__ = [name for module in MODULES for name in module.__all__]
__getattr__ = absent(__name__)
