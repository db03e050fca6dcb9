"""The retraining as a task: one weight step on each batch."""

from __future__ import annotations

import paddle
from paddle import nn

from ..state.components import ModelState, OptimizerState, ScheduleState, name_tensors
from ..state.parameters import name_parameter
from ..training.clipping import ClipByGlobalNorm
from ..training.task import Task

__all__ = ["RetrainTask", "smoothed_cross_entropy"]


class RetrainTask(Task):
    """Train a discrete network by SGD, as the papers do after a search.

    Args:
        network: what `build_network` returns, or a layer with `forward_twice(image)`.
        train_loader, valid_loader: `BatchLoader` objects.
        steps: how many batches the first of them yields in an epoch.
        settings: a `RetrainSettings`.
        ranks: the `Ranks` of this launch.
    """

    name = "retraining"
    validates_in_amp = False

    def __init__(self, network, train_loader, valid_loader, steps, settings, ranks):
        self.model, self.settings, self.ranks = network, settings, ranks
        self.train_loaders, self.valid_loaders = (train_loader,), (valid_loader,)
        self.expected_steps = max(1, steps // ranks.count)
        self.batch_hint = f"batch_size is {settings.batch_size}"
        self._make_schedule()

    def _make_schedule(self):
        settings = self.settings
        self.schedule = paddle.optimizer.lr.LambdaDecay(settings.learning_rate, settings.learning_rate_factor)

    @property
    def learning_rate_now(self):
        return self.schedule()

    def start(self, loop):
        self._make_schedule()
        self.loop, settings = loop, self.settings
        self.weights = [p for p in self.model.parameters() if p.trainable]
        self.optimizer = paddle.optimizer.Momentum(
            self.schedule,
            settings.momentum,
            parameters=self.weights,
            use_nesterov=settings.nesterov,
            weight_decay=paddle.regularizer.L2Decay(settings.weight_decay),
            grad_clip=settings.grad_clip and ClipByGlobalNorm(settings.grad_clip),
        )

    def begin_epoch(self, epoch):
        # ScheduledDropPath (Zoph et al., 2018): linear in the epoch
        self.model.drop_path = self.settings.drop_path * epoch / self.settings.epochs

    def train_step(self, epoch, step, batch):
        """Update the weights once; return loss, logits and label."""
        image, label = batch
        logits, second = self.model.forward_twice(image)
        loss = smoothed_cross_entropy(logits, label, self.settings.label_smoothing)
        if second is not None:
            auxiliary = smoothed_cross_entropy(second, label, self.settings.label_smoothing)
            loss = loss + self.settings.auxiliary_weight * auxiliary
        loss.backward()
        if self.ranks.count > 1:
            for weight, gradient in zip(self.weights, self.ranks.average([weight.grad for weight in self.weights])):
                weight.grad = gradient
        self.loop.guard.check("training", [loss, *(weight.grad for weight in self.weights)], self.weights)
        self.optimizer.step()
        self.optimizer.clear_grad(set_to_zero=False)
        return loss, logits, label

    def evaluate(self, epoch, step, batch):
        image, label = batch
        logits = self.model(image)
        return nn.functional.cross_entropy(logits, label), logits, label

    def end_epoch(self, epoch):
        self.schedule.step()

    def present_genotype(self):
        return self.model.genotype()

    def complete(self, report):
        report.genotype = self.present_genotype()

    def result(self, loop):
        """Return the accuracy on the validation batches after the last epoch."""
        return loop.history[-1].valid_accuracy

    def components(self):
        tensors = name_tensors(self.model)
        return {
            "weights": OptimizerState(self.optimizer, tensors),
            "model": ModelState(tensors),
            "schedule": ScheduleState(self.schedule),
        }

    def describe(self):
        return {"genotype": str(self.model.genotype())}

    def settings_that_decide(self):
        return self.settings.decisive()

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
