"""Runs side by side, in tables of 80 columns, as CSV and as JSON."""

import csv
import io
import json

import pytest
from click.testing import CliRunner

from paddleslim.nas.darts import DARTS_V1, DARTS_V2
from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.state.sealed_json import write_object
from tests.nas.darts.report.pages import Page, assert_nothing_is_fetched, read_downloads

pytestmark = pytest.mark.any_paddle

ACCURACIES = {"darts": (0.8, 0.9, 0.85), "drnas": (0.7, 0.72)}


def write_search(folder, seed, accuracy, **settings):
    """Write what `compare` reads of a search of two epochs."""
    folder.mkdir(parents=True)
    recorded = {"command": "search", "data": "digits", "space": "darts", "seed": seed, "device": f"gpu:{seed}"}
    write_object(folder / "settings.json", {**recorded, **settings})
    epochs = [{"epoch": e, "train_accuracy": 0.5 + 0.1 * e, "valid_accuracy": accuracy - 0.1 + 0.1 * e} for e in (0, 1)]
    write_object(folder / "history.json", {"epochs": epochs})
    (folder / "genotype.json").write_text((DARTS_V1 if seed else DARTS_V2).to_json())


def write_retraining(folder, seed, accuracy, **settings):
    write_search(folder, seed, 0.5, **{**settings, "command": "retrain"})
    write_object(folder / "result.json", {"test_accuracy": accuracy, "parameters": 1_234_567 + seed})


@pytest.fixture
def runs(tmp_path):
    """Five searches of two methods, in folders with long names."""
    folders = []
    for method, accuracies in ACCURACIES.items():
        for seed, accuracy in enumerate(accuracies):
            folders.append(tmp_path / f"a-search-with-the-method-{method}-and-seed-{seed}")
            write_search(folders[-1], seed, accuracy, method=method, epochs=2)
    return folders


def run(tmp_path, *arguments, columns=80):
    plot = ["--plot", str(tmp_path / "plot.svg")]
    result = CliRunner().invoke(main, ["compare", *map(str, arguments), *plot], env={"COLUMNS": str(columns)})
    assert result.exit_code == 0, result.output
    return result


def test_runs_that_differ_in_their_seed_alone_are_a_group_with_mean_and_deviation(runs, tmp_path):
    found = json.loads(run(tmp_path, *runs, "--json").stdout)
    assert [(group["group"], len(group["runs"])) for group in found["groups"]] == [
        ("method=darts", 3),
        ("method=drnas", 2),
    ]
    first = found["groups"][0]["validation"]
    assert (first["runs"], first["mean"]) == (3, pytest.approx(0.85))
    assert first["std"] == pytest.approx(0.05)  # of a sample: sqrt((0.05^2 + 0.05^2) / 2)
    assert found["groups"][0]["test"] is None
    assert {entry["group"] for entry in found["runs"]} == {"method=darts", "method=drnas"}


def test_a_folder_that_is_named_twice_is_one_run(runs, tmp_path):
    again = runs[0].parent / ".." / runs[0].parent.name / runs[0].name
    assert json.loads(run(tmp_path, *runs, again, "--json").stdout)["groups"][0]["validation"]["runs"] == 3


def test_the_tables_are_readable_at_eighty_columns(runs, tmp_path):
    output = run(tmp_path, *runs).stdout
    lines = output.splitlines()
    assert max(map(len, lines[1:-1])) <= 80  # the first and the last name folders
    assert "…" not in output
    assert lines[0] == f"5 runs: data digits, space darts, in {tmp_path}"
    (group,) = [line for line in lines if "method=darts" in line]
    assert group.split() == ["method=darts", "3", "85.00", "±", "5.00%", "2.7", "±", "0.6"]
    rows = [line.split() for line in lines if "%" in line and "±" not in line]
    assert rows[0][-6:] == ["0", "2", "80.00%", "-", "-", "2"]


