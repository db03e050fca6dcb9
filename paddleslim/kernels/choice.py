"""Where the kernels run: on the CPU, with numba, on tensors of one type."""

from __future__ import annotations

import importlib.util
import sys
import warnings
from functools import cache

import paddle

from paddleslim.zlib_first import is_zlib_safe

__all__ = ["installed", "usable"]

SLOW = "Paddle's own, slower operators run on the CPU"


@cache
def installed() -> bool:
    """Return whether numba is there and can compile; warn, once, if not."""
    if importlib.util.find_spec("numba") is None:
        warnings.warn(f"numba is not installed, so {SLOW}; `pip install 'paddleslim[fast]'` brings it.", stacklevel=3)
        return False
    if not (is_zlib_safe() or "zlib" in sys.builtin_module_names):
        warnings.warn(
            f"Paddle {paddle.__version__} was imported first and its zlib makes numba crash, so {SLOW}; "
            "write `import paddleslim` before `import paddle`.",
            stacklevel=3,
        )
        return False
    return True


def usable(*tensors: paddle.Tensor) -> bool:
    """Return whether the kernels can work on these tensors: on the CPU, all float32 or all float64."""
    dtype = tensors[0].dtype
    return (
        paddle.in_dynamic_mode()
        and dtype in (paddle.float32, paddle.float64)
        and all(tensor.dtype == dtype and tensor.place.is_cpu_place() for tensor in tensors)
        and installed()
    )
