"""Texts in tables that a spreadsheet may open."""

from __future__ import annotations

from typing import Any

__all__ = ["as_cell", "as_cells"]

BEGIN_FORMULAS = ("=", "+", "-", "@", "\t", "\r")


def as_cell(value: Any) -> Any:
    """Return a value for a CSV file: a text that a spreadsheet would compute, such as `=1+1`, after an apostrophe.

    Numbers, also those in texts, stay what they are.
    """
    if not isinstance(value, str) or not value.startswith(BEGIN_FORMULAS):
        return value
    try:
        float(value)
    except ValueError:
        return f"'{value}"
    return value


def as_cells(row: dict[str, Any]) -> dict[str, Any]:
    """Return a row by the names of its columns, each value as `as_cell` says."""
    return {name: as_cell(value) for name, value in row.items()}
