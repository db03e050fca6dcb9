import xml.etree.ElementTree as ElementTree

from paddleslim.nas.darts.training.history import History
from paddleslim.nas.darts.training.reports import EpochReport
from tests.searches import make_search


def read_table(history):
    rows = ElementTree.fromstring(history._repr_html_())
    return [[cell.text or "" for cell in row] for row in rows]


def test_a_notebook_shows_a_history_as_a_table_of_what_there_is():
    history = History(
        [
            EpochReport(0, 3, 0.025, 1.25, 0.5, None, method={"tau": 10.0}),
            EpochReport(1, 3, 0.0125, 0.75, 0.8, None, 0.9, 0.756, 1, 0, valid_metrics={"<f1>": 0.5, "accuracy": 0.7}),
        ]
    )
    assert read_table(history) == [
        ["epoch", "learning rate", "training loss", "training accuracy", "validation loss", "validation accuracy"]
        + ["skip connections", "validation <f1>", "tau"],
        ["1", "0.0250", "1.25", "50.0%", "", "", "", "", "10"],
        ["2", "0.0125", "0.75", "80.0%", "0.9", "75.6%", "1 + 0", "0.5", ""],
    ]


def test_a_history_without_an_epoch_says_so():
    assert History()._repr_html_() == "no epoch yet"


def test_a_run_and_one_that_resumes_have_such_a_history(tmp_path):
    make_search(tmp_path, num_epochs=1).train()
    search = make_search(tmp_path, num_epochs=2)
    search.train(resume=True)
    assert len(read_table(search.history)) == 3
