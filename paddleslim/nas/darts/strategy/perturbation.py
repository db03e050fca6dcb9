"""The selection of DARTS+PT: what an operation is worth is what its absence costs (Wang et al., 2021)."""

from __future__ import annotations

import contextlib
import dataclasses
from typing import ClassVar

import numpy as np
import paddle

from ..genotype.derivation import get_genotype
from ..genotype.edges import edge_count, softmax
from ..state.parameters import frozen
from ..training.clipping import ClipByGlobalNorm
from ..training.signals import SearchInterrupted, WaitInterrupted
from .annealing import check_numbers, make_plain
from .operation_names import operation_names
from .perturbing import mixing
from .selection import strength_of
from .selection_progress import SelectionProgress

__all__ = ["Perturbation"]

SELECTION = 7  # the first number of the place of the order in the random numbers of a search
KEPT, DROPPED = 10.0, 5.0  # alphas of the operation chosen on an edge that is kept, and on one that is not


@dataclasses.dataclass(frozen=True)
class Perturbation:
    """Decide one edge after another by the validation accuracy of the supernet (DARTS+PT: Wang et al., 2021).

    For each edge every operation is removed in turn; the one whose absence costs most accuracy is kept, alone and with
    a weight of one. Then the weights of the supernet are tuned for `epochs` epochs, with a tenth of the learning rate.
    When all edges are decided, every state keeps the two edges whose absence costs most. An edge of the normal and one
    of the reduction cell are decided at a time. The alphas rest meanwhile; a sampled mixture is taken at its strengths.

    With four states that is 5 * (14 + 4 - 1) further epochs of weight steps, and a pass over the validation batches for
    each operation of each edge. The selection is saved in `selection` in the folder of the checkpoints, after each
    decision and each epoch of tuning: a search that is interrupted in it resumes from there, and ends as one that was
    not, bit-for-bit.

    Attributes:
        epochs: of tuning after a decision.
        order: 'random' as published, or 'entropy': the edge whose strengths are least uniform first.
        rate: of the tuning, as a factor of the search's learning rate.

    Raises:
        ValueError: the order is unknown, or a number is out of its range.
    """

    epochs: int = 5
    order: str = "random"
    rate: float = 0.1

    equation: ClassVar[str] = "on each edge the operation whose absence costs most validation accuracy"
    immediate: ClassVar[bool] = False
    needs_hook: ClassVar[bool] = True

    def __post_init__(self):
        make_plain(self)
        if self.order not in ("random", "entropy"):
            raise ValueError(f"order must be 'random' or 'entropy', got {self.order!r}")
        if isinstance(self.epochs, bool) or not isinstance(self.epochs, int) or self.epochs < 0:
            raise ValueError(f"epochs must be an integer of at least 0, got {self.epochs!r}")
        check_numbers(0.0, rate=self.rate)

    def select(self, search):
        """Return the genotype of a search that is done; the weights of its supernet have been tuned since."""
        return Decisions(self, search).run()


