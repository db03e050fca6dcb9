"""What a value is before it is written to memory: a sum of images, each scaled per channel, and of constants.

Norms, sums and their gradients are such sums: they cost nothing until their pixels are needed, and then one pass.
"""

from __future__ import annotations

from typing import NamedTuple

from .schedule import View

__all__ = ["Constant", "Form", "Term", "form_of"]


class Term(NamedTuple):
    """`factor * scale * x`: x `[pixels, channels]`, the scale per channel and the factor one number; None for 1."""

    x: View
    scale: View | None = None
    factor: View | None = None


class Constant(NamedTuple):
    """`factor * vector`, the same for all pixels."""

    vector: View
    factor: View | None = None


class Form(NamedTuple):
    """The sum of terms and constants."""

    terms: tuple[Term, ...] = ()
    constants: tuple[Constant, ...] = ()

    def __add__(self, other) -> Form:
        return Form(self.terms + other.terms, self.constants + other.constants)

    @property
    def pixels(self) -> View | None:
        """The memory that holds the value as it is, if any."""
        if len(self.terms) == 1 and not self.constants and self.terms[0][1:] == (None, None):
            return self.terms[0].x
        return None

    @property
    def has_factors(self) -> bool:
        """Whether a part has a factor other than 1."""
        return any(p.factor for p in self.terms) or any(p.factor for p in self.constants)

    def times(self, factor: View | None) -> Form:
        """Return the form, which has no factors yet, times one."""
        if factor is None:
            return self
        terms = tuple(term._replace(factor=factor) for term in self.terms)
        return Form(terms, tuple(constant._replace(factor=factor) for constant in self.constants))

    def views(self) -> list[View]:
        """Return the memory that the form depends on."""
        return [v for part in (*self.terms, *self.constants) for v in part if v is not None]


def form_of(x: View) -> Form:
    """Return the form of what is in memory."""
    return Form((Term(x),))
