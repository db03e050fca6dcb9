# ruff: noqa: F403 - gathered from the files that hold them
"""`fluid.layers.nn`: the functions of variables, gathered from the files that hold them."""

from .._absent import absent
from .._functions.elementwise import *
from .._functions.elementwise import __all__ as _elementwise
from ._algebra import *
from ._algebra import __all__ as _algebra
from ._draws import *
from ._draws import __all__ as _draws
from ._image import *
from ._image import __all__ as _image
from ._shape import *
from ._shape import __all__ as _shape
from ._steps import *
from ._steps import __all__ as _steps
from .loss import dice_loss, label_smooth, log_loss, smooth_l1
from .metric_op import mean_iou
from .ops import (
    brelu,
    elu,
    hard_sigmoid,
    hard_swish,
    leaky_relu,
    log,
    log1p,
    mish,
    pow,
    relu,
    relu6,
    selu,
    sign,
    soft_relu,
    softmax,
    stanh,
    swish,
)

__all__ = [
    *_algebra,
    *_draws,
    *_elementwise,
    *_image,
    *_shape,
    *_steps,
    "brelu",
    "dice_loss",
    "elu",
    "hard_sigmoid",
    "hard_swish",
    "label_smooth",
    "leaky_relu",
    "log",
    "log1p",
    "log_loss",
    "mean_iou",
    "mish",
    "pow",
    "relu",
    "relu6",
    "selu",
    "sign",
    "smooth_l1",
    "soft_relu",
    "softmax",
    "stanh",
    "swish",
]
__getattr__ = absent(__name__)
