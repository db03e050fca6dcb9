import click
import pytest
from click.testing import CliRunner

from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.commands.options import common_options


@pytest.fixture
def run(tmp_path):
    """Run a small command with a YAML file; return its result."""

    @click.command()
    @click.option("--epochs", type=click.IntRange(min=1), default=3)
    @click.option("--arch-betas", type=(float, float), default=(0.5, 0.9))
    @click.option("--augment/--no-augment", default=True)
    @common_options
    def command(**options):
        click.echo(repr(sorted(options.items())))

    def invoke(yaml, *arguments):
        path = tmp_path / "options.yaml"
        path.write_text(yaml)
        return CliRunner().invoke(command, ["--config", str(path), *arguments])

    return invoke


def test_a_file_gives_options_by_their_names(run):
    result = run("epochs: 7\narch-betas: [0.1, 0.2]\naugment: false\nseed: 4\n")
    assert result.output == (
        "[('arch_betas', (0.1, 0.2)), ('augment', False), ('device', 'cpu'), ('epochs', 7), ('seed', 4)]\n"
    )


def test_the_command_line_goes_before_the_file(run):
    assert "('epochs', 9)" in run("epochs: 7\n", "--epochs", "9").output


@pytest.mark.parametrize(
    ("yaml", "message"),
    [
        ("epoch: 7\n", "`epoch` is no option of this command. Did you mean 'epochs'?"),
        ("x: 7\n", "`x` is no option of this command. They are arch-betas, augment, device, epochs, seed."),
        ("epochs: 0\n", "0 is not in the range x>=1"),
        ("- 7\n", "should hold lines like `epochs: 10`"),
        ("epochs: [\n", "holds no YAML"),
        ("", "should hold lines like"),
    ],
)
def test_a_file_with_a_mistake_is_refused_in_a_sentence(run, yaml, message):
    result = run(yaml)
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())


def test_a_missing_file_is_refused(run):
    assert "missing.yaml: No such file" in run("", "--config", "missing.yaml").output


@pytest.mark.parametrize(("name", "default"), [("retrain", "that of the preset"), ("evaluate", "that of the run")])
def test_the_help_says_where_a_value_comes_from_that_is_not_given(name, default):
    text = " ".join(CliRunner().invoke(main, [name, "--help"]).output.split())
    options = {"retrain": ["channels", "epochs", "momentum"], "evaluate": ["data", "limit", "image-size"]}[name]
    for option in options:
        assert f"[default: {default}]" in text.partition(f" --{option} ")[2].partition(" --")[0]
