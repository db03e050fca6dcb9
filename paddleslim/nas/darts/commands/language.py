"""The option that chooses a language."""

from __future__ import annotations

from typing import Any, Callable

import click

from ..report.labels import LANGUAGES, find_language

__all__ = ["language_option"]


class Language(click.Choice):
    """One of the languages of reports, or a synonym such as zh or zh-CN."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            return find_language(value)
        except ValueError:
            return super().convert(value, param, ctx)


def language_option(text: str) -> Callable[..., Any]:
    """Return the option that chooses a language, with its help."""
    return click.option("--language", type=Language(LANGUAGES), default="en", help=text)
