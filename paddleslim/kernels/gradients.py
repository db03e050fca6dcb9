"""Making a function that works on memory a part of Paddle's automatic differentiation."""

from __future__ import annotations

import paddle
from paddle.autograd import PyLayer

__all__ = ["Function", "differentiable"]


class Function:
    """What `differentiable` needs to know of a function."""

    def forward(self, inputs: list) -> tuple[paddle.Tensor, list]:
        """Return the output and the tensors that `backward` will need besides the inputs."""
        raise NotImplementedError

    def backward(self, inputs: list, saved: list, gradient: paddle.Tensor, wanted: list[bool]) -> list:
        """Return the gradient of each input, or None where it is not wanted."""
        raise NotImplementedError


def differentiable(function: Function, inputs: list[paddle.Tensor]) -> paddle.Tensor:
    """Return the function's output as a tensor that Paddle can differentiate.

    A gradient is computed for every input whose `stop_gradient` is False at the time of the call. Paddle demands
    None for an input that `paddle.grad` was not asked for, yet does not say which one that is; a layer of several
    inputs cannot know. So each input passes through a layer of its own, `Deliver`, and the one layer that
    computes, `Compute`, has a single input that stands for all.
    """
    contiguous = [tensor if tensor.is_contiguous() else tensor.contiguous() for tensor in inputs]
    wanted = [not tensor.stop_gradient for tensor in contiguous]
    if not (any(wanted) and paddle.is_grad_enabled()):
        return function.forward(contiguous)[0]
    parcels: dict[int, paddle.Tensor] = {}
    tokens = [Deliver.apply(t, parcels, k) for k, t in enumerate(contiguous) if wanted[k]]
    token = tokens[0] if len(tokens) == 1 else paddle.add_n(tokens)
    return Compute.apply(token, function, [tensor.detach() for tensor in contiguous], wanted, parcels)


class Deliver(PyLayer):
    """Stands between an input and the function; on the way back it hands out the input's gradient."""

    @staticmethod
    def forward(ctx, tensor, parcels, number):
        ctx.parcels, ctx.number = parcels, number
        return paddle.empty([1], tensor.dtype)

    @staticmethod
    def backward(ctx, _):
        return ctx.parcels.pop(ctx.number)


class Compute(PyLayer):
    """Computes the function, and on the way back all gradients, which it leaves for `Deliver`."""

    @staticmethod
    def forward(ctx, token, function, inputs, wanted, parcels):
        output, saved = function.forward(inputs)
        ctx.save_for_backward(*inputs, *saved)
        ctx.function, ctx.wanted, ctx.parcels = function, wanted, parcels
        return output

    @staticmethod
    def backward(ctx, gradient):
        tensors, count = ctx.saved_tensor(), len(ctx.wanted)
        if not gradient.is_contiguous():
            gradient = gradient.contiguous()
        found = ctx.function.backward(list(tensors[:count]), list(tensors[count:]), gradient, ctx.wanted)
        ctx.parcels.update({k: g for k, g in enumerate(found) if ctx.wanted[k]})
        return paddle.zeros([1], gradient.dtype)
