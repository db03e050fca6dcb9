"""What a search did, epoch by epoch."""

from __future__ import annotations

import dataclasses
import platform
import time
from typing import Any, Callable

import numpy as np
import paddle
from paddle import nn

from ....common.types import Array
from ..genotype.derivation import weigh_edges
from ..genotype.edges import edge_strengths, softmax
from ..genotype.supernet_attributes import has_own_genotype
from ..state.parameters import name_parameter
from ..strategy.selection import strength_of
from ..training.reports import EpochReport
from .framed import frame

__all__ = [
    "EpochRecord",
    "Recording",
    "collect_figures",
    "plain",
    "read_strengths",
    "seeds",
    "versions",
]


@dataclasses.dataclass
class EpochRecord:
    """A search after `epoch` epochs; the first record, of epoch 0, is from before it began.

    Attributes:
        epoch: how many epochs were done.
        seconds: since the search began.
        genotype: as a `Genotype` or what the supernet calls so.
        strengths: for each cell the operations' weights on each edge, a list `[edges][operations]`.
        figures: numbers of this epoch by name, such as 'valid_accuracy'; empty in the first record.
    """

    epoch: int
    seconds: float
    genotype: Any
    strengths: dict[str, list[list[float]]]
    figures: dict[str, int | float]


@dataclasses.dataclass(repr=False)
class Recording:
    """A search as it can be shown.

    Attributes:
        title: a name for people.
        settings, versions: what was searched how and with what, for a table each.
        operations: for each cell the names of the operations on each edge, a list `[edges][operations]`.
        num_epochs: how many epochs the search should have.
        epochs: list of `EpochRecord`.
        state: 'running', 'finished', or what stopped it.
        about: what else is known, by name: 'next', the command that continues; 'resume', that of a search that was
            stopped; 'network', the figures of the network
            that the genotype makes; 'classes', `{"names": [...], "counts": {part: [...]}}`; 'random', the accuracies
            `{"own": ..., "random": [...]}` after a brief retraining; 'selected', True where a selection after the
            last epoch made the genotype.
    """

    title: str
    settings: dict[str, Any]
    versions: dict[str, str]
    operations: dict[str, list[list[str]]]
    num_epochs: int
    epochs: list[EpochRecord] = dataclasses.field(default_factory=list)
    state: str = "running"
    about: dict[str, Any] = dataclasses.field(default_factory=dict)

    def _repr_html_(self) -> str:
        """Return the report's page in English for the output of a notebook's cell."""
        from .page import render_report  # it is made of recordings

        return frame(render_report(self))

    def __repr__(self) -> str:
        done = self.epochs[-1].epoch if self.epochs else 0
        return f"Recording({self.title!r}: {done} of {self.num_epochs} epochs, {self.state})"

    @classmethod
    def begin(cls, search: Any, title: str, settings: dict[str, Any], about: dict[str, Any] | None = None) -> Recording:
        """Return the recording of a `DARTSearch` that is about to start."""
        supernet = search.model
        strengths = read_strengths(supernet, strength_of(search))
        operations = {cell: name_operations(supernet, np.shape(edges)) for cell, edges in strengths.items()}
        arguments = {**search.settings.shown(), "device": search.device}
        count = sum(int(np.prod(p.shape)) for p in supernet.parameters()) / 1e6
        supernet_is = f"{type(supernet).__name__}, {count:.3g} million parameters"
        rows = {"supernet": supernet_is, **method_of(search), **arguments, **seeds(), **settings}
        first = EpochRecord(len(search.history), 0.0, search.task.present_genotype(), strengths, {})
        shown = {name: plain(value) for name, value in rows.items()}
        epochs = search.num_epochs
        return cls(title, shown, versions(), operations, epochs, [first], about=dict(about or {}))

    def add(self, search: Any, report: EpochReport, seconds: float) -> None:
        """Add the epoch that `report`, an `EpochReport`, tells of; it replaces what was known of it and later ones."""
        done = report.epoch + 1
        self.epochs = [record for record in self.epochs if record.epoch < done]
        strengths, figures = read_strengths(search.model, strength_of(search)), collect_figures(report)
        self.epochs.append(EpochRecord(done, round(seconds, 3), report.genotype, strengths, figures))

    def conclude(self, search: Any, genotype: Any) -> None:
        """Note what the search has found in the end, where that is more than its last epoch says.

        A selection after the last epoch finds another genotype than the alphas say; what judges it, such as a
        budget, is a row among the settings.
        """
        strategy = getattr(search, "strategy", None)
        if strategy is None:
            return
        for number, verdict in enumerate(strategy.verdicts(genotype)):
            self.settings["budget" if not number else f"budget {number + 1}"] = verdict
        if not search.collapse and not getattr(strategy.selection, "immediate", True):
            figures = dict(self.epochs[-1].figures)
            for penalty in strategy.penalties:
                if hasattr(penalty, "figures"):
                    found = penalty.figures(search.task.strengths(), genotype)
                    figures.update((f"method/{name}", value) for name, value in found.items())
            self.epochs[-1] = dataclasses.replace(self.epochs[-1], genotype=genotype, figures=figures)
            self.about["selected"] = True


