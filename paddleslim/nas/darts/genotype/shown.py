"""How a genotype looks in a notebook."""

from __future__ import annotations

__all__ = ["ShownAsPicture"]


class ShownAsPicture:
    """Let a notebook show a genotype as the picture of its cells."""

    __slots__ = ()

    def _repr_html_(self) -> str | None:
        """Return the picture in HTML; None, so that the text is shown, for a genotype without cells to draw."""
        from ..report.drawing.html import write_cells  # what draws is above, and not needed before

        try:
            return write_cells(self)
        except ValueError:
            return None
