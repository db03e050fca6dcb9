"""What a loop runs."""

from __future__ import annotations

from typing import Any

__all__ = ["Task"]

FLOAT_TYPES = {"float32", "float64"}


class Task:
    """The base of what a `Loop` runs: one kind of training.

    Attributes:
        model: the layer that is trained.
        train_loaders: `BatchLoader` objects that are iterated in step; a training step gets one batch of each.
        valid_loaders: the same for the validation.
        schedule: the learning rate of the weights, an `LRScheduler`; None where an optimizer of the user's has none.
        optimizer: that of the weights, of this `train()`.
        expected_steps: how many steps an epoch should have.
        endless_after: after how many steps of the first epoch readers may be ones that never end.
        validates_in_amp: whether mixed precision is for validation too.
        batch_hint: how large a batch is, for the message of a full memory.
    """

    name = "run"  # in messages
    batch_hint = ""
    validates_in_amp = True
    model: Any = None
    train_loaders: tuple = ()
    valid_loaders: tuple = ()
    expected_steps: Any = 1
    endless_after = 10_000
    schedule: Any = None
    optimizer: Any = None

    def make_schedule(self):
        """Return the schedule of the built-in optimizer of the weights at its beginning."""
        raise NotImplementedError

    def begin_schedule(self):
        """Be before the first step: with a new schedule, and without an optimizer yet."""
        self.schedule, self.optimizer = self.make_schedule(), None

    @property
    def learning_rate_now(self):
        """The learning rate of the weights in the next step."""
        return self.schedule() if self.optimizer is None else self.optimizer.get_lr()

    def start(self, loop):
        """Make all that is made anew for each `train()`, such as optimizers; `loop` offers ranks, guard and warn."""

    def stray_parameters(self):
        """Return the parameters that are trained and not registered in the model."""
        return []

    def named_parameters(self):
        """Return the parameters of the model and those that are trained beside it, by name."""
        return dict(self.model.named_parameters())

    def trained_parameters(self):
        """Return the parameters that optimizers hold."""
        return []

    def convert_like_weights(self):
        """Let readers yield floats of the type of the weights, if they have one type."""
        types = {str(p.dtype).rpartition(".")[2] for p in self.model.parameters()}
        for loader in {*self.train_loaders, *self.valid_loaders}:
            loader.float_type = next(iter(types)) if len(types) == 1 and types <= FLOAT_TYPES else None

    def look_at_first(self, *batches):
        """Check the first batches of all, before a step is taken."""

    def compare_epoch_lengths(self, steps):
        """Warn if the first epoch had other steps than expected."""

    def stepped(self, states):
        """Return the names of the optimizers among the components that had taken a step when `states` were saved."""
        waiting = states.get("gradients", {}).get("taken", 0)  # batches that have made no weight step yet
        return {"weights"} if states["loop"]["epoch"] or states["loop"]["step"] > waiting else set()

    def components(self):
        """Return by name what has `get_state` and `set_state`, optimizers before the model: setting theirs moves it."""
        return {}

    def describe(self):
        """Return what distinguishes this task from others of its kind, as JSON can say it; compared before resuming."""
        return {}

    def own_parts(self):
        """Return by name what may be of the user's own, beside the model and the settings of any run.

        The part of a setting is named after it: "setting.part".
        """
        return {}

    def settings_that_decide(self):
        """Return by name the settings that decide how the run ends."""
        return {}

    def prepare(self, states):
        """Give the model the shape that it has in the states of a checkpoint, by component, before they are set."""

    def begin_epoch(self, epoch):
        """Before the first step of an epoch, also of one that resumes within."""

    def train_step(self, epoch, step, *batches):
        """Update the parameters; return loss, outputs and label of the batch that trained the weights."""
        raise NotImplementedError

    def evaluate(self, epoch, step, *batches):
        """Return loss, outputs and label of a batch in evaluation mode."""
        raise NotImplementedError

    def end_epoch(self, epoch):
        """After the validation of an epoch."""

    def tensors_equal_on_ranks(self):
        """Return pairs of name and tensor that must be the same on every rank after an epoch."""
        return []

    def complete(self, report):
        """Add to the `EpochReport` of an epoch that was trained what this task knows of it."""

    def present_genotype(self):
        """Return what the run has found until now; None if it looks for nothing."""
        return None

    def find_stop(self, history):
        """Return an object with `reason` if the run should end after the last epoch of `history`, else None."""
        return None

    def result(self, loop):
        """Return what `train()` returns."""
        return None
