"""`data`: what a data set is like, before anything is trained."""

from __future__ import annotations

import pathlib

import click
import rich.console
import rich.markup
import rich.table

from ....common.one_line import one_line
from ..data.datasets import DATASETS, load_dataset
from ..data.folder import prepare_for
from ..data.overview import look_over_arrays, look_over_files
from ..data.path_table import is_table
from ..data.sources import find_source
from ..report.data_sheet import write_sheet
from .completion import DATA_NAME
from .options import COUNT, ImageSize, refuse_idle
from .output import output_options
from .run_folder import name_run

__all__ = ["data_command"]


@click.command("data")
@click.argument("data", type=DATA_NAME, metavar="FOLDER")
@click.option(
    "--image-size",
    type=ImageSize(),
    default=32,
    help="Size that images are brought to for the thumbnails: one number, or HEIGHTxWIDTH.",
)
@click.option(
    "--data-dir",
    type=click.Path(file_okay=False, path_type=pathlib.Path),
    help="Folder that holds the files of MNIST, Fashion-MNIST or CIFAR as published.  [default: Paddle downloads them]",
)
@click.option(
    "--sheet",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="Write the thumbnails to this file, .html or .png.  [default: an .html in runs/]",
)
@click.option("--thumbnails", type=COUNT, default=8, help="Number of thumbnails of each class.")
@output_options
def data_command(data, image_size, data_dir, sheet, thumbnails, out):
    """Show what a folder of images holds, before anything is trained.

    Classes, counts, sizes, parts and damaged files are printed, and a sheet of thumbnails is written.

    FOLDER holds a sub-folder of images for each class, or folders `train` and `test` (or `val`) that do. In its place
    may be a .csv table of paths and labels, a .npz file of arrays, or the name of a published data set.
    """
    if sheet is not None and sheet.suffix.lower() not in (".html", ".png"):
        raise click.BadParameter(f"{sheet} should end in .html or .png", param_hint="--sheet")
    if sheet is not None and sheet.exists():
        raise click.UsageError(f"{sheet} is there already; name another --sheet, so that nothing is overwritten")
    refuse_idle(data)
    path = pathlib.Path(data)
    if data not in DATASETS and (path.is_dir() or (is_table(path) and path.is_file())):
        overview = look_over_files(find_source(path), prepare_for(image_size), thumbnails)
    else:
        overview = look_over_arrays(load_dataset(data, data_dir, image_size), thumbnails)
    print_counts(overview, out.console)
    print_findings(overview, out.console)
    target = sheet or name_run("data", data).with_suffix(".html")
    target.parent.mkdir(parents=True, exist_ok=True)
    write_sheet(target, overview)
    out.say(f"Thumbnails, as a network is given them: {target}")
    out.finish({**describe_overview(overview), "sheet": str(target)})


def describe_overview(overview):
    """Return what was found, in types that JSON has."""
    counts = {part: dict(zip(overview.class_names, map(int, counts))) for part, counts in overview.counts.items()}
    return {
        "name": overview.name,
        "image_shape": list(overview.shape),
        "counts": counts,
        "sizes": overview.describe_sizes() if overview.sizes else None,
        "kinds": dict(overview.kinds),
        "notes": list(overview.notes),
        "repeated": len(overview.repeated),
        "damaged": [str(error) for error in overview.damaged],
    }


def print_counts(overview, console):
    """Print how many images each class has in each part of the data."""
    table = rich.table.Table()
    table.add_column("class", overflow="fold")
    for part in overview.counts:
        table.add_column(part, justify="right")
    for label, name in enumerate(overview.class_names):
        table.add_row(rich.markup.escape(name), *(str(counts[label]) for counts in overview.counts.values()))
    table.add_section()
    table.add_row(f"{len(overview.class_names)} classes", *(str(sum(counts)) for counts in overview.counts.values()))
    console.print(table)


def print_findings(overview, console):
    """Print sizes and kinds of the files, those that are damaged, and what else stands out."""

    def say(text, margin=""):
        console.print(margin + one_line(text), highlight=False, soft_wrap=True, markup=False)

    if overview.sizes:
        say(f"Sizes: {overview.describe_sizes()}.")
        say("Kinds: " + ", ".join(f"{count} {kind}" for kind, count in overview.kinds.items()) + ".")
    for note in overview.notes:
        say(f"Note: {note}.")
    if overview.repeated:
        first, again = overview.repeated[0]
        across = f"; {overview.crossing} of them between two parts" if overview.crossing else ""
        say(f"Note: {len(overview.repeated)} files repeat another one, such as {again} that of {first}{across}.")
    if overview.damaged:
        say(f"Damaged: {len(overview.damaged)}. Mend or remove them, or search and retrain with --skip-damaged.")
        for error in overview.damaged:
            say(error, margin="  ")
