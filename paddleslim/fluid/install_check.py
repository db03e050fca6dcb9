"""`fluid.install_check`: whether Paddle works."""

from paddle.utils import run_check

__all__ = ["run_check"]
