import pytest

from paddleslim.nas.darts import DARTS_V1, Genotype
from paddleslim.nas.darts.report.drawing import lay_out, name_state, read_cells

pytestmark = pytest.mark.any_paddle

BENCHMARK = "|nor_conv_3x3~0|+|none~0|avg_pool_3x3~1|+|skip_connect~0|nor_conv_1x1~1|none~2|"


def test_two_edges_lead_into_each_state_of_a_genotype():
    normal, reduction = read_cells(DARTS_V1)
    assert (normal.name, reduction.name) == ("normal", "reduction")
    assert normal.edges[:3] == [("sep_conv_3x3", 1, 2), ("sep_conv_3x3", 0, 2), ("skip_connect", 0, 3)]
    assert normal.states == 6
    assert normal.concat == [2, 3, 4, 5]


def test_a_cell_of_the_benchmark_has_six_edges_and_no_concatenation():
    (cell,) = read_cells(BENCHMARK)
    assert cell.edges[0] == ("nor_conv_3x3", 0, 1)
    assert cell.edges[-1] == ("none", 2, 3)
    assert (len(cell.edges), cell.inputs, cell.states, cell.concat) == (6, 1, 4, [])


@pytest.mark.parametrize("genotype", ["conv3x3", "", "|op~3|", ("conv", 1), None])
def test_what_is_no_genotype_is_refused_by_its_value(genotype):
    with pytest.raises(ValueError, match="expected a Genotype"):
        read_cells(genotype)


def test_inputs_are_called_as_in_the_paper_and_inner_states_counted_from_one():
    assert [name_state(2, s) for s in range(4)] == [("c", "k-2"), ("c", "k-1"), ("1", ""), ("2", "")]
    assert [name_state(1, s) for s in range(3)] == [("in", ""), ("1", ""), ("2", "")]


def test_states_before_the_inputs_are_not_drawn():
    genotype = Genotype([("a", 0), ("b", 1)], range(-1, 3), [("a", 0), ("b", 1)], range(-2, 2))
    normal, reduction = read_cells(genotype)
    assert normal.concat == [0, 1, 2]
    assert reduction.concat == [0, 1]
    assert lay_out(normal).nodes[-1].label == ("c", "k")
