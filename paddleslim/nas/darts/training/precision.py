"""Mixed precision: what computes in bfloat16, and what must not."""

from __future__ import annotations

import contextlib
import dataclasses

from ....common.checks import Choice

__all__ = ["AMP_TYPES", "AmpType", "autocast", "check_amp", "full_precision"]

AMP_TYPES = ("bfloat16",)


@dataclasses.dataclass(frozen=True)
class AmpType(Choice):
    """A type of mixed precision."""

    choices: tuple = AMP_TYPES
    or_none: bool = True

    def __call__(self, name, value):
        if isinstance(value, str) and value == "float16":
            raise ValueError(
                f"{name} is 'float16', whose small range needs the loss to be scaled, which a search does not do; "
                "give 'bfloat16', which has the range of float32"
            )
        return super().__call__(name, value)


def check_amp(amp, device):
    """Raise a ValueError unless `device`, a device string, can compute in `amp`, one of `AMP_TYPES` or None.

    Paddle only warns where it has no mixed precision, and computes in float32.
    """
    if amp is None:
        return
    AmpType()("amp", amp)
    if device.startswith("cpu"):
        raise ValueError(
            f"amp is {amp!r} and place is {device!r}, but Paddle has mixed precision on GPUs only; leave amp out, or "
            "compute on 'gpu'"
        )
    import paddle

    if device.startswith("gpu") and not paddle.amp.is_bfloat16_supported(device):
        raise ValueError(
            f"amp is {amp!r}, which {device!r} cannot compute in; it takes a GPU of compute capability 8.0 or more. "
            "Leave amp out"
        )


def autocast(amp):
    """Return a context in which Paddle computes convolutions and matrix products in `amp`; in None it changes nothing.

    Their inputs are cast as they are read, so that parameters stay in float32 and so do their gradients. Softmax, means
    and cross entropy are computed in float32, batch norm keeps its statistics in float32, and other operators compute
    in float32 as soon as one input is of it (Paddle's level O1). Backward passes compute in the types of their forward
    passes, inside or not, and the steps of optimizers are never cast.
    """
    if amp is None:
        return contextlib.nullcontext()
    import paddle

    # of the convolutions, Paddle's own list has but the ones that are not depthwise
    return paddle.amp.auto_cast(custom_white_list=["depthwise_conv2d"], level="O1", dtype=amp)


def full_precision():
    """Return a context inside `autocast` in which nothing is cast: for gradients whose difference is to be taken.

    Such a difference is lost in the 8 bits of bfloat16, and so is the shift of weights or alphas that it goes over.
    """
    import paddle

    return paddle.amp.auto_cast(enable=False)
