"""A progress bar for a search or a retraining, in a terminal or a notebook, with a line for each finished epoch."""

from __future__ import annotations

import contextlib
import time
from typing import Any

from ....common.log_helper import hidden_lines
from ....extras import require
from ..training.callbacks import Callback
from ..training.log import lines_logger
from ..training.reports import EpochReport, StepReport
from ..training.settings import RunSettings
from .progress_views import NotebookView, TerminalView, in_notebook

__all__ = ["ProgressBar", "bars_of"]

WIDE = 110  # columns of a terminal that show the bar and the learning rate besides the figures
NARROW = 80  # below which there is no space for the running means
REFRESH = 0.5  # seconds between two looks at the running means, each of which waits for the device


class ProgressBar(Callback):
    """Show epoch, loss, accuracy and time left of a search or retraining, and a line for each finished epoch.

    In a notebook the bar is in the output of the cell, in a terminal on the last row. While it is shown, PaddleSlim's
    lines of steps and epochs are not printed, so that no epoch is there twice; handlers of one's own get them still.

    Args:
        console: the `rich.console.Console` to show it on; None for the notebook that the program runs in, or else the
            terminal's standard error stream.

    Raises:
        ImportError: outside notebooks, rich is not installed.

    Example:
        >>> DARTSearch(..., callbacks=[ProgressBar()])
    """

    may_fail = True  # the terminal may be gone

    def __init__(self, console: Any = None) -> None:
        self.console = console
        self.in_notebook = console is None and in_notebook()
        if console is None and not self.in_notebook:
            require("rich", extra="cli", user="a progress bar")
            import rich.console

            self.console = rich.console.Console(stderr=True)
        self.is_wide = self.in_notebook or self.console.width >= WIDE
        self.is_narrow = not self.in_notebook and self.console.width < NARROW
        self.view: Any = None
        self.hiding = contextlib.ExitStack()

    def on_search_begin(self, search: Any) -> None:
        steps = search.num_epochs * search.steps_per_epoch
        sizes = {"is_wide": self.is_wide, "is_narrow": self.is_narrow}
        self.view = NotebookView(steps) if self.in_notebook else TerminalView(self.console, steps, **sizes)
        self.hiding.enter_context(hidden_lines(lines_logger))
        self.seen = 0.0

    def on_preparation(self, search: Any, what: str) -> None:
        if self.view is not None:
            self.view.update(description=what)

    def on_step_end(self, search: Any, report: StepReport) -> None:
        name = f"epoch {report.epoch + 1}/{search.num_epochs}"
        if report.phase == "Valid":
            self.view.update(description=name if self.is_narrow else f"{name} validating")
            return
        done = report.epoch * report.steps + report.step + 1
        changes: dict[str, Any] = {"completed": done, "total": search.num_epochs * report.steps, "description": name}
        if time.monotonic() - self.seen > REFRESH:
            self.seen = time.monotonic()
            changes["means"] = self._describe_step(report)
        self.view.update(**changes)

    def _describe_step(self, report: StepReport) -> str:
        means = f"loss {float(report.loss.avg):.3f}"
        if report.accuracy is not None:
            means += f"  accuracy {report.accuracy:.1%}"
        means += describe(report.means())
        return f"{means}  lr {report.learning_rate:.4f}" if self.is_wide else means

    def on_epoch_end(self, search: Any, report: EpochReport) -> None:
        line = f"epoch {report.epoch + 1:>3}/{search.num_epochs}  lr {report.learning_rate:.4f}"
        line += f"  loss {report.train_loss:.3f}"
        if report.train_accuracy is not None:
            line += f"  accuracy {report.train_accuracy:.1%}"
        line += describe(report.train_metrics)
        if report.valid_accuracy is not None:
            line += f", on held-out images {report.valid_accuracy:.1%}{describe(report.valid_metrics)}"
        elif report.valid_loss is not None:
            line += f", on held-out data loss {report.valid_loss:.3f}{describe(report.valid_metrics)}"
        self.view.print(line)

    def on_selection(self, search: Any, decided: int, decisions: int) -> None:
        self.view.update(completed=decided, total=decisions, description="selection, decisions", means="")
        self.view.print(f"selection: {decided} of {decisions} decisions")

    def on_search_end(self, search: Any, genotype: Any) -> None:
        self._end()

    def on_search_abort(self, search: Any, error: BaseException) -> None:
        self._end()

    def _end(self) -> None:
        self.hiding.close()
        if self.view is not None:  # it may have been before the first step
            self.view.end()


def bars_of(settings: RunSettings) -> list[Callback]:
    """Return the bar that a run has of itself, in a list: as `progress_bar` says; if None, one in notebooks alone.

    There is none beside a `ProgressBar` among the callbacks.
    """
    wanted = in_notebook() if settings.progress_bar is None else settings.progress_bar
    given = any(isinstance(callback, ProgressBar) for callback in settings.callbacks)
    return [ProgressBar()] if wanted and not given else []


def describe(metrics: dict[str, float]) -> str:
    """Return metrics as a part of a line; the accuracy is elsewhere in it."""
    return "".join(f"  {name} {value:.4g}" for name, value in metrics.items() if name != "accuracy")
