"""The parameters of a layer: their names, where its statistics are, and how they are held constant."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    import paddle
    from paddle import nn

__all__ = ["count_parameters_in_MB", "frozen", "has_memory", "move", "name_parameter", "places_of_statistics"]


def name_parameter(supernet: nn.Layer, parameter: paddle.Tensor) -> str:
    """Return the name of `parameter` in the state dict of `supernet`, or its own where it is not registered."""
    for name, candidate in supernet.named_parameters():
        if candidate is parameter:
            return name
    return parameter.name


def places_of_statistics(layer: nn.Layer) -> list[tuple[dict[str, Any], str, paddle.Tensor]]:
    """Return where a layer and its sublayers hold what a pass may move, as (dictionary, name in it, tensor).

    These are the buffers and the parameters that are not trained, as which Paddle keeps the statistics of batch norm.
    """
    return [
        (holder, name, tensor)
        for part in layer.sublayers(include_self=True)
        for holder in (part._parameters, part._buffers)
        for name, tensor in holder.items()
        if tensor is not None and has_memory(tensor) and (holder is part._buffers or tensor.stop_gradient)
    ]


@contextlib.contextmanager
def frozen(parameters: Iterable[paddle.Tensor]) -> Iterator[None]:
    """Hold the parameters constant: a backward pass gives them no gradient, and spends no time on it."""
    before = [parameter.stop_gradient for parameter in parameters]
    for parameter in parameters:
        parameter.stop_gradient = True
    try:
        yield
    finally:
        for parameter, was_frozen in zip(parameters, before):
            parameter.stop_gradient = was_frozen


def has_memory(tensor: paddle.Tensor) -> bool:
    """Return whether a tensor holds numbers; the dropout state that recurrent layers register has none at first."""
    return tensor._is_initialized()


def move(layer: nn.Layer, device: str) -> None:
    """Move a layer to `device`, those buffers aside that hold no numbers yet, which `Layer.to` fails on."""
    empty = [
        (part, name, tensor)
        for part in layer.sublayers(include_self=True)
        for name, tensor in part._buffers.items()
        if tensor is not None and not has_memory(tensor)
    ]
    for part, name, _ in empty:
        part._buffers[name] = None
    try:
        layer.to(device)
    finally:
        for part, name, tensor in empty:
            part._buffers[name] = tensor


def count_parameters_in_MB(all_params: Iterable[paddle.Tensor]) -> float:
    """Return how many numbers the trainable parameters hold, in millions; an 'aux' in the name leaves one out."""
    return float(sum(np.prod(p.shape) for p in all_params if p.trainable and "aux" not in p.name)) / 1e6
