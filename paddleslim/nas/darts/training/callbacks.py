"""Observers of a search: what they are told, and the ones every search has."""

from __future__ import annotations

import dataclasses
import io
import logging
import pathlib
from typing import Any

import paddle

from ....common import AvgrageMeter, get_logger
from ..genotype.derivation import get_genotype
from ..genotype.json_file import write_genotype
from ..state.atomic_file import write_atomically

__all__ = ["Callback", "EpochReport", "LogLines", "SaveEpochs", "StepReport"]

logger = get_logger(__name__, logging.INFO)


@dataclasses.dataclass
class StepReport:
    """Where a search stands after a step.

    Attributes:
        phase: 'Train' or 'Valid'.
        epoch, step: counted from 0.
        steps: how many steps the epoch should have.
        loss, top1, top5: running means since the epoch began; accuracies are between 0 and 1. Reading `.avg` as
            a number waits for the device.
        learning_rate: of the weights, in this step.
    """

    phase: str
    epoch: int
    step: int
    steps: int
    loss: AvgrageMeter
    top1: AvgrageMeter
    top5: AvgrageMeter
    learning_rate: float


@dataclasses.dataclass
class EpochReport:
    """What an epoch came to: losses are means, accuracies between 0 and 1, None where nothing was validated.

    Attributes:
        skips_normal, skips_reduce: skip connections in the two cells; None where there is no such cell.
        entropy: of the operations' weights, in nats, a mean over all edges.
        eigenvalue: the largest of the validation Hessian in the alphas; None where it was not computed.
    """

    epoch: int
    steps: int
    learning_rate: float
    train_loss: float
    train_accuracy: float
    genotype: Any
    valid_loss: float | None = None
    valid_accuracy: float | None = None
    skips_normal: int | None = None
    skips_reduce: int | None = None
    entropy: float | None = None
    eigenvalue: float | None = None


class Callback:
    """Told of every stage of a search; override what you need. `search` is the `DARTSearch`.

    In a search of several processes only the first one tells its callbacks, unless `on_every_rank` is True.

    Example:
        >>> class StopWatch(Callback):
        ...     def on_epoch_begin(self, search, epoch):
        ...         self.start = time.time()
        ...     def on_epoch_end(self, search, report):
        ...         print(f"epoch {report.epoch}: {time.time() - self.start:.1f} s")
        >>> DARTSearch(..., callbacks=[StopWatch()])
    """

    on_every_rank = False

    def on_search_begin(self, search):
        """Before the first epoch."""

    def on_epoch_begin(self, search, epoch):
        """Before epoch `epoch`, counted from 0."""

    def on_step_end(self, search, report):
        """After a training or validation step; `report` is a `StepReport`."""

    def on_epoch_end(self, search, report):
        """After an epoch and its validation, if any; `report` is an `EpochReport`."""

    def on_search_end(self, search, genotype):
        """After the last epoch, with the final genotype."""

    def on_search_abort(self, search, error):
        """When an exception ends the search, before it is passed on."""

    def get_state(self):
        """Return what a checkpoint should hold of this callback, in what JSON can say; None for nothing."""
        return None

    def set_state(self, state):
        """Take back what `get_state` returned, when a search goes on; comes before `on_search_begin`."""


class LogLines(Callback):
    """Log a search in PaddleSlim's lines: a running one every `log_freq` steps, and the genotypes."""

    def __init__(self, log_freq=50):
        self.log_freq = log_freq

    def on_epoch_begin(self, search, epoch):
        logger.info("Epoch %d, lr %.6f", epoch, search.learning_rate_now)
        logger.info("genotype = %s", get_genotype(search.model))

    def on_step_end(self, search, report):
        if report.step % self.log_freq == 0:
            means = (float(meter.avg) for meter in (report.loss, report.top1, report.top5))
            line = "%s Epoch %d, Step %d, loss %.6f, acc_1 %.6f, acc_5 %.6f"
            logger.info(line, report.phase, report.epoch, report.step, *means)

    def on_epoch_end(self, search, report):
        logger.info("Epoch %d, train_acc %.6f", report.epoch, report.train_accuracy)
        if report.valid_accuracy is not None:
            logger.info("Epoch %d, valid_acc %.6f", report.epoch, report.valid_accuracy)
        skips = [count for count in (report.skips_normal, report.skips_reduce) if count is not None]
        line = f"skip connections {' + '.join(map(str, skips))}"
        if report.entropy is not None:
            line += f", alpha entropy {report.entropy:.6f}"
        if report.eigenvalue is not None:
            line += f", dominant eigenvalue {report.eigenvalue:.6f}"
        logger.info("Epoch %d, %s", report.epoch, line)

    def on_search_end(self, search, genotype):
        logger.info("genotype = %s", genotype)


class SaveEpochs(Callback):
    """Write `<epoch>/params.pdparams` and `<epoch>/genotype.json` after each epoch, `genotype.json` at the end.

    `params.pdparams` holds the state dict of the supernet, alphas included; `paddle.load` reads it.
    """

    def __init__(self, save_dir):
        self.save_dir = pathlib.Path(save_dir)

    def on_epoch_end(self, search, report):
        folder = self.save_dir / str(report.epoch)
        content = io.BytesIO()
        paddle.save(search.model.state_dict(), content)
        write_atomically(folder / "params.pdparams", content.getvalue())
        write_genotype(folder / "genotype.json", report.genotype)

    def on_search_end(self, search, genotype):
        write_genotype(self.save_dir / "genotype.json", genotype)
