"""What networks may depend on besides their inputs: each is captured rightly, or not at all."""

import collections
import itertools
import types

import numpy as np
import paddle
import pytest
from paddle import nn
from paddle.nn import functional as F

from paddleslim.nas.darts.training.compiling import Compiling

from .test_compiling import Mixed, images

FACTOR = 0.5
TABLE = {"factor": 0.5}
SIZED = [-100.0]


class Settings:
    factor = 0.5


class Slotted:
    __slots__ = ("factor",)

    def __init__(self):
        self.factor = 0.5


class Schedule:
    def present(self):
        return FACTOR

    @property
    def of_the_module(self):
        return FACTOR


def named(*_):
    return FACTOR


class Scaled(Mixed):
    """Scales by the number that a function reads from what the network keeps."""

    def __init__(self, kept, read):
        super().__init__()
        self.kept, self.read = kept, read

    def forward(self, image):
        return super().forward(image) * self.read(self.kept)


def deep():
    inner = types.SimpleNamespace(c=types.SimpleNamespace(d=[0.5]))
    return types.SimpleNamespace(a=types.SimpleNamespace(b=inner))


class Hidden(Mixed):
    """Has a layer in a list of Python."""

    def __init__(self):
        super().__init__()
        self.parts = [nn.Dropout(0.1)]

    def forward(self, image):
        return self.parts[0](super().forward(image))


class Averaged(Mixed):
    """Keeps a moving average of its own, in a buffer."""

    def __init__(self, way):
        super().__init__()
        self.register_buffer("average", paddle.zeros([4]))
        self.way = way

    def forward(self, image):
        mean = self.stem(image).detach().mean(axis=[0, 2, 3])
        if self.way == "assigned":
            paddle.assign(self.average * 0.9 + mean * 0.1, self.average)
        elif self.way == "in place":
            self.average.scale_(0.9)
            self.average.add_(mean * 0.1)
        else:
            self.average = self.average * 0.9 + mean * 0.1
        return super().forward(image) + self.average.sum()


class Counted(Mixed):
    """Anneals by how often it was called."""

    calls = 0

    def forward(self, image):
        self.calls += 1
        return super().forward(image) * (1.0 / self.calls)


class Lazy(Mixed):
    """Completes itself in its first call."""

    def __init__(self):
        super().__init__()
        self.mask = None

    def forward(self, image):
        if self.mask is None:
            self.mask = paddle.to_tensor(np.linspace(0, 1, 5).astype("float32"))
        return super().forward(image) * self.mask


class Detached(Mixed):
    """Has weights behind a `detach`, which get no gradient, and so no decay."""

    def __init__(self):
        super().__init__()
        self.side = nn.Sequential(*(nn.Conv2D(4, 4, 1) for _ in range(4)))

    def forward(self, image):
        return super().forward(image) * self.side(self.stem(image)).detach().mean()


class WithLongArrays(Mixed):
    """Uses two arrays that have one text."""

    def __init__(self):
        super().__init__()
        self.one, self.other = np.zeros([2000], "float32"), np.zeros([2000], "float32")
        self.one[1000], self.other[1000] = 1.0, 5.0

    def forward(self, image):
        x = super().forward(image)
        wide = paddle.concat([x.sum().reshape([1])] * 2000)
        return x + ((wide * self.one).sum() - (wide * self.other).sum()) * 0.01


class ByMode(Mixed):
    def forward(self, image):
        x = super().forward(image)
        return x * 2 if self.training else x


class Scaling(Mixed):
    def scale(self, x):
        return x

    def forward(self, image):
        return self.scale(super().forward(image))


class Gained(Mixed):
    def __init__(self):
        super().__init__()
        self.gain = self.create_parameter([1], default_initializer=nn.initializer.Constant(0.5))

    def forward(self, image):
        return super().forward(image) * self.gain


class Spectral(Mixed):
    """Moves estimates of a norm of weights."""

    def __init__(self):
        super().__init__()
        self.norm = nn.SpectralNorm([4, 3, 3, 3])

    def forward(self, image):
        weight = self.norm(self.stem.weight)
        return super().forward(image) + F.conv2d(image, weight).mean()


class Inherited(Mixed):
    """Calls the forward of the class it is derived from, on other images."""

    def forward(self, image, again=True):
        x = super().forward(image * 2)
        return x + self.forward(image, False) if again else x


def sized_by_values(x):
    return x * (1.0 / paddle.masked_select(x, x > SIZED[0]).shape[0])


def with_paths_dropped(x):
    return x * (paddle.floor(0.75 + paddle.rand([x.shape[0], 1, 1, 1])) / 0.75)


def with_rng():
    rng = np.random.default_rng(3)
    return Mixed(lambda x: x * (2.0 if rng.integers(4) == 3 else 1.0))


def with_iterator():
    rates = itertools.cycle([1.0] * 8 + [2.0])
    return Mixed(lambda x: x * next(rates))


def put(owner, name, value):
    setattr(owner, name, value)


def bind(name, value):
    globals()[name] = value


