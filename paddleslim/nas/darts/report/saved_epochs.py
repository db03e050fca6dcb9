"""The parameters and genotype of each epoch as files."""

from __future__ import annotations

import io
import pathlib

import paddle

from ..genotype.json_file import describe_genotype, write_genotype
from ..state.atomic_file import write_atomically
from ..state.parameters import has_memory
from ..training.callbacks import Callback

__all__ = ["SaveEpochs", "write_state_dict"]

GENOTYPE, PARAMETERS = "genotype.json", "params.pdparams"


class SaveEpochs(Callback):
    """Write `<epoch>/params.pdparams` and `<epoch>/genotype.json` after each epoch, `genotype.json` at the end.

    `params.pdparams` holds the state dict of the supernet, alphas included; `paddle.load` reads it.
    """

    def __init__(self, save_dir):
        self.save_dir = pathlib.Path(save_dir)

    def on_search_begin(self, search):
        describe_genotype(search.task.present_genotype())  # one that no file can hold is refused before the training

    def on_epoch_end(self, search, report):
        folder = self.save_dir / str(report.epoch)
        write_state_dict(folder / PARAMETERS, search.model)
        write_genotype(folder / GENOTYPE, report.genotype)

    def on_search_end(self, search, genotype):
        write_genotype(self.save_dir / GENOTYPE, genotype)


def write_state_dict(path, layer):
    """Write the state dict of a layer to `path`, as `paddle.save` does, as a whole or not at all."""
    content = io.BytesIO()
    state = {name: tensor for name, tensor in layer.state_dict().items() if has_memory(tensor)}
    paddle.save(state, content)
    write_atomically(path, content.getvalue())
