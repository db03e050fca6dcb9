import pytest
from click.testing import CliRunner

from paddleslim.nas.darts.commands import run_search as running
from paddleslim.nas.darts.commands import search as search_module
from paddleslim.nas.darts.commands.presets import DEFAULT_METHOD, SEARCH_PRESETS
from paddleslim.nas.darts.search_space import SPACES

pytestmark = pytest.mark.any_paddle


@pytest.fixture
def choose(monkeypatch, tmp_path):
    """Run `search` as far as its options; return them."""

    def invoke(*arguments):
        chosen = {}
        monkeypatch.setattr(running, "run_search", lambda folder, options, *rest: chosen.update(options))
        result = CliRunner().invoke(search_module.search, [*arguments, "--save-dir", str(tmp_path / "run")])
        assert result.exit_code == 0, result.output
        return chosen

    return invoke


@pytest.mark.parametrize("name", list(SEARCH_PRESETS))
def test_a_preset_takes_the_place_of_the_defaults(name, choose):
    chosen, default = choose("--preset", name), choose()
    for option, value in default.items():
        assert chosen[option] == SEARCH_PRESETS[name].get(option, value)
    assert SEARCH_PRESETS[name]["space"] in SPACES


def test_a_preset_names_options_only():
    options = {parameter.name for parameter in search_module.search.params}
    for preset in SEARCH_PRESETS.values():
        assert set(preset) <= options


def test_a_preset_names_its_method_so_that_the_default_may_change():
    assert all("method" in preset for preset in SEARCH_PRESETS.values())
    assert SEARCH_PRESETS["darts"]["method"] == "darts"


def test_without_a_method_the_best_of_the_table_searches_the_spaces_that_let_it(choose, tmp_path):
    (tmp_path / "mine.py").write_text("from paddleslim.nas.darts.search_space import SPACES\nMINE = SPACES['darts']\n")
    assert choose()["method"] == choose("--space", "s2")["method"] == DEFAULT_METHOD
    assert choose("--space", f"{tmp_path / 'mine.py'}:MINE")["method"] == "darts"
    assert choose("--method", "oles")["method"] == "oles"


@pytest.mark.parametrize("config_first", [True, False])
def test_command_line_before_file_before_preset(config_first, choose, tmp_path):
    (tmp_path / "a.yaml").write_text("epochs: 7\nchannels: 9\n")
    words = [["--config", str(tmp_path / "a.yaml")], ["--preset", "darts"]]
    first, second = words if config_first else words[::-1]
    chosen = choose(*first, *second, "--channels", "11")
    assert (chosen["channels"], chosen["epochs"], chosen["layers"]) == (11, 7, 8)
