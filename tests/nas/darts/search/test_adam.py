import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import Architect
from paddleslim.nas.darts.search.adam import Adam
from tests.supernets import DocumentedSupernet

# Paddle 1.8.5: Adam(1e-3, 0.5, 0.999), L2 decay 1e-3, of a parameter that starts at 0, gradient 1e-6 three times
RECORDED = [-0.0007597458, -0.0012788216, -0.001344233]


def test_small_gradients_move_the_alphas_as_under_paddle_1_8():
    model = DocumentedSupernet()
    model.alphas_normal.set_value(paddle.zeros([14, 8]))
    model._loss = lambda image, label: 1e-6 * model.alphas_normal.sum()
    architect = Architect(model, 0.1, 1e-3, False, False)
    for expected in RECORDED:
        architect.step(None, None, None, None)
        np.testing.assert_allclose(model.alphas_normal.numpy(), np.full([14, 8], expected), rtol=1e-6)


def test_epsilon_counts_the_steps_of_each_parameter():
    first, second = (paddle.create_parameter([1], "float32") for _ in range(2))
    for parameter in (first, second):
        parameter.set_value(paddle.zeros([1]))
    adam = Adam(1e-3, 0.5, 0.999, parameters=[first, second], weight_decay=paddle.regularizer.L2Decay(1e-3))
    for step in range(3):
        first.grad = paddle.full([1], 1e-6)
        if step == 2:
            second.grad = paddle.full([1], 1e-6)
        adam.step()
    assert first.item() == pytest.approx(RECORDED[2], rel=1e-6)
    assert second.item() == pytest.approx(RECORDED[0], rel=1e-6)


def test_the_state_dict_is_that_of_todays_adam():
    parameter = paddle.create_parameter([1], "float32")
    keys = []
    for kind in (Adam, paddle.optimizer.Adam):
        optimizer = kind(1e-3, parameters=[parameter])
        parameter.grad = paddle.ones([1])
        optimizer.step()
        keys.append([key.rpartition("_")[0] for key in optimizer.state_dict()])
    assert keys[0] == keys[1]
