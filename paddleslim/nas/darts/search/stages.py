"""The stages of a search carried out: the supernet is made anew, and what the optimizers remember goes along."""

from __future__ import annotations

import numpy as np

from ..distributed.sync_batch_norm import synchronise_batch_norm
from ..genotype.edges import softmax
from ..search_space.pruning import all_columns, strongest_columns
from ..state.components import OptimizerState
from ..state.random_states import STAGE
from ..strategy.selection import strength_of
from ..training.log import logger

__all__ = ["SearchStages"]


class SearchStages:
    """Which stage a search is in, and the way to the next one.

    Args:
        task: a `SearchTask` whose strategy has `stages`.

    Attributes:
        stage: number of the present stage, counted from 0.
    """

    def __init__(self, task):
        self.task, self.stage = task, 0
        self._reshape(self._choose(0), np.random.default_rng(STAGE))

    @property
    def settings(self):
        """The `Stages` of the strategy."""
        return self.task.strategy.stages

    def rests(self, epoch):
        """Return whether the alphas rest in an epoch."""
        return self.settings.rests(epoch, self.task.settings.num_epochs)

    def begin_epoch(self, epoch):
        """Enter the stages that begin with an epoch or began before it."""
        while self.stage < self.settings.index(epoch, self.task.settings.num_epochs):
            self._enter(self.stage + 1)

    # what a checkpoint holds

    def get_state(self):
        return {"stage": self.stage, "kept": self.task.model.kept}

    def set_state(self, state):
        self.stage = int(state["stage"])

    def prepare(self, state):
        """Give the supernet the shape that it had when `state` was made; its tensors are set afterwards."""
        self.stage = int(state["stage"])
        kept = tuple(tuple(tuple(columns) for columns in of_kind) for of_kind in state["kept"])
        self._reshape(kept, np.random.default_rng(STAGE))
        self.task.make_optimizers()

    # a change

    def _choose(self, stage):
        """Return the columns that a stage keeps on each edge, by kind of cell."""
        model, count = self.task.model, self.settings.stages[stage].operations
        strength = strength_of(self.task) or softmax
        names = model.edge_operations()
        if count is None:
            return tuple(now or all_columns(of_cells) for now, of_cells in zip(model.kept, names))
        tables = (model.alphas_normal, model.alphas_reduce)
        strengths = [strength(alphas.numpy().astype("float64")) for alphas in tables]
        if stage == 0:
            return tuple(strongest_columns(s, count, of_cells) for s, of_cells in zip(strengths, names))
        # what was pruned before has no strength any more
        return tuple(
            strongest_columns(
                [[s if c in own else -1.0 for c, s in enumerate(row)] for row, own in zip(table, columns)],
                count,
                of_cells,
            )
            for table, of_cells, columns in zip(strengths, names, model.kept)
        )

    def _reshape(self, kept, generator):
        """Make the cells of the supernet anew; return what carries tensors over."""
        model = self.task.model
        parts = self.settings.stages[self.stage].parts or model._parts
        before = {name: tensor.numpy() for name, tensor in model.state_dict().items()}
        carry = model.reshape(parts, kept, generator)
        if self.task.settings.sync_batch_norm and self.task.ranks.count > 1:
            synchronise_batch_norm(model)
        after = carry(before, fill=True)
        for name, tensor in model.state_dict().items():
            if name not in ("alphas_normal", "alphas_reduce"):
                tensor.set_value(after[name])
        return carry

    def _enter(self, stage):
        """Prune and widen the supernet, and go on with optimizers that remember what those before did."""
        task = self.task
        optimizers = [OptimizerState(o, task.named_tensors()) for o in (task.optimizer, task.architect.optimizer)]
        states = [split_state(optimizer.get_state()) for optimizer in optimizers]
        schedule = task.schedule_state.get_state()
        kept = self._choose(stage)
        self.stage = stage
        seed = task.loop.seeds.numpy
        carry = self._reshape(kept, np.random.default_rng([seed, STAGE, stage]))
        task.make_optimizers()
        tensors = task.named_tensors()
        values = {name: tensor.numpy() for name, tensor in tensors.items()}
        for optimizer, state in zip((task.optimizer, task.architect.optimizer), states):
            OptimizerState(optimizer, tensors).set_state(join_state(carry, state, tensors))
        for name, tensor in tensors.items():  # an optimizer makes its tensors in a step
            tensor.set_value(values[name])
        task.schedule_state.set_state(schedule)
        if task.ranks.is_first:
            logger.info(
                "stage %d: every edge keeps its %d strongest operations, 1/%d of the channels pass through them",
                stage + 1,
                len(kept[0][0]),
                task.model._parts,
            )


def split_state(state):
    """Return the arrays of an `OptimizerState` by what they are and by their parameter."""
    found: dict[str, dict] = {}
    for path, array in state.items():
        if isinstance(array, np.ndarray):
            name, _, kind = path.rpartition("/")
            found.setdefault(kind, {})[name] = array
    return found


def join_state(carry, kinds, tensors):
    """Return what `OptimizerState.set_state` takes, of new cells; what they had not begins from zero."""
    arrays: dict[str, np.ndarray] = {}
    owners: set[str] = set()
    scalars: dict[str, dict] = {}  # such as the powers of Adam's betas, the same for all that have taken as many steps
    for kind, of_parameters in kinds.items():
        if all(array.size == 1 for array in of_parameters.values()):
            scalars[kind] = of_parameters
            continue
        # a velocity changes as its weight does
        found = carry(of_parameters, split=kind == "velocity")
        arrays.update((f"{name}/{kind}", found[name]) for name in tensors if name in found)
        owners.update(name for name in tensors if name in found)
    for kind, of_parameters in scalars.items():
        some = next(iter(of_parameters.values()))
        arrays.update((f"{name}/{kind}", of_parameters.get(name, some)) for name in owners)
    return {"of": sorted(owners), **arrays}
