# ruff: noqa: F401, F403 - what the modules hold, under this name too
"""`fluid.dygraph`: layers, guards and learning rates of the dynamic graph."""

from .. import core, framework
from .._absent import absent
from . import (
    backward_strategy,
    base,
    checkpoint,
    container,
    dygraph_to_static,
    jit,
    layer_object_helper,
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
from .dygraph_to_static import *
from .jit import *
from .layers import *
from .learning_rate_scheduler import *
from .nn import *
from .parallel import *
from .parallel import ParallelEnvironment
from .tracer import *

MODULES = (
    backward_strategy,
    base,
    checkpoint,
    container,
    dygraph_to_static,
    jit,
    layers,
    learning_rate_scheduler,
    nn,
    parallel,
    tracer,
)
__all__ = [name for module in MODULES for name in module.__all__]
__getattr__ = absent(__name__)
