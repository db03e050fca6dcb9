"""Help in which options are together with their like."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import click

__all__ = ["GroupedCommand"]


class GroupedCommand(click.Command):
    """A command whose help shows its options in groups.

    Args:
        groups: for each title the names of its options, as they are typed and without dashes in front.
        rest: the title of the options that no group names; they follow those of the group of that title, if there is
            one.
    """

    def __init__(self, *args: Any, groups: Mapping[str, Sequence[str]], rest: str = "Options", **more: Any) -> None:
        super().__init__(*args, **more)
        self.groups, self.rest = groups, rest

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each group, in the order of the groups and of the names in each; then the rest."""
        places = {name: place for place, name in enumerate(sum(map(tuple, self.groups.values()), ()))}
        title_of = {name: title for title, names in self.groups.items() for name in names}
        records: dict[str, list[tuple[int, tuple[str, str]]]] = {title: [] for title in (*self.groups, self.rest)}
        for parameter in self.get_params(ctx):
            record = parameter.get_help_record(ctx) if isinstance(parameter, click.Option) else None
            if record is not None:
                spellings = [option.lstrip("-") for option in parameter.opts]  # in any order
                name = next(filter(places.__contains__, spellings), spellings[-1])
                records[title_of.get(name, self.rest)].append((places.get(name, len(places)), record))
        for title, of_group in records.items():
            if of_group:
                with formatter.section(title):
                    formatter.write_dl([record for _, record in sorted(of_group, key=lambda entry: entry[0])])
