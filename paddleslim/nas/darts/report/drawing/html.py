"""A genotype as HTML that brings its own colours, for pages of others such as notebooks."""

from __future__ import annotations

from html import escape
from typing import Any

from .cells import read_cells
from .svg import write_cell

__all__ = ["write_cells"]

# A light card, since a page of others may be light or dark.
STYLE = """
.paddleslim-cells { background: #ffffff; color: #1b2631; padding: 8px 14px; border-radius: 8px; max-width: 900px;
  --ink: #2b3a48; --faint: #c3cbd3; --outer: #dfe8f1; --state: #fff3d6; --card: #ffffff; }
.paddleslim-cells svg { display: block; width: 100%; font-family: system-ui, sans-serif; }
.paddleslim-cells polyline { fill: none; stroke-width: 1.7; }
.paddleslim-cells .wire { stroke: var(--ink); }
.paddleslim-cells .faint { stroke: var(--faint); }
.paddleslim-cells .gap { stroke: var(--card); stroke-width: 5; }
.paddleslim-cells .state { fill: var(--state); stroke: var(--ink); stroke-width: 1.1; }
.paddleslim-cells .outer { fill: var(--outer); stroke: var(--ink); stroke-width: 1.1; }
.paddleslim-cells .operation { font-size: 11px; text-anchor: middle; }
.paddleslim-cells .label { font-size: 13px; text-anchor: middle; fill: #1b2631; }
.paddleslim-cells .index { font-size: 9px; }
"""


def write_cells(genotype: Any) -> str:
    """Return the cells of a genotype as pictures in HTML, with the genotype's text to unfold.

    Raises:
        ValueError: it is no genotype that can be drawn.
    """
    cells = "".join(f"<div>{escape(cell.name)}</div>{write_cell(cell)}" for cell in read_cells(genotype))
    text = f"<details><summary>text</summary><code>{escape(str(genotype))}</code></details>"
    return f'<style>{STYLE}</style><div class="paddleslim-cells">{cells}{text}</div>'
