import pytest
from click.testing import CliRunner

from paddleslim.nas.darts.commands import run_search as running
from paddleslim.nas.darts.commands import search as search_module
from paddleslim.nas.darts.commands.presets import SEARCH_PRESETS
from paddleslim.nas.darts.search_space import SPACES


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


@pytest.mark.parametrize("config_first", [True, False])
def test_command_line_before_file_before_preset(config_first, choose, tmp_path):
    (tmp_path / "a.yaml").write_text("epochs: 7\nchannels: 9\n")
    words = [["--config", str(tmp_path / "a.yaml")], ["--preset", "darts"]]
    first, second = words if config_first else words[::-1]
    chosen = choose(*first, *second, "--channels", "11")
    assert (chosen["channels"], chosen["epochs"], chosen["layers"]) == (11, 7, 8)
