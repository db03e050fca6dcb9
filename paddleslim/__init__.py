"""PaddleSlim's differentiable architecture search (DARTS) on today's PaddlePaddle."""

import functools
import importlib.util

from . import zlib_first  # noqa: F401  (before Paddle)
from .scope import guard_imports, refuse_attribute

if importlib.util.find_spec("paddle") is None:
    raise ImportError(
        "paddleslim needs PaddlePaddle: run `pip install 'paddleslim[cpu]'` or `pip install 'paddleslim[gpu]'`."
    )

__all__ = ["__version__"]
__version__ = "3.0.0.dev0"

guard_imports()
__getattr__ = functools.partial(refuse_attribute, __name__)
