"""Bind the users of zlib before Paddle is loaded.

The library of Paddle 2.6 exports a zlib of its own to the whole process. An extension module that is loaded after it,
such as Python's `zlib` or Pillow's, is bound to a mixture of both, and crashes when it compresses or decompresses.
Where `paddleslim` is installed, `paddleslim_fluid_hook` does the same as soon as a program looks for Paddle.
"""

import contextlib
import sys

__all__ = ["is_zlib_safe"]

hook = sys.modules.get("paddleslim_fluid_hook")
paddle_came_first = "paddle" in sys.modules and not (hook and hook.ZlibFirst.done)

import zlib  # noqa: E402, F401

with contextlib.suppress(ImportError):
    from PIL import _imaging  # noqa: F401


def is_zlib_safe():
    """Return whether zlib surely works: before Paddle 3, `paddleslim` must have been imported before Paddle."""
    version = getattr(sys.modules.get("paddle"), "__version__", "")
    return not paddle_came_first or not version.startswith("2.")
