"""PaddleSlim's differentiable architecture search (DARTS) on today's PaddlePaddle."""

import functools
import pathlib
import sys

from . import quiet_paddle, zlib_first  # noqa: F401  (before Paddle)
from .extras import has
from .scope import guard_imports, refuse_attribute

if not has("paddle"):
    sentence = (
        "paddleslim needs PaddlePaddle: run `pip install '.[cpu]'` or `pip install '.[gpu]'` in a checkout of this "
        "library, or install Paddle as its own pages say."
    )
    if pathlib.PurePath((sys.argv or [""])[0]).stem == "paddleslim-darts":  # the command, which ends in one sentence
        sys.exit(sentence)
    raise ImportError(sentence)

__all__ = ["__version__"]
__version__ = "3.0.0.dev0"

guard_imports()
__getattr__ = functools.partial(refuse_attribute, __name__)
