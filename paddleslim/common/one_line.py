"""Texts of several lines, such as those of errors, in one."""

from __future__ import annotations

__all__ = ["one_line"]


def one_line(text: object) -> str:
    """Return a text, or what an object such as an error says, in one line."""
    return " ".join(str(text).split())
