"""Making a function that works on memory a part of Paddle's automatic differentiation."""

from __future__ import annotations

from functools import cache
from operator import attrgetter

import paddle
from paddle.autograd import PyLayer

__all__ = ["Function", "differentiable"]


class Function:
    """What `differentiable` needs to know of a function."""

    def forward(self, inputs: list, wanted: list[bool]) -> tuple:
        """Return the outputs, and a buffer of what `backward` will need besides the inputs.

        `wanted` says of which inputs gradients will be wanted; if of none there will be no `backward`.
        """
        raise NotImplementedError

    def backward(self, inputs: list, saved, gradients: list, wanted: list[bool]) -> list:
        """Return the gradient of each input, or anything where it is not wanted.

        `saved` is None if nothing was kept, or if this graph is gone through again: then it has to be computed anew.
        """
        raise NotImplementedError

    def keep(self, inputs: list) -> list:
        """Return what `backward` will get as inputs: these, or copies of those that may change before."""
        return inputs

    def reads(self, inputs: list, saved, wanted: list[bool]):
        """Return the numbers of the inputs that `backward` will read; without `saved`, no fewer than with it."""
        return range(len(inputs))


def differentiable(function: Function, inputs: list[paddle.Tensor]) -> list[paddle.Tensor]:
    """Return the function's outputs as tensors that Paddle can differentiate.

    A gradient is computed for every input whose `stop_gradient` is False at the time of the call. Paddle demands
    None for an input that `paddle.grad` was not asked for, yet does not say which one that is; a layer of several
    inputs cannot know. So each input passes through a layer of its own, `GradientTap`, and the one layer that
    computes, `Apply`, has a single input that stands for all. Several outputs leave it in the same way, each through an
    `OutputTap`: under `paddle.grad` Paddle 2.6 crashes where a layer has an output that the loss does not use.
    """
    contiguous = as_contiguous(inputs)
    wanted = [not constant for constant in map(attrgetter("stop_gradient"), contiguous)]
    if not (any(wanted) and paddle.is_grad_enabled()):
        return function.forward(contiguous, [False] * len(wanted))[0]
    call = Call(function, wanted)
    tokens = [GradientTap.apply(t, call.slots, k) for k, t in enumerate(contiguous) if wanted[k]]
    together = tokens[0] if len(tokens) == 1 else paddle.add_n(tokens)
    call.inputs = list(map(paddle.Tensor.detach, contiguous))
    found = Apply.apply(together, call)
    if not call.several:
        return [found]
    outputs = [OutputTap.apply(found, call, k) for k in range(len(call.outputs))]
    call.outputs = []
    return outputs


def as_contiguous(tensors: list[paddle.Tensor]) -> list[paddle.Tensor]:
    """Return tensors whose numbers lie in memory in their order."""
    if all(map(paddle.Tensor.is_contiguous, tensors)):
        return tensors
    return [tensor if tensor.is_contiguous() else tensor.contiguous() for tensor in tensors]


class Call:
    """A call of a function, and what passes between its layers.

    Attributes:
        slots: gradients of inputs.
        gradients: gradients of outputs, where there are several, all of which the loss may not use.
        inputs: without their graph, until the outputs are computed; Paddle would look at each argument of a layer.
        outputs: several outputs, until they are returned.
    """

    def __init__(self, function: Function, wanted: list[bool]):
        self.function, self.wanted = function, wanted
        self.inputs: list[paddle.Tensor] = []
        self.slots: dict[int, paddle.Tensor] = {}
        self.several, self.saved, self.outputs = False, None, []  # type: ignore[var-annotated]
        self.shapes: list[tuple[list[int], paddle.dtype]] = []
        self.gradients: dict[int, paddle.Tensor] = {}

    def gradients_of_outputs(self) -> list[paddle.Tensor]:
        """Return the gradients of several outputs, zeros where there is none."""
        given, self.gradients = self.gradients, {}
        return [given[k] if k in given else paddle.zeros(*shape) for k, shape in enumerate(self.shapes)]


@cache
def zero() -> paddle.Tensor:
    with paddle.no_grad():
        return paddle.zeros([1], "float32")


def token() -> paddle.Tensor:
    """Return a tensor that stands for others between layers, or for its gradient: of one type, whatever theirs are."""
    return zero().detach()


class GradientTap(PyLayer):
    """Between an input and the function; on the way back it takes the input's gradient from its slot."""

    @staticmethod
    def forward(ctx, tensor, slots, number):
        ctx.slots, ctx.number = slots, number
        return token()

    @staticmethod
    def backward(ctx, _):
        return ctx.slots.pop(ctx.number)


class Apply(PyLayer):
    """Computes the function, and on the way back all gradients, which it leaves in the slots."""

    @staticmethod
    def forward(ctx, token, call):
        inputs, call.inputs = call.inputs, []
        outputs, call.saved = call.function.forward(inputs, call.wanted)
        inputs = call.function.keep(inputs)
        ctx.save_for_backward(*inputs)
        ctx.call, ctx.read = call, list(call.function.reads(inputs, None, call.wanted))
        ctx.versions = versions_of(inputs[k] for k in ctx.read)
        if len(outputs) == 1:
            return outputs[0]
        call.several, call.outputs = True, list(outputs)
        call.shapes = [(output.shape, output.dtype) for output in outputs]
        return paddle.empty([1], "float32")  # not a view of the token, which Paddle would take to be changed in place

    @staticmethod
    def backward(ctx, gradient):
        call = ctx.call
        saved, call.saved = call.saved, None
        gradients = call.gradients_of_outputs() if call.several else [gradient]
        gradients = [g if g.is_contiguous() else g.contiguous() for g in gradients]
        inputs = list(ctx.saved_tensor())
        if versions_of(inputs[k] for k in ctx.read) != ctx.versions:
            versions = dict(zip(ctx.read, ctx.versions))
            check_unchanged(inputs, versions, call.function.reads(inputs, saved, call.wanted))
        found = call.function.backward(inputs, saved, gradients, call.wanted)
        call.slots.update({k: g for k, g in enumerate(found) if call.wanted[k]})
        return token()


def versions_of(tensors):
    """Return how often each tensor, or another one on the same memory, was changed in place."""
    return list(map(paddle.Tensor.inplace_version.__get__, tensors))


def check_unchanged(inputs, versions, read) -> None:
    """Raise a RuntimeError, as Paddle's operators do, where what the gradient depends on is not what it was.

    Args:
        inputs: tensors as they are now.
        versions: how often each had been changed when the outputs were computed.
        read: numbers of the inputs that the gradient depends on.
    """
    for k in read:
        if inputs[k].inplace_version != versions[k]:
            raise RuntimeError(
                f"a tensor of shape {inputs[k].shape} was changed in place after outputs were computed from it, and "
                "their gradient needs it as it was; change a copy, x.clone(), or change it after backward()"
            )


class OutputTap(PyLayer):
    """Between the function and one of several outputs; on the way back it keeps the output's gradient for `Apply`."""

    @staticmethod
    def forward(ctx, token, call, number):
        ctx.call, ctx.number = call, number
        return call.outputs[number]

    @staticmethod
    def backward(ctx, gradient):
        ctx.call.gradients[ctx.number] = gradient
        return token()
