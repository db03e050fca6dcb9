"""What a reader may yield: inputs and a label, in one documented layout.

The rule. A batch is `(input, label)`, `(input 1, input 2, ..., label)`, `((input 1, input 2), label)`, or a dictionary
with a key `label`, `labels` or `target`. Several inputs are a tuple, or a list of tensors as a `DataLoader` makes them;
a list of arrays is one array. A supernet is called with the inputs in their order, or by their names where they are a
dictionary of two or more. What is laid out otherwise needs a function `unpack` of the batch, which returns
`(inputs, label)`.
"""

from __future__ import annotations

import inspect
from collections.abc import Mapping

import numpy as np
import paddle

from .sendable import ArrayList

__all__ = [
    "call_with",
    "check_inputs",
    "check_loss_inputs",
    "count_classes",
    "count_samples",
    "list_tensors",
    "try_forward",
    "unpack_batch",
]

LABELS = ("label", "labels", "target")


def unpack_batch(batch, what, unpack=None):
    """Return what a reader yielded as `(inputs, label)`.

    Args:
        batch: anything.
        what: the reader and the batch, for messages.
        unpack: a function of the batch that returns `(inputs, label)`; the rule of this module if None.

    Raises:
        ValueError: the batch does not follow the rule.
    """
    if unpack is not None:
        try:
            found = unpack(batch)
        except Exception as error:
            raise ValueError(f"{what}: unpack failed with {type(error).__name__}: {error}") from error
        if not isinstance(found, (tuple, list)) or len(found) != 2:
            raise ValueError(f"{what}: unpack should return (inputs, label), got {describe(found)}")
        return join_lists(found[0]), join_lists(found[1])
    if isinstance(batch, Mapping):
        keys = [key for key in LABELS if key in batch]
        if len(keys) != 1 or len(batch) < 2:
            raise ValueError(
                f"{what}: a dictionary should hold inputs and one of {', '.join(LABELS)}, it holds "
                f"{', '.join(map(str, batch)) or 'nothing'}; give unpack=, a function that returns (inputs, label)"
            )
        odd = [key for key in batch if not isinstance(key, str)]
        if odd and len(batch) > 2:
            raise ValueError(
                f"{what}: several inputs of a dictionary go to the supernet by their names, which are texts; one is "
                f"{odd[0]!r}"
            )
        named = {key: value for key, value in batch.items() if key != keys[0]}
        return join_lists(named if len(named) > 1 else next(iter(named.values()))), join_lists(batch[keys[0]])
    if not isinstance(batch, (tuple, list)) or len(batch) < 2:
        raise ValueError(f"{what}: expected (image, label), got {describe(batch)}")
    *inputs, label = batch
    return join_lists(inputs[0] if len(inputs) == 1 else tuple(inputs)), join_lists(label)


def describe(batch):
    if isinstance(batch, (np.ndarray, paddle.Tensor)):
        return "one array"
    return f"{len(batch)} arrays" if isinstance(batch, (tuple, list)) else type(batch).__name__


def join_lists(parts):
    """Return parts with lists of tensors, which are several, as tuples, and mappings of any kind as dictionaries."""
    if isinstance(parts, Mapping):
        return {name: join_lists(part) for name, part in parts.items()}
    several = isinstance(parts, list) and not isinstance(parts, ArrayList) and holds_tensor(parts)
    return tuple(map(join_lists, parts)) if several or isinstance(parts, tuple) else parts


def holds_tensor(parts):
    return any(isinstance(part, paddle.Tensor) for part in list_tensors(parts))


def list_tensors(structure):
    """Return the tensors of a tuple, list or dictionary, nested or not, in order; of a tensor, itself."""
    if isinstance(structure, (dict, tuple, list)):
        parts = structure.values() if isinstance(structure, dict) else structure
        return [tensor for part in parts for tensor in list_tensors(part)]
    return [structure]


def count_samples(inputs, label):
    """Return how many samples a checked batch holds: the first extent of its first input."""
    return list_tensors((inputs, label))[0].shape[0]


def call_with(function, inputs, *further):
    """Return `function` of the inputs, in their order or by their names, and of what comes behind them."""
    if isinstance(inputs, dict):
        return function(**inputs, **dict(zip(("label",), further)))
    return function(*inputs, *further) if isinstance(inputs, tuple) else function(inputs, *further)


def check_inputs(model, inputs):
    """Raise a TypeError unless the forward of a model takes as many inputs, or those names."""
    try:
        call_with(inspect.signature(model.forward).bind, inputs)
    except TypeError as error:
        given = f"inputs {', '.join(inputs)}" if isinstance(inputs, dict) else f"{len(list_tensors(inputs))} inputs"
        raise TypeError(
            f"the readers yield {given} and a label, but {type(model).__name__}.forward does not take them ({error}); "
            "give unpack=, a function that returns (inputs, label)"
        ) from None
    except ValueError:  # a signature that Python does not know
        return


def check_loss_inputs(model, inputs, label):
    """Raise a TypeError unless the `_loss` of a supernet takes these inputs and a label."""
    try:
        call_with(inspect.signature(model._loss).bind, inputs, label)
    except TypeError as error:
        names = ", ".join(f"{name}=" for name in inputs) if isinstance(inputs, dict) else ""
        wanted = f"by name, _loss({names}, label=)" if names else f"{len(list_tensors(inputs))} inputs and the label"
        raise TypeError(f"{type(model).__name__}._loss does not take {wanted} ({error})") from None
    except ValueError:  # a signature that Python does not know
        return


def try_forward(model, inputs):
    """Return what a model makes of the first inputs of a run.

    Raises:
        TypeError: it fails on whole numbers, which for Paddle's operators are indices.
    """
    try:
        return call_with(model, inputs)
    except Exception as error:
        whole = [list(x.shape) for x in list_tensors(inputs) if str(x.dtype).endswith("int64")]
        if not whole or "int64" not in str(error):
            raise
        raise TypeError(
            f"{type(model).__name__}.forward fails on whole numbers, int64 of shape {whole[0]}, which are indices, "
            "such as those of words; if these are measured, yield floats, x.astype('float32')"
        ) from error


def count_classes(model, outputs):
    """Return how many classes logits `[N, classes]` are of.

    Raises:
        TypeError: the forward of the model returns no such tensor, which takes a criterion of the user's own.
    """
    if not isinstance(outputs, paddle.Tensor) or not outputs.shape:
        found = f"a tensor of shape {list(outputs.shape)}" if isinstance(outputs, paddle.Tensor) else describe(outputs)
        raise TypeError(
            f"{type(model).__name__}.forward returns {found}, of which the cross entropy cannot be taken; "
            "return logits [N, classes], or give criterion=, a function of (outputs, label)"
        )
    return outputs.shape[-1]
