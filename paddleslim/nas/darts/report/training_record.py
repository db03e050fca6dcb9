"""What a retraining did, epoch by epoch, and what its network makes of the test."""

from __future__ import annotations

import dataclasses
from typing import Any

from .outcomes import Outcomes
from .recording import EpochRecord

__all__ = ["TrainingRecord"]


@dataclasses.dataclass(repr=False)
class TrainingRecord:
    """A retraining as it can be shown.

    Attributes:
        title: a name for people.
        settings, versions: how and with what it was trained, for a table each.
        num_epochs: how many epochs it should have.
        epochs: an `EpochRecord` for each epoch so far, without a genotype and strengths.
        state: 'running', 'finished', or what stopped it.
        genotype: of the network; None of a network of another kind.
        result: figures of the network by name, such as 'parameters', 'multiply_adds', 'test_accuracy'.
        device: where 'latency_seconds' of the result was measured.
        outcomes: the predictions for the test; None where labels are no classes, or before the end.
        class_names: one for each class; numbers if empty.
        tested: True if what is measured after epochs are the images of the test.
        commands: what may come next.
        resume: what comes next where the training was stopped.
    """

    title: str
    settings: dict[str, Any]
    versions: dict[str, str]
    num_epochs: int
    epochs: list[EpochRecord] = dataclasses.field(default_factory=list)
    state: str = "running"
    genotype: Any = None
    result: dict[str, float] = dataclasses.field(default_factory=dict)
    device: str = "cpu"
    outcomes: Outcomes | None = None
    class_names: list[str] = dataclasses.field(default_factory=list)
    tested: bool = False
    commands: list[str] = dataclasses.field(default_factory=list)
    resume: str | None = None

    def __repr__(self) -> str:
        return f"TrainingRecord({self.title!r}: {len(self.epochs)} of {self.num_epochs} epochs, {self.state})"

    def name(self, label: int) -> str:
        """Return the name of a class."""
        return self.class_names[label] if label < len(self.class_names) else str(label)
