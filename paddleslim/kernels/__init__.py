"""Kernels for the CPU, by numba; on other devices and without numba, Paddle's operators do the same.

`usable` tells whether the kernels can work on some tensors; the functions decide for themselves.
"""

from .choice import usable
from .functional import avg_pool2d, conv2d, depthwise_conv2d, max_pool2d

__all__ = ["avg_pool2d", "conv2d", "depthwise_conv2d", "max_pool2d", "usable"]
