"""The training of a discrete network."""

from __future__ import annotations

from typing import Any

from paddle import nn

from ....common.paths import fixed_path
from ....common.types import FilePath
from ..data.readers import BatchLoader
from ..distributed.ranks import Ranks
from ..genotype.json_file import describe_genotype
from ..report.log_lines import LogLines
from ..report.progress_bar import bars_of
from ..report.saved_epochs import write_state_dict
from ..state.atomic_file import clear_unfinished
from ..state.weights_file import write_weights
from ..training.callbacks import Callback
from ..training.device import name_device
from ..training.loop import Loop
from ..training.precision import check_amp
from ..training.reports import EpochReport
from ..training.settings import accept, describe_settings, layout_of
from .settings import RetrainRunSettings, RetrainSettings
from .task import RetrainTask

__all__ = ["RetrainRunSettings", "Retraining", "SaveNetwork"]


POSITIONAL = ("valid_freq", "log_freq", "callbacks", "amp")


class Retraining(Loop):
    """Train a discrete network by SGD, as the papers do after a search, or as `criterion` and `weight_optimizer` say.

    Args:
        network: what `build_network` returns, or any layer. Where it has `forward_twice(image)`, which returns the
            outputs and those of an auxiliary head, training uses it; where it has `genotype()`, reports hold it.
        train_batches: iterated once an epoch, such as `ShuffledBatches`, or any reader that `DARTSearch` takes.
        valid_batches: for the measures after the last epoch and every `valid_freq` ones, such as `Batches`.
        settings: a `RetrainSettings`; what it says of the network's size is not used here, nor, with a
            `weight_optimizer`, what it says of SGD.
        place: where to compute, as for `DARTSearch`.
        {settings}

    Attributes:
        history: one `EpochReport` for each epoch.

    Raises:
        TypeError, ValueError: an argument cannot be used.
    """

    __doc__ = __doc__.replace("{settings}", describe_settings(RetrainRunSettings, POSITIONAL).strip())

    @accept(RetrainRunSettings, POSITIONAL, "run")
    def __init__(
        self,
        network: nn.Layer,
        train_batches: Any,
        valid_batches: Any,
        settings: RetrainSettings,
        place: Any = "cpu",
        *,
        run: RetrainRunSettings,
    ) -> None:
        if not isinstance(settings, RetrainSettings):
            raise TypeError(f"settings must be a RetrainSettings, such as RetrainSettings(epochs=20), got {settings!r}")
        device = name_device(place)
        check_amp(run.amp, device)
        ranks = Ranks(run.use_data_parallel)
        if ranks.count > 1 and run.save_dir is None:
            raise ValueError("a retraining on several ranks needs save_dir, a folder where ranks say why they ended")
        loaders = [
            BatchLoader(name, batches, run.use_multiprocess, **layout_of(run))
            for name, batches in (("train_batches", train_batches), ("valid_batches", valid_batches))
        ]
        task = RetrainTask(network, loaders[0], loaders[1], count_steps(train_batches, run), settings, run, ranks)
        if run.save_dir is not None:
            describe_genotype(task.present_genotype())  # one that no checkpoint can hold is refused before the training
        observers = [LogLines(run.log_freq), *bars_of(run)]
        super().__init__(task, run, settings.epochs, device, ranks, observers)


def count_steps(batches: Any, run: RetrainRunSettings) -> int:
    """Return how many batches an epoch should have: `steps_per_epoch`, or the length of a reader; 1 if it has none."""
    if run.steps_per_epoch is not None:
        return run.steps_per_epoch
    try:
        return len(batches)
    except TypeError:
        return 1


class SaveNetwork(Callback):
    """Write the state dict of the network to `path` after each epoch.

    A `path` that ends in .safetensors gets such a file with a checksum and the number of epochs; any other one gets
    what `paddle.save` writes.
    """

    def __init__(self, path: FilePath) -> None:
        self.path = fixed_path(path)

    def on_search_begin(self, search: Any) -> None:
        clear_unfinished(self.path.parent, [self.path.name])

    def on_epoch_end(self, search: Any, report: EpochReport) -> None:
        if self.path.suffix == ".safetensors":
            write_weights(self.path, search.model.state_dict(), epochs=report.epoch + 1)
        else:
            write_state_dict(self.path, search.model)
