"""What the examples share: layers with choices, and their search."""

from paddle import nn

from paddleslim.nas.darts import DARTSearch


class Choice(nn.Layer):
    """One of several layers: their sum, weighted by the softmax of an alpha."""

    def __init__(self, **layers):
        super().__init__()
        self.names, self.layers = list(layers), nn.LayerList(list(layers.values()))
        self.alpha = self.create_parameter([1, len(layers)])

    def forward(self, *inputs):
        weights = nn.functional.softmax(self.alpha)[0]
        return sum(weight * layer(*inputs) for weight, layer in zip(weights, self.layers))


class Supernet(nn.Layer):
    """A layer with choices."""

    def choices(self):
        return {name: layer for name, layer in self.named_sublayers() if isinstance(layer, Choice)}

    def arch_parameters(self):
        return [choice.alpha for choice in self.choices().values()]

    def genotype(self):
        return {name: choice.names[int(choice.alpha.argmax())] for name, choice in self.choices().items()}

    def _loss(self, *batch):
        return self.criterion(self(*batch[:-1]), batch[-1])


def search(supernet, arrays, metrics, **options):
    """Search on both halves of these arrays, the label last; return the search."""
    half = len(arrays[0]) // 2

    def reader(first):
        starts = range(first, first + half - 15, 16)
        return lambda: (tuple(array[start : start + 16] for array in arrays) for start in starts)

    settings = {"batchsize": 16, "num_imgs": 2 * half, "num_epochs": 3, "learning_rate": 0.05, "grad_clip": 1.0}
    searcher = DARTSearch(
        supernet,
        reader(0),
        reader(half),
        "cpu",
        criterion=supernet.criterion,
        metrics=metrics,
        save_dir=f"runs/{type(supernet).__name__}",
        **{**settings, **options},
    )
    print(searcher.train(), {name: round(value, 3) for name, value in searcher.history[-1].valid_metrics.items()})
    return searcher
