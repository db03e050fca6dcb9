import pytest

from paddleslim.nas.darts.genotype.nas_bench_201 import parse_architecture

MIXED = "|nor_conv_1x1~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|none~1|nor_conv_3x3~2|"


def test_a_string_names_the_operations_into_each_node():
    assert parse_architecture(MIXED) == [
        ["nor_conv_1x1"],
        ["none", "avg_pool_3x3"],
        ["skip_connect", "none", "nor_conv_3x3"],
    ]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "reads like"),
        ("|none~0|", "reads like"),
        (MIXED.replace("none~0", "none~1"), "reads like"),
        (MIXED + "|", "reads like"),
        (MIXED.replace("avg_pool_3x3", "max_pool_3x3"), "operation 'max_pool_3x3' is not of NAS-Bench-201"),
    ],
)
def test_another_string_is_refused(text, message):
    with pytest.raises(ValueError, match=message):
        parse_architecture(text)


def test_a_cell_may_have_another_number_of_nodes():
    assert parse_architecture("|none~0|+|nor_conv_3x3~0|none~1|", nodes=3) == [["none"], ["nor_conv_3x3", "none"]]
    with pytest.raises(ValueError, match=r"reads like '\|none~0\|\+\|none~0\|none~1\|' for 3 nodes, got"):
        parse_architecture(MIXED, nodes=3)
