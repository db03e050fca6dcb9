"""From a graph to instructions: the forward direction in order, the backward one by a reverse pass."""

from __future__ import annotations

from functools import cached_property
from typing import NamedTuple

from .. import batch_norm, depthwise, layout, sums
from ..simd import padded_channels
from .forms import Form, form_of
from .graph import Graph, Node, Parameter
from .operators.basic import Concat, Image, Relu
from .operators.norm import Norm
from .schedule import OUT, Buffer, Schedule, View

__all__ = ["Backward", "Forward", "Setting"]


class Setting(NamedTuple):
    """What a graph is compiled for.

    Args:
        images: how many images a batch has.
        sizes: height and width of the images, by the number of their tensor.
        training: whether norms use the batch's statistics, and move the running ones.
    """

    images: int
    sizes: tuple[tuple[int, tuple[int, int]], ...]
    training: bool


class Lowering:
    """What both directions share: shapes, tensors, and forward values in the layout an operator wants.

    Tensors are: ones, those of the graph, its outputs (backward: their gradients), the gradients of the graph's.
    """

    def __init__(self, graph: Graph, setting: Setting):
        self.graph, self.setting, self.schedule = graph, setting, Schedule()
        self.images, self.training = setting.images, setting.training
        self.shapes = shapes_of(graph, dict(setting.sizes))
        self.borders = widest_borders(graph)
        self._tensors: dict[tuple[int, int], Buffer] = {}

    # tensors

    def _tensor(self, number: int, stride: int = 0) -> View:
        key = number, stride
        if key not in self._tensors:
            self._tensors[key] = Buffer(stride, stride > 0, number)
        return View(self._tensors[key])

    @cached_property
    def ones(self) -> View:
        """A vector of ones, as long as that of any value's channels."""
        return self._tensor(0)

    def parameter(self, parameter: Parameter) -> View:
        """Return a parameter's address."""
        return self._tensor(1 + parameter.tensor, parameter.per_image).at(parameter.offset)

    def factor(self, parameter: Parameter | None) -> View | None:
        """Return the address of a factor, None for 1."""
        return None if parameter is None else self.parameter(parameter)

    def planes(self, tensor: int, numbers: int) -> View:
        """Return the address of images in Paddle's layout, with so many numbers each."""
        return self._tensor(1 + tensor, numbers)

    def output(self, k: int, numbers: int) -> View:
        """Return the address of an output, or of its gradient."""
        return self._tensor(1 + self.graph.tensors + k, numbers)

    # shapes

    def pixels(self, node: int) -> int:
        """Return how many pixels a value has."""
        _, height, width = self.shapes[node]
        return height * width

    def channel_stride(self, node: int) -> int:
        """Return the numbers of a pixel of a value."""
        return padded_channels(self.shapes[node][0])

    def length(self, node: int) -> int:
        """Return the numbers of an image of a value."""
        return self.pixels(node) * self.channel_stride(node)

    # forward values

    def is_relu(self, node: int) -> bool:
        """Return whether a value is ReLU of another, which is applied where it is read."""
        return isinstance(self.graph.nodes[node].operator, Relu)

    def is_computed_where_read(self, node: int) -> bool:
        """Return whether a value is ReLU, or images, of which often ReLU alone is read."""
        return self.is_relu(node) or isinstance(self.graph.nodes[node].operator, Image)

    def form_where_read(self, node: int) -> Form:
        """Emit such a value."""
        found = self.graph.nodes[node]
        return form_of(self.buffer(node)) if self.is_relu(node) else found.operator.forward(self, found)

    def form(self, node: int) -> Form:
        """Return a value as a sum."""
        raise NotImplementedError

    def buffer(self, node: int) -> View:
        """Return a value's pixels, `[pixels, channel stride]`."""
        if self.is_relu(node):
            return self._rectified(self.graph.nodes[node].inputs[0], 0)
        form = self.form(node)
        return form.pixels or self.weighted_sum(form, node, local=True)

    def padded(self, node: int, top: int, left: int) -> tuple[View, int]:
        """Return a value with a border of zeros, from its row `-top` and column `-left` on, and a row's numbers."""
        border, channel_stride = self.borders[node], self.channel_stride(node)
        row = (self.shapes[node][2] + 2 * border) * channel_stride
        if self.is_relu(node):
            x = self._rectified(self.graph.nodes[node].inputs[0], border)
        else:
            x = self.pad(self.buffer(node), node, (border,) * 4) if border else self.buffer(node)
        return x.at((border - top) * row + (border - left) * channel_stride), row

    def pad(self, x: View, node: int, borders, activate=0, scale=None, shift=None) -> View:
        """Emit x, of a value's shape, in a border (top, below, left, right); `activate` as of the kernel."""
        _, height, width = self.shapes[node]
        top, below, left, right = borders
        numbers = (height + top + below) * (width + left + right) * self.channel_stride(node)
        lengths = (self.channel_stride(node), height, width, *borders, activate)
        operands = (x, OUT, scale or self.ones, shift or self.ones)
        return self.schedule.compute(depthwise.pad, operands, lengths, numbers, local=True)

    def _rectified(self, node: int, border: int) -> View:
        """Emit ReLU of a value, in a border."""
        borders, operator = (border,) * 4, self.graph.nodes[node].operator
        if isinstance(operator, Image) and not border:
            return operator.read(self, node, activate=1)
        x, scale, shift = self.scaled(node)
        return self.pad(x, node, borders, 1 if scale is None else 2, scale, shift)

    def scaled(self, node: int) -> tuple[View, View | None, View | None]:
        """Return x, scale and shift of a value `scale * x + shift`, or its pixels, None and None."""
        if not self.is_relu(node):
            form = self.form(node)
            if len(form.terms) == 1 and len(form.constants) == 1 and not form.has_factors:
                return form.terms[0].x, form.terms[0].scale or self.ones, form.constants[0].vector
        return self.buffer(node), None, None

    def weighted_sum(self, form: Form, node: int, local: bool) -> View:
        """Emit a sum of a value's shape."""
        terms, lengths = self._sum(form, node)
        return self.schedule.compute(sums.weighted_sum, (OUT,), lengths, self.length(node), terms=terms, local=local)

    def add_in_place(self, x: View, form: Form, node: int) -> None:
        """Emit `x += form`."""
        terms, lengths = self._sum(form_of(x) + form, node)
        self.schedule.emit(sums.weighted_sum, (x,), lengths, (0,), terms)

    def _sum(self, form: Form, node: int):
        terms: list[tuple[View, ...]] = [(t.x, t.scale or self.ones, t.factor or self.ones) for t in form.terms]
        terms += [(c.vector, c.factor or self.ones) for c in form.constants]
        return terms, (len(form.terms), len(form.constants), self.channel_stride(node), self.pixels(node))

    def new(self, node: int) -> View:
        """Return memory for a value."""
        return self.temporary(self.length(node))

    @staticmethod
    def temporary(numbers: int, per_image: bool = True) -> View:
        """Return memory for so many numbers."""
        return View(Buffer(numbers, per_image))

    def folds(self, node: int) -> bool:
        """Return whether the norm that reads a value becomes part of the convolution that makes it."""
        return False

    def move_statistics(self, norm: View, running, lengths) -> None:
        """Emit the update of running statistics, of the forward direction only."""


