"""What every operation on every edge costs in the network that a search is for: counted, or measured on this device."""

from __future__ import annotations

import dataclasses
from typing import Any

import paddle

from ..genotype.edges import edge_count
from ..genotype.genotype import Genotype
from ..genotype.nas_bench_201 import parse_architecture
from ..search_space.custom_operations import make_operation
from ..state.schema import NUMBER, Each
from ..state.sealed_json import read_object, write_object
from ..strategy.expected_cost import ExpectedCost
from .build import build_network
from .cell import DiscreteCell
from .measure import count_multiply_adds, count_parameters, measure_latency
from .nas_bench_201 import FixedCell, build
from .units import UNITS

__all__ = ["Costs", "costs_of"]

COUNT = {  # for each key of `UNITS`
    "flops": lambda layer, shape: count_multiply_adds(layer, shape),
    "parameters": lambda layer, shape: count_parameters(layer),
    "latency": lambda layer, shape: 1e3 * measure_latency(layer, shape),
}
SHAPE = {"of": str, "tables": [[Each(NUMBER)]], "shares": [[NUMBER]], "fixed": NUMBER, "about": dict}  # of a file


@dataclasses.dataclass(frozen=True)
class Costs:
    """The costs of all operations in a network of given sizes.

    Attributes:
        of: 'flops' (multiply-adds for one image), 'parameters', or 'latency' (milliseconds for one image).
        tables: for each kind of cell, normal and reduction, a list of edges; an edge is a mapping from the names of
            its operations to their cost, summed over all cells of the kind.
        shares: for each kind and edge, how many edges into the same state a genotype keeps, of those there are.
        fixed: cost of all else, such as the stem.
        about: what the network was, for people.
    """

    of: str
    tables: list
    shares: list
    fixed: float
    about: dict = dataclasses.field(default_factory=dict)

    @property
    def unit(self):
        """The unit of the numbers."""
        return UNITS[self.of]

    def penalty(self, target, weight=1.0):
        """Return the `ExpectedCost` of these costs with a target in their unit."""
        tables = [
            [[cost * share for cost in edge.values()] for edge, share in zip(table, shares)]
            for table, shares in zip(self.tables, self.shares)
        ]
        return ExpectedCost(tables, target, weight, self.fixed, self.unit, self.of_genotype)

    def of_genotype(self, genotype):
        """Return the cost of the network of a genotype.

        Raises:
            ValueError: an edge of the genotype has an operation that these costs do not have.
        """
        return self.fixed + sum(self._cost(kind, *choice) for kind, choice in choices_of(genotype))

    def _cost(self, kind, edge, name):
        if name not in self.tables[kind][edge] and name != "none":
            raise ValueError(
                f"the costs have no {name!r} on edge {edge}; they are of {sorted(self.tables[kind][edge])}"
            )
        return self.tables[kind][edge].get(name, 0.0)

    def save(self, path):
        """Write these costs to a JSON file with a checksum."""
        write_object(path, dataclasses.asdict(self), indent=1)

    @classmethod
    def load(cls, path):
        """Return the costs that `save` wrote.

        Raises:
            OSError: the file cannot be read.
            ValueError: it is damaged or holds no costs.
        """
        found = read_object(path, SHAPE)
        sizes = [[len(edges) for edges in found[name]] for name in ("tables", "shares")]
        if found["of"] not in UNITS or sizes[0] != sizes[1]:
            raise ValueError(f"{path} holds no costs as `paddleslim-darts measure` writes them: of {found['of']!r}")
        return cls(**{field.name: found[field.name] for field in dataclasses.fields(cls)})


def choices_of(genotype):
    """Return `(kind of cell, (edge, operation))` for every operation that a genotype keeps."""
    if not isinstance(genotype, Genotype):
        text = str(genotype)
        nodes = parse_architecture(text, text.count("+") + 2)
        return [(0, (edge, name)) for edge, name in enumerate(name for node in nodes for name in node)]
    found = []
    for kind, gene in enumerate((genotype.normal, genotype.reduce)):
        for number, (name, source) in enumerate(gene):
            state = number // 2
            found.append((kind, (edge_count(state) + source, name)))
    return found


