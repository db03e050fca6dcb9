import json

import numpy as np
import paddle
import pytest

from paddleslim.nas.darts import DARTSearch
from paddleslim.nas.darts.report import Recording, Report, read_recording, write_recording
from paddleslim.nas.darts.report.recording import collect_figures, name_operations, read_strengths
from paddleslim.nas.darts.training.reports import EpochReport
from tests.nas.darts.report.conftest import make_recording
from tests.supernets import PRIMITIVES, DocumentedSupernet, NormSupernet, random_batches


def test_strengths_are_the_softmax_of_the_alphas():
    model = DocumentedSupernet()
    strengths = read_strengths(model)
    assert list(strengths) == ["normal", "reduction"]
    expected = paddle.nn.functional.softmax(model.alphas_reduce).numpy()
    np.testing.assert_allclose(strengths["reduction"], expected, atol=1e-6)


def test_edge_weights_of_pc_darts_enter_the_strengths():
    model = DocumentedSupernet()
    model._method, model.betas_normal, model.betas_reduce = "PC-DARTS", paddle.zeros([20]), paddle.zeros([20])
    sums = np.sum(read_strengths(model)["normal"], axis=1)
    np.testing.assert_allclose(sums, [1 / 2] * 2 + [1 / 3] * 3 + [1 / 4] * 4 + [1 / 5] * 5, atol=1e-5)


def test_rows_that_no_genotype_reads_are_not_recorded():
    model = DocumentedSupernet()
    model._steps = 2
    assert np.shape(read_strengths(model)["normal"]) == (5, 8)


def test_alphas_of_another_supernet_go_by_their_name():
    strengths = read_strengths(NormSupernet())
    assert list(strengths) == ["alphas"]
    assert np.shape(strengths["alphas"]) == (1, 2)


def test_operations_are_named_by_the_space_or_numbered():
    model = DocumentedSupernet()
    assert name_operations(model, (14, 8)) == [list(PRIMITIVES)] * 14
    assert name_operations(model, (1, 9)) == [[*PRIMITIVES, "operation 8"]]
    assert name_operations(NormSupernet(), (1, 2)) == [["operation 0", "operation 1"]]
    model._primitives = [["a", "b"], ["c", "d"], ["e", "f"]]
    assert name_operations(model, (3, 2)) == [["a", "b"], ["c", "d"], ["e", "f"]]


def test_all_numbers_of_a_report_are_figures_also_in_dictionaries():
    report = EpochReport(3, 7, 0.1, 1.5, 0.5, "genotype")
    report.skips = {"normal": 2, "reduce": 1}
    report.eigenvalue, report.stopped = 0.25, True
    assert collect_figures(report) == {
        "steps": 7,
        "learning_rate": 0.1,
        "train_loss": 1.5,
        "train_accuracy": 0.5,
        "skips/normal": 2,
        "skips/reduce": 1,
        "eigenvalue": 0.25,
    }


def test_a_recording_is_read_as_it_was_written(tmp_path):
    recording = make_recording(epochs=2, steps=1)
    write_recording(tmp_path / "recording.json", recording)
    assert read_recording(tmp_path / "recording.json") == recording
    assert [file.name for file in tmp_path.iterdir()] == ["recording.json"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"format": 1}', '{"format": 99}', '{"format": 1, "epochs": [{}]}'])
def test_what_is_no_recording_is_refused_by_its_path(tmp_path, text):
    (tmp_path / "recording.json").write_text(text)
    with pytest.raises(ValueError, match=r"recording\.json holds no recording"):
        read_recording(tmp_path / "recording.json")


def test_settings_and_seed_of_a_search_are_recorded(tmp_path):
    paddle.seed(123)
    batches = random_batches(1)
    search = DARTSearch(DocumentedSupernet(), batches, batches, "cpu", num_epochs=3, save_dir=str(tmp_path))
    recording = Recording.begin(search, "a name", {"data": "random"})
    assert recording.settings["Paddle's seed"] == 123
    assert recording.settings["num_epochs"] == 3
    assert recording.settings["arch_betas"] == "0.5 0.999"
    assert recording.settings["data"] == "random"
    assert recording.versions["PaddlePaddle"] == paddle.__version__
    assert recording.epochs[0].epoch == 0
    json.dumps(recording.settings)


class Other(NormSupernet):
    """A supernet of a user's own with further alphas of any shape."""

    def __init__(self, shapes, **attributes):
        super().__init__()
        self.more = [self.create_parameter(shape) for shape in shapes]
        vars(self).update(attributes)

    def arch_parameters(self):
        return [self.alphas, *self.more]


class Bare(DocumentedSupernet):
    """Cells without a node; `edges` of the alphas are read by nothing."""

    _steps = _multiplier = 0

    def __init__(self, edges):
        super().__init__()
        self.alphas_normal, self.alphas_reduce = (self.create_parameter([edges, 8]) for _ in range(2))

    def forward(self, image):
        return self.classifier(self.stem(image).flatten(1))


@pytest.mark.parametrize(
    ("make", "edges"),
    [
        (lambda: Other([[2, 3], [4], [1, 5]]), [1, 2, 1, 1]),
        (lambda: Other([[], [2, 3, 4]]), [1, 1, 6]),
        (lambda: Other([[0, 3], [3, 0]]), [1]),
        (lambda: Other([[2, 3]], _primitives=None, _steps=0), [1, 2]),
        (lambda: Other([[2, 3]], _primitives=[["a", "b", "c"], ["d"]]), [1, 2]),
        (lambda: Bare(14), []),
        (lambda: Bare(0), []),
    ],
    ids=["several widths", "none and three axes", "nothing in them", "no names", "other names", "no node", "no edge"],
)
def test_any_alphas_get_a_page(make, edges, tmp_path, lines, request):
    if paddle.__version__.startswith("2.") and request.node.callspec.id in ("nothing in them", "no edge"):
        pytest.skip("Paddle 2 makes no empty parameter")
    batches = random_batches(2)
    options = {"num_epochs": 1, "save_dir": str(tmp_path), "callbacks": [Report(tmp_path / "page")]}
    DARTSearch(make(), batches, batches, "cpu", **options).train()
    recording = read_recording(next(tmp_path.rglob("recording.json")))
    assert [len(cell) for cell in recording.operations.values()] == edges
    assert [line for line in lines if "report" in line.lower() and "fail" in line.lower()] == []
    assert list((tmp_path / "page").glob("*.html"))


def test_a_recording_says_what_it_is_in_a_line():
    recording = make_recording()
    done = recording.epochs[-1].epoch
    assert repr(recording) == f"Recording({recording.title!r}: {done} of {recording.num_epochs} epochs, finished)"
