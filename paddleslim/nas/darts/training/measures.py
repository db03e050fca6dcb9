"""What a run measures beside its loss: metrics by name, functions, and Paddle's own objects."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any, Callable

import numpy as np
import paddle

from ....common import AvgrageMeter
from ....common.one_line import one_line
from ..data.sendable import SentTensor, change_parts, from_sent, to_sendable
from .metrics import are_classes, has_top5, measure_accuracies

__all__ = ["METRICS", "Accumulation", "Measure", "Measures"]

TENSOR = "paddle.Tensor"  # key of one in a message between ranks


@dataclasses.dataclass(frozen=True)
class Measure:
    """A metric with a name.

    Attributes:
        name: of letters, figures and underscores, such as 'mean_iou'.
        function: of (outputs, label), returns the mean over the batch as a number or a tensor of one element.
        lower_is_better: which of two validations is the better one.

    Raises:
        TypeError, ValueError: `name` is no such text, or `function` cannot be called.
    """

    name: str
    function: Callable
    lower_is_better: bool = False

    def __post_init__(self):
        if not isinstance(self.name, str) or not self.name.isidentifier():
            raise ValueError(f"the name of a metric must be a word such as 'mean_iou', got {self.name!r}")
        if not callable(self.function):
            raise TypeError(f"metric {self.name} needs a function of (outputs, label), got {self.function!r}")


class Measures:
    """Check of the setting `metrics`: names, functions, `Measure` and `paddle.metric.Metric` objects, as a tuple."""

    def __call__(self, name, value):
        if isinstance(value, str) or not isinstance(value, (list, tuple)):
            raise TypeError(f"{name} must be a list such as ['accuracy', my_function], got {value!r}")
        found = tuple(as_measure(name, one) for one in value)
        names = [word for one in found for word in names_of(one)]
        for word in names:
            if names.count(word) > 1 or word == "loss":
                raise ValueError(
                    f"{name} names {word!r} twice" if word != "loss" else f"{name}: the loss is shown anyway"
                )
        return found


class Accumulation:
    """One value of a copy of a `paddle.metric.Metric`, read like a meter; `copied` counts the batches.

    Args:
        metric: the copy; shared by all values of it.
        index: which of its values.
    """

    def __init__(self, metric, index):
        self.metric, self.index, self.cnt = metric, index, 0

    @property
    def avg(self):
        """What the metric has accumulated; waits for the device."""
        return float(np.ravel(np.asarray(self.metric.accumulate()))[self.index])


def as_measure(name, value):
    """Return what one entry of `metrics` stands for: a `Measure`, or a `Metric` as it is.

    Raises:
        TypeError, ValueError: it stands for nothing.
    """
    if isinstance(value, (Measure, paddle.metric.Metric)):
        return value
    if isinstance(value, str):
        if value not in METRICS:
            raise ValueError(
                f"{name}: no metric is called {value!r}; known are {', '.join(METRICS)}, or give a function"
            )
        return METRICS[value]
    if isinstance(value, type):
        raise TypeError(f"{name} holds the class {value.__name__}, write {value.__name__}() to make one")
    if not callable(value):
        raise TypeError(f"{name} must hold names, functions of (outputs, label) and Metric objects, got {value!r}")
    word = getattr(value, "__name__", type(value).__name__)
    if not word.isidentifier():
        raise ValueError(f"{name} holds a function without a name; write Measure('name', function)")
    return Measure(word, value, bool(getattr(value, "lower_is_better", False)))


def names_of(measure):
    """Return the names of the values of a measure: one, or several of a `Metric`."""
    if isinstance(measure, Measure):
        return [measure.name]
    names = measure.name()
    return [names] if isinstance(names, str) else list(names)


def begin_meters(measures):
    """Return new meters by name for one phase of an epoch."""
    meters: dict[str, Any] = {}
    for measure in measures:
        if isinstance(measure, Measure):
            meters[measure.name] = AvgrageMeter()
            continue
        own = copy.deepcopy(measure)
        own.reset()
        meters.update({name: Accumulation(own, i) for i, name in enumerate(names_of(measure))})
    return meters


@paddle.no_grad()
def update_meters(measures, meters, outputs, label, samples, ranks):
    """Add a batch to the meters of `begin_meters`, without waiting for the device where the measures do not.

    Values of functions are averaged over the `Ranks`; a `Metric` sees the batches of all of them, in their order, since
    what it accumulates need not be a mean.

    Raises:
        ValueError: a function returned anything but one number.
    """
    functions = [measure for measure in measures if isinstance(measure, Measure)]
    values = ranks.average([as_scalar(m, apply(m.name, m.function, outputs, label)) for m in functions])
    for measure, value in zip(functions, values):
        meters[measure.name].update(value, samples)
    for measure in measures:
        if isinstance(measure, Measure):
            continue
        of_it = [meters[name] for name in names_of(measure)]
        metric, name = of_it[0].metric, names_of(measure)[0]
        for found in gather_parts(apply(name, metric.compute, outputs, label), ranks):
            apply(name, metric.update, *(found if isinstance(found, (tuple, list)) else [found]))
        for meter in of_it:
            meter.cnt += samples


def apply(name, function, *arguments):
    """Return what a function of a metric returns; whatever it raises names the metric and what it was given."""
    try:
        return function(*arguments)
    except Exception as error:
        given = " and ".join(describe_parts(argument) for argument in arguments)
        reason = f"{type(error).__name__}: {one_line(error)[:200]}".rstrip(": ")
        raise ValueError(
            f"metric {name} failed on {given} ({reason}); give one that takes these outputs and labels, such as "
            "Measure('name', function), or metrics=() for the loss alone"
        ) from error


def describe_parts(part):
    """Return the shapes of an array, or of several in a tuple."""
    if isinstance(part, (tuple, list)):
        return f"({', '.join(map(describe_parts, part))})"
    return str(list(part.shape)) if hasattr(part, "shape") else type(part).__name__


def gather_parts(parts, ranks):
    """Return what `compute` of a metric found on each rank: tensors, nested or not."""
    if ranks.count == 1:
        return [parts]
    return [from_message(found) for found in ranks.gather(as_message(parts))]


def as_message(part):
    """Return tensors, nested or not, as what ranks can send each other."""
    return {TENSOR: tuple(to_sendable(part))} if isinstance(part, paddle.Tensor) else change_parts(part, as_message)


def from_message(part):
    """Return what was given to `as_message`."""
    if isinstance(part, dict) and set(part) == {TENSOR}:
        return from_sent(SentTensor(*part[TENSOR]))
    return change_parts(part, from_message)


def as_scalar(measure, value):
    try:
        if not isinstance(value, paddle.Tensor):
            value = paddle.to_tensor(float(value.reshape([]) if isinstance(value, np.ndarray) else value))
        return value.detach().astype("float32").reshape([])
    except (TypeError, ValueError) as error:
        got = f"a tensor of shape {list(value.shape)}" if hasattr(value, "shape") else repr(value)
        raise ValueError(f"metric {measure.name} must return one number for a batch, got {got}") from error


def describe_meters(meters):
    """Return what a checkpoint holds of meters: sums as arrays, and the fields of Paddle's metrics."""
    state = {}
    for name, meter in meters.items():
        if isinstance(meter, AvgrageMeter):
            state[f"metric/{name}"] = np.asarray(meter.sum)
            continue
        for field, value in vars(meter.metric).items() if meter.index == 0 else ():
            state.update(describe_field(f"metric/{name}", field, value))
    return state


