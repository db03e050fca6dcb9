import pytest

from paddleslim.nas.darts.report.curves import draw_curves, find_measure
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


def test_a_metric_that_is_the_accuracy_is_not_drawn_again(short_recording):
    for record in short_recording.epochs[1:]:
        for phase in ("train", "valid"):
            record.figures.update({f"{phase}_metrics/mean_iou": 0.1, f"{phase}_metrics/accuracy": 0.2})
    titles = [title for title, _, _ in draw_curves(short_recording, LABELS["en"])]
    assert "mean_iou" in titles
    assert "accuracy" not in titles


def test_skip_connections_are_not_counted_in_a_space_without_any(short_recording):
    short_recording.operations = {"activation": [["relu", "tanh"]]}
    for record in short_recording.epochs:
        record.figures.update({"skips_normal": 0, "skips_reduce": 0})
    titles = [title for title, _, _ in draw_curves(short_recording, LABELS["en"])]
    assert not any("Skip" in title for title in titles)


@pytest.mark.parametrize(
    ("figures", "expected"),
    [
        ({"valid_loss": 1, "valid_accuracy": 1, "valid_metrics/mean_iou": 1, "valid_metrics/accuracy": 1}, "mean_iou"),
        (
            {"valid_loss": 1, "valid_accuracy": 1, "valid_metrics/accuracy": 1, "valid_metrics/top5": 1},
            "valid_accuracy",
        ),
        ({"valid_loss": 1, "train_metrics/mae": 1}, "valid_loss"),
        ({"train_loss": 1}, None),
    ],
)
def test_an_epoch_is_judged_by_its_first_metric_or_its_accuracy_or_its_loss(figures, expected):
    assert find_measure(figures) in (expected, f"valid_metrics/{expected}")
