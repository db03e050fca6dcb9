"""Where the kernels run: on the CPU, with numba, on tensors of one type."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache

import paddle

from paddleslim.common.one_line import one_line
from paddleslim.extras import has
from paddleslim.user_warning import warn_user
from paddleslim.zlib_first import is_zlib_safe

__all__ = [
    "address_of",
    "addresses_of",
    "check_floats",
    "installed",
    "is_plain",
    "name_of",
    "pointers_to",
    "recorders",
    "usable",
]

recorders: list = []  # of forward passes, in which all operators are left to Paddle

SLOW = "Paddle's own, slower operators run on the CPU"


@cache
def installed() -> bool:
    """Return whether numba is there and compiles the kernels; warn, once, if not."""
    if not has("numba"):
        warn_user(f"numba is not installed, so {SLOW}; `pip install numba` brings faster ones.")
        return False
    if not (is_zlib_safe() or "zlib" in sys.builtin_module_names):
        warn_user(
            f"Paddle {paddle.__version__} was imported first and its zlib makes numba crash, so {SLOW}; "
            "write `import paddleslim` before `import paddle`.",
        )
        return False
    try:
        import numba

        if numba.config.DISABLE_JIT:
            warn_user(f"NUMBA_DISABLE_JIT is set, so {SLOW}.")
            return False
        from .elementwise import assign
        from .executor import address_of as compiled

        compiled(assign, "float32")
    except Exception as error:  # a numba that does not fit numpy, Python or the processor may raise anything
        reason = one_line(f"{type(error).__name__}: {error}")
        warn_user(f"numba cannot be used ({reason}), so {SLOW}; `pip install -U numba` may mend it.")
        return False
    return True


def usable(*tensors: paddle.Tensor) -> bool:
    """Return whether the kernels can work on tensors: on the CPU, all float32 or all float64; not in recordings."""
    dtype = tensors[0].dtype
    return (
        not recorders
        and paddle.in_dynamic_mode()
        and dtype in (paddle.float32, paddle.float64)
        and are_plain(tensors, dtype)
        and installed()
    )


def are_plain(tensors: Sequence[paddle.Tensor], dtype) -> bool:
    """Return whether tensors are plain, of one type and on the CPU, at little cost for each."""
    kind = paddle.Tensor
    return (
        list(map(kind.dtype.__get__, tensors)).count(dtype) == len(tensors)
        and all(map(kind.is_dense, tensors))
        and not any(map(kind.is_dist, tensors))
        and (has_only_cpus() or all(place.is_cpu_place() for place in map(kind.place.__get__, tensors)))
    )


def is_plain(tensor: paddle.Tensor) -> bool:
    """Return whether a tensor has memory of its own for every number: neither sparse nor rows selected of one."""
    return tensor.is_dense() and not tensor.is_dist()


def check_floats(tensor: paddle.Tensor, what: str, axes: int | None = None, halves: bool = False) -> None:
    """Raise unless a tensor is a dense one of floats, of so many axes; outside of static graphs.

    Args:
        what: the function that takes it, for messages.
        axes: how many it should have; any number if None.
        halves: whether 16 bits will do on the CPU.

    Raises:
        TypeError, ValueError: it is not.
    """
    if not paddle.in_dynamic_mode():
        return
    if not isinstance(tensor, paddle.Tensor):
        raise TypeError(f"{what} takes tensors, got {type(tensor).__name__}")
    if not is_plain(tensor):
        raise TypeError(
            f"{what}: a tensor of shape {list(tensor.shape)} is sparse; make it dense, `.to_dense()`, first"
        )
    if axes is not None and tensor.ndim != axes:
        raise ValueError(f"{what} takes tensors of {axes} axes, got one of shape {list(tensor.shape)}")
    halved = tensor.dtype in (paddle.float16, paddle.bfloat16) and tensor.place.is_cpu_place() and not halves
    if halved or not tensor.is_floating_point():
        where = " on the CPU" if halved else ""
        raise TypeError(f"{what} takes floats, got {name_of(tensor.dtype)}{where}; convert it with astype('float32')")


def address_of(tensor: paddle.Tensor, dtype) -> int:
    """Return the address of a tensor's numbers.

    Raises:
        TypeError: it is sparse, not contiguous, not on the CPU, or of another type.
    """
    own = tensor.dtype
    same = own is dtype or own == dtype  # to compare Paddle's types by value takes as long as all the rest
    if not (same and tensor.is_contiguous() and is_plain(tensor) and tensor.place.is_cpu_place()):
        raise TypeError(
            f"the kernels work on dense, contiguous tensors of {dtype} on the CPU, got one of {tensor.dtype} "
            f"and shape {tensor.shape}; make it dense, `.contiguous()` and of that type"
        )
    return tensor.data_ptr() or 0  # an empty tensor may have no address


def addresses_of(tensors: Sequence[paddle.Tensor], dtype) -> list[int]:
    """Return what `address_of` returns for each tensor, or raise its TypeError, at little cost for each."""
    if are_plain(tensors, dtype) and all(map(paddle.Tensor.is_contiguous, tensors)):
        return pointers_to(tensors)
    return [address_of(tensor, dtype) for tensor in tensors]


@cache
def has_only_cpus() -> bool:
    """Return whether this Paddle was built for CPUs alone, so that no tensor can be elsewhere."""
    builds = paddle.is_compiled_with_cuda, paddle.is_compiled_with_rocm, paddle.is_compiled_with_xpu
    return not any(build() for build in builds) and not paddle.device.get_all_custom_device_type()


def pointers_to(tensors: Sequence[paddle.Tensor]) -> list[int]:
    """Return the addresses of tensors that the kernels are known to work on."""
    return [pointer or 0 for pointer in map(paddle.Tensor.data_ptr, tensors)]


def name_of(dtype) -> str:
    """Return 'float32', 'float64', ... of a type of Paddle."""
    return str(dtype).rpartition(".")[2]
