"""The command line: `paddleslim-darts`, or `python -m paddleslim.nas.darts`."""

from __future__ import annotations

import errno
import sys
import warnings

try:
    import click
    import matplotlib  # noqa: F401
    import rich  # noqa: F401
    import sklearn  # noqa: F401
    import yaml  # noqa: F401
except ImportError as error:
    sys.exit(f"The command line needs {error.name}: run `pip install 'paddleslim[cli]'`.")

from ... import __version__
from .commands import compare, data, evaluate, export, predict, retrain, search, show

FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
# Errors that a user can mend; any other one is a mistake of this library and shows where it happened.
MENDABLE = (ValueError, OSError, ImportError, MemoryError, FloatingPointError, RuntimeError)


class Commands(click.Group):
    """A group whose commands end in one sentence where the user can mend what went wrong."""

    def invoke(self, context):
        with warnings.catch_warnings():
            # said by Paddle of every batch norm, and true of every Paddle since 2.0
            warnings.filterwarnings("ignore", "When training, we now always track global mean and variance")
            try:
                return super().invoke(context)
            except MENDABLE as error:
                if context.params["traceback"] or not is_a_sentence(error):
                    raise
                raise click.ClickException(explain(error)) from error


def is_a_sentence(error):
    """Whether an error was written for people: in one line, where Paddle's own have many, and not click's way out."""
    return "\n" not in str(error) and not isinstance(error, (click.exceptions.Exit, click.Abort))


def explain(error):
    """Return one sentence: what an error says, with the file in front where the system refused one."""
    if isinstance(error, OSError) and error.strerror:
        full = error.errno in FULL and "could not be saved" not in error.strerror
        reason = error.strerror + ("; make room or choose another folder" if full else "")
        return f"{error.filename}: {reason}" if error.filename else reason
    return str(error) or type(error).__name__


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
@click.option("--traceback", is_flag=True, help="Show where an error happened.")
@click.version_option(__version__, prog_name="paddleslim")
def main(traceback):
    """Differentiable architecture search (DARTS) on PaddlePaddle, from data to a deployed network.

    \b
    paddleslim-darts data FOLDER                look at your pictures
    paddleslim-darts search                     find cells on handwritten digits
    paddleslim-darts retrain runs/search-...    train their network from scratch
    paddleslim-darts evaluate runs/retrain-...  measure it
    paddleslim-darts predict runs/retrain-... a.jpg    name the class of pictures
    paddleslim-darts export runs/retrain-...    write it for other programs
    """


for command in (
    data.data_command,
    search.search,
    retrain.retrain,
    evaluate.evaluate_command,
    predict.predict,
    show.show,
    export.export_command,
    compare.compare,
):
    main.add_command(command)

if __name__ == "__main__":
    main(prog_name="python -m paddleslim.nas.darts")
