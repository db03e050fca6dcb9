"""The one loop of this library: run -> epoch -> step, for whatever task it is given."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import threading
from typing import Any

import numpy as np
import paddle

from ....common import AvgrageMeter
from ....common.dygraph_mode import check_dygraph_mode
from ..data.batch import count_samples
from ..data.reader_marks import check_beginning, mark_readers, skip_taken
from ..state.parameters import move
from ..state.random_states import PHASES, READING, RandomStream, Seeds, draw_seeds, seed_everything_at
from ..state.run_lock import locked
from ..state.writable import check_writable
from .compiling import Compiling
from .determinism import same_bits
from .device import on_device
from .errors import clear_errors
from .frozen_parameters import FrozenParameters
from .history import History
from .log import logger, signals_logger
from .measures import begin_meters, describe_meters, recall_meters, update_meters
from .metrics import measure_accuracies
from .nonfinite import FiniteGuard
from .notifier import Notifier
from .own_code import compare_code, describe_code
from .precision import autocast
from .record import check_record
from .reports import EpochReport, StepReport
from .run_record import (
    compare_descriptions,
    describe_layers,
    has_state,
    json_state,
    recall_meter,
    restore_callbacks,
    try_states,
)
from .save_checkpoints import SaveCheckpoints
from .signals import SearchInterrupted, Waiting, WaitInterrupted, caught_signals
from .silence import watched_readers

__all__ = ["Loop"]

ONE_AT_A_TIME = threading.RLock()
METERS = ("loss", "top1", "top5")
OWN = ("criterion", "unpack", "weight_optimizer")  # settings that may be code of the user's own


class Loop:
    """Run a `Task`: epochs of training steps, validations, checkpoints, signals, callbacks, ranks.

    What a step computes is the task's; nothing here knows of alphas.

    Args:
        task: a `Task`.
        settings: a `RunSettings`.
        num_epochs: how many epochs.
        device: a device string.
        ranks: the `Ranks` of this launch.
        observers: the run's own callbacks, notified before those of `settings`.

    Attributes:
        history: one `EpochReport` for each finished epoch of the last `train()`.
        last_step: the `StepReport` of the latest step.
        signals: numbers of the signals that came during `train()`.
    """

    last_step: StepReport

    def __init__(self, task, settings, num_epochs, device, ranks, observers=()):
        self.task, self.settings, self.num_epochs, self.device, self.ranks = task, settings, num_epochs, device, ranks
        self.log_freq, self.save_dir = settings.log_freq, settings.save_dir
        self.valid_freq = settings.valid_freq or num_epochs
        self.waiting = Waiting()
        self.checkpoints = SaveCheckpoints(settings)
        self.callbacks = [*observers, *settings.callbacks, self.checkpoints]
        self.asked_to_stop = False
        self.own = {**{name: getattr(settings, name) for name in OWN}, "model": task.model, **task.own_parts()}
        self.code = {name: describe_code(thing) for name, thing in self.own.items()}
        self._forget()

    def _forget(self):
        """Be as before the first step."""
        self.history = History()
        self.signals: list[int] = []
        self.seeds: Seeds | None = None
        self.guard: Any = None
        self.frozen: Any = None
        self.stop_reason: Any = None  # what `Task.find_stop` returned
        self.trained: Any = None  # the latest step of the epoch that is being trained
        self.resumed: StepReport | None = None  # that of the epoch a checkpoint left unfinished
        self.epoch_rate = 0.0
        self.marks: dict = {}
        self.notifier = Notifier(self.ranks, self.task.name)
        self.seen_first = False

    @property
    def model(self):
        """The layer that is trained."""
        return self.task.model

    @property
    def measures(self):
        """The metrics that were asked for; the first decides which validation is the best."""
        return self.settings.metrics or ()

    @property
    def learning_rate_now(self):
        """The learning rate of the weights in the next step."""
        return self.task.learning_rate_now

    @property
    def steps_per_epoch(self):
        """Steps of an epoch: as counted in the last one, before that as the task expects."""
        return self.history[-1].steps if self.history else self.task.expected_steps

    # run

    def train(self, resume=False):
        """Run all epochs and return the result.

        Args:
            resume: True to resume from the furthest checkpoint in `save_dir`, as if nothing had happened; where there
                is none, the run starts at the beginning.

        Raises:
            OSError: `save_dir` cannot be written; found before the first step.
            ValueError, TypeError: a batch cannot be used, or the checkpoint is of another run.
            ReaderError: a reader failed.
            NonFiniteError: a loss or gradient is not finite.
            SearchInterrupted: SIGINT, SIGTERM or SIGHUP came, and the run is saved; it ends the program.
        """
        check_dygraph_mode()
        if not paddle.is_grad_enabled():
            raise RuntimeError(
                "train() was called under paddle.no_grad(), where there are no gradients; call it outside"
            )
        if not ONE_AT_A_TIME.acquire(blocking=False):
            raise RuntimeError(
                f"another thread trains already, and Paddle's device and random numbers are those of the whole "
                f"process; run this {self.task.name} after it, or in a process of its own"
            )
        try:
            return self._train(resume)
        finally:
            self.asked_to_stop = False
            ONE_AT_A_TIME.release()

    def stop(self):
        """End after the present epoch, with its validation and all results; for callbacks, at any time of a run.

        Before `train()` it asks for one epoch.
        `train(resume=True)` resumes such a run with the next epoch.
        """
        self.asked_to_stop = True

    def _train(self, resume):
        """Hold the folder, the device and the signals of a run; return its result."""
        if self.save_dir is not None:
            check_writable(self.save_dir)
        lock = locked(self.save_dir, self.ranks.rank, self.ranks.count, self.warn)
        flags = same_bits(self.settings.deterministic)
        with (
            lock,
            on_device(self.device),
            flags,
            caught_signals(self._note_signal, self.waiting, self._rescue) as caught,
        ):
            self.start()
            self.signals = caught
            watched = watched_readers(self.loaders(), self.task.name)
            with self._explained(), clear_errors(self.loaders(), self.task.batch_hint), watched:
                self.checkpoints.begin(self, resume)
                try:
                    with self.compiling.active():
                        return self._run()
                except WaitInterrupted as stop:
                    self._save_last_step()
                    self._abandon_readers()
                    self.checkpoints.leave(stop.signum)
                except (SearchInterrupted, KeyboardInterrupt):
                    self._abandon_readers()
                    raise

    def _abandon_readers(self):
        """End worker processes of readers, which else would finish the batches they have begun."""
        for loader in self.loaders():
            loader.abandon()

    @contextlib.contextmanager
    def _explained(self):
        """Notify callbacks of an exception, and let it say what ended another rank before."""
        try:
            yield
        except BaseException as error:
            self.notifier.abort(self.callbacks, self, error)
            reason = None if isinstance(error, SearchInterrupted) else self.ranks.explain(error, self.save_dir)
            if reason:
                raise RuntimeError(reason) from error
            raise

    def start(self):
        """Begin anew from the model's present parameters: optimizers, schedules and seeds are made."""
        self._forget()
        move(self.model, self.device)
        self.ranks.connect()
        self.ranks.forget_failures(self.save_dir)
        self.ranks.start_equal(self.model, self.task.stray_parameters())
        settings, deferred = self.settings, self.device != "cpu"
        self.guard = FiniteGuard(self.model, settings.skip_nonfinite, deferred, self.ranks.average)
        self.frozen = FrozenParameters(self.task)
        self.task.start(self)
        self.task.convert_like_weights()
        self.compiling = Compiling(self.model, settings.compile, self.device, self.inform, self._show)
        self.seeds = Seeds(*self.ranks.gather(draw_seeds())[0])

    def _run(self):
        """Run the epochs that are left; return the result."""
        self._notify("on_search_begin")
        if self.save_dir is not None:
            weight_step = self.task.components().get("weight_step")
            try_states(self.callbacks, self._things_with_state(), weight_step, self.task.describe())
        if 0 < len(self.history) < self.num_epochs and self.resumed is None:
            self._seek("Train", len(self.history) - 1, self.task.train_loaders)
            for loader in self.task.train_loaders:
                check_beginning(loader, self.marks[loader.name]["first"], self.warn)
        self.stop_reason = self.task.find_stop(self.history)
        stopped = False
        while len(self.history) < self.num_epochs and self.stop_reason is None and not stopped:
            self._run_epoch(len(self.history))
            stopped = self._agree_to_stop()
        if stopped and self.history[-1].valid_loss is None:  # it was asked for after the time of a validation
            self._validate_into(self.history[-1])
            self.checkpoints.on_epoch_end(self, self.history[-1])
        result = self.task.result(self)
        self._notify("on_search_end", result)
        return result

    # epoch

    def _run_epoch(self, epoch):
        """Train, validate if it is time, and report."""
        if self.resumed is None:
            self.epoch_rate = self.learning_rate_now
        self._notify("on_epoch_begin", epoch)
        self.train_epoch(epoch, self.task.train_loaders, self.task.train_step)
        self.ranks.compare(self.task.tensors_equal_on_ranks(), epoch)
        trained = self.trained
        if epoch == 0:
            self.task.compare_epoch_lengths(trained.step + 1)
        loss = float(trained.loss.avg) if trained.loss.cnt else math.nan  # every batch was skipped
        means = trained.means()
        report = EpochReport(
            epoch, trained.step + 1, self.epoch_rate, loss, trained.accuracy, None, train_metrics=means
        )
        self.task.complete(report)
        self.stop_reason = self.task.find_stop([*self.history, report])
        if (
            (epoch + 1) % self.valid_freq == 0
            or epoch == self.num_epochs - 1
            or self.stop_reason
            or self._agree_to_stop()
        ):
            self._validate_into(report)
        self.task.end_epoch(epoch)
        self.history.append(report)
        self.trained = None
        self._notify("on_epoch_end", report)

    def _validate_into(self, report):
        """Validate, and put the means into an `EpochReport`."""
        validated = self.validate(report.epoch, self.task.valid_loaders)
        report.valid_loss, report.valid_accuracy = float(validated.loss.avg), validated.accuracy
        report.valid_metrics = validated.means()

    def _agree_to_stop(self):
        """Return whether a callback of any rank has called `stop`."""
        return any(self.ranks.gather(self.asked_to_stop))

    def train_epoch(self, epoch, loaders, step):
        """Iterate over the loaders in step, until the shortest ends; return the last `StepReport`."""
        self.model.train()
        self.task.begin_epoch(epoch)
        for sentence in self.frozen.describe_unfrozen():
            self.warn(sentence)
        self._seek("Train", epoch, loaders)
        batches = self.ranks.iterate(*loaders)
        begun, self.resumed = self.resumed, None
        if begun is not None:
            skip_taken(batches, begun.step + 1, loaders, self.marks, self.warn)
        with self.compiling.active():
            report = self._iterate("Train", epoch, batches, step, begun)
        self.guard.check_deferred()
        self.marks = mark_readers(*loaders)
        return report

    @paddle.no_grad()
    def validate(self, epoch, loaders):
        """Return the `StepReport` after all batches in evaluation mode; nothing is updated."""
        self.model.eval()
        self._seek("Valid", epoch, loaders)
        with self.compiling.active():
            return self._iterate("Valid", epoch, self.ranks.iterate(*loaders), self.task.evaluate)

    def _seek(self, phase, epoch, loaders):
        """Let each of the loaders begin the batches of this epoch, with random numbers of its own."""
        for number, loader in enumerate(loaders):
            loader.seek(epoch, RandomStream(self.seeds, READING, PHASES.index(phase), epoch, number))

    # step

    def _iterate(self, phase, epoch, batches, step, begun=None):
        """Take `step` on each of the batches, after those of `begun`, a `StepReport`; return the last report."""
        loss, top1, top5 = (AvgrageMeter() for _ in METERS)
        report = begun or StepReport(phase, epoch, -1, 0, loss, top1, top5, 0.0, begin_meters(self.measures))
        for number, batch in enumerate(self._await(batches), report.step + 1):
            if phase == "Train" and not self.seen_first:
                with autocast(self.settings.amp):
                    self.task.look_at_first(*batch)
                self.seen_first = True
            self._suspect_endless(phase, number)
            seed_everything_at(self.seeds, PHASES.index(phase), epoch, number, self.ranks.rank)
            rate = self.learning_rate_now
            with self.guard.step(epoch, number, self.warn):
                with autocast(self.settings.amp if phase == "Train" or self.task.validates_in_amp else None):
                    loss, outputs, label = step(epoch, number, *batch)
                self._update(report, loss, outputs, label, count_samples(*batch[0]))
            if number % self.log_freq == 0:
                self.guard.check_deferred()
            steps = max(self.steps_per_epoch, number + 1)
            report = dataclasses.replace(report, step=number, steps=steps, learning_rate=rate)
            self.last_step = report
            if phase == "Train":
                self.trained = report
            self._notify("on_step_end", report)
        if report.step < 0:  # a reader without any batch has raised before
            loaders = self.task.train_loaders if phase == "Train" else self.task.valid_loaders
            raise ValueError(
                f"{' and '.join(loader.name for loader in loaders)} yielded fewer batches than the {self.ranks.count} "
                "ranks that share them; give smaller batches, or start fewer ranks"
            )
        return report

    def _suspect_endless(self, phase, step):
        """Warn once, where readers yield many more batches than expected, that they may never end."""
        if step == self.task.endless_after and not self.history and self.settings.steps_per_epoch is None:
            loaders = self.task.train_loaders if phase == "Train" else self.task.valid_loaders
            names = " and ".join(loader.name for loader in loaders)
            self.warn(
                f"{names} yielded {step} batches in the first epoch, where {self.task.expected_steps} were expected; "
                "if they never end, give steps_per_epoch"
            )

    def _await(self, batches):
        """Yield the batches; a signal may end the wait for one that does not come."""
        iterator: Any = iter(batches)
        while True:
            self.before_batch = [(loader, loader.last, loader.taken) for loader in self.loaders()]
            with self.waiting:
                batch = next(iterator, None)
            if batch is None:
                return
            yield batch

    def _save_last_step(self):
        """Save the run as the last finished step left it, while it waits for the next batch."""
        for loader, last, taken in self.before_batch:
            loader.last, loader.taken = last, taken
        self.checkpoints.save(self)

    def _rescue(self, signum):
        """Save and end the process from another thread, while the main one waits inside Paddle for a batch."""
        try:
            with paddle.base.dygraph.guard():
                self._save_last_step()
            remedy = "resume with train(resume=True), or by --resume --save-dir"
            logger.warning("saved while a reader gave no batch; %s %s", remedy, self.save_dir)
        finally:
            os._exit(128 + signum)

    def _update(self, report, loss, outputs, label, samples):
        """Add a batch to the running means, without waiting for the device.

        They are of the loss, and of the metrics that were asked for or else the accuracies, where labels are classes.
        """
        values = [loss.detach().reshape([])]
        if self.settings.metrics is None:
            values += measure_accuracies(outputs, label, (1, 5))  # as PaddleSlim logs, of few classes too
        update_meters(self.measures, report.metrics, outputs, label, samples, self.ranks)
        for meter, value in zip((report.loss, report.top1, report.top5), self.ranks.average(values)):
            meter.update(value, samples)

    # state

    def components(self):
        """Return by name all that a checkpoint holds of this run: what has `get_state` and `set_state`."""
        return {"loop": self, **self.task.components(), "guard": self.guard}

    def get_state(self):
        """Return where the run is, for a checkpoint between two steps."""
        trained = self.trained
        means = (
            {}
            if trained is None
            else {f"mean/{m}": np.asarray(getattr(trained, m).sum) for m in METERS if getattr(trained, m).cnt}
        )
        means.update({} if trained is None else describe_meters(trained.metrics))
        return {
            "epoch": len(self.history),
            "step": 0 if trained is None else trained.step + 1,
            "samples": 0 if trained is None else trained.loss.cnt,
            "steps_per_epoch": self.steps_per_epoch,
            "epoch_rate": self.epoch_rate,
            "learning_rate": 0.0 if trained is None else trained.learning_rate,
            "seeds": list(self.seeds or ()),
            "readers": self._mark_present(),
            "history": [report.get_state() for report in self.history],
            "callbacks": [
                (type(c).__name__, json_state(c, f"the callback {type(c).__name__}")) for c in self.callbacks
            ],
            "objects": {name: json_state(thing, name) for name, thing in self._things_with_state().items()},
            "code": self.code,
            "task": self.task.describe(),
            "settings": self._settings(),
            "frozen": self.frozen.get_state(),
            **means,
        }

    def check_state(self, state):
        """Raise a ValueError where `state` is of another task; warn of every setting that is not what it was."""
        check_record(state)
        compare_descriptions(self.task.describe(), state["task"])
        changed = {}
        for name, value in self._settings().items():
            then = state["settings"].get(name, value)  # an earlier release knew fewer
            if then != value:
                changed[name] = f"{name} was {then!r} and is {value!r} now"
        rest = {name: code for name, code in self.code.items() if name.partition(".")[0] not in changed}
        for change in (*changed.values(), *compare_code(rest, state.get("code") or {})):
            self.warn(f"{change}; the {self.task.name} will not end as it would have")

    def _things_with_state(self):
        """Return what the user has made and has `get_state` and `set_state`, by name."""
        things = {**self.own, "optimizer": self.task.optimizer}
        return {name: thing for name, thing in things.items() if has_state(thing)}

    def set_state(self, state):
        """Be where `state` was made."""
        self.seeds = Seeds(*state["seeds"])
        self.epoch_rate = state["epoch_rate"]
        like = self.task.present_genotype()
        missing: set[str] = set()
        self.history = History(EpochReport.from_state(fields, like, missing) for fields in state["history"])
        if missing:
            self.warn(
                f"genotypes of earlier epochs hold objects of {', '.join(sorted(missing))}, which are texts now: a "
                "class is found where the present genotype holds an object of it, or of another class of its module"
            )
        restore_callbacks(self.callbacks, state["callbacks"])
        for name, thing in self._things_with_state().items():
            if name in (state.get("objects") or {}):
                thing.set_state(state["objects"][name])
        self.marks = state["readers"]
        for loader in self.loaders():
            if loader.name in self.marks:
                loader.longest = self.marks[loader.name]["longest"]
        if state["step"]:
            loss, top1, top5 = (recall_meter(state.get(f"mean/{meter}"), state["samples"]) for meter in METERS)
            step, steps, rate = state["step"] - 1, state["steps_per_epoch"], state["learning_rate"]
            metrics = recall_meters(self.measures, state, state["samples"], recall_meter)
            place = "Train", state["epoch"], step, steps
            self.trained = self.resumed = StepReport(*place, loss, top1, top5, rate, metrics)

    def _settings(self):
        own = {"ranks": self.ranks.count, "paddle": paddle.__version__, "model": describe_layers(self.model)}
        return {**self.task.settings_that_decide(), "optimizer": type(self.task.optimizer).__name__, **own}

    def _mark_present(self):
        """Return the marks of the readers in the training epoch, which a validation does not move."""
        if self.trained is not None and self.last_step.phase == "Train":
            return mark_readers(*self.task.train_loaders)
        return self.marks

    def loaders(self):
        """Return all loaders, each once."""
        return list(dict.fromkeys((*self.task.train_loaders, *self.task.valid_loaders)))

    # people

    def _notify(self, hook, *args):
        self.notify(self.callbacks, hook, *args)

    def notify(self, callbacks, hook, *args):
        """Notify some callbacks, of several ranks those that want it; each gets this run, then `args`."""
        self.notifier.notify(callbacks, hook, self, *args)

    def _show(self, what):
        """Notify of work before or in a step that takes a while."""
        self.notify([c for c in self.callbacks if hasattr(c, "on_preparation")], "on_preparation", what)

    def inform(self, sentence):
        """Log a sentence, on the first rank alone."""
        if self.ranks.is_first:
            logger.info(sentence)

    def _note_signal(self, sentence):
        if self.ranks.is_first:
            signals_logger.warning(sentence)

    def warn(self, sentence):
        """Log a warning, on the first rank alone; None is none."""
        if sentence is not None and self.ranks.is_first:
            logger.warning(sentence)
