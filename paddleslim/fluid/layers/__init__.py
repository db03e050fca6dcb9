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
from .control_flow import *  # noqa: F403
from .detection import *  # noqa: F403
from .learning_rate_scheduler import *  # noqa: F403
from .loss import *  # noqa: F403
from .metric_op import *  # noqa: F403
from .nn import *  # noqa: F403
from .ops import *  # noqa: F403
from .sequence_lod import *  # noqa: F403
from .tensor import *  # noqa: F403

__all__ = sorted(
    {
        name
        for module in (
            control_flow,
            detection,
            learning_rate_scheduler,
            loss,
            metric_op,
            nn,
            ops,
            sequence_lod,
            tensor,
        )
        for name in module.__all__
    }
)
__getattr__ = absent(__name__)
