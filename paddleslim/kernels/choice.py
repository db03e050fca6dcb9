"""Where the kernels run: on the CPU, with numba, on tensors of one type."""

from __future__ import annotations

import importlib.util
import warnings
from functools import cache

import paddle

__all__ = ["usable"]


@cache
def installed() -> bool:
    """Return whether numba is there; warn, once, if it is not."""
    if importlib.util.find_spec("numba") is not None:
        return True
    warnings.warn(
        "numba is not installed, so Paddle's own, slower operators run on the CPU; "
        "`pip install 'paddleslim[fast]'` brings it.",
        stacklevel=3,
    )
    return False


def usable(*tensors: paddle.Tensor) -> bool:
    """Return whether the kernels can work on these tensors: on the CPU, all float32 or all float64."""
    dtype = tensors[0].dtype
    return (
        paddle.in_dynamic_mode()
        and dtype in (paddle.float32, paddle.float64)
        and all(tensor.dtype == dtype and tensor.place.is_cpu_place() for tensor in tensors)
        and installed()
    )
