"""A page inside the output of a notebook's cell."""

from __future__ import annotations

from html import escape

__all__ = ["frame"]


def frame(page: str, height: int = 600) -> str:
    """Return a page of its own as HTML that shows it in a frame of `height` pixels, apart from the styles around it."""
    style = f"width: 100%; height: {height}px; border: 1px solid #dde3e9"
    return f'<iframe srcdoc="{escape(page)}" style="{style}"></iframe>'
