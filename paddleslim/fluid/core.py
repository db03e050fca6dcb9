"""`fluid.core`: places, types and devices; the C++ engine itself is today's."""

from __future__ import annotations

import paddle

from ._absent import absent
from ._operators import Operators
from ._places import CUDAPinnedPlace, CUDAPlace, count_gpus
from ._variable import Variable, as_variable

__all__ = [
    "BackwardStrategy",
    "CPUPlace",
    "CUDAPinnedPlace",
    "CUDAPlace",
    "EOFException",
    "VarBase",
    "VarDesc",
    "get_cuda_device_count",
    "is_compiled_with_cuda",
]

CPUPlace = paddle.CPUPlace
ops = Operators()
VarBase = Variable
is_compiled_with_cuda = paddle.is_compiled_with_cuda


class EOFException(Exception):
    """A reader of a static graph had come to its end; nothing raises it here."""


def grad_var_suffix():
    """Return what the names of gradients ended in."""
    return "@GRAD"


def from_dlpack(dlpack):
    """Return a tensor of another library, given as a DLPack capsule, as a variable that shares its memory."""
    return as_variable(paddle.utils.dlpack.from_dlpack(dlpack))


class EnforceNotMet(Exception):
    """An operator had refused its input; today's Paddle raises ValueError, RuntimeError and the like."""


class BackwardStrategy:
    """How a backward pass added gradients up; both ways are the same today.

    Attributes:
        sort_sum_gradient: accepted and not used.
    """

    def __init__(self):
        self.sort_sum_gradient = False


class VarDesc:
    """Home of the types of variables."""

    class VarType:
        """The types of variables, under the names of fluid."""

        BOOL = paddle.bool
        UINT8 = paddle.uint8
        INT8 = paddle.int8
        INT16 = paddle.int16
        INT32 = paddle.int32
        INT64 = paddle.int64
        FP16 = paddle.float16
        FP32 = paddle.float32
        FP64 = paddle.float64
        LOD_TENSOR = "lod_tensor"
        SELECTED_ROWS = "selected_rows"


def get_cuda_device_count():
    """Return the number of GPUs, 0 where Paddle was built without them."""
    return count_gpus()


__getattr__ = absent(__name__)
