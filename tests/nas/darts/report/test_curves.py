import pytest

from paddleslim.nas.darts.report.curves import draw_curves
from paddleslim.nas.darts.report.labels import LABELS

pytestmark = pytest.mark.any_paddle


def test_every_figure_of_the_search_is_drawn_once(recording):
    for record in recording.epochs[5::5]:
        record.figures.update({"eigenvalue": 0.1 * record.epoch, "seconds/reading": 1.0})
    curves = draw_curves(recording, LABELS["en"])
    assert [(title, lines) for title, lines, _ in curves] == [
        ("Loss", ["training", "validation"]),
        ("Accuracy", ["training", "validation"]),
        ("Learning rate", ["Learning rate"]),
        ("Skip connections in the genotype", ["normal cell", "reduction cell"]),
        ("Entropy of the alphas, in nats", ["Entropy of the alphas, in nats"]),
        ("Largest eigenvalue of the Hessian", ["Largest eigenvalue of the Hessian"]),
        ("seconds/reading", ["seconds/reading"]),
    ]


def test_a_search_without_validation_has_curves(short_recording):
    for record in short_recording.epochs:
        record.figures = {k: v for k, v in record.figures.items() if not k.startswith("valid")}
    loss = draw_curves(short_recording, LABELS["en"])[0]
    assert loss[1] == ["training"]


def test_a_search_that_has_just_begun_has_no_curves(short_recording):
    short_recording.epochs = short_recording.epochs[:1]
    assert draw_curves(short_recording, LABELS["en"]) == []
