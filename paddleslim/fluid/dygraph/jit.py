"""`fluid.dygraph.jit`: functions once traced into static graphs run as they are written."""

from __future__ import annotations

from .._absent import absent

__all__ = ["declarative", "dygraph_to_static_func"]


def declarative(func):
    """Return `func` itself: its result is the same without a graph. To deploy, see `paddle.jit.to_static`."""
    return func


dygraph_to_static_func = declarative
__getattr__ = absent(__name__)
