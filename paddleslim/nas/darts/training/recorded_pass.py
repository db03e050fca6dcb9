"""A forward pass of a layer as it was recorded, and what distinguishes one call from another."""

from __future__ import annotations

import sys

import numpy as np
import paddle

from ..data.batch import list_tensors
from ..state.random_states import read_random_states

__all__ = ["RecordedPass", "describe_call", "shorten", "substitute", "tensors_of"]

LEAST_OPERATORS, LEAST_IN_ONE = 20, 10  # that the compiler runs, in all and in one program on average
BATCHES = 2, 3  # images in the two recorded passes
PLAIN = (bool, int, float, str, type(None), np.generic)


class RecordedPass:
    """A forward pass for inputs of some sizes, as a plan.

    Args:
        layer: the layer.
        function: its method.
        args, kwargs: what it is called with.
        key: what distinguishes this call from others.

    Attributes:
        checked: batch sizes of which a result was compared with the layer's own.
        differentiated: whether gradients were.

    Raises:
        NotCapturable: it cannot be recorded, or the compiler knows too little of it; everything is as it was.
    """

    def __init__(self, layer, function, args, kwargs, key):
        from ....kernels.capture.guard import Guard
        from ....kernels.capture.plan import make_plan
        from ....kernels.capture.recording import Recorder
        from ....kernels.capture.tape import NotCapturable, merge

        self.layer, self.function, self.key = layer, function, key
        self.checked: set[int] = set()
        self.differentiated = False
        hooked = [part for part in layer.sublayers() if part._forward_pre_hooks or part._forward_post_hooks]
        if hooked:
            raise NotCapturable(f"its layer {type(hooked[0]).__name__} has hooks")
        before = Guard(layer)
        tapes: list = []
        self.guard = before
        try:
            for batch in BATCHES:
                if tapes:  # the first pass may have completed the layer; the second one has to change nothing
                    self.guard = Guard(layer)
                few = shorten(args, kwargs, batch)
                random = read_random_states()[1:]
                tapes.append(Recorder(self.guard.tensors, tensors_of(few)).run(function, layer, *few[0], **few[1]))
                if not same_states(random, read_random_states()[1:]):
                    raise NotCapturable("it draws from the generator of numpy or Python")
            broken = self.guard.broken()
            if broken is not None:
                raise NotCapturable(f"it changes {broken}")
            tape = merge(tapes[0], tapes[1], BATCHES)
        except BaseException:
            before.restore()
            raise
        self.plan = make_plan(tape)
        calls = len(self.plan.tape.calls)
        if self.plan.compiled < max(LEAST_OPERATORS, LEAST_IN_ONE * len(self.plan.segments)):
            raise NotCapturable(f"the compiler knows {self.plan.compiled} of its {calls} operators", in_part=False)

    def run(self, args, kwargs):
        """Return what the layer returns."""
        from ....kernels.capture.running import run_plan

        inputs = tensors_of((args, kwargs))
        result = run_plan(self.plan, inputs)
        fluid = sys.modules.get("paddleslim.fluid._variable")
        if fluid is not None and type(inputs[0]) is fluid.Variable:
            return substitute(result, fluid.as_variable)
        return result

    def values(self, result):
        """Return a result, and all that a pass may move, as arrays."""
        tensors = [*tensors_of(result), *(tensor for tensor in self.guard.tensors if tensor.stop_gradient)]
        return [np.array(paddle.Tensor.numpy(tensor)) for tensor in tensors]

    def describe(self):
        """Return which operators are compiled and which are not."""
        plan = self.plan
        rest = sorted({call.name for call in plan.calls})
        programs = f"{len(plan.segments)} program" + "s" * (len(plan.segments) > 1)
        return f"{plan.compiled} operators as {programs}; Paddle computes {', '.join(rest) or 'none'}"


def tensors_of(structure):
    """Return the tensors in lists, tuples and dictionaries, in order."""
    return [part for part in list_tensors(structure) if isinstance(part, paddle.Tensor)]


def describe_call(name, args, kwargs):
    """Return what distinguishes a call from those that need another recording: all but the batch size and values.

    None if an argument is neither a tensor nor a plain value, or there are no tensors.
    """
    tensors = tensors_of((args, kwargs))
    if not tensors or tensors[0].ndim == 0:
        return None
    batch = tensors[0].shape[0]

    def describe(part):
        if isinstance(part, paddle.Tensor):
            whole = part.ndim == 0 or part.shape[0] != batch
            return "tensor", str(part.dtype), part.ndim, tuple(part.shape if whole else part.shape[1:]), whole
        if type(part) in (list, tuple):
            return (type(part).__name__, *map(describe, part))
        if type(part) is dict:
            return ("dict", *((key, describe(value)) for key, value in part.items()))
        if isinstance(part, PLAIN):
            return type(part).__name__, part
        raise LookupError

    try:
        return name, describe(args), describe(kwargs)
    except LookupError:
        return None


def same_states(before, after):
    """Return whether the random states of numpy and Python are the same."""
    return before[1] == after[1] and all(np.array_equal(a, b) for a, b in zip(before[0], after[0]))


def shorten(args, kwargs, batch):
    """Return arguments of so many of the samples, some more than once if there are fewer."""
    present = tensors_of((args, kwargs))[0].shape[0]
    numbers = [k % present for k in range(batch)]

    def few(tensor):
        if tensor.ndim == 0 or tensor.shape[0] != present:
            return tensor
        with paddle.no_grad():
            found = paddle.index_select(tensor, paddle.to_tensor(numbers), 0)
        found.stop_gradient = tensor.stop_gradient
        return found

    return substitute((args, kwargs), few)


def substitute(structure, change):
    """Return lists, tuples and dictionaries with `change(tensor)` for each tensor."""
    if isinstance(structure, (list, tuple)):
        return type(structure)([substitute(part, change) for part in structure])
    if isinstance(structure, dict):
        return {name: substitute(part, change) for name, part in structure.items()}
    return change(structure) if isinstance(structure, paddle.Tensor) else structure
