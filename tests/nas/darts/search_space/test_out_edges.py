import paddle

from paddleslim.nas.darts.search_space.cell_shape import CellShape
from paddleslim.nas.darts.search_space.mixture_factors import MixtureFactors
from paddleslim.nas.darts.search_space.out_edges import out_edges_of

NAMES = ("none", "max_pool_3x3", "skip_connect", "sep_conv_3x3")
SHAPE = CellShape((4, 4), 2, False, False, 2, 2, (NAMES,) * 5)


def test_both_inputs_are_read_together_and_every_other_state_alone():
    assert [(edges.sources, edges.targets) for edges in out_edges_of(SHAPE)] == [((0, 1), (2, 3)), ((2,), (3,))]


def test_pools_and_the_identity_are_shared_and_convolutions_fused():
    first, _ = out_edges_of(SHAPE)
    assert sorted(first.shared) == ["max_pool_3x3", "skip_connect"]
    assert [(group.name, group.source) for fused in first.fused_groups for group in fused.groups] == [
        ("sep_conv_3x3", 0),
        ("sep_conv_3x3", 1),
    ]


def test_each_factor_is_the_weight_of_its_operation_on_its_edge():
    weights = paddle.arange(20, dtype="float32").reshape([5, 4])
    factors = MixtureFactors(SHAPE, weights)
    # edges 0 and 1 end in state 2, edges 2 to 4 in state 3; two channels each, by source and target
    scale, shift = factors.norms[out_edges_of(SHAPE)[0].fused_groups[0].prefix]
    assert scale.tolist() == [weights[edge, 3].item() for edge in (0, 2, 1, 3) for _ in range(2)]
    assert shift.tolist() == [0.0] * 8
    expected = [[weights[edge, column].item() for column in (1, 2) for edge in pair] for pair in ((0, 1), (2, 3))]
    assert factors.products[0, 1].tolist() == expected
