"""Running a plan on other tensors of the same sizes, the batch aside."""

from __future__ import annotations

import contextlib

import paddle

from ..autograd import differentiable
from ..choice import usable
from ..graph.function import GraphFunction
from .plan import Plan, Segment
from .tape import Call, Linear, Ref, replace
from .translation import Number

__all__ = ["run_plan", "second_derivatives"]

watching: list[list[bool]] = []


@contextlib.contextmanager
def second_derivatives():
    """Yield a list that gets an entry when a gradient is to be differentiated again, whose values are wrong then."""
    found: list[bool] = []
    watching.append(found)
    try:
        yield found
    finally:
        watching.pop()


def run_plan(plan: Plan, inputs: list):
    """Return what the recorded forward pass returns for these inputs, tensors as plain ones of today's API.

    Args:
        plan: of the pass.
        inputs: tensors of the recorded sizes, of any batch.

    Raises:
        TypeError: the kernels cannot work on tensors of these types.
    """
    return Run(plan, inputs).result()


class Run:
    """One pass: the tensors that are there so far, by the number of their value."""

    def __init__(self, plan: Plan, inputs: list):
        self.plan, self.values = plan, plan.tape.values
        self.batch = inputs[0].shape[0]
        self.tensors = dict(enumerate(inputs))
        self.called: set[int] = set()  # numbers of the calls that Paddle has computed
        for step in plan.steps:
            if isinstance(step, Segment):
                self.run_segment(step)
            else:
                self.run_call(step)

    def result(self):
        """Return what was recorded as the result."""
        return replace(self.plan.tape.outputs, self.present)

    def present(self, part):
        """Return a part of an argument as it is in this pass."""
        if isinstance(part, Ref):
            return self.tensor(part.value)
        return part.at(self.batch) if isinstance(part, Linear) else part

    def tensor(self, value):
        """Return the tensor of a value, or a constant."""
        leaf = None if isinstance(value, Number) else self.values[value].leaf
        return self.tensors[value] if leaf is None else leaf

    def run_call(self, call: Call) -> None:
        """Let Paddle compute an operator."""
        result = call.function(*replace(call.args, self.present), **replace(call.kwargs, self.present))
        results = [result] if isinstance(result, paddle.Tensor) else result
        self.tensors.update(zip(call.results, results))
        self.called.add(call.number)

    def run_segment(self, segment: Segment) -> None:
        """Let the compiler compute a graph."""
        first = next(tensor for tensor in segment.tensors if not isinstance(tensor, Number))
        dtype = self.tensor(first).dtype
        tensors = [constant(t.number, dtype) if isinstance(t, Number) else self.tensor(t) for t in segment.tensors]
        if not usable(*tensors):
            raise TypeError("its tensors are not all of one type, float32 or float64, on the CPU")
        if segment.idle:
            tensors = [x.detach() if t in segment.idle else x for t, x in zip(segment.tensors, tensors)]
        shared = [k for k, value in enumerate(segment.tensors) if self.is_reachable(value)]
        function = CapturedFunction(segment.graph, segment.training, shared)
        for value, found in zip(segment.outputs, differentiable(function, tensors)):
            shape = self.values[value].shape
            self.tensors[value] = found if len(shape) == 4 else found.reshape([self.batch, *shape[1:]])

    def is_reachable(self, value) -> bool:
        """Return whether others hold a tensor of a segment: it came in, goes out, or may share memory with such a one.

        Tensors of the network do not count: to change one before its gradient is there is an error.
        """
        if isinstance(value, Number) or self.values[value].leaf is not None:
            return False
        call = self.values[value].call
        if call < 0 or value in self.plan.returned:
            return True
        if call not in self.called:
            return False
        tensor = self.tensors[value]
        sources = [self.tensor(source) for source in self.plan.tape.calls[call].inputs()]
        return any(tensor._is_shared_buffer_with(source) for source in sources)


class CapturedFunction(GraphFunction):
    """The function of a captured graph, which has first derivatives alone.

    Args:
        graph, training: as of `GraphFunction`.
        shared: which of its tensors others may change before `backward`, which gets copies of them.
    """

    def __init__(self, graph, training: bool, shared: list[int]):
        super().__init__(graph, training, recompute=False)
        self.shared = shared

    def keep(self, inputs):
        with paddle.no_grad():
            copies = {k: inputs[k].clone() for k in self.shared}
        return [copies.get(k, tensor) for k, tensor in enumerate(inputs)]

    def backward(self, inputs, saved, gradients, wanted):
        if paddle.is_grad_enabled() and watching:  # an exception would leave Paddle's engine unusable
            watching[-1].append(True)
        elif paddle.is_grad_enabled():
            raise RuntimeError(
                "a gradient is to be differentiated again (create_graph=True), which a compiled network cannot; "
                "give compile='off'"
            )
        return super().backward(inputs, saved, gradients, wanted)


constants: dict = {}


def constant(number: float, dtype):
    """Return a number as a tensor."""
    key = number, dtype
    if key not in constants:
        with paddle.no_grad():
            constants[key] = paddle.full([1], number, dtype)
    return constants[key]
