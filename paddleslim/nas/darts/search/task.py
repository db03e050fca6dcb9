"""The search as a task: an architecture step and a weight step on each pair of batches."""

from __future__ import annotations

import numpy as np
import paddle

from ..data.batch import call_with, check_inputs, check_loss_inputs, count_classes, try_forward
from ..distributed.sync_batch_norm import synchronise_batch_norm
from ..genotype.edges import softmax
from ..search_space.contract import list_alphas, split_parameters
from ..search_space.loss_hook import LossByCriterion
from ..state.components import ModelState, OptimizerState, name_tensors
from ..state.parameters import frozen, name_parameter
from ..state.random_states import CURVATURE, MIXTURE, PHASES, seed_everything_at
from ..state.schedule_state import ScheduleState
from ..state.snapshots import undisturbed
from ..strategy.combinations import check_supernet_for
from ..strategy.curvature import dominant_eigenvalue
from ..strategy.mixture import mixed_by
from ..strategy.progress import Progress
from ..strategy.selection import Strongest, strength_of
from ..strategy.stopping import count_skips, find_collapse, mean_entropy
from ..training.accumulation import AccumulatedGradients
from ..training.log import logger
from ..training.loss import check_dependence, check_loss, describe_own_parameters
from ..training.precision import full_precision
from ..training.schedule import CosineByEpoch, count_virtual_steps
from ..training.task import Task
from ..training.weight_optimizer import find_schedule, make_weight_optimizer
from .architect import Architect
from .stages import SearchStages
from .virtual_rule import read_virtual_rule

__all__ = ["SearchTask"]

ENDLESS = 3  # expected epochs, after which a reader may be one that never ends; 100 batches at least
SPACE = ("_method", "_steps", "_multiplier", "_primitives")


