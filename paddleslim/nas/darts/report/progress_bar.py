"""A progress bar for a search, one line for each finished epoch above it."""

from __future__ import annotations

import time
from typing import Any

from rich import progress

from ..training.callbacks import Callback

__all__ = ["ProgressBar"]

WIDE = 110  # columns of a terminal that show the bar and the learning rate besides the figures
REFRESH = 0.5  # seconds between two looks at the running means, each of which waits for the device


class ProgressBar(Callback):
    """Show epoch, loss, accuracy, learning rate and time left of a search or retraining on a `rich.console.Console`."""

    may_fail = True  # the terminal may be gone

    def __init__(self, console):
        self.console = console
        self.bar: Any = None

    def on_search_begin(self, search):
        columns = [
            progress.TextColumn("{task.description}"),
            *([progress.BarColumn(20)] if self.console.width >= WIDE else []),
            progress.TextColumn("{task.completed:.0f}/{task.total:.0f} steps"),
            progress.TimeRemainingColumn(elapsed_when_finished=True),
            progress.TextColumn("{task.fields[means]}"),
        ]
        self.bar = progress.Progress(*columns, console=self.console, transient=True)
        steps = search.num_epochs * search.steps_per_epoch
        self.task = self.bar.add_task("starting; kernels compile once", total=steps, means="")
        self.bar.start()
        self.seen = 0.0

    def on_step_end(self, search, report):
        name = f"epoch {report.epoch + 1}/{search.num_epochs}"
        if report.phase == "Valid":
            self.bar.update(self.task, description=f"{name} validating")
            return
        done = report.epoch * report.steps + report.step + 1
        total = search.num_epochs * report.steps
        self.bar.update(self.task, completed=done, total=total, description=name)
        if time.monotonic() - self.seen > REFRESH:
            self.seen = time.monotonic()
            means = f"loss {float(report.loss.avg):.3f}"
            if report.accuracy is not None:
                means += f"  accuracy {report.accuracy:.1%}"
            means += describe(report.means())
            if self.console.width >= WIDE:
                means += f"  lr {report.learning_rate:.4f}"
            self.bar.update(self.task, means=means)

    def on_epoch_end(self, search, report):
        line = f"epoch {report.epoch + 1:>3}/{search.num_epochs}  lr {report.learning_rate:.4f}"
        line += f"  loss {report.train_loss:.3f}"
        if report.train_accuracy is not None:
            line += f"  accuracy {report.train_accuracy:.1%}"
        line += describe(report.train_metrics)
        if report.valid_accuracy is not None:
            line += f", on held-out images {report.valid_accuracy:.1%}"
        elif report.valid_loss is not None:
            line += f", on held-out data loss {report.valid_loss:.3f}{describe(report.valid_metrics)}"
        self.bar.console.print(line, highlight=False, soft_wrap=True)

    def on_selection(self, search, decided, decisions):
        self.bar.update(self.task, completed=decided, total=decisions, description="selection, decisions", means="")
        self.bar.console.print(f"selection: {decided} of {decisions} decisions", highlight=False, soft_wrap=True)

    def on_search_end(self, search, genotype):
        self.bar.stop()

    def on_search_abort(self, search, error):
        if self.bar is not None:  # it may have been before the first step
            self.bar.stop()


def describe(metrics):
    """Return metrics as a part of a line; the accuracy is elsewhere in it."""
    return "".join(f"  {name} {value:.4g}" for name, value in metrics.items() if name != "accuracy")
