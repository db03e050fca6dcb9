"""`fluid.unique_name`: names with counters, such as 'conv2d_0'."""

from paddle.utils.unique_name import generate, guard, switch

from ._absent import absent

__all__ = ["generate", "guard", "switch"]
__getattr__ = absent(__name__)
