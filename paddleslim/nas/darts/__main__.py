"""The command line: `python -m paddleslim.nas.darts`."""

from __future__ import annotations

import sys

try:
    import click
    import matplotlib  # noqa: F401
    import rich  # noqa: F401
    import sklearn  # noqa: F401
except ImportError as error:
    sys.exit(f"The command line needs {error.name}: run `pip install 'paddleslim[cli]'`.")

from .commands import search


@click.group(context_settings={"help_option_names": ["-h", "--help"], "show_default": True})
def main():
    """Differentiable architecture search (DARTS) on PaddlePaddle."""


main.add_command(search.search)

if __name__ == "__main__":
    main(prog_name="python -m paddleslim.nas.darts")
