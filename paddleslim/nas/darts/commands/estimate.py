"""What a run will take, measured on a few of its own steps before it begins."""

from __future__ import annotations

import contextlib
import math
import resource
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import paddle

from ..data import Images
from ..training.callbacks import Callback
from ..training.reports import StepReport

__all__ = [
    "STEPS",
    "EnoughMeasured",
    "Pace",
    "describe_estimate",
    "head",
    "measure_pace",
    "peak_memory",
    "project",
    "spell_seconds",
]

STEPS = 6  # training steps that are taken; the first two compile kernels and fill caches
WARM_UP = 2


class EnoughMeasured(Exception):
    """Ends a run before the second epoch of an estimate."""


class Pace(Callback):
    """Take the time of every step of the first epoch and of its validation, and of what follows; then end the run.

    Attributes:
        seconds: for 'Train' and 'Valid' the time of each step, in their order.
        samples: for 'Train' and 'Valid' how many samples all those steps had.
        prepared: seconds of processor time that the process took before the first step: imports, data, the network.
        saving: seconds from the last step of the epoch to the next epoch, in which the run is saved.
        end: seconds of what follows the last epoch, see `measure_end`.
    """

    saving = end = 0.0

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {"Train": [], "Valid": []}
        self.samples: dict[str, int] = {"Train": 0, "Valid": 0}

    def on_epoch_begin(self, search: Any, epoch: int) -> None:
        if self.seconds["Train"]:
            self.on_search_end(search, None)
        self.prepared = time.process_time()
        self.before = time.perf_counter()

    def on_step_end(self, search: Any, report: StepReport) -> None:
        float(report.loss.avg)  # waits for the device
        now = time.perf_counter()
        self.seconds[report.phase].append(now - self.before)
        self.samples[report.phase] = report.loss.cnt
        self.before = now

    def on_search_end(self, search: Any, genotype: Any) -> None:
        self.stopped = time.perf_counter()
        self.saving = self.stopped - self.before
        raise EnoughMeasured

    def measure_end(self, finish: Callable[[], Any]) -> None:
        """Call what follows the last epoch, with the images that were measured, and take its time."""
        finish()
        self.end = time.perf_counter() - self.stopped

    def step(self) -> float:
        """Return the seconds of a training step, the median of those after the warm-up."""
        return statistics.median(self.seconds["Train"][WARM_UP:] or self.seconds["Train"])

    def start(self) -> float:
        """Return the seconds before the first step, and by how many the warm-up took longer than such steps."""
        return self.prepared + max(0.0, sum(self.seconds["Train"][:WARM_UP]) - WARM_UP * self.step())

    def validation_sample(self) -> float:
        """Return the seconds that one sample of a validation takes; its first step, which may compile, left out."""
        times, samples = self.seconds["Valid"], self.samples["Valid"]
        if not times:
            return 0.0
        later = times[1:] or times
        return sum(later) / (samples * len(later) / len(times))


def measure_pace(pace: Pace, run: Callable[[], Any]) -> Pace:
    """Call `run`, which trains with `pace` among its callbacks, until that has seen enough; return `pace`."""
    with contextlib.suppress(EnoughMeasured):
        run()
    return pace


def head(images: Images, count: int) -> Images:
    """Return the first images of a set, `count` of them at most."""
    return images.take(np.arange(min(count, len(images))))


def project(
    pace: Pace, steps: int, epochs: int, valid_freq: int | None, validated: int, evaluations: int = 0
) -> dict[str, Any]:
    """Return what a run will take, in types that JSON has.

    Args:
        pace: what was measured.
        steps: training steps of an epoch.
        epochs: how many epochs.
        valid_freq: epochs between two validations; None for one, after the last epoch, which has one in any case.
        validated: samples of one validation.
        evaluations: how often the end of the run evaluates so many samples.
    """
    step, validation = pace.step(), pace.validation_sample() * validated
    validations = math.ceil(epochs / (valid_freq or epochs))
    end = pace.end + evaluations * pace.validation_sample() * max(0, validated - pace.samples["Valid"])
    total = pace.start() + epochs * (steps * step + pace.saving) + validations * validation + end
    return {
        "seconds": round(total, 1),
        "epochs": epochs,
        "start_seconds": round(pace.start(), 4),
        "steps": epochs * steps,
        "step_seconds": round(step, 4),
        "validations": validations,
        "validation_seconds": round(validation, 4),
        "saving_seconds": round(pace.saving, 4),
        "end_seconds": round(end, 4),
        "measured_steps": len(pace.seconds["Train"][WARM_UP:]) or len(pace.seconds["Train"]),
        "peak_memory_mb": peak_memory(),
    }


def peak_memory() -> int:
    """Return the most memory this process has held, in MB: of its GPU where it computes there, else of the machine."""
    if not paddle.get_device().startswith("cpu"):
        return round(paddle.device.cuda.max_memory_allocated() / 1e6)
    unit = 1 if sys.platform == "darwin" else 1024  # bytes on macOS, kilobytes on Linux
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6)


def describe_estimate(found: dict[str, Any]) -> str:
    """Return an estimate as sentences."""
    validations = ""
    if found["validations"]:
        count = "1 validation" if found["validations"] == 1 else f"{found['validations']} validations"
        validations = f" and {count} of {found['validation_seconds']:.2g} s"
    end = f"; {found['end_seconds']:.2g} s at the end" if found["end_seconds"] else ""
    steps = f"{found['steps']} steps of {found['step_seconds']:.2g} s{validations}"
    saving = f"{found['saving_seconds']:.2g} s to save each epoch{end}"
    parts = f"{found['start_seconds']:.2g} s to start, {steps}; {saving}"
    return (
        f"About {spell_seconds(found['seconds'])} for {found['epochs']} epochs: {parts}, as measured now over "
        f"{found['measured_steps']} steps.\n"
        f"The process has held {found['peak_memory_mb']:,} MB at most."
    )


def spell_seconds(seconds: float) -> str:
    """Return a duration in two units at most."""
    if seconds < 90:
        return f"{math.ceil(seconds)} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02} min"
