"""Where a search computes."""

from __future__ import annotations

import contextlib
import re

import paddle

__all__ = ["name_device", "on_device"]


def name_device(place):
    """Return `place`, a Paddle place or a device string, as a device string such as 'cpu' or 'gpu:0'.

    Raises:
        TypeError: it is neither.
        ValueError: this Paddle cannot compute there.
    """
    if isinstance(place, str):
        device = place.lower()
    elif isinstance(place, paddle.CPUPlace):
        device = "cpu"
    elif isinstance(place, paddle.CUDAPlace):
        device = f"gpu:{place.get_device_id()}"
    else:
        raise TypeError(f"place must be paddle.CPUPlace(), paddle.CUDAPlace(0) or a string like 'cpu', got {place!r}")
    match = re.fullmatch(r"([a-z_]+?)(:\d+)?", device)
    if match is None or match[1] not in known_devices():
        raise ValueError(f"place is {place!r}, which Paddle does not know; give 'cpu', 'gpu' or 'gpu:0'")
    if device.startswith("gpu") and not paddle.is_compiled_with_cuda():
        raise ValueError(
            f"place is {device!r}, but this Paddle has no GPU support; use 'cpu' or a Paddle for "
            "GPUs, see the page of the documentation on them"
        )
    return device


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
    before = paddle.get_device()
    try:
        paddle.set_device(device)
    except ValueError as error:
        raise ValueError(f"place is {device!r}, where this Paddle cannot compute: {error}") from error
    try:
        yield
    finally:
        paddle.set_device(before)
