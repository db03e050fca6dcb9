"""What stands for a name of fluid that is not available: it can be imported, and explains itself when it is used."""

from __future__ import annotations

__all__ = ["Placeholder", "make_placeholder"]


class Placeholder(type):
    """The class of all placeholders, which are classes themselves: nothing is an instance of one.

    The explanation is a placeholder's docstring. Calling it, deriving from it, iterating over it and the like raise
    NotImplementedError with the explanation, asking it for an attribute AttributeError.
    """

    def __new__(mcs, name, bases, namespace):
        for base in bases:
            if isinstance(base, Placeholder):
                raise NotImplementedError(base.__doc__)
        return super().__new__(mcs, name, bases, namespace)

    def explain(cls, *args, **kwargs):
        raise NotImplementedError(cls.__doc__)

    __call__ = __iter__ = __len__ = __getitem__ = __setitem__ = __contains__ = explain
    __enter__ = __exit__ = __add__ = __radd__ = __mul__ = __rmul__ = explain

    def __getattr__(cls, name):
        if name.startswith("__"):
            raise AttributeError(f"{cls!r} has no attribute {name!r}")
        raise AttributeError(f"{name} of {cls.__module__}.{cls.__name__}: {cls.__doc__}")

    def __bool__(cls):
        return True

    def __instancecheck__(cls, instance):
        return False

    def __subclasscheck__(cls, subclass):
        return subclass is cls

    def __repr__(cls):
        return f"<{cls.__module__}.{cls.__name__}, which is not available>"


def make_placeholder(module, name, explanation):
    """Return a placeholder.

    Args:
        module, name: of what it stands for, such as 'paddle.fluid.framework' and 'Program'.
        explanation: a sentence that says what to write today.
    """
    return Placeholder(name, (), {"__module__": module, "__doc__": explanation})
