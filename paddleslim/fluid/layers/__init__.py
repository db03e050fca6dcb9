# ruff: noqa: F401, F403 - what the modules hold, under this name too
"""`fluid.layers`: functions of variables."""

from .._absent import absent
from . import (
    control_flow,
    detection,
    distributions,
    io,
    learning_rate_scheduler,
    loss,
    metric_op,
    nn,
    ops,
    rnn,
    sequence_lod,
    tensor,
    utils,
)
from .control_flow import *
from .detection import *
from .learning_rate_scheduler import *
from .loss import *
from .metric_op import *
from .nn import *
from .ops import *
from .sequence_lod import *
from .tensor import *

MODULES = (control_flow, detection, learning_rate_scheduler, loss, metric_op, nn, ops, sequence_lod, tensor)
__all__ = sorted({name for module in MODULES for name in module.__all__})

# `fluid.layers.rnn` was a function of static graphs; the module stays importable.
del rnn
__getattr__ = absent(__name__)
