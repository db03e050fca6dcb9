"""The commands in the documentation exist, with the options that are shown."""

import re
import shlex

import pytest

from paddleslim.nas.darts.__main__ import main
from tests.docs.pages import ALONE, ENGLISH, name, read_blocks

pytestmark = pytest.mark.any_paddle

START = re.compile(r"^(?:paddleslim-darts|python -m paddleslim\.nas\.darts) (.*)$", re.M)


def list_commands():
    for path in ENGLISH + ALONE:
        for block in read_blocks(path):
            if block.language == "bash":
                joined = block.text.replace("\\\n", " ")
                yield from ((name(path), arguments.partition("#")[0].strip()) for arguments in START.findall(joined))


COMMANDS = list(list_commands())


@pytest.mark.parametrize(("page", "arguments"), COMMANDS)
def test_a_command_of_the_documentation_has_its_options(page, arguments):
    words = shlex.split(arguments)
    if words[0] in ("-h", "--help"):
        return
    command = main.commands[words[0]]
    known = {option for parameter in command.params for option in parameter.opts + parameter.secondary_opts}
    unknown = {word.partition("=")[0] for word in words[1:] if word.startswith("--")} - known - {"--help"}
    assert not unknown


def test_the_documentation_shows_commands():
    assert len(COMMANDS) >= 3