def test_a_retraining_beside_searches_keeps_every_column_at_eighty(runs, tmp_path):
    write_retraining(tmp_path / "retrained", 0, 0.9712, origin="DARTS_V2")
    output = run(tmp_path, *runs, tmp_path / "retrained").stdout
    assert max(map(len, output.splitlines()[1:-1])) <= 80
    assert "…" not in output
    assert "97.12%" in output
    assert "1,234,567" in output


def test_runs_are_ordered_by_a_column_the_best_first_and_those_without_a_value_last(runs, tmp_path):
    write_retraining(tmp_path / "retrained", 0, 0.97)
    rows = json.loads(run(tmp_path, tmp_path / "retrained", *runs, "--sort", "validation", "--json").stdout)["runs"]
    assert [row["validation"] for row in rows] == [0.9, 0.85, 0.8, 0.72, 0.7, None]
    rows = json.loads(run(tmp_path, *runs, "--sort", "seed", "--json").stdout)["runs"]
    assert [row["seed"] for row in rows] == [0, 0, 1, 1, 2]


def test_a_table_of_values_goes_to_a_file_or_the_terminal(runs, tmp_path):
    text = run(tmp_path, *runs, "--format", "csv").stdout
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["run"] for row in rows] == [str(path) for path in runs]
    assert (rows[1]["validation"], rows[1]["test"], rows[1]["group"]) == ("0.9", "", "method=darts")
    run(tmp_path, *runs, "--format", "csv", "--output", tmp_path / "runs.csv")
    assert (tmp_path / "runs.csv").read_text() == text
    result = CliRunner().invoke(main, ["compare", *map(str, runs), "--output", str(tmp_path / "x"), "--plot", "p.svg"])
    assert result.exit_code == 2


def test_groups_are_made_by_the_settings_that_are_named(runs, tmp_path):
    found = json.loads(run(tmp_path, *runs, "--by", "seed", "--json").stdout)
    assert [group["group"] for group in found["groups"]] == ["seed=0", "seed=1", "seed=2"]
    result = CliRunner().invoke(main, ["compare", *map(str, runs), "--by", "metod", "--plot", str(tmp_path / "p.svg")])
    assert result.exit_code == 2
    assert "Did you mean 'method'?" in result.output


def test_a_group_of_another_command_is_named_by_it_and_not_by_all_its_settings(runs, tmp_path):
    write_retraining(tmp_path / "retrained", 0, 0.97, channels=16, cutout=0)
    found = json.loads(run(tmp_path, *runs, tmp_path / "retrained", "--json").stdout)["groups"]
    names = ["command=search, method=darts", "command=search, method=drnas", "command=retrain"]
    assert [group["group"] for group in found] == names


def test_retrainings_of_two_methods_searches_are_two_groups(tmp_path):
    folders = []
    for method, accuracy in (("darts", 0.96), ("darts", 0.97), ("drnas", 0.95)):
        folders.append(tmp_path / f"retrained-{len(folders)}")
        searched = {"method": method, "seed": len(folders)}
        write_retraining(folders[-1], 0, accuracy, origin="search", searched=searched)
    found = json.loads(run(tmp_path, *folders, "--json").stdout)["groups"]
    assert [(group["group"], group["test"]["mean"]) for group in found] == [
        ("searched.method=darts", pytest.approx(0.965)),
        ("searched.method=drnas", pytest.approx(0.95)),
    ]
    assert found[1]["test"]["std"] is None


def test_a_retraining_of_a_published_cell_beside_one_of_a_search_differs_by_its_origin(tmp_path):
    searched = {"method": "drnas", "seed": 0, "channels": 8, "layers": 4}
    for number, of_search in enumerate(({"origin": "search", "searched": searched}, {"origin": "DARTS_V2"})):
        write_retraining(tmp_path / str(number), 0, 0.9, **of_search)
    folders = [tmp_path / "0", tmp_path / "1"]
    found = json.loads(run(tmp_path, *folders, "--json").stdout)["groups"]
    assert [group["group"] for group in found] == ["origin=search", "origin=DARTS_V2"]
    found = json.loads(run(tmp_path, *folders, "--by", "searched.method", "--json").stdout)["groups"]
    assert [group["group"] for group in found] == ["searched.method=drnas", "searched.method=-"]
    write_retraining(tmp_path / "2", 0, 0.9, origin="DARTS_V2", cutout=4)  # of a release that had no such setting
    found = json.loads(run(tmp_path, *folders[1:], tmp_path / "2", "--json").stdout)["groups"]
    assert [group["group"] for group in found] == ["", "cutout=4"]


