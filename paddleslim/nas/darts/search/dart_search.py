"""DARTSearch: its arguments and the loop of the search."""

from __future__ import annotations

import dataclasses
import logging
from typing import Any

import numpy as np
import paddle

from ....common import AvgrageMeter, get_logger
from ..data.reader_marks import check_beginning, mark_readers, skip_taken
from ..data.readers import BatchLoader
from ..distributed.ranks import Ranks
from ..distributed.sync_batch_norm import synchronise_batch_norm
from ..genotype.derivation import get_genotype
from ..search_space.contract import check_supernet, frozen, name_parameter, split_parameters
from ..state.random_states import CURVATURE, PHASES, READING, RandomStream, Seeds, draw_seeds, seed_everything_at
from ..state.run_lock import locked
from ..strategy.collapse import RULES, count_skips, find_collapse, mean_entropy
from ..strategy.curvature import dominant_eigenvalue
from ..strategy.hypergradient import check_difference, undisturbed
from ..training.arguments import check_choice, check_counts, check_factors, check_rates, check_writable
from ..training.callbacks import EpochReport, LogLines, SaveEpochs, StepReport
from ..training.clipping import ClipByGlobalNorm
from ..training.determinism import same_bits
from ..training.device import name_device, on_device
from ..training.errors import clear_errors
from ..training.metrics import measure_accuracies
from ..training.nonfinite import FiniteGuard
from ..training.precision import autocast, check_amp, full_precision
from ..training.save_checkpoints import SaveCheckpoints
from ..training.schedule import CosineByEpoch, count_virtual_steps
from ..training.signals import SearchInterrupted, caught_signals
from .architect import Architect

__all__ = ["DARTSearch", "count_parameters_in_MB"]

logger = get_logger(__name__, logging.INFO)


def count_parameters_in_MB(all_params):
    """Return how many numbers the trainable parameters hold, in millions; an 'aux' in the name leaves one out."""
    return float(sum(np.prod(p.shape) for p in all_params if p.trainable and "aux" not in p.name)) / 1e6


