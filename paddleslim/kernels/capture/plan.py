"""A tape as a plan: graphs that the compiler runs, and operators that Paddle computes between them."""

from __future__ import annotations

from typing import Any, NamedTuple

from ..graph.graph import Graph, Parameter
from ..graph.lowering import shapes_of
from ..graph.operators.basic import Image
from ..graph.operators.norm import Norm
from .tape import Call, Linear, NotCapturable, Ref, Tape, count_uses, references, replace
from .translation import Number, Translated, translate

__all__ = ["Plan", "Segment", "make_plan"]

# Parts of the names of operators that draw: their order counts, and none of them is left out or shared.
DRAWING = (
    "rand", "uniform", "gaussian", "normal", "bernoulli", "dropout", "poisson", "multinomial", "gamma", "dirichlet",
    "binomial", "exponential", "rrelu", "gumbel", "noise", "sample", "shuffle", "nce", "rnn", "attn",
)  # fmt: skip


class Segment(NamedTuple):
    """A part of a plan that the compiler runs.

    Args:
        graph: what it computes.
        tensors: what the graph's tensors are: numbers of values, or a `Number` each.
        outputs: numbers of the values that it returns.
        idle: which tensors no output depends on; they get no gradient.
        training: whether a norm of it uses the batch's statistics.
    """

    graph: Graph
    tensors: tuple[Any, ...]
    outputs: tuple[int, ...]
    idle: frozenset
    training: bool


class Plan(NamedTuple):
    """What has to be done, in this order: calls of Paddle's operators, and segments."""

    tape: Tape
    steps: list[Any]

    @property
    def segments(self) -> list[Segment]:
        """The segments."""
        return [step for step in self.steps if isinstance(step, Segment)]

    @property
    def calls(self) -> list[Call]:
        """The calls that Paddle computes."""
        return [step for step in self.steps if isinstance(step, Call)]

    @property
    def returned(self) -> frozenset[int]:
        """The values among the results."""
        return frozenset(references(self.tape.outputs))

    @property
    def compiled(self) -> int:
        """How many operators the compiler runs."""
        return sum(len(segment.graph.nodes) for segment in self.segments)


def make_plan(tape: Tape) -> Plan:
    """Return the plan of a tape.

    Raises:
        NotCapturable: nothing of it can be compiled, or random numbers would be drawn in another order.
    """
    return Planner(share_equal_calls(tape)).plan()


def share_equal_calls(tape: Tape) -> Tape:
    """Return the tape with equal calls of Paddle's operators on equal tensors as one.

    Those that draw or move statistics stay apart.
    """
    known: dict[Any, tuple[int, ...]] = {}
    same: dict[int, int] = {}
    calls = []

    def first(part):
        return Ref(same.get(part.value, part.value)) if isinstance(part, Ref) else part

    for call in tape.calls:
        call = call._replace(args=replace(call.args, first), kwargs=replace(call.kwargs, first))
        calls.append(call)
        if has_effect(call) or not is_told_by_text(call):
            continue
        key = (call.name, repr((call.args, call.kwargs)))
        results = known.setdefault(key, call.results)
        same.update((a, b) for a, b in zip(call.results, results) if a != b)
    shared = tape._replace(calls=calls, outputs=replace(tape.outputs, first))
    return shared._replace(uses=count_uses(shared))


def has_effect(call: Call) -> bool:
    """Return whether a call does more than to return something: draws numbers or moves statistics."""
    return "batch_norm" in call.name or any(part in call.name for part in DRAWING)


def is_told_by_text(call: Call) -> bool:
    """Return whether calls whose arguments have one text are equal; those of long arrays, for one, are cut short."""
    plain: list[bool] = []
    kinds = (Ref, Linear, bool, int, float, str, type(None), type(Ellipsis))
    replace(
        (call.args, call.kwargs),
        lambda part: plain.append(isinstance(part, kinds) or type(part).__module__.startswith("paddle")),
    )
    return all(plain)


