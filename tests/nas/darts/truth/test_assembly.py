import dataclasses
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from paddleslim.nas.darts.truth.assembly import count_cell, score_cell, write_table
from paddleslim.nas.darts.truth.protocol import load_images
from paddleslim.nas.darts.truth.space import from_code
from paddleslim.nas.darts.truth.table import load_table
from paddleslim.nas.darts.truth.trainings import read_trainings, train_all


def test_the_file_of_a_table_holds_all_trainings_and_what_a_network_costs(tmp_path, fashion, brief):
    cells, folder = [from_code(code) for code in ("nnn", "31s", "13s")], tmp_path / "truth"
    dataset = load_images(fashion, brief)
    with pytest.raises(FileNotFoundError, match=r"nnn-0\.json is missing"):
        write_table(tmp_path / "table.json", folder, dataset, brief, cells)
    with ThreadPoolExecutor(1) as executor:
        train_all(folder, executor, fashion, brief, cells, str)
    write_table(tmp_path / "table.json", folder, dataset, brief, cells, rounds=1, repeats=1)
    content = json.loads((tmp_path / "table.json").read_text())
    trainings = read_trainings(folder, brief, cells)
    assert content["protocol"] == json.loads(json.dumps(dataclasses.asdict(brief)))
    assert {"paddle", "numpy", "numba"} <= content["versions"].keys()
    assert "one thread" in content["latency"]
    assert list(content["cells"]) == ["nnn", "31s", "13s"]
    for cell, row in zip(cells, content["cells"].values()):
        assert row["accuracies"] == [trainings[cell, seed]["accuracy"] for seed in (0, 1)]
        assert (row["parameters"], row["flops"]) == count_cell(cell, brief)
        assert row["scores"] == pytest.approx(score_cell(cell, dataset, brief), rel=1e-4)
        assert row["latency"] > 0
    with pytest.raises(ValueError, match="the table lacks the cells nns"):
        load_table(tmp_path / "table.json")


def test_parameters_and_flops_are_those_of_the_network_as_it_is_built():
    # see the network's own test for the parameters
    parameters, flops = count_cell(from_code("3s1"))
    assert parameters == 14_882
    # stem, the cells' convolutions of size 3 and 1, those between the stages, linear layer; 14, 7 and 4 pixels wide
    cells = [(8, 14), (16, 7), (32, 4)]
    expected = 9 * 8 * 14**2 + sum(10 * c * c * p * p for c, p in cells) + 8 * 16 * 7**2 + 16 * 32 * 4**2 + 320
    assert flops == expected
    assert count_cell(from_code("3nn"))[0] > count_cell(from_code("snn"))[0]
