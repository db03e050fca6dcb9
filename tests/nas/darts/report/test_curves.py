import pytest

from paddleslim.nas.darts.report.curves import draw_curves, measure_entropy
from paddleslim.nas.darts.report.labels import LABELS


def test_entropy_is_one_for_equal_operations_and_zero_for_a_single_one():
    assert measure_entropy([[0.25] * 4]) == pytest.approx(1)
    assert measure_entropy([[1, 0, 0]]) == pytest.approx(0)
    assert measure_entropy([[0.25] * 4, [1, 0, 0, 0]]) == pytest.approx(0.5)


def test_the_scale_of_an_edge_does_not_change_its_entropy():
    assert measure_entropy([[0.1, 0.3]]) == pytest.approx(measure_entropy([[0.25, 0.75]]))


def test_every_figure_of_the_search_is_drawn_once(recording):
    for record in recording.epochs[5::5]:
        record.figures.update({"eigenvalue": 0.1 * record.epoch, "entropy/normal": 1.0, "skip_connections/normal": 2.0})
    titles = [title for title, _, _ in draw_curves(recording, LABELS["en"])]
    assert titles == [
        "Loss",
        "Accuracy",
        "Learning rate",
        "Entropy of the alphas (1: uniform)",
        "Skip connections in the genotype",
        "eigenvalue",
    ]


def test_a_search_without_validation_has_curves(short_recording):
    for record in short_recording.epochs:
        record.figures = {k: v for k, v in record.figures.items() if not k.startswith("valid")}
    loss = draw_curves(short_recording, LABELS["en"])[0]
    assert loss[1] == ["training"]
