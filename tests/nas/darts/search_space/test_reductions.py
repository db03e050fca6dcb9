import paddle
import pytest

from paddleslim.nas.darts.search_space.reductions import PoolReduction, find_reduction


def test_a_pool_between_stages_halves_the_size_and_takes_a_constant_away():
    reduction, x = PoolReduction(3), paddle.randn([2, 3, 7, 5])
    small = reduction(x)
    assert list(small.shape) == [2, 6, 4, 3]
    shift = paddle.to_tensor([1.0, -2.0, 3.0]).reshape([1, 3, 1, 1])
    assert float((reduction(x + shift) - small).abs().max()) < 1e-4


def test_an_unknown_reduction_is_refused():
    with pytest.raises(ValueError, match="reduction must be one of residual, pool, got 'strided'"):
        find_reduction("strided")