def costs_of(space, of, image_shape, num_classes=10, settings=None, steps=4):
    """Return the `Costs` of a space's operations in the network that `build_network` makes.

    Each operation is counted or measured alone, once for each number of channels, stride and size that it meets.

    Args:
        space: such as `SPACES["darts"]`.
        of: 'flops', 'parameters' or 'latency'.
        image_shape: `[channels, height, width]`.
        num_classes: how many classes there are.
        settings: a `RetrainSettings`, for channels and layers; the small one if None.
        steps: inner states of a cell.

    Raises:
        ValueError: `of` is unknown.
    """
    if of not in UNITS:
        raise ValueError(f"costs are of {', '.join(UNITS)}, got {of!r}")
    genotype = space.draw_genotype(0, steps)
    network = build_network(genotype, image_shape, num_classes, settings, space.builders)
    cells, meter = watch_cells(network, image_shape), Meter(of, space.builders)
    if isinstance(genotype, Genotype):
        edges = space.table(steps)
        names = [edges["normal"], edges["reduce"]]
        of_state = [2 + state for state in range(steps) for _ in range(2 + state)]
        shares = [[2 / count for count in of_state]] * 2
    else:
        names = [[space.operations] * len(choices_of(genotype))]
        shares = [[1.0] * len(names[0])]
    tables = [
        [{name: meter.over(cells, kind, edge, name) for name in own} for edge, own in enumerate(of_kind)]
        for kind, of_kind in enumerate(names)
    ]
    costs = Costs(of, tables, shares, 0.0, {"space": space.name, "image_shape": list(image_shape), "steps": steps})
    fixed = COUNT[of](network, image_shape) - costs.of_genotype(genotype)
    return dataclasses.replace(costs, fixed=max(float(fixed), 0.0))


@paddle.no_grad()
def watch_cells(network, image_shape):
    """Return for each cell of a network `(kind, shape of its states' inputs)`, kind 0 normal and 1 reduction."""
    found: list[tuple[int, list[int]]] = []
    hooks = []
    for cell in network.cells:
        if isinstance(cell, DiscreteCell):
            kind = int(cell.reduction)
            hook = cell.preprocess1.register_forward_post_hook(
                lambda layer, inputs, output, kind=kind: found.append((kind, output.shape[1:]))
            )
            hooks.append(hook)
        elif isinstance(cell, FixedCell):
            hooks.append(
                cell.register_forward_post_hook(lambda layer, inputs, output: found.append((0, output.shape[1:])))
            )
    training = network.training
    network.eval()
    try:
        network(paddle.zeros([1, *image_shape]))
    finally:
        network.train() if training else network.eval()
        for hook in hooks:
            hook.remove()
    return found


class Meter:
    """Counts or measures operations, each once for each shape.

    Args:
        of: a key of `UNITS`.
        builders: operations of one's own, see `make_operation`.
    """

    def __init__(self, of, builders):
        self.measure, self.builders = COUNT[of], builders
        self.known: dict[Any, float] = {}

    def over(self, cells, kind, edge, name):
        """Return the cost of an operation on an edge, summed over the cells of a kind."""
        return sum(self._of_cell(kind, edge, name, shape) for of_kind, shape in cells if of_kind == kind)

    def _of_cell(self, kind, edge, name, shape):
        channels, height, width = shape
        state = next(s for s in range(edge + 1) if edge < edge_count(s + 1))
        source = edge - edge_count(state)
        if kind and source >= 2:  # behind the halving
            height, width = -(-height // 2), -(-width // 2)
        key = name, channels, height, width, 2 if kind and source < 2 else 1
        if key not in self.known:
            self.known[key] = (
                0.0 if name == "none" else float(self.measure(self._build(*key), [channels, height, width]))
            )
        return self.known[key]

    def _build(self, name, channels, height, width, stride):
        if name.startswith("nor_conv"):
            return build(name, channels)
        return make_operation(name, channels, stride, True, self.builders)
