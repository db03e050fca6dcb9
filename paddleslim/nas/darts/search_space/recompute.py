"""Computing a layer again in the backward pass instead of keeping its activations."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any, Callable

import paddle
from paddle import nn

from paddleslim.kernels.autograd import Function, differentiable

from ..state.parameters import places_of_statistics
from ..state.random_states import read_random_states, write_random_states

__all__ = ["recompute_cells", "recomputed"]

Places = list[tuple[dict[str, Any], str, "paddle.Tensor"]]


def recompute_cells(supernet: nn.Layer) -> None:
    """Let the backward pass of a supernet compute every cell again, whether it was made with `recompute=True` or not.

    Raises:
        ValueError: it has no layer with an attribute `recompute`, as the cells here have.
    """
    cells = [layer for layer in supernet.sublayers() if isinstance(getattr(layer, "recompute", None), bool)]
    if not cells:
        raise ValueError(
            f"{type(supernet).__name__} has no cells that can be computed again; build them of layers with an "
            "attribute `recompute`, or do without recomputation"
        )
    for cell in cells:
        cell.recompute = True


def recomputed(layer: nn.Layer, function: Callable[..., paddle.Tensor], *inputs: paddle.Tensor) -> paddle.Tensor:
    """Return `function(*inputs)`, of whose activations nothing is kept; the backward pass computes them again.

    The second time draws the same random numbers, in the same mode of training or evaluation, and begins with copies of
    the running statistics of `layer` as they were the first time; those of `layer` itself move once in all. So a
    `function` that reads what it moves, such as a layer with spectral normalisation, gives the same again. Paddle's own
    recompute leaves the gradients of parameters in their `.grad`, even inside
    `paddle.grad`, whose result then lacks them; here they are returned to it as any other gradient.

    Args:
        layer: holds every parameter that `function` reads.
        function: from tensors to one tensor.
        inputs: its tensors.
    """
    places = [
        (part._parameters, name, parameter)
        for part in layer.sublayers(include_self=True)
        for name, parameter in part._parameters.items()
        if parameter is not None and not parameter.stop_gradient
    ]
    tensors = [*inputs, *(p for _, _, p in places)]
    return differentiable(Recomputed(layer, function, len(inputs), places), tensors)[0]


class Recomputed(Function):
    """A part of a supernet as `differentiable` takes it: the inputs of `function`, then the parameters of `layer`.

    Args:
        layer, function: as of `recomputed`.
        count: how many inputs `function` has.
        places: where the parameters are, as (dictionary, name in it, parameter).
    """

    def __init__(self, layer: nn.Layer, function: Callable[..., paddle.Tensor], count: int, places: Places) -> None:
        self.layer, self.function, self.count, self.places = layer, function, count, places

    def forward(self, inputs: Sequence[paddle.Tensor], wanted: Sequence[bool]) -> tuple[list[paddle.Tensor], None]:
        self.random, self.autocast = read_random_states(), read_autocast()
        self.statistics = copy_statistics(self.layer) if any(wanted) else None
        self.modes = [(part, part.training) for part in self.layer.sublayers(include_self=True)]
        with paddle.no_grad():
            return [self.function(*inputs[: self.count])], None

    def backward(
        self, inputs: Sequence[paddle.Tensor], saved: Any, gradients: Sequence[paddle.Tensor], wanted: Sequence[bool]
    ) -> list[paddle.Tensor]:
        # Leaves of a graph of its own: inside `paddle.grad` another `paddle.grad` is not possible, but `backward` is.
        leaves = [tensor.detach() for tensor in inputs]
        for leaf, needed in zip(leaves, wanted):
            leaf.stop_gradient = not needed
        # a second pass through this graph begins with the statistics of its time
        statistics, self.statistics = self.statistics or copy_statistics(self.layer), None
        outside = read_random_states()
        write_random_states(self.random)
        try:
            with replaced(self.places, leaves[self.count :]), replaced(*statistics), in_modes(self.modes):
                with paddle.enable_grad(), paddle.amp.auto_cast(**self.autocast):
                    output = self.function(*leaves[: self.count])
                with gradients_apart([parameter for _, _, parameter in self.places]) as apart:
                    paddle.autograd.backward([output], gradients)
        finally:
            write_random_states(outside)
        found = [leaf.grad for leaf in leaves]
        for i, gradient in enumerate(apart, self.count):
            if gradient is not None:
                found[i] = gradient if found[i] is None else found[i] + gradient
        return [paddle.zeros_like(leaf) if grad is None else grad for leaf, grad in zip(leaves, found)]


def read_autocast() -> dict[str, Any]:
    """Return the arguments of `paddle.amp.auto_cast` that hold at present."""
    tracer = paddle.base.framework._dygraph_tracer()
    levels = paddle.base.core.AmpLevel
    if tracer._amp_level == levels.O0:
        return {"enable": False}
    allowed, forbidden = tracer._get_amp_op_list()
    level = "O2" if tracer._amp_level == levels.O2 else "O1"
    return {
        "custom_white_list": allowed,
        "custom_black_list": forbidden,
        "level": level,
        "dtype": tracer._amp_dtype,
    }


@contextlib.contextmanager
def gradients_apart(parameters: Sequence[paddle.Tensor]) -> Iterator[list[paddle.Tensor | None]]:
    """Yield a list that is given what is added to each parameter's `.grad` inside; afterwards that is as before.

    Layers such as Paddle's LSTM read their parameters from a list of their own, where `replaced` does not reach.
    """
    before = [take_gradient(parameter) for parameter in parameters]
    added: list[paddle.Tensor | None] = []
    try:
        yield added
    finally:
        for parameter, gradient in zip(parameters, before):
            added.append(take_gradient(parameter))
            if gradient is not None:
                parameter.grad = gradient


def take_gradient(parameter: paddle.Tensor) -> paddle.Tensor | None:
    """Return the `.grad` of a parameter, which then has none; None where it has none, or a sparse one."""
    gradient = parameter.grad
    if gradient is None or not gradient._is_initialized() or gradient.is_selected_rows():
        return None
    gradient = gradient.clone()  # what is cleared loses its memory
    parameter.clear_gradient(False)
    return gradient


@contextlib.contextmanager
def replaced(places: Places, tensors: Sequence[paddle.Tensor]) -> Iterator[None]:
    """Put tensors in the place of parameters or buffers, for a while."""
    before = [holder[name] for holder, name, _ in places]
    for (holder, name, _), tensor in zip(places, tensors):
        holder[name] = tensor
    try:
        yield
    finally:
        for (holder, name, _), tensor in zip(places, before):
            holder[name] = tensor


def copy_statistics(layer: nn.Layer) -> tuple[Places, list[paddle.Tensor]]:
    """Return where a layer has its buffers and untrained parameters, and a copy of each, as `replaced` takes them."""
    # in their place rather than back into them: what has been changed in place cannot be differentiated
    places = [place for place in places_of_statistics(layer) if place[2].stop_gradient]
    return places, [tensor.clone() for _, _, tensor in places]


@contextlib.contextmanager
def in_modes(modes: Sequence[tuple[nn.Layer, bool]]) -> Iterator[None]:
    """Let layers train or evaluate as is said for each, for a while."""
    before = [part.training for part, _ in modes]
    for part, training in modes:
        part.training = training
    try:
        yield
    finally:
        for (part, _), training in zip(modes, before):
            part.training = training
