"""A search method: one object for each thing that differs between methods."""

from __future__ import annotations

import dataclasses
import re
from typing import Any

from .combinations import check_combination
from .hypergradient import FirstOrder, SecondOrder
from .mixture import Softmax
from .selection import Strongest
from .stopping import STOPPING_RULES
from .weight_step import Unperturbed

__all__ = ["Strategy", "complete"]

METHODS = {  # what each part must offer
    "mixture": "weights",
    "hypergradient": "gradients",
    "weight_step": "start",
    "selection": "select",
    "stopping": "check",
    "stages": "index",
}
OPTIONAL = ("hypergradient", "stopping", "stages")


@dataclasses.dataclass(frozen=True)
class Strategy:
    """The parts of a search method.

    Attributes:
        mixture: `weights(alphas, progress, generator)`, how alphas become weights of operations.
        hypergradient: `gradients(problem, train_batch, valid_batch)`; None as `unrolled` and `difference` say.
        penalties: functions of (alphas, weights, progress), added to the validation loss.
        weight_step: `start(problem)`, what surrounds a weight step.
        selection: `select(search)`, how the genotype is chosen.
        stopping: `check(history)`, when a search stops before its last epoch; None as `stop_on_collapse` says.
        stages: `index(epoch, epochs)` and what a stage is, see `Stages`; None for one stage.

    Raises:
        TypeError: a part is no such object.
        ValueError: parts do not go together; the message says why.
    """

    mixture: Any = Softmax()
    hypergradient: Any = None
    penalties: Any = ()
    weight_step: Any = Unperturbed()
    selection: Any = Strongest()
    stopping: Any = None
    stages: Any = None

    def __post_init__(self):
        for part, method in METHODS.items():
            value = getattr(self, part)
            if isinstance(value, type):
                raise TypeError(f"{part} is the class {value.__name__}, write {value.__name__}() to make one")
            if not callable(getattr(value, method, None)) and not (value is None and part in OPTIONAL):
                raise TypeError(f"{part} must be an object with a method `{method}`, got {value!r}")
        if not isinstance(self.penalties, (list, tuple)) or not all(map(callable, self.penalties)):
            raise TypeError(
                f"penalties must be a list of functions of (alphas, weights, progress), got {self.penalties!r}"
            )
        object.__setattr__(self, "penalties", tuple(self.penalties))
        check_combination(self)

    def parts(self):
        """Return the parts by name, those that are None left out; penalties are numbered."""
        found = {part: getattr(self, part) for part in METHODS}
        found.update({f"penalty {k + 1}": penalty for k, penalty in enumerate(self.penalties)})
        return {name: part for name, part in found.items() if part is not None}

    def describe(self):
        """Return each part with its settings and its equation, as text by name."""
        equations = {name: getattr(part, "equation", "") for name, part in self.parts().items()}
        # an address is different in each process
        shown = {name: re.sub(" at 0x[0-9a-fA-F]+", "", repr(part)) for name, part in self.parts().items()}
        return {name: f"{text}: {equations[name]}".rstrip(": ") for name, text in shown.items()}

    def verdicts(self, genotype):
        """Return a sentence for each penalty that judges a genotype, such as one on its cost and the target."""
        judges = [penalty for penalty in self.penalties if hasattr(penalty, "verdict")]
        return [verdict for verdict in (judge.verdict(genotype) for judge in judges) if verdict]

    def curves(self, progress):
        """Return what anneals, by name, such as a temperature."""
        parts = [part for part in self.parts().values() if hasattr(part, "curves")]
        return {name: value for part in parts for name, value in part.curves(progress).items()}


def complete(strategy, unrolled=False, difference="central", stop_on_collapse=None):
    """Return a strategy whose hypergradient and stopping are what PaddleSlim's keywords say, where it has none.

    Raises:
        ValueError: strategy and keywords ask for different things.
    """
    keywords = {
        "hypergradient": SecondOrder(difference) if unrolled else FirstOrder(),
        "stopping": None if stop_on_collapse is None else STOPPING_RULES[stop_on_collapse](),
    }
    asked = {"hypergradient": unrolled and "unrolled=True", "stopping": stop_on_collapse and "stop_on_collapse"}
    for part, said in asked.items():
        own = getattr(strategy, part)
        if said and own is not None and own != keywords[part]:
            raise ValueError(
                f"the strategy's {part} is {own!r}, and {said} asks for {keywords[part]!r}; give one of both"
            )
    missing = {part: value for part, value in keywords.items() if getattr(strategy, part) is None}
    return dataclasses.replace(strategy, **missing)
