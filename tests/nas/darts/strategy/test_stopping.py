import math

import numpy as np
import paddle
import pytest
from hypothesis import given
from hypothesis import strategies as st

from paddleslim.nas.darts import DARTS_V1, Genotype
from paddleslim.nas.darts.strategy.stopping import count_skips, find_collapse, mean_entropy
from paddleslim.nas.darts.training.reports import EpochReport
from tests.searches import StopAt, make_search, summarize
from tests.supernets import DocumentedSupernet, NormSupernet


def reports(**columns):
    """Return one `EpochReport` for each value of the given columns."""
    (length,) = {len(values) for values in columns.values()}
    rows = [{name: values[epoch] for name, values in columns.items()} for epoch in range(length)]
    return [EpochReport(epoch, 1, 0.1, 1.0, 0.5, "genotype", **row) for epoch, row in enumerate(rows)]


def test_skip_connections_are_counted_in_both_cells():
    assert count_skips(DARTS_V1) == (3, 3)
    assert count_skips("|skip_connect~0|+|none~0|skip_connect~1|") == (2, None)


def test_uniform_weights_have_the_entropy_of_their_number_and_a_certain_operation_none():
    model = DocumentedSupernet()
    for alphas in model.arch_parameters():
        alphas.set_value(np.zeros([14, 8], "float32"))
    assert mean_entropy(model) == pytest.approx(math.log(8))
    for alphas in model.arch_parameters():
        alphas.set_value(np.eye(14, 8, dtype="float32") * 1e4)
    assert mean_entropy(model) == pytest.approx(6 / 14 * math.log(8))


def test_edge_weights_do_not_enter_the_entropy_of_operations():
    model = DocumentedSupernet()
    betas = paddle.create_parameter([14], "float32")
    expected = mean_entropy(model)
    model.arch_parameters = lambda: [model.alphas_normal, model.alphas_reduce, betas]
    assert mean_entropy(model) == expected


def test_two_skip_connections_are_a_collapse_from_the_last_epoch_that_had_fewer():
    history = reports(skips_normal=[3, 1, 0, 1, 2])
    assert [find_collapse(history[:n], "skips") for n in range(1, 5)] == [None] * 4
    found = find_collapse(history, "skips")
    assert (found.epoch, found.before) == (4, 3)
    assert "the normal cell holds 2 skip connections after epoch 4" in found.reason
    assert find_collapse(history, None) is None


def test_epochs_whose_alphas_rested_say_nothing():
    history = reports(skips_normal=[0, 0, 2])
    assert find_collapse(history, "skips", epochs_no_archopt=1).before == 1
    assert find_collapse(history, "skips", epochs_no_archopt=2) is None


def test_an_eigenvalue_a_third_above_that_of_five_epochs_before_is_a_collapse():
    def find(last):
        return find_collapse(reports(eigenvalue=[0.3] * 5 + [0.4] * 4 + [last]), "eigenvalue")

    assert find(0.4 - 1e-9) is None
    assert find(0.4 + 1e-3).before == 4
    assert "rose from 0.3 after epoch 4 to 0.4002 after epoch 9" in find(0.401).reason


def test_an_eigenvalue_is_judged_only_after_two_full_windows_and_above_zero():
    assert find_collapse(reports(eigenvalue=[0.1] * 4 + [9.0] * 5), "eigenvalue") is None
    assert find_collapse(reports(eigenvalue=[-0.1] * 5 + [9.0] * 5), "eigenvalue") is None
    assert find_collapse(reports(eigenvalue=[None] * 10), "eigenvalue") is None
    every_other = [0.1, None, 0.1, None, 0.1, None, 0.2, None, 0.2, None]
    assert find_collapse(reports(eigenvalue=every_other), "eigenvalue").before == 4


@given(st.lists(st.none() | st.floats(), max_size=20), st.lists(st.integers(0, 8), max_size=20))
def test_any_history_is_judged_and_what_is_returned_lies_before(eigenvalues, skips):
    for history, rule in ((reports(eigenvalue=eigenvalues), "eigenvalue"), (reports(skips_normal=skips), "skips")):
        found = find_collapse(history, rule)
        if found is not None:
            assert 0 <= found.before < found.epoch == len(history) - 1


class Collapsing(NormSupernet):
    """A supernet whose normal cell holds one skip connection more after each training epoch."""

    def genotype(self):
        skips = min(self.passes // 4, 8)
        cell = [("skip_connect" if i < skips else "sep_conv_3x3", 0) for i in range(8)]
        return Genotype(cell, range(2, 6), cell, range(2, 6))

    def __init__(self):
        super().__init__()
        self.register_buffer("count", paddle.zeros([1]))

    @property
    def passes(self):
        return int(self.count.item())

    def forward(self, image):
        if self.training:
            self.count += 0.5  # two passes of a step
        return super().forward(image)


def test_a_collapse_stops_the_search_with_the_genotype_from_before(tmp_path, lines):
    search = make_search(tmp_path, make_model=Collapsing, num_epochs=6, valid_freq=6, stop_on_collapse="skips")
    genotype = search.train()
    assert [report.skips_normal for report in search.history] == [1, 2]
    assert count_skips(genotype) == (1, 1)
    assert search.collapse.before == 0
    assert search.history[-1].valid_accuracy is not None
    assert "the search stops with the genotype of epoch 0" in "\n".join(lines)
    assert Genotype.from_json((tmp_path / "genotype.json").read_text()) == genotype
    again = make_search(tmp_path, make_model=Collapsing, num_epochs=6, valid_freq=6, stop_on_collapse="skips")
    assert again.train(resume=True) == genotype
    assert len(again.history) == 2


def test_a_search_that_watches_the_eigenvalue_resumes_bit_for_bit(tmp_path):
    arguments = {"eigenvalue_freq": 1, "checkpoint_steps": 1}
    through = make_search(tmp_path / "through", **arguments)
    through.train()
    with pytest.raises(KeyboardInterrupt):
        make_search(tmp_path / "stopped", callbacks=[StopAt(13)], **arguments).train()
    resumed = make_search(tmp_path / "stopped", **arguments)
    resumed.train(resume=True)
    assert summarize(resumed) == summarize(through)
    values = [report.eigenvalue for report in through.history]
    assert values == [report.eigenvalue for report in resumed.history]
    assert len(set(values)) == 3


def test_watching_changes_nothing(tmp_path):
    one = make_search(tmp_path / "one")
    one.train()
    other = make_search(tmp_path / "other", eigenvalue_freq=2)
    other.train()
    assert summarize(one) == summarize(other)
    assert [report.eigenvalue is not None for report in other.history] == [False, True, False]


def test_the_rule_of_the_eigenvalue_is_evaluated_every_epoch(tmp_path):
    assert make_search(tmp_path, stop_on_collapse="eigenvalue").task.eigenvalue_freq == 1
    assert make_search(tmp_path, stop_on_collapse="eigenvalue", eigenvalue_freq=2).task.eigenvalue_freq == 2
    with pytest.raises(ValueError, match="stop_on_collapse must be None or one of 'skips', 'eigenvalue', got 'skip'"):
        make_search(tmp_path, stop_on_collapse="skip")


def test_the_log_shows_skip_connections_entropy_and_eigenvalue(tmp_path, lines):
    make_search(tmp_path, make_model=Collapsing, num_epochs=1, eigenvalue_freq=1, log_freq=10).train()
    assert [line for line in lines if line.startswith("Epoch 0, skip connections 1 + 1, alpha entropy 0.6")]
    assert [line for line in lines if ", dominant eigenvalue " in line]
