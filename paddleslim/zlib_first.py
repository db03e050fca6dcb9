"""Bind the users of zlib before Paddle is loaded.

The library of Paddle 2.6 exports a zlib of its own to the whole process. An extension module that is loaded after it,
such as Python's `zlib` or Pillow's, is bound to a mixture of both, and crashes when it compresses or decompresses.
"""

import contextlib
import zlib  # noqa: F401

with contextlib.suppress(ImportError):
    from PIL import _imaging  # noqa: F401

__all__ = []
