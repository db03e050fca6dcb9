import pytest

from paddleslim.nas.darts.report.conclusion import conclude
from paddleslim.nas.darts.report.labels import LABELS
from tests.nas.darts.report.conftest import make_recording

pytestmark = pytest.mark.any_paddle


def settle(recording, since):
    """Let the genotype change in epoch `since` for the last time."""
    last = recording.epochs[-1].genotype
    for record in recording.epochs:
        record.genotype = last if record.epoch >= since else f"before {record.epoch}"
    return recording


@pytest.mark.parametrize(
    ("since", "kind", "beginning"),
    [
        (10, "warn", "Not settled: the genotype changed in epoch 10 of 10."),
        (9, "warn", "Not settled: the genotype changed in epoch 9 of 10."),
        (8, "good", "Settled: the genotype has not changed since epoch 8 of 10."),
        (1, "good", "Settled: the genotype has not changed since epoch 1 of 10."),
        (0, "warn", "The genotype is still that of the first alphas: by epoch 10 the search has changed nothing."),
    ],
)
def test_a_genotype_must_be_unchanged_for_a_fifth_of_the_epochs_to_be_called_settled(since, kind, beginning):
    remark = conclude(settle(make_recording(epochs=10, steps=1), since), LABELS["en"])[0]
    assert remark.kind == kind
    assert remark.text.startswith(beginning)


def test_a_search_that_was_cut_short_is_judged_by_the_epochs_it_should_have_had():
    recording = settle(make_recording(epochs=10, steps=1), 8)
    recording.num_epochs = 50
    assert conclude(recording, LABELS["en"])[0].kind == "warn"


def test_a_genotype_that_was_selected_at_the_end_is_not_called_unsettled(short_recording):
    short_recording.about["selected"] = True
    assert conclude(short_recording, LABELS["en"])[0] == ("plain", LABELS["en"]["selected"])


@pytest.mark.parametrize(("skips", "kind"), [(0, "good"), (1, "good"), (2, "warn"), (4, "warn")])
def test_two_skip_connections_in_the_normal_cell_are_signs_of_a_collapse(short_recording, skips, kind):
    last = short_recording.epochs[-1]
    edges = [
        ("skip_connect" if i < skips else "sep_conv_3x3", source) for i, (_, source) in enumerate(last.genotype.normal)
    ]
    last.genotype = last.genotype._replace(normal=edges)
    remark = conclude(short_recording, LABELS["en"])[1]
    assert remark.kind == kind
    assert f"the normal cell has 4 operations, {skips} of them skip connections." in remark.text


def test_an_eigenvalue_that_rises_is_warned_of():
    recording = make_recording(epochs=10, steps=1)
    for record in recording.epochs[1:]:
        record.figures["eigenvalue"] = 0.1 if record.epoch <= 5 else 0.2
    assert LABELS["en"]["rise"] in [remark.text for remark in conclude(recording, LABELS["en"])]
    recording.epochs[-1].figures["eigenvalue"] = -0.4
    assert LABELS["en"]["rise"] not in [remark.text for remark in conclude(recording, LABELS["en"])]


@pytest.mark.parametrize(("own", "kind", "beaten"), [(0.99, "good", 3), (0.975, "plain", 2), (0.96, "warn", 0)])
def test_a_genotype_is_compared_with_random_cells_where_there_are_some(short_recording, own, kind, beaten):
    short_recording.about["random"] = {"own": own, "random": [0.96, 0.97, 0.98]}
    remark = conclude(short_recording, LABELS["en"])[-1]
    assert remark.kind == kind
    assert f"{own:.2%}, more than {beaten} of 3 random cells, which have 97.00 ± 1.00%" in remark.text


def test_nothing_is_concluded_before_an_epoch_is_done(short_recording):
    short_recording.epochs = short_recording.epochs[:1]
    assert conclude(short_recording, LABELS["en"]) == []


def test_every_conclusion_is_there_in_chinese():
    recording = settle(make_recording(epochs=10, steps=1), 10)
    recording.about["random"] = {"own": 0.9, "random": [0.8]}
    for remark in conclude(recording, LABELS["zh_cn"]):
        assert "{" not in remark.text
        assert any("\u4e00" <= letter <= "\u9fff" for letter in remark.text)


@pytest.mark.parametrize("loss", ["train_loss", "valid_loss"])
def test_a_search_that_diverged_has_no_good_news(short_recording, loss):
    short_recording.epochs[-1].figures[loss] = float("nan")
    first, *others = conclude(short_recording, LABELS["en"])
    assert first.text.startswith(f"Diverged: the loss of epoch {short_recording.epochs[-1].epoch} is not finite")
    assert not any(remark.kind == "good" for remark in others)
