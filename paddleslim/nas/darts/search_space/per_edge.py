"""A supernet for any operations on any edges: each edge a softmax mixture of its own list (DARTS, eq. 2)."""

from __future__ import annotations

import paddle
from paddle import nn

from ..get_genotype import Genotype
from .operations import FactorizedReduce, ReLUConvBN, batch_norm, build_operation, conv

__all__ = ["PerEdgeSupernet", "TableSupernet", "make_operation"]


def make_operation(name, channels, stride, affine, builders=None):
    """Return the operation called `name`, `[N, channels, H, W]` to `[N, channels, H/stride, W/stride]`.

    Args:
        name: a key of `builders`, or an operation of DARTS.
        channels: of input and output.
        stride: 1 or 2; odd sizes are rounded up.
        affine: whether batch norms learn a scale and a shift: not in a search, but in a retrained network.
        builders: mapping from a name to a function of (channels, stride, affine) that returns a `paddle.nn.Layer`.

    Raises:
        ValueError: the operation is unknown.
    """
    if builders and name in builders:
        return builders[name](channels, stride, affine)
    return build_operation(name, channels, stride, affine)


class MixedEdge(nn.Layer):
    """One edge: `sum_o weights[o] * o(x)`."""

    def __init__(self, channels, stride, names, builders):
        super().__init__()
        self.operations = nn.LayerList()
        for name in names:
            operation = make_operation(name, channels, stride, False, builders)
            if name in ("max_pool_3x3", "avg_pool_3x3"):
                operation = nn.Sequential(operation, batch_norm(channels, affine=False))
            self.operations.append(operation)

    def forward(self, x, weights):
        return paddle.add_n([weight * op(x) for weight, op in zip(weights.unbind(), self.operations)])


class EdgeCell(nn.Layer):
    """A cell: two inputs, inner states that each sum the edges from all earlier ones; `table` names them."""

    def __init__(self, table, steps, before, channels, reduction, reduction_prev, builders):
        super().__init__()
        self.steps, self.reduction = steps, reduction
        reduce_input = FactorizedReduce if reduction_prev else ReLUConvBN
        self.preprocess0 = reduce_input(before[0], channels, affine=False)
        self.preprocess1 = ReLUConvBN(before[1], channels, affine=False)
        sources = [source for state in range(steps) for source in range(2 + state)]
        self.edges = nn.LayerList(
            MixedEdge(channels, 2 if reduction and source < 2 else 1, names, builders)
            for source, names in zip(sources, table)
        )

    def forward(self, s0, s1, weights):
        """Return `[N, steps * channels, H, W]`; `weights` is `[edges, operations]`."""
        states = [self.preprocess0(s0), self.preprocess1(s1)]
        edges = list(zip(self.edges, weights.unbind()))
        for step in range(self.steps):
            first = step * (step + 3) // 2  # 2 + 3 + ... edges end in earlier states
            states.append(paddle.add_n([edge(s, w) for s, (edge, w) in zip(states, edges[first:])]))
        return paddle.concat(states[2:], axis=1)


