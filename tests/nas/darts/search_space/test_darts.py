import numpy as np
import paddle
import pytest

from paddleslim.nas.darts.search_space import PRIMITIVES, DARTSSupernet, PCDARTSSupernet
from paddleslim.nas.darts.search_space.darts import operations_of_edges


def test_alphas_are_the_architecture_parameters():
    supernet = DARTSSupernet(2, 3, 2)
    assert [alpha.shape for alpha in supernet.arch_parameters()] == [[14, 8], [14, 8]]
    assert supernet.arch_parameters()[0] is supernet.alphas_normal


def test_pc_darts_has_betas_besides():
    supernet = PCDARTSSupernet(4, 3, 2)
    assert supernet._method == "PC-DARTS"
    assert supernet.arch_parameters()[2:] == [supernet.betas_normal, supernet.betas_reduce]
    assert supernet.betas_normal.shape == [14]


def test_the_weights_of_the_edges_into_a_state_sum_to_one():
    supernet = PCDARTSSupernet(4, 3, 2)
    supernet.betas_normal.set_value(paddle.randn([14]))
    (_, edges), _ = supernet.mixtures()
    for part in paddle.split(edges, [2, 3, 4, 5]):
        assert float(part.sum()) == pytest.approx(1.0)


def test_a_third_and_two_thirds_of_the_depth_are_reductions():
    supernet = DARTSSupernet(2, 3, 8)
    assert [k for k, cell in enumerate(supernet.cells) if cell.shape.reduction] == [2, 5]
    assert [cell.shape.channels for cell in supernet.cells] == [2, 2, 4, 4, 4, 8, 8, 8]


@pytest.mark.parametrize("recompute", [False, True])
def test_every_trainable_parameter_gets_a_gradient(recompute):
    supernet = DARTSSupernet(2, 3, 3, steps=2, multiplier=2, recompute=recompute)
    supernet._loss(paddle.randn([2, 3, 9, 8]), paddle.to_tensor([0, 2])).backward()
    lacking = [name for name, p in supernet.named_parameters() if not p.stop_gradient and p.grad is None]
    assert lacking == []


def test_images_of_one_channel_are_welcome():
    logits = DARTSSupernet(2, 5, 2, in_channels=1, steps=2, multiplier=1)(paddle.randn([1, 1, 7, 6]))
    assert logits.shape == [1, 5]
    assert np.isfinite(logits.numpy()).all()


@pytest.mark.parametrize("sizes", [{"channels": 0}, {"layers": -1}, {"num_classes": 2.5}, {"steps": "4"}])
def test_sizes_that_are_none_are_refused(sizes):
    (name,) = sizes
    with pytest.raises(ValueError, match=f"{name} must be a whole number of at least 1"):
        DARTSSupernet(**sizes)


def test_more_outputs_than_states_are_refused():
    with pytest.raises(ValueError, match=r"multiplier must be at most steps \(2\), got 3"):
        DARTSSupernet(steps=2, multiplier=3)


def test_channels_that_cannot_be_quartered_are_refused():
    with pytest.raises(ValueError, match="channels must be a multiple of 4, got 6"):
        PCDARTSSupernet(channels=6)


def test_operations_may_be_given_for_all_edges_or_one_by_one():
    assert operations_of_edges(PRIMITIVES, 2) == (PRIMITIVES, PRIMITIVES)
    lists = [["none", "skip_connect"], ["sep_conv_3x3", "none"]]
    assert operations_of_edges(lists, 2) == (("none", "skip_connect"), ("sep_conv_3x3", "none"))
    with pytest.raises(ValueError, match="operations of 3 edges, got 2"):
        operations_of_edges(lists, 3)
    with pytest.raises(ValueError, match=r"got \[1, 2\]; fill up with 'none'"):
        operations_of_edges([["none"], ["none", "skip_connect"]], 2)
