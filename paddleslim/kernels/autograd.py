"""Making a function that works on memory a part of Paddle's automatic differentiation."""

from __future__ import annotations

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


def differentiable(function: Function, inputs: list[paddle.Tensor]) -> list[paddle.Tensor]:
    """Return the function's outputs as tensors that Paddle can differentiate.

    A gradient is computed for every input whose `stop_gradient` is False at the time of the call. Paddle demands
    None for an input that `paddle.grad` was not asked for, yet does not say which one that is; a layer of several
    inputs cannot know. So each input passes through a layer of its own, `GradientTap`, and the one layer that
    computes, `Apply`, has a single input that stands for all.
    """
    contiguous = [tensor if tensor.is_contiguous() else tensor.contiguous() for tensor in inputs]
    wanted = [not tensor.stop_gradient for tensor in contiguous]
    if not (any(wanted) and paddle.is_grad_enabled()):
        return function.forward(contiguous, [False] * len(wanted))[0]
    slots: dict[int, paddle.Tensor] = {}
    tokens = [GradientTap.apply(t, slots, k) for k, t in enumerate(contiguous) if wanted[k]]
    token = tokens[0] if len(tokens) == 1 else paddle.add_n(tokens)
    found = Apply.apply(token, function, [tensor.detach() for tensor in contiguous], wanted, slots)
    return list(found) if isinstance(found, (list, tuple)) else [found]


class GradientTap(PyLayer):
    """Between an input and the function; on the way back it takes the input's gradient from its slot."""

    @staticmethod
    def forward(ctx, tensor, slots, number):
        ctx.slots, ctx.number = slots, number
        return paddle.empty([1], "float32")  # of one type, whatever the inputs are of

    @staticmethod
    def backward(ctx, _):
        return ctx.slots.pop(ctx.number)


class Apply(PyLayer):
    """Computes the function, and on the way back all gradients, which it leaves in the slots."""

    @staticmethod
    def forward(ctx, token, function, inputs, wanted, slots):
        outputs, saved = function.forward(inputs, wanted)
        ctx.save_for_backward(*inputs)
        ctx.function, ctx.wanted, ctx.slots, ctx.saved = function, wanted, slots, saved
        return outputs[0] if len(outputs) == 1 else tuple(outputs)

    @staticmethod
    def backward(ctx, *of_outputs):
        saved, ctx.saved = ctx.saved, None
        gradients = [g if g.is_contiguous() else g.contiguous() for g in of_outputs]
        found = ctx.function.backward(list(ctx.saved_tensor()), saved, gradients, ctx.wanted)
        ctx.slots.update({k: g for k, g in enumerate(found) if ctx.wanted[k]})
        return paddle.zeros([1], "float32")
