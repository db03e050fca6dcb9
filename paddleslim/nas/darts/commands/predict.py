"""`predict`: the classes of pictures, by a trained network."""

from __future__ import annotations

import csv
import io
import json
import os
import pathlib

import click
import numpy as np
import rich.markup
import rich.table

from ....common.csv_cells import as_cells
from ....common.paths import is_url
from ..data.array_files import has_ending, read_npy
from ..data.folder import ENDINGS, list_files
from ..state.atomic_file import write_text_atomically
from .completion import Run
from .options import POSITIVE, device_option, recorded_space_option
from .output import choose_format, output_options
from .run_folder import spare_runs

__all__ = ["predict"]


class ImagePath(click.Path):
    """A file of images, or a folder of them; an address, or a pattern that fits nothing, is refused as what it is."""

    def convert(self, value, param, ctx):
        if is_url(value):
            self.fail(f"{str(value)!r} is on another machine; download it, and give the file", param, ctx)
        if set("*?[") & set(str(value)) and not os.path.lexists(value):
            self.fail(
                f"no file is called {str(value)!r}; a shell expands a pattern that is not quoted and that a file fits",
                param,
                ctx,
            )
        return super().convert(value, param, ctx)


@click.command()
@click.argument("run", type=Run(["retrain"], exports=True))
@click.argument("images", nargs=-1, required=True, type=ImagePath(exists=True, path_type=pathlib.Path))
@click.option("--top", type=POSITIVE, default=1, help="Number of the likeliest classes to show for each image.")
@click.option(
    "--format", "kind", type=click.Choice(["table", "csv", "json"]), default="table", help="How to write the result."
)
@click.option(
    "--output",
    type=click.Path(dir_okay=False, path_type=pathlib.Path),
    help="Write to this file.  [default: the terminal]",
)
@click.option("--skip-damaged", is_flag=True, help="Leave out images that cannot be read, with a warning.")
@device_option
@recorded_space_option
@output_options
def predict(run, images, top, kind, output, skip_damaged, device, space, out):
    """Name the classes of images by a trained network.

    RUN is a folder of `retrain` or `export`. IMAGES are picture files, folders of them, or a .npy file with an array
    [N, channels, height, width] in the range of the training's images. Pictures are prepared exactly as in the
    training: same size, crop, interpolation and normalisation.
    """
    from .trained import load_trained

    kind = choose_format(kind, out)
    if output is not None and kind == "table":
        raise click.UsageError("--output writes --format csv or json")
    spare_runs(output=output)
    if output is not None and output.resolve() in [path.resolve() for path in images]:
        raise click.UsageError(f"{output} is one of IMAGES; name another --output, so that nothing is overwritten")
    predictor = load_trained(run, device, space)
    rows = []
    for number, found in enumerate(predict_all(predictor, gather(images), skip_damaged)):
        order = np.argsort(-found.probabilities, kind="stable")[:top]
        for rank, label in enumerate(order, 1):
            row = {"image": str(found.image), "rank": rank, "class": predictor.class_names[label]}
            rows.append({**row, "probability": round(float(found.probabilities[label]), 6), "number": number})
    if not rows:
        raise ValueError("none of the images can be read, so that there is nothing to predict")
    text = {"csv": write_csv, "json": write_predictions}.get(kind)
    if text is None:
        print_table(rows, out.console)
    elif output is None:
        click.echo(text(rows), nl=False)
    else:
        write_text_atomically(output, text(rows))
        count = len({row["number"] for row in rows})
        out.say(
            f"The {'prediction for 1 image is' if count == 1 else f'predictions for {count} images are'} in {output}."
        )


def gather(images):
    """Return the files that paths of files and folders stand for, in order.

    Raises:
        FileNotFoundError: a folder holds no image.
    """
    files: list[pathlib.Path] = []
    for path in images:
        found = list_files(path) if path.is_dir() else [path]
        if not found:
            raise FileNotFoundError(f"{path} holds no image ({', '.join(sorted(ENDINGS))})")
        files += found
    return files


def predict_all(predictor, files, skip_damaged):
    """Return a `Prediction` for each picture, and for each image in a .npy file, called `FILE:number`."""
    found = []
    for path in (file for file in files if has_ending(file, ".npy")):
        try:
            predictions = predictor.predict(read_npy(path))
        except ValueError as error:
            raise ValueError(str(error) if str(path) in str(error) else f"{path}: {error}") from error
        found += [one._replace(image=f"{path}:{one.image}") for one in predictions]
    pictures = [file for file in files if not has_ending(file, ".npy")]
    return found + (predictor.predict(pictures, skip_damaged) if pictures else [])


def print_table(rows, console):
    """Print the rows as a table to a console."""
    table = rich.table.Table()
    for title in ("image", "class"):
        table.add_column(title, overflow="fold")
    table.add_column("probability", justify="right")
    for row in rows:
        image = rich.markup.escape(row["image"]) if row["rank"] == 1 else ""
        table.add_row(image, rich.markup.escape(row["class"]), f"{row['probability']:.2%}")
    console.print(table)


def write_csv(rows):
    """Return the rows as a table of values separated by commas."""
    text = io.StringIO()
    writer = csv.DictWriter(text, ["image", "rank", "class", "probability"], extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(map(as_cells, rows))
    return text.getvalue()


def write_predictions(rows):
    """Return the rows as JSON, a list with the likeliest classes of each image."""
    images: dict[int, dict] = {}
    for row in rows:
        entry = images.setdefault(row["number"], {"image": row["image"], "classes": []})
        entry["classes"].append({"class": row["class"], "probability": row["probability"]})
    return json.dumps(list(images.values()), indent=2, ensure_ascii=False) + "\n"
