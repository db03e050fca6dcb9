"""ReLU where its input is exactly 0."""

import numpy as np
import paddle

from paddleslim.kernels import layout
from paddleslim.kernels.graph import parts
from paddleslim.kernels.graph.function import apply
from paddleslim.kernels.graph.graph import Graph, Parameter
from paddleslim.kernels.graph.lowering import Backward, Forward, Setting
from paddleslim.kernels.graph.operators.basic import Image


def count(kernel, lowering):
    instructions = [found for level in lowering.schedule._levels.values() for found in level]
    return sum(instruction.kernel is kernel for instruction in instructions)


def test_images_are_read_once_if_relu_of_them_is_all_that_is_used():
    graph = Graph()
    image, weight = graph.tensor(), Parameter(graph.tensor())
    x = parts.relu(graph, graph.add(Image(image, 1)))
    graph.outputs.append(parts.conv2d(graph, x, weight, 1, 1))
    forward = Forward(graph, Setting(1, ((image, (2, 2)),), True), differentiated=True)
    assert count(layout.from_planes, forward) == 1
    assert count(layout.from_planes, Backward(forward, frozenset([image, weight.tensor]))) == 2  # ReLU, gradient
    assert count(layout.from_planes, forward) == 1


def test_the_gradient_of_relu_is_0_at_0():
    graph = Graph()
    x = graph.add(Image(graph.tensor(), 1))
    graph.outputs.append(parts.relu(graph, x))
    image = paddle.to_tensor(np.array([-1.0, -0.0, 0.0, 2.0]).reshape(1, 1, 2, 2), stop_gradient=False)
    (out,) = apply(graph, [image], True)
    out.sum().backward()
    np.testing.assert_array_equal(out.numpy().ravel(), [0, 0, 0, 2])
    np.testing.assert_array_equal(image.grad.numpy().ravel(), [0, 0, 0, 1])
