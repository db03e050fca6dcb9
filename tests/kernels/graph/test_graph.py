"""Random graphs, both directions, against Paddle's operators and its own gradients."""

import math

import numpy as np
import paddle
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paddleslim.kernels.graph import parts
from paddleslim.kernels.graph.function import apply
from paddleslim.kernels.graph.graph import Graph, Parameter
from paddleslim.kernels.graph.lowering import Lowering, Setting, foldable
from paddleslim.kernels.graph.operators.basic import Image
from paddleslim.kernels.graph.operators.norm import Norm
from paddleslim.kernels.graph.operators.pooling import Mean, Pool
from paddleslim.kernels.graph.operators.sums import Sum, Zeros

from .paddle_graph import evaluate

TOLERANCE = 1e-6  # Paddle rounds some numbers of pools and norms to single precision


OPERATIONS = [
    "relu", "pointwise", "depthwise", "dense", "norm", "pool", "sum", "gather", "concat", "zeros", "factorized",
]  # fmt: skip


class RandomGraph:
    """A graph drawn from all operators, and the shapes of its tensors.

    Values of one size are the material of sums and concatenations; convolutions of stride 2 and pools make others.
    """

    def __init__(self, draw):
        self.draw, self.graph, self.shapes = draw, Graph(), []
        self.kinds: list[str] = []
        self.images, self.channels = draw(st.integers(1, 3)), draw(st.integers(1, 19))
        self.size = draw(st.integers(1, 9)), draw(st.integers(1, 9))
        x = self.graph.add(Image(self.tensor("image", self.images, self.channels, *self.size), self.channels))
        self.values = {1: [x], 2: []}  # by how often they were halved, plus one
        for _ in range(draw(st.integers(2, 9))):
            self.grow()
        every = self.values[1] + self.values[2]
        self.graph.outputs = sorted(set(draw(st.lists(st.sampled_from(every), min_size=1, max_size=3))))
        if draw(st.booleans()):
            self.graph.outputs.append(parts.pool(self.graph, Mean(), every[-1]))

    def tensor(self, kind, *shape):
        self.kinds.append(kind)
        self.shapes.append(list(shape))
        return self.graph.tensor()

    def halved(self, length):
        return -(-length // 2)

    def grow(self):
        """Add an operator or a few that belong together."""
        level = self.draw(st.sampled_from([k for k in (1, 2) if self.values[k]]))
        x = self.draw(st.sampled_from(self.values[level]))
        names = [
            "relu",
            "pointwise",
            "depthwise",
            "dense",
            "norm",
            "pool",
            "sum",
            "gather",
            "concat",
            "zeros",
            "factorized",
        ]
        name = self.draw(st.sampled_from(names))
        stride = self.draw(st.integers(1, 2)) if level == 1 else 1
        found, strided = getattr(self, name)(x, level, stride)
        self.values[level + (stride - 1 if strided else 0)].append(found)

    def relu(self, x, level, stride):
        return parts.relu(self.graph, x), False

    def weight(self, *shape):
        extra = self.draw(st.integers(0, 2))  # a part of a larger tensor
        tensor = self.tensor("weight", math.prod(shape) + extra)
        return Parameter(tensor, extra)

    def convolution(self, x, stride, size, dilation, groups, outputs):
        reach = dilation * (size - 1)
        padding = (reach - reach // 2, reach // 2, reach // 2, reach - reach // 2)
        inputs = 1 if groups > 1 else self.graph.channels[x]
        weight = self.weight(outputs, inputs, size, size)
        return parts.conv2d(self.graph, x, weight, outputs, size, stride, padding, dilation, groups)

    def pointwise(self, x, level, stride):
        return self.convolution(x, stride, 1, 1, 1, self.draw(st.integers(1, 19))), True

    def depthwise(self, x, level, stride):
        channels = self.graph.channels[x]
        if channels == 1:
            return self.pointwise(x, level, stride)
        size, dilation = self.draw(st.sampled_from([2, 3, 5])), self.draw(st.integers(1, 2))
        return self.convolution(x, stride, size, dilation, channels, channels), True

    def dense(self, x, level, stride):
        size, dilation = self.draw(st.integers(2, 3)), self.draw(st.integers(1, 2))
        return self.convolution(x, stride, size, dilation, 1, self.draw(st.integers(1, 5))), True

    def factorized(self, x, level, stride):
        if stride == 1:
            return self.relu(x, level, stride)
        outputs, c = self.draw(st.integers(2, 7)), self.graph.channels[x]
        weights = self.weight(outputs // 2, c), self.weight(outputs - outputs // 2, c)
        return parts.factorized_reduction(self.graph, x, *weights, outputs), True

    def norm(self, x, level, stride):
        c = self.graph.channels[x]
        statistics = [Parameter(self.tensor(kind, c)) for kind in ("mean", "variance")]
        affine = [Parameter(self.tensor("weight", c)) for _ in range(2)] if self.draw(st.booleans()) else []
        return self.graph.add(Norm(*statistics, *affine), x), False

    def pool(self, x, level, stride):
        kind = self.draw(st.sampled_from(["max", "average"]))
        if stride == 2 and self.draw(st.booleans()):
            return parts.pool(self.graph, Pool(kind, 2, 2, 0, ceil=True), x), True
        inclusive = kind == "average" and self.draw(st.booleans())
        return parts.pool(self.graph, Pool(kind, 3, stride, 1, inclusive), x), True

    def sum(self, x, level, stride):
        alike = [k for k in self.values[level] if self.graph.channels[k] == self.graph.channels[x]]
        terms = self.draw(st.lists(st.sampled_from(alike), min_size=1, max_size=4))
        kinds = self.draw(st.lists(st.integers(0, 2), min_size=len(terms), max_size=len(terms)))
        factors, mixture = [], self.tensor("weight", len(terms))
        for k, kind in enumerate(kinds):
            mask = Parameter(self.tensor("mask", self.images, 2), 1, 2) if kind == 2 else None
            factors.append(Parameter(mixture, k) if kind == 1 else mask)
        return self.graph.add(Sum(tuple(factors)), *terms), False

    def gather(self, x, level, stride):
        first = self.draw(st.integers(0, self.graph.channels[x] - 1))
        channels = self.draw(st.integers(1, self.graph.channels[x] - first))
        if self.draw(st.booleans()):
            return parts.slice_channels(self.graph, x, first, channels), False
        other = self.draw(st.sampled_from(self.values[level]))
        channels = min(channels, self.graph.channels[other])
        return parts.shuffle(self.graph, [(x, first), (other, 0)], channels), False

    def concat(self, x, level, stride):
        return parts.concat(self.graph, [x, self.draw(st.sampled_from(self.values[level]))]), False

    def zeros(self, x, level, stride):
        return self.graph.add(Zeros(stride), x), True

    def tensors(self, dtype):
        """Return tensors for the graph; all but statistics and masks want gradients."""
        rng, found = np.random.default_rng(0), []
        for kind, shape in zip(self.kinds, self.shapes):
            numbers = rng.standard_normal(shape)
            if kind == "variance":
                numbers = 0.5 + np.abs(numbers)
            if kind == "mask":
                numbers = 2.0 * (numbers > 0)
            found.append(paddle.to_tensor(numbers, dtype, stop_gradient=kind not in ("image", "weight")))
        return found


def both_directions(compute, tensors):
    """Return outputs, gradients and what the statistics have become."""
    outputs = compute(tensors)
    rng = np.random.default_rng(1)
    loss = sum((out * paddle.to_tensor(rng.standard_normal(out.shape), out.dtype)).sum() for out in outputs)
    if not loss.stop_gradient:
        loss.backward()
    gradients = [np.zeros(t.shape) if t.grad is None else t.grad.numpy() for t in tensors if not t.stop_gradient]
    return [*(out.numpy() for out in outputs), *gradients, *(t.numpy() for t in tensors if t.stop_gradient)]


def assert_close(found, expected, tolerance):
    for one, other in zip(found, expected):
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance * max(1.0, np.abs(other).max()))


@settings(max_examples=120, deadline=None)
@given(data=st.data(), training=st.booleans(), recompute=st.booleans())
def test_a_random_graph_equals_paddles_operators_in_both_directions(data, training, recompute):
    drawn = RandomGraph(data.draw)
    found = both_directions(lambda ts: apply(drawn.graph, ts, training, recompute), drawn.tensors("float64"))
    expected = both_directions(lambda ts: evaluate(drawn.graph, ts, training), drawn.tensors("float64"))
    assert_close(found, expected, TOLERANCE)


@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_single_precision_differs_by_rounding(data):
    drawn = RandomGraph(data.draw)
    # in evaluation: the norm of a batch of few numbers magnifies rounding without bound
    found = both_directions(lambda ts: apply(drawn.graph, ts, False), drawn.tensors("float32"))
    expected = both_directions(lambda ts: apply(drawn.graph, ts, False), drawn.tensors("float64"))
    assert_close(found, expected, 1e-4)


@settings(max_examples=30, deadline=None)
@given(data=st.data(), dtype=st.sampled_from(["float32", "float64"]))
def test_norms_folded_into_convolutions_change_no_value(data, dtype):
    drawn = RandomGraph(data.draw)
    tensors = drawn.tensors(dtype)
    with paddle.no_grad():  # no gradient is wanted: norms are folded
        found = [out.numpy() for out in apply(drawn.graph, tensors, False)]
    expected = [out.numpy() for out in apply(drawn.graph, tensors, False)]
    assert_close(found, expected, {"float32": 1e-5, "float64": 1e-10}[dtype])


@pytest.mark.parametrize("kind", ["pointwise", "dense", "depthwise"])
def test_a_folded_norm_follows_its_weights_and_statistics(kind):
    graph = Graph()
    x, weight = graph.add(Image(graph.tensor(), 5)), Parameter(graph.tensor())
    size, groups = {"pointwise": (1, 1), "dense": (3, 1), "depthwise": (3, 5)}[kind]
    found = parts.conv2d(graph, x, weight, 5, size, 1, (size // 2,) * 4, groups=groups)
    graph.outputs.append(graph.add(Norm(*(Parameter(graph.tensor()) for _ in range(4))), found))
    assert foldable(Lowering(graph, Setting(2, ((0, (9, 9)),), False))) == {found}
    assert foldable(Lowering(graph, Setting(2, ((0, (9, 9)),), True))) == set()
    rng = np.random.default_rng(0)
    shapes = [[2, 5, 9, 9], [5, 5 // groups, size, size], *([5] for _ in range(4))]
    tensors = [paddle.to_tensor(0.5 + rng.random(shape)) for shape in shapes]
    for k in range(6):
        tensors[k] = tensors[k] * 3
        with paddle.no_grad():
            ours = apply(graph, tensors, False)[0].numpy()
        np.testing.assert_allclose(ours, evaluate(graph, tensors, False)[0].numpy(), rtol=1e-6)


def one_norm(affine):
    graph = Graph()
    x = graph.add(Image(graph.tensor(), 3))
    parameters = [Parameter(graph.tensor()) for _ in range(4 if affine else 2)]
    graph.outputs.append(graph.add(Norm(*parameters), x))
    return graph


@pytest.mark.parametrize("affine", [False, True])
def test_one_number_of_a_channel_passes_a_norm_in_training_and_moves_nothing(affine):
    tensors = [paddle.to_tensor([[1.0, -2.0, 3.0]]).reshape([1, 3, 1, 1]), paddle.full([3], 0.5), paddle.full([3], 2.0)]
    tensors += [paddle.full([3], 3.0), paddle.full([3], 4.0)] if affine else []
    for k in (0, 3, 4)[: len(tensors) - 2]:
        tensors[k].stop_gradient = False
    (out,) = apply(one_norm(affine), tensors, True)
    np.testing.assert_array_equal(out.numpy(), tensors[0].numpy())
    (2 * out).sum().backward()
    assert (tensors[0].grad == 2).all()
    assert tensors[1].tolist() == [0.5] * 3
    assert tensors[2].tolist() == [2.0] * 3
    assert not any(t.grad.any() for t in tensors[3:])
    (out,) = apply(one_norm(affine), tensors, False)
    expected = paddle.nn.functional.batch_norm(tensors[0], tensors[1], tensors[2], *tensors[3:])
    np.testing.assert_allclose(out.numpy(), expected.numpy(), rtol=1e-6)


def test_a_weight_that_two_convolutions_share_gets_the_sum_of_both_gradients():
    graph = Graph()
    x, weight = graph.add(Image(graph.tensor(), 4)), Parameter(graph.tensor())
    for _ in range(2):
        x = parts.conv2d(graph, parts.relu(graph, x), weight, 4, 3, 1, (1, 1, 1, 1))
    graph.outputs.append(x)
    results = []
    for compute in (lambda ts: apply(graph, ts, True), lambda ts: evaluate(graph, ts, True)):
        rng = np.random.default_rng(0)
        tensors = [paddle.to_tensor(rng.standard_normal(shape)) for shape in ([2, 4, 5, 3], [4, 4, 3, 3])]
        tensors[1].stop_gradient = False
        compute(tensors)[0].square().sum().backward()
        results.append(tensors[1].grad.numpy())
    np.testing.assert_allclose(*results, rtol=1e-10)


def test_edges_that_read_one_state_compute_its_relu_and_pool_once():
    graph = Graph()
    x = graph.add(Image(graph.tensor(), 4))
    same = [parts.relu(graph, x), parts.relu(graph, x)]
    pools = [graph.add(Pool("max", 3, 1, 1), x) for _ in range(2)]
    assert len(set(same)) == len(set(pools)) == 1
