import pytest
from click.testing import CliRunner

from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.commands.yaml_file import read_yaml

pytestmark = pytest.mark.any_paddle


def test_data_come_back(tmp_path):
    (tmp_path / "a.yaml").write_text("a: [1, é]\n", encoding="utf-8")
    assert read_yaml(tmp_path / "a.yaml") == {"a": [1, "é"]}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("epochs: [[1]]", "`epochs` must be a number, a text or a list of them, got a list"),
        ("epochs: {a: 1}", "`epochs` must be a number, a text or a list of them, got an object"),
        ("a: &a [x]\nepochs: [*a, *a]", "`a` is no option of this command"),
        ("epochs: !!python/name:os.system", "holds no YAML: could not determine a constructor"),
        ("epochs: 2020-99-99", "holds no YAML: month must be in 1..12"),
        ("[" * 9000, "holds no YAML"),
        ("\x00", "holds no YAML"),
    ],
)
def test_options_in_a_file_of_something_else_are_refused_by_its_name(content, message, tmp_path):
    (tmp_path / "options.yaml").write_text(content)
    result = CliRunner().invoke(main, ["search", "--config", str(tmp_path / "options.yaml")])
    assert result.exit_code == 2
    assert "options.yaml" in result.output
    assert message in " ".join(result.output.split())
