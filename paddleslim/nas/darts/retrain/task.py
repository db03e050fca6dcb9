"""The retraining as a task: one weight step on each batch."""

from __future__ import annotations

import functools

import paddle
from paddle import nn

from ..data.batch import call_with, check_inputs, count_classes, try_forward
from ..genotype.supernet_attributes import has_own_genotype
from ..state.components import ModelState, OptimizerState, name_tensors
from ..state.parameters import name_parameter
from ..state.schedule_state import ScheduleState
from ..state.snapshots import undisturbed
from ..training.accumulation import AccumulatedGradients
from ..training.loss import check_dependence, check_loss, describe_own_parameters
from ..training.schedule import FactorByEpoch
from ..training.task import Task
from ..training.weight_optimizer import find_schedule, make_weight_optimizer

__all__ = ["RetrainTask", "smoothed_cross_entropy"]


class RetrainTask(Task):
    """Train a discrete network: by SGD on the cross entropy, as the papers do, or as the user says.

    Args:
        network: what `build_network` returns, or any layer, see `Retraining`.
        train_loader, valid_loader: `BatchLoader` objects.
        steps: how many batches the first of them yields in an epoch.
        settings: a `RetrainSettings`.
        run: a `RunSettings`: `criterion`, `weight_optimizer` and `accumulate_steps`.
        ranks: the `Ranks` of this launch.
    """

    name = "retraining"
    validates_in_amp = False

    def __init__(self, network, train_loader, valid_loader, steps, settings, run, ranks):
        if not isinstance(network, nn.Layer):
            raise TypeError(f"the network must be a paddle.nn.Layer, got {type(network).__name__}")
        network = network._layers if isinstance(network, paddle.DataParallel) else network
        self.model, self.settings, self.run, self.ranks = network, settings, run, ranks
        self.train_loaders, self.valid_loaders = (train_loader,), (valid_loader,)
        self.expected_steps = max(1, steps // ranks.count)
        self.batch_hint = f"batch_size is {settings.batch_size}"
        self.loss = run.criterion or functools.partial(smoothed_cross_entropy, smoothing=settings.label_smoothing)
        self.valid_loss = run.criterion or nn.functional.cross_entropy
        self.has_auxiliary = callable(getattr(network, "forward_twice", None))
        self.begin_schedule()

    def make_schedule(self):
        return FactorByEpoch(self.settings.learning_rate, self.settings.learning_rate_factor)

    def start(self, loop):
        self.begin_schedule()
        self.loop, make = loop, self.run.weight_optimizer
        self.weights = [p for p in self.model.parameters() if p.trainable]
        self.optimizer = make_weight_optimizer(make, self.settings, self.schedule, self.weights, "network")
        if make is not None:
            self.schedule = find_schedule(self.optimizer)
        self.schedule_state = ScheduleState(self.schedule, self.optimizer)
        self.gradients = AccumulatedGradients(self.model, self.weights, self.run.accumulate_steps)
        loop.warn(describe_own_parameters(self.run.criterion, self.model))

    def compare_epoch_lengths(self, steps):
        self.loop.warn(self.gradients.describe_excess(steps * self.settings.epochs))

    def trained_parameters(self):
        return self.weights

    def look_at_first(self, batch):
        """Let the forward show whether it takes these inputs, and how many classes labels may name."""
        inputs, label = batch
        check_inputs(self.model, inputs)
        with undisturbed(self.model):
            outputs, loss = self.loop.compiling.recovered(lambda: self._try_forward_and_criterion(inputs, label))
            if self.run.criterion is not None:
                check_dependence(check_loss(loss, "criterion"), "criterion")
        for loader in () if self.run.criterion else (*self.train_loaders, *self.valid_loaders):
            if loader.num_classes is None:
                loader.num_classes = count_classes(self.model, outputs)
        self.train_loaders[0].check(batch, 0)

    def _try_forward_and_criterion(self, inputs, label):
        outputs = try_forward(self.model, inputs)
        return outputs, None if self.run.criterion is None else self.loss(outputs, label)

    def begin_epoch(self, epoch):
        if self.has_auxiliary:
            # ScheduledDropPath (Zoph et al., 2018): linear in the epoch
            self.model.drop_path = self.settings.drop_path * epoch / self.settings.epochs

    def train_step(self, epoch, step, batch):
        """Add the gradient of a batch, and update the weights if it completes a step; return loss, outputs and label.

        The outputs are those of the network without its auxiliary head.
        """
        inputs, label = batch
        outputs, loss = self.loop.compiling.recovered(lambda: self._outputs_and_loss(inputs, label))
        self.gradients.scaled(loss).backward()
        self.loop.guard.check("training", [loss, *(weight.grad for weight in self.weights)], self.weights)
        if self.gradients.complete():
            self._step()
        return loss, outputs, label

    def _outputs_and_loss(self, inputs, label):
        if not self.has_auxiliary:
            outputs = call_with(self.model, inputs)
            return outputs, self.loss(outputs, label)
        outputs, second = call_with(self.model.forward_twice, inputs)
        loss = self.loss(outputs, label)
        if second is not None:
            loss = loss + self.settings.auxiliary_weight * self.loss(second, label)
        return outputs, loss

    def _step(self):
        """Update the weights by the mean of the gradients of all ranks."""
        if self.ranks.count > 1:
            for weight, gradient in zip(self.weights, self.ranks.average([weight.grad for weight in self.weights])):
                weight.grad = gradient
        self.optimizer.step()
        self.optimizer.clear_grad(set_to_zero=False)
        if self.run.weight_optimizer is not None and self.schedule is not None:
            self.schedule.step()

    def evaluate(self, epoch, step, batch):
        inputs, label = batch
        outputs = call_with(self.model, inputs)
        return self.valid_loss(outputs, label), outputs, label

    def end_epoch(self, epoch):
        if self.run.weight_optimizer is None:
            self.schedule.step()

    def present_genotype(self):
        return self.model.genotype() if has_own_genotype(self.model) else None

    def complete(self, report):
        report.genotype = self.present_genotype()

    def result(self, loop):
        """Return the first metric of the last validation; the accuracy if none was asked for, else the loss."""
        last = loop.history[-1]
        found = [*last.valid_metrics.values(), last.valid_accuracy, last.valid_loss]
        return next(value for value in found if value is not None)

    def components(self):
        tensors = name_tensors(self.model)
        return {
            "weights": OptimizerState(self.optimizer, tensors),
            "model": ModelState(tensors),
            "schedule": self.schedule_state,
            "gradients": self.gradients,
        }

    def describe(self):
        genotype = self.present_genotype()
        return {"genotype": type(self.model).__name__ if genotype is None else str(genotype)}

    def settings_that_decide(self):
        return {**self.settings.decisive(), **self.run.decisive()}

    def tensors_equal_on_ranks(self):
        named = [(name_parameter(self.model, weight), weight) for weight in self.weights]
        return named + [item for item in self.optimizer.state_dict().items() if isinstance(item[1], paddle.Tensor)]


def smoothed_cross_entropy(logits, label, smoothing):
    """Return the mean of `-(1 - s) log p[label] - s mean(log p)` (Szegedy et al., 2016, section 7).

    Args:
        logits: `[N, classes]`.
        label: `[N, 1]`.
        smoothing: s, the share of the target that is spread over all classes.
    """
    loss = nn.functional.cross_entropy(logits, label)
    if not smoothing:
        return loss
    return (1 - smoothing) * loss - smoothing * nn.functional.log_softmax(logits).mean()
