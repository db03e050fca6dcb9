"""The mode of Paddle that is needed here: the one that computes at once."""

from __future__ import annotations

import paddle

__all__ = ["check_dygraph_mode"]


def check_dygraph_mode():
    """Raise a RuntimeError after `paddle.enable_static()`, where operators describe a program and compute nothing."""
    if not paddle.in_dynamic_mode():
        raise RuntimeError(
            "paddle.enable_static() was called, and in static graphs nothing here can be built or computed; call "
            "paddle.disable_static() first"
        )
