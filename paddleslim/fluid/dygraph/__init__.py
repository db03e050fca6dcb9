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
from .backward_strategy import BackwardStrategy
from .base import (
    disable_dygraph,
    disable_imperative,
    enable_dygraph,
    enable_imperative,
    enabled,
    grad,
    guard,
    no_grad,
    to_variable,
)
from .checkpoint import load_dygraph, save_dygraph
from .container import LayerList, ParameterList, Sequential
from .jit import declarative, dygraph_to_static_func
from .layers import Layer
from .learning_rate_scheduler import (
    CosineDecay,
    ExponentialDecay,
    InverseTimeDecay,
    LambdaDecay,
    LinearLrWarmup,
    MultiStepDecay,
    NaturalExpDecay,
    NoamDecay,
    PiecewiseDecay,
    PolynomialDecay,
    ReduceLROnPlateau,
    StepDecay,
)
from .nn import *  # noqa: F403 - the layers, by nn.__all__
from .parallel import DataParallel, ParallelEnv, prepare_context

__all__ = [
    *nn.__all__,
    *learning_rate_scheduler.__all__,
    *base.__all__,
    "BackwardStrategy",
    "DataParallel",
    "Layer",
    "LayerList",
    "ParallelEnv",
    "ParameterList",
    "Sequential",
    "declarative",
    "dygraph_to_static_func",
    "load_dygraph",
    "prepare_context",
    "save_dygraph",
]
__getattr__ = absent(__name__)
