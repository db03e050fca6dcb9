"""Data that a page carries: links that a browser saves as files, without a network or a script."""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterable, Sequence
from typing import Any

from ....common.csv_cells import as_cell

__all__ = ["link_csv", "link_json"]


def link_csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    """Return the data URI of a table; None is an empty cell."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([as_cell(value) for value in row] for row in (header, *rows))
    return make_uri("text/csv", text.getvalue())


def link_json(content: Any) -> str:
    """Return the data URI of what JSON can hold."""
    return make_uri("application/json", json.dumps(content, ensure_ascii=False, default=str) + "\n")


def make_uri(kind: str, text: str) -> str:
    return f"data:{kind};charset=utf-8;base64,{base64.b64encode(text.encode(errors='backslashreplace')).decode()}"
