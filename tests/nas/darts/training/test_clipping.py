import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.training import clipping
from paddleslim.nas.darts.training.clipping import ClipByGlobalNorm


def make_pairs(factor):
    """Return parameters of several shapes, each with a gradient."""
    rng = np.random.default_rng(0)
    shapes = [[5, 3], [1], [4, 2, 3, 3]]
    return [
        (
            paddle.create_parameter(shape, "float32"),
            paddle.to_tensor(factor * rng.standard_normal(shape), dtype="float32"),
        )
        for shape in shapes
    ]


@pytest.mark.parametrize("factor", [0.01, 10.0])
@pytest.mark.parametrize("kernels", [True, False])
def test_gradients_are_clipped_as_paddle_clips_them(factor, kernels, monkeypatch):
    if not kernels:
        monkeypatch.setattr(clipping, "usable", lambda *tensors: False)
    expected = paddle.nn.ClipGradByGlobalNorm(5.0)(make_pairs(factor))
    for (_, gradient), (_, wanted) in zip(ClipByGlobalNorm(5.0)(make_pairs(factor)), expected):
        np.testing.assert_allclose(gradient.numpy(), wanted.numpy(), rtol=1e-6)


def test_parameters_without_gradients_are_passed_over():
    pairs = [*make_pairs(10.0), (paddle.create_parameter([2], "float32"), None)]
    found = ClipByGlobalNorm(5.0)(pairs)
    squares = [float((gradient**2).sum()) for _, gradient in found if gradient is not None]
    assert sum(squares) == pytest.approx(25.0, rel=1e-5)


def test_parameters_that_ask_not_to_be_clipped_are_not():
    pairs = make_pairs(10.0)
    pairs[0][0].need_clip = False
    kept = pairs[0][1].numpy()
    found = ClipByGlobalNorm(5.0)(pairs)
    np.testing.assert_array_equal(found[0][1].numpy(), kept)
    assert sum(float((gradient**2).sum()) for _, gradient in found[1:]) == pytest.approx(25.0, rel=1e-5)
