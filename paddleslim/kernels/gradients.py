"""Making a function that works on memory a part of Paddle's automatic differentiation."""

from __future__ import annotations

import paddle
from paddle.autograd import PyLayer

__all__ = ["Function", "differentiable"]


class Function:
    """What `differentiable` needs to know of a function."""

    def forward(self, inputs: list) -> tuple:
        """Return the output, and a buffer of what `backward` will need besides the inputs."""
        raise NotImplementedError

    def keep(self, saved):
        """Return what to keep of that buffer until `backward`."""
        return saved

    def release(self, saved) -> None:
        """Take back a buffer that no `backward` will need."""

    def backward(self, inputs: list, saved, gradient: paddle.Tensor, wanted: list[bool]) -> list:
        """Return the gradient of each input, or anything where it is not wanted.

        `saved` is None if nothing was kept, or if this graph is gone through again: then it has to be computed anew.
        """
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
        output, saved = function.forward(contiguous)
        function.release(saved)
        return output
    parcels: dict[int, paddle.Tensor] = {}
    tokens = [Deliver.apply(t, parcels, k) for k, t in enumerate(contiguous) if wanted[k]]
    token = tokens[0] if len(tokens) == 1 else paddle.add_n(tokens)
    return Compute.apply(token, function, [tensor.detach() for tensor in contiguous], wanted, parcels)


class Deliver(PyLayer):
    """Stands between an input and the function; on the way back it hands out the input's gradient."""

    @staticmethod
    def forward(ctx, tensor, parcels, number):
        ctx.parcels, ctx.number = parcels, number
        return paddle.empty([1], "float32")  # of one type, whatever the inputs are of

    @staticmethod
    def backward(ctx, _):
        return ctx.parcels.pop(ctx.number)


class Compute(PyLayer):
    """Computes the function, and on the way back all gradients, which it leaves for `Deliver`."""

    @staticmethod
    def forward(ctx, token, function, inputs, wanted, parcels):
        output, saved = function.forward(inputs)
        ctx.save_for_backward(*inputs)
        ctx.function, ctx.wanted, ctx.parcels, ctx.saved = function, wanted, parcels, function.keep(saved)
        return output

    @staticmethod
    def backward(ctx, gradient):
        saved, ctx.saved = ctx.saved, None
        if not gradient.is_contiguous():
            gradient = gradient.contiguous()
        found = ctx.function.backward(list(ctx.saved_tensor()), saved, gradient, ctx.wanted)
        ctx.parcels.update({k: g for k, g in enumerate(found) if ctx.wanted[k]})
        return paddle.zeros([1], "float32")