def write_report(tmp_path, runs, *options):
    page = tmp_path / "report.html"
    output = run(tmp_path, *runs, "--report", page, *options).stdout
    assert f"The page with all of it: {page}" in output
    return page.read_text(encoding="utf-8")


def test_a_report_holds_groups_runs_curves_and_a_sentence_on_chance(runs, tmp_path):
    text = write_report(tmp_path, runs)
    assert_nothing_is_fetched(text)
    page = Page(text)
    for word in ("method=darts", "85.00 ± 5.00%", "71.00 ± 1.41%", "72.00%", f"{runs[0].name}", "5 runs in 2 groups."):
        assert word in page.words, word
    assert "The best mean has method=darts: validation 85.00 ± 5.00% (runs: 3)." in page.words
    # all five runs of darts are above those of drnas: 2 of the 10 ways to part them are as far apart
    (chance,) = [word for word in page.words if "permutation test" in word]
    assert chance.startswith("Its difference from method=drnas is 14.00 percentage points")
    assert "with probability 0.2 " in chance
    assert len(page.find("chart")) == 2
    lines = [attributes["class"] for attributes in page.find("series")]
    assert lines == ["series s0"] * 3 + ["series s1"] * 2 + ["series s0"] * 3 + ["series s1"] * 2


def test_a_report_carries_the_runs_as_csv_and_all_as_json(runs, tmp_path):
    files = read_downloads(write_report(tmp_path, runs, "--sort", "validation"))
    rows = list(csv.DictReader(io.StringIO(files["runs.csv"])))
    assert [row["validation"] for row in rows] == ["0.9", "0.85", "0.8", "0.72", "0.7"]
    assert rows[0]["run"] == str(runs[1])
    found = json.loads(files["comparison.json"])
    assert len(found["runs"][0]["history"]) == 2
    assert found["groups"][1]["validation"]["runs"] == 2


def test_a_report_is_in_the_language_that_was_asked_for_and_its_names_are_text(tmp_path):
    folders = [tmp_path / "<b>one</b>", tmp_path / "two"]
    for number, folder in enumerate(folders):
        write_retraining(folder, 0, 0.9 + 0.05 * number, method=f"<i>{number}</i>")
    text = write_report(tmp_path, folders, "--language", "zh-CN")
    assert '<html lang="zh-CN">' in text
    assert "<b>one" not in text
    assert "<i>" not in text
    words = Page(text).words
    assert "<b>one</b>" in words
    assert "均值最好的是 method=<i>1</i>：测试 95.00%，共 1 次运行。" in words
    assert "它与 method=<i>0</i> 相差 5.00 个百分点；运行次数太少，无法排除偶然。" in words


def test_a_report_of_one_run_draws_no_conclusion(runs, tmp_path):
    page = Page(write_report(tmp_path, runs[:1]))
    assert "1 runs in 1 groups." not in page.words
    assert len(page.find("says")) == 0


def test_a_report_ends_in_html(runs, tmp_path):
    result = CliRunner().invoke(main, ["compare", str(runs[0]), "--report", "page.pdf"])
    assert result.exit_code == 2
    assert "--report: page.pdf should end in .html" in " ".join(result.output.split())


def test_the_picture_names_each_group_once(runs, tmp_path):
    run(tmp_path, *runs)
    text = (tmp_path / "plot.svg").read_text()
    assert text.count("<!-- method=darts, 3 runs (validation) -->") == 1
