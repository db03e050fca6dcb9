"""Devices by their names, as far as they can be judged without importing Paddle."""

from __future__ import annotations

import importlib.util
import os
import re

__all__ = ["check_without_paddle", "read_device", "refuse_gpu", "refuse_unknown", "write_device"]

OTHER_NAMES = {"cuda": "gpu", "rocm": "gpu", "hip": "gpu"}  # what people write for what Paddle calls so
BUILT_IN = {"cpu", "gpu", "xpu", "ipu"}  # what Paddle knows without plug-ins
FOR_GPUS = ("paddlepaddle-gpu", "paddlepaddle-rocm", "paddlepaddle-dcu")  # distributions


def read_device(text: str) -> tuple[str, int | None]:
    """Return kind and number of a device string such as 'gpu:0', in small letters; None for no number.

    Raises:
        ValueError: it is not written so, or numbers CPUs.
    """
    match = re.fullmatch(r"([a-z_]+?)(?::([0-9]{1,9}))?", text.strip().lower())
    if match is None:
        raise refuse_unknown(text)
    kind, number = match[1], None if match[2] is None else int(match[2])
    if kind == "cpu" and number:
        raise ValueError(f"place is {str(text)!r}, but there is one CPU for Paddle, whatever its cores; give 'cpu'")
    return kind, None if kind == "cpu" else number


def write_device(kind: str, number: int | None) -> str:
    """Return the device string of a kind and a number."""
    return kind if number is None else f"{kind}:{number}"


def check_without_paddle(text: str) -> None:
    """Raise the ValueError of `name_device` where no Paddle is needed to see that the device cannot be used."""
    kind, number = read_device(text)
    if kind not in BUILT_IN and not has_plugins():
        raise refuse_unknown(text, kind, number)
    if kind == "gpu" and is_for_cpus():
        raise refuse_gpu(write_device(kind, number))


def refuse_unknown(text: object, kind: str = "", number: int | None = None) -> ValueError:
    """Return the error of a name that Paddle does not know."""
    written = OTHER_NAMES.get(kind)
    question = f"; did you mean {write_device(written, number)!r}?" if written else ""
    return ValueError(f"place is {str(text)!r}, which Paddle does not know; give 'cpu', 'gpu' or 'gpu:0'{question}")


def refuse_gpu(device: str) -> ValueError:
    """Return the error of a GPU where this Paddle has no support for any."""
    return ValueError(
        f"place is {device!r}, but this Paddle has no GPU support; use 'cpu' or a Paddle for "
        "GPUs, see the page of the documentation on them"
    )


def has_plugins() -> bool:
    """Whether Paddle may find plug-ins for devices of other kinds."""
    named = os.environ.get(
        "CUSTOM_DEVICE_ROOT", ""
    )  # Paddle sets it for its children, whether the folder is there or not
    return os.path.isdir(named) or importlib.util.find_spec("paddle_custom_device") is not None


def is_for_cpus() -> bool:
    """Whether the installed Paddle is the distribution for CPUs, and none for GPUs is beside it."""
    return is_installed("paddlepaddle") and not any(map(is_installed, FOR_GPUS))


def is_installed(distribution: str) -> bool:
    from importlib import metadata

    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True
