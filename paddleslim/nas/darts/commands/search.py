"""`search`: find an architecture on a data set."""

from __future__ import annotations

import dataclasses
import json
import logging
import pathlib
import random
import time

import click
import numpy as np
import paddle
import rich.console

from ..callbacks import logger as line_logger
from ..data import ShuffledBatches, load_digits, split
from ..draw import draw_genotype
from ..progress import ProgressBar
from ..search_space import DARTSSupernet
from ..train_search import DARTSearch, count_parameters_in_MB

POSITIVE = click.IntRange(min=1)
RATE = click.FloatRange(min=0, min_open=True)
FACTOR = click.FloatRange(min=0, max=1, max_open=True)
TEST_SHARE = 0.2  # of the images are kept out of every search


@click.command()
@click.option("--epochs", type=POSITIVE, default=10, help="How often the training images are walked.")
@click.option("--batch-size", type=POSITIVE, default=64, help="Images in a batch.")
@click.option(
    "--order", type=click.Choice(["1", "2"]), default="1", help="Of the hypergradient: 2 costs about 2.5 times as much."
)
@click.option("--channels", type=POSITIVE, default=8, help="Channels of the first cell.")
@click.option("--layers", type=POSITIVE, default=4, help="Cells of the supernet.")
@click.option("--steps", type=POSITIVE, default=4, help="Inner states of a cell.")
@click.option("--learning-rate", type=RATE, default=0.025, help="Of the weights, at the start of its cosine.")
@click.option("--momentum", type=FACTOR, default=0.9, help="Of the weights.")
@click.option("--weight-decay", type=FACTOR, default=3e-4, help="Of the weights (L2).")
@click.option("--grad-clip", type=RATE, default=5.0, help="Limit of the global norm of the weights' gradients.")
@click.option("--arch-learning-rate", type=RATE, default=3e-3, help="Of the alphas.")
@click.option("--arch-betas", type=(FACTOR, FACTOR), default=(0.5, 0.999), help="Of the alphas' Adam.")
@click.option("--arch-weight-decay", type=FACTOR, default=1e-3, help="Of the alphas (L2).")
@click.option(
    "--epochs-no-archopt", type=click.IntRange(min=0), default=0, help="First epochs that leave the alphas alone."
)
@click.option("--valid-freq", type=POSITIVE, default=1, help="Epochs between two validations.")
@click.option("--log-freq", type=POSITIVE, default=10, help="Steps between two lines of search.log.")
@click.option("--multiprocess", is_flag=True, help="Read batches in worker processes.")
@click.option("--data-parallel", is_flag=True, help="Average over the processes of a distributed launch.")
@click.option("--seed", type=click.IntRange(min=0), default=0, help="The same seed gives the same genotype.")
@click.option("--device", default="cpu", help="Where to compute: cpu, gpu or gpu:N.")
@click.option(
    "--save-dir", type=click.Path(path_type=pathlib.Path), help="A new or empty folder.  [default: runs/digits-<time>]"
)
def search(save_dir, **options):
    """Search a cell on scikit-learn's handwritten digits.

    Four fifths of the images are searched on, one half to train the weights, the other to train the alphas.
    """
    save_dir = save_dir or pathlib.Path("runs") / time.strftime("digits-%Y%m%d-%H%M%S")
    console = rich.console.Console()
    try:
        run_search(save_dir, options, console)
    except (ValueError, OSError) as error:
        raise click.ClickException(str(error)) from error


def run_search(save_dir, options, console):
    """Search with these options of `search`, write everything to `save_dir` and say where."""
    require_empty(save_dir)
    seed_everything(options["seed"])
    searched, _ = split(load_digits(), 1 - TEST_SHARE, seed=0)
    train, valid = split(searched, 0.5, seed=options["seed"])
    supernet = DARTSSupernet(
        options["channels"],
        searched.num_classes,
        options["layers"],
        in_channels=searched.image.shape[1],
        steps=options["steps"],
        multiplier=options["steps"],
    )
    searcher = DARTSearch(
        supernet,
        ShuffledBatches(train, options["batch_size"], options["seed"]),
        ShuffledBatches(valid, options["batch_size"], options["seed"] + 1),
        options["device"],
        options["learning_rate"],
        options["batch_size"],
        len(searched),
        options["arch_learning_rate"],
        options["order"] == "2",
        options["epochs"],
        options["epochs_no_archopt"],
        options["multiprocess"],
        options["data_parallel"],
        str(save_dir),
        options["log_freq"],
        momentum=options["momentum"],
        weight_decay=options["weight_decay"],
        grad_clip=options["grad_clip"],
        arch_betas=options["arch_betas"],
        arch_weight_decay=options["arch_weight_decay"],
        valid_freq=options["valid_freq"],
        callbacks=[ProgressBar(console)],
    )
    console.print(
        f"Searching on {len(train)} training and {len(valid)} validation images of {searched.num_classes} classes; "
        f"the supernet has {count_parameters_in_MB(supernet.parameters()):.2f} million parameters.",
        highlight=False,
    )
    log_to_file(save_dir / "search.log")
    genotype = searcher.train()
    settings = {"paddle": paddle.__version__, **options}
    epochs = [{**dataclasses.asdict(e), "genotype": str(e.genotype)} for e in searcher.history]
    write_json(save_dir / "settings.json", settings)
    write_json(save_dir / "history.json", epochs)
    draw_genotype(genotype, save_dir / "genotype.png", f"digits, seed {options['seed']}")
    console.print(f"\n{genotype}\n", highlight=False, soft_wrap=True)
    accuracy, chance = searcher.history[-1].valid_accuracy, 1 / searched.num_classes
    console.print(f"Validation accuracy of the supernet: {accuracy:.1%} (chance: {chance:.1%})", highlight=False)
    console.print(
        f"""Everything is in {save_dir}:
  genotype.json   the cells found        genotype.png    their picture
  history.json    every epoch            search.log      every {options["log_freq"]} steps
  settings.json   how it was searched    <epoch>/        parameters and genotype after each epoch""",
        highlight=False,
    )


def require_empty(folder):
    """Raise a FileExistsError if the folder holds anything."""
    if folder.is_dir() and any(folder.iterdir()):
        raise FileExistsError(f"{folder} is not empty; name another --save-dir, so that nothing is overwritten")


def seed_everything(seed):
    """Seed the random numbers of Paddle, numpy and Python."""
    paddle.seed(seed)
    np.random.seed(seed % 2**32)
    random.seed(seed)


def log_to_file(path):
    """Send the log lines of the search to the file at `path` instead of the terminal."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handler = logging.FileHandler(path, encoding="utf-8")
    handler.setFormatter(line_logger.handlers[0].formatter)
    line_logger.handlers[:] = [handler]


def write_json(path, content):
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
