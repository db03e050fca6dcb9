"""A small supernet of two kinds of cells, smooth in weights and alphas, that calls `self.mixture`."""

import numpy as np
import paddle
from paddle import nn
from paddle.nn import functional as F


class MixedSupernet(nn.Layer):
    """Two edges of three operations each, for either kind of cell: nothing, the identity, a linear layer."""

    _primitives = ("none", "skip_connect", "linear")

    def __init__(self, dropout=0.0):
        super().__init__()
        self.stem, self.norm = nn.Linear(4, 5), nn.BatchNorm1D(5)
        self.linears = nn.LayerList([nn.Linear(5, 5) for _ in range(4)])
        self.dropout, self.classifier = nn.Dropout(dropout), nn.Linear(5, 3)
        normal = nn.initializer.Normal(0.0, 0.5)
        self.alphas = [self.create_parameter([2, 3], default_initializer=normal) for _ in range(2)]
        self.normal, self.reduce = self.alphas
        self.mixture = lambda alphas, index=0: F.softmax(alphas)

    def forward(self, x):
        x = self.norm(self.stem(x))
        for index, alphas in enumerate(self.alphas):
            for edge, weights in enumerate(self.mixture(alphas, index)):
                linear = self.linears[2 * index + edge]
                mixed = weights[1] * x + weights[2] * paddle.tanh(linear(x))
                x = mixed + weights[3] * x if len(weights) > 3 else mixed
        return self.classifier(self.dropout(x))

    def _loss(self, x, label):
        return F.cross_entropy(self(x), label)

    def arch_parameters(self):
        return self.alphas

    def operation_weights(self):
        return {f"linear {k}": list(linear.parameters()) for k, linear in enumerate(self.linears)}

    def genotype(self):
        return str([alphas.argmax(axis=1).tolist() for alphas in self.alphas])


def batch_of(seed, dtype="float32"):
    """Return four numbers of each of six samples, and their labels."""
    rng = np.random.default_rng(seed)
    return paddle.to_tensor(rng.standard_normal([6, 4]).astype(dtype)), paddle.to_tensor(rng.integers(0, 3, [6, 1]))
