"""Where a search computes."""

from __future__ import annotations

import contextlib

import paddle

from ....common.dygraph_mode import check_dygraph_mode
from ....common.one_line import one_line
from .device_names import read_device, refuse_gpu, refuse_unknown, write_device

__all__ = ["name_device", "on_device"]


def name_device(place):
    """Return `place`, a Paddle place or a device string, as a device string such as 'cpu' or 'gpu:0'.

    Paddle itself ends the process, without an exception, where it is asked for a GPU that is not there; so it is asked
    only how many there are.

    Raises:
        TypeError: it is neither.
        ValueError: this Paddle cannot compute there.
        RuntimeError: Paddle is in static mode.
    """
    check_dygraph_mode()
    written = place if isinstance(place, str) else describe_place(place)
    if written is None:
        raise TypeError(f"place must be paddle.CPUPlace(), paddle.CUDAPlace(0) or a string like 'cpu', got {place!r}")
    kind, number = read_device(written)
    if kind not in known_devices():
        raise refuse_unknown(place, kind, number)
    device = write_device(kind, number)
    if kind == "gpu":
        check_gpu(device, number)
    return device


def describe_place(place):
    """Return the device string of one of Paddle's places, the place of a tensor among them; None for what is none."""
    kinds = {"cpu": None, "gpu": "gpu_device_id", "xpu": "xpu_device_id"}
    if isinstance(place, (paddle.CPUPlace, paddle.CUDAPlace, paddle.XPUPlace)):
        kind = {paddle.CPUPlace: "cpu", paddle.CUDAPlace: "gpu"}.get(type(place), "xpu")
        return kind if kind == "cpu" else f"{kind}:{place.get_device_id()}"
    if isinstance(place, paddle.CustomPlace):
        return f"{place.get_device_type()}:{place.get_device_id()}"
    if isinstance(place, paddle.base.core.Place):
        for kind, number in kinds.items():
            if getattr(place, f"is_{kind}_place")():
                return kind if number is None else f"{kind}:{getattr(place, number)()}"
    return None


def check_gpu(device, number):
    """Raise a ValueError unless this Paddle sees the GPU of this number, or any where the number is None."""
    if not paddle.is_compiled_with_cuda():
        raise refuse_gpu(device)
    try:
        count, why = paddle.device.cuda.device_count(), ""
    except Exception as error:  # whatever a driver raises
        count, why = 0, f" ({one_line(error)})"
    if count == 0:
        raise ValueError(
            f"place is {device!r}, but Paddle sees no GPU on this machine{why}; use 'cpu', or see what "
            "`paddleslim-darts doctor` says"
        )
    if number is not None and number >= count:
        names = "'gpu:0' is the only one" if count == 1 else f"there are 'gpu:0' to 'gpu:{count - 1}'"
        raise ValueError(f"place is {device!r}, which Paddle does not see on this machine; {names}")


def known_devices():
    """Return the kinds of devices that Paddle can name, those of plug-ins included."""
    return {
        "cpu",
        "gpu",
        "xpu",
        *paddle.device.get_all_device_type(),
        *(paddle.device.get_all_custom_device_type() or ()),
    }


@contextlib.contextmanager
def on_device(device):
    """Compute on `device`, and on leaving where it was before."""
    check_dygraph_mode()
    before = paddle.get_device()
    try:
        paddle.set_device(device)
    except (ValueError, RuntimeError, OSError, SystemError) as error:
        reason = one_line(error)
        raise ValueError(f"place is {device!r}, where this Paddle cannot compute: {reason}") from error
    try:
        yield
    finally:
        paddle.set_device(before)
