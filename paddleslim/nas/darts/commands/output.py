"""What a command says: sentences and tables for people, one JSON object for programs."""

from __future__ import annotations

import contextlib
import functools
import json
from typing import Any, Callable

import click
from rich.console import Console
from rich.text import Text

from ....common.log_helper import only_errors
from ....common.visible import visible
from .launch import is_first_rank

__all__ = ["Output", "PlainConsole", "choose_format", "output_options"]


class PlainConsole(Console):
    """A console that no text steers, be it printed or in a table, see `visible`."""

    def render_str(self, text: str, **options: Any) -> Text:
        return super().render_str(visible(text), **options)


class Output:
    """Where a command says what it does.

    Args:
        as_json: True to print one JSON object, what `finish` is given, and nothing else to the standard output;
            sentences, tables and the progress go to the standard error.
        quiet: True for no sentences at all; errors are shown all the same.

    Attributes:
        console: a `PlainConsole` for people; silent on all ranks but the first.
    """

    def __init__(self, as_json: bool = False, quiet: bool = False) -> None:
        self.as_json = as_json
        self.console = PlainConsole(stderr=as_json, quiet=quiet or not is_first_rank())

    def say(self, text: str) -> None:
        """Print sentences as they are: neither broken at the width of the terminal nor coloured."""
        self.console.print(text, highlight=False, soft_wrap=True, markup=False)

    def finish(self, result: Any) -> None:
        """Print the result of the command, if JSON was asked for."""
        if self.as_json and is_first_rank():
            click.echo(json.dumps(result, indent=2, ensure_ascii=False, default=str))


def choose_format(kind: str, out: Output) -> str:
    """Return how a table is written: as `--format` says, or as JSON where `--json` asks for it.

    Raises:
        click.UsageError: they contradict each other.
    """
    if out.as_json and kind == "csv":
        raise click.UsageError("--json and --format csv contradict each other; leave one of them out")
    return "json" if out.as_json else kind


def output_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Add `--json` and `--quiet` to a command, which is given an `Output` as `out`."""

    @click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON object, the rest to stderr.")
    @click.option("--quiet", is_flag=True, help="Print nothing but errors, and the result where --json asks for it.")
    @functools.wraps(command)
    def run(*args: Any, as_json: bool, quiet: bool, **options: Any) -> Any:
        with only_errors() if quiet else contextlib.nullcontext():
            return command(*args, out=Output(as_json, quiet), **options)

    return run
