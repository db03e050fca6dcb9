"""`fluid.install_check`: whether Paddle works."""

from paddle.utils import run_check

from ._absent import absent

__all__ = ["run_check"]
__getattr__ = absent(__name__)
