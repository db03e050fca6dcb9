"""`fluid.wrapped_decorator`: decorators that keep the signature."""

from __future__ import annotations

import contextlib
import functools

from ._absent import absent

__all__ = ["signature_safe_contextmanager", "wrap_decorator"]


def wrap_decorator(decorator_func):
    """Return `decorator_func` such that what it decorates keeps its name and signature."""

    @functools.wraps(decorator_func)
    def decorate(function):
        return functools.wraps(function)(decorator_func(function))

    return decorate


def signature_safe_contextmanager(func):
    """Return a context manager of the generator function `func`."""
    return contextlib.contextmanager(func)


__getattr__ = absent(__name__)
