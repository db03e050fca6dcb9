"""Places on a GPU, refused in one sentence where there is no such GPU; Paddle itself would end the process."""

from __future__ import annotations

import operator

import paddle

__all__ = ["CUDAPinnedPlace", "CUDAPlace", "check_gpu", "count_gpus"]

REMEDY = "write fluid.CPUPlace(), or fluid.CUDAPlace(0) if fluid.is_compiled_with_cuda() else fluid.CPUPlace()"


def count_gpus():
    """Return the number of GPUs, 0 where Paddle was built without them."""
    return paddle.device.cuda.device_count() if paddle.is_compiled_with_cuda() else 0


def check_gpu(number, name):
    """Raise unless there is a GPU of this number.

    Args:
        number: counted from 0.
        name: what the script wrote, for the message.

    Raises:
        ValueError: there is none.
    """
    if not paddle.is_compiled_with_cuda():
        raise ValueError(f"{name}: this Paddle was built without GPUs; {REMEDY}, or install paddlepaddle-gpu")
    if operator.index(number) < 0:
        raise ValueError(f"{name}: the number of a GPU must be 0 or more")
    count = count_gpus()
    if count == 0:
        raise ValueError(f"{name}: Paddle sees no GPU on this machine; {REMEDY}")
    if number >= count:
        raise ValueError(f"{name}: Paddle sees {count} GPUs on this machine, numbered from 0 to {count - 1}")


class PlaceType(type):
    """Lets Paddle's places be instances of fluid's."""

    kind: type

    def __instancecheck__(cls, instance):
        return isinstance(instance, cls.kind)

    def __subclasscheck__(cls, subclass):
        return subclass is cls or issubclass(subclass, cls.kind)


class CUDAPlace(metaclass=PlaceType):
    """The GPU of a number, counted from 0; the result is a `paddle.CUDAPlace`.

    Raises:
        ValueError: there is no such GPU, or Paddle was built without GPUs.
    """

    kind = paddle.CUDAPlace

    def __new__(cls, id):
        check_gpu(id, f"fluid.CUDAPlace({id!r})")
        return paddle.CUDAPlace(operator.index(id))


class CUDAPinnedPlace(metaclass=PlaceType):
    """Memory of the host that GPUs can read; the result is a `paddle.CUDAPinnedPlace`.

    Raises:
        ValueError: Paddle was built without GPUs, or there is none.
    """

    kind = paddle.CUDAPinnedPlace

    def __new__(cls):
        check_gpu(0, "fluid.CUDAPinnedPlace()")
        return paddle.CUDAPinnedPlace()