class SearchTask(Task):
    """Alternate steps on the alphas and on the weights of a supernet (DARTS, algorithm 1).

    Args:
        model: the supernet.
        train_loader, valid_loader: `BatchLoader` objects.
        settings: a `SearchSettings`.
        strategy: a complete `Strategy`.
        ranks: the `Ranks` of this launch.

    Attributes:
        architect: the `Architect` of this `train()`.
        optimizer: the weights' optimizer.
    """

    name = "search"

    def __init__(self, model, train_loader, valid_loader, settings, strategy, ranks):
        check_supernet_for(strategy, model)
        self.model, self.settings, self.strategy, self.ranks = model, settings, strategy, ranks
        if settings.accumulate_steps > 1 and ranks.count > 1:
            raise ValueError(
                f"accumulate_steps is {settings.accumulate_steps} on {ranks.count} ranks, whose gradients are averaged "
                "in each step anyway; leave it at 1, and start more ranks for larger batches"
            )
        self.train_loaders, self.valid_loaders = (train_loader, valid_loader), (valid_loader,)
        self.batch_hint = f"batchsize is {settings.batchsize}"
        self.criterion = settings.criterion or paddle.nn.functional.cross_entropy
        self.expected_steps = count_virtual_steps(settings.num_imgs, settings.batchsize, ranks.count)
        self.endless_after = max(ENDLESS * self.expected_steps, 100)
        needs_it = getattr(strategy.stopping, "needs_eigenvalue", False)
        self.eigenvalue_freq = settings.eigenvalue_freq or (1 if needs_it else None)
        self.begin_schedule()

    def make_schedule(self):
        settings = self.settings
        steps = max(1, self.expected_steps // settings.accumulate_steps)
        return CosineByEpoch(settings.learning_rate, steps, settings.num_epochs, settings.learning_rate_end)

    def start(self, loop):
        self.begin_schedule()
        self.loop, settings = loop, self.settings
        if isinstance(self.model, LossByCriterion):
            self.model.use_criterion(self.criterion)
        loop.warn(describe_own_parameters(settings.criterion, self.model))
        if settings.sync_batch_norm and self.ranks.count > 1:
            synchronise_batch_norm(self.model)
        self.stages = None if self.strategy.stages is None else SearchStages(self)
        self.make_optimizers()

    def make_optimizers(self):
        """Make all that holds the parameters of the supernet as it is now."""
        settings, self.network = self.settings, self.model
        self.weights, self.alphas = split_parameters(self.model)[0], list_alphas(self.model)
        self.optimizer = make_weight_optimizer(
            settings.weight_optimizer, settings, self.schedule, self.weights, "supernet"
        )
        if settings.weight_optimizer is not None:
            self.schedule = find_schedule(self.optimizer)
        self.schedule_state = ScheduleState(self.schedule, self.optimizer)
        momentum, weight_decay = read_virtual_rule(self.optimizer, self.strategy, settings.virtual_step)
        self.gradients = AccumulatedGradients(self.model, self.weights, settings.accumulate_steps)
        self.architect = Architect(
            self.model,
            self.optimizer.get_lr,
            settings.arch_learning_rate,
            settings.unrolled,
            settings.use_data_parallel,
            optimizer=self.optimizer,
            momentum=momentum,
            weight_decay=weight_decay,
            arch_betas=settings.arch_betas,
            arch_weight_decay=settings.arch_weight_decay,
            train_loss=self.virtual_loss,
            average=self.ranks.average,
            strategy=self.strategy,
            check=self.loop.guard.check,
            warn=self.loop.warn,
        )
        self.around_weight_step = self.strategy.weight_step.start(self.architect.problem())
        self.architect.observer = self.around_weight_step if hasattr(self.around_weight_step, "observe") else None

    def stray_parameters(self):
        return split_parameters(self.model)[1]

    def trained_parameters(self):
        return [*self.weights, *self.alphas]

    # a step

    def look_at_first(self, train_batch, valid_batch):
        """Learn the number of classes and check the labels of these first batches; connect the weights' gradients."""
        image, label = train_batch
        with undisturbed(self.model):
            for inputs, own_label in (train_batch, valid_batch):
                check_inputs(self.model, inputs)
                if self.settings.epochs_no_archopt < self.settings.num_epochs:
                    check_loss_inputs(self.model, inputs, own_label)
            logits = try_forward(self.model, image)
            for loader, batch in zip(self.train_loaders, (train_batch, valid_batch)):
                if not loader.any_label:
                    loader.num_classes = count_classes(self.model, logits)
                loader.check(batch, 0)
            if self.settings.criterion is not None:
                logits, loss = self.loop.compiling.recovered(lambda: self._logits_and_loss(self.model, image, label))
                check_dependence(check_loss(loss, "criterion"), "criterion")
            unused = []
            if self.ranks.count > 1:
                gradients = paddle.grad(self.criterion(logits, label), self.weights, allow_unused=True)
                unused = [w for w, gradient in zip(self.weights, gradients) if gradient is None]
            if self.stages is None:  # a stage would leave Paddle's hooks on weights that are no more
                # inside, since Paddle gives every rank the batch-norm statistics of the first one here
                self.network = self.ranks.wrap(self.model, self.alphas + unused)

    def train_step(self, epoch, step, train_batch, valid_batch):
        return self.step_with(self.architect, self.optimizer, epoch, step, train_batch, valid_batch)

    def step_with(self, architect, optimizer, epoch, step, train_batch, valid_batch):
        """Take an architecture step and a weight step by these; return the weights' loss, logits and label."""
        progress, make_generator = self._place("Train", epoch, step)
        with mixed_by(self.model, self.strategy.mixture, progress, make_generator):
            if not self._alphas_rest(epoch):
                architect.step(*train_batch, *valid_batch, progress=progress)
            with self.around_weight_step.around(train_batch, valid_batch, progress, make_generator):
                return self._weight_step(optimizer, *train_batch)

    def _alphas_rest(self, epoch):
        """Return whether an epoch trains the weights alone."""
        return epoch < self.settings.epochs_no_archopt or (self.stages is not None and self.stages.rests(epoch))

    def begin_epoch(self, epoch):
        if self.stages is not None:
            self.stages.begin_epoch(epoch)

    def _weight_step(self, optimizer, image, label):
        """Update the weights once; return loss, logits and label. The alphas get no gradient."""
        with frozen(self.alphas):
            logits, loss = self.loop.compiling.recovered(lambda: self._logits_and_loss(self.network, image, label))
            self.gradients.scaled(loss).backward()
        if self.stages is not None:
            self._average_gradients()
        gradients = [weight.grad for weight in self.weights]
        self.loop.guard.check("training", [loss, *gradients], self.weights)
        if self.gradients.complete():
            optimizer.step()
            optimizer.clear_grad(set_to_zero=False)
            if self.schedule is not None:
                self.schedule.step()
        return loss, logits, label

    def _average_gradients(self):
        """Give every weight the mean of its gradients over all ranks, where no `DataParallel` does."""
        trained = [weight for weight in self.weights if weight.grad is not None] if self.ranks.count > 1 else []
        for weight, gradient in zip(trained, self.ranks.average([weight.grad for weight in trained])):
            weight.grad = gradient

    def virtual_loss(self, supernet, image, label):
        """Return the training loss for the second order, in full precision: it takes differences of its gradients."""
        with full_precision():
            return self.loop.compiling.recovered(lambda: self._logits_and_loss(supernet, image, label))[1]

    def _logits_and_loss(self, network, image, label):
        logits = call_with(network, image)
        return logits, self.criterion(logits, label)

    def evaluate(self, epoch, step, batch):
        image, label = batch
        progress, make_generator = self._place("Valid", epoch, step)
        with mixed_by(self.model, self.strategy.mixture, progress, make_generator):
            logits = call_with(self.model, image)
        return self.criterion(logits, label), logits, label

    def _place(self, phase, epoch, step):
        """Return the `Progress` of a step, and what makes its random generators: the same on all ranks."""
        seed, number = self.loop.seeds.numpy, PHASES.index(phase)

        def make_generator(index):
            return np.random.default_rng([seed, MIXTURE, number, epoch, step, index])

        return Progress(epoch, step, self.settings.num_epochs, self.loop.steps_per_epoch), make_generator

    # an epoch

    def strengths(self):
        """Return how strong each operation is, as a list of tensors `[edges, operations]`."""
        strength = strength_of(self) or softmax
        tables = [alpha for alpha in self.alphas if len(alpha.shape) == 2]
        return [paddle.to_tensor(strength(alpha.numpy().astype("float64"))) for alpha in tables]

    def present_genotype(self):
        """Return the genotype that the present alphas say, without the work that a selection may do at the end."""
        selection = self.strategy.selection
        return (selection if getattr(selection, "immediate", False) else Strongest()).select(self)

    def complete(self, report):
        report.genotype = genotype = self.present_genotype()
        report.skips_normal, report.skips_reduce = count_skips(genotype)
        report.method = self.strategy.curves(self._place("Train", report.epoch, 0)[0])
        for penalty in self.strategy.penalties:
            if hasattr(penalty, "figures"):
                report.method.update(penalty.figures(self.strengths(), genotype))
        if hasattr(self.around_weight_step, "figures"):
            report.method.update(self.around_weight_step.figures())
        report.entropy = mean_entropy(self.model, strength_of(self) or softmax)
        if self.eigenvalue_freq is not None and (report.epoch + 1) % self.eigenvalue_freq == 0:
            seed_everything_at(self.loop.seeds, CURVATURE, report.epoch, self.ranks.rank)
            progress, make_generator = self._place("Train", report.epoch, 0)
            with mixed_by(self.model, self.strategy.mixture, progress, make_generator):
                report.eigenvalue = dominant_eigenvalue(self.model, self.valid_loaders[0].last, self.ranks.average)

    def compare_epoch_lengths(self, steps):
        settings = self.settings
        self.loop.warn(self.gradients.describe_excess(steps * settings.num_epochs))
        if abs(steps - self.expected_steps) > 0.1 * self.expected_steps:
            shorter = self.valid_loaders[0]
            if shorter.ended:  # the training reader had a batch left
                self.loop.warn(
                    f"{shorter.name} ended first, after {steps} batches, and with it the epoch, though "
                    f"num_imgs={settings.num_imgs} and batchsize={settings.batchsize} make the learning rate count "
                    f"{self.expected_steps} steps to an epoch; give it as many batches as train_reader"
                )
                return
            self.loop.warn(
                f"an epoch of the readers has {steps} steps, but num_imgs={settings.num_imgs} and "
                f"batchsize={settings.batchsize} make the learning rate count {self.expected_steps} to an epoch; "
                "num_imgs should be twice the number of training images"
            )

    def find_stop(self, history):
        """Return the `Collapse` that the last epoch shows; epochs whose alphas rested say nothing."""
        return find_collapse(history, self.strategy.stopping, self.settings.epochs_no_archopt)

    def result(self, loop):
        """Return the final genotype; of a search that collapsed, the last one from before."""
        collapse = loop.stop_reason
        if collapse is None:
            genotype = self.strategy.selection.select(loop)
            self._judge(genotype, loop)
            return genotype
        loop.warn(f"{collapse.reason}; the search stops with the genotype of epoch {collapse.before}")
        genotype = loop.history[collapse.before].genotype
        self._judge(genotype, loop)
        return genotype

    def _judge(self, genotype, loop):
        """Log whether the genotype keeps to the budget, if there is one."""
        for verdict in self.strategy.verdicts(genotype):
            if self.ranks.is_first:
                logger.info(verdict)

    # state

    def named_tensors(self):
        """Return parameters, buffers and alphas by name."""
        return name_tensors(self.model, self._name_alphas())

    def _name_alphas(self):
        return [(f"arch_parameters()[{i}]", alpha) for i, alpha in enumerate(self.model.arch_parameters())]

    def named_parameters(self):
        registered = {id(p): name for name, p in self.model.named_parameters()}
        further = {name: alpha for name, alpha in self._name_alphas() if id(alpha) not in registered}
        return {**super().named_parameters(), **further}

    def components(self):
        tensors = self.named_tensors()
        stages = {} if self.stages is None else {"stages": self.stages}
        return {
            "weights": OptimizerState(self.optimizer, tensors),
            "alphas": OptimizerState(self.architect.optimizer, tensors),
            "model": ModelState(tensors),
            "schedule": self.schedule_state,
            "gradients": self.gradients,
            "weight_step": self.around_weight_step,
            **stages,
        }

    def stepped(self, states):
        found = super().stepped(states)
        trained = self.stages is None and states["loop"]["epoch"] > self.settings.epochs_no_archopt
        return {*found, "alphas"} if trained and any(not alpha.stop_gradient for alpha in self.alphas) else found

    def prepare(self, states):
        if self.stages is not None and "stages" in states:
            self.stages.prepare(states["stages"])

    def describe(self):
        space = {name: getattr(self.model, name, None) for name in SPACE}
        plain = {name: value.item() if isinstance(value, np.generic) else value for name, value in space.items()}
        return {
            name: [str(v) for v in value] if isinstance(value, (list, tuple)) else value
            for name, value in plain.items()
        }

    def own_parts(self):
        return {f"strategy.{name}": part for name, part in self.strategy.parts().items()}

    def settings_that_decide(self):
        return {**self.settings.decisive(), "strategy": self.strategy.describe()}

    def tensors_equal_on_ranks(self):
        named = [(name_parameter(self.model, parameter), parameter) for parameter in self.weights + self.alphas]
        for owner in (self.optimizer, self.architect.optimizer):
            named += [item for item in owner.state_dict().items() if isinstance(item[1], paddle.Tensor)]
        return named
