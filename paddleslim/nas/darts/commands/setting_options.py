"""Options of the command line made from the settings they set."""

from __future__ import annotations

import dataclasses
import math

import click

from ....common.checks import Choice, Count, Factor, Flag, Pair, Rate

__all__ = ["FiniteRange", "WholeRange", "chosen_settings", "setting_options"]


class WholeRange(click.IntRange):
    """A range of whole numbers."""

    name = "whole number"

    def get_metavar(self, *_args, **_options):
        return "N"


class FiniteRange(click.FloatRange):
    """A range of numbers without NaN, which no comparison refuses, and without infinity."""

    name = "number"

    def get_metavar(self, *_args, **_options):
        return "X"

    def convert(self, value, param, ctx):
        number = super().convert(value, param, ctx)
        if not math.isfinite(number):
            self.fail(f"{value} is not a finite number", param, ctx)
        return number


def setting_options(settings, defaults=None, skip=(), absent="none"):
    """Return a decorator that adds an option for each setting of a dataclass that has one.

    Args:
        settings: a subclass of `Settings`.
        defaults: by name of the setting, what the command takes where no option is given; None for no default of
            the option at all.
        skip: names of settings whose options the command makes itself.
        absent: what the help calls the default of an option that has none.
    """
    fields = [f for f in dataclasses.fields(settings) if f.metadata["option"] and f.name not in skip]

    def decorate(command):
        for field in reversed(fields):
            default = field.default if defaults is None else defaults.get(field.name)
            command = make_option(field, default, absent)(command)
        return command

    return decorate


def make_option(field, default, absent):
    """Return the decorator of one option."""
    option, text = field.metadata["option"], field.metadata["short"]
    if isinstance(field.metadata["check"], Flag):
        return click.option(option, is_flag=True, default=bool(default), show_default=False, help=text)
    check, text = field.metadata["check"], text if default is not None else f"{text}  [default: {absent}]"
    metavar = " ".join(name.upper().replace(" ", "") for name in check.each) if isinstance(check, Pair) else None
    return click.option(option, type=option_type(check), default=default, metavar=metavar, help=text)


def option_type(check):
    """Return the click type of what passes `check`."""
    if isinstance(check, Count):
        return WholeRange(min=check.least)
    if isinstance(check, Rate):
        return FiniteRange(min=0, min_open=True)
    if isinstance(check, Factor):
        return FiniteRange(min=0, max=1, max_open=True)
    if isinstance(check, Choice):
        return click.Choice(check.choices)
    if isinstance(check, Pair):
        return (option_type(check.check), option_type(check.check))
    raise TypeError(f"no option can be made of {check!r}")


def option_name(field):
    """Return the name by which click hands on the option of a setting."""
    return field.metadata["option"].lstrip("-").replace("-", "_")


def chosen_settings(settings, options, skip=()):
    """Return by name those settings of a dataclass that the options of a command give."""
    fields = [f for f in dataclasses.fields(settings) if f.metadata["option"] and f.name not in skip]
    return {f.name: options[option_name(f)] for f in fields if option_name(f) in options}
