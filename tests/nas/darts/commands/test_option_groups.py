import click
import pytest
from click.testing import CliRunner

from paddleslim.nas.darts.__main__ import main
from paddleslim.nas.darts.commands.option_groups import GroupedCommand

GROUPED = [name for name in main.commands if isinstance(main.commands[name], GroupedCommand)]


@pytest.mark.parametrize("name", GROUPED)
def test_a_group_names_options_that_there_are(name):
    command = main.commands[name]
    known = {"help"} | {option.lstrip("-") for parameter in command.params for option in parameter.opts}
    assert [option for group in command.groups.values() for option in group if option not in known] == []


def test_the_long_commands_show_every_option_once_under_a_title():
    assert GROUPED == ["search", "retrain"]
    for name in GROUPED:
        text = CliRunner().invoke(main, [name, "--help"]).output
        titles = list(main.commands[name].groups)
        assert [line.rstrip(":") for line in text.splitlines() if line[:1].strip() and line.endswith(":")] == titles
        for parameter in main.commands[name].params:
            if parameter.param_type_name == "option":
                assert text.count(f"\n  {parameter.opts[0]} ") == 1
            else:
                assert f"\n  [{parameter.name.upper()}]" not in text


def test_an_option_is_found_by_any_of_its_spellings():
    options = [click.Option(spellings) for spellings in (["--near", "-n"], ["-f", "--far"])]
    command = GroupedCommand("go", params=options, groups={"Distance": ["near", "far"]}, add_help_option=False)
    text = command.get_help(click.Context(command))
    assert text.split("Distance:")[1].split() == "-n, --near TEXT -f, --far TEXT".split()
