"""The command line: `paddleslim-darts`, or `python -m paddleslim.nas.darts`."""

from __future__ import annotations

import collections.abc
import errno
import importlib
import os
import re
import signal
import sys
from traceback import walk_tb

from ... import __version__, extras
from ...common.did_you_mean import did_you_mean
from ...common.visible import visible

try:
    import click
except ImportError:
    sys.exit(extras.explain("The command line", "click", "cli"))

from .commands.typed import MISNAMED, ask_for_typed, remember_typed, suggest_path

NEEDED = ("rich", "yaml", "matplotlib", "sklearn", "jinja2", "PIL")
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Errors that a user can mend; any other one is a mistake of this library and shows where it happened.
MENDABLE = (ValueError, OSError, ImportError, MemoryError, FloatingPointError, RuntimeError)
HOME = re.compile(r"^(--[a-z-]+=)?(~(?:/.*)?)$")  # a path of the home folder
# For each command its place in `commands` and its help in one sentence, so that neither imports Paddle.
COMMANDS = {
    "data": ("data.data_command", "Show what a folder of images holds, before anything is trained."),
    "search": ("search.search", "Search the cells of a network on a data set."),
    "retrain": ("retrain.retrain", "Train the network of a genotype from scratch."),
    "evaluate": ("evaluate.evaluate_command", "Measure a retrained network."),
    "predict": ("predict.predict", "Name the classes of images by a trained network."),
    "export": ("export.export_command", "Write a retrained network for other programs."),
    "show": ("show.show", "Print a genotype and what its network costs, and draw its cells."),
    "measure": (
        "measure.measure",
        "Write to FILE what every operation costs in the network of a genotype.",
    ),
    "judge": ("judge.judge", "Judge search methods by the tabular benchmark of a small space."),
    "compare": ("compare.compare", "Put several runs into one table and one plot."),
    "doctor": ("doctor.doctor", "Say what is installed, what runs where, and what is missing."),
}
# What Python calls otherwise than the command line.
PYTHON_NAMES = {"batchsize": "batch_size", "num_epochs": "epochs", "place": "device", "unrolled": "order"}


class LazyCommands(collections.abc.MutableMapping):
    """The commands by name, each imported when it is looked up."""

    def __init__(self, places):
        self._places, self._commands = dict(places), {}

    def __getitem__(self, name):
        if name not in self._commands:
            module, _, attribute = self._places[name][0].partition(".")
            self._commands[name] = getattr(importlib.import_module(f"{__package__}.commands.{module}"), attribute)
        return self._commands[name]

    def __setitem__(self, name, command):
        self._commands[name] = command
        self._places.setdefault(name, ("", command.get_short_help_str()))

    def __delitem__(self, name):
        del self._places[name]

    def __iter__(self):
        return iter(self._places)

    def __len__(self):
        return len(self._places)

    def sentence(self, name):
        """Return the help of a command in one sentence, without importing it."""
        return self._places[name][1]


class Commands(click.Group):
    """A group whose commands are imported when they run, and end in one sentence where the user can mend something."""

    commands: LazyCommands

    def parse_args(self, context, arguments):
        arguments = [HOME.sub(expand_home, argument) for argument in arguments]
        remember_typed(context, arguments)
        return super().parse_args(context, arguments)

    def list_commands(self, context):
        return list(self.commands)

    def format_commands(self, context, formatter):
        with formatter.section("Commands"):
            formatter.write_dl([(name, self.commands.sentence(name)) for name in self.commands])

    def shell_complete(self, context, incomplete):
        from click.shell_completion import CompletionItem

        names = [name for name in self.commands if name.startswith(incomplete)]
        found = [CompletionItem(name, help=self.commands.sentence(name)) for name in names]
        return found + click.Command.shell_complete(self, context, incomplete)

    def resolve_command(self, context, arguments):
        if arguments[0] not in self.commands and not arguments[0].startswith("-"):
            context.fail(f"No such command {arguments[0]!r}.{did_you_mean(arguments[0], self.commands)}")
        if arguments[0] != "doctor" and not context.resilient_parsing:  # which says itself what is missing
            absent = [package for package in NEEDED if not extras.has(package)]
            if absent:
                raise ImportError(extras.explain("The command line", absent[0], "cli"))
        return super().resolve_command(context, arguments)

    def invoke(self, context):
        try:
            if "paddle" in sys.modules:  # of a program that calls `main` itself, and may have enabled static graphs
                from ...common.dygraph_mode import check_dygraph_mode

                check_dygraph_mode()
            return super().invoke(context)
        except KeyboardInterrupt as stop:  # of a command that has nothing to resume
            click.echo("Stopped.", err=True)
            raise SystemExit(128 + signal.SIGINT) from stop
        except click.MissingParameter:
            raise
        except click.BadParameter as error:
            if error.param is not None and isinstance(error.param.type, click.Choice):
                wrong = re.match(r"'(.+?)' is not", error.message)
                question = did_you_mean(wrong[1], error.param.type.choices) if wrong else ""
                raise click.BadParameter(error.message + question, error.ctx, error.param) from None
            absent = re.search(r"'(.+)' does not exist", error.message)
            if error.param is not None and isinstance(error.param.type, click.Path) and absent:
                raise click.BadParameter(error.message + suggest_path(absent[1]), error.ctx, error.param) from None
            raise
        except MENDABLE as error:
            if context.params["traceback"] or not is_a_sentence(error):
                raise
            raise self.refuse(context, error) from error

    def refuse(self, context, error):
        """Return the error for people: of the command line, where that has to be changed, or of the work."""
        command = self.commands.get(context.invoked_subcommand)
        parameters = command.params if command else ()
        sentence = visible(explain(error)).replace("\n", r"\n")  # of a name
        sentence, names_option = name_options(sentence, parameters)
        sentence, question = spell_options(sentence, parameters), ask_for_typed(error, context)
        if command and (question is not None or (names_option and isinstance(error, (ValueError, *MISNAMED)))):
            usage = click.Context(command, context, context.invoked_subcommand)
            return click.UsageError(sentence + (f".{question}" if question else ""), usage)
        return click.ClickException(sentence)


