# ruff: noqa: F401, F403, F405 - what the modules hold, under this name too
"""What `import paddle.fluid` finds on a Paddle that no longer has it: fluid of Paddle 1.8, for dygraph scripts.

One file stands for each of fluid's modules, thin on today's `paddle`, with fluid's meaning where the two differ.
"""

from . import (
    _compat,
    average,
    backward,
    clip,
    compiler,
    contrib,
    core,
    data_feeder,
    dataloader,
    dygraph,
    dygraph_grad_clip,
    dygraph_utils,
    executor,
    framework,
    initializer,
    input,
    install_check,
    io,
    layer_helper,
    layers,
    metrics,
    nets,
    optimizer,
    param_attr,
    profiler,
    reader,
    regularizer,
    unique_name,
    wrapped_decorator,
)
from ._absent import absent, complete_star_imports
from ._equal_draws import draw_alike
from .core import CPUPlace, CUDAPinnedPlace, CUDAPlace
from .dygraph import *
from .framework import *
from .input import *
from .param_attr import *

VarBase = Variable
__all__ = [
    *dygraph.__all__,
    *framework.__all__,
    *input.__all__,
    *param_attr.__all__,
    "CPUPlace",
    "CUDAPinnedPlace",
    "CUDAPlace",
    "VarBase",
]
__getattr__ = absent(__name__)
complete_star_imports()
draw_alike()
