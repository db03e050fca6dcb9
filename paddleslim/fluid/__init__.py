"""What `import paddle.fluid` finds on a Paddle that no longer has it: fluid of Paddle 1.8, for dygraph scripts.

One file stands for each of fluid's modules, thin on today's `paddle`, with fluid's meaning where the two differ.
"""

from . import (
    average,
    backward,
    clip,
    compiler,
    contrib,
    core,
    data_feeder,
    dygraph,
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
from ._absent import absent
from .core import CPUPlace, CUDAPinnedPlace, CUDAPlace
from .dygraph import *  # noqa: F403
from .dygraph import disable_dygraph, enable_dygraph, load_dygraph, save_dygraph
from .framework import (
    Variable,
    cpu_places,
    cuda_pinned_places,
    cuda_places,
    default_main_program,
    default_startup_program,
    get_flags,
    in_dygraph_mode,
    is_compiled_with_cuda,
    name_scope,
    require_version,
    set_flags,
)
from .input import one_hot
from .param_attr import ParamAttr

VarBase = Variable
__getattr__ = absent(__name__)