class PerEdgeSupernet(nn.Layer):
    """A supernet of cells: `[N, in_channels, H, W]` images to `[N, num_classes]` logits.

    Every operation is a layer of its own, so that it may be any; `DARTSSupernet` is faster for those of DARTS.

    Args:
        table: `{"normal": edges, "reduce": edges}`; for each edge, ordered by the state it ends in and then by its
            source, the names of its operations.
        builders: operations of one's own, see `make_operation`.
        channels: channels of the first cells; doubled at each reduction.
        num_classes: how many classes there are.
        layers: how many cells; those at 1/3 and 2/3 of the depth are reduction cells.
        in_channels: channels of the images.
        steps: inner states of a cell; its output is all of them.

    Raises:
        ValueError: a size is below 1, the table does not fit, or an operation is unknown.
    """

    _method = "DARTS"

    def __init__(self, table, builders=None, channels=16, num_classes=10, layers=8, in_channels=3, steps=4):
        super().__init__()
        sizes = {"channels": channels, "num_classes": num_classes, "layers": layers, "in_channels": in_channels}
        for name, size in {**sizes, "steps": steps}.items():
            if size < 1:
                raise ValueError(f"{name} must be at least 1, got {size}")
        self.table = {cell: check_edges(cell, table[cell], steps) for cell in ("normal", "reduce")}
        self._steps = self._multiplier = steps
        self._primitives = tuple(self.table["normal"][0])
        self.stem = nn.Sequential(conv(in_channels, 3 * channels, 3, padding=1), batch_norm(3 * channels))
        before, reduction_prev = (3 * channels, 3 * channels), False
        self.cells = nn.LayerList()
        for i in range(layers):
            reduction = i in (layers // 3, 2 * layers // 3)
            channels *= 2 if reduction else 1
            edges = self.table["reduce" if reduction else "normal"]
            self.cells.append(EdgeCell(edges, steps, before, channels, reduction, reduction_prev, builders))
            reduction_prev, before = reduction, (before[1], steps * channels)
        self.classifier = nn.Linear(before[1], num_classes)
        self.alphas_normal = self._create_alphas("normal")
        self.alphas_reduce = self._create_alphas("reduce")

    def _create_alphas(self, cell):
        edges = self.table[cell]
        shape = [len(edges), max(len(names) for names in edges)]
        return self.create_parameter(shape, default_initializer=nn.initializer.Normal(0.0, 1e-3))

    def forward(self, image):
        s0 = s1 = self.stem(image)
        normal = nn.functional.softmax(self.alphas_normal + mask(self.table["normal"]))
        reduce = nn.functional.softmax(self.alphas_reduce + mask(self.table["reduce"]))
        for cell in self.cells:
            s0, s1 = s1, cell(s0, s1, reduce if cell.reduction else normal)
        return self.classifier(s1.mean(axis=[2, 3]))

    def _loss(self, image, label):
        return nn.functional.cross_entropy(self(image), label)

    def arch_parameters(self):
        """Return `[alphas_normal, alphas_reduce]`, each `[edges, operations]`."""
        return [self.alphas_normal, self.alphas_reduce]


class TableSupernet(PerEdgeSupernet):
    """A `PerEdgeSupernet` whose edges differ in their operations.

    Where an edge has fewer than another, the last of its alphas mean nothing and stay what they are but for decay.
    """

    def genotype(self):
        """Return the `Genotype`: for each state the two edges whose strongest operation, 'none' aside, is strongest."""
        cells = {}
        for cell, alphas in (("normal", self.alphas_normal), ("reduce", self.alphas_reduce)):
            edges = self.table[cell]
            strengths = nn.functional.softmax(alphas + mask(edges)).numpy()
            cells[cell] = choose_from_table(strengths, edges, self._steps)
        concat = range(2, 2 + self._steps)
        return Genotype(cells["normal"], concat, cells["reduce"], concat)


def choose_from_table(strengths, edges, steps):
    """Return the two strongest `(operation, source)` of each state; `strengths` is `[edges, operations]`."""
    gene = []
    for step in range(steps):
        first = step * (step + 3) // 2
        best = []
        for source in range(2 + step):
            names = edges[first + source]
            choices = [(-strengths[first + source][o], source, name) for o, name in enumerate(names) if name != "none"]
            best.append(min(choices, key=lambda choice: choice[0]))
        gene += [(name, source) for _, source, name in sorted(best, key=lambda choice: choice[0])[:2]]
    return gene


def mask(edges):
    """Return `[edges, operations]`: 0 where an edge has an operation, so far below that a softmax gives 0 elsewhere."""
    widest = max(len(names) for names in edges)
    return paddle.to_tensor(
        [[0.0] * len(names) + [-1e9] * (widest - len(names)) for names in edges], paddle.get_default_dtype()
    )


def check_edges(cell, edges, steps):
    """Return the edges of a cell as a tuple of tuples, or raise a ValueError unless they are a cell's."""
    edges = tuple(tuple(names) for names in edges)
    count = steps * (steps + 3) // 2
    if len(edges) != count:
        raise ValueError(f"a cell of {steps} steps has {count} edges, the table names {len(edges)} for `{cell}`")
    for edge, names in enumerate(edges):
        if not set(names) - {"none"}:
            raise ValueError(f"edge {edge} of `{cell}` needs an operation other than 'none', got {list(names)}")
    return edges
