"""Networks drawn at random from operators that supernets are written with, in `paddle.nn` and by hand."""

import numpy as np
import paddle
from paddle import nn
from paddle.nn import functional as F


class Scaled(nn.Layer):
    """A mixture of layers with weights that are looked up in one table, in one of several ways."""

    def __init__(self, parts, look_up):
        super().__init__()
        self.parts = nn.LayerList(parts)
        self.alphas = self.create_parameter([2, len(parts)])
        self.look_up = look_up

    def forward(self, x):
        weights = F.softmax(self.alphas, axis=-1)
        if self.look_up == 0:
            return sum(weights[1][k] * part(x) for k, part in enumerate(self.parts))
        if self.look_up == 1:
            return paddle.add_n([part(x) * weights[0, k] for k, part in enumerate(self.parts)])
        row = weights[:, ::1][1].reshape([-1, 1, 1])
        return paddle.add_n([weight * part(x) for weight, part in zip(row, self.parts)]) * 0.5


class Halved(nn.Layer):
    """Every second pixel, twice, as the skip of a reduction cell."""

    def __init__(self, inside, outside, padded):
        super().__init__()
        self.even = nn.Conv2D(inside, outside // 2, 1, 2, bias_attr=False)
        self.odd = nn.Conv2D(inside, outside - outside // 2, 1, 2, bias_attr=False)
        self.padded = padded

    def forward(self, x):
        x = F.relu(x)
        shifted = x[:, :, 1:, 1:]
        if self.padded:
            shifted = F.pad(shifted, [0, 1, 0, 1])
        return paddle.concat([self.even(x), self.odd(shifted)], axis=1)


class Shuffled(nn.Layer):
    """Channels in another order, those of some groups first."""

    def __init__(self, groups):
        super().__init__()
        self.groups = groups

    def forward(self, x):
        n, channels, height, width = x.shape
        x = x.reshape([n, self.groups, channels // self.groups, height, width])
        return x.transpose([0, 2, 1, 3, 4]).reshape([n, channels, height, width])


class PartOf(nn.Layer):
    """A layer on some channels, the others beside it."""

    def __init__(self, layer, channels, way):
        super().__init__()
        self.layer, self.channels, self.way = layer, channels, way

    def forward(self, x):
        if self.way:
            first, rest = paddle.split(x, [self.channels, x.shape[1] - self.channels], axis=1)
        else:
            first, rest = x[:, : self.channels], x[:, self.channels :, :, :]
        return paddle.concat([self.layer(first), rest], axis=1)


class Gated(nn.Layer):
    """What the compiler does not know, in the middle of a network."""

    def __init__(self, channels):
        super().__init__()
        self.dense = nn.Linear(channels, channels)

    def forward(self, x):
        return x * F.sigmoid(self.dense(x.mean(axis=[2, 3]))).unsqueeze([2, 3])


class Residual(nn.Layer):
    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return 2 * x + self.layer(x) - 0 * x * 3.0 + x * -1


class Nothing(nn.Layer):
    def forward(self, x):
        return paddle.zeros_like(x)


class Thinned(nn.Layer):
    """Every second pixel, and zeros of its shape."""

    def forward(self, x):
        x = x[:, :, ::2, ::2]
        return x + paddle.zeros_like(x) + 0.0 * x


class Network(nn.Layer):
    """Layers one behind the other, and a classifier."""

    def __init__(self, layers, channels):
        super().__init__()
        self.layers, self.classifier = nn.LayerList(layers), nn.Linear(channels, 3)

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return self.classifier(x.mean(axis=[2, 3]))


def draw_layer(random, channels, depth=0, pools=False):
    """Return a layer that keeps the shape of its images.

    There is no average pooling among them in double precision: its gradient in Paddle is of single precision.
    """
    size = int(random.choice([1, 3, 5]))
    dilation = int(random.choice([1, 2]))
    padding = dilation * (size - 1) // 2
    kinds = {
        "conv": lambda: nn.Conv2D(channels, channels, size, 1, padding, dilation, bias_attr=bool(random.randint(2))),
        "depthwise": lambda: nn.Conv2D(channels, channels, size, 1, padding, dilation, channels, bias_attr=False),
        "norm": lambda: nn.BatchNorm2D(channels, **random.choice([{}, {"weight_attr": False, "bias_attr": False}])),
        "own norm": lambda: nn.BatchNorm2D(channels, float(random.choice([0.0, 0.3, 1.0])), random.choice([1e-3, 0.1])),
        "relu": nn.ReLU,
        "max": lambda: nn.MaxPool2D(3, 1, 1),
        "identity": nn.Identity,
        "shuffle": lambda: Shuffled(2),
        "gate": lambda: Gated(channels),
        "gelu": nn.GELU,
        "nothing": Nothing,
    }
    if pools:
        kinds["average"] = lambda: nn.AvgPool2D(3, 1, 1, exclusive=bool(random.randint(2)))
    if channels % 2:
        del kinds["shuffle"]
    names = list(kinds)
    if depth < 2:
        kinds["part"] = lambda: PartOf(draw_layer(random, channels // 2, 3, pools), channels // 2, random.randint(2))
        kinds["residual"] = lambda: Residual(draw_layer(random, channels, depth + 1, pools))
        kinds["mixture"] = lambda: Scaled([draw_layer(random, channels, 2, pools) for _ in range(4)], random.randint(3))
        names += ["part", "residual", "mixture", "mixture"]
    return kinds[str(random.choice(names))]()


def draw_network(seed, dtype="float64"):
    """Return a network and a function of a batch size that returns images for it."""
    paddle.seed(seed)
    random = np.random.RandomState(seed)
    channels = int(random.choice([2, 6, 10, 16]))
    size = [int(n) for n in random.randint(3, 12, 2)]
    layers = [nn.Conv2D(3, channels, 3, 1, 1, bias_attr=False), nn.BatchNorm2D(channels)]
    pools = dtype == "float32"
    layers += [draw_layer(random, channels, 0, pools) for _ in range(random.randint(2, 8))]
    if random.randint(3) == 0:
        layers += [Thinned(), draw_layer(random, channels, 0, pools)]
    elif random.randint(2):
        padded = bool(random.randint(2)) or any(n % 2 for n in size)
        layers += [Halved(channels, channels, padded), draw_layer(random, channels, 0, pools)]
    network = Network(layers, channels)
    network.to(dtype=dtype)
    return network, lambda batch: paddle.to_tensor(random.randn(batch, 3, *size).astype(dtype))