def read_strengths(
    supernet: nn.Layer, strength: Callable[[Array], Array] | None = None
) -> dict[str, list[list[float]]]:
    """Return the strength of every operation on every edge, `[edges][operations]` for each cell.

    It is `strength` of an array of the alphas, their softmax if None; in PC-DARTS times the softmax of the
    betas of the edges into the same state.
    The alphas of a supernet of another kind are taken as rows of operations and called by their name. A cell without an
    edge is left out.
    """
    if not has_own_genotype(supernet):
        weights = {"normal": weigh_edges(supernet, "normal", strength)}
        weights["reduction"] = weigh_edges(supernet, "reduce", strength)
        return {cell: np.round(of_cell, 6).tolist() for cell, of_cell in weights.items() if np.size(of_cell)}
    if hasattr(supernet, "alphas_normal") and hasattr(supernet, "alphas_reduce"):
        named = {"normal": supernet.alphas_normal, "reduce": supernet.alphas_reduce}
    else:
        named = {name_parameter(supernet, alphas): alphas for alphas in supernet.arch_parameters()}
    strengths = {}
    for cell, alphas in named.items():
        values = np.asarray(alphas.numpy(), dtype=np.float64)
        betas = getattr(supernet, f"betas_{cell}", None)
        betas = None if betas is None else np.asarray(betas.numpy(), np.float64)
        if not values.size:
            continue
        table = values.reshape([-1, values.shape[-1]] if values.ndim else [1, 1])
        rows = edge_strengths(table, betas, getattr(supernet, "_steps", None), strength or softmax)
        strengths["reduction" if cell == "reduce" else cell] = np.round(rows, 6).tolist()
    return strengths


def method_of(search: Any) -> dict[str, str]:
    """Return what the report shows of a search's strategy: each part with its settings and its equation."""
    strategy = getattr(search, "strategy", None)
    return {f"method: {part}": text for part, text in strategy.describe().items()} if strategy else {}


def name_operations(supernet: nn.Layer, shape: tuple[int, ...]) -> list[list[str]]:
    """Return the names of the operations of every edge, a list of `shape`; numbered where the supernet names none."""
    edges, count = shape
    names = list(getattr(supernet, "_primitives", None) or ())
    if all(isinstance(name, str) for name in names):
        return [names[:count] + [f"operation {o}" for o in range(len(names), count)]] * edges
    if len(names) == edges and all(len(of_edge) == count and not isinstance(of_edge, str) for of_edge in names):
        return [list(of_edge) for of_edge in names]
    return [[f"operation {o}" for o in range(count)]] * edges


def collect_figures(report: EpochReport) -> dict[str, int | float]:
    """Return all numbers of an `EpochReport` by name; a dictionary among its fields gives 'field/key'."""
    figures = {}
    for name, value in vars(report).items():
        entries = value.items() if isinstance(value, dict) else [("", value)]
        for key, number in entries:
            if isinstance(number, (int, float, np.number)) and not isinstance(number, bool) and name != "epoch":
                figures[f"{name}/{key}" if key != "" else name] = number if isinstance(number, int) else float(number)
    return figures


def seeds() -> dict[str, int]:
    return {"Paddle's seed": int(paddle.framework.core.default_cpu_generator().initial_seed())}


def versions() -> dict[str, str]:
    from paddleslim import __version__

    return {
        "paddleslim": __version__,
        "PaddlePaddle": paddle.__version__,
        "numpy": np.__version__,
        "Python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "started": time.strftime("%Y-%m-%d %H:%M:%S %z"),
    }


def plain(value: Any) -> bool | int | float | str | None:
    """Return `value` as JSON can hold it."""
    if isinstance(value, (bool, int, float, str)) or value is None:
        return value
    return " ".join(str(v) for v in value) if isinstance(value, (list, tuple)) else str(value)
