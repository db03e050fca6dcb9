"""Observers that write a search for VisualDL and for TensorBoard."""

from __future__ import annotations

from typing import Any, Callable

import numpy as np

from ....common.checks import Count
from ....common.log_helper import package_logger
from ....common.paths import fixed_path
from ....common.types import Array, FilePath
from ....extras import require, require_matplotlib
from ....zlib_first import is_zlib_safe
from ..strategy.selection import strength_of
from ..training.callbacks import Callback
from ..training.reports import EpochReport, StepReport
from .drawing.figure import make_figure
from .recording import collect_figures, read_strengths

__all__ = ["TensorBoard", "VisualDL"]

logger = package_logger(__name__)


class Dashboard(Callback):
    """Write a search or a retraining for a dashboard: running means as it goes, after each epoch figures and cells.

    Args:
        logdir: folder of the log.
        freq: training steps between two running means, each of which waits for the device.
        open_log: function of `logdir` that returns an object with `add_scalar(tag, value, step)`,
            `add_histogram(tag, values, step)`, `add_text(tag, text, step)`, `add_image(tag, image, step)` for an
            image `[height, width, 3]` uint8, and `close()`.

    Tags: `step/...` over the steps since the search began; over the epochs, counted from 0, `epoch/...`,
    `strength/<cell>/<operation>` (the mean over all edges), `alphas/<cell>` as a histogram, `genotype` and `cells`.
    """

    may_fail = True

    def __init__(self, logdir: FilePath, freq: int, open_log: Callable[[str], Any]) -> None:
        self.freq = Count()("freq", freq)
        self.logdir, self.freq, self.open_log = str(fixed_path(logdir)), freq, open_log

    def on_search_begin(self, search: Any) -> None:
        self.log = self.open_log(self.logdir)
        if not is_zlib_safe():
            logger.warning(
                "the log has no pictures, for Paddle 2 breaks zlib; import paddleslim before paddle for them"
            )
        self.genotype = None

    def on_step_end(self, search: Any, report: StepReport) -> None:
        if report.phase != "Train" or report.step % self.freq:
            return
        step = report.epoch * report.steps + report.step
        self.log.add_scalar("step/loss", float(report.loss.avg), step)
        if report.accuracy is not None:
            self.log.add_scalar("step/accuracy", report.accuracy, step)
        for name, value in report.means().items():
            self.log.add_scalar(f"step/{name}", value, step)
        self.log.add_scalar("step/learning_rate", float(report.learning_rate), step)

    def on_epoch_end(self, search: Any, report: EpochReport) -> None:
        for name, value in collect_figures(report).items():
            self.log.add_scalar(f"epoch/{name}", value, report.epoch)
        operations = list(getattr(search.model, "_primitives", ()))
        has_alphas = hasattr(search.model, "arch_parameters")  # the network of a retraining has none
        strengths = read_strengths(search.model, strength_of(search)) if has_alphas else {}
        for cell, rows in strengths.items():
            self.log.add_histogram(f"alphas/{cell}", np.ravel(rows), report.epoch)
            if len(operations) == len(rows[0]):
                for operation, strength in zip(operations, np.mean(rows, axis=0)):
                    self.log.add_scalar(f"strength/{cell}/{operation}", float(strength), report.epoch)
        if report.genotype != self.genotype:
            self.genotype = report.genotype
            self.log.add_text("genotype", str(report.genotype), report.epoch)
            image = picture(report.genotype) if is_zlib_safe() else None
            if image is not None:
                self.log.add_image("cells", image, report.epoch)

    def on_search_end(self, search: Any, genotype: Any) -> None:
        self.log.close()

    def on_search_abort(self, search: Any, error: BaseException) -> None:
        if hasattr(self, "log"):
            self.log.close()


class VisualDL(Dashboard):
    """Write a search as a VisualDL log; `visualdl --logdir <logdir>` shows it.

    Args:
        logdir: folder of the log.
        freq: training steps between two running means, each of which waits for the device.

    Raises:
        ImportError: visualdl is not installed.
        ValueError: `freq` is no whole number of at least 1.

    Example:
        >>> DARTSearch(..., callbacks=[VisualDL("runs/first/visualdl")])
    """

    def __init__(self, logdir: FilePath, freq: int = 50) -> None:
        require("visualdl", extra="visualdl", user="VisualDL")
        from visualdl import LogWriter

        super().__init__(logdir, freq, LogWriter)


class TensorBoard(Dashboard):
    """Write a search in TensorBoard's format; `tensorboard --logdir <logdir>` shows it.

    Args:
        logdir: folder of the log.
        freq: training steps between two running means, each of which waits for the device.

    Raises:
        ImportError: tensorboardX is not installed.
        ValueError: `freq` is no whole number of at least 1.

    Example:
        >>> DARTSearch(..., callbacks=[TensorBoard("runs/first/tensorboard")])
    """

    def __init__(self, logdir: FilePath, freq: int = 50) -> None:
        require("tensorboardX", extra="tensorboard", user="TensorBoard")
        from tensorboardX import SummaryWriter

        super().__init__(logdir, freq, lambda logdir: ChannelsLast(SummaryWriter(logdir)))


class ChannelsLast:
    """A SummaryWriter that takes images as `[height, width, 3]`."""

    def __init__(self, writer: Any) -> None:
        self.writer = writer

    def __getattr__(self, name: str) -> Any:
        return getattr(self.writer, name)

    def add_image(self, tag: str, image: Array, step: int) -> None:
        self.writer.add_image(tag, image, step, dataformats="HWC")


def picture(genotype: Any) -> Array | None:
    """Return the picture of a genotype, `[height, width, 3]` uint8; None of one that cannot be drawn."""
    require_matplotlib("a picture of a genotype")
    from matplotlib.backends.backend_agg import FigureCanvasAgg

    try:
        canvas = FigureCanvasAgg(make_figure(genotype))
    except ValueError:
        return None
    canvas.draw()
    return np.asarray(canvas.buffer_rgba())[..., :3]
