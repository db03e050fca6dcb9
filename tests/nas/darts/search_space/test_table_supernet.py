import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import get_genotype
from paddleslim.nas.darts.search_space import CellSpace, DARTSSupernet, make_s1
from paddleslim.nas.darts.search_space.table_supernet import TableSupernet

NORMAL = [["skip_connect", "sep_conv_3x3"], ["none", "dil_conv_3x3"]] * 7
REDUCE = [["max_pool_3x3", "avg_pool_3x3"]] * 13 + [["none", "skip_connect"]]


def test_edges_that_are_all_alike_make_the_plain_supernet():
    names = ("none", "skip_connect", "sep_conv_3x3")
    plain = DARTSSupernet(4, 5, 3, 1, primitives=names)
    table = TableSupernet({"normal": [names] * 14, "reduce": [names] * 14}, 4, 5, 3, 1)
    missing, unexpected = table.set_state_dict(plain.state_dict())
    assert not missing
    assert not unexpected
    image = paddle.randn([2, 1, 8, 8])
    np.testing.assert_allclose(table(image).numpy(), plain(image).numpy(), rtol=1e-5, atol=1e-6)
    assert get_genotype(table) == get_genotype(plain)


def test_each_edge_keeps_the_strongest_of_its_own_operations():
    supernet = make_s1(NORMAL, REDUCE).build_supernet(4, 5, 3, 1)
    first, second = np.zeros([14, 2], "float32"), np.zeros([14, 2], "float32")
    first[[1, 2, 4, 11]] = [0, 9]  # 1 to state 0; 0 and 2 to 1; 2 to 3
    second[:, 0] = 1
    supernet.alphas_normal.set_value(first)
    supernet.alphas_reduce.set_value(second)
    genotype = get_genotype(supernet)
    assert genotype.normal == [
        ("dil_conv_3x3", 1),
        ("skip_connect", 0),
        ("sep_conv_3x3", 0),
        ("sep_conv_3x3", 2),
        ("dil_conv_3x3", 0),
        ("skip_connect", 1),
        ("dil_conv_3x3", 2),
        ("dil_conv_3x3", 0),
    ]
    assert {name for name, _ in genotype.reduce} == {"max_pool_3x3"}


def test_none_is_never_kept_however_strong():
    supernet = make_s1(NORMAL, REDUCE).build_supernet(4, 5, 3, 1)
    supernet.alphas_normal.set_value(np.tile(np.float32([9, 0]), [14, 1]))
    assert "none" not in {name for name, _ in get_genotype(supernet).normal}


@pytest.mark.parametrize(
    ("normal", "reduce", "message"),
    [
        (
            NORMAL[:5],
            REDUCE,
            "cells of 4 inner states have 14 edges, but `normal` has 5; that is a table for --steps 2",
        ),
        (NORMAL, [*REDUCE[:13], ["none", "none"]], "edge 13 of `reduce` needs an operation other than 'none'"),
        (
            NORMAL,
            [["skip_connect"]] * 14,
            "has 14 edges of 2 operations and `reduce` 14 of 1; both need as many",
        ),
    ],
)
def test_a_table_that_is_no_cell_is_refused(normal, reduce, message):
    with pytest.raises(ValueError, match=message):
        make_s1(normal, reduce).build_supernet(4, 5, 3, 1)


def test_a_random_cell_takes_from_each_edge_what_it_has():
    space = CellSpace("s1", ["a", "b"], edges={"normal": [["a", "b"]] * 14, "reduce": [["a", "none"]] * 14})
    genotype = space.draw_genotype(0)
    assert {name for name, _ in genotype.normal} == {"a", "b"}
    assert {name for name, _ in genotype.reduce} == {"a"}
