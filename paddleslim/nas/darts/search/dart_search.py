"""DARTSearch, as PaddleSlim 1.1 has it."""

from __future__ import annotations

import dataclasses
import functools
from typing import Any

import paddle
from paddle import nn

from ..data.readers import BatchLoader
from ..distributed.ranks import Ranks
from ..report.log_lines import SearchLines
from ..report.progress_bar import bars_of
from ..report.saved_epochs import SaveEpochs
from ..search_space.contract import check_supernet
from ..state.parameters import count_parameters_in_MB
from ..strategy.methods import find_strategy
from ..strategy.strategy import Strategy, complete
from ..training.device import name_device, on_device
from ..training.loop import Loop
from ..training.precision import check_amp
from ..training.settings import accept, describe_settings, layout_of
from .architect import Architect
from .settings import POSITIONAL, SearchSettings
from .task import SearchTask

__all__ = ["DARTSearch", "count_parameters_in_MB"]


class DARTSearch(Loop):
    """Search an architecture: alternate steps on the alphas and on the weights of a supernet.

    DARTS: Differentiable Architecture Search (Liu et al., 2019), algorithm 1. For each pair of batches the alphas
    take a step of Adam on the validation batch, then the weights one of SGD with momentum on the training batch.

    Args:
        model: the supernet, a `paddle.nn.Layer` with `arch_parameters()`, `_loss(image, label)`, a `forward` that
            returns logits `[N, classes]`, and what `get_genotype` needs.
        train_reader, valid_reader: functions that return an iterator of `(image, label)` batches, or iterables of
            them such as a `paddle.io.DataLoader`; image `[N, ...]`, label `[N, 1]` or `[N]` of integers.
        place: where to compute: `paddle.CPUPlace()`, `paddle.CUDAPlace(0)` or a string such as 'gpu:0'.
        {settings}

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

    __doc__ = __doc__.replace("{settings}", describe_settings(SearchSettings, POSITIONAL).strip())

    @accept(SearchSettings, POSITIONAL)
    def __init__(
        self, model: nn.Layer, train_reader: Any, valid_reader: Any, place: Any, *, settings: SearchSettings
    ) -> None:
        given = {"model": model, "train_reader": train_reader, "valid_reader": valid_reader, "place": place}
        self._build(given, settings)

    def _build(self, given: dict[str, Any], settings: SearchSettings) -> None:
        """Check what was given and make the loop of it; nothing is computed."""
        self.__dict__.pop("given", None)  # attributes are set as they are meanwhile, see `__setattr__`
        model, train_reader, valid_reader, place = given.values()
        model = model._layers if isinstance(model, paddle.DataParallel) else model
        # Scripts of the fluid era may complete the supernet between here and `train()`.
        self.checks_late = getattr(model, "completed_before_training", False)
        if not self.checks_late:
            check_supernet(model, with_loss=settings.epochs_no_archopt < settings.num_epochs)
        device = name_device(place)
        check_amp(settings.amp, device)
        loaders = [
            BatchLoader(name, reader, settings.use_multiprocess, **layout_of(settings))
            for name, reader in (("train_reader", train_reader), ("valid_reader", valid_reader))
        ]
        strategy = complete(
            find_strategy(settings.strategy), settings.unrolled, settings.difference, settings.stop_on_collapse
        )
        ranks = Ranks(settings.use_data_parallel)
        task = SearchTask(model, loaders[0], loaders[1], settings, strategy, ranks)
        observers = [SearchLines(settings.log_freq), SaveEpochs(settings.save_dir), *bars_of(settings)]
        super().__init__(task, settings, settings.num_epochs, device, ranks, observers)
        self.train_loader, self.valid_loader = loaders
        self.given = given

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute; PaddleSlim's arguments may be changed so until `train()`, and are checked again."""
        given = self.__dict__.get("given")
        if given is not None and name in given:
            self._build({**given, name: value}, self.settings)
        elif given is not None and name in POSITIONAL:
            self._build(given, dataclasses.replace(self.settings, **{name: value}))
        else:
            super().__setattr__(name, value)

    def __getattr__(self, name: str) -> Any:
        """Return an argument by its name, such as `learning_rate`."""
        for arguments in (self.__dict__.get("given", {}), vars(self.__dict__.get("settings", object))):
            if name in arguments and not name.startswith("_"):
                return arguments[name]
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    def start(self) -> None:
        if self.checks_late:
            check_supernet(self.model, with_loss=self.settings.epochs_no_archopt < self.settings.num_epochs)
        super().start()

    @property
    def collapse(self) -> Any:
        """The `Collapse` that stopped the last `train()`, None if none did."""
        return self.stop_reason

    @property
    def strategy(self) -> Strategy:
        """The `Strategy` of this search, complete."""
        return self.task.strategy

    @property
    def architect(self) -> Architect:
        """The `Architect` of the present `train()`; one is begun where none was."""
        self._begin_once()
        return self.task.architect

    @property
    def optimizer(self) -> Any:
        """The weights' optimizer of the present `train()`; one is begun where none was."""
        self._begin_once()
        return self.task.optimizer

    def train_one_epoch(
        self,
        train_loader: Any,
        valid_loader: Any,
        architect: Architect,
        optimizer: paddle.optimizer.Optimizer,
        epoch: int,
    ) -> float:
        """Take a step for each pair of batches, until the shorter loader ends; return `score` of the training.

        Args:
            train_loader, valid_loader: iterables of `(image, label)` batches, as the readers are.
            architect: an `Architect` that updates the alphas, from epoch `epochs_no_archopt` on.
            optimizer: updates the weights.
            epoch: counted from 0.
        """
        if self.strategy.stages is not None:
            raise RuntimeError("a search in stages makes its optimizers anew at the beginning of each; call train()")
        self._begin_once()
        loaders = self._as_loader("train_loader", train_loader), self._as_loader("valid_loader", valid_loader)
        with on_device(self.device):
            step = functools.partial(self.task.step_with, architect, optimizer)
            return self.train_epoch(epoch, loaders, step).score

    def valid_one_epoch(self, valid_loader: Any, epoch: int) -> float:
        """Return the `score` on all batches of `valid_loader`, in evaluation mode; nothing is updated."""
        self._begin_once()
        with on_device(self.device):
            return self.validate(epoch, (self._as_loader("valid_loader", valid_loader),)).score

    def _as_loader(self, name: str, batches: Any) -> BatchLoader:
        if isinstance(batches, BatchLoader):
            return batches
        return BatchLoader(name, batches, **layout_of(self.settings))

    def _begin_once(self) -> None:
        """Make optimizers and seeds, unless a `train()` or an epoch on its own has made them."""
        if self.guard is None:
            with on_device(self.device):
                self.start()
