import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTS_V2
from paddleslim.nas.darts.networks.cell import DiscreteCell, drop_path


@pytest.mark.parametrize("probability", [0.2, 0.7])
def test_drop_path_leaves_out_whole_samples_and_keeps_the_mean(probability):
    paddle.seed(0)
    dropped = drop_path(paddle.ones([4000, 2, 3]), probability).numpy()
    kept = dropped[:, 0, 0] > 0
    np.testing.assert_allclose(dropped, (kept / (1 - probability))[:, None, None] * np.ones([1, 2, 3]), rtol=1e-6)
    assert abs(kept.mean() - (1 - probability)) < 0.04


@pytest.mark.parametrize(("reduction", "size"), [(False, 7), (True, 4)])
def test_a_cell_puts_out_its_states_side_by_side(reduction, size):
    gene = (DARTS_V2.reduce, DARTS_V2.reduce_concat) if reduction else (DARTS_V2.normal, DARTS_V2.normal_concat)
    cell = DiscreteCell(*gene, 5, 6, 3, reduction, reduction_prev=False)
    assert list(cell(paddle.randn([2, 5, 7, 7]), paddle.randn([2, 6, 7, 7])).shape) == [2, 12, size, size]


def test_a_state_is_the_sum_of_its_two_operations():
    gene = [("skip_connect", 0), ("skip_connect", 1), ("skip_connect", 2), ("max_pool_3x3", 1)]
    cell = DiscreteCell(gene, [2, 3], 4, 4, 4, reduction=False, reduction_prev=False)
    s0, s1 = paddle.randn([2, 4, 5, 5]), paddle.randn([2, 4, 5, 5])
    x0, x1 = cell.preprocess0(s0), cell.preprocess1(s1)
    pooled = paddle.nn.functional.max_pool2d(x1, 3, 1, 1)
    expected = paddle.concat([x0 + x1, x0 + x1 + pooled], axis=1)
    np.testing.assert_allclose(cell(s0, s1).numpy(), expected.numpy(), rtol=1e-4, atol=1e-5)


def test_paths_are_dropped_in_training_only_and_never_an_identity():
    gene = [("skip_connect", 0), ("skip_connect", 1)]
    cell = DiscreteCell(gene, [2], 4, 4, 4, reduction=False, reduction_prev=False)
    cell.preprocess0.eval()
    cell.preprocess1.eval()
    s0, s1 = paddle.randn([2, 4, 5, 5]), paddle.randn([2, 4, 5, 5])
    np.testing.assert_array_equal(cell(s0, s1, 0.9).numpy(), cell(s0, s1).numpy())
    gene = [("sep_conv_3x3", 0), ("sep_conv_3x3", 1)]
    cell = DiscreteCell(gene, [2], 4, 4, 4, reduction=False, reduction_prev=False)
    cell.eval()
    np.testing.assert_array_equal(cell(s0, s1, 0.9).numpy(), cell(s0, s1).numpy())
    cell.train()
    assert (cell(s0, s1, 0.999).numpy() == 0).all(axis=(1, 2, 3)).any()


@pytest.mark.parametrize("concat", [range(-1, 3), [], [2, 4]])
def test_a_cell_that_puts_out_other_than_inner_states_cannot_be_built(concat):
    with pytest.raises(
        ValueError, match="the concat of the cell should name inner states, which are 2 to 3, one at least"
    ):
        DiscreteCell(DARTS_V2.normal[:4], concat, 4, 4, 4, False, False)
