import pytest

from paddleslim.nas.darts.report.edges import find_limits, list_edges, place_edges

pytestmark = pytest.mark.any_paddle


def test_edges_are_placed_by_the_state_they_lead_to():
    assert place_edges(5, 2) == [(0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]
    assert place_edges(6, 1) == [(0, 1), (0, 2), (1, 2), (0, 3), (1, 3), (2, 3)]
    assert place_edges(4, 2) is None


def test_what_the_genotype_keeps_is_found_on_its_edge(recording):
    edges = list_edges("normal", recording)
    assert len(edges) == 14
    for epoch, record in enumerate(recording.epochs):
        kept = {(edge.target, edge.source, edge.kept[epoch]) for edge in edges if edge.kept[epoch]}
        assert kept == {(2 + i // 2, source, op) for i, (op, source) in enumerate(record.genotype.normal)}


def test_edges_of_a_genotype_that_cannot_be_drawn_have_no_place(short_recording):
    for record in short_recording.epochs:
        record.genotype = "conv3x3"
    edges = list_edges("normal", short_recording)
    assert [edge.labels for edge in edges] == [None] * 5
    assert edges[0].kept == [None] * 4


def test_limits_hold_for_all_edges(recording):
    low, high = find_limits(recording)
    assert 0 < low < 1 / 8 < high < 1