def describe_field(prefix, field, value):
    """Return one field of a metric: an array as it is, anything else if JSON can say it; the rest are settings."""
    if isinstance(value, (np.ndarray, paddle.Tensor)):
        return {f"{prefix}.{field}": np.asarray(value)}
    if isinstance(value, np.generic):
        return {f"{prefix}.{field}": np.asarray(value)}
    if isinstance(value, (list, tuple)) and all(isinstance(v, (int, float, np.number)) for v in value):
        return {f"{prefix}.{field}": [v.item() if isinstance(v, np.number) else v for v in value]}
    return {f"{prefix}.{field}": value} if isinstance(value, (int, float, str)) else {}


def recall_meters(measures, state, samples, recall_meter):
    """Return the meters whose `describe_meters` is in `state`."""
    meters = begin_meters(measures)
    for name, meter in meters.items():
        if isinstance(meter, AvgrageMeter):
            meters[name] = recall_meter(state[f"metric/{name}"], samples) if f"metric/{name}" in state else meter
            continue
        meter.cnt = samples
        prefix = f"metric/{name}."
        for key, value in state.items():
            if key.startswith(prefix) and not key.startswith(prefix + "__"):
                before = getattr(meter.metric, key[len(prefix) :], None)
                setattr(meter.metric, key[len(prefix) :], like(before, value))
    return meters


