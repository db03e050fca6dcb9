import paddle
import pytest

from paddleslim.nas.darts.search_space import S2, S3, S4
from paddleslim.nas.darts.search_space.noise import Noise


@pytest.mark.parametrize(
    ("space", "operations"),
    [
        (S2, {"skip_connect", "sep_conv_3x3"}),
        (S3, {"none", "skip_connect", "sep_conv_3x3"}),
        (S4, {"noise", "sep_conv_3x3"}),
    ],
)
def test_the_reduced_spaces_hold_the_operations_of_the_paper(space, operations):
    assert set(space.operations) == operations


@pytest.mark.parametrize(("stride", "size"), [(1, 9), (2, 5)])
def test_noise_is_standard_normal_whatever_its_input(stride, size):
    paddle.seed(0)
    noise = Noise(stride)(paddle.full([50, 4, 9, 9], 7.0))
    assert list(noise.shape) == [50, 4, size, size]
    assert abs(float(noise.mean())) < 0.05
    assert abs(float(noise.std()) - 1) < 0.05
