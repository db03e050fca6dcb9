"""The NAS-Bench-201 supernet edge by edge: the oracle of the fast one, whose tensors it takes apart."""

import paddle
from paddle import nn

from paddleslim.nas.darts.search_space.nas_bench_201 import NASBench201Supernet, SearchCell, edges_from, edges_of
from paddleslim.nas.darts.search_space.operations import batch_norm, conv

from .plain import ExactAveragePool


class Convolution(nn.Layer):
    def __init__(self, channels, size):
        super().__init__()
        self.conv, self.bn = conv(channels, channels, size, padding=size // 2), batch_norm(channels, affine=False)

    def forward(self, x):
        return self.bn(self.conv(nn.functional.relu(x)))


class Edge(nn.Layer):
    def __init__(self, channels):
        super().__init__()
        self.operations = nn.LayerList([Convolution(channels, 1), Convolution(channels, 3), ExactAveragePool(1)])

    def forward(self, x, weights):
        _, skip, small, large, pool = weights.unbind()
        parts = [w * operation(x) for w, operation in zip((small, large, pool), self.operations)]
        return paddle.add_n([skip * x, *parts])


class PlainCell(nn.Layer):
    def __init__(self, cell):
        super().__init__()
        channels = cell.channels
        self.edges = nn.LayerList(Edge(channels) for _ in edges_of(cell.nodes))
        self.nodes = cell.nodes

    def forward(self, x, weights):
        states = [x]
        for target in range(1, self.nodes):
            found = [(edge, s) for edge, (s, t) in enumerate(edges_of(self.nodes)) if t == target]
            states.append(paddle.add_n([self.edges[edge](states[s], weights[edge]) for edge, s in found]))
        return states[-1]


def take_apart(cell, plain, read):
    """Return {name in the fast cell: the plain tensors it holds, in their order}; `read` takes a plain tensor."""
    found = {}
    for source in range(len(cell.out_edges)):
        for name, number in (("1", 0), ("3", 1)):
            layers = [plain.edges[edge].operations[number] for edge in edges_from(source, cell.nodes)]
            found[f"out_edges.{source}.conv{name}.weight"] = [read(layer.conv.weight) for layer in layers]
            for kind in ("_mean", "_variance"):
                found[f"out_edges.{source}.bn{name}.{kind}"] = [read(getattr(layer.bn, kind)) for layer in layers]
    return found


class PlainSupernet201(NASBench201Supernet):
    """A supernet with the same numbers as `fast`, whose search cells are plain."""

    def __init__(self, fast):
        layers = (len(fast.cells) - 2) // 3  # of a stage; between stages there is one more
        sizes = (fast.stem[0].weight.shape[0], fast.classifier.weight.shape[1], layers)
        super().__init__(*sizes, nodes=fast.nodes, reduction=fast.reduction)
        self.set_state_dict(fast.state_dict())
        self.originals = {k: cell for k, cell in enumerate(fast.cells) if isinstance(cell, SearchCell)}
        for k, cell in self.originals.items():
            self.cells[k] = PlainCell(cell)
            for name, parts in take_apart(cell, self.cells[k], lambda tensor: tensor).items():
                for part, value in zip(parts, cell.state_dict()[name].split(len(parts))):
                    part.set_value(value)

    def forward(self, image):
        x, weights = self.stem(image), nn.functional.softmax(self.alphas)
        for cell in self.cells:
            x = cell(x, weights) if isinstance(cell, PlainCell) else cell(x)
        return self.classifier(self.last(x).mean(axis=[2, 3]))

    def by_fast_name(self):
        """Return gradients and running statistics of the cells by the names they have in the fast form."""
        found = {}
        for k, cell in self.originals.items():
            plain = take_apart(cell, self.cells[k], lambda tensor: tensor if tensor.stop_gradient else tensor.grad)
            found.update({f"cells.{k}.{name}": paddle.concat(parts).numpy() for name, parts in plain.items()})
        return found
