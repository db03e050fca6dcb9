"""The training of a discrete network."""

from __future__ import annotations

import io
import math
import pathlib

import paddle
from paddle import nn

from ....common import AvgrageMeter
from ..data.readers import BatchLoader
from ..networks.measure import evaluate
from ..search.dart_search import measure_accuracies
from ..state.checkpoint import write_atomically
from ..training.callbacks import Callback, EpochReport, LogLines, StepReport, logger
from ..training.clipping import ClipByGlobalNorm
from ..training.device import name_device, on_device
from ..training.precision import autocast, check_amp

__all__ = ["Retraining", "SaveNetwork"]


class Retraining:
    """Train a discrete network by SGD, as the papers do after a search.

    It tells the hooks of a search to its callbacks, so that a `Callback` serves both.

    Args:
        network: what `build_network` returns, or a layer with `forward_twice(image)`.
        train_batches: walked once an epoch, such as `ShuffledBatches`; `len()` of it is the number of steps.
        valid_batches: for the accuracy after the last epoch and every `valid_freq` ones, such as `Batches`.
        settings: a `RetrainSettings`; what it says of the network's size is not used here.
        place: where to compute, as for `DARTSearch`.
        valid_freq: epochs between two evaluations; None for the last epoch alone.
        log_freq: steps between two log lines.
        callbacks: `Callback` objects.
        amp: 'bfloat16' to train in mixed precision on a GPU, see `precision.autocast`; the accuracy is measured in
            float32 all the same.

    Attributes:
        history: one `EpochReport` for each epoch.

    Raises:
        ValueError: an argument cannot be used.
    """

    def __init__(
        self,
        network,
        train_batches,
        valid_batches,
        settings,
        place="cpu",
        valid_freq=None,
        log_freq=50,
        callbacks=(),
        amp=None,
    ):
        self.model, self.settings = network, settings
        self.device, self.amp = name_device(place), amp
        check_amp(amp, self.device)
        self.train_loader = BatchLoader("train_batches", train_batches)
        self.valid_batches = valid_batches
        self.steps_per_epoch, self.num_epochs = len(train_batches), settings.epochs
        self.valid_freq = valid_freq or settings.epochs
        self.callbacks = [TrainingLines(log_freq), *callbacks]
        self.history: list[EpochReport] = []
        self.schedule = paddle.optimizer.lr.LambdaDecay(settings.learning_rate, settings.learning_rate_factor)
        self.optimizer = paddle.optimizer.Momentum(
            self.schedule,
            settings.momentum,
            parameters=[p for p in network.parameters() if p.trainable],
            use_nesterov=settings.nesterov,
            weight_decay=paddle.regularizer.L2Decay(settings.weight_decay),
            grad_clip=settings.grad_clip and ClipByGlobalNorm(settings.grad_clip),
        )

    @property
    def learning_rate_now(self):
        """The learning rate of this epoch."""
        return self.schedule()

    def train(self):
        """Train for all epochs; return the accuracy on the validation batches after the last.

        Raises:
            FloatingPointError: the loss is no longer finite.
        """
        with on_device(self.device):
            self.model.to(self.device)
            try:
                self._tell("on_search_begin")
                for epoch in range(self.num_epochs):
                    self._run_epoch(epoch)
                self._tell("on_search_end", self.model.genotype())
            except BaseException as error:
                self._tell("on_search_abort", error)
                raise
        return self.history[-1].valid_accuracy

    def _run_epoch(self, epoch):
        """Train, evaluate if it is time, and report."""
        self._tell("on_epoch_begin", epoch)
        # ScheduledDropPath (Zoph et al., 2018): linear in the epoch
        self.model.drop_path = self.settings.drop_path * epoch / self.num_epochs
        trained = self._train_epoch(epoch)
        loss = float(trained.loss.avg)
        if not math.isfinite(loss):
            raise FloatingPointError(f"the training diverged, the loss is {loss}; lower the learning rate")
        report = EpochReport(
            epoch, trained.step + 1, trained.learning_rate, loss, float(trained.top1.avg), self.model.genotype()
        )
        if (epoch + 1) % self.valid_freq == 0 or epoch == self.num_epochs - 1:
            result = evaluate(self.model, self.valid_batches)
            report.valid_loss, report.valid_accuracy = result.loss, result.top1
        self.schedule.step()
        self.history.append(report)
        self._tell("on_epoch_end", report)

    def _train_epoch(self, epoch):
        """Walk the training batches once; return the last `StepReport`."""
        self.model.train()
        loss, top1, top5 = AvgrageMeter(), AvgrageMeter(), AvgrageMeter()
        for number, (image, label) in enumerate(self.train_loader):
            batch_loss, logits = self._step(image, label)
            loss.update(batch_loss, len(label))
            for meter, accuracy in zip((top1, top5), measure_accuracies(logits, label, (1, 5))):
                meter.update(accuracy, len(label))
            report = StepReport("Train", epoch, number, self.steps_per_epoch, loss, top1, top5, self.learning_rate_now)
            self._tell("on_step_end", report)
        return report

    def _step(self, image, label):
        """Update the weights once; return loss and logits."""
        with autocast(self.amp):
            logits, second = self.model.forward_twice(image)
            loss = smoothed_cross_entropy(logits, label, self.settings.label_smoothing)
            if second is not None:
                auxiliary = smoothed_cross_entropy(second, label, self.settings.label_smoothing)
                loss = loss + self.settings.auxiliary_weight * auxiliary
        loss.backward()
        self.optimizer.step()
        self.optimizer.clear_grad(set_to_zero=False)
        return loss.detach(), logits.detach()

    def _tell(self, hook, *args):
        for callback in self.callbacks:
            getattr(callback, hook)(self, *args)


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


class TrainingLines(LogLines):
    """Log a training in the lines of a search, but for those about alphas."""

    def on_epoch_begin(self, search, epoch):
        logger.info("Epoch %d, lr %.6f", epoch, search.learning_rate_now)

    def on_epoch_end(self, search, report):
        logger.info("Epoch %d, train_acc %.6f", report.epoch, report.train_accuracy)
        if report.valid_accuracy is not None:
            logger.info("Epoch %d, valid_acc %.6f", report.epoch, report.valid_accuracy)


class SaveNetwork(Callback):
    """Write the state dict of the network to `path` after each epoch."""

    def __init__(self, path):
        self.path = pathlib.Path(path)

    def on_epoch_end(self, search, report):
        content = io.BytesIO()
        paddle.save(search.model.state_dict(), content)
        write_atomically(self.path, content.getvalue())
