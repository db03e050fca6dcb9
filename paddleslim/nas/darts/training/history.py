"""The epochs of a run, one after the other."""

from __future__ import annotations

from html import escape
from typing import Any, Callable

from .reports import EpochReport

__all__ = ["History"]

# Titles of a table, with what each shows of a report; a column without any value is left out.
COLUMNS: dict[str, Callable[[EpochReport], str | None]] = {
    "epoch": lambda report: str(report.epoch + 1),
    "learning rate": lambda report: f"{report.learning_rate:.4f}",
    "training loss": lambda report: spell(report.train_loss),
    "training accuracy": lambda report: spell(report.train_accuracy, ".1%"),
    "validation loss": lambda report: spell(report.valid_loss),
    "validation accuracy": lambda report: spell(report.valid_accuracy, ".1%"),
    "skip connections": lambda report: " + ".join(
        str(count) for count in (report.skips_normal, report.skips_reduce) if count is not None
    ),
    "alpha entropy": lambda report: spell(report.entropy),
    "eigenvalue": lambda report: spell(report.eigenvalue),
}


class History(list[EpochReport]):
    """A list of `EpochReport` objects that a notebook shows as a table."""

    def _repr_html_(self) -> str:
        columns = {**COLUMNS, **self._metrics()}
        rows = [[read(report) for read in columns.values()] for report in self]
        shown = [number for number in range(len(columns)) if any(row[number] for row in rows)]
        titles = [title for number, title in enumerate(columns) if number in shown]
        lines = [write_row("th", titles), *(write_row("td", [row[number] or "" for number in shown]) for row in rows)]
        return f"<table>{''.join(lines)}</table>" if rows else "no epoch yet"

    def _metrics(self) -> dict[str, Callable[[EpochReport], str | None]]:
        """Return the columns of metrics other than the accuracy, and of what a method anneals."""
        columns: dict[str, Callable[[EpochReport], str | None]] = {}
        for field, before in (("train_metrics", "training "), ("valid_metrics", "validation "), ("method", "")):
            names = dict.fromkeys(name for report in self for name in getattr(report, field) if name != "accuracy")
            for name in names:
                columns[before + name] = read_entry(field, name)
        return columns


def read_entry(field: str, name: str) -> Callable[[EpochReport], str | None]:
    return lambda report: spell(getattr(report, field).get(name))


def spell(value: Any, form: str = ".4g") -> str | None:
    if value is None or isinstance(value, str):
        return value
    return format(value, form)


def write_row(tag: str, texts: list[str]) -> str:
    return f"<tr>{''.join(f'<{tag}>{escape(text)}</{tag}>' for text in texts)}</tr>"