def replace_gain(network):
    network.gain = network.create_parameter([1])
    network.gain.set_value(paddle.to_tensor([float(network.gain.sum()) * 0 + 0.25]))


def freeze(network):
    network.alphas.stop_gradient = network.stem.weight.stop_gradient = True


def scaled_threefold(network, x):
    return x * 3


# what makes the network, and what changes after the third step
CASES = {
    "a deque": (lambda: Scaled(collections.deque([0.5]), lambda k: k[0]), lambda n: n.kept.appendleft(2.0)),
    "a slot": (lambda: Scaled(Slotted(), lambda k: k.factor), lambda n: put(n.kept, "factor", 2.0)),
    "deep in objects": (lambda: Scaled(deep(), lambda k: k.a.b.c.d[0]), lambda n: n.kept.a.b.c.d.insert(0, 2.0)),
    "an attribute of a class": (
        lambda: Scaled(None, lambda k: Settings.factor),
        lambda n: put(Settings, "factor", 2.0),
    ),
    "a name in a function": (lambda: Scaled(None, named), lambda n: bind("FACTOR", 2.0)),
    "a name in a method": (lambda: Scaled(Schedule(), lambda k: k.present()), lambda n: bind("FACTOR", 2.0)),
    "a name in a property": (lambda: Scaled(Schedule(), lambda k: k.of_the_module), lambda n: bind("FACTOR", 2.0)),
    "a dictionary of a name": (
        lambda: Scaled(None, lambda k: TABLE["factor"]),
        lambda n: bind("TABLE", {"factor": 2.0}),
    ),
    "a layer in a list of Python": (Hidden, lambda n: put(n.parts[0], "p", 0.9)),
    "an assigned buffer": (lambda: Averaged("assigned"), None),
    "a buffer in place": (lambda: Averaged("in place"), None),
    "a buffer that is replaced": (lambda: Averaged("replaced"), None),
    "a counter of calls": (Counted, None),
    "what completes itself": (Lazy, None),
    "what is behind detach": (Detached, None),
    "arrays of one text": (WithLongArrays, None),
    "a size by values": (lambda: Mixed(sized_by_values), lambda n: SIZED.__setitem__(0, -100.0)),
    "a mask for each image": (lambda: Mixed(with_paths_dropped), None),
    "the mode": (ByMode, lambda n: n.eval()),
    "the batch": (lambda: Mixed(lambda x: -x if x.shape[0] > 3 else x), None),
    "a generator of its own": (with_rng, None),
    "an iterator": (with_iterator, None),
    "a parameter of one number that is replaced": (Gained, replace_gain),
    "weights that are frozen": (Mixed, freeze),
    "a norm in evaluation": (Mixed, lambda n: n.branches[0][2].eval()),
    "a layer that is replaced": (Mixed, lambda n: n.branches.__setitem__(1, nn.Conv2D(4, 4, 1))),
    "a method that is replaced": (Scaling, lambda n: put(Scaling, "scale", scaled_threefold)),
    "estimates of a spectral norm": (Spectral, None),
    "forward passes in one another": (Inherited, None),
}
COMPILED = {  # of these all but the last steps, or all, run compiled
    "a deque", "a slot", "deep in objects", "an attribute of a class", "a name in a function", "a name in a method",
    "a name in a property", "a dictionary of a name", "a layer in a list of Python", "what completes itself",
    "what is behind detach", "a mask for each image", "the mode", "a parameter of one number that is replaced",
    "weights that are frozen", "a norm in evaluation", "a layer that is replaced", "a method that is replaced",
    "arrays of one text", "estimates of a spectral norm",
}  # fmt: skip


def train(make, change, mode):
    """Return outputs, which weights had gradients, and the state after some steps; and the `Compiling`."""
    paddle.seed(3)
    network, scale = make(), Scaling.scale
    compiling = Compiling(network, mode, "cpu", lambda sentence: None)
    optimizer = paddle.optimizer.Momentum(0.1, 0.9, network.parameters(), weight_decay=0.01)
    found = []
    try:
        with compiling.active():
            for step in range(6):
                if step == 3 and change is not None:
                    change(network)
                outputs = network(images(5 if step % 2 else 2))
                (outputs**2).mean().backward()
                found += [outputs.numpy(), [p.grad is None for p in network.parameters()]]
                optimizer.step()
                optimizer.clear_grad(set_to_zero=False)
    finally:
        Settings.factor, Scaling.scale, SIZED[0] = 0.5, scale, -100.0
        bind("FACTOR", 0.5)
        bind("TABLE", {"factor": 0.5})
    return found, [value.numpy() for value in network.state_dict().values()], compiling


@pytest.mark.parametrize("name", list(CASES))
def test_what_a_network_depends_on_is_seen_or_it_is_not_compiled(name):
    outputs, state, _ = train(*CASES[name], "off")
    ours, our_state, compiling = train(*CASES[name], "on")
    for a, b in zip(ours, outputs):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
    for a, b in zip(our_state, state):
        np.testing.assert_allclose(a, b, rtol=1e-3, atol=1e-4)
    assert bool(compiling.recordings) == (name in COMPILED), compiling.reason
