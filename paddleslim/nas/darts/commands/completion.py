"""Names of data sets, spaces, methods and runs as options take them, and what TAB completes."""

from __future__ import annotations

import contextlib
import json
import os
import pathlib
from collections.abc import Iterable, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from ..data.datasets import DATASETS
from ..genotype import published
from ..search_space.catalogue import SPACES
from ..strategy.names import METHOD_NAMES

__all__ = ["DATA_NAME", "GENOTYPE", "METHOD", "SPACE_NAME", "Names", "Run", "find_runs", "is_run"]

COMMON = "runs"  # where runs go that are given no folder
LARGEST = 2**20  # bytes of a `settings.json` that is looked into
QUOTED = set(" \t\n\"'\\`$&|;<>()[]{}*?!#,=:")  # what a shell, or the script of one, would take for something else


class Names(click.ParamType):
    """A text that names one of several things, or a file or folder where `path` says so.

    Args:
        names: what TAB offers.
        path: 'file', 'dir', or None for names alone.
        commands: what wrote the runs whose folders are offered too, such as 'search'.
    """

    name = "text"

    def __init__(self, names: Iterable[str], path: str | None = None, commands: Sequence[str] = ()) -> None:
        self.names, self.path, self.commands = tuple(names), path, tuple(commands)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value == "":
            self.fail("it is empty; give a value, or leave it out", param, ctx)
        return str(value)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        return complete(incomplete, [*self.names, *find_runs(incomplete, self.commands)], self.path)


class Method(click.Choice):
    """One of the search methods; a search space, which PC-DARTS is here, is refused as what it is."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        if value in SPACES and value not in METHOD_NAMES:
            self.fail(f"{value!r} is a search space; write --space {value}", param, ctx)
        return super().convert(value, param, ctx)


class Run(click.Path):
    """The folder of a run, or of an export where `exports` says so.

    Args:
        commands: what wrote it: 'search', 'retrain' or both.
        exports: whether the folder of an exported model will do.
    """

    def __init__(self, commands: Sequence[str], exports: bool = False) -> None:
        super().__init__(exists=True, file_okay=False, path_type=pathlib.Path)
        self.commands, self.exports = tuple(commands), exports

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        found = find_runs(incomplete, self.commands, self.exports)
        return complete(incomplete, found, None if found else "dir")


DATA_NAME = Names(DATASETS, "file")
SPACE_NAME = Names(SPACES, "file")
METHOD = Method(METHOD_NAMES)
GENOTYPE = Names((*published.__all__, "random"), "file", ("search", "retrain"))


def complete(incomplete: str, words: Iterable[str], path: str | None) -> list[CompletionItem]:
    """Return those words that go on from `incomplete`, and ask the shell for files or folders as well.

    The request comes first: bash takes what follows it instead, and paths only where no word fits. It is never empty,
    which zsh would leave out.
    """
    found = [CompletionItem(word) for word in words if word.startswith(incomplete)]
    return ([CompletionItem(incomplete or "./", type=path)] if path else []) + found


def find_runs(incomplete: str, commands: Sequence[str], exports: bool = False) -> list[str]:
    """Return the folders of runs that go on from `incomplete`, the latest first: in its folder, and in `runs`.

    Those whose names a shell would have to quote are left to the shell, which completes folders itself.
    """
    parent = os.path.dirname(incomplete)
    places = [parent] if parent else ["", COMMON]
    found = {}
    for place in places if commands else ():
        try:
            names = os.listdir(place or ".")
        except OSError:
            continue
        for name in names:
            path = os.path.join(place, name)
            if path.startswith(incomplete) and not QUOTED & set(path) and is_run(path, commands, exports):
                with contextlib.suppress(OSError):  # another process has removed it
                    found[path] = os.stat(path).st_mtime
    return sorted(found, key=lambda path: -found[path])


def is_run(folder: str, commands: Sequence[str], exports: bool) -> bool:
    """Whether the settings in a folder say that one of these commands made it."""
    if exports and os.path.isfile(os.path.join(folder, "description.json")):
        return True
    path = os.path.join(folder, "settings.json")
    try:
        if not os.path.isfile(path) or os.path.getsize(path) > LARGEST:
            return False
        settings = json.loads(pathlib.Path(path).read_bytes())
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(settings, dict) and settings.get("command") in commands