class Decisions:
    """The decisions of one selection: the weights of the operations as they are now, by kind of cell.

    Attributes:
        decided: how many decisions have been taken.
        tuned: how many epochs of tuning there have been, `tuned_since` of them after the last decision.
    """

    def __init__(self, settings, search):
        self.settings, self.search, self.model = settings, search, search.model
        self.tables = [alpha for alpha in self.model.arch_parameters() if len(alpha.shape) == 2]
        strength = strength_of(search) or softmax
        self.p = [strength(alpha.numpy().astype("float64")) for alpha in self.tables]
        self.names = [operation_names(self.model, kind, len(p)) for kind, p in enumerate(self.p)]
        self.chosen = [np.zeros(len(p), int) for p in self.p]
        self.kept = [np.ones(len(p), bool) for p in self.p]
        self.decided = self.tuned = self.tuned_since = 0
        self.progress = SelectionProgress(self)
        self.velocity: dict | None = None  # of a tuning that was interrupted

    def run(self):
        """Take all decisions that are left, each followed by a tuning; return the genotype."""
        orders = [self._order(kind) for kind in range(len(self.p))]
        of_edges: list = [(self._decide_operation, edges) for edges in zip(*orders)]
        states = getattr(self.model, "_steps", 0)
        decisions = of_edges + [(self._decide_edges, (state,) * len(self.p)) for state in range(states)]
        with self._undisturbed_run(), mixing(self.model, self._mix):
            self.progress.restore()
            self._leave_out()
            for number, (decide, places) in enumerate(decisions):
                if number == self.decided:
                    for kind, place in enumerate(places):
                        decide(kind, place)
                    self.decided, self.tuned_since = number + 1, 0
                    self.progress.save(len(decisions))
                if number + 1 == self.decided and (number < len(of_edges) or number + 1 < len(decisions)):
                    self._tune()
        return self._read()

    def _order(self, kind):
        """Return the order in which the edges of a kind of cell are decided."""
        p = self.p[kind] / self.p[kind].sum(axis=1, keepdims=True)
        if self.settings.order == "entropy":
            entropy = -(p * np.log(np.maximum(p, 1e-300))).sum(axis=1)
            return np.argsort(entropy, kind="stable").tolist()
        seed = self.search.seeds.numpy
        return np.random.default_rng([seed, SELECTION, kind]).permutation(len(p)).tolist()

    def _mix(self, alphas, index=0):
        return paddle.to_tensor(self.p[index] * self.kept[index][:, None], dtype=alphas.dtype)

    def _accuracy_without(self, kind, edge, operation=None):
        """Return how good the validation is without an operation, or without a whole edge; more is better."""
        row = self.p[kind][edge].copy()
        self.p[kind][edge, slice(None) if operation is None else operation] = 0.0
        if operation is None:
            self._leave_out(kind, edge)
        try:
            report = self.search.validate(self.search.num_epochs - 1, self.search.task.valid_loaders)
            first = next(iter(self.search.measures), None)
            lower = getattr(first, "lower_is_better", False) if first or report.top1.cnt else True
            return -report.score if lower else report.score
        finally:
            self.p[kind][edge] = row
            self._leave_out()

    def _leave_out(self, kind=None, edge=None):
        """Let edges that were dropped, and one more, carry nothing, where more passes along them than operations."""
        if hasattr(self.model, "present_edges"):  # in PC-DARTS the other channels pass by
            present = [kept.astype(float) for kept in self.kept]
            if edge is not None:
                present[kind][edge] = 0.0
            self.model.present_edges = tuple(present)

    def _decide_operation(self, kind, edge):
        """Keep the operation of an edge that is missed most; the earlier one of equals."""
        has_states = hasattr(self.model, "_steps")  # in cells of DARTS 'none' is never chosen
        choices = [o for o, name in enumerate(self.names[kind][edge]) if name != "none" or not has_states]
        accuracies = [self._accuracy_without(kind, edge, o) for o in choices]
        self.chosen[kind][edge] = choices[int(np.argmin(accuracies))]
        self.p[kind][edge] = np.eye(self.p[kind].shape[1])[self.chosen[kind][edge]]

    def _decide_edges(self, kind, state):
        """Keep the two edges into a state that are missed most."""
        edges = range(edge_count(state), edge_count(state + 1))
        accuracies = [self._accuracy_without(kind, edge) for edge in edges] if len(edges) > 2 else [0.0] * len(edges)
        for place in np.argsort(accuracies, kind="stable")[2:]:
            self.kept[kind][edges[int(place)]] = False
        self._leave_out()

    def _tune(self):
        """Train the weights of the supernet for some epochs with a smaller learning rate."""
        search, task = self.search, self.search.task
        settings = task.settings
        optimizer = paddle.optimizer.Momentum(
            settings.learning_rate * self.settings.rate,
            settings.momentum,
            parameters=task.weights,
            weight_decay=paddle.regularizer.L2Decay(settings.weight_decay),
            grad_clip=settings.grad_clip and ClipByGlobalNorm(settings.grad_clip),
        )

        if self.velocity is not None:
            self.progress.set_velocity(optimizer, self.velocity)
            self.velocity = None

        def step(epoch, number, train_batch, valid_batch):
            image, label = train_batch
            with frozen(task.alphas):
                logits = task.network(image)
                loss = task.criterion(logits, label)
                loss.backward()
            search.guard.check("training", [loss, *(weight.grad for weight in task.weights)], task.weights)
            optimizer.step()
            optimizer.clear_grad(set_to_zero=False)
            return loss, logits, label

        while self.tuned_since < self.settings.epochs:
            search.train_epoch(search.num_epochs + self.tuned, task.train_loaders, step)
            self.tuned += 1
            self.tuned_since += 1
            self.progress.save(optimizer=optimizer)

    @contextlib.contextmanager
    def _undisturbed_run(self):
        """Let a run that is done be what it was afterwards: no callback sees the steps inside, a signal ends them."""
        search, task = self.search, self.search.task
        callbacks, checkpoints, strategy = search.callbacks, search.checkpoints, task.strategy
        kept = search.trained, getattr(search, "last_step", None), search.marks
        present = getattr(self.model, "present_edges", None)
        search.checkpoints = StopOnSignal()
        search.callbacks = [search.checkpoints]
        # as a softmax, whose hook is left alone, so that validations mix as `_mix` says
        task.strategy = dataclasses.replace(strategy, mixture=type(strategy)().mixture, penalties=())
        try:
            yield
        except WaitInterrupted as stop:  # the run itself has nothing to save
            for loader in search.loaders():
                loader.abandon()
            raise SearchInterrupted(stop.signum) from None
        finally:
            search.callbacks, search.checkpoints, task.strategy = callbacks, checkpoints, strategy
            if present is not None:
                self.model.present_edges = present
            search.trained, search.last_step, search.marks = kept

    def _read(self):
        """Return the genotype of alphas that say what was decided; the alphas are then what they were."""
        before = [alpha.numpy().copy() for alpha in self.model.arch_parameters()]
        try:
            for alpha in self.model.arch_parameters():
                alpha.set_value(paddle.zeros_like(alpha))
            for alpha, chosen, kept in zip(self.tables, self.chosen, self.kept):
                values = np.zeros(alpha.shape)
                values[np.arange(len(chosen)), chosen] = np.where(kept, KEPT, DROPPED)
                alpha.set_value(values.astype(str(alpha.numpy().dtype)))
            return get_genotype(self.model)
        finally:
            for alpha, values in zip(self.model.arch_parameters(), before):
                alpha.set_value(values)


class StopOnSignal:
    """Ends a selection when a signal comes, which saves itself; the run's checkpoint is that of its last epoch."""

    on_every_rank = True

    def on_step_end(self, search, report):
        signum = max(search.signals, default=0)
        if search.ranks.count > 1:
            signum = max(search.ranks.gather(signum)) if not (report.step + 1) % search.log_freq else 0
        if signum:
            search.warn(
                "stopped while the genotype was selected; train(resume=True) or --resume resumes after its latest epoch"
            )
            raise SearchInterrupted(signum)

    def save(self, search):
        """Save nothing: what a signal finds between two steps is no state of the run."""
