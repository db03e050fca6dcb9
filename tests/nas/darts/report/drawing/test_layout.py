import itertools

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from paddleslim.nas.darts import DARTS_V1, DARTS_V2, PC_DARTS
from paddleslim.nas.darts.report.drawing import Cell, lay_out, read_cells

pytestmark = pytest.mark.any_paddle

OPERATIONS = ["none", "skip_connect", "sep_conv_3x3", "an_operation_of_a_very_long_name", "x"]


@st.composite
def cells(draw):
    inputs = draw(st.integers(1, 3))
    states = inputs + draw(st.integers(1, 6))
    edges = []
    for target in range(inputs, states):
        sources = draw(st.lists(st.integers(0, target - 1), min_size=1, max_size=4, unique=True))
        edges += [(draw(st.sampled_from(OPERATIONS)), source, target) for source in sources]
    concat = draw(st.lists(st.integers(inputs, states - 1), unique=True))
    return Cell("any", inputs, edges, sorted(set(concat) | {states - 1}) if concat else [])


def overlap(a, b):
    return abs(a.x - b.x) < (a.width + b.width) / 2 and abs(a.y - b.y) < (a.height + b.height) / 2


def crosses(wire, box):
    """Return whether a wire runs through a box, other than by ending in it."""
    for (x0, y0), (x1, y1) in zip(wire.points, wire.points[1:]):
        left, right, top, bottom = min(x0, x1), max(x0, x1), min(y0, y1), max(y0, y1)
        inside_x = left < box.x + box.width / 2 and right > box.x - box.width / 2
        inside_y = top < box.y + box.height / 2 and bottom > box.y - box.height / 2
        ends = any(
            abs(x - box.x) <= box.width / 2 and abs(y - box.y) <= box.height / 2
            for x, y in (wire.points[0], wire.points[-1])
        )
        if inside_x and inside_y and not ends:
            return True
    return False


@settings(max_examples=60, deadline=None)
@given(cells())
def test_nothing_overlaps_and_nothing_is_cut_whatever_the_cell(cell):
    layout = lay_out(cell)
    boxes = layout.pills + layout.nodes
    assert not [(a, b) for a, b in itertools.combinations(boxes, 2) if overlap(a, b)]
    for box in boxes:
        assert box.width / 2 <= box.x <= layout.width - box.width / 2
        assert box.height / 2 <= box.y <= layout.height - box.height / 2
    # A wire may run below the pill or the node where it starts or ends, and through no other.
    assert not [(wire, box) for wire in layout.wires for box in boxes if crosses(wire, box)]


@pytest.mark.parametrize("genotype", [DARTS_V1, DARTS_V2, PC_DARTS])
def test_published_cells_show_every_operation_and_every_state(genotype):
    for cell in read_cells(genotype):
        layout = lay_out(cell)
        assert [pill.operation for pill in layout.pills] == [operation for operation, _, _ in cell.edges]
        assert [node.label for node in layout.nodes[2:]] == [("1", ""), ("2", ""), ("3", ""), ("4", ""), ("c", "k")]


def test_a_label_fits_its_pill():
    (pill, *_) = lay_out(Cell("one", 1, [("an_operation_of_a_very_long_name", 0, 1)], [1])).pills
    # 0.58 of the font size, 11, is the mean width of a letter in a wide sans serif.
    assert max(map(len, pill.lines)) * 11 * 0.58 <= pill.width
    assert " ".join(pill.lines) == "an operation of a very long name"
