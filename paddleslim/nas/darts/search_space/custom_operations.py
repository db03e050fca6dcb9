"""Operations by name, a user's own among them."""

from __future__ import annotations

from .operations import build_operation

__all__ = ["make_operation"]


def make_operation(name, channels, stride, affine, builders=None):
    """Return the operation called `name`, `[N, channels, H, W]` to `[N, channels, H/stride, W/stride]`.

    Args:
        name: a key of `builders`, or an operation of DARTS.
        channels: of input and output.
        stride: 1 or 2; odd sizes are rounded up.
        affine: whether batch norms learn a scale and a shift: not in a search, but in a retrained network.
        builders: mapping from a name to a function of (channels, stride, affine) that returns a `paddle.nn.Layer`.

    Raises:
        ValueError: the operation is unknown.
    """
    if builders and name in builders:
        return builders[name](channels, stride, affine)
    return build_operation(name, channels, stride, affine)
