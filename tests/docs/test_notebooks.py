"""The notebooks run from top to bottom, each in a kernel of its own, and show what they speak of."""

import nbclient
import nbformat
import pytest

from tests.docs.pages import CHINESE, DOCS, ENGLISH, ROOT, name, read, read_links

NOTEBOOKS = sorted((DOCS / "notebooks").glob("*.ipynb"))
OUTLINE = {"own_pictures": ["svg", "table", "iframe"], "own_supernet": ["table", "iframe"]}


def read_notebook(path):
    return nbformat.read(path, as_version=4)


def outputs_of(notebook):
    return [output for cell in notebook.cells for output in cell.get("outputs", [])]


@pytest.fixture(scope="module", params=NOTEBOOKS, ids=lambda path: path.stem)
def run(request, tmp_path_factory):
    """A notebook after it was run, with its name."""
    folder = tmp_path_factory.mktemp(request.param.stem)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setenv("IPYTHONDIR", str(folder / "ipython"))
        client = nbclient.NotebookClient(
            read_notebook(request.param), timeout=300, resources={"metadata": {"path": str(folder)}}
        )
        return request.param.stem, client.execute()


def test_a_notebook_shows_what_was_found_as_pictures_tables_and_pages(run):
    notebook, executed = run
    shown = "".join(output.data.get("text/html", "") for output in outputs_of(executed) if "data" in output)
    assert [tag for tag in ("svg", "table", "iframe") if f"<{tag}" in shown] == OUTLINE[notebook]


def test_each_run_of_a_notebook_leaves_its_epochs_once_and_no_bar(run):
    _, executed = run
    bars = [o.data["text/html"] for o in outputs_of(executed) if o.output_type == "display_data"]
    assert len(bars) == 2  # a search and a retraining
    assert all("<progress" not in bar for bar in bars)
    for bar in bars:
        epochs = bar.count("epoch ")
        assert epochs > 1
        assert bar.count(f"/{epochs} ") == epochs
    streams = "".join(output.text for output in outputs_of(executed) if output.output_type == "stream")
    assert "train_acc" not in streams


def test_a_notebook_ends_with_a_network_that_has_learned(run):
    _, executed = run
    (last,) = executed.cells[-1].outputs[-1:]
    percent = next(word for word in last.text.split() if "%" in word)
    assert float(percent.rstrip("%")) > 70  # chance is 33 or 10


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_is_committed_without_outputs(path):
    notebook = read_notebook(path)
    nbformat.validate(notebook)
    assert outputs_of(notebook) == []
    assert {cell.get("execution_count") for cell in notebook.cells} == {None}


@pytest.mark.parametrize("path", [page for page in ENGLISH + CHINESE if page.stem == "notebooks"], ids=name)
def test_a_page_leads_to_every_notebook(path):
    assert {link for link in read_links(path) if link.endswith(".ipynb")} == {
        f"../notebooks/{notebook.name}" for notebook in NOTEBOOKS
    }
    assert "ProgressBar" in read(path)
