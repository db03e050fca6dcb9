"""Small supernets and readers that several tests search."""

import numpy as np
import paddle
from paddle import nn

PRIMITIVES = (
    "none",
    "max_pool_3x3",
    "avg_pool_3x3",
    "skip_connect",
    "sep_conv_3x3",
    "sep_conv_5x5",
    "dil_conv_3x3",
    "dil_conv_5x5",
)


class DocumentedSupernet(nn.Layer):
    """The example of DARTSearch's documentation, in today's Paddle, on images of `channels x size x size`."""

    _method, _steps, _multiplier, _primitives = "DARTS", 4, 4, PRIMITIVES

    def __init__(self, channels=1, size=8):
        super().__init__()
        self.stem = nn.Conv2D(channels, 3, 3, padding=1)
        self.classifier = nn.Linear(3 * size * size, 10)
        self.alphas_normal = self.create_parameter([14, 8], default_initializer=nn.initializer.Normal(0.0, 1e-3))
        self.alphas_reduce = self.create_parameter([14, 8], default_initializer=nn.initializer.Normal(0.0, 1e-3))

    def forward(self, image):
        out = self.stem(image) * self.alphas_normal[0][0] * self.alphas_reduce[0][0]
        return self.classifier(out.flatten(1))

    def _loss(self, image, label):
        return nn.functional.cross_entropy(self(image), label)

    def arch_parameters(self):
        return [self.alphas_normal, self.alphas_reduce]


class NormSupernet(nn.Layer):
    """Two mixed convolutions with batch norm and, if asked for, dropout: all a restored state can miss."""

    def __init__(self, dropout=0.0, channels=4):
        super().__init__()
        self.convs = nn.LayerList([nn.Conv2D(1, channels, k, padding=k // 2) for k in (1, 3)])
        self.norm = nn.BatchNorm2D(channels)
        self.dropout = nn.Dropout(dropout)
        self.classifier = nn.Linear(channels, 10)
        self.alphas = self.create_parameter([2], default_initializer=nn.initializer.Normal(0.0, 0.5))

    def forward(self, image):
        mixed = sum(a * conv(image) for a, conv in zip(nn.functional.softmax(self.alphas).unbind(), self.convs))
        out = self.dropout(paddle.tanh(self.norm(mixed)))
        return self.classifier(out.mean(axis=[2, 3]))

    def _loss(self, image, label):
        return nn.functional.cross_entropy(self(image), label)

    def arch_parameters(self):
        return [self.alphas]

    def genotype(self):
        return ("conv1x1", "conv3x3")[int(self.alphas.argmax())]


def random_batches(count, samples=8, seed=0, dtype="float32", size=8, channels=1):
    """Return `count` batches of random images and labels."""
    rng = np.random.default_rng(seed)
    return [
        (
            rng.standard_normal([samples, channels, size, size]).astype(dtype),
            rng.integers(0, 10, [samples, 1]).astype("int64"),
        )
        for _ in range(count)
    ]


def snapshot(model):
    """Return the state dict of `model` as arrays of its own."""
    return {name: tensor.numpy().copy() for name, tensor in model.state_dict().items()}
