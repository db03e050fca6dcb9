"""`show`: a genotype, what its network costs, and its picture."""

from __future__ import annotations

import pathlib

import click
from rich.cells import cell_len

from ..report.drawing.figure import draw_genotype
from ..report.labels import LABELS
from ..retrain.settings import PRESETS
from .completion import GENOTYPE, SPACE_NAME
from .language import language_option
from .lookup import check_recorded_space, find_genotype, find_space, read_recorded
from .options import COUNT, POSITIVE
from .output import output_options
from .retrain_settings import choose_preset, choose_settings
from .run_folder import spare_runs

__all__ = ["show"]


@click.command()
@click.argument("genotype", type=GENOTYPE)
@click.option(
    "--space",
    type=SPACE_NAME,
    metavar="NAME|FILE.py:NAME|FILE.yaml",
    help="Search space whose operations the genotype has, and from which 'random' draws.  [default: that of the "
    "run; else darts]",
)
@click.option("--seed", type=COUNT, default=0, help="Seed of the 'random' cell.")
@click.option(
    "--preset",
    type=click.Choice(list(PRESETS)),
    metavar="NAME",
    help=f"Size of the network: {', '.join(PRESETS)}.  [default: that of the run; else a small one]",
)
@click.option("--channels", type=POSITIVE, help="Channels of the first cell.  [default: those of the run or preset]")
@click.option("--layers", type=POSITIVE, help="Cells of the network.  [default: those of the run or preset]")
@click.option(
    "--image-shape",
    type=(POSITIVE, POSITIVE, POSITIVE),
    metavar="CHANNELS HEIGHT WIDTH",
    help="Shape of an image.  [default: those of the run, of the preset, or 3 32 32]",
)
@click.option("--classes", type=POSITIVE, help="Number of classes.  [default: those of the run, or 10]")
@click.option(
    "--picture",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="Draw the cells to this file: .png, .svg or .pdf.",
)
@language_option("Language of what is printed.")
@output_options
def show(genotype, space, seed, preset, image_shape, classes, picture, language, out, **options):
    """Print a genotype and what its network costs, and draw its cells.

    GENOTYPE is the folder of a run; a genotype.json; DARTS_V1, DARTS_V2 or PC_DARTS; a NAS-Bench-201 string; or
    'random'.
    """
    if picture and picture.suffix not in (".png", ".svg", ".pdf"):
        raise click.BadParameter(f"{picture} should end in .png, .svg or .pdf", param_hint="--picture")
    spare_runs(picture=picture)
    recorded = read_recorded(genotype)
    space = find_space(space or check_recorded_space(recorded.get("space", "darts"), genotype))
    found = find_genotype(genotype, space, seed)
    is_run = recorded.get("command") in ("search", "retrain")
    for name in ("channels", "layers", "auxiliary_weight"):
        if is_run and preset is None and options.get(name) is None:
            options[name] = recorded.get(name)  # a search has no auxiliary tower
    settings = choose_settings(preset or choose_preset(found, None), options)
    from ..retrain import build_network, count_multiply_adds, count_parameters

    size = 224 if settings.large_images else 32
    shape = list(image_shape or recorded.get("image_shape", [3, size, size]))
    network = build_network(
        found, shape, classes or len(recorded.get("class_names", range(10))), settings, space.builders
    )
    parameters, multiply_adds = count_parameters(network), count_multiply_adds(network, shape)
    sizes = {"layers": settings.layers, "channels": settings.channels, "shape": " x ".join(map(str, shape))}
    words = LABELS[language]
    rows = {words["parameters"]: f"{parameters:,}", words["flops"]: f"{multiply_adds:,}{words['an_image']}"}
    if picture:
        picture.parent.mkdir(parents=True, exist_ok=True)
        draw_genotype(found, picture, genotype)
        rows[words["picture"]] = str(picture)
    out.say(f"{found}\n\n{words['as_network'].format(**sizes)}")
    for name, value in rows.items():
        out.say(f"  {name}{' ' * (23 - cell_len(name))}{value}")
    out.finish(
        {
            "genotype": str(found),
            "layers": settings.layers,
            "channels": settings.channels,
            "image_shape": shape,
            "parameters": parameters,
            "multiply_adds": multiply_adds,
            "picture": picture and str(picture),
        }
    )
