from paddleslim.nas.darts.genotype.cells import Cell

CELL = Cell("normal", 2, [("skip_connect", 0, 2), ("sep_conv_3x3", 1, 2), ("skip_connect", 2, 3)], [2, 3])


def test_states_are_the_inputs_and_all_that_edges_and_the_output_name():
    assert CELL.states == 4
    assert CELL._replace(edges=[], concat=[]).states == 3
    assert CELL._replace(concat=[2, 5]).states == 6


def test_operations_are_counted_by_name():
    assert [CELL.count(name) for name in ("skip_connect", "sep_conv_3x3", "none")] == [2, 1, 0]
