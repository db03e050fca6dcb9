"""Types that many signatures name."""

from __future__ import annotations

import os
from typing import Any, Union

import numpy.typing

__all__ = ["Array", "ArrayLike", "FilePath"]

Array = numpy.typing.NDArray[Any]
ArrayLike = numpy.typing.ArrayLike
FilePath = Union[str, "os.PathLike[str]"]
