"""ReLU where its input is exactly 0."""

import numpy as np
import paddle

from paddleslim.kernels.graph import parts
from paddleslim.kernels.graph.function import apply
from paddleslim.kernels.graph.graph import Graph
from paddleslim.kernels.graph.operators.basic import Image


def test_the_gradient_of_relu_is_0_at_0():
    graph = Graph()
    x = graph.add(Image(graph.tensor(), 1))
    graph.outputs.append(parts.relu(graph, x))
    image = paddle.to_tensor(np.array([-1.0, -0.0, 0.0, 2.0]).reshape(1, 1, 2, 2), stop_gradient=False)
    (out,) = apply(graph, [image], True)
    out.sum().backward()
    np.testing.assert_array_equal(out.numpy().ravel(), [0, 0, 0, 2])
    np.testing.assert_array_equal(image.grad.numpy().ravel(), [0, 0, 0, 1])
