"""Packages whose names are imported when they are first used, so that a command line starts without Paddle."""

from __future__ import annotations

import ast
import importlib
import inspect
import sys
from typing import Any, Callable

from .scope import refuse_attribute

__all__ = ["lazy_names"]


def lazy_names(package: str) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Return `__getattr__` and `__dir__` of a package (PEP 562) that import its names when they are first used.

    What they import is what stands below `if TYPE_CHECKING:` in the package's own source, where type checkers and
    editors see it as well.
    """
    modules = read_modules(inspect.getsource(sys.modules[package]))

    def __getattr__(name: str) -> Any:
        if name not in modules:
            refuse_attribute(package, name)
        value = getattr(importlib.import_module(modules[name], package), name)
        setattr(sys.modules[package], name, value)
        return value

    def __dir__() -> list[str]:
        return sorted({*vars(sys.modules[package]), *modules})

    return __getattr__, __dir__


def read_modules(source: str) -> dict[str, str]:
    """Return for each name that `source` imports for type checkers alone its module, relative to the package."""
    modules = {}
    for block in ast.parse(source).body:
        if isinstance(block, ast.If) and isinstance(block.test, ast.Name) and block.test.id == "TYPE_CHECKING":
            for line in block.body:
                if isinstance(line, ast.ImportFrom):
                    modules.update({alias.name: "." * line.level + (line.module or "") for alias in line.names})
    return modules
