"""Going on with a search: the options it was started with."""

from __future__ import annotations

import contextlib
import json
import shlex
import signal

import click
from click.core import ParameterSource

from ....common.visible import visible
from ..state.schema import Maybe, shorten
from ..state.sealed_json import read_object
from ..training.signals import SearchInterrupted
from .launch import STOPPED, is_first_rank
from .lookup import RECORDED, check_recorded_space, locate_space
from .typed import suggest_path

__all__ = ["hint_at", "hint_at_resuming", "recall_options"]

# Options that may change: a run of more epochs is an extended one, of which the loop warns that its cosine is another.
MAY_DIFFER = ("device", "log_freq", "epochs", "language", "tensorboard", "visualdl")
INTERRUPTED = 128 + signal.SIGINT  # the exit code after a Ctrl-C
CODES = tuple(128 + getattr(signal, name) for name in ("SIGHUP", "SIGINT", "SIGTERM") if hasattr(signal, name))


def hint_at_resuming(command, folder):
    """Return a context that prints how a run in `folder` is resumed, where a signal ends it."""
    remedy = f"paddleslim-darts {command} --resume --save-dir {shlex.quote(str(folder))}"
    return hint_at(remedy, lambda: (folder / "settings.json").is_file())


@contextlib.contextmanager
def hint_at(remedy, has_begun=lambda: True):
    """Print that a signal has ended what is inside, and how to resume it; it exits with 128 + the signal's number.

    Args:
        remedy: what to do; None where nothing is kept.
        has_begun: function that returns whether there is something to resume.
    """
    try:
        yield
    except (SystemExit, KeyboardInterrupt) as stop:
        code = INTERRUPTED if isinstance(stop, KeyboardInterrupt) else stop.code
        if code in CODES and is_first_rank():
            saved = STOPPED if remedy and isinstance(stop, SearchInterrupted) else "Stopped."
            click.echo(visible(f"{saved} Resume: {remedy}" if remedy and has_begun() else saved), err=True)
        if isinstance(stop, KeyboardInterrupt):  # which click would call aborted, and exit with 1
            raise SystemExit(code) from stop
        raise


def recall_options(folder, options):
    """Return the options of the search in `folder`; those that may differ are as they were given now, if they were.

    Args:
        folder: where the search was; it holds `settings.json`.
        options: of the present command, by name.

    Raises:
        click.UsageError: the folder holds no search, or an option that decides how it ends was given another value.
    """
    if folder is None:
        raise click.UsageError("--resume needs --save-dir, the folder of the run to resume")
    try:
        found = read_object(folder / "settings.json", {**RECORDED, "space": Maybe(str)})
    except OSError as error:
        raise click.UsageError(
            f"{folder} holds no run to resume: {error.strerror}: settings.json; name the folder of a "
            f"run.{suggest_path(folder)}"
        ) from error
    command = click.get_current_context().info_name
    if found.get("command", command) != command:
        other = f"paddleslim-darts {found['command']} --resume --save-dir {shlex.quote(str(folder))}"
        raise click.UsageError(f"{folder} is a folder of `{found['command']}`; resume it by `{other}`")
    context, recorded = click.get_current_context(), {"seeds": 1, "random_cells": 0, **found}
    if recorded.get("transform") and not options.get("transform"):
        raise click.UsageError(
            f"the run in {folder} has a transform, and code that a folder names is not run; "
            f"repeat --transform {recorded['transform']}"
        )
    if context.get_parameter_source("space") is ParameterSource.COMMANDLINE:
        options = {**options, "space": locate_space(options["space"])}
    else:
        check_recorded_space(str(recorded.get("space", "darts")), folder)
    # Of many searches those that are complete stay as they are, so that none may be given more epochs.
    many = recorded["seeds"] != 1 or recorded["random_cells"] != 0
    may_differ = [name for name in MAY_DIFFER if not (many and name == "epochs")]
    recalled = dict(options)
    for parameter in context.command.params:
        name = parameter.name
        if name not in options or name not in recorded:
            continue
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if given and name in may_differ:
            continue
        if given and json.loads(json.dumps(options[name], default=str)) != recorded[name]:
            option, before, now = parameter.opts[0], recorded[name], options[name]
            raise click.UsageError(f"{option} was {before} in {folder} and cannot become {now} now; leave it out")
        try:
            recalled[name] = parameter.type_cast_value(context, recorded[name])
        except (AttributeError, OverflowError, TypeError, ValueError, click.BadParameter) as error:
            raise click.UsageError(
                f"{folder / 'settings.json'} is damaged or of something else: `{name}` is {shorten(recorded[name])}"
            ) from error
    return recalled