class Forward(Lowering):
    """The forward direction: every value in order, then the outputs.

    Args:
        graph, setting: what to compute.
        differentiated: whether a backward direction will ask for values; if not, norms of running statistics become
            part of the convolutions before them.
    """

    def __init__(self, graph: Graph, setting: Setting, differentiated: bool):
        super().__init__(graph, setting)
        self._values: dict[int, Form] = {}
        self._folded = set() if differentiated else foldable(self)
        moved = [node.number for node in graph.nodes if isinstance(node.operator, Norm) and node.operator.trains(self)]
        read = values_read(graph, self.shapes, moved)  # a norm moves its statistics even if nobody reads its value
        for node in graph.nodes:
            if node.number in read and not self.is_computed_where_read(node.number) and not self.folds(node.number):
                self._values[node.number] = node.operator.forward(self, node)
        for k, number in enumerate(graph.outputs):
            self._write(number, self.output(k, self.shapes[number][0] * self.pixels(number)))

    def form(self, node):
        return self.form_where_read(node) if self.is_computed_where_read(node) else self._values[node]

    def folds(self, node):
        return node in self._folded

    def move_statistics(self, norm, running, lengths):
        self.schedule.emit(batch_norm.move_running, (norm, *running), lengths, (1, 2), by_images=False)

    def _write(self, node: int, planes: View) -> None:
        """Emit a value in Paddle's layout; a concatenation part by part."""
        for part, first in parts_of(self.graph, self.shapes, node):
            channels, pixels = self.shapes[part][0], self.pixels(part)
            target = planes.at(first * pixels)
            lengths = (channels, self.channel_stride(part), pixels, 0)
            self.schedule.emit(layout.to_planes, (self.buffer(part), target, target), lengths, (1,))

    def saved_numbers(self) -> int:
        """Give addresses to all buffers that the backward direction reads; return their length."""
        length = 0
        for buffer in self.schedule.buffers():
            if buffer.saved:
                buffer.address = length
                length += -(-buffer.numbers * (self.images if buffer.per_image else 1) // 16) * 16
        return length


class Backward(Lowering):
    """The backward direction: from the last value to the first, the gradient of each from those of its users.

    Args:
        forward: of the same graph and setting; what is read of its values becomes saved.
        wanted: numbers of the tensors whose gradients are wanted.
    """

    def __init__(self, forward: Forward, wanted: frozenset[int]):
        super().__init__(forward.graph, forward.setting)
        self._forward, self._wanted = forward, wanted
        self._sums: dict[int, View] = {}  # of contributions of kernels, which add to what is there
        self._forms: dict[int, Form] = {}  # further contributions
        self.covered: dict[int, int] = dict.fromkeys(range(self.graph.tensors), 0)
        self._written: set[View] = set()
        self._products: dict[tuple[View, View], View] = {}
        self._totals: dict[View, View] = {}
        self._users: dict[int, list[tuple[Node, int]]] = {node.number: [] for node in self.graph.nodes}
        self._needed: list[bool] = []
        read = values_read(self.graph, self.shapes)
        for node in self.graph.nodes:
            for position, number in enumerate(node.inputs if node.number in read else ()):
                self._users[number].append((node, position))
            own = any(parameter.tensor in wanted for parameter in node.operator.parameters())
            self._needed.append(own or any(self._needed[number] for number in node.inputs))
        self._seeds: dict[int, list[tuple[int, int, int]]] = {}
        for k, output in enumerate(self.graph.outputs):
            for part, first in parts_of(self.graph, self.shapes, output):
                self._seeds.setdefault(part, []).append((k, first, self.shapes[output][0]))
        for node in reversed(self.graph.nodes):
            if not node.operator.deferred:
                self._complete(node)

    def form(self, node):
        found = self.graph.nodes[node]
        if self.is_computed_where_read(node):
            return self.form_where_read(node)
        kept = self._forward.form(node)
        buffers = [view.buffer for view in kept.views() if view.buffer.tensor is None]
        if found.operator.recomputed and not all(buffer.saved for buffer in buffers):
            return found.operator.forward(self, found)
        for buffer in buffers:
            buffer.saved = True
        return kept

    # gradients of values

    def needs(self, node: int) -> bool:
        """Return whether the gradient of a value is needed."""
        return self._needed[node]

    def wants(self, parameter: Parameter | None) -> bool:
        """Return whether the gradient of a parameter is wanted."""
        return parameter is not None and parameter.tensor in self._wanted

    def contribute(self, node: int, form: Form) -> None:
        """Add a form to a value's gradient."""
        self._forms[node] = self._forms.get(node, Form()) + form

    def sum_of(self, node: int) -> tuple[View, int]:
        """Return where kernels write or, if the second is 1, add their part of a value's gradient."""
        if node in self._sums:
            return self._sums[node], 1
        self._sums[node] = self.new(node)
        return self._sums[node], 0

    def cleared_sum_of(self, node: int) -> View:
        """Return where kernels add their part of a value's gradient."""
        out, keep = self.sum_of(node)
        if not keep:
            self.schedule.emit(layout.clear, (out,), (self.length(node),))
        return out

    def gradient_form(self, node: int) -> Form:
        """Return a value's gradient as a sum."""
        found = form_of(self._sums[node]) if node in self._sums else Form()
        return found + self._forms.get(node, Form())

    def gradient(self, node: int) -> View:
        """Return a value's gradient in memory."""
        form = self.gradient_form(node)
        if form.pixels:
            return form.pixels
        if node in self._sums:
            self.add_in_place(self._sums[node], self._forms.pop(node), node)
            return self._sums[node]
        local = self.graph.nodes[node].operator.local_gradient
        found = self.weighted_sum(form, node, local)
        if not local:
            self._forms[node] = form_of(found)
        return found

    def level(self, node: int) -> int:
        """Return the first level at which a value's gradient can be read."""
        return max([self.schedule.available(view) for view in self.gradient_form(node).views()], default=0)

    def _complete(self, node: Node) -> None:
        """Emit a value's gradient: what each of its users adds, all at the level at which the last can."""
        users = [(user, position) for user, position in self._users[node.number] if self._needed[user.number]]
        users = [pair for pair in users if self._has_gradient(pair[0])]
        for user, position in users:
            user.operator.contribute(self, user, position)
        level = max([self.level(node.number), *(self._ready(user) for user, _ in users)])
        with self.schedule.not_before(level):
            for user in {user.number: user for user, _ in users if user.operator.deferred}.values():
                self._complete(user)
            for k, first, channels in self._seeds.get(node.number, ()) if self._needed[node.number] else ():
                self._read(node.number, k, first, channels)
            for user, position in users:
                user.operator.adjoint(self, user, position)
            if isinstance(node.operator, Image) and self._needed[node.number]:
                node.operator.write_gradient(self, node)

    def _ready(self, node: Node) -> int:
        """Return the first level at which a value's gradient can be read, or computed if that was deferred."""
        users = self.users(node.number) if node.operator.deferred else []
        found = [self._ready(user) for user in users if self._has_gradient(user)]
        return max([self.level(node.number), *found])

    def _has_gradient(self, node: Node) -> bool:
        if node.operator.deferred and any(self._has_gradient(user) for user in self.users(node.number)):
            return True
        return node.number in self._sums or node.number in self._forms or node.number in self._seeds

    def users(self, node: int) -> list[Node]:
        """Return the nodes that read a value."""
        return [user for user, _ in self._users[node]]

    def is_masked(self, node: Node) -> bool:
        """Return whether a node is images that a ReLU alone reads."""
        users = self.users(node.number)
        alone = len(users) == 1 and isinstance(users[0].operator, Relu) and node.number not in self._seeds
        return alone and isinstance(node.operator, Image)

    def _read(self, node: int, k: int, first: int, channels: int) -> None:
        """Emit a value's part of an output's gradient."""
        own, pixels = self.shapes[node][0], self.pixels(node)
        planes = self.output(k, channels * pixels).at(first * pixels)
        lengths = (own, self.channel_stride(node), pixels, 0)
        if node in self._sums:
            found = self.schedule.compute(layout.from_planes, (planes, OUT), lengths, self.length(node))
            self.contribute(node, form_of(found))
        else:
            out, _ = self.sum_of(node)
            self.schedule.emit(layout.from_planes, (planes, out), lengths)

    # gradients of parameters

    def parameter_gradient(self, parameter: Parameter, numbers: int) -> tuple[View, int]:
        """Return where a kernel writes a parameter's gradient of so many numbers, or adds it if the second is 1."""
        view = self.tensor_gradient(parameter.tensor).at(parameter.offset)
        keep = int(view in self._written)
        if not keep:
            self._written.add(view)
            self.covered[parameter.tensor] += numbers
        return view, keep

    def tensor_gradient(self, tensor: int, numbers: int = 0) -> View:
        """Return the address of a tensor's gradient, with so many numbers for each image."""
        return self._tensor(1 + self.graph.tensors + len(self.graph.outputs) + tensor, numbers)

    def inner_products(self, a: View, b: View, node: int) -> View:
        """Emit `sum_p a b` per channel for two images of a value's shape, and with the first of them `sum_p a`."""
        if (a, b) not in self._products:
            lengths = (self.channel_stride(node), self.pixels(node))
            kernel = sums.inner_products if a in self._totals else sums.inner_products_and_sums
            found = self.schedule.compute(kernel, (a, b, OUT), lengths, 2 * lengths[0])
            self._products[a, b] = found
            self._totals.setdefault(a, found.at(lengths[0]))
        return self._products[a, b]

    def sums(self, x: View, node: int) -> View:
        """Emit `sum_p x` per channel for an image of a value's shape."""
        if x not in self._totals:
            lengths = (self.channel_stride(node), self.pixels(node))
            self._totals[x] = self.schedule.compute(sums.sums, (x, OUT), lengths, lengths[0])
        return self._totals[x]


def shapes_of(graph: Graph, sizes) -> list[tuple[int, int, int]]:
    """Return channels, height and width of every value."""
    shapes: list[tuple[int, int, int]] = []
    for node in graph.nodes:
        operator = node.operator
        if isinstance(operator, Image):
            shapes.append((operator.channels, *sizes[operator.tensor]))
        else:
            shapes.append(operator.shape([shapes[number] for number in node.inputs]))
    return shapes


def widest_borders(graph: Graph) -> list[int]:
    """Return for every value the widest border of zeros in which an operator reads it."""
    widest = [0] * len(graph.nodes)
    for node in graph.nodes:
        for position, number in enumerate(node.inputs):
            widest[number] = max(widest[number], node.operator.borders(position))
    return widest


def values_read(graph: Graph, shapes, further=()) -> set[int]:
    """Return the values that the outputs and further ones depend on; of an output its parts."""
    read = {*further, *(part for node in graph.outputs for part, _ in parts_of(graph, shapes, node))}
    for node in reversed(graph.nodes):
        if node.number in read and not node.operator.reads_shape_alone:
            read.update(node.inputs)
    return read


def foldable(lowering: Lowering) -> set[int]:
    """Return the convolutions whose value a norm of running statistics reads and nothing else does."""
    graph = lowering.graph
    outputs = {part for node in graph.outputs for part, _ in parts_of(graph, lowering.shapes, node)}
    users: dict[int, list[Node]] = {node.number: [] for node in graph.nodes}
    for node in graph.nodes:
        for number in node.inputs:
            users[number].append(node)
    return {
        node.number
        for node in graph.nodes
        if node.operator.takes_norm and node.number not in outputs
        if len(users[node.number]) == 1
        if isinstance(norm := users[node.number][0].operator, Norm) and not norm.trains(lowering)
    }


def parts_of(graph: Graph, shapes, node: int) -> list[tuple[int, int]]:
    """Return the values that a concatenation consists of, each with its first channel; another value is one part."""
    found = graph.nodes[node]
    if not isinstance(found.operator, Concat):
        return [(node, 0)]
    parts, first = [], 0
    for number in found.inputs:
        parts += [(part, first + begin) for part, begin in parts_of(graph, shapes, number)]
        first += shapes[number][0]
    return parts