def expand_home(match):
    """Return `~` as the home folder, also where a shell leaves it alone, as in `--data=~/photos`."""
    return (match[1] or "") + os.path.expanduser(match[2])


def is_a_sentence(error):
    """Whether an error was written for people, and is not click's way out.

    That is in one line, where Paddle's own have many; or in this package, where the name of a file may have several.
    """
    is_short = "\n" not in str(error) or isinstance(error, MemoryError)  # of which the first line is enough
    *_, (frame, _) = walk_tb(error.__traceback__)
    is_ours = frame.f_globals.get("__name__", "").startswith("paddleslim.")
    return (is_short or is_ours) and not isinstance(error, (click.exceptions.Exit, click.Abort))


def name_options(sentence, parameters):
    """Return a sentence with its first word as it is typed, and whether that is an option or argument of a command."""
    word, blank, rest = sentence.partition(" ")
    names = {parameter.name: parameter for parameter in parameters}
    parameter = names.get(PYTHON_NAMES.get(word, word))
    if parameter is None:
        return sentence, False
    return spell(parameter) + blank + rest, True


def spell(parameter):
    """Return an option or argument as it is typed, or as the help calls it."""
    return parameter.opts[0] if isinstance(parameter, click.Option) else parameter.human_readable_name


def spell_options(sentence, parameters):
    """Return a sentence with the options whose Python names have an underscore as they are typed."""
    typed = {name: spell(parameter) for parameter in parameters if "_" in (name := parameter.name or "")}
    if not typed:
        return sentence
    names = "|".join(map(re.escape, typed))
    return re.sub(rf"(?<![\w./=`'\"-])({names})(?![\w./=('\"`-])", lambda match: typed[match[1]], sentence)


def explain(error):
    """Return one sentence: what an error says, with the file in front where the system refused one."""
    if isinstance(error, OSError) and error.strerror:
        full = error.errno in FULL and "could not be saved" not in error.strerror
        reason = error.strerror + ("; make room or choose another folder" if full else "")
        return f"{error.filename}: {reason}" if error.filename else reason
    if isinstance(error, MemoryError):
        first = str(error).partition("\n")[0]
        return first if first.startswith("memory") else f"memory ran out{f' ({first})' if first else ''}; use less"
    return str(error) or type(error).__name__


@click.group(
    cls=Commands,
    commands=LazyCommands(COMMANDS),
    context_settings={"help_option_names": ["-h", "--help"], "show_default": True},
)
@click.option("--traceback", is_flag=True, help="Show where an error happened.")
@click.version_option(__version__, prog_name="paddleslim")
def main(traceback):
    """Differentiable architecture search (DARTS) on PaddlePaddle, from data to a deployed network.

    \b
    paddleslim-darts data FOLDER                     # look at your pictures
    paddleslim-darts search                          # find cells on handwritten digits
    paddleslim-darts retrain runs/search-...         # train their network from scratch
    paddleslim-darts evaluate runs/retrain-...       # measure it
    paddleslim-darts predict runs/retrain-... a.jpg  # name the class of pictures
    paddleslim-darts export runs/retrain-...         # write it for other programs
    """
    if hasattr(sys.stdout, "reconfigure"):  # names of files and classes may hold what the terminal has no character for
        sys.stdout.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main(prog_name="python -m paddleslim.nas.darts")
