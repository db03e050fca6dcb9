"""All that a search needs to go on to the bit: gathered into a checkpoint, and put back."""

from __future__ import annotations

import dataclasses

import numpy as np
import paddle

from ....common import AvgrageMeter
from ..data.reader_marks import mark_readers
from ..genotype.derivation import Genotype
from ..state.checkpoint import Checkpoint
from ..state.random_states import Seeds
from ..training.callbacks import EpochReport, StepReport

__all__ = ["gather_state", "restore_state"]

SETTINGS = (
    "learning_rate",
    "batchsize",
    "num_imgs",
    "arch_learning_rate",
    "unrolled",
    "difference",
    "amp",
    "num_epochs",
    "epochs_no_archopt",
    "momentum",
    "weight_decay",
    "grad_clip",
    "arch_betas",
    "arch_weight_decay",
    "valid_freq",
)
SPACE = ("_method", "_steps", "_multiplier", "_primitives")
METERS = ("loss", "top1", "top5")


def gather_state(search):
    """Return the `Checkpoint` of a search between two steps."""
    tensors = name_tensors(search.model)
    arrays = {f"model/{name}": tensor.numpy() for name, tensor in tensors.items()}
    for owner, optimizer in optimizers_of(search):
        states = optimizer_state(optimizer, tensors)
        arrays.update({f"{owner}/{name}": tensor.numpy() for name, tensor in states.items()})
    trained = search.trained
    if trained is not None:
        arrays.update({f"mean/{meter}": np.asarray(getattr(trained, meter).sum) for meter in METERS})
    record = {
        "epoch": len(search.history),
        "step": 0 if trained is None else trained.step + 1,
        "samples": 0 if trained is None else trained.loss.cnt,
        "steps_per_epoch": search.steps_per_epoch,
        "epoch_rate": search.epoch_rate,
        "schedule": search.schedule.last_epoch,
        "seeds": search.seeds,
        "readers": mark_present(search),
        "history": [describe_epoch(report) for report in search.history],
        "callbacks": [(type(callback).__name__, callback.get_state()) for callback in search.callbacks],
        "skips_left": search.guard.skips_left,
        "settings": settings_of(search),
        "space": describe_space(search.model),
    }
    return Checkpoint(arrays, record)


def restore_state(search, checkpoint, warn):
    """Put a search that has just been started where `checkpoint` was made.

    Args:
        search: a `DARTSearch` whose optimizers have not stepped yet.
        checkpoint: a `Checkpoint`.
        warn: called with a sentence for whatever keeps the rest from being the same to the bit.

    Raises:
        ValueError: the checkpoint is of another search space or another model; the first difference is named.
    """
    arrays, record = checkpoint.arrays, checkpoint.record
    tensors = name_tensors(search.model)
    check_space(search.model, record["space"])
    check_tensors(tensors, under("model", arrays))
    compare_settings(search, record["settings"], warn)
    for owner, optimizer in optimizers_of(search):
        restore_optimizer(optimizer, tensors, under(owner, arrays))
    for name, tensor in tensors.items():
        tensor.set_value(arrays[f"model/{name}"])
    search.schedule.step(record["schedule"])
    search.seeds = Seeds(*record["seeds"])
    search.epoch_rate = record["epoch_rate"]
    search.history = [recall_epoch(fields) for fields in record["history"]]
    search.guard.skips_left = record["skips_left"]
    restore_callbacks(search.callbacks, record["callbacks"])
    search.marks = record["readers"]
    for loader in (search.train_loader, search.valid_loader):
        loader.longest = search.marks[loader.name]["longest"]
    if record["step"]:
        loss, top1, top5 = (recall_meter(arrays[f"mean/{meter}"], record["samples"]) for meter in METERS)
        step, steps, rate = record["step"] - 1, record["steps_per_epoch"], search.learning_rate_now
        search.trained = search.resumed = StepReport("Train", record["epoch"], step, steps, loss, top1, top5, rate)


def mark_present(search):
    """Return the marks of the readers in the training walk, which a validation walk does not move."""
    if search.trained is not None and search.last_step.phase == "Train":
        return mark_readers(search.train_loader, search.valid_loader)
    return search.marks


def restore_callbacks(callbacks, saved):
    """Give each callback the state of the first one of its class that is left."""
    saved = list(saved)
    for callback in callbacks:
        name = type(callback).__name__
        index = next((i for i, (saved_name, _) in enumerate(saved) if saved_name == name), None)
        if index is not None:
            state = saved.pop(index)[1]
            if state is not None:
                callback.set_state(state)


