"""`measure`: what every operation of a space costs, as a file for the budget of a search."""

from __future__ import annotations

import pathlib
from shlex import quote

import click

from ..networks.units import UNITS
from ..retrain import PRESETS
from ..search_space.catalogue import SPACES
from .completion import SPACE_NAME
from .lookup import find_space
from .options import POSITIVE
from .output import output_options
from .retrain_settings import choose_preset, choose_settings
from .run_folder import spare_runs

__all__ = ["measure"]


@click.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=pathlib.Path))
@click.option(
    "--space",
    type=SPACE_NAME,
    default="darts",
    metavar="NAME|FILE.py:NAME|FILE.yaml",
    help=f"Search space: {', '.join(SPACES)}; or one of your own, as for `search`.",
)
@click.option(
    "--of",
    type=click.Choice(list(UNITS)),
    default="flops",
    help="What is counted; latency is measured on this machine.",
)
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    metavar="NAME",
    help=f"Size of the network: {', '.join(PRESETS)}.  [default: a small one]",
)
@click.option("--channels", type=POSITIVE, help="Channels of the first cell.  [default: those of the preset]")
@click.option("--layers", type=POSITIVE, help="Cells of the network.  [default: those of the preset]")
@click.option(
    "--steps",
    type=POSITIVE,
    default=4,
    help="Nodes of a cell between its inputs and its output; nas-bench-201 has its own number.",
)
@click.option(
    "--image-shape",
    type=(POSITIVE, POSITIVE, POSITIVE),
    default=(3, 32, 32),
    metavar="CHANNELS HEIGHT WIDTH",
    help="Shape of an image.",
)
@click.option("--classes", type=POSITIVE, default=10, help="Number of classes.")
@output_options
def measure(file, space, of, preset, steps, image_shape, classes, out, **options):
    """Write to FILE what every operation costs in the network of a genotype.

    Its sizes are those of the network that will be retrained, not of the supernet. A search within a budget follows:

    \b
    paddleslim-darts measure costs.json --of parameters
    paddleslim-darts search --costs costs.json --budget 100000
    """
    spare_runs(file=file)
    named, space = space, find_space(space)
    from ..networks.costs import costs_of

    settings = choose_settings(preset or choose_preset(space.draw_genotype(0, steps), None), options)
    costs = costs_of(space, of, image_shape, classes, settings, steps)
    costs.save(file)
    out.say(f"{of} in {costs.unit} of a network of {settings.layers} cells from {settings.channels} channels on")
    for kind, table in zip(("normal", "reduction"), costs.tables):
        out.say(f"{kind} cells, first edge:" if len(costs.tables) > 1 else "cells, first edge:")
        for name, cost in table[0].items():
            out.say(f"  {name:<16} {cost:,.6g}")
    out.say(f"all else           {costs.fixed:,.6g}")
    out.say(f"Next: paddleslim-darts search --space {quote(named)} --costs {quote(str(file))} --budget N")
    out.finish({"file": str(file), "of": of, "unit": costs.unit, "fixed": costs.fixed, "tables": costs.tables})
