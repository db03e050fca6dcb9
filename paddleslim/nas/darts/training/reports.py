"""What a run says of its steps and epochs."""

from __future__ import annotations

import dataclasses
from typing import Any

from ....common import AvgrageMeter
from ..genotype.json_file import describe_genotype, recall_genotype

__all__ = ["EpochReport", "StepReport"]


@dataclasses.dataclass
class StepReport:
    """A run after a step.

    Attributes:
        phase: 'Train' or 'Valid'.
        epoch, step: counted from 0.
        steps: how many steps the epoch should have.
        loss, top1, top5: running means since the epoch began; accuracies are between 0 and 1. Reading `.avg` as
            a number waits for the device.
            The accuracies have no sample (`.cnt` is 0) where labels are no classes; `top5` is 1 of five
            classes or fewer.
        learning_rate: of the weights, in this step.
        metrics: what `metrics=` asks for, by name; each has `.avg`, the value since the epoch began.
    """

    phase: str
    epoch: int
    step: int
    steps: int
    loss: AvgrageMeter
    top1: AvgrageMeter
    top5: AvgrageMeter
    learning_rate: float
    metrics: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def accuracy(self) -> float | None:
        """The mean top-1 accuracy; None where labels are no classes. Waits for the device."""
        meter = self.metrics.get("accuracy", self.top1)
        return float(meter.avg) if meter.cnt else None

    @property
    def score(self) -> float:
        """The first metric, the accuracy where none was asked for, the loss where labels are no classes. Waits."""
        asked = list(self.metrics.values())
        return float((asked[0] if asked else self.top1 if self.top1.cnt else self.loss).avg)

    def means(self) -> dict[str, float]:
        """Return the values of the metrics by name. Waits for the device."""
        return {name: float(meter.avg) for name, meter in self.metrics.items() if meter.cnt}


@dataclasses.dataclass
class EpochReport:
    """The result of an epoch: losses are means, accuracies between 0 and 1, None where nothing was validated or
    labels are no classes.

    Attributes:
        skips_normal, skips_reduce: skip connections in the two cells; None where there is no such cell.
        entropy: of the operations' weights, in nats, a mean over all edges.
        train_metrics, valid_metrics: what `metrics=` asks for, by name.
        method: what the search method anneals, by name, such as a temperature.
        eigenvalue: the largest of the validation Hessian in the alphas; None where it was not computed.
    """

    epoch: int
    steps: int
    learning_rate: float
    train_loss: float
    train_accuracy: float | None
    genotype: Any
    valid_loss: float | None = None
    valid_accuracy: float | None = None
    skips_normal: int | None = None
    skips_reduce: int | None = None
    entropy: float | None = None
    eigenvalue: float | None = None
    method: dict[str, Any] = dataclasses.field(default_factory=dict)
    train_metrics: dict[str, float] = dataclasses.field(default_factory=dict)
    valid_metrics: dict[str, float] = dataclasses.field(default_factory=dict)

    def get_state(self) -> dict[str, Any]:
        """Return this report in what JSON can say."""
        fields = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return {**fields, "genotype": describe_genotype(self.genotype)}

    @classmethod
    def from_state(cls, state: dict[str, Any], like: Any = None, missing: set[str] | None = None) -> EpochReport:
        """Return the report whose `get_state` this is; see `recall_genotype` for `like` and `missing`."""
        return cls(**{**state, "genotype": recall_genotype(state["genotype"], like, missing)})