class Planner:
    """Finds out what is needed, by whom it is computed, and when."""

    def __init__(self, tape: Tape):
        self.tape = tape
        self.translated: dict[int, Translated | None] = {}
        self.as_tensor: set[int] = set()  # values that are needed in Paddle's layout
        self.needed: set[int] = set()
        self.stages: dict[int, int] = {}
        outputs = references(tape.outputs)
        self.as_tensor.update(outputs)
        self.live = self._connected(outputs)
        self._demand(outputs)
        for call in tape.calls:
            if has_effect(call):
                if self.by_graph(call.results[0]) is None:
                    self.as_tensor.add(call.results[0])
                self._demand([call.results[0]])

    def by_graph(self, value: int) -> Translated | None:
        """Return how a graph computes a value, None if Paddle does."""
        if value not in self.translated:
            self.translated[value] = translate(self.tape, value)
        return self.translated[value]

    def _connected(self, outputs) -> set[int]:
        """Return the values that a gradient of the outputs reaches."""
        left, reached = list(outputs), set()
        while left:
            value = left.pop()
            if value in reached:
                continue
            reached.add(value)
            found = self.by_graph(value)
            if found is not None:
                left += [
                    *(found.images if found.connected else ()),
                    *(t for t in found.tensors if not isinstance(t, Number)),
                ]
            elif self.tape.values[value].call >= 0 and not self.tape.values[value].cut:
                left += self.tape.calls[self.tape.values[value].call].inputs()
        return reached

    def _demand(self, left) -> None:
        """Find all values that these need."""
        while left:
            value = left.pop()
            if value in self.needed:
                continue
            self.needed.add(value)
            found = self.by_graph(value)
            if found is not None:
                for number in found.images:
                    if self.by_graph(number) is None:
                        self.as_tensor.add(number)
                    left.append(number)
                tensors = [number for number in found.tensors if not isinstance(number, Number)]
            elif self.tape.values[value].call >= 0:
                tensors = self.tape.calls[self.tape.values[value].call].inputs()
            else:
                tensors = []
            self.as_tensor.update(tensors)
            left += tensors

    def plan(self) -> Plan:
        """Return the plan."""
        for value in sorted(self.needed):
            self.stages[value] = self._stage(value)
        last = max(self.stages.values(), default=0)
        steps: list[Any] = []
        for stage in range(last + 1):
            values = [v for v in sorted(self.needed) if self.stages[v] == stage]
            steps += self._calls(values)
            images = [v for v in values if self.by_graph(v) is not None]
            if images:
                steps.append(self._segment(images, stage))
        drawn = [step.number for step in steps if isinstance(step, Call) and has_effect(step)]
        if drawn != sorted(drawn):
            raise NotCapturable("operators that draw numbers or move statistics would be called in another order")
        if not any(isinstance(step, Segment) for step in steps):
            raise NotCapturable("the compiler knows none of its operators")
        return Plan(self.tape, steps)

    def _stage(self, value: int) -> int:
        """Return when a value is computed: in each stage calls of Paddle's operators precede one segment."""
        found = self.by_graph(value)
        if found is None:
            call = self.tape.values[value].call
            inputs = self.tape.calls[call].inputs() if call >= 0 else []
            return max([self.stages[v] + (self.by_graph(v) is not None) for v in inputs], default=0)
        inputs = [*found.images, *(t for t in found.tensors if not isinstance(t, Number))]
        later = [v for v in found.tensors if not isinstance(v, Number) and self.by_graph(v) is not None]
        return max([self.stages[v] + (v in later) for v in inputs], default=0)

    def _calls(self, values) -> list[Call]:
        """Return the calls that make these values, in their order."""
        numbers = {self.tape.values[v].call for v in values if self.by_graph(v) is None}
        return [self.tape.calls[number] for number in sorted(numbers - {-1})]

    def _segment(self, values, stage) -> Segment:
        """Return the segment that computes these values."""
        builder = Builder(self.tape, self.by_graph, self.stages, stage)
        for value in values:
            builder.add(value)
        users = [v for v in self.needed if self.stages[v] > stage]
        outside = {v for user in users for v in self._images_of(user)}
        outputs = tuple(v for v in values if v in self.as_tensor or v in outside)
        return builder.finish(outputs, self.live)

    def _images_of(self, value):
        found = self.by_graph(value)
        return found.images if found else ()


class Builder:
    """A graph under construction.

    Attributes:
        graph: the graph.
        tensors: what its tensors are, see `Segment`.
    """

    def __init__(self, tape, by_graph, stages, stage):
        self.tape, self.by_graph, self.stages, self.stage = tape, by_graph, stages, stage
        self.graph, self.tensors = Graph(), []
        self.nodes: dict[int, int] = {}
        self._numbers: dict[Any, int] = {}
        self._uses: dict[int, list[int]] = {}

    def tensor(self, value) -> int:
        """Return the number of a value's tensor in the graph."""
        if value not in self._numbers:
            self._numbers[value] = self.graph.tensor()
            self.tensors.append(value)
        return self._numbers[value]

    def of(self, tensor: int, place: int = 0, per_image: int = 0) -> Parameter:
        """Return a tensor of the graph, from a number on, as a parameter."""
        return Parameter(tensor, place, per_image)

    def use_of(self, statistics: int, call: int) -> int:
        """Return which use of a norm's statistics a call is."""
        uses = self._uses.setdefault(statistics, [])
        uses.append(call)
        return len(uses) - 1

    def node(self, value: int) -> int:
        """Return the node of images."""
        if value not in self.nodes:  # it comes from outside
            self.nodes[value] = self.graph.add(Image(self.tensor(value), self.tape.values[value].shape[1]))
        return self.nodes[value]

    def add(self, value: int) -> None:
        """Add what computes a value."""
        found = self.by_graph(value)
        images = [self.node(number) for number in found.images]
        self.nodes[value] = found.emit(self, images, [self.tensor(tensor) for tensor in found.tensors])

    def finish(self, outputs, live) -> Segment:
        """Return the segment; the shapes of the graph are those that were recorded.

        Raises:
            NotCapturable: one is not.
        """
        self.graph.outputs += [self.nodes[value] for value in outputs]
        sizes = {
            node.operator.tensor: self.tape.values[self.tensors[node.operator.tensor]].shape[2:]
            for node in self.graph.nodes
            if isinstance(node.operator, Image)
        }
        shapes = shapes_of(self.graph, sizes)
        for value, node in self.nodes.items():
            recorded = (*self.tape.values[value].shape[1:], 1, 1)[:3]
            if shapes[node] != recorded:
                name = self.tape.calls[self.tape.values[value].call].name
                raise NotCapturable(
                    f"`{name}` makes {list(recorded)} of an image, where the compiler makes {list(shapes[node])}"
                )
        norms = [node.operator for node in self.graph.nodes if isinstance(node.operator, Norm)]
        training = any(not norm.fixed for norm in norms)
        idle = frozenset(t for t in self.tensors if not isinstance(t, Number) and t not in live)
        return Segment(self.graph, tuple(self.tensors), tuple(outputs), idle, training)
