import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.strategy.perturbing import mixing, perturb

from .mixed_supernet import MixedSupernet


def test_perturbed_weights_are_clamped_and_sum_to_one():
    weights = paddle.to_tensor([[0.7, 0.2, 0.1], [0.0, 0.5, 0.5]])
    delta = paddle.to_tensor([[0.6, -0.3, 0.1], [0.0, 0.0, 0.5]])
    # [1, 0, 0.2] / 1.2 and [0, 0.5, 1] / 1.5
    expected = [[1 / 1.2, 0.0, 0.2 / 1.2], [0.0, 0.5 / 1.5, 1 / 1.5]]
    np.testing.assert_allclose(perturb(weights, delta).numpy(), expected, rtol=1e-6)


def test_the_auxiliary_column_is_left_alone():
    weights, delta = paddle.to_tensor([[0.7, 0.3, 0.9]]), paddle.to_tensor([[0.1, -0.1]])
    np.testing.assert_allclose(perturb(weights, delta).numpy(), [[0.8, 0.2, 0.9]], rtol=1e-6)


def test_a_supernet_mixes_as_before_also_after_an_exception():
    supernet = MixedSupernet()
    before = supernet.mixture
    with pytest.raises(KeyboardInterrupt), mixing(supernet, None):
        raise KeyboardInterrupt
    assert supernet.mixture is before
