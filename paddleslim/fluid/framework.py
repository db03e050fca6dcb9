"""`fluid.framework`: variables, places, and what is left of programs."""

from __future__ import annotations

import contextlib

import numpy as np
import paddle

from . import core
from ._absent import absent
from ._program import default_main_program, default_startup_program
from ._tracer import dygraph_tracer
from ._variable import Parameter, Variable
from .core import is_compiled_with_cuda

__all__ = [
    "Variable",
    "cpu_places",
    "cuda_pinned_places",
    "cuda_places",
    "default_main_program",
    "default_startup_program",
    "get_flags",
    "in_dygraph_mode",
    "is_compiled_with_cuda",
    "name_scope",
    "require_version",
    "set_flags",
]

ParamBase = Parameter
VarBase = Variable
TYPE_NAMES = {
    **{name: name.upper() for name in ("bool", "uint8", "int8", "int16", "int32", "int64")},
    **{f"float{bits}": f"FP{bits}" for bits in (16, 32, 64)},
}
FLOATS = (paddle.float16, paddle.float32, paddle.float64)


def in_dygraph_mode():
    """Return True unless the script has called `paddle.enable_static`: today's Paddle starts in dygraph mode."""
    return paddle.in_dynamic_mode()


def _dygraph_tracer():
    """Return the tracer: its `_train_mode` says whether functions train or evaluate."""
    return dygraph_tracer()


def _current_expected_place():
    return paddle.framework._current_expected_place()


def convert_np_dtype_to_dtype_(np_dtype):
    """Return the type of variables for a numpy type or its name, such as 'float32'.

    Raises:
        ValueError: variables have no such type.
    """
    name = np.dtype(np_dtype).name
    kind = getattr(core.VarDesc.VarType, TYPE_NAMES.get(name, name), None)
    if kind is None:
        raise ValueError(f"np_dtype must be one of {sorted(TYPE_NAMES)}, got {name!r}")
    return kind


def dtype_is_floating(dtype):
    """Return True for a type of floating numbers, also given as a numpy type or its name."""
    return (dtype if isinstance(dtype, paddle.dtype) else convert_np_dtype_to_dtype_(dtype)) in FLOATS


def grad_var_name(var_name):
    """Return what the gradient of a variable was called."""
    return var_name + core.grad_var_suffix()


def cpu_places(device_count=None):
    """Return a list of `device_count` CPUPlaces, one if None."""
    return [core.CPUPlace() for _ in range(device_count or 1)]


def cuda_places(device_ids=None):
    """Return a list of CUDAPlaces with the given numbers, of all GPUs if None.

    Raises:
        ValueError: there is no such GPU.
    """
    if device_ids is None:
        device_ids = range(max(1, core.get_cuda_device_count()))
    return [core.CUDAPlace(i) for i in ([device_ids] if isinstance(device_ids, int) else device_ids)]


def cuda_pinned_places(device_count=None):
    """Return a list of `device_count` CUDAPinnedPlaces, one if None."""
    return [core.CUDAPinnedPlace() for _ in range(device_count or 1)]


def require_version(min_version, max_version=None):
    """Check that both are versions such as '1.7.0'; any of them is met, since all of fluid is 1.8 here.

    Raises:
        TypeError: an argument is no string.
        ValueError: an argument is no version, or `min_version` is newer than 1.8 and not met.
    """
    for version in (min_version, max_version):
        if version is not None and not isinstance(version, str):
            raise TypeError(f"a version must be a string such as '1.7.0', got {version!r}")
    if [int(part) for part in min_version.split(".")[:2] if part.isdigit()] > [1, 8]:
        raise ValueError(f"fluid is that of Paddle 1.8 here, but the script requires {min_version}")


@contextlib.contextmanager
def name_scope(prefix=None):
    """Do nothing: name scopes grouped operators of static graphs."""
    yield


get_flags = paddle.get_flags
set_flags = paddle.set_flags
__getattr__ = absent(__name__)