def like(before, value):
    """Return a value of a checkpoint as what a metric had in its place."""
    if isinstance(value, np.ndarray):
        if isinstance(before, paddle.Tensor):
            return paddle.to_tensor(value)
        return value if value.ndim or isinstance(before, np.ndarray) else value[()]
    return tuple(value) if isinstance(before, tuple) else value


# metrics by name


def accuracy(outputs, label):
    """Return the share of labels that are the largest of the outputs along axis 1, whatever their further axes.

    Args:
        outputs: `[N, classes, ...]`.
        label: `[N, 1]`, `[N]`, or `[N, ...]`; negative ones are left out, as the ignored index of a loss.
    """
    best = first(outputs).argmax(axis=1)
    label = label.reshape(best.shape)
    counted = (label >= 0).astype("float32")
    return ((best == label).astype("float32") * counted).sum() / counted.sum().clip(min=1.0)


def top5(outputs, label):
    """Return the share of samples whose class is among the five largest of `[N, classes]`."""
    outputs = first(outputs)
    if not are_classes(outputs, label):
        raise ValueError(f"metric top5 needs logits [N, classes] and classes [N, 1], got label {list(label.shape)}")
    if not has_top5(outputs.shape[-1]):
        raise ValueError(f"metric top5 needs more than 5 classes, got {outputs.shape[-1]}; measure 'accuracy'")
    return measure_accuracies(outputs, label, [5])[0]


def mean_iou(outputs, label):
    """Return the intersection over union of outputs `[N, classes, ...]` and masks, a mean over the classes there are.

    It is of a batch, and a mean over batches in an epoch.
    """
    classes, best = first(outputs).shape[1], first(outputs).argmax(axis=1)
    label = label.reshape(best.shape)
    hot = paddle.nn.functional.one_hot
    counted = (label >= 0).astype("float32").unsqueeze(-1)
    here, there = hot(best, classes) * counted, hot(label.clip(min=0), classes) * counted
    both = (here * there).reshape([-1, classes]).sum(axis=0)
    either = (here + there).reshape([-1, classes]).sum(axis=0) - both
    return (both / either.clip(min=1.0)).sum() / (either > 0).astype("float32").sum().clip(min=1.0)


def binary_accuracy(outputs, label):
    """Return the share of labels `[N, ...]` of 0 and 1 that the sign of the logits says, as of several labels."""
    outputs = first(outputs)
    return ((outputs > 0).astype("float32") == label.reshape(outputs.shape).astype("float32")).astype("float32").mean()


def mse(outputs, label):
    """Return the mean squared error."""
    outputs = first(outputs)
    return ((outputs - label.reshape(outputs.shape)) ** 2).mean()


def mae(outputs, label):
    """Return the mean absolute error."""
    outputs = first(outputs)
    return (outputs - label.reshape(outputs.shape)).abs().mean()


def first(outputs):
    """Return the first of several outputs, the main one."""
    while isinstance(outputs, (tuple, list)):
        outputs = outputs[0]
    return outputs


METRICS = {
    **{f.__name__: Measure(f.__name__, f) for f in (accuracy, top5, mean_iou, binary_accuracy)},
    **{f.__name__: Measure(f.__name__, f, True) for f in (mse, mae)},
}