def name_tensors(supernet):
    """Return parameters, buffers and alphas of `supernet` by name, each once."""
    named = dict(supernet.named_parameters())
    named.update(supernet.named_buffers())
    registered = {id(tensor) for tensor in named.values()}
    for i, alpha in enumerate(supernet.arch_parameters()):
        if id(alpha) not in registered:
            named[f"arch_parameters()[{i}]"] = alpha
    return {name: tensor for name, tensor in named.items() if tensor is not None}


def optimizers_of(search):
    return ("weights", search.architect.weight_optimizer), ("alphas", search.architect.optimizer)


def optimizer_state(optimizer, tensors):
    """Return the tensors of an optimizer, named `<parameter>/<what>`, such as `stem.weight/velocity`.

    Paddle names them '<its own name of the parameter>_<what>_<number>', different in each process.
    """
    names = {tensor.name: name for name, tensor in tensors.items()}
    state = {}
    for key, value in optimizer.state_dict().items():
        if isinstance(value, paddle.Tensor):
            owner = max((name for name in names if key.startswith(name + "_")), key=len)
            state[f"{names[owner]}/{key[len(owner) + 1 :].rpartition('_')[0]}"] = value
    return state


def restore_optimizer(optimizer, tensors, arrays):
    """Give `optimizer` the state in `arrays`, named as by `optimizer_state`.

    An optimizer makes its state in its first step; so it takes one, whose effect on the parameters is to be
    overwritten by the caller.
    """
    moved = {name.rpartition("/")[0] for name in arrays}
    if not moved:
        return
    for name in moved:
        tensors[name].grad = paddle.zeros_like(tensors[name])
    optimizer.step()
    optimizer.clear_grad(set_to_zero=False)
    for name, tensor in optimizer_state(optimizer, tensors).items():
        tensor.set_value(arrays[name])


def check_tensors(tensors, saved):
    """Raise a ValueError that names the first tensor of the model that differs from the saved ones."""
    for name, tensor in tensors.items():
        if name not in saved:
            raise ValueError(f"the checkpoint is of another model: it holds no `{name}`")
        if list(saved[name].shape) != list(tensor.shape):
            raise ValueError(
                f"the checkpoint is of another model: `{name}` is of shape {list(saved[name].shape)} there and "
                f"{list(tensor.shape)} here"
            )
    for name in saved:
        if name not in tensors:
            raise ValueError(f"the checkpoint is of another model: `{name}` is in it and not in this model")


def describe_space(supernet):
    """Return what tells one search space from another, in what JSON can say."""
    space = {name: getattr(supernet, name, None) for name in SPACE}
    return {
        name: [str(v) for v in value] if isinstance(value, (list, tuple)) else value for name, value in space.items()
    }


def check_space(supernet, saved):
    """Raise a ValueError that names the first difference of the search space from the saved one."""
    for name, here in describe_space(supernet).items():
        there = saved.get(name)
        if isinstance(here, list) and isinstance(there, list):
            for i, (one, other) in enumerate(zip(there, here)):
                if one != other:
                    raise ValueError(
                        f"the checkpoint is of another search space: {name}[{i}] is {one!r} there and {other!r} here"
                    )
        if here != there:
            raise ValueError(f"the checkpoint is of another search space: {name} is {there!r} there and {here!r} here")


def settings_of(search):
    """Return all that decides how a search goes, beside model and data, in what JSON can say."""
    settings = {name: getattr(search, name) for name in SETTINGS}
    settings["arch_betas"] = list(search.arch_betas)
    return {**settings, "ranks": search.ranks.count, "paddle": paddle.__version__}


def compare_settings(search, saved, warn):
    """Warn of every setting of the search that is not what it was."""
    for name, value in settings_of(search).items():
        if saved.get(name) != value:
            warn(f"{name} was {saved.get(name)!r} and is {value!r} now; the search will not end as it would have")


def describe_epoch(report):
    genotype = report.genotype
    text = genotype.to_json() if isinstance(genotype, Genotype) else str(genotype)
    return {**dataclasses.asdict(report), "genotype": text, "of_cells": isinstance(genotype, Genotype)}


def recall_epoch(fields):
    fields = dict(fields)
    of_cells = fields.pop("of_cells")
    genotype = Genotype.from_json(fields["genotype"]) if of_cells else fields["genotype"]
    return EpochReport(**{**fields, "genotype": genotype})


def recall_meter(total, samples):
    meter = AvgrageMeter()
    if samples:
        meter.sum, meter.cnt = paddle.to_tensor(total), samples
        meter.avg = meter.sum / samples
    return meter


def under(owner, arrays):
    """Return the arrays whose names begin with `<owner>/`, without that."""
    return {name.partition("/")[2]: array for name, array in arrays.items() if name.startswith(owner + "/")}