class DARTSearch:
    """Search an architecture: alternate steps on the alphas and on the weights of a supernet.

    DARTS: Differentiable Architecture Search (Liu et al., 2019), algorithm 1. For each pair of batches the alphas
    take a step of Adam on the validation batch, then the weights one of SGD with momentum on the training batch.

    Args:
        model: the supernet, a `paddle.nn.Layer` with `arch_parameters()`, `_loss(image, label)`, a `forward` that
            returns logits `[N, classes]`, and what `get_genotype` needs.
        train_reader, valid_reader: functions that return an iterator of `(image, label)` batches, or iterables of
            them such as a `paddle.io.DataLoader`; image `[N, ...]`, label `[N, 1]` or `[N]` of integers.
        place: where to compute: `paddle.CPUPlace()`, `paddle.CUDAPlace(0)` or a string such as 'gpu:0'.
        learning_rate: of the weights at the start; it follows a cosine over `num_epochs` virtual epochs of
            `int(num_imgs * 0.5 / (batchsize * ranks))` steps.
        batchsize: samples in a batch, for the length of a virtual epoch.
        num_imgs: training and validation images together, for the length of a virtual epoch.
        arch_learning_rate: of the alphas, constant.
        unrolled: True for the second-order hypergradient, False for the first-order one.
        num_epochs: how often both readers are walked.
        epochs_no_archopt: how many epochs at the start leave the alphas alone.
        use_multiprocess: read in worker processes.
        use_data_parallel: share the search with the other processes of `python -m paddle.distributed.launch`: each
            takes its share of the batches, gradients are averaged; in one process it changes nothing.
        save_dir: where parameters and genotypes are written.
        log_freq: steps between two log lines.
        momentum, weight_decay, grad_clip: of the weights' optimizer; the global norm of their gradients is clipped
            (None: not at all), then L2 decay is added.
        arch_betas, arch_weight_decay: of the alphas' Adam.
        criterion: function of (logits, label `[N, 1]`), the mean loss of the weights; cross entropy if None.
        valid_freq: epochs between two validations; the last epoch is always validated.
        checkpoint_steps, checkpoint_minutes: training steps, and minutes, between two checkpoints within an epoch
            (None: none); after each epoch there is one anyway.
        keep_checkpoints: how many of the latest checkpoints stay, beside the one of the best validation.
        skip_nonfinite: how many batches of a loss or gradient that is not finite may be skipped before the search
            stops.
        eigenvalue_freq: epochs between two looks at the dominant eigenvalue of the validation Hessian in the alphas,
            which costs up to 40 gradients of the alphas each time (None: never, or 1 where a rule needs it).
        stop_on_collapse: 'skips' to stop as soon as the normal cell holds two skip connections or more (DARTS+),
            'eigenvalue' as soon as that eigenvalue has risen by a third in 5 epochs (RobustDARTS), either with the
            genotype from before; None to go on. See `collapse.find_collapse`.
        deterministic: True for kernels that give the same bits each time, where Paddle has them.
        amp: 'bfloat16' for mixed precision on a GPU, see `precision.autocast`; None for float32.
        difference: of the second order: 'central' as published, or 'forward' with one pass less, see `second_order`.
        sync_batch_norm: let the `paddle.nn.BatchNorm` layers take their statistics over the batches of all ranks.
        callbacks: `Callback` objects, told of every stage after the ones of the search itself.

    Attributes:
        history: one `EpochReport` for each finished epoch of the last `train()`.
        last_step: the `StepReport` of the latest step.
        collapse: the `Collapse` that stopped the last `train()`, None if none did.

    Raises:
        TypeError, ValueError, AttributeError: an argument cannot be used; the message says which and what to give.

    Example:
        >>> search = DARTSearch(supernet, train_reader, valid_reader, place="cpu", num_imgs=1797)
        >>> genotype = search.train()
    """

    last_step: StepReport

    def __init__(
        self,
        model,
        train_reader,
        valid_reader,
        place,
        learning_rate=0.025,
        batchsize=64,
        num_imgs=50000,
        arch_learning_rate=3e-4,
        unrolled=False,
        num_epochs=50,
        epochs_no_archopt=0,
        use_multiprocess=False,
        use_data_parallel=False,
        save_dir="./",
        log_freq=50,
        *,
        momentum=0.9,
        weight_decay=3e-4,
        grad_clip=5.0,
        arch_betas=(0.5, 0.999),
        arch_weight_decay=1e-3,
        criterion=None,
        valid_freq=None,
        difference="central",
        sync_batch_norm=False,
        checkpoint_steps=None,
        checkpoint_minutes=10.0,
        keep_checkpoints=3,
        skip_nonfinite=0,
        eigenvalue_freq=None,
        stop_on_collapse=None,
        deterministic=False,
        amp=None,
        callbacks=(),
    ):
        check_counts(1, batchsize=batchsize, num_imgs=num_imgs, num_epochs=num_epochs, log_freq=log_freq)
        check_counts(0, epochs_no_archopt=epochs_no_archopt)
        check_supernet(model, with_loss=epochs_no_archopt < num_epochs)
        check_counts(1, valid_freq=num_epochs if valid_freq is None else valid_freq)
        check_counts(1, keep_checkpoints=keep_checkpoints)
        check_counts(1, checkpoint_steps=1 if checkpoint_steps is None else checkpoint_steps)
        check_rates(checkpoint_minutes=1.0 if checkpoint_minutes is None else checkpoint_minutes)
        check_counts(0, skip_nonfinite=skip_nonfinite)
        check_counts(1, eigenvalue_freq=1 if eigenvalue_freq is None else eigenvalue_freq)
        check_choice(RULES, stop_on_collapse=stop_on_collapse)
        check_difference(difference)
        check_rates(learning_rate=learning_rate, arch_learning_rate=arch_learning_rate)
        check_rates(grad_clip=1.0 if grad_clip is None else grad_clip)
        check_factors(momentum=momentum, weight_decay=weight_decay, arch_weight_decay=arch_weight_decay)
        check_factors(**dict(zip(("beta 1 of arch_betas", "beta 2 of arch_betas"), arch_betas)))
        self.model = model
        self.device = name_device(place)
        check_amp(amp, self.device)
        self.train_loader = BatchLoader("train_reader", train_reader, use_multiprocess)
        self.valid_loader = BatchLoader("valid_reader", valid_reader, use_multiprocess)
        self.learning_rate, self.arch_learning_rate = learning_rate, arch_learning_rate
        self.batchsize, self.num_imgs, self.num_epochs = batchsize, num_imgs, num_epochs
        self.ranks = Ranks(use_data_parallel)
        self.virtual_steps = count_virtual_steps(num_imgs, batchsize, self.ranks.count)
        self.schedule = CosineByEpoch(learning_rate, self.virtual_steps, num_epochs)
        self.unrolled, self.epochs_no_archopt = unrolled, epochs_no_archopt
        self.use_data_parallel = use_data_parallel
        self.save_dir, self.log_freq = save_dir, log_freq
        self.momentum, self.weight_decay, self.grad_clip = momentum, weight_decay, grad_clip
        self.arch_betas, self.arch_weight_decay = arch_betas, arch_weight_decay
        self.criterion = criterion or paddle.nn.functional.cross_entropy
        self.valid_freq = valid_freq or num_epochs
        self.difference, self.sync_batch_norm = difference, sync_batch_norm
        self.skip_nonfinite, self.deterministic, self.amp = skip_nonfinite, deterministic, amp
        self.stop_on_collapse, self.collapse = stop_on_collapse, None
        self.eigenvalue_freq = eigenvalue_freq or (1 if stop_on_collapse == "eigenvalue" else None)
        self.checkpoints = SaveCheckpoints(save_dir, checkpoint_steps, checkpoint_minutes, keep_checkpoints)
        self.callbacks = [LogLines(log_freq), SaveEpochs(save_dir), *callbacks, self.checkpoints]
        self.history: list[EpochReport] = []
        self.seeds: Seeds | None = None
        self.trained: Any = None  # the report of the latest step of the epoch that is being trained
        self.resumed: StepReport | None = None  # that of the epoch a checkpoint left unfinished
        self.marks: dict = {}

    @property
    def learning_rate_now(self):
        """The learning rate of the weights in the next step."""
        return self.schedule()

    def train(self, resume=False):
        """Search, and return the final genotype.

        Each epoch leaves `save_dir/<epoch>/params.pdparams` and `save_dir/<epoch>/genotype.json`, the last one
        `save_dir/genotype.json` too; `save_dir/checkpoints` holds what `resume` goes on from.

        Args:
            resume: True to go on from the furthest checkpoint in `save_dir`, as if nothing had happened; where
                there is none, the search starts at the beginning.

        Raises:
            OSError: `save_dir` cannot be written; found before the first step.
            ValueError, TypeError: a batch cannot be used, or the checkpoint is of another search.
            ReaderError: a reader failed.
            NonFiniteError: a loss or gradient is not finite.
            SearchInterrupted: SIGINT or SIGTERM came, and the search is saved; as a SystemExit it ends the program.
        """
        check_writable(self.save_dir)
        lock = locked(self.save_dir, self.ranks.rank, self.ranks.count, self._warn)
        with lock, on_device(self.device), same_bits(self.deterministic), caught_signals(self._warn) as self.signals:
            self.model.to(self.device)
            optimizer = self._start()
            try:
                with clear_errors((self.train_loader, self.valid_loader), self.batchsize):
                    self.checkpoints.begin(self, resume)
                    return self._search(optimizer)
            except BaseException as error:
                self._tell("on_search_abort", error)
                reason = None if isinstance(error, SearchInterrupted) else self.ranks.explain(error, self.save_dir)
                if reason:
                    raise RuntimeError(reason) from error
                raise

    def _search(self, optimizer):
        """Run all epochs; return the final genotype."""
        self._tell("on_search_begin")
        if 0 < len(self.history) < self.num_epochs and self.resumed is None:
            self._seek("Train", len(self.history) - 1, self.train_loader, self.valid_loader)
            for loader in (self.train_loader, self.valid_loader):
                check_beginning(loader, self.marks[loader.name]["first"], self._warn)
        self.collapse = find_collapse(self.history, self.stop_on_collapse, self.epochs_no_archopt)
        while len(self.history) < self.num_epochs and self.collapse is None:
            self._run_epoch(len(self.history), optimizer)
        genotype = get_genotype(self.model)
        if self.collapse is not None:
            genotype = self.history[self.collapse.before].genotype
            self._warn(f"{self.collapse.reason}; the search stops with the genotype of epoch {self.collapse.before}")
        self._tell("on_search_end", genotype)
        return genotype

    def _start(self):
        """Make schedule, architect and the optimizer of the weights, which is returned."""
        self.history = []
        self.num_classes = self.trained = self.resumed = None
        self.schedule = CosineByEpoch(self.learning_rate, self.virtual_steps, self.num_epochs)
        self.weights, self.alphas = split_parameters(self.model)
        self.ranks.connect()
        self.ranks.forget_failures(self.save_dir)
        self.ranks.start_equal(self.model, self.alphas)
        if self.sync_batch_norm and self.ranks.count > 1:
            synchronise_batch_norm(self.model)
        self.seeds = self.ranks.gather(draw_seeds())[0]
        self.guard = FiniteGuard(self.model, self.skip_nonfinite, self.device != "cpu", self.ranks.average)
        clip = self.grad_clip and ClipByGlobalNorm(self.grad_clip)
        optimizer = paddle.optimizer.Momentum(
            self.schedule,
            self.momentum,
            parameters=self.weights,
            weight_decay=paddle.regularizer.L2Decay(self.weight_decay),
            grad_clip=clip,
        )
        self.architect = Architect(
            self.model,
            self.schedule,
            self.arch_learning_rate,
            self.unrolled,
            self.use_data_parallel,
            optimizer=optimizer,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            arch_betas=self.arch_betas,
            arch_weight_decay=self.arch_weight_decay,
            train_loss=self._virtual_loss,
            average=self.ranks.average,
            difference=self.difference,
            check=self.guard.check,
            warn=self._warn,
        )
        return optimizer

    def _run_epoch(self, epoch, optimizer):
        """Train, validate if it is time, and report."""
        if self.resumed is None:
            self.epoch_rate = self.learning_rate_now
        self._tell("on_epoch_begin", epoch)
        self.train_one_epoch(self.train_loader, self.valid_loader, self.architect, optimizer, epoch)
        self.ranks.compare(self._name_state(optimizer), epoch)
        if epoch == 0:
            self._compare_epoch_lengths(self.trained.step + 1)
        report = self._report_training(epoch)
        self.collapse = find_collapse([*self.history, report], self.stop_on_collapse, self.epochs_no_archopt)
        if (epoch + 1) % self.valid_freq == 0 or epoch == self.num_epochs - 1 or self.collapse:
            report.valid_accuracy = self.valid_one_epoch(self.valid_loader, epoch)
            report.valid_loss = float(self.last_step.loss.avg)
        self.history.append(report)
        self.trained = None
        self._tell("on_epoch_end", report)

    def _report_training(self, epoch):
        """Return the report of an epoch that was trained and not yet validated."""
        trained, genotype = self.trained, get_genotype(self.model)
        means = float(trained.loss.avg), float(trained.top1.avg)
        report = EpochReport(epoch, trained.step + 1, self.epoch_rate, *means, genotype)
        report.skips_normal, report.skips_reduce = count_skips(genotype)
        report.entropy = mean_entropy(self.model)
        if self.eigenvalue_freq is not None and (epoch + 1) % self.eigenvalue_freq == 0:
            seed_everything_at(self.seeds, CURVATURE, epoch, self.ranks.rank)
            report.eigenvalue = dominant_eigenvalue(self.model, self.valid_loader.last, self.ranks.average)
        return report

    def train_one_epoch(self, train_loader, valid_loader, architect, optimizer, epoch):
        """Walk both loaders in step, the shorter one to its end; return the training accuracy.

        Args:
            train_loader, valid_loader: iterables of `(image, label)` tensors.
            architect: updates the alphas, from epoch `epochs_no_archopt` on.
            optimizer: updates the weights.
            epoch: counted from 0.
        """

        def step(train_batch, valid_batch):
            if self.num_classes is None:
                self._look_at_first(train_batch, valid_batch)
            if epoch >= self.epochs_no_archopt:
                architect.step(*train_batch, *valid_batch)
            return self._weight_step(optimizer, *train_batch)

        self.model.train()
        self._seek("Train", epoch, train_loader, valid_loader)
        batches = self.ranks.walk(train_loader, valid_loader)
        begun, self.resumed = self.resumed, None
        if begun is not None:
            skip_taken(batches, begun.step + 1, (train_loader, valid_loader), self.marks, self._warn)
        accuracy = self._walk("Train", epoch, batches, step, begun)
        self.guard.settle()
        self.marks = mark_readers(train_loader, valid_loader)
        return accuracy

    def valid_one_epoch(self, valid_loader, epoch):
        """Return the accuracy on all batches of `valid_loader`, in evaluation mode; nothing is updated."""

        def step(batch):
            image, label = batch
            logits = self.model(image)
            return self.criterion(logits, label), logits, label

        self.model.eval()
        self._seek("Valid", epoch, valid_loader)
        with paddle.no_grad():
            return self._walk("Valid", epoch, self.ranks.walk(valid_loader), step)

    def _seek(self, phase, epoch, *loaders):
        """Let each of the loaders begin the walk of this epoch, with random numbers of its own."""
        if self.seeds is None:
            self.seeds = draw_seeds()
        for number, loader in enumerate(loaders):
            if isinstance(loader, BatchLoader):
                loader.seek(epoch, RandomStream(self.seeds, READING, PHASES.index(phase), epoch, number))

    def _walk(self, phase, epoch, batches, step, begun=None):
        """Take `step` on each of the batches, after those of `begun`, a `StepReport`; return the mean accuracy."""
        report = begun or StepReport(phase, epoch, -1, 0, AvgrageMeter(), AvgrageMeter(), AvgrageMeter(), 0.0)
        for number, batch in enumerate(batches, report.step + 1):
            seed_everything_at(self.seeds, PHASES.index(phase), epoch, number, self.ranks.rank)
            rate = self.learning_rate_now
            with self.guard.step(epoch, number, self._warn):
                with autocast(self.amp):
                    batch_loss, logits, label = step(*batch)
                samples = label.shape[0]
                values = [batch_loss.detach().reshape([]), *measure_accuracies(logits, label, (1, 5))]
                for meter, value in zip((report.loss, report.top1, report.top5), self.ranks.average(values)):
                    meter.update(value, samples)
            if number % self.log_freq == 0:
                self.guard.settle()
            steps = max(self.steps_per_epoch, number + 1)
            report = dataclasses.replace(report, step=number, steps=steps, learning_rate=rate)
            self.last_step = report
            if phase == "Train":
                self.trained = report
            self._tell("on_step_end", report)
        return float(report.top1.avg)

    def _virtual_loss(self, supernet, image, label):
        """Return the training loss for the second order, in full precision: it takes differences of its gradients."""
        with full_precision():
            return self.criterion(supernet(image), label)

    def _weight_step(self, optimizer, image, label):
        """Update the weights once; return loss, logits and label. The alphas get no gradient."""
        with frozen(self.alphas):
            logits = self.network(image)
            loss = self.criterion(logits, label)
            loss.backward()
        gradients = [weight.grad for weight in self.weights]
        self.guard.check("training", [loss, *gradients], self.weights)
        optimizer.step()
        optimizer.clear_grad(set_to_zero=False)
        self.schedule.step()
        return loss, logits, label

    @property
    def steps_per_epoch(self):
        """Steps of an epoch: as counted in the last one, before that as `num_imgs` and `batchsize` say."""
        return self.history[-1].steps if self.history else self.virtual_steps

    def _look_at_first(self, *batches):
        """Learn the number of classes and check the labels of these first batches; connect the weights' gradients."""
        image, label = batches[0]
        with undisturbed(self.model):
            logits = self.model(image)
            self.num_classes = logits.shape[-1]
            for loader, batch in zip((self.train_loader, self.valid_loader), batches):
                loader.num_classes = self.num_classes
                loader.check(batch, 0)
            unused = []
            if self.ranks.count > 1:
                gradients = paddle.grad(self.criterion(logits, label), self.weights, allow_unused=True)
                unused = [w for w, gradient in zip(self.weights, gradients) if gradient is None]
            # inside, since Paddle gives every rank the batch-norm statistics of the first one here
            self.network = self.ranks.wrap(self.model, self.alphas + unused)

    def _name_state(self, optimizer):
        """Return names and tensors of all that must be the same on every rank."""
        named = [(name_parameter(self.model, parameter), parameter) for parameter in self.weights + self.alphas]
        for owner in (optimizer, self.architect.optimizer):
            named += [item for item in owner.state_dict().items() if isinstance(item[1], paddle.Tensor)]
        return named

    def _compare_epoch_lengths(self, steps):
        if abs(steps - self.virtual_steps) > 0.1 * self.virtual_steps:
            self._warn(
                f"an epoch of the readers has {steps} steps, but num_imgs={self.num_imgs} and "
                f"batchsize={self.batchsize} make the learning rate count {self.virtual_steps} to an epoch; num_imgs "
                "should be twice the number of training images"
            )

    def _tell(self, hook, *args):
        for callback in self.callbacks:
            if self.ranks.is_first or callback.on_every_rank:
                getattr(callback, hook)(self, *args)

    def _warn(self, sentence):
        if self.ranks.is_first:
            logger.warning(sentence)
